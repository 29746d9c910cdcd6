# shellcheck shell=sh disable=SC2154
# What cargo needs in its environment for a build that $target, one of Linux without shared libraries, names. Read by
# whatever builds for it, so that none builds again what another built.

musl_upper=$(echo "$target" | tr 'a-z-' 'A-Z_')
# With its addresses known a start has nothing to relocate.
export "CARGO_TARGET_${musl_upper}_RUSTFLAGS=-Crelocation-model=static"
musl_compiler=CC_$(echo "$target" | tr - _)
if [ "${target%%-*}" != "$(uname -m)" ]; then
    # Rust brings the C library and the linker of the other architecture; the C of ring needs no headers there.
    export "$musl_compiler=clang" "CARGO_TARGET_${musl_upper}_LINKER=rust-lld"
elif command -v musl-gcc >/dev/null; then
    export "$musl_compiler=musl-gcc"
fi
