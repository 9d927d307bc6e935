//! The browsers that sign in: where their token and their sessions are kept.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use perpetua_access::{CODE_LIFE, KeptSession};
use perpetua_accounts::Tokens;
use perpetua_fs::{Access, FileAction, FileError, Folders, write_atomic};
use perpetua_http::{Pages, SignIn};
use perpetua_proxy::Clock;
use perpetua_schema::{ErrorCode, Method, RpcError, SignInLink, SignInLinkMade, TokenValue};
use perpetua_secrets::{Secret, SecretError, generate_token};
use perpetua_task::blocking;
use perpetua_words::{Message, rpc as words};
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};
use tracing::warn;

use crate::settings_file::read::{ReadError, read};

/// The store's name for the token that browsers sign in with.
const SECRET: &str = "sign-in";
/// How long after a failure the store is asked again: seldom, for a locked keyring may ask its owner for the
/// password each time, and whoever opens the page makes it ask.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// What the node knows of browsers.
#[derive(Debug)]
pub(crate) struct Browsers {
    sign_in: SignIn,
    pages: Pages,
    tokens: Tokens,
    /// Asked for when somebody signs in for the first time: a node that no browser opens needs no keyring for it.
    token: Mutex<Found>,
    /// Where the sessions are kept; who holds it writes.
    file: Mutex<KeptFile>,
    /// What is wrong with that file.
    problem: watch::Sender<Option<Message>>,
}

#[derive(Debug)]
enum Found {
    NotAsked,
    Here(Secret),
    Failed { at: Instant, why: Message },
}

#[derive(Debug)]
struct KeptFile {
    path: PathBuf,
    /// Whether it lacks what has happened since it was written.
    is_behind: bool,
    /// Whether it may still hold a session that has been ended.
    holds_ended: bool,
    /// Writes it; tests fill the disk.
    write: fn(&Path, &[u8]) -> Result<(), FileError>,
}

impl Browsers {
    /// With the sessions that a former run has kept.
    pub(crate) async fn open(
        folders: &Folders,
        tokens: Tokens,
        clock: &Clock,
        pages: Pages,
    ) -> Self {
        let (file, clock) = (folders.sessions(), clock.clone());
        let kept = blocking({
            let file = file.clone();
            move || kept_sessions(&file)
        });
        let (kept, problem) = match kept.await {
            Ok(kept) => (kept, None),
            Err(problem) => {
                warn!("{problem}");
                (Vec::new(), Some(problem))
            }
        };
        Self {
            sign_in: SignIn::new(kept, move || clock.now()),
            pages,
            tokens,
            token: Mutex::new(Found::NotAsked),
            file: Mutex::new(KeptFile {
                path: file,
                is_behind: false,
                holds_ended: false,
                write: write_own,
            }),
            problem: watch::Sender::new(problem),
        }
    }

    /// How they sign in.
    pub(crate) fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// What they are shown.
    pub(crate) fn pages(&self) -> Pages {
        self.pages
    }

    /// What keeps sessions from outliving the node.
    pub(crate) fn problem(&self) -> Option<Message> {
        self.problem.borrow().clone()
    }

    /// What they sign in with, made now if there was none.
    pub(crate) async fn token(&self) -> Result<Secret, Message> {
        self.ask(&mut *self.token.lock().await).await
    }

    async fn ask(&self, found: &mut Found) -> Result<Secret, Message> {
        match found {
            Found::Here(token) => return Ok(token.clone()),
            Found::Failed { at, why } if at.elapsed() < AGAIN_AFTER => return Err(why.clone()),
            Found::NotAsked | Found::Failed { .. } => {}
        }
        let asked = self
            .tokens
            .ask(|tokens| tokens.store().get_or_generate(SECRET));
        match asked.await {
            Ok(token) => {
                *found = Found::Here(token.clone());
                Ok(token)
            }
            Err(error) => {
                warn!(%error, "no browser can sign in");
                let why = Message::from(&error);
                *found = Found::Failed {
                    at: Instant::now(),
                    why: why.clone(),
                };
                Err(why)
            }
        }
    }

    /// A link that lets one browser in.
    pub(crate) async fn link(&self) -> Result<SignInLinkMade, RpcError> {
        // Whoever replaces the token waits until the code is there to be dropped.
        let mut found = self.token.lock().await;
        // Without it nobody can sign in, with a link either.
        let token = self.ask(&mut found).await.map_err(not_had)?;
        let code = self.sign_in.new_code(&token);
        let call = SignInLink::NAME;
        let code = code.ok_or_else(|| RpcError::new(ErrorCode::Internal, words::Fault { call }))?;
        Ok(SignInLinkMade {
            path: format!("/signin#code={}", code.expose()),
            good_for_s: CODE_LIFE.as_secs(),
            problem: (!self.pages.are_there()).then(|| words::NoPages.into()),
        })
    }

