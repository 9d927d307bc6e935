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
    /// It has yet to keep the account online, and there is a version to go back to should it not.
    pub is_on_trial: bool,
}

/// What came of giving a version up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RollBackOutcome {
    /// Another one is the current one now; its name.
    To(String),
    /// It stays, because it keeps another account online.
    KeepsAnother,
    /// There is none to go back to; in words.
    NothingBefore(Message),
    /// It could not be done now; why.
    Refused(Message),
}

/// The installed cores, shared by all accounts.
pub trait Cores: Send + Sync + fmt::Debug {
    /// The current version, verified now, for this account. Fails with `NoCore`, `Damaged` or `Machine`.
    fn current(&self, account: &str) -> BoxFuture<'static, Result<VerifiedCore, LaunchFailure>>;

    /// Sees to it that there is a version; joins an installation that is under way.
    /// Dropping the future gives up only this caller's wait.
    fn ensure(&self) -> BoxFuture<'static, Result<(), InstallProblem>>;

    /// How far the installation under way is; `None` when there is none.
    fn progress(&self) -> watch::Receiver<Option<InstallProgress>>;

    /// Why another version became the current one, whenever one does; `None` before the first time.
    fn changes(&self) -> watch::Receiver<Option<CoreChange>>;

    /// Notes that a version has brought an account online, so that it is kept; `lasted` that the account stayed so.
    fn note_online(
        &self,
        version: String,
        account: String,
        lasted: bool,
    ) -> BoxFuture<'static, Result<(), Message>>;

    /// Goes back from this version, which does not work for this account, to the one before it, and remembers why.
    fn roll_back(
        &self,
        from: String,
        account: String,
        why: Message,
    ) -> BoxFuture<'static, RollBackOutcome>;
}
