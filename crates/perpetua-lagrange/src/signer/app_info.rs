//! What a client of QQ says of itself.

use std::path::Path;

use perpetua_fs::{Access, FileError, write_changed};
use serde_json::{Map, Value};

use super::known;
use crate::{CoreProtocol, files, jsonc};

const FILE: &str = "appinfo.json";
/// The keys of `BotAppInfo` and what each holds. A signer may write them in any case, the file may not.
const KEYS: [(&str, Kind); 16] = [
    ("Os", Kind::Text),
    ("VendorOs", Kind::Text),
    ("Kernel", Kind::Text),
    ("CurrentVersion", Kind::Text),
    ("MiscBitmap", Kind::Whole),
    ("PtVersion", Kind::Text),
    ("SsoVersion", Kind::Whole),
    ("PackageName", Kind::Text),
    ("WtLoginSdk", Kind::Text),
    ("AppId", Kind::Whole),
    ("SubAppId", Kind::Whole),
    ("AppIdQrCode", Kind::Whole),
    ("AppClientVersion", Kind::Whole),
    ("MainSigMap", Kind::Whole),
    ("SubSigMap", Kind::Whole),
    ("NTLoginType", Kind::Whole),
];
/// A key of ours in the file, which .NET passes over: what we wrote we may remove.
const WRITER: &str = "WrittenBy";
const PERPETUA: &str = "perpetua";

/// What a field holds.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    /// A whole number.
    Whole,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Whole => value.is_i64() || value.is_u64(),
        }
    }
}

/// What a client of QQ says of itself (`BotAppInfo`): that of a version, and perhaps not all of it.
#[derive(Clone, PartialEq, Debug)]
pub struct AppInfo(Map<String, Value>);

impl AppInfo {
    /// Takes a signer's answer; `None` if it does not say for which version it signs.
    pub fn new(answer: &Value) -> Option<Self> {
        let mut entries = Map::new();
        for (key, value) in answer.as_object()? {
            let mut names = KEYS.iter().map(|(name, _)| *name);
            let known = names.find(|known| known.eq_ignore_ascii_case(key));
            entries.insert(known.unwrap_or(key).to_owned(), value.clone());
        }
        let info = Self(entries);
        let version = info.version()?;
        let is_version = version.chars().any(|character| character.is_ascii_digit());
        is_version.then_some(info)
    }

    /// What the core says of itself when nobody tells it.
    pub fn built_in(protocol: CoreProtocol) -> Self {
        Self::of(&known::built_in(protocol))
    }

    /// What is known of a version of QQ on this system; complete.
    pub fn known(protocol: CoreProtocol, version: &str) -> Option<Self> {
        let all = known::all();
        let mut infos = all.iter().map(Self::of);
        infos.find(|info| info.protocol() == Some(protocol) && info.version() == Some(version))
    }

    /// What `appinfo.json` in an account's folder says, whoever wrote it; `None` if there is none of which
    /// the core could use all.
    pub fn read(folder: &Path) -> Result<Option<Self>, FileError> {
        let bytes = files::read(&folder.join(FILE))?.unwrap_or_default();
        let value = jsonc::value(&jsonc::text_of(&bytes)).unwrap_or_default();
        let info = Self::new(&value).filter(|info| info.missing().is_empty());
        Ok(info.map(|mut info| {
            info.0.remove(WRITER);
            info
        }))
    }

    /// The fields that the core needs and that are not there, or of another kind: it ends at each start without
    /// one of them (`Value is null for System.String PackageName`), and passes over an answer in which one is of
    /// another kind, so that it would be another version than the one that is signed for.
    pub fn missing(&self) -> Vec<&'static str> {
        let fits = |name: &str, kind: Kind| self.0.get(name).is_some_and(|value| kind.fits(value));
        let lacking = KEYS.iter().filter(|(name, kind)| !fits(name, *kind));
        lacking.map(|(name, _)| *name).collect()
    }

    /// Fills in what is missing from what is known of its version, where that is known on the system that it
    /// names, or on `protocol` where it names none. Gives the fields that are still missing otherwise.
    pub fn completed(mut self, protocol: CoreProtocol) -> Result<Self, Vec<&'static str>> {
        let missing = self.missing();
        let system = self.protocol().unwrap_or(protocol);
        let version = self.version().unwrap_or_default();
        let Some(known) = Self::known(system, version) else {
            return if missing.is_empty() {
                Ok(self)
            } else {
                Err(missing)
            };
        };
        for key in missing {
            if let Some(value) = known.0.get(key) {
                self.0.insert(key.to_owned(), value.clone());
            }
        }
        Ok(self)
    }

    /// The client that it belongs to; `None` where it names no system, or one that no core can be.
    pub fn protocol(&self) -> Option<CoreProtocol> {
        CoreProtocol::of_system(self.system()?)
    }

    /// As a signer would say it.
    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    fn of(known: &Value) -> Self {
        Self(known.as_object().cloned().unwrap_or_default())
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
    /// than the one that is signed for. A person's own file is set aside, and one that says this already is left as it is.
    pub fn write(&self, folder: &Path) -> Result<(), FileError> {
        let path = folder.join(FILE);
        if path.exists() && !is_ours(&path)? {
            files::set_aside(&path, "own", std::time::SystemTime::now())?;
        }
        let mut entries = self.0.clone();
        entries.insert(WRITER.to_owned(), PERPETUA.into());
        let text = format!("{:#}\n", Value::Object(entries));
        write_changed(&path, text.as_bytes(), Access::Usual).map(drop)
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
