#!/usr/bin/env bash
# Builds everything, checks the formatting and runs every test.
#
#   ./test.sh                      all tests
#   ./test.sh --filter Interop     arguments go to dotnet test as they are
#
# The last line is always "Tests: … passed, … failed, … skipped"; the exit code is 0 only if all is well and at least one test ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

readonly results=artifacts/test-results
readonly run_limit=600        # seconds for one test project
readonly test_limit=4min      # for a single test without any other finishing

passed=0
failed=0
skipped=0
problems=()

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Build servers would outlive this script and hold its output open.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
export Configuration=Release

say() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }

finish() {
  if ((${#problems[@]})); then
    printf '\nWhat went wrong:\n'
    printf '  - %s\n' "${problems[@]}"
  fi
  printf '\nTests: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((${#problems[@]} == 0 && failed == 0 && passed > 0)) || exit 1
  exit 0
}

require_dotnet() {
  if ! command -v dotnet >/dev/null; then
    problems+=("the .NET SDK 10 is missing: https://dotnet.microsoft.com/download")
    finish
  fi

  # A bare system may lack ICU, without which the SDK does not start unless told so.
  dotnet --version >/dev/null 2>&1 || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
}

has_python_packages() {
  local python
  for python in /usr/bin/python3 python3 python; do
    PYTHONPATH=tests/interop PYTHONDONTWRITEBYTECODE=1 "$python" -c 'import kis_client' 2>/dev/null && return
  done
  return 1
}

has_postgres() {
  local initdb
  for initdb in /usr/lib/postgresql/*/bin/initdb; do
    [[ -x $initdb ]] && return
  done
  return 1
}

can_install() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }

# install_packages PACKAGE…: Debian packages, without asking.
install_packages() {
  say "Installing $*"
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

require_python_packages() {
  has_python_packages && return
  can_install && install_packages python3-websockets python3-pycryptodome
  has_python_packages && return
  problems+=("the interop test will fail: install python3-websockets and python3-pycryptodome (Debian), or websockets and pycryptodome (pip)")
}

require_curl() {
  command -v curl >/dev/null && return
  can_install && install_packages curl
  command -v curl >/dev/null && return
  problems+=("a test of the gateway will fail: install curl")
}

require_postgres() {
  has_postgres && return
  # The tests start servers of their own, so the package is not to start one.
  can_install && install_packages postgresql-common \
    && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
    && install_packages postgresql
  has_postgres && return
  problems+=("the tests with PostgreSQL will fail: install the package postgresql (Debian)")
}

build() {
  say "Building"
  if ! dotnet build KisFeed.slnx -v quiet; then
    problems+=("the build failed")
    finish
  fi
}

check_format() {
  say "Checking the formatting"
  dotnet format KisFeed.slnx --verify-no-changes --no-restore \
    || problems+=("the formatting differs from .editorconfig: run dotnet format")
}

# counter FILE NAME: a counter of a test result file, 0 where it is missing.
counter() {
  local value
  value=$(grep -o '<Counters [^>]*' "$1" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9')
  echo "${value:-0}"
}

run_tests() {
  local project name log code ran
  rm -rf "$results"
  mkdir -p "$results"
  for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    log="$results/$name.log"
    say "$name"
    timeout --kill-after=15 "$run_limit" dotnet test "$project" --no-build --results-directory "$results" \
      --logger "trx;LogFileName=$name.trx" --blame-hang-timeout "$test_limit" --blame-hang-dump-type none "$@" 2>&1 | tee "$log"
    code=${PIPESTATUS[0]}
    count "$results/$name.trx"
    ran=$(counter "$results/$name.trx" failed)
    if ((code != 0 && ran == 0)); then
      # A crash, a hang or an error of the runner: nothing in the results tells of it, so it counts as a failure itself.
      failed=$((failed + 1))
      problems+=("$name ended with code $code before it was done: see $log")
    fi
  done
}

count() {
  local file=$1 wrong
  wrong=$(($(counter "$file" failed) + $(counter "$file" error) + $(counter "$file" timeout) + $(counter "$file" aborted)))
  passed=$((passed + $(counter "$file" passed)))
  failed=$((failed + wrong))
  skipped=$((skipped + $(counter "$file" total) - $(counter "$file" passed) - wrong))
}

show_failures() {
  local failures
  # Each failed test's name and message, and the line of the stack trace that says where.
  failures=$(awk '/^  Failed /{show=1} show; trace{show=0; trace=0} /^  Stack Trace:/{trace=show}' "$results"/*.log)
  if [[ -n $failures ]]; then
    say "Failed tests"
    printf '%s\n' "$failures"
  fi
  ((passed + failed > 0)) || problems+=("no test ran")
}

require_dotnet
require_python_packages
require_curl
require_postgres
build
check_format
run_tests "$@"
show_failures
finish
