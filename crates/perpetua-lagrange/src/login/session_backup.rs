//! Sealed copies of an account's login, so that a damaged file or a mistake does not cost a new scan.

use std::cmp::Reverse;
use std::path::PathBuf;
use std::time::SystemTime;

use perpetua_fs::{Access, FileError, rename, write_atomic};
use perpetua_secrets::{Secret, SecretError, SecretStore};
use perpetua_words::{Message, login as words};

use crate::login::LoginFile;
use crate::login::copy_name::{Made, SUFFIX, is_copy, next_name};
use crate::login::judged::judged_keystore;
use crate::login::sealed::{self, Login, Unsealable};
use crate::{AccountFolder, Device, Keystore, files, jsonc};

/// Copies that are kept: the one that works, and two from before things went wrong.
const MOST_KEPT: usize = 3;

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
    /// Its name, for [`SessionBackup::restore`]: `login-<number>-<time>`. The number grows; the time is for people, because
    /// clocks are set. Older programs wrote `login-<time>`.
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

    /// Whose login it is.
    pub fn folder(&self) -> &AccountFolder {
        &self.folder
    }

    /// Seals a copy of the session and the device, and keeps the newest three. A login that is the newest
    /// copy already is not kept again, so that restarts do not push older ones out.
    pub fn keep(&self, now: SystemTime) -> Result<KeptLogin, SessionBackupError> {
        let login = self.login()?;
        let key = self.secrets.get_or_generate(&self.key_name)?;
        let copies = self.list(now)?;
        if let Some(newest) = copies.first()
            && self
                .open(&newest.name, &key)
                .is_ok_and(|kept| kept == login)
        {
            return Ok(newest.clone());
        }
        let names = copies.iter().map(|copy| copy.name.as_str());
        let name = next_name(names, now);
        let bytes = sealed::seal(&login, &key).map_err(|fault| self.error(&fault, &name))?;
        perpetua_fs::create_private_folder(&self.backup())?;
        write_atomic(&self.path(&name), &bytes, Access::Owner)?;
        // The new one is the first of them.
        for old in copies.iter().skip(MOST_KEPT - 1) {
            files::remove(&self.path(&old.name))?;
        }
        Ok(KeptLogin { name })
    }

    /// The copies, the one made last first, whatever the clock said. Those of older programs have a time only; a time
    /// that lies in the future tells nothing, and counts as the oldest.
    pub fn list(&self, now: SystemTime) -> Result<Vec<KeptLogin>, SessionBackupError> {
        let backup = self.backup();
        let mut names = files::names(&backup, is_copy)?;
        // What is no file cannot be opened, and is nothing of ours that may be deleted.
        names.retain(|name| backup.join(name).is_file());
        for name in &mut names {
            name.truncate(name.len() - SUFFIX.len());
        }
        let now = files::time_stamp(now);
        names.sort_by_cached_key(|name| Reverse(Made::of(name, &now)));
        Ok(names.into_iter().map(|name| KeptLogin { name }).collect())
    }

    /// Brings back a copy, the newest one if none is named; the session that is there is set aside.
    /// The core must not run.
    pub fn restore(
        &self,
        name: Option<&str>,
        now: SystemTime,
    ) -> Result<KeptLogin, SessionBackupError> {
        let (copy, login) = self.kept(name, now)?;
        // All of it is on the disk before any file is touched: one that is full, or takes nothing, costs neither login.
        let device = login.device.as_deref();
        let device = device.map(|text| self.fresh(LoginFile::Device, text));
        let session = self.fresh(LoginFile::Session, &login.keystore);
        let (device, session) = (device.transpose()?, session?);
        // The device first: without its session it does no harm, and the other way round it would.
        if let Some(device) = device {
            self.put_device(&device, now)?;
        }
        self.folder.make_room(LoginFile::Session, now)?;
        session.put()?;
        self.folder.forget_set_aside()?;
        Ok(copy)
    }

    /// Whether a copy is one of this account's login. One that cannot be opened now, or does not say whose it is, may be.
    pub(super) fn is_of(&self, wanted: Option<u64>, copy: &KeptLogin, now: SystemTime) -> bool {
        let (Some(wanted), Ok((_, login))) = (wanted, self.kept(Some(&copy.name), now)) else {
            return true;
        };
        !matches!(
            judged_keystore(&login.keystore),
            Keystore::Usable { uin: Some(found) } if found != wanted
        )
    }

    /// Brings back the device of the newest copy that has one and is of this account's login; the session that is there
    /// stays. The core must not run.
    pub fn restore_device(
        &self,
        wanted: Option<u64>,
        now: SystemTime,
    ) -> Result<KeptLogin, SessionBackupError> {
        for copy in self.list(now)? {
            if !self.is_of(wanted, &copy, now) {
                continue;
            }
            let Ok((copy, login)) = self.kept(Some(&copy.name), now) else {
                continue;
            };
            if let Some(device) = &login.device {
                self.put_device(&self.fresh(LoginFile::Device, device)?, now)?;
                return Ok(copy);
            }
        }
        Err(SessionBackupError::NothingKept)
    }

    /// Puts this device in the place of the one that is there. Another one that the core could use is set aside, and
    /// so is what no file can be written over.
    fn put_device(&self, device: &FreshFile, now: SystemTime) -> Result<(), FileError> {
        let path = self.folder.device_file();
        let is_another = match self.folder.device()? {
            Device::Usable => files::read(&path)? != files::read(&device.path)?,
            Device::Unreadable(_) => !path.is_file(),
            Device::Absent => false,
        };
        if is_another {
            self.folder.make_room(LoginFile::Device, now)?;
        }
        device.put()
    }

    /// Writes what is to take the place of a file beside it.
    fn fresh(&self, file: LoginFile, text: &str) -> Result<FreshFile, FileError> {
        let target = self.folder.path().join(file.name());
        let path = self.folder.unfinished(file);
        write_atomic(&path, text.as_bytes(), Access::Owner)?;
        Ok(FreshFile { path, target })
    }

    /// The copy of this name, or the newest one that can be opened.
    fn kept(
        &self,
        name: Option<&str>,
        now: SystemTime,
    ) -> Result<(KeptLogin, Login), SessionBackupError> {
        let mut copies = self.list(now)?;
        if let Some(name) = name {
            let others = copies.iter().map(|copy| copy.name.clone()).collect();
            copies.retain(|copy| copy.name == name);
            if copies.is_empty() {
                let name = name.to_owned();
                return Err(SessionBackupError::NoSuchCopy { name, others });
            }
        }
        if copies.is_empty() {
            return Err(SessionBackupError::NothingKept);
        }
        let key = self.secrets.get(&self.key_name)?;
        let key = key.ok_or_else(|| SessionBackupError::KeyMissing(self.key_name.clone()))?;
        let mut refused = SessionBackupError::NothingKept;
        for copy in copies {
            match self.open(&copy.name, &key) {
                Ok(login) => return Ok((copy, login)),
                // The newest one says why.
                Err(error) if matches!(refused, SessionBackupError::NothingKept) => refused = error,
                Err(_) => {}
            }
        }
        Err(refused)
    }

    /// When the newest copy was made; `None` when there is none.
    pub fn newest(&self, now: SystemTime) -> Result<Option<SystemTime>, SessionBackupError> {
        let Some(copy) = self.list(now)?.into_iter().next() else {
            return Ok(None);
        };
        // One without a time is there all the same.
        let made = std::fs::metadata(self.path(&copy.name)).and_then(|file| file.modified());
        Ok(Some(made.unwrap_or(SystemTime::UNIX_EPOCH)))
    }

    /// Deletes the login, all copies of it, and at last their key. The core must not run.
    pub fn forget(&self) -> Result<ForgottenLogin, SessionBackupError> {
        let session = self.folder.forget_sessions()?;
        let copies = self.list(SystemTime::now())?;
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

    fn backup(&self) -> PathBuf {
        self.folder.path().join("backup")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.backup().join(format!("{name}{SUFFIX}"))
    }
}

/// A file that is about to take the place of another one; it goes if it does not.
struct FreshFile {
    path: PathBuf,
    target: PathBuf,
}

impl FreshFile {
    fn put(&self) -> Result<(), FileError> {
        rename(&self.path, &self.target)
    }
}

impl Drop for FreshFile {
    fn drop(&mut self) {
        let _it_is_in_its_place = std::fs::remove_file(&self.path);
    }
}
