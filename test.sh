#!/usr/bin/env bash
# Builds what the tests need and runs the tests.
#
#   ./test.sh                      every test but the longest; random ones with a fixed seed and a tenth of their repetitions
#   ./test.sh --all                everything, with a new seed: also analyzers and style as errors, samples, benchmarks, clusters
#   ./test.sh --all --check        the same, and then compares the speed with its limits, like continuous integration
#   ./test.sh --filter Interop     some tests, with the filters of dotnet test; without the page's own tests in web/
#
# The last line is always "Tests: … passed, … failed, … skipped". The exit code is 0 only if nothing failed and at least one test ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

readonly results=artifacts/test-results
readonly node_version=20.19   # the oldest version that the dashboard's tools support
online=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
readonly processors=$((online > 2 ? online : 2))
readonly jobs_at_once=$((processors + 2))

if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)); then
  echo "./test.sh needs bash 5.1 or newer; this is $BASH_VERSION" >&2
  exit 1
fi

all=false
check=false
if [[ ${1:-} == --all ]]; then
  all=true
  shift
  if [[ ${1:-} == --check ]]; then
    check=true
    shift
  fi
fi
if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit 0
fi

# The seconds for one test project. Its log names a test that runs for two minutes.
readonly run_limit=${KISFEED_TEST_RUN_LIMIT:-$($all && echo 1800 || echo 600)}
complete=$all   # whether to build and search all projects: a filter may name any test
(($#)) && complete=true

passed=0
failed=0
skipped=0
problems=()
declare -A started=() names=()   # when each job started; the jobs that run, by process id
busy=0   # the load of the jobs that run, in percent of one processor
has_compiler_server=false
dashboard=require   # whether the build fails if the dashboard cannot be built

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export Configuration=Release
# Tests run many processes at once. Threads of their pools that look for work before they sleep would take a third of the processors.
export DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0
# MSBuild's worker processes end with the build. The compiler server belongs to this script and ends with it.
export MSBUILDDISABLENODEREUSE=1
readonly compiler_server="kisfeed-test-$$"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if $all; then
  export KISFEED_TESTS=all
  export KISFEED_TEST_SEED=${KISFEED_TEST_SEED:-$((RANDOM << 15 | RANDOM))}
else
  export KISFEED_TEST_SEED=${KISFEED_TEST_SEED:-1}
fi

heading() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }

finish() {
  heading "Results"
  if ((${#problems[@]})); then
    printf 'Problems:\n'
    printf '  - %s\n' "${problems[@]}"
  fi
  printf 'Tests: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((${#problems[@]} == 0 && failed == 0 && passed > 0)) || exit 1
  exit 0
}

require_dotnet() {
  if ! command -v dotnet >/dev/null; then
    problems+=("the .NET SDK 10 is missing: https://dotnet.microsoft.com/download")
    finish
  fi

  # A minimal system may lack ICU, without which the SDK starts only in invariant mode.
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
  heading "Installing $*"
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

require_python_packages() {
  has_python_packages && return
  can_install && install_packages python3-websockets python3-pycryptodome
  has_python_packages && return
  problems+=("the interop tests will fail: install python3-websockets and python3-pycryptodome (Debian), or websockets and pycryptodome (pip)")
}

has_tools() { command -v curl >/dev/null && command -v jq >/dev/null; }

# The programs that the commands of README and docs use.
require_tools() {
  has_tools && return
  can_install && install_packages curl jq
  has_tools && return
  problems+=("the tests of the documented commands will fail: install curl and jq")
}

has_attack_tools() { [[ -x /usr/bin/systemd-analyze ]] && command -v ip unshare nsenter >/dev/null && /usr/bin/python3 -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null; }

# The filter of the systemd unit, and a network that can be cut.
require_attack_tools() {
  has_attack_tools && return
  can_install && install_packages systemd libseccomp2 iproute2 util-linux
  has_attack_tools && return
  problems+=("tests of the systemd unit or of cut networks will be skipped: install systemd, libseccomp2, iproute2 and util-linux (Debian)")
}

require_postgres() {
  has_postgres && return
  # The tests start their own servers, so the package must not start one.
  can_install && install_packages postgresql-common \
    && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
    && install_packages postgresql
  has_postgres && return
  problems+=("the tests with PostgreSQL will fail: install the package postgresql (Debian)")
}

has_rabbitmq() {
  local server
  for server in /usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server; do
    [[ -x $server ]] && return
  done
  return 1
}

require_rabbitmq() {
  has_rabbitmq && return
  can_install && install_rabbitmq
  has_rabbitmq && return
  problems+=("the tests with RabbitMQ will fail: install the package rabbitmq-server (Debian)")
}

# The tests start their own nodes, so the package must not start one.
install_rabbitmq() {
  local policy=/usr/sbin/policy-rc.d has_policy=true
  if [[ ! -e $policy ]]; then
    has_policy=false
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  fi
  install_packages rabbitmq-server
  $has_policy || rm -f "$policy"
}

# is_recent VERSION: whether this version of Node.js is recent enough.
is_recent() { [[ $(printf '%s\n' "$node_version" "$1" | sort -V | head -1) == "$node_version" ]]; }

has_node() { command -v npm >/dev/null && is_recent "$(node --version 2>/dev/null | tr -d v)"; }

# Only where the distribution's own is recent enough.
install_node() {
  apt-get update -qq >/dev/null
  is_recent "$(apt-cache policy nodejs | awk '/Candidate:/ { print $2 }')" || return
  install_packages nodejs
  command -v npm >/dev/null || install_packages npm
}

# Without Node.js the build has no dashboard, and its tests fail.
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

# Prints a line for each project that is done: a build of a fresh clone takes a minute.
build() {
  local target=tests/KisFeed.Tests.slnf locked=false
  $complete && target=KisFeed.slnx
  $all && locked=true
  has_compiler_server=true
  heading "Building $target"
  $all || echo "  without analyzers and style rules, which double the time; dotnet build -c Release and ./test.sh --all apply them"
  # The compiler server runs for about a minute; instrumented code and frequent collections would take half of that time.
  if ! DOTNET_TieredPGO=0 DOTNET_GCgen0size=0x10000000 dotnet build "$target" --nologo -v minimal \
    -p:Dashboard="$dashboard" -p:RestoreLockedMode="$locked" -p:RunAnalyzersDuringBuild="$all" -p:EnforceCodeStyleInBuild="$all" \
    -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler_server" \
    | sed -u "s|$PWD/||g; /up-to-date for restore\|Determining projects\|^ *Restored /d"; then
    problems+=("the build failed")
    finish
  fi
  # Restore creates a missing lock file even in locked mode.
  if $all && [[ -n $(git ls-files --others --exclude-standard -- '*packages.lock.json' 2>/dev/null) ]]; then
    problems+=("a project has a packages.lock.json that is not committed: see git status")
  fi
}

# Jobs have process groups of their own, so Ctrl-C does not reach them.
clean_up() {
  ((${#names[@]})) && kill "${!names[@]}" 2>/dev/null
  [[ -z ${progress:-} ]] || kill "$progress" 2>/dev/null
  stop_compiler_server
}

stop_compiler_server() {
  local server
  $has_compiler_server || return
  has_compiler_server=false
  server=$(dirname "$(dotnet --list-sdks | grep -F "$(dotnet --version) " | sed 's/^\([^ ]*\) \[\(.*\)\]$/\2\/\1\/x/')")/Roslyn/bincore/VBCSCompiler.dll
  [[ -f $server ]] && dotnet exec "$server" "-pipename:$compiler_server" -shutdown >/dev/null 2>&1
}

# Whitespace, encodings and line ends; the build checks all other rules of style.
check_format() { exec dotnet format whitespace . --folder --exclude artifacts --verify-no-changes; }

# The page's types and its own tests, with the packages that the build has installed.
run_page_tests() {
  local report="$PWD/$results/web.json"
  cd web || return
  NO_COLOR=1 exec timeout --kill-after=15 "$run_limit" bash -c 'npm run --silent check && npm test --silent -- --reporter=default --reporter=json --outputFile.json="$0"' "$report"
}

# run_project NAME [ARGUMENT…]: the tests of one project. Projects that mostly wait go first when they have something to do: leases of seconds run there. timeout makes SIGINT, which bash has jobs ignore, end the processes that tests send it to.
run_project() {
  local name=$1
  shift
  if [[ ${1:-} == --filter ]]; then
    set -- -filterVSTest "${@:2}"
  elif ! $all && ! (($#)); then
    set -- -trait- Length=Long
  fi
  exec nice -n $(($(load_of "$name") > 50 ? 5 : 0)) timeout --kill-after=15 "$run_limit" \
    dotnet "artifacts/bin/$name/release/$name.dll" -noColor -noLogo -noAutoReporters -longRunning 60 -result-trx "$PWD/$results/$name.trx" "$@"
}

# load_of JOB: the percentage of one processor that it keeps busy when it runs alone. A project runs several tests at once; those of some mostly wait for servers.
load_of() {
  case $1 in
    KisFeed.Cluster.Tests) echo 30 ;;
    KisFeed.Hostile.Tests | KisFeed.Soak.Tests) echo 60 ;;
    KisFeed.RabbitMq.Tests) echo 80 ;;
    KisFeed.Dashboard.Tests) echo 90 ;;
    KisFeed.Gateway.Tests | KisFeed.Coordination.Tests) echo 120 ;;
    *) echo 150 ;;
  esac
}

# The projects, the longest first. Without --all or a filter there are no attacks, benchmarks, whole clusters and soaks.
projects() {
  local first=(Gateway Cli PostgreSql RabbitMq Dashboard Coordination) more=(RabbitMq Cluster Hostile Benchmarks Dashboard Gateway Cli Coordination) project
  ! $all || first=("${more[@]}")
  printf 'KisFeed.%s.Tests\n' "${first[@]}"
  for project in tests/*.Tests; do
    basename "$project"
  done | grep -vxF "$(printf 'KisFeed.%s.Tests\n' "${first[@]}"; $complete || printf 'KisFeed.%s.Tests\n' Hostile Benchmarks Cluster Soak)"
}

# start NAME COMMAND…: runs a command in the background, its output in NAME.log.
start() {
  local name=$1
  shift
  "$@" >"$results/$name.log" 2>&1 </dev/null &
  names[$!]=$name
  busy=$((busy + $(load_of "$name")))
  started[$name]=$SECONDS
  echo "${names[*]}" >"$results/running"
}

# On a terminal, a line with the running jobs.
show_progress() {
  [[ -t 1 ]] || return
  while sleep 1; do printf '\r%d s: %s\e[K' "$SECONDS" "$(<"$results/running")"; done &
  progress=$!
}

hide_progress() {
  [[ -n ${progress:-} ]] || return
  kill "$progress"
  wait "$progress" 2>/dev/null
  printf '\r\e[K'
}

# Waits for one of the running jobs and counts its tests.
wait_for_one() {
  local id name code
  wait -n -p id "${!names[@]}"
  code=$?
  name=${names[$id]}
  unset "names[$id]"
  busy=$((busy - $(load_of "$name")))
  echo "${names[*]}" >"$results/running"
  case $name in
    format) ((code == 0)) || problems+=("the formatting differs from .editorconfig: run dotnet format whitespace . --folder; see $results/format.log") ;;
    web) count_page "$code" ;;
    *) count_project "$name" "$code" ;;
  esac
}

# The jobs in starting order.
jobs_to_run() {
  (($#)) || [[ ! -d web/node_modules ]] || echo web
  projects
}

# next_job JOB…: the first of the jobs for which the processors have time left. Each has moments in which it waits, so the loads may be half
# as much again as the processors; much more would make each other's tests wait.
next_job() {
  local name
  for name in "$@"; do
    if ((busy == 0 || (${#names[@]} < jobs_at_once && busy + $(load_of "$name") <= 150 * processors))); then
      echo "$name"
      return
    fi
  done
  return 1
}

run_tests() {
  local name waiting
  heading "Testing (seed $KISFEED_TEST_SEED)"
  show_progress
  mapfile -t waiting < <(jobs_to_run "$@")
  while ((${#waiting[@]} || ${#names[@]})); do
    if name=$(next_job "${waiting[@]}"); then
      mapfile -t waiting < <(printf '%s\n' "${waiting[@]}" | grep -vxF "$name")
      case $name in
        web) start web run_page_tests ;;
        *) start "$name" run_project "$name" "$@" ;;
      esac
    else
      wait_for_one
    fi
  done
  hide_progress
}

# page_counter NAME: a counter of the report of the page's tests.
page_counter() { node -p "JSON.parse(require('fs').readFileSync('$results/web.json', 'utf8')).$1"; }

count_page() {
  local code=$1
  if [[ ! -s $results/web.json ]]; then
    add web 0 1 0
    problems+=("the tests in web/ ended with code $code before they were done: see $results/web.log")
    return
  fi
  add web "$(page_counter numPassedTests)" "$(page_counter numFailedTests)" "$(($(page_counter numPendingTests) + $(page_counter numTodoTests)))"
  ((code == 0)) || problems+=("the tests in web/ failed: see $results/web.log")
}

# counter FILE NAME: a counter of a test result file, 0 if it is missing.
counter() {
  local value
  value=$(grep -o '<Counters [^>]*' "$1" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9')
  echo "${value:-0}"
}

count_project() {
  local name=$1 code=$2 file="$results/$1.trx" wrong good total
  wrong=$(($(counter "$file" failed) + $(counter "$file" error) + $(counter "$file" timeout) + $(counter "$file" aborted)))
  good=$(counter "$file" passed)
  total=$(counter "$file" total)
  if ((code != 0 && $(counter "$file" failed) == 0)); then
    # A crash, a hang or an error of the runner is in no result, so it counts as a failure itself.
    wrong=$((wrong + 1))
    total=$((total + 1))
    problems+=("$name ended with code $code before it was done: see $results/$name.log")
  fi
  add "$name" "$good" "$wrong" $((total - good - wrong))
}

# add NAME PASSED FAILED SKIPPED
add() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  skipped=$((skipped + $4))
  [[ -z ${progress:-} ]] || printf '\r\e[K'
  printf '%-26s %5d passed %3d failed %3d skipped %5d s\n' "$@" $((SECONDS - started[$1]))
}

# The decisive ratios against their limits, when nothing else runs. With a miss the table above says which; see bench/KisFeed.Benchmarks/Checking/Limits.cs.
check_speed() {
  local code
  heading "bench check"
  # Users do not set this either.
  env -u DOTNET_ThreadPool_UnfairSemaphoreSpinLimit timeout --kill-after=15 600 dotnet artifacts/bin/KisFeed.Benchmarks/release/KisFeed.Benchmarks.dll check 2>&1 | tee "$results/check.log"
  code=${PIPESTATUS[0]}
  case $code in
    0) ;;
    2) problems+=("bench check: a limit was missed twice; see $results/check.log") ;;
    *) problems+=("bench check ended with code $code; see $results/check.log") ;;
  esac
}

show_failures() {
  local failures
  # The name, the message and the location of each failed test: what called into the tests' own library is the line of the test.
  failures=$(LC_ALL=C awk '/^    [^ ].* \[FAIL\]$/{show=1; trace=0} /^  [A-Z]|^===|^    [^ ].* \[SKIP\]$/{show=0} /^      Output:/{trace=0}
    show && trace < 6; trace{trace++} /^      Stack Trace:/{trace=show}' "$results"/*.log | tr -d '\0')
  if [[ -n $failures ]]; then
    heading "Failed tests"
    printf '%s\n' "$failures"
  fi
  ((passed + failed > 0)) || problems+=("no test ran")
}

require_dotnet
require_python_packages
require_tools
require_postgres
require_rabbitmq
require_node
require_chromium
! $all || require_attack_tools
rm -rf "$results"
mkdir -p "$results"
(($#)) || start format check_format
build
stop_compiler_server
run_tests "$@"
show_failures
! $check || (($#)) || check_speed
finish
