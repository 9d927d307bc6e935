//! What was set aside of a login: noted in the account's folder until a login has come, so that it is known after
//! a restart of the node too.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use perpetua_fs::{Access, FileAction, FileError, write_atomic};
use perpetua_words::Message;
use serde::{Deserialize, Serialize};

use super::folder::AccountFolder;
use crate::files;

const NOTES: &str = "set-aside.json";
/// Notes that are kept: of the session and of the device the latest each.
const MOST_NOTES: usize = 2;

/// A file of a login.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginFile {
    /// `keystore.json`.
    Session,
    /// `device.json`.
    Device,
}

/// A file of a login that was renamed, because it could not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetAside {
    /// Which one.
    pub file: LoginFile,
    /// What it is called now, in the account's folder.
    pub name: String,
    /// When, to the second.
    pub time: SystemTime,
    /// Why.
    pub why: Message,
}

/// The same in the file.
#[derive(Serialize, Deserialize)]
struct Note {
    file: LoginFile,
    name: String,
    unix_s: u64,
    why: Message,
}

impl LoginFile {
    /// Its name while it is in use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "keystore.json",
            Self::Device => "device.json",
        }
    }
}

impl AccountFolder {
    /// What was set aside since the last login, the session first. Notes that cannot be read are none: they are
    /// only told to people.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, FileError> {
        let bytes = match files::read(&self.path().join(NOTES)) {
            Err(error) if files::is_unreadable(&error) => Vec::new(),
            read => read?.unwrap_or_default(),
        };
        let notes: Vec<Note> = serde_json::from_slice(&bytes).unwrap_or_default();
        let told = |note: Note| SetAside {
            file: note.file,
            name: note.name,
            time: UNIX_EPOCH + Duration::from_secs(note.unix_s),
            why: note.why,
        };
        Ok(notes.into_iter().take(MOST_NOTES).map(told).collect())
    }

    /// A login has come, or a kept one is back: nobody needs to be told any longer. The files stay.
    pub fn forget_set_aside(&self) -> Result<(), FileError> {
        files::remove(&self.path().join(NOTES))
    }

    /// Notes what was set aside, instead of a former one of the same file.
    pub(super) fn note_set_aside(&self, aside: SetAside) -> Result<(), FileError> {
        let mut all = self.set_aside()?;
        all.retain(|former| former.file != aside.file);
        all.push(aside);
        all.sort_by_key(|one| one.file != LoginFile::Session);
        let notes: Vec<Note> = all
            .into_iter()
            .map(|one| Note {
                file: one.file,
                name: one.name,
                unix_s: seconds(one.time),
                why: one.why,
            })
            .collect();
        let path = self.path().join(NOTES);
        if path.is_dir() {
            files::remove(&path)?;
        }
        let text = serde_json::to_vec(&notes)
            .map_err(|error| FileError::new(FileAction::Write, &path, error.into()))?;
        write_atomic(&path, &text, Access::Owner)
    }
}

fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
