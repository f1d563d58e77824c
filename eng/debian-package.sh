#!/usr/bin/env bash
# Makes a Debian package of a published native command: eng/debian-package.sh VERSION PUBLISHED OUTPUT
#
# PUBLISHED is the folder that has kisfeed, OUTPUT the one for kisfeed_VERSION_amd64.deb. Needs dpkg-deb, not root.
set -euo pipefail
(($# == 3)) || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 1; }
version=${1/-/\~} published=$(realpath "$2") output=$(realpath "$3") # 0.2.0~rc.1 is older than 0.2.0
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 022
root=$(mktemp -d) && trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"
kisfeed=$published/kisfeed

install -Dm 0755 "$kisfeed" "$root/usr/bin/kisfeed"
install -d -m 0755 "$root/etc/kisfeed" "$root/usr/lib/systemd/system"
unit=kisfeed-gateway.service
sed 's|/opt/kisfeed/kisfeed|/usr/bin/kisfeed|' "deploy/systemd/$unit" > "$root/usr/lib/systemd/system/$unit"
install -Dm 0644 -t "$root/usr/share/doc/kisfeed" NOTICE CHANGELOG.md docs/operations.md
install -m 0644 LICENSE "$root/usr/share/doc/kisfeed/copyright"
gzip -9n "$root/usr/share/doc/kisfeed/CHANGELOG.md"

# generate VERB FILE: what the command prints, if it has the verb.
generate() {
  ! text=$("$kisfeed" $1 2> /dev/null) || install -Dm 0644 /dev/stdin "$root/usr/share/$2" <<< "$text"
}
generate man man/man1/kisfeed.1
[[ ! -e $root/usr/share/man ]] || gzip -9n "$root/usr/share/man/man1/kisfeed.1"
generate "completion bash" bash-completion/completions/kisfeed
generate "completion zsh" zsh/vendor-completions/_kisfeed
generate "completion fish" fish/vendor_completions.d/kisfeed.fish

mkdir "$root/DEBIAN"
install -m 0755 deploy/debian/p* "$root/DEBIAN"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
glibc=$(grep -ao 'GLIBC_2\.[0-9]*' "$kisfeed" | sort -V | tail -1)
cat > "$root/DEBIAN/control" <<CONTROL
Package: kisfeed
Version: $version
Architecture: amd64
Maintainer: The KisFeed authors <kisfeed@localhost>
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: libc6 (>= ${glibc#GLIBC_}), libssl3 | libssl3t64, ca-certificates, passwd
Section: net
Priority: optional
Description: real-time market data of the Korea Investment & Securities Open API
 Watches, decodes, records and replays the real-time feeds, shares one session
 among many programs, and shows the data on a web page. A simulator is included.
 .
 KisFeed is not affiliated with or endorsed by Korea Investment & Securities.
CONTROL
find "$root" -exec touch -hd "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" {} +
dpkg-deb --root-owner-group --build "$root" "$output/kisfeed_${version}_amd64.deb"
