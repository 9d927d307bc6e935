//! The files of an installed version: whether they still are what was installed, and nothing else is there.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use perpetua_fs::{FileAction, FileError, open_unlinked};
use perpetua_words::{Message, install as words};
use serde::{Deserialize, Serialize};

use super::VersionsError;
use super::entry::Entry;
use crate::Sha256;
use crate::digest::Hasher;

/// What file managers leave in folders; no program loads it.
const LEFT_BY_FILE_MANAGERS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];
/// The same with names of their own: what macOS notes beside a file, and what NFS keeps of an open one.
const LEFT_PREFIXES: [&str; 2] = ["._", ".nfs"];

/// One file of a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct RecordedFile {
    /// Below the version's folder, with `/`.
    path: String,
    size: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    /// `None` of what an older program has recorded, and on systems that do not say it: the file is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    untouched: Option<Untouched>,
    sha256: Sha256,
}

/// What stays as it is for as long as nobody touches a file: unlike its time, nobody can set it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Untouched {
    device: u64,
    inode: u64,
    /// Of its content, rights or names; seconds since 1970, and nanoseconds of the last one.
    changed: (i64, i64),
}

/// How closely files are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Look {
    /// Those that nobody has touched are not read.
    AtTouched,
    /// Each byte is read.
    AtAll,
}

impl Entry {
    /// Compares the files with the record. Where a file was touched and is still the same, gives
    /// the record as it should be now; otherwise nothing.
    pub(super) fn verify(
        &self,
        folder: &Path,
        look: Look,
    ) -> Result<Vec<RecordedFile>, VersionsError> {
        let folder = folder.join(&self.id);
        let damaged = |what: Message| VersionsError::Damaged {
            id: self.id.clone(),
            what,
        };
        let found: Result<Vec<_>, _> = self
            .files
            .iter()
            .map(|file| file.verified(&folder, look))
            .collect();
        let found = found.map_err(damaged)?;
        let recorded: BTreeSet<&str> = self.files.iter().map(|file| file.path.as_str()).collect();
        nothing_else(&folder, "", &recorded).map_err(damaged)?;
        Ok(if found == self.files {
            Vec::new()
        } else {
            found
        })
    }
}

impl RecordedFile {
    /// The record of a file as it is now, whose content has to be the recorded one.
    fn verified(&self, folder: &Path, look: Look) -> Result<Self, Message> {
        let path = folder.join(&self.path);
        let metadata =
            fs::symlink_metadata(&path).map_err(|error| unreadable(&self.path, &error))?;
        if !metadata.is_file() {
            return Err(words::FileGone { path: &self.path }.into());
        }
        let is_untouched = self.untouched.is_some() && self.is_as(&metadata);
        if look == Look::AtTouched && is_untouched {
            return Ok(self.clone());
        }
        let now = Self::read(&path, self.path.clone())
            .map_err(|error| unreadable(&self.path, &error.into_cause()))?;
        if now.sha256 == self.sha256 {
            Ok(now)
        } else {
            Err(words::FileChanged { path: &self.path }.into())
        }
    }

    fn is_as(&self, metadata: &Metadata) -> bool {
        metadata.len() == self.size
            && modified(metadata) == self.modified
            && untouched(metadata) == self.untouched
    }

    /// Reads a file. What is recorded of it is from before its content: whoever changes it meanwhile makes it another.
    fn read(path: &Path, recorded_as: String) -> Result<Self, FileError> {
        let fail = |error| FileError::new(FileAction::Read, path, error);
        let file = open_unlinked(path)?;
        let mut file = file.ok_or_else(|| fail(io::ErrorKind::NotFound.into()))?;
        let metadata = file.metadata().map_err(fail)?;
        let mut hasher = Hasher::default();
        let size = hasher.read(&mut file).map_err(fail)?;
        Ok(Self {
            path: recorded_as,
            size,
            modified: modified(&metadata),
            untouched: untouched(&metadata),
            sha256: hasher.finish(),
        })
    }
}

fn unreadable(path: &str, error: &io::Error) -> Message {
    let cause = Message::from(error);
    words::FileUnreadable { path, cause }.into()
}

/// Refuses what is in a folder and not recorded, by its path below the version's.
fn nothing_else(folder: &Path, prefix: &str, recorded: &BTreeSet<&str>) -> Result<(), Message> {
    let fail = |error: &io::Error| unreadable(prefix, error);
    for entry in fs::read_dir(folder).map_err(|error| fail(&error))? {
        let entry = entry.map_err(|error| fail(&error))?;
        let kind = entry.file_type().map_err(|error| fail(&error))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            nothing_else(&entry.path(), &format!("{path}/"), recorded)?;
        } else if !recorded.contains(path.as_str()) && !is_left_by_file_managers(&name) {
            return Err(words::FileForeign { path }.into());
        }
    }
    Ok(())
}

fn is_left_by_file_managers(name: &str) -> bool {
    LEFT_BY_FILE_MANAGERS.contains(&name)
        || LEFT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
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
        let kind = entry.file_type().map_err(fail)?;
        let own_name = entry.file_name();
        let own_name = own_name.to_string_lossy();
        let name = format!("{prefix}{own_name}");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else if !is_left_by_file_managers(&own_name) {
            files.push(RecordedFile::read(&entry.path(), name)?);
        }
    }
    Ok(())
}

/// Zero where the system does not know it.
fn modified(metadata: &Metadata) -> u64 {
    let time = metadata.modified().unwrap_or(UNIX_EPOCH);
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "its twin has none")]
fn untouched(metadata: &Metadata) -> Option<Untouched> {
    use std::os::unix::fs::MetadataExt;
    Some(Untouched {
        device: metadata.dev(),
        inode: metadata.ino(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// Each time that Windows shows of a file can be set, so files are read before each start.
#[cfg(windows)]
fn untouched(_metadata: &Metadata) -> Option<Untouched> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Look, RecordedFile};
    use crate::Sha256;

    /// A byte that turned over on the disk is no touch that the system would know of.
    #[test]
    fn a_look_at_all_reads_what_nobody_has_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("core");
        fs::write(&path, "program").expect("written");
        let whole = RecordedFile::read(&path, "core".to_owned()).expect("read");
        for sha256 in [
            Sha256::of(b"Program"),
            Sha256::of(b""),
            Sha256::of(b"program\0"),
        ] {
            let recorded = RecordedFile {
                sha256,
                ..whole.clone()
            };
            let touched = recorded.verified(folder.path(), Look::AtTouched);
            assert_eq!(touched.is_ok(), cfg!(unix), "{touched:?}");
            let said = recorded.verified(folder.path(), Look::AtAll);
            let said = said.expect_err("other content").to_string();
            assert_eq!(said, "`core` has other content");
        }
        assert_eq!(whole.verified(folder.path(), Look::AtAll), Ok(whole));
    }

    #[test]
    fn what_an_older_program_has_recorded_is_read_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("core");
        fs::write(&path, "program").expect("written");
        let whole = RecordedFile::read(&path, "core".to_owned()).expect("read");
        let mut recorded = serde_json::to_value(&whole).expect("a value");
        recorded
            .as_object_mut()
            .expect("an object")
            .remove("untouched");
        let recorded: RecordedFile = serde_json::from_value(recorded).expect("an old record");
        let now = recorded.verified(folder.path(), Look::AtTouched);
        assert_eq!(now, Ok(whole));
        let changed = RecordedFile {
            sha256: Sha256::of(b"evil"),
            ..recorded
        };
        let now = changed.verified(folder.path(), Look::AtTouched);
        assert!(now.is_err(), "{now:?}");
    }
}
