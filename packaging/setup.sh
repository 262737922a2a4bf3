#!/usr/bin/env bash
# Installs what a Debian or Ubuntu machine lacks for build, tests and lab; says what is missing where it cannot.
# Ends with 1 only when building itself is impossible: the lab's part is optional, and its tests are then skipped by name.
set -euo pipefail

say() { printf 'setup: %s\n' "$*" >&2; }

# command:package of Debian. The first list is needed to build, the second for the tests of packages and for the lab.
build_needs=(gcc:gcc objdump:binutils git:git xz:xz-utils)
lab_needs=(systemd-nspawn:systemd-container systemd-analyze:systemd debootstrap:debootstrap ip:iproute2 nft:nftables nsenter:util-linux
    haproxy:haproxy mount:mount lintian:lintian shellcheck:shellcheck curl:curl jq:jq man:man-db col:bsdextrautils
    ansible-playbook:ansible-core)

missing() {
    local entry
    for entry in "$@"; do
        command -v "${entry%%:*}" >/dev/null || echo "${entry#*:}"
    done
}

# Headers have no command: gcc is there and cannot link without them.
missing_headers() {
    [ -e /usr/include/stdlib.h ] || echo libc6-dev
}

# The lab starts haproxy by itself, in a network of its own. The package would start one here: forbid it, unless somebody has
# said already which services may start.
policy=/usr/sbin/policy-rc.d
forbid_services() {
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
}

dotnet_sdk() {
    command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'
}

mapfile -t build_missing < <(missing "${build_needs[@]}"; missing_headers)
mapfile -t lab_missing < <(missing "${lab_needs[@]}")
all=("${build_missing[@]}" "${lab_missing[@]}")

if [ "${#all[@]}" -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        say "this is not Debian or Ubuntu (no apt-get). Install what these Debian packages hold: ${all[*]}"
    elif [ "$(id -u)" -ne 0 ]; then
        say "not root, so nothing can be installed. As root: apt-get install --no-install-recommends ${all[*]}"
    else
        say "installing ${all[*]}"
        export DEBIAN_FRONTEND=noninteractive
        case " ${all[*]} " in *" haproxy "*) had_haproxy= ;; *) had_haproxy=yes ;; esac
        forbid_services
        apt-get update -q >&2 || say "apt-get update failed; trying with the lists that are there"
        apt-get install -q -y --no-install-recommends "${all[@]}" >&2 || say "apt-get could not install everything; what is still missing is named below"
        # Nor at the machine's next start.
        [ -n "$had_haproxy" ] || systemctl disable haproxy.service >/dev/null 2>&1 || true
    fi
fi

failed=
if ! dotnet_sdk; then
    say "the .NET SDK 10 is missing (found: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd, || true)). Install it:"
    say "  Ubuntu: apt-get install dotnet-sdk-10.0; Debian: https://learn.microsoft.com/dotnet/core/install/linux-debian"
    failed=yes
fi
for package in $(missing "${build_needs[@]}"; missing_headers); do
    say "still missing, and nothing can be built without it: $package"
    failed=yes
done
for package in $(missing "${lab_needs[@]}"); do
    say "still missing; the tests that need it are skipped: $package"
done
[ -z "$failed" ]
