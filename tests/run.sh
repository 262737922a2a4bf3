#!/usr/bin/env bash
# Runs every test of the tree, as ./build.sh test calls it after the build. The last line is the sum, alone.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export LC_ALL=C.UTF-8

results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0
broken=() # what failed or did not even end, to be named once more at the end

say() { printf '\n== %s\n' "$*"; }

# attribute FILE NAME: the sum of an attribute over the assemblies of an xUnit result file
attribute() {
    grep -o '<assembly [^>]*>' "$1" | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{n += $1} END {print n + 0}'
}

# run NAME RESULT ARGUMENTS...: a project's executable; its exit status stands beside the result
run() {
    local program="artifacts/bin/EtcdFleet.$1/release/EtcdFleet.$1" file="$PWD/$results/$2.xml" status=0
    shift 2
    timeout --kill-after=30 "${ETCDFLEET_TEST_LIMIT:-3600}" "$program" -noLogo -noColor -result-xml "$file" "$@" </dev/null || status=$?
    echo "$status" >"$file.status"
}

# count RESULT: what came of it
count() {
    local file="$results/$1.xml" status bad
    status="$(cat "$file.status" 2>/dev/null || echo 127)"
    if [ ! -s "$file" ]; then
        broken+=("$1 ended with $status and left no result")
        failed=$((failed + 1))
        return
    fi
    passed=$((passed + $(attribute "$file" passed)))
    skipped=$((skipped + $(attribute "$file" skipped)))
    bad=$(($(attribute "$file" failed) + $(attribute "$file" errors)))
    # Failed by its status alone: something outside the tests, such as a crash at the end.
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    [ "$bad" -eq 0 ] || broken+=("$1: $bad failed")
    failed=$((failed + bad))
}

# xunit NAME: runs a project's executable and counts
xunit() {
    say "$1"
    run "$1" "$1"
    count "$1"
}

# Two labs side by side, each with machines and a network of its own: a lab waits for programs more than it works.
scenarios() {
    local kubernetes=EtcdFleet.Scenarios.Kubernetes output="$results/Scenarios-kubernetes.txt" beside
    say "Scenarios, in two labs at a time; what $kubernetes says comes after the others"
    ETCDFLEET_LAB_DIR="${ETCDFLEET_LAB_DIR:-/var/tmp/etcdfleet-lab-scenarios}-kubernetes" run Scenarios Scenarios-kubernetes -namespace "$kubernetes" >"$output" 2>&1 &
    beside=$!
    run Scenarios Scenarios-etcd -namespace- "$kubernetes"
    wait "$beside"
    cat "$output"
    count Scenarios-etcd
    count Scenarios-kubernetes
}

# shell FILE: runs a script that prints ok and not ok lines, and counts
shell() {
    local file=$1 name output status=0 bad
    name="Packaging/$(basename "$file" .sh)"
    say "$name"
    output="$results/$(basename "$file" .sh).txt"
    timeout --kill-after=30 "${ETCDFLEET_TEST_LIMIT:-3600}" "$file" </dev/null 2>&1 | tee "$output" || status=$?
    skipped=$((skipped + $(grep -Ec '^ok .* # SKIP ' "$output")))
    passed=$((passed + $(grep -E '^ok ' "$output" | grep -Evc ' # SKIP ')))
    bad=$(grep -c '^not ok ' "$output")
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    [ "$bad" -eq 0 ] || broken+=("$name: $bad failed")
    failed=$((failed + bad))
}

# What the lab lacks here; nothing when it can run.
lab_missing() {
    local program
    [ "$(id -u)" -eq 0 ] || echo "root"
    for program in systemd-nspawn debootstrap ip nsenter haproxy; do
        command -v "$program" >/dev/null || echo "$program"
    done
    grep -qw overlay /proc/filesystems || modprobe -n overlay 2>/dev/null || echo "overlayfs"
}

# A real etcd for the tests that want one. Where it cannot be had they fail and say so: nothing stands in for it.
if [ -z "${ETCDFLEET_TEST_ETCD:-}" ]; then
    tests/TestKit/get-etcd.sh artifacts/etcd/trixie || say "no etcd for the tests that run one"
fi

for project in tests/*.Tests/*.csproj tests/Faults/*.csproj tests/Fuzz/*.csproj; do
    [ ! -e "$project" ] || xunit "$(basename "$(dirname "$project")")"
done
for file in tests/Packaging/*.sh; do
    [ "$file" = tests/Packaging/lib.sh ] || shell "$file"
done

# The scenarios come last: they take longest, and tell little while something above is broken.
if [ -e tests/Scenarios ]; then
    missing="$(lab_missing | paste -sd' ')"
    if [ -z "$missing" ]; then
        scenarios
    else
        count="$(artifacts/bin/EtcdFleet.Scenarios/release/EtcdFleet.Scenarios -list tests -noLogo -noColor 2>/dev/null | grep -c '^[A-Za-z]')"
        say "Scenarios: $count skipped, because the lab needs $missing, which is not here (./build.sh setup says how to get it)"
        skipped=$((skipped + count))
    fi
fi

if [ ${#broken[@]} -gt 0 ]; then
    say "what failed; the results are in $results"
    printf '%s\n' "${broken[@]}"
fi
[ $((passed + failed)) -gt 0 ] || printf '\nno test has run\n'
printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
