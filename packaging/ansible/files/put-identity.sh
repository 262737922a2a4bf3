#!/usr/bin/env bash
# Unpacks a bundle of 'etcdfleet pki issue agent', base64 on stdin, into ETCDFLEET_PKI. Says "changed" or "same".
# The key is nowhere but in that folder, which is root's alone; what a failure leaves there is removed (IR-8).
set -euo pipefail
umask 077

pki=${ETCDFLEET_PKI:-/etc/etcdfleet/pki}
install -d -m 0700 -o root -g root "$pki"
# Of a run that was killed.
rm -rf "$pki"/.new.*
new=$(mktemp -d "$pki/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT

# Only what is asked for comes out; a bundle has a list of revoked certificates or none.
base64 -d >"$new/bundle.tar"
tar -xf "$new/bundle.tar" -C "$new" --no-same-owner ca.crt agent.crt agent.key
revoked=
if [[ $'\n'"$(tar -tf "$new/bundle.tar")"$'\n' == *$'\n'fleet.crl$'\n'* ]] && [ ! -e "$pki/fleet.crl" ]; then
    # One that is there may be newer than the bundle.
    tar -xf "$new/bundle.tar" -C "$new" --no-same-owner fleet.crl
    revoked=fleet.crl
fi
rm "$new/bundle.tar"
# Checked as a whole before the first one is put into its place.
said=same
for file in ca.crt:644 agent.crt:644 agent.key:600 ${revoked:+fleet.crl:644}; do
    name=${file%:*} mode=${file#*:}
    if [ -L "$new/$name" ] || [ ! -f "$new/$name" ] || [ ! -s "$new/$name" ]; then
        echo "found no $name in the bundle, expected a bundle of 'etcdfleet pki issue agent'" >&2
        exit 1
    fi
    chmod "$mode" "$new/$name"
    if ! cmp -s "$new/$name" "$pki/$name" || [ "$(stat -c '%a %u:%g' "$pki/$name")" != "$mode 0:0" ]; then
        said=changed
    fi
done
if [ "$said" = changed ]; then
    sync -f "$new"
    # The agent keeps the last good identity until all three belong together.
    mv -f "$new/ca.crt" "$new/agent.key" "$new/agent.crt" "$pki/"
    [ -z "$revoked" ] || mv -f "$new/fleet.crl" "$pki/"
    sync -f "$pki"
fi
echo "$said"
