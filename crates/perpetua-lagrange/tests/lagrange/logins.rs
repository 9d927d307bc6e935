//! An account's folder, the login in it, and the sealed copies of that.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use perpetua_lagrange::{AccountFolder, SessionBackup};
use perpetua_secrets::SecretStore;
use tempfile::TempDir;

/// A device that the core can use.
pub(crate) const DEVICE: &str = r#"{"Guid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","MacAddress":"AAECAwQF","DeviceName":"Lagrange-ABCDEF"}"#;

/// A session that the core can use; each number is another one.
pub(crate) fn session(number: impl Display) -> String {
    format!(r#"{{"Uin":10001,"Uid":"u_x","Session":{{"D2":"c2VjcmV0"}},"number":{number}}}"#)
}

/// A moment of its own for each step.
pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_000_000 + seconds)
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("folder");
    let names = entries.map(|entry| entry.expect("entry").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.into_string().expect("name"))
        .collect();
    names.sort();
    names
}

/// The account `main` of a data folder.
pub(crate) struct Logins {
    pub(crate) folder: TempDir,
    pub(crate) account: AccountFolder,
    pub(crate) backup: SessionBackup,
    pub(crate) secrets: SecretStore,
}

impl Logins {
    /// Nobody has logged in.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("folder");
        let account = AccountFolder::new(folder.path().join("main"));
        fs::create_dir(account.path()).expect("made");
        let secrets = SecretStore::in_memory();
        Self {
            backup: SessionBackup::new(account.clone(), "main", secrets.clone()),
            folder,
            account,
            secrets,
        }
    }

    /// This login is there, and a copy of it.
    pub(crate) fn kept(session: &str, device: &str) -> Self {
        let logins = Self::new();
        logins.put(session, device);
        logins.backup.keep(at(0)).expect("kept");
        logins
    }

    pub(crate) fn put(&self, session: impl AsRef<[u8]>, device: impl AsRef<[u8]>) {
        fs::write(self.account.keystore_file(), session).expect("session");
        fs::write(self.account.device_file(), device).expect("device");
    }

    /// The session and the device, each where it is there.
    pub(crate) fn login(&self) -> [Option<String>; 2] {
        let read = |path| fs::read_to_string(path).ok();
        [
            read(self.account.keystore_file()),
            read(self.account.device_file()),
        ]
    }

    /// The folder of the copies.
    pub(crate) fn copies(&self) -> std::path::PathBuf {
        self.account.path().join("backup")
    }
}
