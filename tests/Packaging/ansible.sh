#!/usr/bin/env bash
# The example playbook that puts the agent on the nodes: its syntax, its hosts, and what becomes of a key.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! command -v ansible-playbook >/dev/null; then
    skip "the playbook" "ansible-playbook is missing"
    exit
fi

playbook="$tree/packaging/ansible/etcdfleet-agent.yml"
inventories="$tree/tests/Coordinator.Tests/Fleets/Ansible/Inventories"
# Nothing of this machine's own configuration, and temporary folders that can be looked through afterwards.
unset "${!ANSIBLE_@}"
touch "$scratch/ansible.cfg"
mkdir "$scratch/local" "$scratch/remote"
export ANSIBLE_CONFIG="$scratch/ansible.cfg" ANSIBLE_LOCAL_TEMP="$scratch/local" ANSIBLE_REMOTE_TEMP="$scratch/remote" ANSIBLE_NOCOLOR=1 \
    ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS=ignore

for inventory in pep-ini/hosts.ini pep-yaml/hosts.yaml; do
    check "the playbook's syntax, with $inventory" ansible-playbook --syntax-check -i "$inventories/$inventory" "$playbook"
    same "the playbook is for the control plane alone, with $inventory" \
        "$(ansible-playbook --list-hosts -i "$inventories/$inventory" "$playbook" 2>&1 | awk '/^      [^ ]/ {print $1}' | sort | paste -sd' ')" "kkg-cp1 kkg-cp2 kkg-cp3"
done

