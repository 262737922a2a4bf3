#!/usr/bin/env bash
# Writes down what Ansible itself makes of each inventory here, as NAME.json. Run by hand after a change; read the difference.
# Recorded with ansible-core 2.14 (Debian 12).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
# Nothing of the machine's own configuration.
unset "${!ANSIBLE_@}"
touch "$scratch/ansible.cfg"
export ANSIBLE_CONFIG="$scratch/ansible.cfg"
for folder in */; do
    name=${folder%/}
    hosts=("$name"/hosts*)
    # Without a hosts file of that name it is an inventory as a whole.
    [ -e "${hosts[0]}" ] && [ "${#hosts[@]}" -eq 1 ] || hosts=("$name")
    ansible-inventory -i "${hosts[0]}" --list >"$scratch/list.json"
    mv "$scratch/list.json" "$name.json"
done
