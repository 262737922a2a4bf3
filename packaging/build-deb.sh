#!/usr/bin/env bash
# build-deb.sh PUBLISHED OUT: makes etcdfleet-agent and etcdfleet from the executables below PUBLISHED.
# The same tree gives the same bytes: dates are the last commit's, owners are root, order and compression are fixed.
#   DEB_REVISION  Debian's part of the version. Default: 1
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tree="$(dirname "$here")"
published="$(realpath "${1:?PUBLISHED, the folder with etcdfleet-agent/ and etcdfleet/}")"
mkdir -p "${2:?OUT, the folder for the packages}"
out="$(realpath "$2")"

version="$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' "$tree/Directory.Build.props")"
deb_version="$version-${DEB_REVISION:-1}"
arch="$(dpkg --print-architecture)"
# Without git (a source tarball) the newest of the files that a release changes stands in for the commit.
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -c safe.directory='*' -C "$tree" log -1 --format=%ct 2>/dev/null ||
    stat -c %Y "$tree/Directory.Build.props")}"
export SOURCE_DATE_EPOCH
# One thread: xz cuts its blocks by the number of threads.
export DPKG_DEB_THREADS_MAX=1

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

die() {
    printf 'build-deb.sh: %s\n' "$*" >&2
    exit 1
}

# put MODE SOURCE TARGET
put() { install -D -m "$1" "$2" "$3"; }

# compressed MODE TARGET: stdin, gzipped without name and date
compressed() {
    mkdir -p "$(dirname "$2")"
    gzip -9n >"$2"
    chmod "$1" "$2"
}

# The oldest C library that has every symbol version in use.
libc_dependency() {
    local newest
    newest="$(objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)"
    [ -n "$newest" ] || die "$1 uses no versioned symbol of glibc; is it the published executable?"
    echo "libc6 (>= ${newest#GLIBC_})"
}

# What ldd names must be in Depends; the .NET runtime opens libssl by itself, so that one stands in the control file.
refuse_other_libraries() {
    local other
    other="$(objdump -p "$1" | awk '$1 == "NEEDED" {print $2}' | grep -Ev '^(libc|libm|libdl|libpthread|librt|ld-linux.*)\.so' || true)"
    [ -z "$other" ] || die "$1 needs libraries that Depends does not name: $other"
}

executable() {
    local name=$1 target=$2
    [ -x "$published/$name/$name" ] || die "$published/$name/$name is missing; ./build.sh aot makes it"
    refuse_other_libraries "$published/$name/$name"
    put 755 "$published/$name/$name" "$target"
    # .comment names the compiler. The link to the debug file holds that file's checksum, and the file is in no package.
    objcopy --remove-section=.gnu_debuglink --remove-section=.comment "$target"
}

# The notices of what the .NET runtime contains, from the runtime that was compiled in.
notices() {
    local packages runtime
    runtime="$(sed -n 's:.*<RuntimeFrameworkVersion>\(.*\)</RuntimeFrameworkVersion>.*:\1:p' "$tree/src/Directory.Build.props")"
    packages="${NUGET_PACKAGES:-$HOME/.nuget/packages}"
    cat "$packages"/microsoft.netcore.app.runtime.nativeaot.linux-*/"$runtime"/THIRD-PARTY-NOTICES.TXT 2>/dev/null | awk '{sub(/\r$/, "")} 1' ||
        die "the .NET runtime's notices are not in $packages"
}

documents() {
    local package=$1 root=$2 doc="$2/usr/share/doc/$1"
    put 644 "$here/deb/copyright" "$doc/copyright"
    notices | compressed 644 "$doc/THIRD-PARTY-NOTICES.gz"
    compressed 644 "$doc/changelog.Debian.gz" <<TEXT
$package ($deb_version) unstable; urgency=medium

  * Release of EtcdFleet $version; what is new is in its changelog.

 -- EtcdFleet maintainers <maintainers@etcdfleet.dev>  $(date -R -d "@$SOURCE_DATE_EPOCH")
TEXT
    if [ -f "$tree/CHANGELOG.md" ]; then
        compressed 644 "$doc/changelog.gz" <"$tree/CHANGELOG.md"
    fi
}

