//! Secrets by name, whichever place keeps them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::file::{Change, SecretsFile};
use crate::keyring::Keyring;
use crate::{Secret, SecretError, generate_token};

/// How many UTF-16 units a secret may have: what the Credential Manager of Windows takes.
const LONGEST: usize = 1280;

/// A place for secrets. A cheap clone: all clones are the same place.
#[derive(Clone, Debug)]
pub struct SecretStore(Arc<Backend>);

#[derive(Debug)]
enum Backend {
    Keyring(Keyring),
    File(SecretsFile),
    Memory(Mutex<BTreeMap<String, Secret>>),
    Own(Box<dyn SecretBackend>),
}

/// A place for secrets that its user brings along. Every call may block.
pub trait SecretBackend: fmt::Debug + Send + Sync {
    /// The secret of this name; `None` if there is none.
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError>;

    /// Keeps a secret under this name, in place of an older one.
    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError>;

    /// Forgets the secret of this name; that there is none is fine.
    fn remove(&self, name: &str) -> Result<(), SecretError>;
}

impl SecretStore {
    /// The keyring of the operating system: Secret Service, Keychain or Credential Manager.
    ///
    /// `service` is the name under which the keyring shows our entries; two nodes of one user that
    /// share a `service` share their secrets. Nothing is opened yet. A call that takes longer than
    /// `limit`, usually [`KEYRING_TIME_LIMIT`](crate::KEYRING_TIME_LIMIT), is given up.
    pub fn keyring(service: &str, limit: Duration) -> Self {
        Self(Arc::new(Backend::Keyring(Keyring::new(service, limit))))
    }

    /// A file that only its owner may read, which need not exist yet. Several processes may change
    /// it: each takes a lock on a file beside it, from reading to writing.
    pub fn file(path: PathBuf) -> Self {
        Self(Arc::new(Backend::File(SecretsFile::new(path))))
    }

    /// A place of the caller's own.
    pub fn own(backend: impl SecretBackend + 'static) -> Self {
        Self(Arc::new(Backend::Own(Box::new(backend))))
    }

    /// Memory, for tests: gone with the last clone.
    pub fn in_memory() -> Self {
        Self(Arc::new(Backend::Memory(Mutex::default())))
    }

    /// The secret of this name; `None` if there is none.
    pub fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        match &*self.0 {
            Backend::Keyring(keyring) => keyring.get(name),
            Backend::File(file) => file.get(name),
            Backend::Own(backend) => backend.get(name),
            Backend::Memory(secrets) => {
                let secrets = secrets.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(secrets.get(name).cloned())
            }
        }
    }

    /// Keeps a secret under this name, in place of an older one. One that some system's keyring does not take is
    /// refused on every system.
    pub fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        if secret.expose().encode_utf16().count() > LONGEST {
            return Err(SecretError::TooLong { limit: LONGEST });
        }
        match &*self.0 {
            Backend::Keyring(keyring) => keyring.set(name, secret),
            Backend::Own(backend) => backend.set(name, secret),
            Backend::File(file) => file.change(Change::Set(name.to_owned(), secret.clone())),
            Backend::Memory(secrets) => {
                let mut secrets = secrets.lock().unwrap_or_else(PoisonError::into_inner);
                secrets.insert(name.to_owned(), secret.clone());
                Ok(())
            }
        }
    }

    /// Removes the secret of this name; that there is none is fine.
    pub fn remove(&self, name: &str) -> Result<(), SecretError> {
        match &*self.0 {
            Backend::Keyring(keyring) => keyring.remove(name),
            Backend::Own(backend) => backend.remove(name),
            Backend::File(file) => file.change(Change::Remove(name.to_owned())),
            Backend::Memory(secrets) => {
                let mut secrets = secrets.lock().unwrap_or_else(PoisonError::into_inner);
                secrets.remove(name);
                Ok(())
            }
        }
    }

    /// Has the next call ask a keyring that was silent a moment ago, and of which calls are refused at once since.
    pub fn try_again(&self) {
        if let Backend::Keyring(keyring) = &*self.0 {
            keyring.try_again();
        }
    }

    /// The secret of this name, made and kept now if there was none.
    pub fn get_or_generate(&self, name: &str) -> Result<Secret, SecretError> {
        if let Some(secret) = self.get(name)? {
            return Ok(secret);
        }
        let secret = generate_token()?;
        self.set(name, &secret)?;
        Ok(secret)
    }
}
