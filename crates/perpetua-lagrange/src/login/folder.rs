//! The working folder of one account's core.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use data_encoding::BASE64;
use perpetua_fs::FileError;
use perpetua_words::{Message, login as words};
use serde_json::Value;

use crate::{files, jsonc};

const KEYSTORE: &str = "keystore.json";
const DEVICE: &str = "device.json";
const BROKEN: &str = "broken";
/// Files of one name set aside that are kept; older ones are of no use to anyone.
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

/// What the device file is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Device {
    /// There is none: the core makes one.
    Absent,
    /// It can be read.
    Usable,
    /// The core would crash on it, or take it for another device; why.
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

    /// Looks at the device file. The core writes it anew at each start, and not in one piece, so that a power
    /// cut leaves it empty; it crashes on one that is cut or has bad values.
    pub fn device(&self) -> Result<Device, FileError> {
        let Some(bytes) = files::read(&self.device_file())? else {
            return Ok(Device::Absent);
        };
        Ok(judged_device(&jsonc::text_of(&bytes)))
    }

    /// Renames the session file to `keystore.json.broken-<time>` and keeps the newest three of those; gives
    /// the new path, `None` if there was no session file.
    pub fn set_session_aside(&self, now: SystemTime) -> Result<Option<PathBuf>, FileError> {
        self.set_aside(KEYSTORE, now)
    }

    /// The same for the device file.
    pub fn set_device_aside(&self, now: SystemTime) -> Result<Option<PathBuf>, FileError> {
        self.set_aside(DEVICE, now)
    }

    fn set_aside(&self, file: &str, now: SystemTime) -> Result<Option<PathBuf>, FileError> {
        let path = self.0.join(file);
        if !path.exists() {
            return Ok(None);
        }
        let aside = files::set_aside(&path, BROKEN, now)?;
        for old in self.are_aside(file)?.iter().rev().skip(MOST_SET_ASIDE) {
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
        for name in self.are_aside(KEYSTORE)? {
            files::remove(&self.0.join(name))?;
        }
        self.remove_stale_pictures()?;
        Ok(there_was_one)
    }

    fn are_aside(&self, file: &str) -> Result<Vec<String>, FileError> {
        let is_aside = |name: &str| {
            let rest = name.strip_prefix(file);
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
        Err(error) => Keystore::Unreadable(damaged_at(&error)),
    }
}

/// `BotDeviceInfo.cs`: a `Guid`, and the hardware address as bytes in base64.
fn judged_device(text: &str) -> Device {
    if text.trim().is_empty() {
        return Device::Unreadable(words::KeystoreEmpty.into());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(device) => {
            let text = |key: &str| device.get(key).and_then(Value::as_str);
            let is_whole = text("Guid").is_some_and(is_guid)
                && text("MacAddress").is_some_and(|mac| BASE64.decode(mac.as_bytes()).is_ok());
            if is_whole {
                Device::Usable
            } else {
                Device::Unreadable(words::DeviceIncomplete.into())
            }
        }
        Err(error) => Device::Unreadable(damaged_at(&error)),
    }
}

/// As .NET reads and writes it: 32 hex digits in groups of 8, 4, 4, 4 and 12.
fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|digit| digit.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex)
}

fn damaged_at(error: &serde_json::Error) -> Message {
    words::KeystoreDamaged {
        line: error.line(),
        column: error.column(),
    }
    .into()
}
