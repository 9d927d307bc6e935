//! What the core is given for one start: its settings file and its environment.

mod environment;
mod file;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use perpetua_fs::FileError;
use perpetua_secrets::Secret;
use perpetua_words::Message;

use crate::log::LogMark;
use crate::{CoreProtocol, ProxyUrl, SignerUrl};

pub use environment::inherited;
pub(crate) use file::{Implementation, implementations};

/// What we decide for one start of the core; all else in its settings file is the user's.
#[derive(Clone, Debug)]
pub struct LagrangeSettings {
    /// The loopback port of its WebSocket server; travels in the environment.
    pub port: u16,
    /// The token of that server; travels only in the environment.
    pub token: Secret,
    /// The account, which names files; `None` while it is not known.
    pub uin: Option<u64>,
    /// What the core falls back to when neither the signer nor `appinfo.json` says more.
    pub protocol: CoreProtocol,
    /// Where it asks for signatures; may hold a key, and travels only in the environment.
    pub sign_server: SignerUrl,
    /// The proxy on the way there; travels only in the environment.
    pub sign_proxy: Option<ProxyUrl>,
    /// What starts each record of its log; the same is given to [`LogReader::new`](crate::log::LogReader::new).
    pub log_mark: LogMark,
    /// Where .NET may unpack the core's libraries; kept between starts.
    pub extract_folder: PathBuf,
}

/// What writing the settings file has changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WrittenSettings {
    /// What of the former file is not used any more, a sentence each, for people. Empty from the second start on.
    pub dropped: Vec<Message>,
}

/// Why the settings file could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LagrangeSettingsError {
    /// The disk.
    #[error("{}", Message::from(.0))]
    File(FileError),
}

impl From<FileError> for LagrangeSettingsError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<&LagrangeSettingsError> for Message {
    fn from(error: &LagrangeSettingsError) -> Self {
        match error {
            LagrangeSettingsError::File(error) => error.into(),
        }
    }
}

impl LagrangeSettings {
    /// Writes `appsettings.json` into the account's folder, for nobody but its owner.
    ///
    /// Comments, order, and keys that are not ours are kept. A file that is no JSON is set aside as
    /// `appsettings.json.broken-<time>`, and that is said. A file that is as it is to be is not written.
    pub fn write(&self, folder: &Path) -> Result<WrittenSettings, LagrangeSettingsError> {
        file::write(self, folder)
    }

    /// The variables to add to the core's environment. Values may be secret.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        environment::of(self)
    }
}
