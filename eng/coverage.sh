#!/usr/bin/env bash
# Runs the tests under coverlet and prints the covered lines of each project: eng/coverage.sh [TEST_PROJECT…]
#
# Without projects, those of ./test.sh. Builds into artifacts/coverage. Tests that fail are not reported: ./test.sh does that. Code that
# runs only in a process that a test starts, such as much of kisfeed, counts as not covered.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ ${1:-} != --help && ${1:-} != -h ]] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0; }
(($#)) || set -- tests/KisFeed.Tests.slnf
artifacts=$PWD/artifacts/coverage
rm -rf "$artifacts/results" && mkdir -p "$artifacts"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
for project in "$@"; do
  dotnet test "$project" -c Release -v quiet -p:Coverage=true "-p:ArtifactsPath=$artifacts" -p:RunAnalyzersDuringBuild=false \
    -p:EnforceCodeStyleInBuild=false --collect "XPlat Code Coverage" --results-directory "$artifacts/results" --filter "Length!=Long" \
    > "$artifacts/log" 2>&1 || [[ -d $artifacts/results ]] || { tail -20 "$artifacts/log" >&2; exit 1; }
done
# Test projects share source files, so a line counts once, and is covered if any of them runs it.
find "$artifacts/results" -name coverage.cobertura.xml -exec awk '
  match($0, /filename="[^"]*"/) { file = substr($0, RSTART + 10, RLENGTH - 11); sub(/^.*\/src\//, "", file); sub(/^src\//, "", file) }
  match($0, /<line number="[0-9]+"/) {
    line = file ":" substr($0, RSTART + 14, RLENGTH - 15)
    all[line]; if ($0 !~ /hits="0"/) hit[line]
  }
  END {
    for (line in all) { project = line; sub(/\/.*/, "", project); lines[project]++; hits[project] += line in hit }
    for (project in lines)
      if (project ~ /^KisFeed/)
        printf "%-24s %6d of %6d lines %5.1f %%\n", project, hits[project], lines[project], 100 * hits[project] / lines[project]
  }' {} + | sort
