//! Sealed copies of an account's login, so that a damaged file or a mistake does not cost a new scan.

use std::path::PathBuf;
use std::time::SystemTime;

use perpetua_fs::{Access, FileError, write_atomic};
use perpetua_secrets::{Secret, SecretError, SecretStore};
use perpetua_words::{Message, login as words};

use crate::login::sealed::{self, Login, Unsealable};
use crate::{AccountFolder, Device, Keystore, files, jsonc};

/// Copies that are kept: the one that works, and two from before things went wrong.
const MOST_KEPT: usize = 3;
const PREFIX: &str = "login-";
const SUFFIX: &str = ".sealed";

/// The name of the secret that seals the logins of an account.
pub fn backup_secret_name(account: &str) -> String {
    format!("account/{account}/backup-key")
}

/// Sealed copies of an account's login, in its folder's `backup/`.
///
/// The key is in the keyring, made with the first copy. All calls block, the keyring's for up to its time limit.
#[derive(Clone, Debug)]
pub struct SessionBackup {
    folder: AccountFolder,
    key_name: String,
    secrets: SecretStore,
}

/// A sealed copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptLogin {
    /// Its name, for [`SessionBackup::restore`]: `login-<time>`; newer ones sort later.
    pub name: String,
}

/// What was deleted of a login.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ForgottenLogin {
    /// There was a session.
    pub session: bool,
    /// How many sealed copies there were.
    pub copies: usize,
}

/// Why a login could not be kept or brought back. The files in use are as they were.
#[derive(Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum SessionBackupError {
    /// The keyring.
    Secret(SecretError),
    /// The disk.
    File(FileError),
    /// There is no session, or none that could be used.
    NothingToKeep(Message),
    /// There is no copy.
    NothingKept,
    /// There is no copy of this name.
    NoSuchCopy {
        /// The name.
        name: String,
        /// Those that there are, newest first.
        others: Vec<String>,
    },
    /// The key is gone.
    KeyMissing(String),
    /// The key does not fit.
    Closed(String),
    /// The file is no copy.
    Damaged(String),
    /// The keyring holds something else under the key's name.
    NoKey(String),
    /// The system.
    Random(String),
}

impl From<SecretError> for SessionBackupError {
    fn from(error: SecretError) -> Self {
        Self::Secret(error)
    }
}

impl From<FileError> for SessionBackupError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<&SessionBackupError> for Message {
    fn from(error: &SessionBackupError) -> Self {
        match error {
            SessionBackupError::Secret(error) => error.into(),
            SessionBackupError::File(error) => error.into(),
            SessionBackupError::NothingToKeep(cause) => {
                let cause = cause.clone();
                words::NothingToKeep { cause }.into()
            }
            SessionBackupError::NothingKept => words::NothingKept.into(),
            SessionBackupError::NoSuchCopy { name, others } => {
                let others = others.join(", ");
                words::NoSuchCopy { name, others }.into()
            }
            SessionBackupError::KeyMissing(name) => words::KeyMissing { name }.into(),
            SessionBackupError::Closed(name) => words::Closed { name }.into(),
            SessionBackupError::Damaged(name) => words::CopyDamaged { name }.into(),
            SessionBackupError::NoKey(name) => words::NoKey { name }.into(),
            SessionBackupError::Random(text) => words::NoRandom { text }.into(),
        }
    }
}

impl SessionBackup {
    /// The backup of the account of this name. Nothing is opened yet.
    pub fn new(folder: AccountFolder, account: &str, secrets: SecretStore) -> Self {
        Self {
            folder,
            key_name: backup_secret_name(account),
            secrets,
        }
    }

    /// Seals a copy of the session and the device, and keeps the newest three. A login that is the newest
    /// copy already is not kept again, so that restarts do not push older ones out.
    pub fn keep(&self, now: SystemTime) -> Result<KeptLogin, SessionBackupError> {
        let login = self.login()?;
        let key = self.secrets.get_or_generate(&self.key_name)?;
        if let Some(newest) = self.list()?.into_iter().next()
            && self
                .open(&newest.name, &key)
                .is_ok_and(|kept| kept == login)
        {
            return Ok(newest);
        }
        let name = self.free_name(now)?;
        let bytes = sealed::seal(&login, &key).map_err(|fault| self.error(&fault, &name))?;
        perpetua_fs::create_private_folder(&self.backup())?;
        write_atomic(&self.path(&name), &bytes, Access::Owner)?;
        for old in self.list()?.iter().skip(MOST_KEPT) {
            files::remove(&self.path(&old.name))?;
        }
        Ok(KeptLogin { name })
    }

    /// The copies, newest first.
    pub fn list(&self) -> Result<Vec<KeptLogin>, SessionBackupError> {
        let is_copy = |name: &str| name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        let mut names = files::names(&self.backup(), is_copy)?;
        for name in &mut names {
            name.truncate(name.len() - SUFFIX.len());
        }
        names.sort_unstable_by(|one, other| other.cmp(one));
        Ok(names.into_iter().map(|name| KeptLogin { name }).collect())
    }

