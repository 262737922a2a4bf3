#!/usr/bin/env bash
# Every shell script of ours, by shellcheck.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! command -v shellcheck >/dev/null; then
    skip "shellcheck" "shellcheck is missing"
    exit
fi

mapfile -t scripts < <(cd "$tree" && find build.sh .ci packaging tests tools -name obj -prune -o -name bin -prune -o -type f -print 2>/dev/null |
    while read -r file; do
        [[ $file == *.sh ]] || head -n 1 "$file" | grep -aqE '^#!.*\b(sh|bash)\b' && echo "$file"
    done | sort)
for script in "${scripts[@]}"; do
    check "shellcheck $script" shellcheck -x --source-path=SCRIPTDIR --severity=info "$tree/$script"
done
