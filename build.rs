//! Hands the linker the order of functions, where the build is to be quick and the linker takes one; and has it
//! give the program its addresses.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=link/hot.ld");
    #[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script")]
    let told = |name: &str| env::var(name).unwrap_or_default();
    let (flags, linker) = (told("CARGO_ENCODED_RUSTFLAGS"), told("RUSTC_LINKER"));
    // These know no such scripts.
    let takes_scripts =
        !["gold", "mold", "wild"].iter().any(|it| flags.contains(it) || linker.contains(it));
    if told("PROFILE") != "release" || told("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    let has_libraries = !told("CARGO_CFG_TARGET_FEATURE").split(',').any(|it| it == "crt-static");
    if has_libraries {
        // A start has nothing to relocate then, and a tenth less is in memory. Where there are no shared libraries
        // the compiler is to know it, too: packaging/musl.sh.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    if takes_scripts {
        // Mostly a C compiler hands it on.
        let through = if linker.ends_with("lld") { "" } else { "-Wl," };
        let folder = told("CARGO_MANIFEST_DIR");
        println!("cargo::rustc-link-arg-bins={through}--script={folder}/link/hot.ld");
    }
}
