//! What a core is started with.

use std::{path::PathBuf, sync::Arc, time::Duration};

use perpetua_config::{Log, SignThrough};
use perpetua_fs::Folders;
use perpetua_lagrange::{AccountFolder, CoreProtocol, ResolvedSigner};
use perpetua_lifecycle::LifecyclePolicy;
use perpetua_secrets::SecretStore;
use perpetua_signing::Desks;
use perpetua_task::{GapWatch, WallClock};
use perpetua_words::Message;

use crate::{Cores, Launcher, Names, SignerChoice};

/// What the core of one account is started with.
#[derive(Debug)]
pub struct CoreOptions {
    /// The account's name in the settings.
    pub account: String,
    /// Where its folder and its log files lie.
    pub folders: Folders,
    /// What may change while it runs.
    pub settings: CoreSettings,
    /// The limits of its log files.
    pub log: Log,
    /// Makes the jitter of waits; from the node's own randomness.
    pub seed: u64,
    /// The world outside.
    pub ports: CorePorts,
}

/// The settings of one account's core.
#[derive(Clone, PartialEq, Debug)]
pub struct CoreSettings {
    /// How patient the machine is, and which account may log in (`expected`).
    pub policy: LifecyclePolicy,
    /// What the core pretends to be where the signer does not say.
    pub protocol: CoreProtocol,
    /// Who may sign, the most wanted first.
    pub signers: Vec<ResolvedSigner>,
    /// Who asks them: this node for the core, or the core itself.
    pub sign_through: SignThrough,
    /// How long the node waits for one before it asks the next as well.
    pub sign_patience: Duration,
    /// The most memory that the core may take, in bytes.
    pub memory_limit: Option<u64>,
    /// What of the settings is taken otherwise than it is written, for people.
    pub remark: Option<Message>,
    /// Whether the texts of messages stay in its log.
    pub log_messages: bool,
}

/// The world outside of a driver.
#[derive(Clone, Debug)]
pub struct CorePorts {
    /// Starts processes.
    pub launcher: Arc<dyn Launcher>,
    /// The installed cores.
    pub cores: Arc<dyn Cores>,
    /// Tells when names of the internet are found again.
    pub names: Arc<dyn Names>,
    /// Asks signers.
    pub signers: Arc<dyn SignerChoice>,
    /// Where cores ask for signatures.
    pub desks: Desks,
    /// Keeps the key that seals copies of the login.
    pub secrets: SecretStore,
    /// Tells when this process itself stood still.
    pub gaps: GapWatch,
    /// Names copies and files that are set aside.
    pub wall: WallClock,
}

/// The paths of one account's core.
#[derive(Clone, Debug)]
pub(crate) struct CorePaths {
    /// Its working folder, `<data>/accounts/<name>`.
    pub(crate) folder: AccountFolder,
    /// Who runs in it: the identity of its process.
    pub(crate) run_file: PathBuf,
    /// Where .NET unpacks the core's libraries, shared by all accounts.
    pub(crate) extract_folder: PathBuf,
}

impl CorePaths {
    pub(crate) fn new(folders: &Folders, account: &str) -> Self {
        let folder = folders.data().join("accounts").join(account);
        Self {
            run_file: folder.join("run.json"),
            folder: AccountFolder::new(folder),
            extract_folder: folders.data().join("core").join(".extracted"),
        }
    }
}
