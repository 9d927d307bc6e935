//! Secrets in a file that only its owner may read: a JSON object of names and tokens.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;

use perpetua_fs::{Access, lock_file, write_atomic};
use zeroize::Zeroizing;

use crate::{Secret, SecretError};

/// The file. It is read anew for each call, so that what a person changes in it counts at once.
#[derive(Debug)]
pub(crate) struct SecretsFile {
    path: PathBuf,
}

impl SecretsFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.read()?.remove(name))
    }

    /// Changes the secrets and writes them whole, unless nothing changed. A lock on `secrets.lock` is
    /// held from reading to writing, so that changes of several threads or processes are all kept.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Secret>),
    ) -> Result<(), SecretError> {
        let _locked = lock_file(&self.path.with_extension("lock"))?;
        let old = self.read()?;
        let mut new = old.clone();
        change(&mut new);
        if new == old {
            return Ok(());
        }
        let exposed: BTreeMap<&str, &str> = new
            .iter()
            .map(|(name, secret)| (name.as_str(), secret.expose()))
            .collect();
        // A map of texts is always JSON; the error cannot come up, and would hold no secret.
        let text = serde_json::to_string_pretty(&exposed).map_err(|error| self.damaged(&error))?;
        let text = Zeroizing::new(text + "\n");
        Ok(write_atomic(&self.path, text.as_bytes(), Access::Owner)?)
    }

    /// What the file holds; nothing if it does not exist.
    fn read(&self) -> Result<BTreeMap<String, Secret>, SecretError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.unreadable(error)),
        };
        let metadata = file.metadata().map_err(|error| self.unreadable(error))?;
        if can_others_read(&metadata) {
            return Err(SecretError::ExposedFile {
                path: self.path.clone(),
            });
        }
        let mut text = Zeroizing::new(Vec::new());
        file.read_to_end(&mut text)
            .map_err(|error| self.unreadable(error))?;
        let texts: BTreeMap<String, Zeroizing<String>> =
            serde_json::from_slice::<BTreeMap<String, String>>(&text)
                .map_err(|error| self.damaged(&error))?
                .into_iter()
                .map(|(name, text)| (name, Zeroizing::new(text)))
                .collect();
        let secret = |(name, text): (String, Zeroizing<String>)| match Secret::new(&text) {
            Ok(secret) => Ok((name, secret)),
            Err(_) => Err(SecretError::DamagedSecret { name }),
        };
        texts.into_iter().map(secret).collect()
    }

    fn unreadable(&self, cause: io::Error) -> SecretError {
        SecretError::UnreadableFile {
            path: self.path.clone(),
            cause,
        }
    }

    /// Only the place is told: the parser's own words repeat what stands there.
    fn damaged(&self, error: &serde_json::Error) -> SecretError {
        SecretError::DamagedFile {
            path: self.path.clone(),
            line: error.line(),
            column: error.column(),
        }
    }
}

/// What others may read is no secret any more, and its owner should hear of it.
#[cfg(unix)]
fn can_others_read(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let rights_of_others = metadata.permissions().mode() & 0o077;
    rights_of_others != 0
}

/// On Windows the rights are those of the data folder, see `perpetua_fs::Folders::create`.
#[cfg(windows)]
fn can_others_read(_metadata: &Metadata) -> bool {
    false
}
