//! `state.json`: the ports that were chosen where the settings leave the choice to us, for the next start.

use std::{collections::BTreeMap, path::Path};

use perpetua_fs::{Access, FileError, free_name, read_small, rename, write_atomic};
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

    /// An account has another name: the ports of the old one are those of the new one, which may keep its own.
    pub(super) fn rename_account(&mut self, from: &str, to: &str, keeps: bool) {
        let names = self.clients.keys().filter_map(|name| {
            let (account, client) = name.split_once('/')?;
            (account == from).then(|| (name.clone(), format!("{to}/{client}")))
        });
        let names: Vec<_> = names.collect();
        for (former, next) in names {
            self.count += u64::from(pass_on(&mut self.clients, &former, next, keeps));
        }
        let passed = pass_on(&mut self.upstreams, from, to.to_owned(), keeps);
        self.count += u64::from(passed);
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

/// Gives a port to another owner, unless that one `keeps` its own; tells whether it did.
fn pass_on(ports: &mut BTreeMap<String, u16>, from: &str, to: String, keeps: bool) -> bool {
    if keeps && ports.contains_key(&to) {
        return false;
    }
    let Some(port) = ports.remove(from) else {
        return false;
    };
    ports.insert(to, port);
    true
}

/// The file as it was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) chosen: ChosenPorts,
    /// What its owner has to know of it.
    pub(super) problem: Option<Message>,
    /// Why it is not written: nobody knows what that would lose.
    pub(super) left_alone: Option<Message>,
}

/// Reads it; one that cannot be used costs the choices, and neither the start nor what stands there. Blocks.
pub(super) fn read(path: &Path) -> Found {
    let bytes = match read_small(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return found(ChosenPorts::default()),
        Err(error) => {
            let refused = Message::from(&error);
            return left_alone(path, Message::from(&error.into_cause()), refused);
        }
    };
    let damage = match serde_json::from_slice(&bytes) {
        Ok(chosen) => return found(chosen),
        Err(damage) => damage,
    };
    let kept = free_name(path, ".damaged");
    match rename(path, &kept) {
        Ok(()) => {
            let kept = kept.as_path();
            warn!(path = %path.display(), kept = %kept.display(), %damage, "the file of chosen ports is damaged; choosing again");
            Found {
                problem: Some(words::StateDamaged { path, kept }.into()),
                ..found(ChosenPorts::default())
            }
        }
        Err(error) => left_alone(path, Message::from(&error), Message::from(&error)),
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
        left_alone: None,
    }
}

/// Nobody knows what it is, so it is not replaced.
fn left_alone(path: &Path, cause: Message, refused: Message) -> Found {
    warn!(path = %path.display(), %cause, "the file of chosen ports cannot be read; choosing again");
    Found {
        problem: Some(words::StateUnreadable { path, cause }.into()),
        left_alone: Some(refused),
        ..found(ChosenPorts::default())
    }
}
