//! The working folder of one account's core.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use perpetua_fs::FileError;
use perpetua_words::Message;

use super::{
    judged::{Device, Keystore, judged_device, judged_keystore},
    set_aside::{LoginFile, SetAside},
};
use crate::{files, jsonc};

const BROKEN: &str = "broken";
/// Files of one name set aside that are kept; older ones are of no use to anyone.
const MOST_SET_ASIDE: usize = 3;

/// The working folder of one account's core: all of its files are relative to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountFolder(PathBuf);

impl AccountFolder {
    /// A folder, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The session file; it is as good as the account's password.
    pub fn keystore_file(&self) -> PathBuf {
        self.0.join(LoginFile::Session.name())
    }

    /// What the account's device says of itself; with another one, the session is that of a new device.
    pub fn device_file(&self) -> PathBuf {
        self.0.join(LoginFile::Device.name())
    }

    /// Where the core writes the picture of its QR code (`qr-{Uin}.png`, 0 for an unknown account).
    pub fn qr_picture(&self, uin: Option<u64>) -> PathBuf {
        self.0.join(format!("qr-{}.png", uin.unwrap_or(0)))
    }

    /// Looks at the session file. The core crashes on one that is empty, cut, or of another kind.
    pub fn keystore(&self) -> Result<Keystore, FileError> {
        match files::read(&self.keystore_file()) {
            Ok(None) => Ok(Keystore::Absent),
            Ok(Some(bytes)) => Ok(judged_keystore(&jsonc::text_of(&bytes))),
            Err(error) if files::is_unreadable(&error) => Ok(Keystore::Unreadable((&error).into())),
            Err(error) => Err(error),
        }
    }

    /// Looks at the device file. The core writes it anew at each start, and not in one piece, so that a power
    /// cut leaves it empty; it crashes on one that is cut or has bad values.
    pub fn device(&self) -> Result<Device, FileError> {
        match files::read(&self.device_file()) {
            Ok(None) => Ok(Device::Absent),
            Ok(Some(bytes)) => Ok(judged_device(&jsonc::text_of(&bytes))),
            Err(error) if files::is_unreadable(&error) => Ok(Device::Unreadable((&error).into())),
            Err(error) => Err(error),
        }
    }

    /// Renames the session file to `keystore.json.broken-<time>`, keeps the newest three of those, and notes why;
    /// gives the new path, `None` if there was no session file.
    pub fn set_session_aside(
        &self,
        now: SystemTime,
        why: &Message,
    ) -> Result<Option<PathBuf>, FileError> {
        self.rename_and_note(LoginFile::Session, now, why)
    }

    /// The same for the device file.
    pub fn set_device_aside(
        &self,
        now: SystemTime,
        why: &Message,
    ) -> Result<Option<PathBuf>, FileError> {
        self.rename_and_note(LoginFile::Device, now, why)
    }

    fn rename_and_note(
        &self,
        file: LoginFile,
        now: SystemTime,
        why: &Message,
    ) -> Result<Option<PathBuf>, FileError> {
        let aside = self.make_room(file, now)?;
        if let Some(name) = aside.as_ref().and_then(|aside| aside.file_name()) {
            self.note_set_aside(SetAside {
                file,
                name: name.to_string_lossy().into_owned(),
                time: now,
                why: why.clone(),
            })?;
        }
        Ok(aside)
    }

    /// Renames the file that another one is about to replace.
    pub(crate) fn make_room(
        &self,
        file: LoginFile,
        now: SystemTime,
    ) -> Result<Option<PathBuf>, FileError> {
        let path = self.0.join(file.name());
        if !path.exists() {
            return Ok(None);
        }
        let aside = files::set_aside(&path, BROKEN, now)?;
        for old in self.are_aside(file)?.iter().rev().skip(MOST_SET_ASIDE) {
            files::remove(&self.0.join(old))?;
        }
        Ok(Some(aside))
    }

    /// What is to take the place of a file of the login while it is written.
    pub(super) fn unfinished(&self, file: LoginFile) -> PathBuf {
        self.0.join(format!("{}.new", file.name()))
    }

    /// Deletes what was to take the place of a file when somebody was killed: a session in it is as good as the account's
    /// password.
    pub(super) fn remove_unfinished(&self) -> Result<(), FileError> {
        files::remove(&self.unfinished(LoginFile::Session))?;
        files::remove(&self.unfinished(LoginFile::Device))
    }

    /// Deletes the session file, those that were set aside, and pictures of QR codes; gives whether there was a
    /// session. The device stays: to QQ, a new one is more suspicious than a new login.
    pub(super) fn forget_sessions(&self) -> Result<bool, FileError> {
        let session = self.keystore_file();
        let there_was_one = session.exists();
        files::remove(&session)?;
        self.remove_unfinished()?;
        for name in self.are_aside(LoginFile::Session)? {
            files::remove(&self.0.join(name))?;
        }
        self.forget_set_aside()?;
        self.remove_stale_pictures()?;
        Ok(there_was_one)
    }

    fn are_aside(&self, file: LoginFile) -> Result<Vec<String>, FileError> {
        let is_aside = |name: &str| {
            let rest = name.strip_prefix(file.name());
            rest.is_some_and(|rest| rest.starts_with(&format!(".{BROKEN}-")))
        };
        files::names(&self.0, is_aside)
    }

    /// Deletes pictures of former QR codes, which the core never does: before each start, so that a picture that
    /// is there is a new one.
    pub fn remove_stale_pictures(&self) -> Result<(), FileError> {
        let is_picture = |name: &str| {
            let number = name
                .strip_prefix("qr-")
                .and_then(|rest| rest.strip_suffix(".png"));
            number.is_some_and(|number| number.parse::<u64>().is_ok())
        };
        for name in files::names(&self.0, is_picture)? {
            files::remove(&self.0.join(name))?;
        }
        Ok(())
    }

    /// The `LiteDB` file of an older version: while it is there, the core stops before its login.
    pub fn legacy_database(&self, uin: Option<u64>) -> Option<PathBuf> {
        let path = self.0.join(format!("lagrange-{}.db", uin.unwrap_or(0)));
        path.is_file().then_some(path)
    }
}
