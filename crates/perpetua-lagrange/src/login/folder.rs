//! The working folder of one account's core.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use perpetua_fs::FileError;
use perpetua_words::{Message, login as words};
use serde_json::Value;

use crate::{files, jsonc};

const KEYSTORE: &str = "keystore.json";
const DEVICE: &str = "device.json";
const BROKEN: &str = "broken";
/// Sessions set aside that are kept; older ones are of no use to anyone.
const MOST_SET_ASIDE: usize = 3;

/// The working folder of one account's core: all of its files are relative to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountFolder(PathBuf);

/// What the session file is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Keystore {
    /// There is none: a QR code will be asked for.
    Absent,
    /// It can be read; whose it is, once it knows.
    Usable {
        /// The account.
        uin: Option<u64>,
    },
    /// The core would crash on it; why.
    Unreadable(Message),
}

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
        self.0.join(KEYSTORE)
    }

    /// What the account's device says of itself; with another one, the session is that of a new device.
    pub fn device_file(&self) -> PathBuf {
        self.0.join(DEVICE)
    }

    /// Where the core writes the picture of its QR code (`qr-{Uin}.png`, 0 for an unknown account).
    pub fn qr_picture(&self, uin: Option<u64>) -> PathBuf {
        self.0.join(format!("qr-{}.png", uin.unwrap_or(0)))
    }

    /// Looks at the session file. The core crashes on one that is empty, cut, or of another kind.
    pub fn keystore(&self) -> Result<Keystore, FileError> {
        let Some(bytes) = files::read(&self.keystore_file())? else {
            return Ok(Keystore::Absent);
        };
        Ok(judged(&jsonc::text_of(&bytes)))
    }

    /// Renames the session file to `keystore.json.broken-<time>` and keeps the newest three of those; gives
    /// the new path, `None` if there was no session file.
    pub fn set_session_aside(&self, now: SystemTime) -> Result<Option<PathBuf>, FileError> {
        if !self.keystore_file().exists() {
            return Ok(None);
        }
        let aside = files::set_aside(&self.keystore_file(), BROKEN, now)?;
        let names = self.sessions_set_aside()?;
        for old in names.iter().rev().skip(MOST_SET_ASIDE) {
            files::remove(&self.0.join(old))?;
        }
        Ok(Some(aside))
    }

    /// Deletes the session file, those that were set aside, and pictures of QR codes; gives whether there was a
    /// session. The device stays: to QQ, a new one is more suspicious than a new login.
    pub(super) fn forget_sessions(&self) -> Result<bool, FileError> {
        let session = self.keystore_file();
        let there_was_one = session.exists();
        files::remove(&session)?;
        for name in self.sessions_set_aside()? {
            files::remove(&self.0.join(name))?;
        }
        self.remove_stale_pictures()?;
        Ok(there_was_one)
    }

    fn sessions_set_aside(&self) -> Result<Vec<String>, FileError> {
        let is_aside = |name: &str| {
            let rest = name.strip_prefix(KEYSTORE);
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

/// `System.Text.Json` reads it: comments are refused, a byte order mark is taken.
pub(crate) fn judged(text: &str) -> Keystore {
    if text.trim().is_empty() {
        return Keystore::Unreadable(words::KeystoreEmpty.into());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(keystore)) if keystore.get("Session").is_some_and(Value::is_object) => {
            let uin = keystore.get("Uin").and_then(Value::as_u64);
            Keystore::Usable {
                uin: uin.filter(|&uin| uin != 0),
            }
        }
        Ok(_) => Keystore::Unreadable(words::KeystoreNoSession.into()),
        Err(error) => Keystore::Unreadable(
            words::KeystoreDamaged {
                line: error.line(),
                column: error.column(),
            }
            .into(),
        ),
    }
}
