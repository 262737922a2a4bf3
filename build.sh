#!/usr/bin/env bash
# The one entry point: ./build.sh WORD. Each word does what it needs first, so a fresh clone can start with any of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'TEXT'
./build.sh WORD
  demo [ARGS]   three real systemd machines, both packages on them, a migration under a client's writes
  test          every test; ends with "N passed, N failed, N skipped"
  faults [WHAT] the fault matrix: all of it into docs/fault-matrix.md (hours); WHAT is a procedure, a seed for another sample, or one case by its name
  build         compile everything (Release)
  aot           publish both executables as native code, and run them
  deb           the packages, in artifacts/deb
  bench [ARGS]  the measurements: both orders of a migration and their way back, side by side (--fast: without real ones' times)
  fuzz [TARGET] [--seconds N] [--seed S] [--input FILE]
                feed every reader of foreign input (or one) with mutations of its corpus, 60 s each; findings are kept in artifacts/fuzz
  setup         install what a Debian or Ubuntu machine lacks; say what is missing elsewhere
  lock          write the lock files anew, after a package or the runtime's version was changed
TEXT
}

say() { printf '\n== %s\n' "$*"; }
die() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# Without these, a CI machine without HOME, without ICU or with a first-run banner fails or chats.
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
export LC_ALL=C.UTF-8
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
for folder in "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    command -v dotnet >/dev/null || { [ -x "$folder/dotnet" ] && export PATH="$PATH:$folder"; } || true
done

machine_architecture() {
    case "$(uname -m)" in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) die "this machine is a $(uname -m); .NET's native code and etcd's releases are used for x86_64 and aarch64 only" ;;
    esac
}

setup_done=
setup() {
    [ -z "$setup_done" ] || return 0
    setup_done=yes
    packaging/setup.sh
}

restored=
restore() {
    [ -z "$restored" ] || return 0
    setup
    say "restore, as the lock files say"
    dotnet restore --locked-mode EtcdFleet.sln -v quiet || die "restore failed. NU1004 means that a project and its packages.lock.json differ: ./build.sh lock, and commit the result"
    restored=yes
}

lock() {
    setup
    dotnet restore --force-evaluate EtcdFleet.sln
}

build() {
    restore
    say "build"
    dotnet build --no-restore -c Release EtcdFleet.sln -v quiet
}

# What goes into an executable: when none of it has changed, the one that is there is kept.
fingerprint() {
    {
        dotnet --version
        find src systemd/etcd.service Directory.Build.props Directory.Packages.props global.json \
            \( -name artifacts -o -name bin -o -name obj \) -prune -o -type f -exec sha256sum {} + | sort -k 2
    } | sha256sum | cut -d' ' -f1
}

publish() {
    local project=$1 name=$2 folder="artifacts/publish/$2" stamp="artifacts/publish/$2.stamp" wanted log linker=()
    wanted="$(fingerprint)"
    if [ -x "$folder/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    restore
    say "publish $name as native code"
    # gcc links as well as clang does, and every Debian has it; bfd is its linker.
    command -v gcc >/dev/null && linker=(-p:CppCompilerAndLinker=gcc -p:LinkerFlavor=bfd)
    rm -rf "$folder" "$stamp"
    log="artifacts/publish/$name.log"
    mkdir -p artifacts/publish
    dotnet publish --no-restore -c Release -r "linux-$(machine_architecture)" -p:Reproducible=true "${linker[@]}" \
        -v minimal -o "$folder" "src/$project/EtcdFleet.$project.csproj" | tee "$log"
    if grep -Eq 'warning (IL|AOT)[0-9]' "$log"; then
        die "$name was published with IL warnings (in $log); none is accepted: what they name may break at run time"
    fi
    "$folder/$name" --version >/dev/null || die "$folder/$name was published, but --version does not run"
    echo "$wanted" >"$stamp"
}

aot() {
    setup
    publish Agent etcdfleet-agent
    publish Coordinator etcdfleet
}

deb() {
    aot
    say "packages"
    packaging/build-deb.sh artifacts/publish artifacts/deb
}

tests() {
    setup
    build
    deb
    tests/run.sh
}

demo() {
    deb
    restore
    exec dotnet run --no-restore -c Release --project tests/Lab -- demo "$@"
}

bench() {
    deb
    restore
    exec dotnet run --no-restore -c Release --project tests/Lab -- bench "$@"
}

# faults [all|PROCEDURE|SEED|CASE|lab [FAULT]]: the fault matrix, in process; "lab": its selection on the lab's machines, or one fault's part of it, such as power-cut.
faults() {
    local what=${1:-all} program=artifacts/bin/EtcdFleet.Faults/release/EtcdFleet.Faults status=0
    build
    case "$what" in
    lab)
        deb
        ETCDFLEET_FAULTS="${2:-all}" artifacts/bin/EtcdFleet.Scenarios/release/EtcdFleet.Scenarios -noLogo -noColor -class EtcdFleet.Scenarios.Faults.FaultScenarios
        ;;
    */*) ETCDFLEET_FAULT_CASE="$what" "$program" -noLogo -noColor -method EtcdFleet.Faults.MatrixTests.Case_ThatIsNamed_IsSurvived -showLiveOutput ;;
    *)
        rm -rf artifacts/faults
        ETCDFLEET_FAULTS="$what" "$program" -noLogo -noColor -method EtcdFleet.Faults.MatrixTests.Fault_AtEveryStep_IsSurvived || status=$?
        tests/Faults/table.sh "$what"
        return "$status"
        ;;
    esac
}

fuzz() {
    restore
    exec dotnet run --no-restore -c Release --project tests/Fuzz -- run "$@"
}

word="${1:-}"
[ $# -eq 0 ] || shift
case "$word" in
setup | build | aot | deb | demo | bench | faults | fuzz | lock) "$word" "$@" ;;
test) tests "$@" ;;
-h | --help | help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
