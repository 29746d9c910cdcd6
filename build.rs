//! Packs what the binary carries along, and tells the linker how the program is to lie in memory.

use std::ffi::OsStr;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    pack(&["scenarios", "src/schema"])?;
    println!("cargo::rerun-if-changed=link/hot.ld");
    if told("PROFILE") == "release" && told("CARGO_CFG_TARGET_OS") == "linux" {
        lay_out();
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script")]
fn told(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// The texts of these folders, as `src/carried.rs` reads them.
fn pack(folders: &[&str]) -> io::Result<()> {
    let mut files = Vec::new();
    for folder in folders {
        println!("cargo::rerun-if-changed={folder}");
        gather(folder, &mut files)?;
    }
    let packed = miniz_oxide::deflate::compress_to_vec(&files, 9);
    fs::write(Path::new(&told("OUT_DIR")).join("carried.deflate"), packed)
}

/// Each path and its text, ended by a NUL, in the order of names whatever the file system's.
fn gather(folder: &str, files: &mut Vec<u8>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        let extension = Path::new(&path).extension().and_then(OsStr::to_str);
        if entry.file_type()?.is_dir() {
            gather(&path, files)?;
        } else if matches!(extension, Some("toml" | "json")) {
            let text = fs::read_to_string(&path)?;
            files.extend_from_slice(format!("{path}\0{text}\0").as_bytes());
        }
    }
    Ok(())
}

/// Hands the linker the order of functions, where it takes one, and has it give the program its addresses.
fn lay_out() {
    let (flags, linker) = (told("CARGO_ENCODED_RUSTFLAGS"), told("RUSTC_LINKER"));
    // These know no such scripts.
    let takes_scripts =
        !["gold", "mold", "wild"].iter().any(|it| flags.contains(it) || linker.contains(it));
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