# A bundle as AgentBundle.cs makes it. The key is no key, but a word that can be looked for.
secret="SECRET-$$-$RANDOM"
make_bundle() {
    rm -rf "$scratch/made"
    mkdir "$scratch/made"
    echo "ca" >"$scratch/made/ca.crt"
    echo "agent $1" >"$scratch/made/agent.crt"
    echo "$secret $1" >"$scratch/made/agent.key"
    chmod 644 "$scratch/made"/*.crt
    chmod 600 "$scratch/made/agent.key"
    tar -C "$scratch/made" --format=ustar --owner=root:0 --group=root:0 -cf "$scratch/node1.tar" ca.crt agent.crt agent.key
    rm -rf "$scratch/made"
}

if [ "$(id -u)" -ne 0 ]; then
    skip "the identity" "root is needed: it belongs to root"
    exit
fi

put="$tree/packaging/ansible/files/put-identity.sh"
pki="$scratch/pki"
put() { base64 -w0 "$scratch/node1.tar" | ETCDFLEET_PKI="$pki" bash "$put" 2>&1; }
listing() { find "$pki" -printf '%m %U:%G %P\n' | LC_ALL=C sort; }
expected="$(printf '%s\n' '600 0:0 agent.key' '644 0:0 agent.crt' '644 0:0 ca.crt' '700 0:0 ')"

make_bundle 1
same "the script puts a new identity into its place" "$(put)" changed
same "the identity is root's, and the key root's alone" "$(listing)" "$expected"
same "the script leaves the same identity as it is" "$(put)" same
chmod 644 "$pki/agent.key"
same "the script corrects a key that others can read" "$(put)" changed
same "the identity is root's again" "$(listing)" "$expected"
mkdir "$pki/.new.killed" && echo "$secret" >"$pki/.new.killed/agent.key"
make_bundle 2
same "the script replaces an older identity" "$(put)" changed
same "what a killed run left is gone" "$(listing)" "$expected"
same "the new key is the bundle's" "$(cat "$pki/agent.key")" "$secret 2"

echo "list 1" >"$scratch/fleet.crl"
tar -C "$scratch" -rf "$scratch/node1.tar" --owner=root:0 --group=root:0 fleet.crl
same "the same identity with a list of revoked certificates is a change" "$(put) $(cat "$pki/fleet.crl") $(stat -c '%a %u:%g' "$pki/fleet.crl")" "changed list 1 644 0:0"
echo "list 2" >"$pki/fleet.crl"
same "a bundle's list never replaces the one that is there" "$(put) $(cat "$pki/fleet.crl")" "same list 2"
rm "$pki/fleet.crl"

tar -C "$pki" -cf "$scratch/node1.tar" ca.crt agent.key
check "a bundle without certificate is refused" not put
head -c 700 /dev/urandom >"$scratch/node1.tar"
check "a broken bundle is refused" not put
same "a refused bundle changes nothing, and leaves nothing" "$(listing; cat "$pki/agent.key")" "$expected"$'\n'"$secret 2"

# The playbook's own tasks for it, on this machine and into a folder of the test's.
rm -rf "$pki"
make_bundle 3
cat >"$scratch/hosts" <<TEXT
[k8s-cp]
node1 ansible_connection=local ansible_python_interpreter=$(command -v python3) ansible_become=false
[k8s-wk]
node2 ansible_connection=local
TEXT
play() {
    ansible-playbook -i "$scratch/hosts" "$playbook" --tags identity -e etcdfleet_agent_bundles="$scratch" -e etcdfleet_agent_pki="$pki" "$@" >"$scratch/output" 2>&1
}
recap() { sed -n "s/^node1 .*changed=\([0-9]*\) .*failed=\([0-9]*\).*/changed \1 failed \2/p" "$scratch/output"; }
play -vvvv
same "the playbook puts the identity into its place" "$(recap)" "changed 1 failed 0"
same "the playbook does nothing on a worker" "$(grep -c node2 "$scratch/output")" 0
same "the identity is as the bundle has it" "$(listing; cat "$pki/agent.key")" "$expected"$'\n'"$secret 3"
same "no key in the playbook's output" "$(grep -cF -e "$secret" -e "$(base64 -w0 "$scratch/node1.tar" | cut -c1-60)" "$scratch/output")" 0
same "nothing of a task is written into a file" "$(grep -c ' PUT ' "$scratch/output")" 0
same "no key in a temporary folder" "$(find "$scratch/local" "$scratch/remote" -type f; grep -rlF "$secret" "$scratch" --exclude=node1.tar --exclude-dir=pki)" ""
play
same "the playbook changes nothing the second time" "$(recap)" "changed 0 failed 0"

revoke() { ansible-playbook -i "$scratch/hosts" "$playbook" --tags revocation -e etcdfleet_agent_revoked="$scratch/list/fleet.crl" -e etcdfleet_agent_pki="$pki" >"$scratch/output" 2>&1; }
revoke
same "without a list of revoked certificates none is brought" "$(recap) $(listing)" "changed 0 failed 0 $expected"
mkdir "$scratch/list" && echo "list 2" >"$scratch/list/fleet.crl"
revoke
same "the playbook brings the list of revoked certificates" "$(recap) $(cat "$pki/fleet.crl") $(stat -c '%a %u:%g' "$pki/fleet.crl")" "changed 1 failed 0 list 2 644 0:0"
revoke
same "the playbook leaves the same list as it is" "$(recap)" "changed 0 failed 0"
rm "$pki/fleet.crl"

head -c 700 /dev/urandom >"$scratch/node1.tar"
play
same "the playbook fails on a broken bundle" "$(recap)" "changed 0 failed 1"
check "and says why" grep -q 'tar: ' "$scratch/output"
rm "$scratch/node1.tar"
play
check "the playbook says how a missing bundle is made" grep -q 'etcdfleet -i INVENTORY pki issue agent --all' "$scratch/output"
make_bundle 4
ANSIBLE_KEEP_REMOTE_FILES=1 play
check "the playbook refuses to keep files of tasks" grep -q 'found keep_remote_files' "$scratch/output"
same "and has put no key anywhere then" "$(cat "$pki/agent.key")" "$secret 3"

# Of the package only as far as a dry run goes: the machine that tests is no node.
mkdir "$scratch/debs"
touch "$scratch/debs/etcdfleet-agent_0.1.0-1_$(dpkg --print-architecture).deb" "$scratch/debs/etcdfleet-agent_0.1.0-1_other.deb"
dry_run() { ansible-playbook --check -i "$scratch/hosts" "$playbook" --tags package -e etcdfleet_agent_bundles="$scratch" -e etcdfleet_agent_debs="$scratch/debs" >"$scratch/output" 2>&1; }
dry_run
same "the playbook finds the package of the node's architecture" "$(recap)" "changed 1 failed 0"
touch "$scratch/debs/etcdfleet-agent_0.0.9-1_$(dpkg --print-architecture).deb"
dry_run
check "the playbook does not choose between two packages" grep -q 'found 2 files etcdfleet-agent_' "$scratch/output"

# An agent that is not ready yet, then is.
cat >"$scratch/readyz.py" <<'TEXT'
import http.server
class Agent(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Agent.asked += 1
        self.send_response(200 if self.path == "/readyz" and Agent.asked > 1 else 503)
        self.end_headers()
        self.wfile.write(b"not ready\n- no usable identity\n" if Agent.asked == 1 else b"ready\n")
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Agent)
print(server.server_port, flush=True)
server.serve_forever()
TEXT
exec 3< <(exec python3 "$scratch/readyz.py")
at_exit kill $!
read -r port <&3
ansible-playbook -i "$scratch/hosts" "$playbook" --tags ready -e etcdfleet_agent_health="127.0.0.1:$port" >"$scratch/output" 2>&1
same "the playbook waits until the agent is ready" "$(recap) $(grep -c 'FAILED - RETRYING' "$scratch/output")" "changed 0 failed 0 1"
