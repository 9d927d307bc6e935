//! Trying a framework on its owner's behalf: its dialler is woken, and what comes of that is told.
//!
//! Nothing is dialled beside the dialler, so that a framework never sees two connections of one account; and what
//! succeeds is the client's own connection.

use std::time::Duration;

use perpetua_hub::{DialFailure, DialState};
use tokio::{sync::watch, time::timeout};

use super::{CONNECT_LIMIT, REFUSES_WITHIN, UPGRADE_LIMIT};

/// How long an outcome is waited for: as long as one attempt may take, and the moment in which frameworks refuse after it.
pub const TRIAL_LIMIT: Duration = Duration::from_secs(
    CONNECT_LIMIT.as_secs() + UPGRADE_LIMIT.as_secs() + REFUSES_WITHIN.as_secs() + 2,
);

/// Has a framework dialled at once. A cheap clone.
#[derive(Clone, Debug)]
pub struct DialTrial {
    wish: watch::Sender<()>,
    state: watch::Receiver<DialState>,
}

/// The dialler's side of it.
#[derive(Debug)]
pub struct TriedDial {
    wish: watch::Receiver<()>,
    /// Somebody wished for another attempt while one was under way.
    wants_another: bool,
    state: watch::Sender<DialState>,
}

/// What came of a trial.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tried {
    /// The framework has taken the connection, and kept it.
    Connected,
    /// It was connected before: nothing was tried.
    ConnectedBefore,
    /// Nobody knows whose account it is: nothing was tried.
    Unnamed,
    /// It was not connected.
    Failed(DialFailure),
    /// Nobody dials any more.
    Gone,
    /// Nothing has come of it yet.
    Undecided,
}

/// Both sides.
pub fn dial_trial() -> (DialTrial, TriedDial) {
    let (wish, wished) = watch::channel(());
    let (told, state) = watch::channel(DialState::default());
    let trial = DialTrial { wish, state };
    let tried = TriedDial {
        wish: wished,
        wants_another: false,
        state: told,
    };
    (trial, tried)
}

impl DialTrial {
    /// Whether frames flow now.
    pub fn is_open(&self) -> bool {
        matches!(*self.state.borrow(), DialState::Open { .. })
    }

    /// Ends the wait for the next attempt, or joins the one that is under way, and waits for its outcome. Leaving ends
    /// nothing.
    pub async fn run(&self) -> Tried {
        let mut state = self.state.clone();
        match *state.borrow_and_update() {
            DialState::Open { .. } => return Tried::ConnectedBefore,
            DialState::Unnamed => return Tried::Unnamed,
            DialState::AwaitsApi | DialState::Dialling { .. } | DialState::Waiting { .. } => {}
        }
        self.wish.send_replace(());
        let outcome = timeout(TRIAL_LIMIT, outcome(&mut state)).await;
        outcome.unwrap_or(Tried::Undecided)
    }
}

async fn outcome(state: &mut watch::Receiver<DialState>) -> Tried {
    loop {
        if state.changed().await.is_err() {
            return Tried::Gone;
        }
        let seen = state.borrow_and_update().clone();
        match seen {
            DialState::AwaitsApi | DialState::Dialling { .. } => {}
            DialState::Unnamed => return Tried::Unnamed,
            DialState::Waiting { failure, .. } => return Tried::Failed(failure),
            DialState::Open { .. } => return kept(state).await,
        }
    }
}

/// Some frameworks refuse a connection that they have taken.
async fn kept(state: &mut watch::Receiver<DialState>) -> Tried {
    match timeout(REFUSES_WITHIN, state.changed()).await {
        Err(_elapsed) => Tried::Connected,
        Ok(Err(_closed)) => Tried::Gone,
        Ok(Ok(())) => match &*state.borrow() {
            DialState::Waiting { failure, .. } => Tried::Failed(failure.clone()),
            DialState::Unnamed => Tried::Unnamed,
            DialState::AwaitsApi | DialState::Open { .. } | DialState::Dialling { .. } => {
                Tried::Undecided
            }
        },
    }
}

impl TriedDial {
    /// How the way stands.
    pub(super) fn tell(&self, state: &DialState) {
        self.state.send_replace(state.clone());
    }

    /// A wait begins: whoever wished for an attempt before has had it, or is owed another one.
    pub(super) fn begins_to_wait(&mut self) {
        if std::mem::take(&mut self.wants_another) {
            self.wish.mark_changed();
        } else {
            self.wish.mark_unchanged();
        }
    }

    /// Until somebody wishes that the attempt under way is given up for another one.
    pub(super) async fn wished_for_another(&mut self) {
        self.wished().await;
        self.wants_another = true;
    }

    /// Until somebody wishes that it is dialled at once.
    pub(super) async fn wished(&mut self) {
        if self.wish.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
