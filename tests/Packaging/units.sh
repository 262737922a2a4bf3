#!/usr/bin/env bash
# The units and their sandbox, by systemd's own tools; where a newer systemd than this machine's is at hand, by that one too.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The lowest score that was reached is the highest that is allowed: docs/security-sandbox.md says what it consists of.
agent_limit=25 # tenths, systemd 257
agent_limit_old=27 # tenths, systemd 252: it has fewer ways to shut a door

if ! command -v systemd-analyze >/dev/null; then
    skip "units" "systemd-analyze is missing"
    exit
fi

# etcd.service as the agent fills it in.
units="$scratch/units"
mkdir -p "$units"
sed -e 's|@ENV_FILE@|/etc/etcd/etcd.env|g' -e 's|@MANIFEST@|/etc/kubernetes/manifests/etcd.yaml|g' -e 's|@DATA_DIR@|/var/lib/etcd|g' \
    "$tree/systemd/etcd.service" >"$units/etcd.service"
cp "$tree/systemd/etcdfleet-agent.service" "$units/"
same "etcd.service: no placeholder is left" "$(grep -c '@[A-Z_]*@' "$units/etcd.service")" 0

# verify wants the programs to be there; in a folder of ours they are. Man pages are not part of this check.
mkdir -p "$scratch/verify/usr/sbin" "$scratch/verify/usr/local/bin"
quiet_verify() {
    local unit=$1
    sed -e "s|^ExecStart=/usr/sbin/etcdfleet-agent|ExecStart=$(command -v true)|" -e "s|^ExecStart=/usr/local/bin/etcd|ExecStart=$(command -v true)|" \
        "$units/$unit" >"$scratch/verify/$unit"
    systemd-analyze verify --man=no "$scratch/verify/$unit" 2>&1 | grep -F "$unit" || true
}
for unit in etcd.service etcdfleet-agent.service; do
    same "$unit: systemd-analyze verify is silent" "$(quiet_verify "$unit")" ""
done

# score FILE [COMMAND...]: in tenths
score() {
    local unit=$1
    shift
    "$@" systemd-analyze security --offline=true --no-pager "$unit" 2>/dev/null | sed -n 's/.*Overall exposure level.*: \([0-9]*\)\.\([0-9]\).*/\1\2/p' | sed 's/^0*\(.\)/\1/'
}
major="$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')"
limit=$agent_limit_old
[ "$major" -lt 257 ] || limit=$agent_limit
found="$(score "$units/etcdfleet-agent.service")"
check "etcdfleet-agent.service: exposure ${found:-unknown} tenths under systemd $major, $limit at most" test "${found:-100}" -le "$limit"

# What must not get lost whatever the score says.
agent="$units/etcdfleet-agent.service"
for line in Type=notify WatchdogSec=30 Restart=always RestartForceExitStatus=75 KillMode=mixed StateDirectoryMode=0700 RuntimeDirectoryMode=0700 ProtectSystem=strict; do
    check "etcdfleet-agent.service: $line" grep -qx "$line" "$agent"
done
stop="$(sed -n 's/^TimeoutStopSec=//p' "$agent")"
check "etcdfleet-agent.service: a stop waits two minutes at least for the verb at work" test "$stop" -ge 120
# FACTS 26: manifests, stash and keys are one mount, so that rename(2) works between them.
same "etcdfleet-agent.service: /etc/kubernetes is one tree" "$(grep -E '^ReadWritePaths=' "$agent" | grep -c '/etc/kubernetes')" 1
check "etcdfleet-agent.service: /etc/kubernetes whole" grep -qx 'ReadWritePaths=-/etc/kubernetes' "$agent"
same "etcdfleet-agent.service: memory settings have no 0x, which Native AOT would ignore" "$(grep -c 'DOTNET_.*=0x' "$agent")" 0
for line in WatchdogSec=0 TimeoutStartSec=infinity 'AssertPathExists=!/etc/kubernetes/manifests/etcd.yaml' User=etcd 'CapabilityBoundingSet='; do
    check "etcd.service: $line" grep -qxF "$line" "$units/etcd.service"
done

# tmpfiles: a folder that is there keeps its owner and mode, above all the data dir (IR-5).
if [ "$(id -u)" -eq 0 ] && command -v systemd-tmpfiles >/dev/null; then
    root="$scratch/tmpfiles"
    mkdir -p "$root/etc" "$root/usr/lib/tmpfiles.d" "$root/var/lib/etcd/member" "$root/etc/etcd"
    printf 'root:x:0:0::/root:/bin/sh\n' >"$root/etc/passwd"
    printf 'root:x:0:\n' >"$root/etc/group"
    cp "$tree/systemd/etcdfleet.tmpfiles" "$root/usr/lib/tmpfiles.d/etcdfleet.conf"
    chown 4321:4321 "$root/var/lib/etcd"
    chmod 0711 "$root/var/lib/etcd"
    chmod 0750 "$root/etc/etcd"
    systemd-tmpfiles --root="$root" --create etcdfleet.conf
    same "tmpfiles: a data dir that is there keeps owner and mode" "$(stat -c '%u:%g %a' "$root/var/lib/etcd")" "4321:4321 711"
    same "tmpfiles: /etc/etcd that is there keeps its mode" "$(stat -c %a "$root/etc/etcd")" 750
    same "tmpfiles: the identity's folder" "$(stat -c '%u:%g %a' "$root/etc/etcdfleet/pki")" "0:0 700"
    same "tmpfiles: the folder of snapshots" "$(stat -c '%u:%g %a' "$root/var/backups/etcd")" "0:0 700"
    check "tmpfiles: /etc/kubernetes is not made" test ! -e "$root/etc/kubernetes"
    rm -r "$root/var/lib/etcd" "$root/etc/etcd"
    systemd-tmpfiles --root="$root" --create etcdfleet.conf
    same "tmpfiles: a data dir that is missing is made, so that the agent may write there" "$(stat -c '%u:%g %a' "$root/var/lib/etcd")" "0:0 700"
else
    skip "tmpfiles: a data dir that is there keeps owner and mode" "needs root and systemd-tmpfiles"
fi
