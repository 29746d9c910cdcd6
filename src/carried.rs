//! Texts that the binary carries along and mostly never reads: the scenarios of this project and the schemas.
//! `build.rs` packs them into a tenth of their size.

/// Each path and its text, ended by a NUL, deflated.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/carried.deflate"));

/// The file of this path below the project's folder, its parts divided by `/`. `None` where it is not carried.
pub fn file(path: &str) -> Option<String> {
    let files = miniz_oxide::inflate::decompress_to_vec(PACKED).ok()?;
    let files = String::from_utf8(files).ok()?;
    let mut parts = files.split_terminator('\0');
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        if name == path {
            return Some(text.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn files_are_carried_as_they_are() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        for path in ["src/schema/world.json", "scenarios/gateway/FORBIDDEN.toml"] {
            assert_eq!(super::file(path), fs::read_to_string(project.join(path)).ok(), "{path}");
        }
        assert_eq!(super::file("scenarios"), None);
    }
}
