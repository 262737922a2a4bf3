# Sourced by the packaging tests. Each test prints one line: ok NAME, not ok NAME, or ok NAME # SKIP reason.
# shellcheck shell=bash
set -uo pipefail
export LC_ALL=C.UTF-8

tree="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
debs="$tree/artifacts/deb"
# Used by the tests that source this.
# shellcheck disable=SC2034
{
    agent_deb="$(find "$debs" -name 'etcdfleet-agent_*.deb' 2>/dev/null | sort | tail -n 1)"
    coordinator_deb="$(find "$debs" -name 'etcdfleet_*.deb' 2>/dev/null | sort | tail -n 1)"
}
scratch="$(mktemp -d /tmp/etcdfleet-packaging.XXXXXX)"
failed=0

# at_exit COMMAND...: run at the end, the last one first
exits=()
at_exit() { exits=("$*" "${exits[@]}"); }
finish() {
    local status=$? command
    for command in "${exits[@]}"; do
        eval "$command"
    done
    # --one-file-system does not stop at a bind mount of the same disk: with anything still mounted, nothing is deleted.
    if grep -qF " $scratch/" /proc/self/mountinfo; then
        echo "not ok nothing stays mounted in $scratch, which is left as it is"
        status=1
    else
        rm -rf --one-file-system "$scratch"
    fi
    [ "$status" -ne 0 ] || [ "$failed" -eq 0 ] || status=1
    exit "$status"
}
trap finish EXIT

# check NAME COMMAND...: passes when the command does; what it printed is shown when it does not
check() {
    local name=$1 output
    shift
    if output="$("$@" 2>&1)"; then
        echo "ok $name"
    else
        echo "not ok $name"
        [ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
}

# same NAME FOUND EXPECTED
same() {
    check "$1" differs_not "$2" "$3"
}
differs_not() {
    [ "$1" = "$2" ] || {
        printf 'found:    %s\nexpected: %s\n' "$1" "$2"
        return 1
    }
}

not() { ! "$@"; }

skip() { echo "ok $1 # SKIP $2"; }

# What a machine in a box takes; prints what is missing, nothing when all is there.
box_missing() {
    local program
    [ "$(id -u)" -eq 0 ] || echo "root"
    for program in systemd-nspawn debootstrap ip nsenter; do
        command -v "$program" >/dev/null || echo "$program"
    done
    grep -qw overlay /proc/filesystems || modprobe -n overlay 2>/dev/null || echo "overlayfs"
}

# The root filesystem of the lab, or one of our own, made once. Read only: it is the lower layer of overlays.
box_lower() {
    local cache="${ETCDFLEET_LAB_CACHE:-/var/cache/etcdfleet-lab}" found archive
    found="$(find "$cache" -maxdepth 1 -type d -name 'root-trixie-*' ! -name '*.tmp' 2>/dev/null | sort | tail -n 1)"
    if [ -z "$found" ]; then
        # apt's own placeholders; the archive is the one this machine uses.
        # shellcheck disable=SC2016
        archive="$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(SITE)' 'Created-By: Packages' 2>/dev/null |
            awk '$1 ~ /^(bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)$/ && $2 == "main" {print $3; exit}')"
        [ -n "$archive" ] || return 1
        found="$cache/root-trixie-packaging"
        mkdir -p "$cache"
        debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,procps,ca-certificates,openssl,init-system-helpers \
            trixie "$found.tmp" "$archive" >"$scratch/debootstrap.log" 2>&1 || return 1
        mv "$found.tmp" "$found"
    fi
    echo "$found"
}

# box_root: a writable root filesystem of its own, in $scratch/root
box_root() {
    local lower
    lower="$(box_lower)" || return 1
    mkdir -p "$scratch"/layers "$scratch"/root
    # On a tmpfs: an overlay's upper layer cannot be on an overlay, and a CI machine's /tmp may be one.
    mount -t tmpfs -o size=1g tmpfs "$scratch/layers" || return 1
    at_exit umount -R "$scratch/layers"
    mkdir "$scratch/layers/upper" "$scratch/layers/work"
    mount -t overlay -o "lowerdir=$lower,upperdir=$scratch/layers/upper,workdir=$scratch/layers/work" overlay "$scratch/root" || return 1
    at_exit umount -R "$scratch/root"
}
