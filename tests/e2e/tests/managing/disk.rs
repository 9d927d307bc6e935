//! Disks that are full or take nothing. Only root can make one, and only on Linux.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// A small disk in place of a folder, until it is dropped.
pub(crate) struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Puts a disk of this size in place of a folder; `None` where this user cannot.
    pub(crate) fn mount(folder: &Path, kilobytes: u32) -> Result<Option<Self>> {
        std::fs::create_dir_all(folder)?;
        // A tmpfs lets everybody write to it unless told, and such a folder is refused.
        let options = format!("mode=700,{}", size(kilobytes));
        let mounted = mount(&["-t", "tmpfs", "-o", &options, "tmpfs"], folder);
        if !cfg!(target_os = "linux") || !mounted.unwrap_or(false) {
            eprintln!("this user cannot mount a small disk: the test has nothing to say");
            return Ok(None);
        }
        Ok(Some(Self {
            folder: folder.to_owned(),
        }))
    }

    /// Gives it another size.
    pub(crate) fn resize(&self, kilobytes: u32) -> Result<()> {
        self.remount(&size(kilobytes))
    }

    /// Nobody may write to it any more, not even root, or everybody may again.
    pub(crate) fn read_only(&self, read_only: bool) -> Result<()> {
        self.remount(if read_only { "ro" } else { "rw" })
    }

    fn remount(&self, option: &str) -> Result<()> {
        let done = mount(&["-o", &format!("remount,{option}")], &self.folder)?;
        ensure!(done, "`mount -o remount,{option}` failed");
        Ok(())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that the test has not ended yet may still stand in it.
        let unmounted = Command::new("umount").arg("-l").arg(&self.folder).status();
        if let Err(error) = unmounted {
            eprintln!("`{}` stays mounted: {error}", self.folder.display());
        }
    }
}

fn size(kilobytes: u32) -> String {
    format!("size={kilobytes}k")
}

fn mount(options: &[&str], folder: &Path) -> Result<bool> {
    let output = Command::new("mount").args(options).arg(folder).output();
    Ok(output.context("cannot run `mount`")?.status.success())
}
