#!/usr/bin/env bash
# Builds everything that a release has into one folder, from a clean tree and without root.
#
#   eng/release.sh VERSION [--output DIR] [--runtimes LIST] [--allow-dirty]
#
#   VERSION            e.g. 0.2.0 or 0.2.0-rc.1
#   --output DIR       the folder, which must be empty or missing [artifacts/release-VERSION]
#   --runtimes LIST    the machines of the self-contained files [linux-x64,linux-arm64,win-x64,osx-arm64]
#   --allow-dirty      for trying: also build a tree with changes that are not committed
#
# The folder then has the packages and their symbols; for each machine an archive with the command in one file; for linux-x64 also
# one with the native command, and a Debian package of it; the bill of materials of the command and of the page (CycloneDX);
# RELEASE_NOTES.md; SHA256SUMS.
#
# Exit codes: 0 success · 1 wrong usage · 2 the tree is not clean · 3 a step failed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
usage() { sed -n '2,17s/^# \{0,1\}//p' eng/release.sh; }
fail() { printf 'release.sh: %s\n' "${@:2}" >&2; exit "$1"; }
step() { printf '== %s (%ds)\n' "$*" "$SECONDS"; }

version='' output='' runtimes=linux-x64,linux-arm64,win-x64,osx-arm64 dirty=false
while (($#)); do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --output | --runtimes) [[ -n ${2:-} ]] || fail 1 "$1 needs a value"; [[ $1 != --output ]] && runtimes=$2 || output=$2; shift ;;
    --allow-dirty) dirty=true ;;
    -*) fail 1 "unknown option '$1'; see --help" ;;
    *) [[ -z $version ]] || fail 1 "'$1' is one argument too many; see --help"; version=$1 ;;
  esac
  shift
done
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail 1 "'$version' is not a version; use e.g. 0.2.0 or 0.2.0-rc.1"
$dirty || [[ -z $(git status --porcelain) ]] || fail 2 "the tree has changes: commit or remove them (git status), or use --allow-dirty"
mkdir -p "${output:=artifacts/release-$version}" && output=$(realpath "$output")
[[ -z $(ls -A "$output") ]] || fail 1 "$output is not empty; remove it or use another --output"

# Nothing that was built before is used. The same commit gives the same files.
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
trap 'fail 3 "the last step failed: see above"' ERR
export CI=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) && export SOURCE_DATE_EPOCH
build=(-c Release -v quiet "-p:Version=$version" "-p:ArtifactsPath=$work/artifacts" -p:Dashboard=require)
build+=(-p:RunAnalyzersDuringBuild=false -p:EnforceCodeStyleInBuild=false) # ./test.sh --all has run them

# publish NAME RUNTIME PROPERTY…: the command in one file, with licence and notice, as an archive.
publish() {
  step "kisfeed-$1"
  dotnet publish src/KisFeed.Cli "${build[@]}" -r "$2" -o "$work/$1" "${@:3}"
  find "$work/$1" \( -name '*.pdb' -o -name '*.dbg' -o -name '*.xml' \) -delete # the packages of symbols have them
  cp LICENSE NOTICE README.md "$work/$1"
  find "$work/$1" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  if [[ $2 == win-* ]]; then
    (cd "$work/$1" && python3 -m zipfile -c "$output/kisfeed-$version-$1.zip" ./*)
  else
    tar -C "$work/$1" --sort=name --owner=0 --group=0 --numeric-owner -cf - . | gzip -9n > "$output/kisfeed-$version-$1.tar.gz"
  fi
}

step "packages"
dotnet pack eng/Packages.proj "${build[@]}" -o "$output"
publish linux-x64-native linux-x64 -p:Native=true
for runtime in ${runtimes//,/ }; do
  publish "$runtime" "$runtime" --self-contained -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true
done
step "the Debian package"
eng/debian-package.sh "$version" "$work/linux-x64-native" "$output"
step "the bill of materials"
dotnet tool restore
dotnet restore src/KisFeed.Cli -v quiet
dotnet dotnet-CycloneDX src/KisFeed.Cli/KisFeed.Cli.csproj --disable-package-restore --exclude-dev --output-format Json \
  --set-name kisfeed --set-version "$version" --output "$output" --filename "kisfeed-$version.cdx.json"
(cd web && npm ci --silent && npm sbom --sbom-format cyclonedx --omit dev) > "$output/kisfeed-dashboard-$version.cdx.json"
step "notes and checksums"
notes() { awk -v heading="## [$1]" 'index($0, "## [") == 1 { found = index($0, heading) == 1; next } found' CHANGELOG.md; }
notes "$version" > "$output/RELEASE_NOTES.md"
[[ -s $output/RELEASE_NOTES.md ]] || notes Unreleased > "$output/RELEASE_NOTES.md"
(cd "$output" && sha256sum -- * > "$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
step "done: $output"
ls -s --block-size=K "$output"
