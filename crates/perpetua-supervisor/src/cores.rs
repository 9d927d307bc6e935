//! Where the program of a core comes from: a port, which the installer fills.

use std::{fmt, path::PathBuf, sync::Arc};

use futures_util::future::BoxFuture;
use perpetua_fetch::{InstallProgress, VersionLease};
use perpetua_lifecycle::{CoreChange, InstallProblem, LaunchFailure};
use perpetua_words::Message;
use tokio::sync::watch;

/// An installed core that is what it was when it was installed.
#[derive(Clone, Debug)]
pub struct VerifiedCore {
    /// The version's name, such as `nightly-3fa9c1d2`.
    pub id: String,
    /// The file to start.
    pub program: PathBuf,
    /// Keeps its files while it runs; absent where nobody would remove them.
    pub lease: Option<Arc<VersionLease>>,
}

/// The installed cores, shared by all accounts.
pub trait Cores: Send + Sync + fmt::Debug {
    /// The current version, verified now. Fails with `NoCore`, `Damaged` or `Machine`.
    fn current(&self) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>>;

    /// Sees to it that there is a version; joins an installation that is under way.
    /// Dropping the future gives up only this caller's wait.
    fn ensure(&self) -> BoxFuture<'static, Result<(), InstallProblem>>;

    /// How far the installation under way is; `None` when there is none.
    fn progress(&self) -> watch::Receiver<Option<InstallProgress>>;

    /// Why another version became the current one, whenever one does; `None` before the first time.
    fn changes(&self) -> watch::Receiver<Option<CoreChange>>;

    /// Goes back from this version to the one before it; gives the name of the current one then. An
    /// error says in words why there is none.
    fn roll_back(&self, from: String) -> BoxFuture<'static, Result<String, Message>>;
}
