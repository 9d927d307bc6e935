//! Where the program of a core comes from: a port, which the installer fills.

use std::{fmt, path::PathBuf};

use futures_util::future::BoxFuture;
use perpetua_lifecycle::{InstallProblem, LaunchFailure, Progress};
use tokio::sync::watch;

/// An installed core that is what it was when it was installed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedCore {
    /// The version's name, such as `nightly-3fa9c1d2`.
    pub id: String,
    /// The file to start.
    pub program: PathBuf,
}

/// The installed cores, shared by all accounts.
pub trait Cores: Send + Sync + fmt::Debug {
    /// The current version, verified now. Fails with `NoCore`, `Damaged` or `Machine`.
    fn current(&self) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>>;

    /// Sees to it that there is a version; joins an installation that is under way.
    /// Dropping the future gives up only this caller's wait.
    fn ensure(&self) -> BoxFuture<'static, Result<(), InstallProblem>>;

    /// How far the installation under way is; `None` when there is none.
    fn progress(&self) -> watch::Receiver<Option<Progress>>;

    /// A number that grows whenever another version becomes the current one.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Makes the version before the current one current again; its name. An error says in words
    /// why there is none.
    fn roll_back(&self) -> BoxFuture<'static, Result<String, String>>;
}
