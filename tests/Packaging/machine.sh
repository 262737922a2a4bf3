#!/usr/bin/env bash
# The agent's package on a machine with a systemd of its own: install, sandbox, upgrade, removal.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

missing="$(box_missing | paste -sd' ')"
if [ -n "$missing" ]; then
    skip "the package on a machine" "needs $missing"
    exit
fi
if ! box_root; then
    skip "the package on a machine" "no Debian root filesystem could be made: $(tail -n 1 "$scratch/debootstrap.log" 2>/dev/null || echo 'no Debian archive in the sources of apt')"
    exit
fi
root="$scratch/root"
box="etcdfleet-packaging-$$"
mkdir -p "$root/packages"
cp "$agent_deb" "$root/packages/agent.deb"

# A node as kubeadm leaves it: root's data dir, keys that root alone reads.
mkdir -p "$root/etc/kubernetes/manifests" "$root/etc/kubernetes/pki/etcd" "$root/var/lib/etcd/member/snap"
echo manifest >"$root/etc/kubernetes/manifests/etcd.yaml"
echo data >"$root/var/lib/etcd/member/snap/db"

# Control groups of its own, in each hierarchy that this machine has, and a network without a way out.
groups=()
while read -r hierarchy; do
    case "$hierarchy" in
    */systemd | */unified | /sys/fs/cgroup) mkdir -p "$hierarchy/$box" && groups+=("$hierarchy/$box") ;;
    esac
done < <(awk '$3 == "cgroup" || $3 == "cgroup2" {print $2}' /proc/mounts | sort -u)
rmdir_all() { find "$1" -depth -type d -exec rmdir {} \; && [ ! -d "$1" ]; }
remove_groups() {
    local group
    for group in "${groups[@]}"; do
        # A group goes only once its last process has been reaped.
        until_true 5 rmdir_all "$group"
    done
}
at_exit remove_groups
ip netns add "$box"
at_exit ip netns delete "$box"

(
    for group in "${groups[@]}"; do
        sh -c "echo \$PPID >'$group/cgroup.procs'"
    done
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
    exec nsenter --net="/run/netns/$box" setsid systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --private-network \
        --machine="$box" --link-journal=no --resolv-conf=off --timezone=off --boot </dev/null >"$scratch/console" 2>&1
) &
nspawn=$!
pid=
# The box's first process takes all the others with it; nspawn's end alone would leave them running.
end_box() {
    [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
    kill -TERM "$nspawn" 2>/dev/null
    wait "$nspawn" 2>/dev/null
}
at_exit end_box

leader() { ps -o pid=,comm= --ppid "$nspawn" | awk '$2 == "systemd" {print $1}'; }
inside() {
    nsenter -t "$pid" -m -u -i -n -p -C -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}
# until_true SECONDS COMMAND...
until_true() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}
has_leader() { pid="$(leader)" && [ -n "$pid" ]; }
booted() { inside systemctl is-system-running | grep -Eq 'running|degraded'; }
if ! until_true 30 has_leader || ! until_true 60 booted; then
    echo "not ok machine: boots"
    tail -n 20 "$scratch/console" | sed 's/^/    /'
    failed=1
    exit 1
fi

unit=etcdfleet-agent.service
property() { inside systemctl show -P "$1" $unit; }
active() { inside systemctl is-active --quiet $unit; }
journal() { inside journalctl -u $unit -b --no-pager -o cat; }

check "machine: the package installs" inside dpkg -i /packages/agent.deb
check "machine: the agent is started" until_true 20 active
check "machine: the agent is enabled" inside systemctl is-enabled $unit
if ! active; then
    journal | tail -n 20 | sed 's/^/    /'
    exit 1
fi
first="$(property MainPID)"
ready_us=$(($(property ActiveEnterTimestampMonotonic) - $(property ExecMainStartTimestampMonotonic)))
echo "# start to READY: $((ready_us / 1000)) ms"
echo "# resident: $(inside sed -n 's/^VmRSS:[^0-9]*//p' "/proc/$first/status")"
healthy() { inside sh -c 'exec 3<>/dev/tcp/127.0.0.1/7380' || inside bash -c 'exec 3<>/dev/tcp/127.0.0.1/7380 && printf "GET /healthz HTTP/1.0\r\n\r\n" >&3 && head -n 1 <&3 | grep -q " 200"'; }
check "machine: /healthz answers locally" until_true 10 healthy
same "machine: without an identity nothing listens on the network" "$(inside sh -c 'cat /proc/net/tcp /proc/net/tcp6' | awk '$4 == "0A" && $2 ~ /:1CD3$/')" ""
same "machine: the socket is root's alone" "$(inside stat -c '%U %a' /run/etcdfleet) $(inside stat -c %U /run/etcdfleet/agent.sock)" "root 700 root"

