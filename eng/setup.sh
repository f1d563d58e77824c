#!/usr/bin/env bash
# Checks for what the tests need besides the .NET SDK. On Debian, root installs what is missing.
#
#   eng/setup.sh          for ./test.sh
#   eng/setup.sh --all    for ./test.sh --all: also other shells, and what cuts networks and filters system calls
#
# The exit code is 2 if Node.js is still missing, and 1 if only others are; each missing thing has a line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
readonly node_version=20.19   # the oldest version that the dashboard's tools support
missing=0

# need CHECK PACKAGES EFFECT: installs Debian packages if the check fails, and says what their absence means.
need() {
  $1 && return
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null && install $2
  $1 && return
  missing=1
  echo "missing: $3 (Debian: $2)"
}

# The tests start servers of their own, so the packages must not start any.
install() {
  local policy=/usr/sbin/policy-rc.d
  echo "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  [[ -e $policy ]] && policy= || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"; }
  apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  [[ -z $policy ]] || rm -f "$policy"
}

has_python_packages() {
  local python
  for python in /usr/bin/python3 python3 python; do
    PYTHONPATH=tests/interop PYTHONDONTWRITEBYTECODE=1 "$python" -c 'import kis_client' 2>/dev/null && return
  done
}

has_any() { compgen -G "$1" >/dev/null; }
has_shells() { command -v zsh >/dev/null && command -v fish >/dev/null && command -v mandoc >/dev/null; }
has_tools() { command -v curl >/dev/null && command -v jq >/dev/null; }
has_postgres() { has_any '/usr/lib/postgresql/*/bin/initdb'; }
has_rabbitmq() { has_any '/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server'; }
has_node() { command -v npm >/dev/null && printf '%s\n' "$node_version" "$(node --version | tr -d v)" | sort -CV; }
has_prometheus() { command -v prometheus >/dev/null; }
has_korean_font() { command -v fc-list >/dev/null && [[ -n $(fc-list :lang=ko) ]]; }

has_chromium() {
  [[ -x ${KISFEED_CHROMIUM:-} ]] || has_any '/usr/bin/chromium' || has_any '/usr/bin/chromium-browser' || has_any '/usr/bin/google-chrome'
}

has_attack_tools() {
  [[ -x /usr/bin/systemd-analyze ]] && command -v ip unshare nsenter >/dev/null \
    && /usr/bin/python3 -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null
}

need has_python_packages 'python3-websockets python3-pycryptodome' \
  'the interop tests fail without the Python packages websockets and pycryptodome'
need has_tools 'curl jq' 'the tests of the documented commands fail without curl and jq'
need has_postgres postgresql 'the tests with PostgreSQL fail'
need has_rabbitmq rabbitmq-server 'the tests with RabbitMQ fail'
need has_node 'nodejs npm' "the dashboard is not built without Node.js $node_version or newer and npm; https://nodejs.org/en/download"
need has_chromium chromium 'the tests of the dashboard fail without Chromium; KISFEED_CHROMIUM can name one'
need has_korean_font 'fontconfig fonts-noto-cjk' 'screenshots show boxes for Korean letters'
[[ ${1:-} != --all ]] || need has_prometheus prometheus "the test of the Grafana dashboard's queries fails"
[[ ${1:-} != --all ]] || need has_attack_tools 'systemd libseccomp2 iproute2 util-linux' \
  'tests of the systemd unit and of cut networks are skipped'
[[ ${1:-} != --all ]] || need has_shells 'zsh fish mandoc' 'tests of completion in these shells and of the manual page are skipped'
has_node || exit 2
exit $missing
