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
[[ ${1:-} != --help && ${1:-} != -h ]] || { sed -n '2,9s/^# \{0,1\}//p' test.sh; exit 0; }
all=false check=false
[[ ${1:-} != --all ]] || { all=true; shift; }
! $all || [[ ${1:-} != --check ]] || { check=true; shift; }

readonly results=$PWD/artifacts/test-results compiler_server=kisfeed-test-$$
readonly jobs_at_once=$(($(nproc) > 2 ? $(nproc) + 1 : 3))   # many tests wait
readonly limit=${KISFEED_TEST_RUN_LIMIT:-$($all && echo 1800 || echo 600)}   # seconds for a project; its log names a test that hangs
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 NO_COLOR=1 Configuration=Release
export KISFEED_TEST_SEED=${KISFEED_TEST_SEED:-$($all && echo $((RANDOM << 15 | RANDOM)) || echo 1)}
! $all || export KISFEED_TESTS=all
export MSBUILDDISABLENODEREUSE=1   # MSBuild's processes end with the build, and the compiler server with this script
export DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0   # threads of many processes that spin would take a third of the processors
export DOTNET_TieredPGO=0   # short processes would spend a quarter of their time on instrumented code
passed=0 failed=0 skipped=0 problems=()
declare -A jobs=()   # the names of the running jobs, by process
trap 'kill "${!jobs[@]}" 2>/dev/null; stop_compiler_server' EXIT
trap 'exit 130' INT TERM

heading() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }
finish() {
  heading Results
  ((passed + failed > 0)) || problems+=("no test ran")
  ((${#problems[@]} == 0)) || printf '  - %s\n' "${problems[@]}"
  printf 'Tests: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  exit $((failed > 0 || ${#problems[@]} > 0))
}
stop_compiler_server() {
  dotnet exec "$(dotnet --info 2>/dev/null | sed -n 's/^ *Base Path: *//p')/Roslyn/bincore/VBCSCompiler.dll" \
    "-pipename:$compiler_server" -shutdown >/dev/null 2>&1
}

# The compiler server would spend a third of its minute on frequent collections.
build() {
  heading "Building $1"
  DOTNET_GCgen0size=0x10000000 dotnet build "$1" --nologo -v minimal \
    -p:Dashboard="$dashboard" -p:RestoreLockedMode=$all -p:RunAnalyzersDuringBuild=$all -p:EnforceCodeStyleInBuild=$all \
    -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler_server" \
    | sed -u "s|$PWD/||g; /up-to-date for restore\|Determining projects\|^ *Restored /d" \
    || { problems+=("the build failed"); finish; }
  # Restore creates a missing lock file even in locked mode.
  ! $all || [[ -z $(git ls-files --others --exclude-standard -- '*packages.lock.json') ]] \
    || problems+=("a packages.lock.json is not committed: see git status")
}

# The jobs. Clusters hold leases of seconds, so other tests yield to theirs. timeout makes SIGINT, which bash has jobs ignore, end the
# processes that tests send it to.
run_format() { exec dotnet format whitespace . --folder --exclude artifacts --verify-no-changes; }
run_web() { cd web && exec timeout --kill-after=15 "$limit" bash -c 'npm run --silent check && npm test --silent'; }
run_project() {
  exec nice -n $([[ $1 == *.Cluster.* ]] && echo 0 || echo 5) timeout --kill-after=15 "$limit" \
    dotnet "artifacts/bin/$1/release/$1.dll" -noColor -noLogo -noAutoReporters -longRunning 60 "${@:2}"
}

# start NAME COMMAND…: runs a job when fewer than the limit run.
start() {
  while ((${#jobs[@]} >= jobs_at_once)); do wait_for_one; done
  "${@:2}" >"$results/$1.log" 2>&1 </dev/null &
  jobs[$!]=$1
}

# Counts the tests of the job that ends first. A crash, a hang or an error of the runner has no test, so it counts as a failed one.
wait_for_one() {
  local id name code=0 total bad omitted
  wait -n -p id "${!jobs[@]}" || code=$?
  name=${jobs[$id]}
  unset "jobs[$id]"
  if [[ $name == format ]]; then
    ((code == 0)) || problems+=("the formatting differs: run dotnet format whitespace . --folder; see $results/format.log")
    return
  fi
  read -r total bad omitted < <(awk -f eng/test-totals.awk "$results/$name.log") || total=0
  ((code == 0 || bad > 0)) || { problems+=("$name ended with code $code: see $results/$name.log"); ((bad += 1, total += 1)); }
  ((passed += total - bad - omitted, failed += bad, skipped += omitted))
  printf '%-30s %5d passed %3d failed %3d skipped, at %d s\n' "$name" $((total - bad - omitted)) "$bad" "$omitted" "$SECONDS"
}

# The projects, the longest first. Without --all or a filter there are no attacks, benchmarks, whole clusters and soaks.
projects() {
  local first=(.Gateway .Cli .RabbitMq '' .Coordination .Dashboard .Simulator .Capture) never='^$'
  ! $all || first=(.RabbitMq .Cluster .Cli .Benchmarks .Gateway .Hostile .Dashboard .Coordination '')
  $everything || never='\.(Hostile|Benchmarks|Cluster|Packages|Soak)\.'
  { printf 'KisFeed%s.Tests\n' "${first[@]}"; printf '%s\n' tests/*.Tests | cut -d/ -f2; } | awk '!seen[$0]++' | grep -Ev "$never"
}

command -v dotnet >/dev/null || { problems+=("the .NET SDK 10 is missing: https://dotnet.microsoft.com/download"); finish; }
dotnet --version >/dev/null 2>&1 || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1   # a minimal system may lack ICU
missing=0 dashboard=require
eng/setup.sh $($all && echo --all) || missing=$?
((missing == 0)) || problems+=("something is missing: see above")
((missing != 2)) || dashboard=build
rm -rf "$results" && mkdir -p "$results"
everything=$all
(($#)) && everything=true || start format run_format
build "$($everything && echo KisFeed.slnx || echo tests/KisFeed.Tests.slnf)"
stop_compiler_server
heading "Testing (seed $KISFEED_TEST_SEED)"
(($#)) || [[ ! -d web/node_modules ]] || start web run_web
arguments=("$@")
[[ ${1:-} != --filter ]] || arguments=(-filterVSTest "${@:2}")
$all || (($#)) || arguments=(-trait- Length=Long)
for project in $(projects); do start "$project" run_project "$project" "${arguments[@]}"; done
while ((${#jobs[@]})); do wait_for_one; done
failures=$(LC_ALL=C awk -f eng/failed-tests.awk "$results"/*.log | tr -d '\0')
[[ -z $failures ]] || { heading "Failed tests"; printf '%s\n' "$failures"; }
if $check && ! (($#)); then
  heading "bench check"   # see bench/KisFeed.Benchmarks/Checking/Limits.cs
  env -u DOTNET_ThreadPool_UnfairSemaphoreSpinLimit -u DOTNET_TieredPGO timeout --kill-after=15 600 \
    dotnet artifacts/bin/KisFeed.Benchmarks/release/KisFeed.Benchmarks.dll check 2>&1 | tee "$results/check.log" \
    || problems+=("bench check: a limit was missed twice, or a measurement failed; see $results/check.log")
fi
finish
