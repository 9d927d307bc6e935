//! One installed version: how it is recorded, and whether it still is what was installed.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use perpetua_words::{Message, install as words};
use serde::{Deserialize, Serialize};
use std::io;

use super::VersionsError;
use crate::{Sha256, Voucher};
use perpetua_fs::{FileAction, FileError};

/// A tag in the name of a folder is cut here; GitHub's usual ones are much shorter.
const TAG_LENGTH: usize = 40;

/// A version that is installed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Installed {
    /// Its name, such as `nightly-3fa9c1d2`: the release's tag and the first digits of the digest.
    pub id: String,
    /// The program, as an absolute path where the data folder's is.
    pub program: PathBuf,
    /// The digest of the file that it was installed from.
    pub sha256: Sha256,
    /// Where that file came from, for people.
    pub origin: String,
    /// Who vouched for it; versions that were installed by older programs do not say.
    pub voucher: Option<Voucher>,
    /// The size of that file; bytes.
    pub size: u64,
    /// The commit that the program said it was built from, in its trial start.
    pub commit: Option<String>,
    /// When it was installed.
    pub installed_at: SystemTime,
}

/// The same, as it is recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// The program's file name in the version's folder.
    pub(crate) program: String,
    pub(crate) sha256: Sha256,
    pub(crate) origin: String,
    #[serde(default)]
    pub(crate) voucher: Option<Voucher>,
    pub(crate) size: u64,
    pub(crate) commit: Option<String>,
    /// Seconds since 1970.
    pub(crate) installed_at: u64,
    pub(crate) files: Vec<RecordedFile>,
}

/// One file of a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct RecordedFile {
    /// Below the version's folder, with `/`.
    path: String,
    size: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    sha256: Sha256,
}

/// The name of a version.
pub(super) fn id(tag: &str, sha256: Sha256) -> String {
    let allowed =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let letters = tag
        .chars()
        .map(|letter| if allowed(letter) { letter } else { '-' });
    let tag: String = letters.take(TAG_LENGTH).collect();
    let tag = tag.trim_start_matches(['.', '-']);
    let tag = if tag.is_empty() { "core" } else { tag };
    format!("{tag}-{}", sha256.short())
}

impl Entry {
    pub(super) fn told(&self, folder: &Path) -> Installed {
        Installed {
            id: self.id.clone(),
            program: folder.join(&self.id).join(&self.program),
            sha256: self.sha256,
            origin: self.origin.clone(),
            voucher: self.voucher,
            size: self.size,
            commit: self.commit.clone(),
            installed_at: UNIX_EPOCH + Duration::from_secs(self.installed_at),
        }
    }

    /// Compares the files with the record. Where a file was touched and is still the same, gives
    /// the record as it should be now; otherwise nothing.
    pub(super) fn verify(&self, folder: &Path) -> Result<Vec<RecordedFile>, VersionsError> {
        let folder = folder.join(&self.id);
        let found: Result<Vec<_>, _> = self
            .files
            .iter()
            .map(|file| self.verify_file(&folder, file))
            .collect();
        let found = found?;
        Ok(if found == self.files {
            Vec::new()
        } else {
            found
        })
    }

    fn verify_file(
        &self,
        folder: &Path,
        file: &RecordedFile,
    ) -> Result<RecordedFile, VersionsError> {
        let damaged = |what: Message| VersionsError::Damaged {
            id: self.id.clone(),
            what,
        };
        let unreadable = |error: &io::Error| {
            let cause = Message::from(error);
            Message::from(words::FileUnreadable {
                path: &file.path,
                cause,
            })
        };
        let path = folder.join(&file.path);
        let metadata = fs::symlink_metadata(&path).map_err(|error| damaged(unreadable(&error)))?;
        if !metadata.is_file() {
            return Err(damaged(words::FileGone { path: &file.path }.into()));
        }
        let modified = modified(&metadata);
        if metadata.len() == file.size && modified == file.modified {
            return Ok(file.clone());
        }
        let sha256 = Sha256::of_file(&path).map_err(|error| damaged(unreadable(&error)))?;
        if sha256 != file.sha256 {
            return Err(damaged(words::FileChanged { path: &file.path }.into()));
        }
        Ok(RecordedFile {
            modified,
            ..file.clone()
        })
    }
}

/// Records the files of a folder, all that are in it.
pub(crate) fn record_files(folder: &Path) -> Result<Vec<RecordedFile>, FileError> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort_by(|one: &RecordedFile, other| one.path.cmp(&other.path));
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<RecordedFile>) -> Result<(), FileError> {
    let fail = |error| FileError::new(FileAction::Read, folder, error);
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let (path, metadata) = (entry.path(), entry.metadata().map_err(fail)?);
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if metadata.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            let sha256 = Sha256::of_file(&path);
            files.push(RecordedFile {
                path: name,
                size: metadata.len(),
                modified: modified(&metadata),
                sha256: sha256.map_err(|error| FileError::new(FileAction::Read, &path, error))?,
            });
        }
    }
    Ok(())
}

/// Zero where the system does not know it; the size alone is compared then.
fn modified(metadata: &Metadata) -> u64 {
    let time = metadata.modified().unwrap_or(UNIX_EPOCH);
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TAG_LENGTH, id};
    use crate::Sha256;

    #[test]
    fn a_version_is_named_after_its_tag_and_digest() {
        assert_eq!(id("nightly", Sha256::of(b"")), "nightly-e3b0c442");
        assert_eq!(id("../../etc", Sha256::of(b"")), "etc-e3b0c442");
        assert_eq!(id("夜", Sha256::of(b"")), "core-e3b0c442");
    }

    proptest! {
        #[test]
        fn whatever_the_tag_the_name_is_one_harmless_folder(tag: String) {
            let id = id(&tag, Sha256::of(b""));
            prop_assert!(id.len() <= TAG_LENGTH + 9);
            prop_assert!(!id.starts_with('.') && id.ends_with("-e3b0c442"));
            prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
        }
    }
}
