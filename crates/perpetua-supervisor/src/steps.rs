//! Work that takes time and must not hold up the loop; what comes of it is an input of the loop.

use std::{collections::VecDeque, fmt};

use futures_util::future::{BoxFuture, FutureExt as _};
use perpetua_lagrange::ForgottenLogin;
use perpetua_lifecycle::{Generation, InstallProblem, LaunchFailure, QrImage, SignerProblem};
use perpetua_process::Usage;
use perpetua_signing::Chosen;
pub(crate) use perpetua_task::blocking;
use perpetua_words::Message;
use tokio::{
    sync::oneshot,
    task::{AbortHandle, JoinSet},
};

use crate::{LoginError, RollBackOutcome, SetAsideLogin, launch::Launched};

/// What came of a step.
#[derive(Debug)]
pub(crate) enum Done {
    /// A launch has a process, or none.
    Prepared(Generation, Box<Result<Launched, LaunchFailure>>),
    /// There is a core, or none.
    InstallEnded(Result<(), InstallProblem>),
    /// Another signer was looked for.
    SignerSought(Generation, Box<Result<Chosen, SignerProblem>>),
    /// The picture of the QR code is there.
    QrRead(Generation, QrImage),
    /// What the process takes.
    Measured(Generation, Option<Usage>),
    /// Whether names of the internet are found.
    NamesLookedUp(bool),
    /// A core was given up: this version, why, and what came of it.
    RolledBack(String, Message, RollBackOutcome),
    /// A chore in the account's folder is done; the words of what failed are for people.
    Chore(Result<(), Message>),
    /// A copy of the login of this start is kept, or could not be.
    LoginKept(Generation, Result<(), Message>),
    /// The files of the login were changed, or not.
    LoginChanged(ChangedLogin),
    /// What of the login is set aside.
    LookedAside(SetAsideLogin),
}

/// What became of the files of a login, and who waits for it.
#[derive(Debug)]
pub(crate) enum ChangedLogin {
    /// A kept one is back in the folder.
    Restored(
        Result<(), LoginError>,
        oneshot::Sender<Result<(), LoginError>>,
    ),
    /// It is deleted, with its copies.
    Forgotten(
        Result<ForgottenLogin, LoginError>,
        oneshot::Sender<Result<ForgottenLogin, LoginError>>,
    ),
}

/// The steps under way. Dropping it ends them.
#[derive(Default)]
pub(crate) struct Steps {
    running: JoinSet<(Turn, Done)>,
    /// Those that touch the account's folder or the installed core run one after the other, in the
    /// order in which they were asked for. The machine has one launch under way at a time and few
    /// chores beside it, and of changes of the login the loop admits one.
    waiting: VecDeque<BoxFuture<'static, Done>>,
    is_busy: bool,
}

impl fmt::Debug for Steps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Steps")
            .field("running", &self.running.len())
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

/// How a step came to run.
#[derive(Debug)]
enum Turn {
    Beside,
    InOrder,
}

impl Steps {
    /// Runs a step at once, beside all others.
    pub(crate) fn spawn(
        &mut self,
        step: impl Future<Output = Done> + Send + 'static,
    ) -> AbortHandle {
        self.running.spawn(step.map(|done| (Turn::Beside, done)))
    }

    /// Runs a step after those that were asked for before it.
    pub(crate) fn in_order(&mut self, step: impl Future<Output = Done> + Send + 'static) {
        self.waiting.push_back(step.boxed());
        self.advance();
    }

    /// Runs blocking work in the account's folder, after what was asked for before it.
    pub(crate) fn chore(&mut self, work: impl FnOnce() -> Result<(), Message> + Send + 'static) {
        self.in_order(blocking(work).map(Done::Chore));
    }

    /// Whether nothing touches the folder or will.
    pub(crate) fn is_idle(&self) -> bool {
        !self.is_busy
    }

    /// The next result; waits for ever while there is no step. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Done {
        loop {
            match self.running.join_next().await {
                Some(Ok((turn, done))) => {
                    if matches!(turn, Turn::InOrder) {
                        self.is_busy = false;
                        self.advance();
                    }
                    return done;
                }
                Some(Err(error)) if error.is_panic() => {
                    std::panic::resume_unwind(error.into_panic())
                }
                // Ended by its abort handle: nobody wants its result.
                Some(Err(_cancelled)) => {}
                None => return std::future::pending().await,
            }
        }
    }

    fn advance(&mut self) {
        if self.is_busy {
            return;
        }
        if let Some(step) = self.waiting.pop_front() {
            self.is_busy = true;
            self.running.spawn(step.map(|done| (Turn::InOrder, done)));
        }
    }
}
