#!/bin/sh
# Brings Debian's etcd, etcdctl and etcdutl into a folder, for the tests that run a real etcd.
#   get-etcd.sh DIR [SUITE]       SUITE: trixie (etcd 3.5.16) by default
# The archive's address and key are the machine's own, from its apt sources. Nothing is installed, apt's own lists and
# cache stay as they are, and what is there already is not fetched again.
set -eu

dir=${1:?usage: get-etcd.sh DIR [SUITE]}
suite=${2:-trixie}

if [ -x "$dir/etcd" ] && [ -x "$dir/etcdctl" ] && "$dir/etcd" --version >/dev/null 2>&1; then
    exit 0
fi

fail() {
    echo "get-etcd.sh: $*" >&2
    echo "get-etcd.sh: put etcd, etcdctl and etcdutl into a folder by hand and set ETCDFLEET_TEST_ETCD to it" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "no apt-get here, expected Debian or Ubuntu"

# shellcheck disable=SC2016  # apt fills these in, not the shell
source=$(apt-get indextargets --format '$(COMPONENT) $(RELEASE) $(REPO_URI) $(SIGNED_BY)' 'Created-By: Packages' |
    grep -E '^main (bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable) ' | head -n 1)
[ -n "$source" ] || fail "no Debian archive among this machine's apt sources"
uri=$(echo "$source" | cut -d' ' -f3)
key=$(echo "$source" | cut -d' ' -f4)
# Older apts do not know SIGNED_BY, and a source may do without; Debian's own keyring is always right for Debian's archive.
case $key in /*) ;; *) key=/usr/share/keyrings/debian-archive-keyring.gpg ;; esac
[ -r "$key" ] || fail "$key cannot be read; install debian-archive-keyring"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/empty" "$work/root" "$dir"
echo "deb [signed-by=$key] $uri $suite main" >"$work/sources.list"
: >"$work/status"

apt() {
    apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts="$work/empty" -o Dir::Etc::PreferencesParts="$work/empty" \
        -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root \
        -o Acquire::Languages=none "$@"
}

apt update || fail "the lists of $suite cannot be had"
(cd "$work" && apt download etcd-server etcd-client) || fail "$suite has no etcd-server and etcd-client for this machine"
for package in "$work"/*.deb; do
    dpkg-deb -x "$package" "$work/root"
done

for program in etcd etcdctl etcdutl; do
    if [ -f "$work/root/usr/bin/$program" ]; then # 3.4 has no etcdutl
        install -m 0755 "$work/root/usr/bin/$program" "$dir/.$program.part"
        mv "$dir/.$program.part" "$dir/$program"
    fi
done
"$dir/etcd" --version >/dev/null || fail "the etcd of $suite does not run here"
