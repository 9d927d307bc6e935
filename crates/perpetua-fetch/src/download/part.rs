//! The partial file, and what tells later what it is a part of.

use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use perpetua_task::blocking;
use serde::{Deserialize, Serialize};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use url::Url;

use crate::Sha256;
use crate::digest::Hasher;
use perpetua_fs::{
    Access, FileAction, FileError, create_private_folder, permit, read_small, write_atomic,
};

/// The first bytes that are kept in memory to tell what it is.
const HEAD: usize = 16;

/// What a partial file is a part of; kept beside it.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Where its first byte came from.
    pub(super) url: String,
    /// That server's `ETag` or date of the file.
    pub(super) validator: Option<String>,
    pub(super) total: Option<u64>,
    /// What the whole has to be.
    pub(super) expected: Option<Sha256>,
}

/// A partial file, open for more.
pub(crate) struct Part {
    path: PathBuf,
    file: File,
    hasher: Hasher,
    head: Vec<u8>,
    len: u64,
    stamp: Stamp,
    /// How much was there when it was opened.
    resumed_at: u64,
}

impl Part {
    /// Opens what is there, or begins with nothing. What is there is read once, for its digest.
    pub(super) async fn open(path: &Path) -> Result<Self, FileError> {
        let fail = |error| FileError::new(FileAction::Open, path, error);
        if let Some(folder) = path.parent().map(Path::to_owned) {
            blocking(move || create_private_folder(&folder)).await?;
        }
        let mut options = File::options();
        options.create(true).read(true).write(true).truncate(false);
        let mut part = Self {
            path: path.to_owned(),
            file: options.open(path).await.map_err(fail)?,
            hasher: Hasher::default(),
            head: Vec::new(),
            len: 0,
            stamp: Stamp::default(),
            resumed_at: 0,
        };
        let stamp_path = part.stamp_path();
        let text = blocking(move || read_small(&stamp_path)).await;
        match text.map(|text| serde_json::from_slice(&text.unwrap_or_default())) {
            Ok(Ok(stamp)) => part.stamp = stamp,
            // Nobody knows what it is a part of.
            _ => part.clear().await?,
        }
        part.read_what_is_there().await.map_err(fail)?;
        Ok(part)
    }

    async fn read_what_is_there(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let count = self.file.read(&mut buffer).await?;
            if count == 0 {
                self.resumed_at = self.len;
                return Ok(());
            }
            self.account(&buffer[..count]);
        }
    }

    fn account(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        let missing = HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        self.len += bytes.len() as u64;
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The first bytes, at most 16.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.stamp.total
    }

    pub(super) fn expected(&self) -> Option<Sha256> {
        self.stamp.expected
    }

    /// The digest of what is there.
    pub(super) fn digest(&self) -> Sha256 {
        self.hasher.clone().finish()
    }

    /// What the server of this address called the file, if it began there.
    pub(super) fn stamp_of(&self, url: &Url) -> Option<&str> {
        let validator = self.stamp.validator.as_deref();
        validator.filter(|_| self.stamp.url == url.as_str())
    }

    /// Whether its pieces came in more than one answer.
    pub(super) fn is_spliced(&self) -> bool {
        self.resumed_at > 0
    }

    /// Throws away what is there.
    pub(super) async fn clear(&mut self) -> Result<(), FileError> {
        let fail = |error| FileError::new(FileAction::Write, &self.path, error);
        self.file.set_len(0).await.map_err(fail)?;
        self.file.seek(SeekFrom::Start(0)).await.map_err(fail)?;
        self.hasher = Hasher::default();
        self.head.clear();
        self.len = 0;
        self.resumed_at = 0;
        Ok(())
    }

    /// Throws away what is there; what comes now is the beginning of this file.
    pub(super) async fn begin(&mut self, stamp: Stamp) -> Result<(), FileError> {
        self.clear().await?;
        self.stamp = stamp;
        let path = self.stamp_path();
        let text = serde_json::to_vec(&self.stamp)
            .map_err(|error| FileError::new(FileAction::Write, &path, error.into()))?;
        blocking(move || write_atomic(&path, &text, Access::Usual)).await
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let fail = |error| FileError::new(FileAction::Write, &self.path, error);
        permit(FileAction::Write, &self.path).map_err(fail)?;
        self.file.write_all(bytes).await.map_err(fail)?;
        self.account(bytes);
        Ok(())
    }

    /// All of it is there: takes it to the disk.
    pub(super) async fn finish(&mut self) -> Result<Sha256, FileError> {
        let fail = |error| FileError::new(FileAction::Write, &self.path, error);
        self.file.flush().await.map_err(fail)?;
        self.file.sync_all().await.map_err(fail)?;
        Ok(self.digest())
    }

    /// Leaves it for the next attempt.
    pub(super) async fn keep(mut self) {
        if let Err(error) = self.file.flush().await {
            tracing::info!(%error, "a partial download is not kept");
            self.remove().await;
        }
    }

    /// Deletes it and what tells of it.
    pub(super) async fn remove(self) {
        drop(self.file);
        forget(&self.path).await;
    }

    fn stamp_path(&self) -> PathBuf {
        stamp_path(&self.path)
    }
}

/// Deletes a partial file and what tells of it.
pub(crate) async fn forget(path: &Path) {
    for path in [path, &stamp_path(path)] {
        if let Err(error) = fs::remove_file(path).await
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %path.display(), %error, "a partial download could not be deleted");
        }
    }
}

fn stamp_path(path: &Path) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(".json");
    path.into()
}
