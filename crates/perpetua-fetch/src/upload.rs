//! A core that a person's browser sends: streamed into a folder of its own, which goes with whoever holds it.
//!
//! Its first bytes say whether it is an archive at all; everything else is the business of the
//! installation that it is handed to. The folder's name is one that the sweep of [`Versions`] knows.

use std::path::{Path, PathBuf};

use perpetua_task::blocking;
use perpetua_words::{Message, install as words};
use tempfile::TempDir;
use thiserror::Error;
use tokio::{fs::File, io::AsyncWriteExt, sync::watch, time::Instant};

use crate::meter::Meter;
use crate::unpack::{HEAD_BYTES, Packing};
use crate::{InstallPhase, InstallProgress, ReleaseSource, Versions};
use perpetua_fs::{FileAction, FileError, create_private_folder, permit};

/// The longest name that is shown, in letters; those of releases have 60.
const NAME_LENGTH: usize = 100;

/// Why nothing came of an upload. What had come of it is gone.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum UploadError {
    /// There was no byte in it.
    Empty,
    /// It does not begin as an archive does.
    NotAnArchive,
    /// It is larger than is allowed; bytes.
    TooLarge(u64),
    /// Whoever sent it has gone; bytes that had come.
    BrokenOff(u64),
    /// No byte came for so long; seconds.
    Silent(u64),
    /// It was called off.
    Canceled,
    /// The disk refused.
    Disk(FileError),
}

impl From<FileError> for UploadError {
    fn from(error: FileError) -> Self {
        Self::Disk(error)
    }
}

impl From<&UploadError> for Message {
    fn from(error: &UploadError) -> Self {
        match error {
            UploadError::Empty => words::UploadEmpty.into(),
            UploadError::NotAnArchive => words::UploadNotAnArchive.into(),
            UploadError::TooLarge(bytes) => {
                let megabytes = bytes / 1_000_000;
                words::UploadTooLarge { megabytes }.into()
            }
            UploadError::BrokenOff(bytes) => words::UploadBrokenOff { bytes: *bytes }.into(),
            UploadError::Silent(seconds) => words::UploadSilent { seconds: *seconds }.into(),
            UploadError::Canceled => words::Canceled.into(),
            UploadError::Disk(error) => error.into(),
        }
    }
}

/// A file that comes in. Dropped before it is whole, it leaves nothing.
#[derive(Debug)]
pub struct Upload {
    /// Dropped before its folder: Windows removes none with an open file in it.
    file: File,
    folder: TempDir,
    name: String,
    path: PathBuf,
    head: Vec<u8>,
    received: u64,
    largest: u64,
    meter: Meter,
    progress: watch::Sender<InstallProgress>,
}

/// A file that has come in whole. Dropped, it is deleted.
#[derive(Debug)]
pub struct Uploaded {
    name: String,
    path: PathBuf,
    _folder: TempDir,
}

impl Upload {
    /// Makes room for a file of this name, which is only shown, and of this size, where that is known; bytes.
    /// What can be refused before a byte has come is.
    pub async fn begin(
        versions: &Versions,
        name: &str,
        size: Option<u64>,
        largest: u64,
        progress: watch::Sender<InstallProgress>,
    ) -> Result<Self, UploadError> {
        match size {
            Some(0) => return Err(UploadError::Empty),
            Some(size) if size > largest => return Err(UploadError::TooLarge(largest)),
            _ => {}
        }
        let versions = versions.folder().to_owned();
        let (folder, file) = blocking(move || make(&versions)).await?;
        let name = shown(name);
        progress.send_replace(InstallProgress {
            phase: InstallPhase::Uploading,
            tag: Some(name.as_str().into()),
            total: size,
            ..InstallProgress::default()
        });
        Ok(Self {
            path: folder.path().join(ARRIVING),
            file: File::from_std(file),
            folder,
            name,
            head: Vec::new(),
            received: 0,
            largest,
            meter: Meter::new(Instant::now(), 0),
            progress,
        })
    }