    /// Brings back a copy, the newest one if none is named; the session that is there is set aside.
    /// The core must not run.
    pub fn restore(
        &self,
        name: Option<&str>,
        now: SystemTime,
    ) -> Result<KeptLogin, SessionBackupError> {
        let (copy, login) = self.kept(name)?;
        // The device first: without its session it does no harm, and the other way round it would.
        if let Some(device) = &login.device {
            write_atomic(&self.folder.device_file(), device.as_bytes(), Access::Owner)?;
        }
        self.folder.set_session_aside(now)?;
        let keystore = login.keystore.as_bytes();
        write_atomic(&self.folder.keystore_file(), keystore, Access::Owner)?;
        Ok(copy)
    }

    /// Brings back the device of the newest copy that has one; the session that is there stays. The core must
    /// not run.
    pub fn restore_device(&self) -> Result<KeptLogin, SessionBackupError> {
        for copy in self.list()? {
            let (copy, login) = self.kept(Some(&copy.name))?;
            if let Some(device) = login.device {
                write_atomic(&self.folder.device_file(), device.as_bytes(), Access::Owner)?;
                return Ok(copy);
            }
        }
        Err(SessionBackupError::NothingKept)
    }

    /// The copy of this name, or the newest one, opened.
    fn kept(&self, name: Option<&str>) -> Result<(KeptLogin, Login), SessionBackupError> {
        let copies = self.list()?;
        let copy = match name {
            None => copies.first().ok_or(SessionBackupError::NothingKept)?,
            Some(name) => {
                let others = || copies.iter().map(|copy| copy.name.clone()).collect();
                let found = copies.iter().find(|copy| copy.name == name);
                found.ok_or_else(|| SessionBackupError::NoSuchCopy {
                    name: name.to_owned(),
                    others: others(),
                })?
            }
        };
        let key = self.secrets.get(&self.key_name)?;
        let key = key.ok_or_else(|| SessionBackupError::KeyMissing(self.key_name.clone()))?;
        let login = self.open(&copy.name, &key)?;
        Ok((copy.clone(), login))
    }

    /// When the newest copy was made; `None` when there is none.
    pub fn newest(&self) -> Result<Option<SystemTime>, SessionBackupError> {
        let Some(copy) = self.list()?.into_iter().next() else {
            return Ok(None);
        };
        // One without a time is there all the same.
        let made = std::fs::metadata(self.path(&copy.name)).and_then(|file| file.modified());
        Ok(Some(made.unwrap_or(SystemTime::UNIX_EPOCH)))
    }

    /// Deletes the login, all copies of it, and at last their key. The core must not run.
    pub fn forget(&self) -> Result<ForgottenLogin, SessionBackupError> {
        let session = self.folder.forget_sessions()?;
        let copies = self.list()?;
        for copy in &copies {
            files::remove(&self.path(&copy.name))?;
        }
        self.secrets.remove(&self.key_name)?;
        Ok(ForgottenLogin {
            session,
            copies: copies.len(),
        })
    }

    fn login(&self) -> Result<Login, SessionBackupError> {
        match self.folder.keystore()? {
            Keystore::Absent => {
                return Err(SessionBackupError::NothingToKeep(
                    words::NobodyLoggedIn.into(),
                ));
            }
            Keystore::Unreadable(why) => return Err(SessionBackupError::NothingToKeep(why)),
            Keystore::Usable { .. } => {}
        }
        let text = |path: PathBuf| -> Result<Option<String>, FileError> {
            Ok(files::read(&path)?.map(|bytes| jsonc::text_of(&bytes)))
        };
        Ok(Login {
            keystore: text(self.folder.keystore_file())?.unwrap_or_default(),
            device: match self.folder.device()? {
                Device::Usable => text(self.folder.device_file())?,
                Device::Absent | Device::Unreadable(_) => None,
            },
        })
    }

    fn open(&self, name: &str, key: &Secret) -> Result<Login, SessionBackupError> {
        let bytes = files::read(&self.path(name))?.unwrap_or_default();
        sealed::open(&bytes, key).map_err(|fault| self.error(&fault, name))
    }

    fn error(&self, fault: &Unsealable, name: &str) -> SessionBackupError {
        match fault {
            Unsealable::Key => SessionBackupError::NoKey(self.key_name.clone()),
            Unsealable::Form => SessionBackupError::Damaged(name.to_owned()),
            Unsealable::Closed => SessionBackupError::Closed(name.to_owned()),
            Unsealable::Random(words) => SessionBackupError::Random(words.clone()),
        }
    }

    /// A name that no copy has: two logins within a second are two copies.
    fn free_name(&self, now: SystemTime) -> Result<String, SessionBackupError> {
        let name = format!("{PREFIX}{}", files::time_stamp(now));
        let copies = self.list()?;
        let is_free = |name: &String| copies.iter().all(|copy| copy.name != *name);
        let mut names = (2..).map(|number| format!("{name}-{number}"));
        if is_free(&name) {
            return Ok(name);
        }
        Ok(names.find(is_free).unwrap_or(name))
    }

    fn backup(&self) -> PathBuf {
        self.folder.path().join("backup")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.backup().join(format!("{name}{SUFFIX}"))
    }
}
