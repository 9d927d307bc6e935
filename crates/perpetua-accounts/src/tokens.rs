//! From "where a token is" in the settings to the token itself.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use perpetua_access::Auth;
use perpetua_config::{ListenerToken, TokenSource};
use perpetua_fs::{FileError, read_bounded};
use perpetua_secrets::{InvalidSecret, Secret, SecretError, SecretStore};
use perpetua_task::blocking;
use perpetua_words::{Message, token as words};
use tokio::sync::Semaphore;

use crate::slot::RETRY_AFTER;

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
    /// What the store has cannot be a token.
    InvalidSecret {
        /// What the settings call it.
        name: String,
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
            TokenProblem::UnreadableFile { path, cause } => words::FileUnreadable {
                path,
                cause,
                seconds: RETRY_AFTER.as_secs(),
            }
            .into(),
            TokenProblem::NoSecret(name) => words::NoSecret { name }.into(),
            TokenProblem::InvalidVariable { name, cause } => words::VariableInvalid {
                name,
                cause: Self::from(*cause),
            }
            .into(),
            TokenProblem::InvalidFile { path, cause } => words::FileInvalid {
                path,
                cause: Self::from(*cause),
                seconds: RETRY_AFTER.as_secs(),
            }
            .into(),
            TokenProblem::InvalidSecret { name, cause } => words::SecretInvalid {
                name,
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

/// A token file has no more: what is sent in a header has some kilobytes at most.
const TOKEN_FILE_BYTES: u64 = 64 * 1024;

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
                let token = self.store.get_or_generate(generated_name)?.as_token();
                token.map(Auth::Token).map_err(|_| {
                    let name = generated_name.to_owned();
                    SecretError::DamagedSecret { name }.into()
                })
            }
            ListenerToken::From(source) => Ok(Auth::Token(self.find(source)?)),
        }
    }

    /// The token at a place, which can be sent in a header.
    pub fn find(&self, source: &TokenSource) -> Result<Secret, TokenProblem> {
        self.read(source, Secret::new)
    }

    /// What something is signed with, at a place: any text.
    pub fn find_key(&self, source: &TokenSource) -> Result<Secret, TokenProblem> {
        self.read(source, Secret::key)
    }

    fn read(
        &self,
        source: &TokenSource,
        taken: impl Fn(&str) -> Result<Secret, InvalidSecret>,
    ) -> Result<Secret, TokenProblem> {
        match source {
            TokenSource::Env(name) => {
                let name = name.clone();
                match std::env::var(&name) {
                    Ok(text) => {
                        taken(&text).map_err(|cause| TokenProblem::InvalidVariable { name, cause })
                    }
                    Err(_) => Err(TokenProblem::NoVariable(name)),
                }
            }
            TokenSource::File(path) => {
                let path = self.beside_settings(path);
                match token_file(&path) {
                    Ok(text) => {
                        taken(&text).map_err(|cause| TokenProblem::InvalidFile { path, cause })
                    }
                    Err(cause) => Err(TokenProblem::UnreadableFile { path, cause }),
                }
            }
            TokenSource::Secret(name) => {
                let name = name.clone();
                match self.store.get(&named_secret_name(&name))? {
                    Some(found) => taken(found.expose())
                        .map_err(|cause| TokenProblem::InvalidSecret { name, cause }),
                    None => Err(TokenProblem::NoSecret(name)),
                }
            }
        }
    }
}

/// The text of a token file. What is no file is not waited for, and no more is read than a token can have.
fn token_file(path: &Path) -> io::Result<String> {
    let bytes = read_bounded(path, TOKEN_FILE_BYTES).map_err(FileError::into_cause)?;
    let bytes = bytes.ok_or(io::ErrorKind::NotFound)?;
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc;
    use std::time::Duration;
    use std::{fs, thread};

    use perpetua_access::Auth;
    use perpetua_config::{ListenerToken, TokenSource};
    use perpetua_secrets::{Secret, SecretStore};
    use perpetua_words::Message;

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
        fs::write(folder.path().join("token.txt"), "from-file\n").expect("written");
        let tokens = tokens(&folder.path().join("perpetua.toml"));
        let found = tokens
            .find(&TokenSource::File("token.txt".into()))
            .expect("readable");
        assert_eq!(found.expose(), "from-file");
    }

    #[test]
    fn what_is_no_file_or_has_no_end_is_told_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        let settings = folder.path().join("perpetua.toml");
        for (what, put) in in_the_place_of_a_file() {
            put(&path);
            let tokens = tokens(&settings);
            let (told, tell) = mpsc::sync_channel(1);
            // Nobody waits for one that waits for ever.
            thread::spawn(move || told.send(tokens.find(&TokenSource::File("token".into()))));
            let found = tell.recv_timeout(Duration::from_secs(20));
            let found = found.unwrap_or_else(|_| panic!("{what}: it waits"));
            assert!(
                matches!(found, Err(TokenProblem::UnreadableFile { .. })),
                "{what}: {found:?}"
            );
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
    }

    type Put = fn(&Path);

    /// What may stand there instead, by name, and how it comes to be there.
    fn in_the_place_of_a_file() -> Vec<(&'static str, Put)> {
        let all: [(&'static str, Put); 5] = [
            ("nothing", |_| {}),
            ("a folder", |path| fs::create_dir(path).expect("a folder")),
            ("no text", |path| {
                fs::write(path, [0xff; 9]).expect("written");
            }),
            ("a huge file", |path| {
                let file = fs::File::create(path).expect("a file");
                file.set_len(1 << 40).expect("long");
            }),
            ("one byte too many", |path| {
                fs::write(path, vec![b'a'; 64 * 1024 + 1]).expect("written");
            }),
        ];
        all.into_iter().chain(strange_things()).collect()
    }

    /// Windows has none of these.
    #[cfg(windows)]
    fn strange_things() -> [(&'static str, Put); 0] {
        []
    }

    #[cfg(unix)]
    fn strange_things() -> [(&'static str, Put); 4] {
        use std::os::unix::{fs::symlink, net::UnixListener};
        [
            ("a pipe", |path| {
                let made = std::process::Command::new("mkfifo").arg(path).status();
                assert!(made.expect("mkfifo").success());
            }),
            ("a socket", |path| {
                drop(UnixListener::bind(path).expect("a socket"));
            }),
            ("an endless device", |path| {
                symlink("/dev/zero", path).expect("a link");
            }),
            ("a terminal", |path| {
                symlink("/dev/tty", path).expect("a link");
            }),
        ]
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

    #[test]
    fn a_key_is_any_text_wherever_it_is_and_a_token_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("key.txt"), "两个 词\n").expect("written");
        let tokens = tokens(&folder.path().join("perpetua.toml"));
        let key = Secret::key("两个 词").expect("a key");
        let stored = tokens.store().set(&named_secret_name("hmac"), &key);
        stored.expect("memory");
        for (source, code) in [
            (TokenSource::File("key.txt".into()), "token.file_invalid"),
            (TokenSource::Secret("hmac".into()), "token.secret_invalid"),
        ] {
            assert_eq!(tokens.find_key(&source).expect("a key"), key);
            let refused = tokens.find(&source).expect_err("no token");
            assert_eq!(Message::from(&refused).code, code);
            assert!(!refused.to_string().contains('词'), "{refused}");
        }
    }

    fn tokens(settings: &Path) -> Tokens {
        Tokens::new(SecretStore::in_memory(), settings)
    }
}
