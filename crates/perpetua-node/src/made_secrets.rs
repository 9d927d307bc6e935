//! Which secrets perpetua has stored by itself for the settings to name, and which of them a change is about.
//!
//! A process may be killed between storing a secret and writing the settings that name it, or between writing those
//! that name it no more and removing it. So what a change is about is written down before it begins, and the next
//! change or start removes what nothing names. A secret that a person has stored stands nowhere here and stays.

use std::{collections::BTreeSet, fs, io, path::PathBuf};

use perpetua_accounts::named_secret_name;
use perpetua_fs::{Access, FileError, Folders, lock_file, write_atomic};
use serde::{Deserialize, Serialize};
use tracing::warn;

/// The notes about them, in a file of the data folder. All calls block; several processes may make them.
#[derive(Clone, Debug)]
pub struct MadeSecrets {
    path: PathBuf,
}

/// Names as the store has them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Notes {
    /// What perpetua has stored and not removed.
    made: BTreeSet<String>,
    /// What the change at hand, or one that broke off, stores or may leave.
    under_way: BTreeSet<String>,
}

impl MadeSecrets {
    /// Those of a data folder.
    pub fn new(folders: &Folders) -> Self {
        let path = folders.made_secrets();
        Self { path }
    }

    /// A change is about to store this one.
    pub(crate) fn will_be_stored(&self, name: &str) -> Result<(), FileError> {
        self.change(|notes| {
            notes.made.insert(name.to_owned());
            notes.under_way.insert(name.to_owned());
        })
    }

    /// A change is about to write settings that may not name these any more.
    pub(crate) fn may_be_left(&self, names: Vec<String>) -> Result<(), FileError> {
        self.change(|notes| notes.under_way.extend(names))
    }

    /// These are in the store no more.
    pub(crate) fn are_gone(&self, names: &[String]) -> Result<(), FileError> {
        self.change(|notes| {
            for name in names {
                notes.made.remove(name);
                notes.under_way.remove(name);
            }
        })
    }

    /// No change is about these any more.
    pub(crate) fn are_settled(&self, names: &BTreeSet<String>) -> Result<(), FileError> {
        self.change(|notes| notes.under_way.retain(|name| !names.contains(name)))
    }

    /// A person stores a secret that settings name like this: it is perpetua's no more.
    pub fn is_of_a_person(&self, named: &str) -> Result<(), FileError> {
        self.are_gone(&[named_secret_name(named)])
    }

    /// What is noted; nothing where that cannot be read, so that nothing is removed.
    pub(crate) fn notes(&self) -> Notes {
        let read = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Notes::default(),
            Err(error) => Err(error.to_string()),
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        };
        read.unwrap_or_else(|error| {
            warn!(%error, path = %self.path.display(), "what perpetua has stored by itself is not known; it stays");
            Notes::default()
        })
    }

    fn change(&self, change: impl FnOnce(&mut Notes)) -> Result<(), FileError> {
        let _locked = lock_file(&self.path.with_extension("lock"))?;
        let former = self.notes();
        let mut notes = former.clone();
        change(&mut notes);
        if notes == former {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&notes).unwrap_or_default();
        write_atomic(&self.path, &bytes, Access::Owner)
    }
}

impl Notes {
    /// Whether perpetua may remove it: it has stored it, or the name is none that a person can give.
    pub(crate) fn is_ours(&self, name: &str) -> bool {
        self.made.contains(name) || !name.starts_with(&named_secret_name(""))
    }

    /// What a change is about, or was when it broke off.
    pub(crate) fn under_way(&self) -> &BTreeSet<String> {
        &self.under_way
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use perpetua_fs::Folders;

    use super::MadeSecrets;

    #[test]
    fn what_perpetua_stores_is_its_own_until_it_is_gone_or_a_person_stores_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = MadeSecrets::new(&Folders::at(folder.path()).expect("a folder"));
        for name in ["named/a", "named/b", "named/c"] {
            assert!(!made.notes().is_ours(name), "{name}");
            made.will_be_stored(name).expect("noted");
        }
        made.may_be_left(vec!["named/mine".into(), "client/main/bot".into()])
            .expect("noted");
        made.is_of_a_person("b").expect("noted");
        made.are_gone(&["named/c".into()]).expect("noted");
        let notes = made.notes();
        for (name, is_ours) in [
            ("named/a", true),
            ("named/b", false),
            ("named/c", false),
            ("named/mine", false),
            ("client/main/bot", true),
            ("upstream/main", true),
        ] {
            assert_eq!(notes.is_ours(name), is_ours, "{name}");
        }
        let under_way = ["client/main/bot", "named/a", "named/mine"].map(str::to_owned);
        assert!(notes.under_way().iter().eq(&under_way));
        made.are_settled(&BTreeSet::from(under_way)).expect("noted");
        assert!(made.notes().under_way().is_empty());
        assert!(made.notes().is_ours("named/a"));
    }

    #[test]
    fn notes_that_cannot_be_read_make_nothing_ours_and_hinder_no_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = Folders::at(folder.path()).expect("a folder");
        let made = MadeSecrets::new(&folders);
        for damaged in ["", "{", "[]", "{\"made\":7}"] {
            fs::write(folders.made_secrets(), damaged).expect("written");
            assert!(!made.notes().is_ours("named/a"), "{damaged}");
            made.will_be_stored("named/b").expect("noted");
            assert!(made.notes().is_ours("named/b"), "{damaged}");
        }
    }
}
