#!/usr/bin/env bash
# The same tree gives the same bytes: the packages twice, and the executables from another folder without git.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for time in first second; do
    "$tree/packaging/build-deb.sh" "$tree/artifacts/publish" "$scratch/$time" >/dev/null 2>&1 || true
done
sums() { (cd "$1" && sha256sum ./*.deb); }
same "packages made twice are the same" "$(sums "$scratch/second")" "$(sums "$scratch/first")"
same "and the same as those in artifacts/deb" "$(sums "$debs")" "$(sums "$scratch/first")"

# Once for each state of the sources: it takes as long as the build itself.
proof="$tree/artifacts/publish/reproduced"
wanted="$(cat "$tree"/artifacts/publish/*.stamp 2>/dev/null)"
if [ -n "$wanted" ] && [ "$(cat "$proof" 2>/dev/null)" = "$wanted" ]; then
    echo "ok executables built in another folder are the same (shown before for these sources)"
    exit
fi
copy="$scratch/another folder/tree"
mkdir -p "$copy"
(cd "$tree" && tar -c --exclude=artifacts --exclude=.git .) | tar -x -C "$copy"
built() { "$copy/build.sh" aot </dev/null; }
check "the executables build in another folder, without git" built
for name in etcdfleet-agent etcdfleet; do
    same "$name: the same bytes from another folder" "$(sha256sum <"$copy/artifacts/publish/$name/$name")" "$(sha256sum <"$tree/artifacts/publish/$name/$name")"
done
[ "$failed" -ne 0 ] || echo "$wanted" >"$proof"
