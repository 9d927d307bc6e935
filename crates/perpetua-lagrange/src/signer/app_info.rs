//! What a client of QQ says of itself.

use std::path::Path;

use perpetua_fs::{Access, FileError, write_atomic};
use serde_json::{Map, Value};

use crate::{files, jsonc};

const FILE: &str = "appinfo.json";
/// The keys of `BotAppInfo`. A signer may write them in any case, the file may not.
const KEYS: [&str; 16] = [
    "Os",
    "VendorOs",
    "Kernel",
    "CurrentVersion",
    "MiscBitmap",
    "PtVersion",
    "SsoVersion",
    "PackageName",
    "WtLoginSdk",
    "AppId",
    "SubAppId",
    "AppIdQrCode",
    "AppClientVersion",
    "MainSigMap",
    "SubSigMap",
    "NTLoginType",
];
/// A key of ours in the file, which .NET passes over: what we wrote we may remove.
const WRITER: &str = "WrittenBy";
const PERPETUA: &str = "perpetua";

/// What a client of QQ says of itself (`BotAppInfo`), as a signer gives it.
#[derive(Clone, PartialEq, Debug)]
pub struct AppInfo(Map<String, Value>);

impl AppInfo {
    /// Takes a signer's answer; `None` if it does not say for which version it signs.
    pub(crate) fn new(answer: &Value) -> Option<Self> {
        let mut entries = Map::new();
        for (key, value) in answer.as_object()? {
            let known = KEYS.iter().find(|known| known.eq_ignore_ascii_case(key));
            entries.insert(
                known.map_or(key.as_str(), |known| known).to_owned(),
                value.clone(),
            );
        }
        let info = Self(entries);
        let version = info.version()?;
        let is_version = version.chars().any(|character| character.is_ascii_digit());
        is_version.then_some(info)
    }

    /// The fields that the core needs and that are not there, or null: it ends at each start without one of
    /// them (`Value is null for System.String PackageName`).
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let lacks = |key: &&&str| self.0.get(**key).is_none_or(Value::is_null);
        KEYS.iter().filter(lacks).copied().collect()
    }

    /// The version of QQ, such as `3.2.15-30366`.
    pub fn version(&self) -> Option<&str> {
        self.0.get("CurrentVersion")?.as_str()
    }

    /// The system: `Linux`, `Windows` or `Mac`.
    pub fn system(&self) -> Option<&str> {
        self.0.get("Os")?.as_str()
    }

    /// Writes `appinfo.json` into the account's folder. The core asks the signer by itself first; the file
    /// is what it falls back to, and with it even a question that fails does not make it another version
    /// than the one that is signed for. A person's own file is set aside.
    pub fn write(&self, folder: &Path) -> Result<(), FileError> {
        let path = folder.join(FILE);
        if path.exists() && !is_ours(&path)? {
            files::set_aside(&path, "own", std::time::SystemTime::now())?;
        }
        let mut entries = self.0.clone();
        entries.insert(WRITER.to_owned(), PERPETUA.into());
        let text = format!("{:#}\n", Value::Object(entries));
        write_atomic(&path, text.as_bytes(), Access::Usual)
    }

    /// Removes an `appinfo.json` that [`AppInfo::write`] wrote for another signer; a person's own stays.
    pub fn remove(folder: &Path) -> Result<(), FileError> {
        let path = folder.join(FILE);
        if is_ours(&path)? {
            files::remove(&path)
        } else {
            Ok(())
        }
    }
}

fn is_ours(path: &Path) -> Result<bool, FileError> {
    let bytes = files::read(path)?.unwrap_or_default();
    let value = jsonc::value(&jsonc::text_of(&bytes)).unwrap_or_default();
    Ok(value.get(WRITER).and_then(Value::as_str) == Some(PERPETUA))
}
