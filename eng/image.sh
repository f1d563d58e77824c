#!/usr/bin/env bash
# Builds a container image of the native command: eng/image.sh ARCHIVE [TAG]
#
# ARCHIVE is kisfeed-VERSION-linux-x64-native.tar.gz of a release. The libraries, certificates and time zones are this machine's (Debian).
# Uses podman, buildah or docker, whichever is there; BUILDER="buildah build --isolation chroot" names another. TAG [kisfeed]
set -euo pipefail
(($# > 0)) || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 1; }
archive=$(realpath "$1") tag=${2:-kisfeed}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 022
context=$(mktemp -d) && trap 'rm -rf "$context"' EXIT
root=$context/root
mkdir -p "$root"/{etc/ssl/certs,usr/bin,usr/lib/x86_64-linux-gnu,usr/share,lib64} "$context/state" && mkdir -m 1777 "$root/tmp"
chmod 0700 "$context/state"
tar -C "$root/usr/bin" -xzf "$archive" ./kisfeed
# OpenSSL is loaded by name, so ldd does not show it.
libraries=(/usr/lib/x86_64-linux-gnu/lib{ssl,crypto}.so.3)
ldd "$root/usr/bin/kisfeed" "${libraries[@]}" | sed -n 's/.* => \(.*\) (.*/\1/p' | sort -u |
  xargs cp -L -t "$root/usr/lib/x86_64-linux-gnu" "${libraries[0]}"
ln -s usr/lib "$root/lib"
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs" && cp -a /usr/share/zoneinfo "$root/usr/share"
echo 'kisfeed:x:65532:65532::/var/lib/kisfeed:/' > "$root/etc/passwd"
echo 'kisfeed:x:65532:' > "$root/etc/group"
for builder in podman buildah docker; do [[ -n ${BUILDER:-} ]] || ! command -v $builder > /dev/null || BUILDER="$builder build"; done
${BUILDER:?"install podman, buildah or docker"} --tag "$tag" --file Containerfile "$context"
