//! The state of the sign-in: one-time codes, sessions, and who has guessed.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use perpetua_access::{GuessStanding, Guesses, KeptSession, OneTimeCodes, Redeemed, Sessions};
use perpetua_hub::ClockReading;
use perpetua_schema::SignInRefused;
use perpetua_secrets::{Secret, SecretError, generate_token};
use tokio::sync::watch;

/// How browsers sign in. Clones share what they know; the sign-in token is an argument wherever it counts.
#[derive(Clone)]
pub struct SignIn {
    state: Arc<Mutex<State>>,
    /// Tells that sessions have ended.
    ended: Arc<watch::Sender<()>>,
    now: Arc<dyn Fn() -> ClockReading + Send + Sync>,
}

#[derive(Debug)]
struct State {
    guesses: Guesses,
    codes: OneTimeCodes,
    sessions: Sessions,
}

impl SignIn {
    /// With the sessions that a former run has kept; `now` tells the time.
    pub fn new(
        kept: Vec<KeptSession>,
        now: impl Fn() -> ClockReading + Send + Sync + 'static,
    ) -> Self {
        let begun = now();
        // No two runs of a node begin in the same billionth of a second.
        let run = u64::try_from(begun.unix.as_nanos()).unwrap_or(u64::MAX);
        let state = State {
            guesses: Guesses::default(),
            codes: OneTimeCodes::new(run, begun.instant),
            sessions: Sessions::new(kept),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            ended: Arc::new(watch::Sender::new(())),
            now: Arc::new(now),
        }
    }

    /// Hands out a one-time code; `None` if none can be made with this token, which does not happen.
    pub fn new_code(&self, token: &Secret) -> Option<Secret> {
        let now = (self.now)().instant;
        self.lock().codes.add(token, now)
    }

    /// The sessions that are to outlive the node.
    pub fn kept(&self) -> Vec<KeptSession> {
        self.lock().sessions.kept().to_vec()
    }

    /// Ends every session and every code: the token has been replaced.
    pub fn end_all(&self) {
        let mut state = self.lock();
        state.sessions.clear();
        state.codes.clear();
        drop(state);
        self.ended.send_replace(());
    }

    /// Somebody at `peer` shows a token in order to sign in.
    pub(crate) fn by_token(
        &self,
        peer: IpAddr,
        shown: &str,
        token: &Secret,
    ) -> Result<(), SignInRefused> {
        let mut state = self.lock();
        if token.matches(shown.trim().as_bytes()) {
            state.guesses.right(peer);
            return Ok(());
        }
        Err(match state.guesses.wrong(peer, (self.now)().instant) {
            GuessStanding::Left(left) => SignInRefused::WrongToken { left },
            GuessStanding::Locked(time) => locked(time),
        })
    }

    /// Somebody at `peer` shows a one-time code. One that was good once is no guess.
    pub(crate) fn by_code(
        &self,
        peer: IpAddr,
        shown: &str,
        token: &Secret,
    ) -> Result<(), SignInRefused> {
        let (mut state, now) = (self.lock(), (self.now)().instant);
        match state.codes.redeem(shown.as_bytes(), token, now) {
            Redeemed::Right => {
                state.guesses.right(peer);
                Ok(())
            }
            Redeemed::Used => Err(SignInRefused::CodeUsed),
            Redeemed::Late => Err(SignInRefused::CodeLate),
            Redeemed::Unknown => Err(match state.guesses.wrong(peer, now) {
                GuessStanding::Left(_) => SignInRefused::CodeUnknown,
                GuessStanding::Locked(time) => locked(time),
            }),
        }
    }

    /// For how long a page of this address is locked.
    pub(crate) fn locked(&self, peer: IpAddr) -> Option<Duration> {
        match self.lock().guesses.standing(peer, (self.now)().instant) {
            GuessStanding::Left(_) => None,
            GuessStanding::Locked(time) => Some(time),
        }
    }

    /// Begins a session, and gives its id.
    pub(crate) fn begin(&self, token: &Secret) -> Result<Secret, SecretError> {
        let id = generate_token()?;
        self.lock().sessions.begin(&id, token, (self.now)().unix);
        Ok(id)
    }

    /// How much longer a session lasts; `None` when this is none.
    pub(crate) fn left(&self, id: &str, token: &Secret) -> Option<Duration> {
        let now = (self.now)().unix;
        self.lock().sessions.left(id.as_bytes(), token, now)
    }

    /// Whether this was a session that nobody has ended but time.
    pub(crate) fn has_expired(&self, id: &str, token: &Secret) -> bool {
        let now = (self.now)().unix;
        self.lock().sessions.has_expired(id.as_bytes(), token, now)
    }

    /// Ends a session wherever it is used.
    pub(crate) fn end(&self, id: &str, token: &Secret) {
        self.lock().sessions.end(id.as_bytes(), token);
        self.ended.send_replace(());
    }

    /// Hears when sessions end.
    pub(crate) fn endings(&self) -> watch::Receiver<()> {
        self.ended.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole seconds, never none: a page that counts down to nothing is open.
fn locked(time: Duration) -> SignInRefused {
    SignInRefused::Locked {
        seconds: whole_seconds(time),
    }
}

/// Rounded up.
pub(crate) fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

impl fmt::Debug for SignIn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().fmt(formatter)
    }
}
