//! `state.json`: the ports that were chosen where the settings leave the choice to us, for the next start.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use perpetua_fs::{Access, FileError, rename, write_atomic};
use perpetua_words::{Message, start as words};
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::PortOwner;

/// The content of the file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ChosenPorts {
    /// The chosen port of each client's listener, by `account/client`.
    clients: BTreeMap<String, u16>,
    /// The chosen port of each upstream's listener, by its account.
    upstreams: BTreeMap<String, u16>,
    /// How many choices have been made since the file was read.
    #[serde(skip)]
    count: u64,
}

impl ChosenPorts {
    /// What was chosen for this owner.
    pub(super) fn of(&self, owner: &PortOwner) -> Option<u16> {
        match owner {
            PortOwner::Client(name) => self.clients.get(name).copied(),
            PortOwner::Upstream(name) => self.upstreams.get(name).copied(),
        }
    }

    /// How many choices have been made since the file was read.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn choose(&mut self, owner: &PortOwner, port: u16) {
        let (ports, name) = match owner {
            PortOwner::Client(name) => (&mut self.clients, name),
            PortOwner::Upstream(name) => (&mut self.upstreams, name),
        };
        ports.insert(name.clone(), port);
        self.count += 1;
    }
}

/// The file as it was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) chosen: ChosenPorts,
    /// What its owner has to know of it.
    pub(super) problem: Option<Message>,
    /// Whether writing it loses nothing.
    pub(super) may_be_written: bool,
}

/// Reads it; one that cannot be used costs the choices, and neither the start nor what stands there. Blocks.
pub(super) fn read(path: &Path) -> Found {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return found(ChosenPorts::default());
        }
        Err(error) => return left_alone(path, Message::from(&error)),
    };
    let damage = match serde_json::from_slice(&bytes) {
        Ok(chosen) => return found(chosen),
        Err(damage) => damage,
    };
    let kept = free_name(path);
    match rename(path, &kept) {
        Ok(()) => {
            let kept = kept.as_path();
            warn!(path = %path.display(), kept = %kept.display(), %damage, "the file of chosen ports is damaged; choosing again");
            Found {
                problem: Some(words::StateDamaged { path, kept }.into()),
                ..found(ChosenPorts::default())
            }
        }
        Err(error) => left_alone(path, Message::from(&error)),
    }
}

/// Writes it. Blocks.
pub(super) fn write(path: &Path, chosen: &ChosenPorts) -> Result<(), FileError> {
    let bytes = serde_json::to_vec_pretty(chosen).unwrap_or_default();
    write_atomic(path, &bytes, Access::Usual)
}

fn found(chosen: ChosenPorts) -> Found {
    Found {
        chosen,
        problem: None,
        may_be_written: true,
    }
}

/// Nobody knows what it is, so it is not replaced.
fn left_alone(path: &Path, cause: Message) -> Found {
    warn!(path = %path.display(), %cause, "the file of chosen ports cannot be read; choosing again");
    Found {
        problem: Some(words::StateUnreadable { path, cause }.into()),
        may_be_written: false,
        ..found(ChosenPorts::default())
    }
}

/// The name under which a damaged file is kept: the first that no earlier one has.
fn free_name(path: &Path) -> PathBuf {
    let name = |number: u32| {
        let mut name = OsString::from(path);
        name.push(match number {
            1 => ".damaged".to_owned(),
            number => format!(".damaged-{number}"),
        });
        PathBuf::from(name)
    };
    let mut names = (1..).map(name);
    let free = names.find(|name| std::fs::symlink_metadata(name).is_err());
    free.unwrap_or_else(|| name(1))
}
