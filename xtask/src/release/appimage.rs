//! What an `AppImage` holds, and whether it would start elsewhere: a program that is unpacked by a runtime at its head.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::packages::{self, Need};
use crate::release::dist::Dist;
use crate::release::glibc;
use crate::{folder, process};

pub(crate) const UNSQUASHFS: Need = Need {
    name: "unsquashfs",
    is_here: || process::find_program("unsquashfs").is_some(),
    debian: &["squashfs-tools"],
    macos: "brew install squashfs",
    windows: "nothing: the check needs Linux",
};

/// What has to be in it.
pub(crate) const NEEDED: [&str; 3] = [
    "AppRun",
    "usr/bin/perpetua",
    "usr/lib/perpetua/THIRD-PARTY.txt",
];
/// What may not, and why.
const FOREIGN: [(&str, &str); 4] = [
    (
        "xdg-open",
        "the host's own opens things; one that was brought along reports success and opens nothing",
    ),
    ("libc.so.6", "glibc belongs to the host"),
    (
        "libGL.so.1",
        "the driver of the graphics card belongs to the host",
    ),
    (
        "libfontconfig.so.1",
        "the host's fonts are read by the host's library",
    ),
];
/// Where the head of a program says where its list of sections is, how long an entry is and how many there are.
const SECTIONS_AT: usize = 0x28;
const SECTION_SIZE: usize = 0x3a;
const SECTION_COUNT: usize = 0x3c;

/// Unpacks it, which runs nothing of it, writes the list of its files beside it, and judges both.
pub(crate) fn check(dist: &Dist, image: &Path) -> Result<()> {
    packages::require(&[&UNSQUASHFS, &glibc::READELF])?;
    let bytes = fs::read(image).with_context(|| format!("`{}` cannot be read", image.display()))?;
    let begin = runtime_length(&bytes)?;
    let needs_fuse = bytes[..begin]
        .windows(12)
        .any(|word| word == b"libfuse.so.2");
    ensure!(
        !needs_fuse,
        "its runtime needs `libfuse.so.2`, which new systems do not have"
    );
    let unpacked = dist.work.join("appimage");
    folder::clear(&unpacked)?;
    let mut unsquashfs = Command::new("unsquashfs");
    unsquashfs
        .args([
            "-no-progress",
            "-quiet",
            "-offset",
            &begin.to_string(),
            "-dest",
        ])
        .arg(&unpacked)
        .arg(image);
    process::run(&mut unsquashfs)?;
    let mut files = Vec::new();
    list(&unpacked, &unpacked, &mut files)?;
    files.sort();
    let name = image.file_name().context("an image has a name")?;
    let listed = dist.work.join(name).with_extension("AppImage.files");
    fs::write(&listed, files.join("\n") + "\n").context("the list cannot be written")?;
    eprintln!(
        "xtask: {} files, listed in {}",
        files.len(),
        listed.display()
    );
    judge(&files)?;
    glibc::check(&unpacked)
}

/// How long the runtime at the head is; the files of the image follow it.
fn runtime_length(bytes: &[u8]) -> Result<usize> {
    let is_of_64_bits = bytes.starts_with(b"\x7fELF\x02\x01");
    ensure!(is_of_64_bits, "it does not begin with a program of 64 bits");
    let number = |at: usize, length: usize| -> Result<usize> {
        let field = bytes.get(at..at + length).context("it ends too early")?;
        let mut number = [0; 8];
        number[..length].copy_from_slice(field);
        Ok(usize::try_from(u64::from_le_bytes(number))?)
    };
    let sections = number(SECTION_SIZE, 2)? * number(SECTION_COUNT, 2)?;
    let length = number(SECTIONS_AT, 8)?
        .checked_add(sections)
        .context("its head is broken")?;
    let follows = bytes.get(length..).context("it ends too early")?;
    ensure!(follows.starts_with(b"hsqs"), "no files follow its runtime");
    Ok(length)
}

fn list(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            list(root, &path, files)?;
        } else {
            files.push(path.strip_prefix(root)?.display().to_string());
        }
    }
    Ok(())
}

fn judge(files: &[String]) -> Result<()> {
    for needed in NEEDED {
        ensure!(
            files.iter().any(|file| file == needed),
            "`{needed}` is not in it"
        );
    }
    for file in files {
        let name = Path::new(file).file_name().and_then(OsStr::to_str);
        let foreign = FOREIGN.iter().find(|(foreign, _)| name == Some(foreign));
        if let Some((_, why)) = foreign {
            bail!("`{file}` is in it, but {why}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Vec<String> {
        NEEDED
            .iter()
            .chain(names)
            .map(|name| (*name).to_owned())
            .collect()
    }

    #[test]
    fn what_belongs_to_the_host_may_not_be_in_it() {
        assert!(judge(&files(&["usr/lib/libwebkit2gtk-4.1.so.0"])).is_ok());
        let error = judge(&files(&["usr/bin/xdg-open"])).expect_err("foreign");
        assert!(error.to_string().starts_with("`usr/bin/xdg-open` is in it"));
        let error = judge(&files(&[])[1..]).expect_err("incomplete");
        assert_eq!(error.to_string(), "`AppRun` is not in it");
    }

    #[test]
    fn the_files_follow_the_last_section_of_the_runtime() -> Result<()> {
        let mut image = vec![0; 64];
        image[..6].copy_from_slice(b"\x7fELF\x02\x01");
        image[SECTIONS_AT] = 64;
        image[SECTION_SIZE] = 8;
        image[SECTION_COUNT] = 2;
        image.extend([0; 16]);
        assert!(runtime_length(&image).is_err(), "nothing follows");
        image.extend(b"hsqs");
        assert_eq!(runtime_length(&image)?, 80);
        for end in [3, 40, 80] {
            assert!(runtime_length(&image[..end]).is_err(), "{end}");
        }
        image[SECTIONS_AT..SECTIONS_AT + 8].fill(0xff);
        assert!(runtime_length(&image).is_err(), "a broken head");
        Ok(())
    }
}