# The sandbox as the agent sees it: what the verbs write is writable, and nothing beside it.
sandboxed() { nsenter -t "$pid" -m -p -C -n -u -i -- nsenter -t "$1" -m -- "${@:2}"; }
for folder in /etc/kubernetes/manifests /etc/kubernetes/pki/etcd /etc/etcd /etc/systemd/system /var/lib/etcd /var/backups/etcd /usr/local/bin /var/lib/etcdfleet /run/etcdfleet; do
    check "sandbox: $folder is writable" sandboxed "$first" sh -c "echo x >$folder/.probe && rm $folder/.probe"
done
for folder in /etc /etc/etcdfleet /etc/etcdfleet/pki /usr/bin /usr/sbin /var/lib /var/lib/dpkg /root /home /boot /run/systemd/system; do
    check "sandbox: $folder is not" not sandboxed "$first" sh -c "echo x >$folder/.probe"
done
sandboxed "$first" mkdir /etc/kubernetes/etcdfleet-stash
# Expanded inside the box.
# shellcheck disable=SC2016
check "sandbox: a manifest moves to the stash by rename" sandboxed "$first" sh -c \
    'inode=$(stat -c %i /etc/kubernetes/manifests/etcd.yaml) && mv /etc/kubernetes/manifests/etcd.yaml /etc/kubernetes/etcdfleet-stash/etcd.yaml && [ "$(stat -c %i /etc/kubernetes/etcdfleet-stash/etcd.yaml)" = "$inode" ] && mv /etc/kubernetes/etcdfleet-stash/etcd.yaml /etc/kubernetes/manifests/'
same "sandbox: four capabilities" "$(inside sed -n 's/^CapBnd:\t0*//p' "/proc/$first/status")" "8000b"

# What the verbs do inside it, by a unit with the same sandbox: systemctl, the journal, other processes, owners, etcd itself.
sed -e 's|^ExecStart=.*|ExecStart=/bin/sh /packages/probe.sh|' -e 's/^Type=notify/Type=oneshot/' -e '/^\(Restart\|WatchdogSec\|NotifyAccess\|RuntimeDirectory\|StateDirectory\)/d' \
    "$tree/systemd/etcdfleet-agent.service" >"$root/packages/probe.service"
cat >"$root/packages/probe.sh" <<'PROBE'
try() { if "$@" >/tmp/said 2>&1; then echo "yes $name"; else echo "no $name: $(tail -n 1 /tmp/said)"; fi; }
name=daemon-reload; try systemctl daemon-reload
name=enable; printf '[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/probe-target.service; systemctl daemon-reload; try systemctl enable probe-target.service
name=start; try systemctl start probe-target.service
name=disable; try systemctl disable probe-target.service; rm -f /etc/systemd/system/probe-target.service
name=journal; try sh -c 'journalctl -b -n 1 --no-pager -o cat | grep -q .'
name=descriptors; try sh -c "readlink /proc/$(systemctl show -P MainPID systemd-journald.service)/fd/* >/dev/null"
name=chown; try chown 4321:4321 /var/lib/etcd/member/snap/db
name=read-foreign; chmod 600 /var/lib/etcd/member/snap/db; try cat /var/lib/etcd/member/snap/db
name=flock; try flock -n /var/lib/etcd/member/snap/db true
name=chown-back; try chown root:root /var/lib/etcd/member/snap/db
name=run-installed; cp /bin/true /usr/local/bin/probe; chmod 755 /usr/local/bin/probe; try /usr/local/bin/probe; rm /usr/local/bin/probe
name=mount; try mount -t tmpfs tmpfs /var/lib/etcd
name=kill-foreign; try sh -c "kill -0 $(systemctl show -P MainPID dbus.service)"
name=netlink; try ip link
PROBE
cp "$root/packages/probe.service" "$root/etc/systemd/system/probe.service" && inside systemctl daemon-reload
inside systemctl start probe.service
said="$(inside journalctl -u probe.service -b --no-pager -o cat)"
for name in daemon-reload enable start disable journal descriptors chown read-foreign flock chown-back run-installed; do
    check "sandbox: $name works" grep -qx "yes $name" <<<"$said" || true