manual() {
    sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)/" "$here/man/$1" | compressed 644 "$2"
}

# lintian looks for these: each override carries its reason.
overrides() {
    [ ! -f "$here/deb/$1/lintian-overrides" ] || put 644 "$here/deb/$1/lintian-overrides" "$2/usr/share/lintian/overrides/$3"
}

# package NAME FOLDER ROOT EXECUTABLE
package() {
    local name=$1 folder=$2 root=$3 program=$4 script size
    mkdir -p "$root/DEBIAN"
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    for script in postinst prerm postrm; do
        [ ! -f "$here/deb/$folder/$script" ] || put 755 "$here/deb/$folder/$script" "$root/DEBIAN/$script"
    done
    # As dpkg-gencontrol counts: files in whole KiB, everything else as one.
    size="$(find "$root" -path "$root/DEBIAN" -prune -o -printf '%y %s\n' | awk '{n += $1 == "f" ? int(($2 + 1023) / 1024) : 1} END {print n}')"
    sed -e "s/@VERSION@/$deb_version/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" -e "s/@LIBC@/$(libc_dependency "$program")/" \
        "$here/deb/$folder/control" >"$root/DEBIAN/control"
    chmod 644 "$root/DEBIAN/control" "$root/DEBIAN/md5sums"
    # The folders' dates too: dpkg-deb takes the older of a file's own date and SOURCE_DATE_EPOCH.
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    rm -f "$out/${name}_"*".deb"
    dpkg-deb --root-owner-group -Zxz -z6 --build "$root" "$out/${name}_${deb_version}_$arch.deb"
}

agent="$work/agent"
executable etcdfleet-agent "$agent/usr/sbin/etcdfleet-agent"
put 644 "$tree/systemd/etcdfleet-agent.service" "$agent/usr/lib/systemd/system/etcdfleet-agent.service"
put 644 "$tree/systemd/etcdfleet.sysusers" "$agent/usr/lib/sysusers.d/etcdfleet.conf"
put 644 "$tree/systemd/etcdfleet.tmpfiles" "$agent/usr/lib/tmpfiles.d/etcdfleet.conf"
put 644 "$here/deb/agent/agent.yaml" "$agent/usr/share/doc/etcdfleet-agent/examples/agent.yaml"
manual etcdfleet-agent.8 "$agent/usr/share/man/man8/etcdfleet-agent.8.gz"
documents etcdfleet-agent "$agent"
overrides agent "$agent" etcdfleet-agent
package etcdfleet-agent agent "$agent" "$agent/usr/sbin/etcdfleet-agent"

coordinator="$work/coordinator"
executable etcdfleet "$coordinator/usr/bin/etcdfleet"
manual etcdfleet.1 "$coordinator/usr/share/man/man1/etcdfleet.1.gz"
for shell in bash:bash-completion/completions/etcdfleet zsh:zsh/vendor-completions/_etcdfleet fish:fish/vendor_completions.d/etcdfleet.fish; do
    target="$coordinator/usr/share/${shell#*:}"
    mkdir -p "$(dirname "$target")"
    "$coordinator/usr/bin/etcdfleet" completion "${shell%%:*}" >"$target" || die "etcdfleet completion ${shell%%:*} failed"
    [ -s "$target" ] || die "etcdfleet completion ${shell%%:*} printed nothing"
done
examples="$coordinator/usr/share/doc/etcdfleet/examples/ansible"
put 644 "$here/ansible/etcdfleet-agent.yml" "$examples/etcdfleet-agent.yml"
put 644 "$here/ansible/README.md" "$examples/README.md"
put 755 "$here/ansible/files/put-identity.sh" "$examples/files/put-identity.sh"
documents etcdfleet "$coordinator"
overrides coordinator "$coordinator" etcdfleet
package etcdfleet coordinator "$coordinator" "$coordinator/usr/bin/etcdfleet"
