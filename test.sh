#!/usr/bin/env bash
# Builds everything, checks the formatting and runs every test.
#
#   ./test.sh                      all tests
#   ./test.sh --filter Interop     arguments go to dotnet test as they are; the page's own tests in web/ are left out then
#
# The last line is always "Tests: … passed, … failed, … skipped"; the exit code is 0 only if all is well and at least one test ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

readonly results=artifacts/test-results
readonly node_version=20.19   # the least that the dashboard's tools work with
readonly run_limit=600        # seconds for one test project
readonly test_limit=4min      # for a single test without any other finishing

passed=0
failed=0
skipped=0
problems=()
dashboard=require   # whether the build fails where the dashboard cannot be built

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

# is_recent VERSION: whether that version of Node.js will do.
is_recent() { [[ $(printf '%s\n' "$node_version" "$1" | sort -V | head -1) == "$node_version" ]]; }

has_node() { command -v npm >/dev/null && is_recent "$(node --version 2>/dev/null | tr -d v)"; }

# Only where the distribution's own is recent enough.
install_node() {
  apt-get update -qq >/dev/null
  is_recent "$(apt-cache policy nodejs | awk '/Candidate:/ { print $2 }')" || return
  install_packages nodejs
  command -v npm >/dev/null || install_packages npm
}

# Without it the dashboard is left out of the build, and its tests have nothing to look at.
require_node() {
  has_node && return
  ! command -v node >/dev/null && can_install && install_node
  has_node && return
  dashboard=build
  problems+=("the dashboard and its tests will fail: install Node.js $node_version or newer with npm (there is $(node --version 2>/dev/null || echo none); Debian 12 has too old a one: https://nodejs.org/en/download)")
}

has_chromium() {
  local place
  for place in "${KISFEED_CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
    [[ -x $place ]] && return
  done
  return 1
}

# A font with Korean letters: without one the screenshots are full of boxes.
has_korean_font() { command -v fc-list >/dev/null && [[ -n $(fc-list :lang=ko) ]]; }

require_chromium() {
  has_chromium || { can_install && install_packages chromium; }
  has_chromium || problems+=("the tests of the dashboard will fail: install the package chromium (Debian), or set KISFEED_CHROMIUM to a Chromium or Chrome")
  has_korean_font || { can_install && install_packages fontconfig fonts-noto-cjk; }
  has_korean_font || problems+=("the screenshots of the dashboard will show boxes for Korean letters: install the package fonts-noto-cjk (Debian)")
}

build() {
  say "Building"
  if ! dotnet build KisFeed.slnx -v quiet -p:Dashboard="$dashboard"; then
    problems+=("the build failed")
    finish
  fi
}

check_format() {
  say "Checking the formatting"
  dotnet format KisFeed.slnx --verify-no-changes --no-restore \
    || problems+=("the formatting differs from .editorconfig: run dotnet format")
}

# The page's own tests, with what the build has fetched for it.
run_page_tests() {
  local log="$results/web.log" report="$results/web.json" code
  [[ -d web/node_modules ]] || return
  say "web"
  (cd web && NO_COLOR=1 timeout --kill-after=15 "$run_limit" npm test --silent -- --reporter=default --reporter=json --outputFile.json="../$report") 2>&1 | grep -v '^npm warn' | tee "$log"
  code=${PIPESTATUS[0]}
  if [[ ! -s $report ]]; then
    failed=$((failed + 1))
    problems+=("npm test in web/ ended with code $code before it was done: see $log")
    return
  fi
  passed=$((passed + $(page_counter numPassedTests)))
  failed=$((failed + $(page_counter numFailedTests)))
  skipped=$((skipped + $(page_counter numPendingTests) + $(page_counter numTodoTests)))
  ((code == 0)) || problems+=("npm test in web/ failed: see $log")
}

# page_counter NAME: a counter of the report of the page's tests.
page_counter() { node -p "JSON.parse(require('fs').readFileSync('$results/web.json', 'utf8')).$1"; }

# counter FILE NAME: a counter of a test result file, 0 where it is missing.
counter() {
  local value
  value=$(grep -o '<Counters [^>]*' "$1" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9')
  echo "${value:-0}"
}

run_tests() {
  local project name log code ran
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
require_node
require_chromium
build
check_format
rm -rf "$results"
mkdir -p "$results"
(($#)) || run_page_tests
run_tests "$@"
show_failures
finish
