//! What a core is started with.

use std::{path::PathBuf, sync::Arc};

use perpetua_config::Log;
use perpetua_fs::Folders;
use perpetua_lagrange::{AccountFolder, CoreProtocol, ResolvedSigner};
use perpetua_lifecycle::LifecyclePolicy;
use perpetua_secrets::SecretStore;

use crate::{Cores, Launcher, SignerChoice};

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
    /// Makes the jitter of waits and the mark of its log; from the node's own randomness.
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
    /// The most memory that the core may take, in bytes.
    pub memory_limit: Option<u64>,
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
    /// Asks signers.
    pub signers: Arc<dyn SignerChoice>,
    /// Keeps the key that seals copies of the login.
    pub secrets: SecretStore,
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
