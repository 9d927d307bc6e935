//! The SHA-256 of everything that is published, as `sha256sum --check` reads it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

use crate::release::dist::Dist;

pub(crate) const NAME: &str = "SHA256SUMS";

/// Writes a line for each file; the checksums themselves, and what is signed of them, have none.
pub(crate) fn write(dist: &Dist) -> Result<()> {
    let mut lines = String::new();
    let names = dist.names()?;
    for name in names.iter().filter(|name| !name.starts_with(NAME)) {
        let digest = of(&dist.folder.join(name))?;
        // Writing to a `String` cannot fail.
        let _ = writeln!(lines, "{digest}  {name}");
    }
    fs::write(dist.folder.join(NAME), lines).context("the checksums cannot be written")?;
    eprintln!("xtask: made {NAME}");
    Ok(())
}

fn of(path: &Path) -> Result<String> {
    let content = fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let mut text = String::new();
    for byte in Sha256::digest(content) {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_a_line_and_the_checksums_have_none() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let dist = Dist {
            folder: folder.path().to_owned(),
            work: folder.path().join("work"),
        };
        fs::write(folder.path().join("b.deb"), "abc")?;
        fs::write(folder.path().join("a.rpm"), "")?;
        fs::write(folder.path().join("SHA256SUMS.sig"), "old")?;
        write(&dist)?;
        write(&dist)?;
        let lines = fs::read_to_string(folder.path().join(NAME))?;
        let expected = "\
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.rpm
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.deb
";
        assert_eq!(lines, expected);
        Ok(())
    }
}
