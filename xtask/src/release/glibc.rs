//! Which glibc a program needs: on an older one the system's linker refuses to start it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::packages::{self, Need};
use crate::process;

/// That of Ubuntu 22.04, on which the releases are built; Debian 12 and Fedora have newer ones.
pub(crate) const NEWEST: Version = Version(2, 35);

pub(crate) const READELF: Need = Need {
    name: "readelf",
    is_here: || process::find_program("readelf").is_some(),
    debian: &["binutils"],
    macos: "brew install binutils",
    windows: "nothing: the check needs Linux",
};

/// A version of glibc, without the third number that symbols of old versions have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Version(u32, u32);

/// Names the newest glibc that anything at `path` needs, and refuses one that is too new.
pub(crate) fn check(path: &Path) -> Result<()> {
    packages::require(&[&READELF])?;
    let mut newest: Option<(Version, PathBuf)> = None;
    for file in programs(path)? {
        let needed = needed(&file)?;
        if let Some(version) =
            needed.filter(|version| newest.as_ref().is_none_or(|(most, _)| version > most))
        {
            newest = Some((version, file));
        }
    }
    let (version, file) = newest.with_context(|| format!("`{}` needs no glibc", path.display()))?;
    let file = file
        .strip_prefix(path)
        .ok()
        .filter(|name| !name.as_os_str().is_empty())
        .unwrap_or(&file);
    let Version(major, minor) = version;
    let told = format!("`{}` needs glibc {major}.{minor}", file.display());
    eprintln!("xtask: {told}");
    let Version(major, minor) = NEWEST;
    ensure!(version <= NEWEST, "{told}, and {major}.{minor} is promised");
    Ok(())
}

fn needed(file: &Path) -> Result<Option<Version>> {
    let mut readelf = Command::new("readelf");
    let told = process::output(readelf.arg("--version-info").arg("--wide").arg(file))?;
    Ok(newest(&told))
}

/// The newest version among those that `readelf` lists.
fn newest(told: &str) -> Option<Version> {
    let names = told
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("GLIBC_"));
    names.filter_map(version).max()
}

/// Reads `2.34`; `PRIVATE` is no version.
fn version(text: &str) -> Option<Version> {
    let mut numbers = text.split('.');
    let mut next = || numbers.next()?.parse().ok();
    Some(Version(next()?, next()?))
}

/// The file itself, or every program and library of a folder.
fn programs(path: &Path) -> Result<Vec<PathBuf>> {
    let unread = || format!("`{}` cannot be read", path.display());
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).with_context(unread)? {
        let entry = entry.with_context(unread)?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(programs(&entry.path())?);
        } else if kind.is_file() && is_elf(&entry.path())? {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn is_elf(file: &Path) -> Result<bool> {
    use std::io::Read as _;
    let mut beginning = Vec::new();
    fs::File::open(file)
        .with_context(|| format!("`{}` cannot be read", file.display()))?
        .take(4)
        .read_to_end(&mut beginning)?;
    Ok(beginning == b"\x7fELF")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let told = "\
  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 7
  0x0020:   Name: GLIBC_2.34  Flags: none  Version: 5
  0x0030:   Name: GLIBC_2.2.5  Flags: none  Version: 3
  0x0040:   Name: GLIBC_PRIVATE  Flags: none  Version: 2
  0x0050:   Name: GCC_4.2.0  Flags: none  Version: 4";
        assert_eq!(newest(told), Some(Version(2, 34)));
        assert_eq!(newest("No version information found in this file."), None);
        assert!(Version(2, 9) < NEWEST && Version(2, 36) > NEWEST && Version(3, 0) > NEWEST);
    }

    /// A folder with a program; none where there is no compiler.
    #[cfg(target_os = "linux")]
    fn compile() -> Result<Option<tempfile::TempDir>> {
        let folder = tempfile::tempdir()?;
        let source = folder.path().join("source.c");
        fs::write(&source, "int main() { return 0; }")?;
        let mut compiler = Command::new("cc");
        compiler
            .arg("-o")
            .arg(folder.path().join("program"))
            .arg(&source);
        let is_made = process::succeeds(&mut compiler);
        fs::remove_file(&source)?;
        Ok(is_made.then_some(folder))
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_needs_too_new_a_glibc_is_refused_by_name() -> Result<()> {
        let Some(folder) = compile()? else {
            return Ok(());
        };
        check(folder.path())?;
        let program = folder.path().join("program");
        // The names of versions are compared by a hash, which the check does not read.
        let bytes = fs::read(&program)?;
        let at = bytes.windows(10).position(|word| word == b"GLIBC_2.34");
        let Some(at) = at else { return Ok(()) };
        let mut newer = bytes;
        newer[at..at + 10].copy_from_slice(b"GLIBC_2.99");
        fs::write(&program, newer)?;
        let error = check(folder.path()).expect_err("too new");
        let expected = "`program` needs glibc 2.99, and 2.35 is promised";
        assert_eq!(error.to_string(), expected);
        Ok(())
    }
}
