# shellcheck shell=bash disable=SC2154
# The archive of a release: what is in it, and that it is the same each time. Read by `run`.

has_binary_and_documents() {
    local name=ecs-local-$version-$target
    tar -tzf "$archives/$archive" | sort >"$work/members"
    diff "$work/members" - <<MEMBERS
$name/CHANGELOG.md
$name/LICENSE-APACHE
$name/LICENSE-MIT
$name/LICENSE-THIRD-PARTY
$name/README.md
$name/ecs-local
MEMBERS
}
is_the_same_again() {
    "$root/packaging/archive" "$target" "$binary" "$work/again"
    cmp "$archives/$archive" "$work/again/$archive"
}
unpacked_runs() {
    tar -xzf "$archives/$archive" -C "$work"
    says_version "$work/ecs-local-$version-$target/ecs-local"
}
zip_holds_the_binary() {
    "$root/packaging/archive" x86_64-pc-windows-msvc "$binary" "$work/zip"
    python3 - "$work/zip" "$binary" "$root/packaging" <<'PYTHON'
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
import release
held = release.platform("x86_64-pc-windows-msvc").read_binary(Path(sys.argv[1]))
sys.exit(held != Path(sys.argv[2]).read_bytes())
PYTHON
}
sums_are_right() { (cd "$archives" && sha256sum --check --strict SHA256SUMS); }

check "it has the binary and the documents" has_binary_and_documents
check "the same binary makes the same bytes" is_the_same_again
check "unpacked, it runs" unpacked_runs
check "the archive for Windows holds the binary" zip_holds_the_binary
check "SHA256SUMS is right" sums_are_right
check "a platform that is none is refused" fails "$root/packaging/archive" sparc-sun-solaris "$binary" "$work"
