//! From "where a token is" in the settings to the token itself.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use perpetua_access::Auth;
use perpetua_config::{ListenerToken, TokenSource};
use perpetua_secrets::{InvalidSecret, Secret, SecretError, SecretStore};
use perpetua_task::blocking;
use perpetua_words::{Message, token as words};
use tokio::sync::Semaphore;

/// Why a token cannot be had; whatever needs it is not started.
#[derive(Debug)]
pub enum TokenProblem {
    /// The environment variable is not set.
    NoVariable(String),
    /// The token file cannot be read.
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The store has no such secret.
    NoSecret(String),
    /// What the environment variable holds cannot be a token.
    InvalidVariable {
        /// Its name.
        name: String,
        /// What is wrong with it.
        cause: InvalidSecret,
    },
    /// What the file holds cannot be a token.
    InvalidFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: InvalidSecret,
    },
    /// The store failed.
    Store(SecretError),
}

impl From<SecretError> for TokenProblem {
    fn from(error: SecretError) -> Self {
        Self::Store(error)
    }
}

impl From<&TokenProblem> for Message {
    fn from(problem: &TokenProblem) -> Self {
        match problem {
            TokenProblem::NoVariable(name) => words::NoVariable { name }.into(),
            TokenProblem::UnreadableFile { path, cause } => {
                words::FileUnreadable { path, cause }.into()
            }
            TokenProblem::NoSecret(name) => words::NoSecret { name }.into(),
            TokenProblem::InvalidVariable { name, cause } => words::VariableInvalid {
                name,
                cause: Self::from(*cause),
            }
            .into(),
            TokenProblem::InvalidFile { path, cause } => words::FileInvalid {
                path,
                cause: Self::from(*cause),
            }
            .into(),
            TokenProblem::Store(error) => error.into(),
        }
    }
}

impl fmt::Display for TokenProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for TokenProblem {}

/// Questions that may be unanswered at once. The threads for what blocks are shared with everything that
/// reads and writes files, and there are 512 of them.
const MAX_WAITING: usize = 64;

/// Finds tokens. All calls block.
#[derive(Clone, Debug)]
pub struct Tokens {
    store: SecretStore,
    settings_folder: PathBuf,
    /// A keyring or a file that does not answer holds a thread.
    room: Arc<Semaphore>,
}

/// The store's name for a client's generated token.
pub fn client_secret_name(account: &str, client: &str) -> String {
    format!("client/{account}/{client}")
}

/// The store's name for the generated token of an upstream that dials us.
pub fn upstream_secret_name(account: &str) -> String {
    format!("upstream/{account}")
}

/// The store's name for what the settings call `{ secret = "…" }`.
pub fn named_secret_name(name: &str) -> String {
    format!("named/{name}")
}

impl Tokens {
    /// Looks in this store; files are named relative to the folder of the settings.
    pub fn new(store: SecretStore, settings: &Path) -> Self {
        let settings_folder = settings.parent().unwrap_or(Path::new(".")).to_owned();
        Self {
            store,
            settings_folder,
            room: Arc::new(Semaphore::new(MAX_WAITING)),
        }
    }

    /// Runs a question on a thread for it; what asks beyond the limit waits for the others.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> T {
        let (tokens, room) = (self.clone(), Arc::clone(&self.room));
        // It is never closed, so this never fails.
        let place = room.acquire_owned().await.ok();
        blocking(move || {
            let answer = question(&tokens);
            drop(place);
            answer
        })
        .await
    }

    /// The store behind it.
    pub fn store(&self) -> &SecretStore {
        &self.store
    }

    /// A path as the settings mean it: a relative one starts at their folder.
    pub fn beside_settings(&self, path: &Path) -> PathBuf {
        self.settings_folder.join(path)
    }

    /// What a listener of ours asks for; a generated token is kept under `generated_name`.
    pub fn auth(&self, token: &ListenerToken, generated_name: &str) -> Result<Auth, TokenProblem> {
        match token {
            ListenerToken::Off => Ok(Auth::Open),
            ListenerToken::Generated => {
                Ok(Auth::Token(self.store.get_or_generate(generated_name)?))
            }
            ListenerToken::From(source) => Ok(Auth::Token(self.find(source)?)),
        }
    }

    /// The token at a place.
    pub fn find(&self, source: &TokenSource) -> Result<Secret, TokenProblem> {
        match source {
            TokenSource::Env(name) => {
                let name = name.clone();
                match std::env::var(&name) {
                    Ok(text) => Secret::new(&text)
                        .map_err(|cause| TokenProblem::InvalidVariable { name, cause }),
                    Err(_) => Err(TokenProblem::NoVariable(name)),
                }
            }
            TokenSource::File(path) => {
                let path = self.beside_settings(path);
                match std::fs::read_to_string(&path) {
                    Ok(text) => Secret::new(&text)
                        .map_err(|cause| TokenProblem::InvalidFile { path, cause }),
                    Err(cause) => Err(TokenProblem::UnreadableFile { path, cause }),
                }
            }
            TokenSource::Secret(name) => {
                let found = self.store.get(&named_secret_name(name))?;
                found.ok_or_else(|| TokenProblem::NoSecret(name.clone()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use perpetua_access::Auth;
    use perpetua_config::{ListenerToken, TokenSource};
    use perpetua_secrets::{Secret, SecretStore};

    use super::{TokenProblem, Tokens, named_secret_name};

    #[test]
    fn a_generated_token_is_made_once() {
        let tokens = tokens(Path::new("perpetua.toml"));
        let first = tokens
            .auth(&ListenerToken::Generated, "client/main/bot")
            .expect("made");
        let second = tokens
            .auth(&ListenerToken::Generated, "client/main/bot")
            .expect("kept");
        let (Auth::Token(first), Auth::Token(second)) = (first, second) else {
            panic!("both ask for a token");
        };
        assert_eq!(first, second);
    }

    #[test]
    fn a_token_file_is_found_beside_the_settings() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("token.txt"), "from-file\n").expect("written");
        let tokens = tokens(&folder.path().join("perpetua.toml"));
        let found = tokens
            .find(&TokenSource::File("token.txt".into()))
            .expect("readable");
        assert_eq!(found.expose(), "from-file");
    }

    #[test]
    fn a_named_secret_comes_from_the_store_or_is_named_as_missing() {
        let tokens = tokens(Path::new("perpetua.toml"));
        let source = TokenSource::Secret("mine".into());
        let missing = tokens.find(&source).expect_err("not stored yet");
        assert!(matches!(missing, TokenProblem::NoSecret(_)));
        assert!(missing.to_string().contains("`mine`"), "{missing}");
        let secret = Secret::new("s3cret").expect("printable");
        tokens
            .store()
            .set(&named_secret_name("mine"), &secret)
            .expect("memory");
        assert_eq!(tokens.find(&source).expect("stored"), secret);
    }

    fn tokens(settings: &Path) -> Tokens {
        Tokens::new(SecretStore::in_memory(), settings)
    }
}
