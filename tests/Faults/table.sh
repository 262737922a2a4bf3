#!/usr/bin/env bash
# Makes a table of docs/fault-matrix.md of what the last run has left in artifacts/faults: a sample's, or a procedure's own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
page=docs/fault-matrix.md what=${1:?a seed, a procedure, or all}
case "$what" in
*[!0-9]*) block=$what ;;
*) block=sample ;;
esac
table="$(
    printf '| procedure | fault | cases | survived by resume | survived by the way back |\n|---|---|---|---|---|\n'
    cat artifacts/faults/*.rows | LC_ALL=C sort | awk '
        { key = $1 " | " $2; if (!(key in cases)) order[++n] = key; cases[key] += $4; of[key, $3] += $4; ok[key, $3] += $5; all[$3] += $4; good[$3] += $5; sum += $4 }
        END {
            for (i = 1; i <= n; i++) { k = order[i]; printf "| %s | %d | %d of %d | %d of %d |\n", k, cases[k], ok[k, "Resume"], of[k, "Resume"], ok[k, "Back"], of[k, "Back"] }
            printf "| all | | %d | %d of %d | %d of %d |\n", sum, good["Resume"], all["Resume"], good["Back"], all["Back"]
        }'
)"
grep -q "^<!-- table $block -->" "$page" || sed -i "s|^## What it has found so far|<!-- table $block -->\n<!-- end -->\n\n&|" "$page"
awk -v table="$table" -v said="Made by \`./build.sh faults $what\`." -v begins="<!-- table $block -->" '
    $0 == begins { print; print ""; print said; print ""; print table; print ""; inside = 1; next }
    /<!-- end -->/ { inside = 0 }
    !inside { print }' "$page" >"$page.new"
mv "$page.new" "$page"