    /// The token, for its owner.
    pub(crate) async fn shown_token(&self) -> Result<TokenValue, RpcError> {
        let token = self.token().await.map_err(not_had)?;
        Ok(value(&token))
    }

    /// Replaces the token. Whoever came in by the former one is out at once.
    pub(crate) async fn renew_token(&self) -> Result<TokenValue, RpcError> {
        let mut found = self.token.lock().await;
        let token = generate_token().map_err(|error| failed(&error))?;
        let new = token.clone();
        let stored = self
            .tokens
            .ask(move |tokens| tokens.store().set(SECRET, &new));
        stored.await.map_err(|error| failed(&error))?;
        *found = Found::Here(token.clone());
        self.sign_in.end_all();
        drop(found);
        // Under another token even a file that is left lets nobody in.
        let _shown = self.keep_without_ended().await;
        Ok(value(&token))
    }

    /// Keeps the sessions for the next run.
    pub(crate) async fn keep(&self) {
        let mut file = self.file.lock().await;
        let _shown = self.write(&mut file).await;
    }

    /// The same after some have ended, which must not be let in by the next run: a file that cannot be written is
    /// deleted, which works on a full disk too. Fails when the file holds them still.
    pub(crate) async fn keep_without_ended(&self) -> Result<(), Message> {
        let mut file = self.file.lock().await;
        file.holds_ended = true;
        self.write(&mut file).await
    }

    /// Keeps what could not be kept when it happened: the node ends.
    pub(crate) async fn keep_at_end(&self) {
        let mut file = self.file.lock().await;
        if file.is_behind {
            let _shown = self.write(&mut file).await;
        }
    }

    async fn write(&self, file: &mut KeptFile) -> Result<(), Message> {
        file.is_behind = true;
        let (path, write, holds_ended) = (file.path.clone(), file.write, file.holds_ended);
        let bytes = serde_json::to_vec(&self.sign_in.kept()).unwrap_or_default();
        let written = blocking(move || match write(&path, &bytes) {
            Ok(()) => Written::Whole,
            Err(error) => unwritten(&path, &error, holds_ended),
        });
        let written = written.await;
        file.is_behind = written != Written::Whole;
        file.holds_ended &= matches!(written, Written::Undeleted(_));
        let (problem, outcome) = match written {
            Written::Whole => (None, Ok(())),
            Written::Not(cause) => (Some(words::SessionsUnkept { cause }.into()), Ok(())),
            Written::Undeleted(why) => (Some(why.clone()), Err(why)),
        };
        if let Some(problem) = &problem {
            warn!("{problem}");
        }
        self.problem.send_replace(problem);
        outcome
    }
}

/// What became of the file.
#[derive(PartialEq, Eq, Debug)]
enum Written {
    Whole,
    /// It is as it was, or gone where it had to go.
    Not(Message),
    /// It is as it was, and should be gone.
    Undeleted(Message),
}

fn write_own(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_atomic(path, bytes, Access::Owner)
}

fn unwritten(path: &Path, error: &FileError, must_be_gone: bool) -> Written {
    let deleted = if must_be_gone {
        std::fs::remove_file(path)
    } else {
        Ok(())
    };
    match deleted {
        Err(left) if left.kind() != std::io::ErrorKind::NotFound => {
            let left = FileError::new(FileAction::Delete, path, left);
            return Written::Undeleted(Message::from(&left));
        }
        Ok(()) | Err(_) => {}
    }
    Written::Not(Message::from(error))
}

/// Those of a file, or why it tells none.
fn kept_sessions(file: &Path) -> Result<Vec<KeptSession>, Message> {
    let unread = |cause: Message| Message::from(words::SessionsUnread { path: file, cause });
    match read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            let text = error.to_string();
            unread(perpetua_words::io::Other { text }.into())
        }),
        Err(ReadError::Missing) => Ok(Vec::new()),
        Err(ReadError::Unreadable(cause)) => Err(unread(cause)),
    }
}

fn value(token: &Secret) -> TokenValue {
    TokenValue {
        token: Some(token.expose().to_owned()),
    }
}

fn failed(error: &SecretError) -> RpcError {
    RpcError {
        code: crate::refusal::code_of_secret(error),
        ..not_had(error.into())
    }
}

/// The store gives none.
fn not_had(cause: Message) -> RpcError {
    RpcError::new(
        ErrorCode::Unavailable,
        perpetua_words::http::NoSignInToken { cause },
    )
}

#[cfg(test)]
mod tests;
