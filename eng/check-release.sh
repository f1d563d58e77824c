#!/usr/bin/env bash
# Checks the folder of a release on Debian, as root: eng/check-release.sh DIR
#
# Verifies the checksums. Installs the Debian package, runs the service of its unit with a simulated market under the unit's user, file
# system and system call filter, upgrades to a later version with tokens and captures kept, runs the service again, removes and purges.
# systemd itself need not run. With buildah, also builds the image and starts the command in it. The machine is left as it was; it must
# not have the package already.
#
# Exit codes: 0 everything is as it should be · 1 wrong usage · 2 a check failed
set -euo pipefail
[[ ${1:-} != --help && ${1:-} != -h ]] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0; }
fail() { printf 'check-release.sh: %s\n' "$2" >&2; exit "$1"; }
(($# == 1)) && [[ -d $1 ]] || fail 1 "name the folder of a release; see --help"
((EUID == 0)) || fail 1 "this needs root, because it installs a package"
for path in /etc/kisfeed /var/lib/kisfeed /usr/bin/kisfeed; do [[ ! -e $path ]] || fail 1 "$path exists already; use another machine"; done
! id kisfeed > /dev/null 2>&1 || fail 1 "the user kisfeed exists already; use another machine"
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
cd "$1"
packages=(kisfeed_*_amd64.deb) && package=${packages[0]}
[[ -f $package ]] || fail 2 "there is no Debian package in $1"

unit=/usr/lib/systemd/system/kisfeed-gateway.service state=/var/lib/kisfeed
tokens=$state/gateway-tokens.json work=$(mktemp -d) service=
cleanup() {
  [[ -z $service ]] || kill "$service" 2> /dev/null || true
  dpkg --purge kisfeed > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'fail 2 "a check failed at line $LINENO"' ERR
check() { printf '%s\n' "$1"; "${@:2}" || fail 2 "not so: $1"; }
version_of() { dpkg-deb --field "$1" Version; }
data() { find "$state" -type f -exec sha256sum {} + | sort; }

# Runs what the unit runs, with --simulate, where only the state folder and /tmp can be written, and asks for the status with the token.
run_service() {
  local line url command
  read -ra command < <(sed -n '/^ExecStart=/,/[^\\]$/p' "$unit" | tr -d '\\\n' | sed 's/^ExecStart=//; s/ --live / --simulate /')
  # shellcheck disable=SC2016
  env -i PATH="$PATH" HOME="$state" unshare --mount bash -c '
    cd "$1" && mount --bind "$1" "$1" && mount -o remount,bind,ro / && mount -t tmpfs none /tmp && cd "$1" &&
    exec setpriv --reuid kisfeed --regid kisfeed --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "${@:2}"' \
    service "$state" /usr/bin/python3 "$root/tests/KisFeed.Hostile.Tests/Deployment/syscall_filter.py" "$unit" \
    "${command[@]}" --port 0 --format json > "$work/out" 2> "$work/errors" &
  service=$!
  timeout 60 sh -c "until [ -s '$work/out' ]; do kill -0 $service && sleep 0.1 || exit 1; done" || { cat "$work/errors" >&2; return 1; }
  read -r line < "$work/out"
  url=$(sed 's/.*"rest":"\([^"]*\)".*/\1/' <<< "$line")
  curl --silent --show-error --fail --user "$(< "$work/token")" "${url%/}/v1/status" > "$work/status" &&
    timeout 60 sh -c "until grep -rqs . '$state/capture'; do sleep 0.1; done" &&
    kill -TERM "$service" && wait "$service" || return 1
  service=
}

check "the checksums are right" sha256sum --check --quiet SHA256SUMS
check "the package installs" dpkg --install "$package"
check "the command has the version" grep -q "${package#kisfeed_}" <<< "$(kisfeed --version | sed 's/-/~/; s/+.*//')_amd64.deb"
check "the state folder is of the service" [ "$(stat -c '%U %a' $state)" = "kisfeed 700" ]
check "systemd understands the unit" systemd-analyze verify "$unit"
setpriv --reuid kisfeed --regid kisfeed --clear-groups env HOME=$state kisfeed gateway token add check --file $tokens > "$work/added"
printf '%s:%s' "$(sed -n 's/^export KISFEED_APPKEY=//p' "$work/added")" "$(sed -n 's/^export KISFEED_APPSECRET=//p' "$work/added")" \
  > "$work/token"
check "the service runs in its sandbox, answers, records and stops" run_service

data > "$work/before"
dpkg-deb --raw-extract "$package" "$work/later"
sed -i 's/^Version: .*/&+later/' "$work/later/DEBIAN/control"
dpkg-deb --root-owner-group --build "$work/later" "$work/later.deb" > /dev/null
check "a later version installs" dpkg --install "$work/later.deb"
check "it is the later version" [ "$(dpkg-query -W -f '${Version}' kisfeed)" = "$(version_of "$package")+later" ]
check "tokens and captures are unchanged" diff "$work/before" <(data)
check "the service runs with the same token" run_service

data > "$work/before"
check "the package can be removed" dpkg --remove kisfeed
check "the command is gone" [ ! -e /usr/bin/kisfeed ]
check "tokens and captures are kept" diff "$work/before" <(data)
check "the package can be purged" dpkg --purge kisfeed
check "nothing is left" [ ! -e /etc/kisfeed -a ! -e $state -a ! -e $unit ]
check "the user is gone" bash -c '! id kisfeed > /dev/null 2>&1'
archive=$(echo kisfeed-*-linux-x64-native.tar.gz)
if command -v buildah > /dev/null && [[ -f $archive ]]; then
  image() { buildah --storage-driver vfs --root "$work/images" --runroot "$work/run" "$@"; }
  BUILDER="buildah --storage-driver vfs --root $work/images --runroot $work/run build --isolation chroot" \
    check "the image builds" "$root/eng/image.sh" "$archive" kisfeed:check
  container=$(image from kisfeed:check)
  check "the command runs in it" image run --isolation chroot --user 65532:65532 "$container" -- /usr/bin/kisfeed --version
fi
echo "The release in $1 is as it should be."
