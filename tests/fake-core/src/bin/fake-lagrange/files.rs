//! The files of the working folder.

mod device;
mod json;
mod keystore;

use std::io;
use std::path::{Path, PathBuf};

pub(crate) use device::refresh_device;
pub(crate) use keystore::{Keystore, NICKNAME};

use crate::crash::{NO_KEYS, crash};
use crate::log::{Level, Log};

/// The message database, which is made with the first message.
#[derive(Clone)]
pub(crate) struct Database {
    file: PathBuf,
}

impl Database {
    /// Makes its folder; a database of older versions blocks the start.
    pub(crate) fn open(folder: &Path, uin: u64, log: &Log) -> io::Result<Self> {
        let legacy = format!("lagrange-{uin}.db");
        if folder.join(&legacy).is_file() {
            die_of_older_database(&legacy, log);
        }
        let database = folder.join(format!("lagrange-{uin}-db"));
        std::fs::create_dir_all(&database)?;
        let file = database.join(".realm");
        Ok(Self { file })
    }

    /// Keeps a message.
    pub(crate) fn keep(&self) {
        if !self.file.exists() {
            // A database that fails is none of this stand-in's stories.
            let _kept = std::fs::write(&self.file, "T-DB");
        }
    }
}

fn die_of_older_database(legacy: &str, log: &Log) -> ! {
    let lines = [
        "Found LiteDB database, currently Lagrange.OneBot has been migrated to Realm database"
            .to_owned(),
        format!("Please delete ./{legacy} if you no longer need the data in the old database"),
        "Press any key to terminate the program".to_owned(),
    ];
    for line in lines {
        log.write(Level::Critical, "Realms.RealmConfiguration", 0, &line);
    }
    crash(NO_KEYS)
}

/// Random bytes in base64: hex digits are that, too.
fn secret() -> String {
    format!("{:032x}", fastrand::u128(..))
}
