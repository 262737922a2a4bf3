#!/usr/bin/env bash
# What is in the packages.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check "both packages were built" test -f "$agent_deb" -a -f "$coordinator_deb"
[ "$failed" -eq 0 ] || exit 1

mkdir "$scratch/agent" "$scratch/coordinator"
dpkg-deb -x "$agent_deb" "$scratch/agent"
dpkg-deb -x "$coordinator_deb" "$scratch/coordinator"
dpkg-deb -e "$agent_deb" "$scratch/agent.control"
field() { dpkg-deb -f "$1" "$2"; }
version="$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' "$tree/Directory.Build.props")"

for package in "$agent_deb" "$coordinator_deb"; do
    name="$(field "$package" Package)"
    same "$name: the version is the tree's" "$(field "$package" Version | sed 's/-[^-]*$//')" "$version"
    same "$name: the architecture is this machine's" "$(field "$package" Architecture)" "$(dpkg --print-architecture)"
    same "$name: everything belongs to root" "$(dpkg-deb -c "$package" | awk '$2 != "root/root"')" ""
    same "$name: nothing has setuid or setgid" "$(dpkg-deb -c "$package" | awk '$1 ~ /[sS]/ && $1 !~ /^l/')" ""
    same "$name: no debug symbols" "$(dpkg-deb -c "$package" | grep -E '\.(dbg|pdb|xml|debug)$')" ""
done

same "agent: asks for no .NET runtime" "$(field "$agent_deb" Depends | grep -ic dotnet)" 0
check "agent: depends on systemd" grep -q '\bsystemd\b' <(field "$agent_deb" Depends)
for package in agent:usr/sbin/etcdfleet-agent coordinator:usr/bin/etcdfleet; do
    program="$scratch/${package%%:*}/${package#*:}"
    name="$(basename "$program")"
    same "$name: says its version" "$("$program" --version | grep -c "\b${version//./\\.}\b")" 1
    same "$name: needs the C library alone" "$(objdump -p "$program" | awk '$1 == "NEEDED" {print $2}' | grep -Ev '^(lib[cm]|libdl|libpthread|librt|ld-linux.*)\.so')" ""
    same "$name: is stripped" "$(objdump -h "$program" | grep -Ec '\.(debug_info|symtab|gnu_debuglink|comment)\b')" 0
    # The build's own folders and users are nobody's business, and would make the bytes differ.
    same "$name: names no folder of the machine that built it" "$(cat <(strings -a "$program") <(strings -a -el "$program") | grep -F -e "$tree/" -e "$HOME/.nuget" | head -n 3)" ""
done

installed=$(($(field "$agent_deb" Installed-Size)))
# 20 MB was the aim before it kept journals, took and drilled snapshots, and restored.
check "agent: $installed KiB installed, 22 MB at most" test "$installed" -le 22528

# What the agent's package may own: its executable, its unit, and documents. Nothing of etcd's, nothing of Kubernetes'.
same "agent: installs nothing outside /usr" "$(dpkg-deb -c "$agent_deb" | awk '{print $6}' | grep -Ev '^\./(usr/.*)?$')" ""
same "agent: no unit named etcd.service" "$(dpkg-deb -c "$agent_deb" | grep -c '/etcd\.service')" 0
for file in usr/lib/systemd/system/etcdfleet-agent.service usr/lib/sysusers.d/etcdfleet.conf usr/lib/tmpfiles.d/etcdfleet.conf \
    usr/share/man/man8/etcdfleet-agent.8.gz usr/share/doc/etcdfleet-agent/copyright usr/share/doc/etcdfleet-agent/examples/agent.yaml \
    usr/share/doc/etcdfleet-agent/THIRD-PARTY-NOTICES.gz usr/share/doc/etcdfleet-agent/changelog.Debian.gz; do
    check "agent: has $file" test -s "$scratch/agent/$file"
done
for file in usr/share/man/man1/etcdfleet.1.gz usr/share/bash-completion/completions/etcdfleet usr/share/zsh/vendor-completions/_etcdfleet \
    usr/share/fish/vendor_completions.d/etcdfleet.fish usr/share/doc/etcdfleet/copyright \
    usr/share/doc/etcdfleet/examples/ansible/etcdfleet-agent.yml usr/share/doc/etcdfleet/examples/ansible/files/put-identity.sh; do
    check "coordinator: has $file" test -s "$scratch/coordinator/$file"
done
check "coordinator: bash takes the completions" bash -n "$scratch/coordinator/usr/share/bash-completion/completions/etcdfleet"
check "agent: the unit starts the installed executable" grep -qx 'ExecStart=/usr/sbin/etcdfleet-agent' "$scratch/agent/usr/lib/systemd/system/etcdfleet-agent.service"
same "agent: every line of the example configuration is a comment" "$(grep -Evc '^(#|$)' "$scratch/agent/usr/share/doc/etcdfleet-agent/examples/agent.yaml")" 0

# The manual names every verb and every common option that the command has, and no other.
help_section() {
    "$scratch/coordinator/usr/bin/etcdfleet" --help | awk -v section="$1:" '$0 == section {on = 1; next} on && /^[^ ]/ {on = 0} on'
}
manual_section() {
    man -E ascii -l -Tascii "$scratch/coordinator/usr/share/man/man1/etcdfleet.1.gz" 2>/dev/null | col -bx | awk -v section="$1" '$0 == section {on = 1; next} on && /^[^ ]/ {on = 0} on'
}
options() { grep -oE -- '--[a-z][a-z-]+' | sort -u; }
if command -v man >/dev/null && command -v col >/dev/null; then
    same "coordinator: the manual has the verbs of --help" "$(manual_section VERBS | awk '/^       [a-z]/ {print $1}' | sort -u)" "$(help_section Commands | awk '/^  [a-z]/ {print $1}' | sort -u)"
    same "coordinator: the manual has the options of --help" "$(manual_section OPTIONS | options)" "$(help_section Options | options)"
else
    skip "coordinator: the manual has the verbs of --help" "man or col is missing"
fi

if command -v man >/dev/null; then
    for page in "$scratch"/*/usr/share/man/man*/*.gz; do
        same "$(basename "$page"): man has nothing to say against it" "$(MANROFFSEQ='' MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)" ""
    done
else
    skip "the manual pages are well-formed" "man is missing"
fi

if command -v lintian >/dev/null; then
    for package in "$agent_deb" "$coordinator_deb"; do
        # Ubuntu's lintian knows other distributions' names; ours is not meant for the archive.
        same "lintian $(field "$package" Package)" "$(lintian --allow-root --suppress-tags bad-distribution-in-changes-file --fail-on none "$package" 2>&1 | grep -E '^[EW]:')" ""
    done
else
    skip "lintian" "lintian is missing"
fi
