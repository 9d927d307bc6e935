//! A node in a folder of its own, with a secret store that a test can lock.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, OnceLock},
};

use perpetua_fs::{FolderLock, Folders};
use perpetua_node::{FirstSettings, Node, NodeOptions, Pages, StartError, Tokens, load_settings};
use perpetua_proxy::Clock;
use perpetua_secrets::{Secret, SecretBackend, SecretError, SecretStore};
use perpetua_telemetry::LogHandle;
use perpetua_words::Language;
use tempfile::TempDir;

/// The folder of one node.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) keyring: Keyring,
    /// Whether secrets are in the file instead of the keyring.
    in_file: bool,
}

impl Place {
    pub(crate) fn new(settings: &str) -> Self {
        let place = Self {
            folder: tempfile::tempdir().expect("a folder"),
            keyring: Keyring::default(),
            in_file: false,
        };
        place.write(settings);
        place
    }

    /// One whose secrets are in a file, as on a server.
    pub(crate) fn with_secrets_file(settings: &str) -> Self {
        Self {
            in_file: true,
            ..Self::new(settings)
        }
    }

    pub(crate) fn settings_path(&self) -> PathBuf {
        self.folders().settings()
    }

    /// Writes the settings in place, as an editor without care does.
    pub(crate) fn write(&self, settings: &str) {
        std::fs::write(self.settings_path(), settings).expect("written");
    }

    pub(crate) fn folders(&self) -> Folders {
        Folders::at(self.folder.path()).expect("a folder")
    }

    /// What a node here is started with.
    pub(crate) fn options(&self) -> NodeOptions {
        let folders = self.folders();
        folders.create().expect("created");
        let store = if self.in_file {
            SecretStore::file(folders.secrets())
        } else {
            SecretStore::own(self.keyring.clone())
        };
        let settings = load_settings(&folders, None, &store, FirstSettings::Simulator)
            .expect("valid settings");
        NodeOptions {
            lock: FolderLock::acquire(&folders).expect("nobody else is here"),
            tokens: Tokens::new(store, &settings.path),
            folders,
            settings,
            clock: Clock::system(),
            seed: 7,
            log: log(),
            language: Language::English,
            pages: Pages::NONE,
            build: "unknown",
            updates: None,
        }
    }

    pub(crate) async fn start(&self) -> Result<Node, StartError> {
        Node::start(self.options()).await
    }
}

/// The log of this process, which can be set up only once.
fn log() -> LogHandle {
    static LOG: OnceLock<LogHandle> = OnceLock::new();
    LOG.get_or_init(|| {
        let settings = perpetua_config::Log {
            level: perpetua_config::LogLevel::Off,
            ..perpetua_config::Log::default()
        };
        let (handle, guard) =
            perpetua_telemetry::init(&settings, perpetua_config::LogFormat::Text, None)
                .expect("the only log");
        drop(guard);
        handle
    })
    .clone()
}

/// A keyring that can be locked: whoever asks then waits until somebody opens it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keyring(Arc<(Mutex<Kept>, Condvar)>);

/// What a keyring holds.
pub(crate) type Secrets = BTreeMap<String, Secret>;

#[derive(Debug, Default)]
struct Kept {
    locked: bool,
    absent: bool,
    secrets: Secrets,
    watched: Option<Watched>,
}

/// Who is shown the secrets before and after each change of them.
struct Watched(Box<dyn Fn(&Secrets) + Send>);

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watched")
    }
}

impl Kept {
    fn change<T>(&mut self, change: impl FnOnce(&mut Secrets) -> T) -> T {
        self.show();
        let changed = change(&mut self.secrets);
        self.show();
        changed
    }

    fn show(&self) {
        if let Some(Watched(watch)) = &self.watched {
            watch(&self.secrets);
        }
    }
}

impl Keyring {
    pub(crate) fn lock(&self) {
        self.0.0.lock().expect("not poisoned").locked = true;
    }

    /// From now on there is no keyring that could be asked, or there is one again.
    pub(crate) fn set_absent(&self, absent: bool) {
        self.0.0.lock().expect("not poisoned").absent = absent;
    }

    /// The names of all secrets.
    pub(crate) fn names(&self) -> Vec<String> {
        self.opened(|kept| kept.secrets.keys().cloned().collect())
    }

    /// All secrets.
    pub(crate) fn kept(&self) -> Secrets {
        self.opened(|kept| kept.secrets.clone())
    }

    /// Somebody stores a secret.
    pub(crate) fn store(&self, name: &str, secret: Secret) {
        self.opened(|kept| kept.secrets.insert(name.to_owned(), secret));
    }

    /// From now on this is shown the secrets before and after each change of a node.
    pub(crate) fn watch(&self, watch: impl Fn(&Secrets) + Send + 'static) {
        self.opened(|kept| kept.watched = Some(Watched(Box::new(watch))));
    }

    pub(crate) fn unlock(&self) {
        self.0.0.lock().expect("not poisoned").locked = false;
        self.0.1.notify_all();
    }

    fn opened<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        let kept = self.0.0.lock().expect("not poisoned");
        let mut kept = self
            .0
            .1
            .wait_while(kept, |kept| kept.locked)
            .expect("not poisoned");
        work(&mut kept)
    }

    fn asked<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> Result<T, SecretError> {
        let reason = || "no such interface".to_owned();
        self.opened(|kept| {
            if kept.absent {
                return Err(SecretError::KeyringAbsent { reason: reason() });
            }
            Ok(work(kept))
        })
    }
}

impl SecretBackend for Keyring {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.asked(|kept| kept.secrets.get(name).cloned())
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        self.asked(|kept| kept.change(|all| all.insert(name.to_owned(), secret.clone())))?;
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.asked(|kept| kept.change(|all| all.remove(name)))?;
        Ok(())
    }
}
