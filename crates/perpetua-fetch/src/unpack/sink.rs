//! Where the entries of an archive go: one folder, within limits, each path once.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{UnpackError, UnpackLimits, inner_path};
use perpetua_fs::{FileAction, FileError, permit};
use perpetua_words::Message;
use tokio_util::sync::CancellationToken;

/// Small archives may shrink much more than large ones: the ratio counts only above this size.
const RATIO_FROM: u64 = 16 * 1024 * 1024;
/// How much is copied at once.
const COPY_BYTES: usize = 64 * 1024;

/// A folder that is being filled.
pub(crate) struct Sink<'a> {
    folder: &'a Path,
    limits: UnpackLimits,
    cancel: &'a CancellationToken,
    /// What the ratio allows for this archive.
    ratio_bytes: u64,
    entries: usize,
    written: u64,
    /// Each path in lower case, as it was written and what it is.
    taken: HashMap<String, (String, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(
        folder: &'a Path,
        archive_size: u64,
        limits: UnpackLimits,
        cancel: &'a CancellationToken,
    ) -> Self {
        Self {
            folder,
            limits,
            cancel,
            ratio_bytes: archive_size.saturating_mul(limits.ratio).max(RATIO_FROM),
            entries: 0,
            written: 0,
            taken: HashMap::new(),
        }
    }

    /// How many bytes of the archive may be unpacked, whatever they are.
    pub(super) fn all_bytes(&self) -> u64 {
        let most = self.limits.total.min(self.ratio_bytes);
        most.saturating_add(UnpackLimits::AROUND)
    }

    /// Why an archive with more than [`Sink::all_bytes`] is refused.
    pub(super) fn too_much(&self) -> UnpackError {
        if self.limits.total <= self.ratio_bytes {
            UnpackError::TooLarge(self.limits.total)
        } else {
            UnpackError::Bomb(self.limits.ratio)
        }
    }

    /// Counts an entry, of whatever kind.
    pub(crate) fn count(&mut self) -> Result<(), UnpackError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(UnpackError::TooManyEntries(self.limits.entries));
        }
        Ok(())
    }

    /// Makes a folder and those around it. The folder of everything (`./`) is there already.
    pub(super) fn folder(&mut self, raw: &[u8]) -> Result<(), UnpackError> {
        if raw.iter().all(|byte| matches!(byte, b'.' | b'/'))
            && !raw.starts_with(b"/")
            && !raw.windows(2).any(|two| two == b"..")
        {
            return Ok(());
        }
        let names = checked(raw)?;
        self.folders(&names)
    }

    /// Writes a file that is not there yet.
    pub(crate) fn file(&mut self, raw: &[u8], content: &mut impl Read) -> Result<(), UnpackError> {
        let names = checked(raw)?;
        let Some((_, folders)) = names.split_last() else {
            return Err(UnpackError::Duplicate(text(shown(raw))));
        };
        self.folders(folders)?;
        self.take(&names, Kind::File)?;
        let path = self.path(&names);
        let mut options = File::options();
        let created = permit(FileAction::Write, &path)
            .and_then(|()| options.write(true).create_new(true).open(&path));
        let mut file = match created {
            Ok(file) => file,
            // The file system finds two names equal that differ for us.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(UnpackError::Duplicate(text(shown(raw))));
            }
            Err(error) => return Err(FileError::new(FileAction::Write, &path, error).into()),
        };
        self.copy(content, &mut file, &path)?;
        // To the disk before the version is recorded: after a power cut the record is true.
        file.sync_all()
            .map_err(|error| FileError::new(FileAction::Write, &path, error).into())
    }

    fn copy(
        &mut self,
        content: &mut impl Read,
        file: &mut File,
        path: &Path,
    ) -> Result<(), UnpackError> {
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            if self.cancel.is_cancelled() {
                return Err(UnpackError::Canceled);
            }
            let count = match content.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(UnpackError::Damaged(Message::from(&error))),
            };
            self.written += count as u64;
            if self.written > self.limits.total {
                return Err(UnpackError::TooLarge(self.limits.total));
            }
            if self.written > self.ratio_bytes {
                return Err(UnpackError::Bomb(self.limits.ratio));
            }
            file.write_all(&buffer[..count])
                .map_err(|error| FileError::new(FileAction::Write, path, error))?;
        }
    }

    fn folders(&mut self, names: &[&str]) -> Result<(), UnpackError> {
        for depth in 1..=names.len() {
            self.take(&names[..depth], Kind::Folder)?;
        }
        let path = self.path(names);
        fs::create_dir_all(&path)
            .map_err(|error| FileError::new(FileAction::CreateFolder, &path, error).into())
    }

    /// Remembers a path. A folder may come again, spelt the same; nothing else may.
    fn take(&mut self, names: &[&str], kind: Kind) -> Result<(), UnpackError> {
        let path = names.join("/");
        let known = self.taken.get(&path.to_lowercase());
        match known {
            None => {
                self.taken.insert(path.to_lowercase(), (path, kind));
                Ok(())
            }
            Some((spelt, Kind::Folder)) if kind == Kind::Folder && *spelt == path => Ok(()),
            Some(_) => Err(UnpackError::Duplicate(text(path))),
        }
    }

    fn path(&self, names: &[&str]) -> PathBuf {
        let mut path = self.folder.to_owned();
        path.extend(names);
        path
    }
}

fn checked(raw: &[u8]) -> Result<Vec<&str>, UnpackError> {
    inner_path(raw).map_err(|refusal| UnpackError::Path {
        path: shown(raw),
        refusal,
    })
}

/// Somebody else's words inside a message.
pub(super) fn text(text: String) -> Message {
    perpetua_words::io::Other { text }.into()
}

/// A path from an archive, made harmless for a terminal.
pub(super) fn shown(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw)
        .chars()
        .map(|letter| {
            if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .take(200)
        .collect()
}
