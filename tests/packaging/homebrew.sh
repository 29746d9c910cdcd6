# shellcheck shell=bash disable=SC2154
# The Homebrew formula: made of checksums, read by Ruby with a stand-in for Homebrew (formula.rb), and installed by it
# from the archive. Homebrew itself is not here. Read by `run`.

formula=$work/ecs-local.rb

# A whole release: the archive that is there, and for the other platforms some with another file as the binary.
whole_release() {
    local other
    awk -F '\t' '!/^#/ && $1 != "target" { print $1, $5 }' "$root/packaging/platforms.tsv" >"$work/platforms"
    while read -r other kind; do
        if [[ $other == "$target" ]]; then continue; fi
        "$root/packaging/archive" "$other" "$root/packaging/platforms.tsv" "$archives"
        [[ -f $archives/ecs-local-$version-$other.$kind ]]
    done <"$work/platforms"
    "$root/packaging/archive" --checksums "$archives"
}
is_made() {
    whole_release
    "$root/packaging/homebrew/formula" "$archives/SHA256SUMS" "file://$archives" >"$formula"
    fails grep '@' "$formula"
}
needs_all_checksums() {
    grep -v apple "$archives/SHA256SUMS" >"$work/some"
    fails "$root/packaging/homebrew/formula" "$work/some" 2>"$work/why"
    grep 'no checksum of ecs-local-.*-apple-darwin' "$work/why"
}
installs_everywhere() { ruby "$here/formula.rb" "$formula" "$archives"; }

check "the formula is made of the checksums" is_made
check "a checksum that is missing is an error" needs_all_checksums
if command -v ruby >/dev/null; then
    check "it is Ruby" ruby -wc "$formula"
    check "each platform's archive has its checksum and installs" installs_everywhere
else
    check "ruby is there" false
fi
