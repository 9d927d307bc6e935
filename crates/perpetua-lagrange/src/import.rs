//! Taking over an installation of the original perpetua or of a bare Lagrange.OneBot.
//!
//! [`plan`] looks and changes nothing; [`take_over`] copies the login and the settings of the core. What
//! belongs into `perpetua.toml` (account, signer, clients) is told, for the caller to add. The source
//! is never changed.

mod inside;
mod lagrange;
mod perpetua;
mod take;

use std::fmt;
use std::path::{Path, PathBuf};

use perpetua_fs::FileError;
use perpetua_secrets::{InvalidSecret, Secret};
use perpetua_words::{Message, import as words};

use crate::{CoreProtocol, ResolvedSigner};

pub use take::{ReplaceLogin, TakenOver, take_over};

/// What the core's program is called, and then what a .NET runtime runs of it.
pub const PROGRAMS: [&str; 3] = [
    "Lagrange.OneBot",
    "Lagrange.OneBot.exe",
    "Lagrange.OneBot.dll",
];

/// What a folder holds that can be taken over.
#[derive(Clone, PartialEq, Debug)]
pub struct FoundInstallation {
    /// What kind of installation it is.
    pub origin: InstallationOrigin,
    /// The folder in which its core works.
    pub folder: PathBuf,
    /// Whether its settings are there, can be read, and say something.
    pub has_settings: bool,
    /// Its session file, if it is there and can be used.
    pub keystore: Option<PathBuf>,
    /// Its device file, if it is there and can be used.
    pub device: Option<PathBuf>,
    /// Why the device file that is there cannot be used.
    pub device_problem: Option<Message>,
    /// The account, from the session file or the settings.
    pub uin: Option<u64>,
    /// The protocol of its settings.
    pub protocol: CoreProtocol,
    /// The signer of its settings, for `[[signers]]`.
    pub signer: Option<ResolvedSigner>,
    /// The core's program; a core can be installed from this file.
    pub program: Option<PathBuf>,
    /// Places for clients that could be set up, as they were.
    pub clients: Vec<SuggestedClient>,
    /// The settings of the original perpetua.
    pub node: NodeSettings,
    /// What else a person should know, a sentence each.
    pub remarks: Vec<Message>,
}

impl FoundInstallation {
    /// Whether an account could come of it: something in it was there and could be read.
    pub fn is_of_use(&self) -> bool {
        let has_files = self.keystore.is_some() || self.device.is_some() || self.program.is_some();
        has_files || self.has_settings || !self.clients.is_empty()
    }
}

/// What kind of installation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstallationOrigin {
    /// The original perpetua: a `config.yml`, and its core beside it.
    Perpetua,
    /// A bare Lagrange.OneBot.
    Lagrange,
}

/// What `config.yml` of the original perpetua says of the node itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeSettings {
    /// The port of its HTTP API (`http.port`).
    pub api_port: Option<u16>,
    /// The ports it leases (`web-socket.range-port`), if a range was set.
    pub lease_range: Option<(u16, u16)>,
    /// An implementation that it did not start itself (`ntqq-impl.external-web-socket`).
    pub external: Option<ClientUrl>,
}

/// A client's place in the old settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SuggestedClient {
    /// A port on which clients connected by WebSocket.
    Forward(ImportedPort),
    /// An address that was dialled.
    Reverse(ClientUrl),
    /// A port on which clients called by HTTP.
    Http(ImportedPort),
    /// An address to which events were posted; its token is the secret of the signature.
    Post(ClientUrl),
}

/// A port for clients.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedPort {
    /// Address and port, such as `127.0.0.1:8081`.
    pub listen: String,
    /// Its token.
    pub token: ImportedToken,
}

/// The token of a port, as the settings have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImportedToken {
    /// There is none.
    Absent,
    /// There is one that no port of ours can ask for, and why.
    Unusable(InvalidSecret),
    /// This one.
    Usable(Secret),
}

impl ImportedToken {
    /// The token, if there is one that can be used.
    pub fn usable(self) -> Option<Secret> {
        match self {
            Self::Usable(secret) => Some(secret),
            Self::Absent | Self::Unusable(_) => None,
        }
    }
}

/// An address of a client, or of an upstream.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientUrl {
    /// The address. It may hold a token, so `Debug` shows it without its query.
    pub url: String,
    /// The token that is sent along.
    pub token: Option<Secret>,
}

impl fmt::Debug for ClientUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientUrl")
            .field("url", &self.shown())
            .field("token", &self.token)
            .finish()
    }
}

impl ClientUrl {
    /// The address without what may be secret in it.
    pub fn shown(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }
}

impl From<&SuggestedClient> for Message {
    fn from(client: &SuggestedClient) -> Self {
        match client {
            SuggestedClient::Forward(port) => words::Forward {
                address: &port.listen,
            }
            .into(),
            SuggestedClient::Reverse(url) => words::Reverse {
                address: url.shown(),
            }
            .into(),
            SuggestedClient::Http(port) => words::Http {
                address: &port.listen,
            }
            .into(),
            SuggestedClient::Post(url) => words::Post {
                address: url.shown(),
            }
            .into(),
        }
    }
}

/// Why nothing was taken over. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum ImportError {
    /// The disk.
    File(FileError),
    /// There is no such folder.
    NoFolder(PathBuf),
    /// The folder holds nothing that we know.
    Nothing(PathBuf),
    /// The target has a login.
    LoginThere(PathBuf),
    /// The source is the target.
    SameFolder(PathBuf),
}

impl From<FileError> for ImportError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<&ImportError> for Message {
    fn from(error: &ImportError) -> Self {
        match error {
            ImportError::File(error) => error.into(),
            ImportError::NoFolder(path) => words::NoFolder { path }.into(),
            ImportError::Nothing(path) => words::Nothing { path }.into(),
            ImportError::LoginThere(path) => words::LoginThere { path }.into(),
            ImportError::SameFolder(path) => words::SameFolder { path }.into(),
        }
    }
}

/// Looks at a folder; changes nothing. What cannot be read in it becomes a remark.
pub fn plan(folder: &Path) -> Result<FoundInstallation, ImportError> {
    if !folder.is_dir() {
        return Err(ImportError::NoFolder(folder.to_owned()));
    }
    // The original perpetua keeps everything in `config/` below the folder it is started in.
    let below = inside::Place::of(folder, "config").inside();
    for place in [Some(folder.to_owned()), below].into_iter().flatten() {
        let Some(config) = perpetua::config(&place)? else {
            continue;
        };
        let mut found = lagrange::look(&place)?;
        found.origin = InstallationOrigin::Perpetua;
        perpetua::add(&config, &mut found);
        return Ok(found);
    }
    let found = lagrange::look(folder)?;
    let is_something = found.keystore.is_some()
        || found.program.is_some()
        || folder.join(lagrange::SETTINGS).is_file()
        || folder.join("keystore.json").is_file();
    if is_something {
        Ok(found)
    } else {
        Err(ImportError::Nothing(folder.to_owned()))
    }
}
