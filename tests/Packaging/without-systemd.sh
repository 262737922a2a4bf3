#!/usr/bin/env bash
# The agent's package where no systemd runs: an image build, a chroot. Installed, removed and purged there.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

missing="$(box_missing | paste -sd' ')"
if [ -n "$missing" ]; then
    skip "the package in a chroot" "needs $missing"
    exit
fi
if ! box_root; then
    skip "the package in a chroot" "no Debian root filesystem could be made: $(tail -n 1 "$scratch/debootstrap.log" 2>/dev/null || echo 'no Debian archive in the sources of apt')"
    exit
fi
root="$scratch/root"
inside() { chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
mkdir -p "$root/packages"
cp "$agent_deb" "$root/packages/"

# What belongs to the user, in all the places where it can be.
mkdir -p "$root/var/lib/etcd/member/snap" "$root/etc/kubernetes/manifests" "$root/etc/kubernetes/pki/etcd" "$root/var/backups/etcd" "$root/etc/etcd"
echo data >"$root/var/lib/etcd/member/snap/db"
echo manifest >"$root/etc/kubernetes/manifests/etcd.yaml"
echo key >"$root/etc/kubernetes/pki/etcd/server.key"
echo snapshot >"$root/var/backups/etcd/etcd-1.db"
echo settings >"$root/etc/etcd/etcd.env"
chown -R 4321:4321 "$root/var/lib/etcd"
belongings() {
    (cd "$root" && find var/lib/etcd etc/kubernetes var/backups/etcd etc/etcd -type f -printf '%p %U:%G %m ' -exec sha256sum {} \; && stat -c '%n %u:%g %a' var/lib/etcd)
}
before="$(belongings)"

check "chroot: installs without /proc" inside dpkg -i "/packages/$(basename "$agent_deb")"
inside dpkg -P etcdfleet-agent >/dev/null 2>&1
mount -t proc proc "$root/proc"
check "chroot: installs" inside dpkg -i "/packages/$(basename "$agent_deb")"
same "chroot: nothing of the user's changed" "$(belongings)" "$before"
same "chroot: the user etcd" "$(inside getent passwd etcd | cut -d: -f6,7)" "/var/lib/etcd:/usr/sbin/nologin"
check "chroot: the agent is enabled for the next boot" test -L "$root/etc/systemd/system/multi-user.target.wants/etcdfleet-agent.service"
same "chroot: the identity's folder" "$(stat -c '%u:%g %a' "$root/etc/etcdfleet/pki")" "0:0 700"
inside systemctl disable etcdfleet-agent.service >/dev/null 2>&1
check "chroot: installs over itself" inside dpkg -i "/packages/$(basename "$agent_deb")"
check "chroot: an upgrade leaves the agent disabled where the administrator did that" test ! -e "$root/etc/systemd/system/multi-user.target.wants/etcdfleet-agent.service"

# A node in the middle of its life: the records are the only way back.
mkdir -p "$root/var/lib/etcdfleet/undo" "$root/etc/kubernetes/etcdfleet-stash"
echo record >"$root/var/lib/etcdfleet/undo/manifest.json"
echo manifest >"$root/etc/kubernetes/etcdfleet-stash/etcd.yaml"
echo secret >"$root/etc/etcdfleet/pki/agent.key"
before="$(belongings)"
check "chroot: purges with a stash in use" inside dpkg -P etcdfleet-agent
same "chroot: a purge changes nothing of the user's" "$(belongings)" "$before"
check "chroot: a purge keeps the undo records while the stash is in use" test -s "$root/var/lib/etcdfleet/undo/manifest.json"
check "chroot: a purge takes the agent's key away" test ! -e "$root/etc/etcdfleet"

rm -r "$root/etc/kubernetes/etcdfleet-stash"
{
    head -n 1 "$tree/systemd/etcd.service"
    echo '[Service]'
} >"$root/etc/systemd/system/etcd.service"
inside dpkg -i "/packages/$(basename "$agent_deb")" >/dev/null 2>&1
said="$(inside dpkg -P etcdfleet-agent 2>&1)"
check "chroot: a purge keeps the undo records while etcd.service is ours" test -s "$root/var/lib/etcdfleet/undo/manifest.json"
same "chroot: and says so" "$(grep -c 'kept /var/lib/etcdfleet' <<<"$said")" 1
check "chroot: a purge leaves etcd.service" test -s "$root/etc/systemd/system/etcd.service"

rm "$root/etc/systemd/system/etcd.service"
inside dpkg -i "/packages/$(basename "$agent_deb")" >/dev/null 2>&1
# A folder of the user's, mounted below ours from the same disk, is not ours to empty.
mkdir -p "$root/var/lib/etcdfleet/mounted" "$root/srv/precious"
echo precious >"$root/srv/precious/file"
mount --bind "$root/srv/precious" "$root/var/lib/etcdfleet/mounted"
inside dpkg -P etcdfleet-agent >/dev/null 2>&1
check "chroot: a purge empties nothing that is mounted below its folders" test -s "$root/srv/precious/file"
umount "$root/var/lib/etcdfleet/mounted"
inside dpkg -i "/packages/$(basename "$agent_deb")" >/dev/null 2>&1
check "chroot: purges" inside dpkg -P etcdfleet-agent
check "chroot: with nothing left to undo, a purge removes the state" test ! -e "$root/var/lib/etcdfleet"
check "chroot: the data is still there" test -s "$root/var/lib/etcd/member/snap/db"
same "chroot: nothing of the package is left" "$(find "$root/etc" "$root/usr" -name '*etcdfleet*' 2>/dev/null)" ""