done
for name in mount netlink; do
    check "sandbox: $name does not" grep -q "^no $name" <<<"$said"
done
[ "$failed" -eq 0 ] || printf '%s\n' "$said" | sed 's/^/    # /'

# An upgrade with an idle agent: systemd starts the new one.
check "upgrade: an idle agent is replaced" inside dpkg -i /packages/agent.deb
replaced() { local now; now="$(property MainPID)" && [ "$now" != 0 ] && [ "$now" != "$first" ] && active; }
check "upgrade: a new process soon" until_true 20 replaced
check "upgrade: the agent said why it ended" grep -q SIGUSR1 <(journal)
same "upgrade: which is no failure" "$(property Result)" success

# An upgrade with a verb at work. A stand-in that keeps the contract takes the agent's place, so that "at work" is for the test to say.
mkdir -p "$root/run-stand-in"
cat >"$root/run-stand-in/agent" <<'AGENT'
#!/bin/bash
# Busy while /run-stand-in/busy is there. USR1: end with 75 once idle. TERM: end with 0 once idle.
end=
trap 'end=75' USR1
trap 'end=0' TERM
systemd-notify --ready
while :; do
    if [ -n "$end" ] && [ ! -e /run-stand-in/busy ]; then exit "$end"; fi
    sleep 0.1
done
AGENT
chmod 755 "$root/run-stand-in/agent"
mkdir -p "$root/etc/systemd/system/$unit.d"
printf '[Service]\nExecStart=\nExecStart=/run-stand-in/agent\nNotifyAccess=all\nWatchdogSec=0\n' >"$root/etc/systemd/system/$unit.d/stand-in.conf"
inside systemctl daemon-reload
inside systemctl restart $unit
busy="$(property MainPID)"
touch "$root/run-stand-in/busy"
check "upgrade: with a verb at work it installs without waiting" timeout 30 nsenter -t "$pid" -m -u -i -n -p -C -- dpkg -i /packages/agent.deb
sleep 1
same "upgrade: the verb at work goes on" "$(property MainPID)" "$busy"
rm "$root/run-stand-in/busy"
renewed() { local now; now="$(property MainPID)" && [ "$now" != 0 ] && [ "$now" != "$busy" ]; }
check "upgrade: and the new agent comes as soon as it is done" until_true 10 renewed

# The administrator's word holds.
inside systemctl disable --now $unit >/dev/null 2>&1
inside dpkg -i /packages/agent.deb >/dev/null 2>&1
check "upgrade: a disabled agent stays off" not active
inside systemctl enable --now $unit >/dev/null 2>&1
inside systemctl kill -s KILL $unit
check "the agent comes back after kill -9" until_true 10 active

# A removal waits for the verb at work, and takes nothing of etcd's.
printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$root/etc/systemd/system/etcd.service"
inside systemctl daemon-reload
inside systemctl start etcd.service
touch "$root/run-stand-in/busy"
(sleep 3 && rm "$root/run-stand-in/busy") &
started=$SECONDS
check "removal: succeeds" inside dpkg -r etcdfleet-agent
check "removal: waited until the verb was done" test $((SECONDS - started)) -ge 2
same "removal: by its own end, not by SIGKILL" "$(journal | grep -c 'timed out')" 0
check "removal: etcd goes on" inside systemctl is-active --quiet etcd.service
inside dpkg -P etcdfleet-agent >/dev/null 2>&1
check "purge: etcd goes on" inside systemctl is-active --quiet etcd.service
same "purge: data and manifest are there" "$(cat "$root/var/lib/etcd/member/snap/db" "$root/etc/kubernetes/manifests/etcd.yaml")" "$(printf 'data\nmanifest')"
check "purge: no user and no process of the agent is left" not inside pgrep -x etcdfleet-agent