    /// Takes the next piece.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), UploadError> {
        self.received += piece.len() as u64;
        if self.received > self.largest {
            return Err(UploadError::TooLarge(self.largest));
        }
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(piece.iter().take(missing));
        if self.head.len() >= HEAD_BYTES {
            packing(&self.head)?;
        }
        permit(FileAction::Write, &self.path).map_err(|error| self.failed(error))?;
        let written = self.file.write_all(piece).await;
        written.map_err(|error| self.failed(error))?;
        self.tell();
        Ok(())
    }

    /// All of it has come.
    pub async fn finish(mut self) -> Result<Uploaded, UploadError> {
        if self.received == 0 {
            return Err(UploadError::Empty);
        }
        let ending = packing(&self.head)?;
        let flushed = self.file.flush().await;
        flushed.map_err(|error| self.failed(error))?;
        // Its name says how it is packed from now on; on Windows an open file keeps its name.
        let Self {
            folder,
            name,
            path: from,
            file,
            ..
        } = self;
        drop(file.into_std().await);
        let path = folder.path().join(format!("core{ending}"));
        let to = path.clone();
        blocking(move || perpetua_fs::rename(&from, &to)).await?;
        Ok(Uploaded {
            name,
            path,
            _folder: folder,
        })
    }

    /// Bytes that have come.
    pub fn received(&self) -> u64 {
        self.received
    }

    fn failed(&self, error: std::io::Error) -> FileError {
        FileError::new(FileAction::Write, &self.path, error)
    }

    fn tell(&mut self) {
        let now = Instant::now();
        self.meter.record(now, self.received);
        if !self.meter.is_due(now) {
            return;
        }
        let (received, rate) = (self.received, self.meter.rate(now));
        self.progress.send_modify(|told| {
            told.received = received;
            told.rate = rate;
        });
    }
}

impl Uploaded {
    /// Where it is.
    pub fn source(&self) -> ReleaseSource {
        ReleaseSource::Upload {
            path: self.path.clone(),
            name: self.name.clone(),
        }
    }
}

/// The file while it comes in.
const ARRIVING: &str = "arriving";

fn make(versions: &Path) -> Result<(TempDir, std::fs::File), FileError> {
    create_private_folder(versions)?;
    let folder = tempfile::Builder::new()
        .prefix(".new-upload-")
        .tempdir_in(versions)
        .map_err(|error| FileError::new(FileAction::CreateFolder, versions, error))?;
    let path = folder.path().join(ARRIVING);
    let file = std::fs::File::create_new(&path);
    let file = file.map_err(|error| FileError::new(FileAction::Open, &path, error))?;
    Ok((folder, file))
}

/// The ending of what begins so: browsers and people rename files, what they hold stays.
fn packing(head: &[u8]) -> Result<&'static str, UploadError> {
    if Packing::TarGz.begins(head) {
        Ok(".tar.gz")
    } else if Packing::Zip.begins(head) {
        Ok(".zip")
    } else {
        Err(UploadError::NotAnArchive)
    }
}

/// A name of a file as people may be shown it: no path, no control character, nothing that turns a line around.
fn shown(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |letter: char| letter.is_alphanumeric() || "-_.+() ".contains(letter);
    let letters = last.chars().take(NAME_LENGTH);
    let name: String = letters
        .map(|letter| if harmless(letter) { letter } else { '_' })
        .collect();
    match name.trim() {
        "" => "core".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{NAME_LENGTH, shown};

    #[test]
    fn a_name_is_shown_without_what_could_harm() {
        let usual = "Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz";
        for (given, expected) in [
            (usual, usual),
            ("核心 (1).zip", "核心 (1).zip"),
            ("../../etc/passwd", "passwd"),
            (r"C:\Users\me\core.zip", "core.zip"),
            ("a\u{202e}gz.rat\u{1b}[31m", "a_gz.rat__31m"),
            ("", "core"),
            (" ", "core"),
            ("folder/", "core"),
        ] {
            assert_eq!(shown(given), expected, "{given:?}");
        }
        assert_eq!(shown(&"x".repeat(9999)).len(), NAME_LENGTH);
    }
}
