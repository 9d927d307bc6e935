//! Which secrets perpetua has stored by itself for the settings to name, and which of them a change is about.
//!
//! A process may be killed between storing a secret and writing the settings that name it, or between writing those
//! that name it no more and removing it. So what a change is about is written down before it begins, and the next
//! change or start removes what nothing names. A secret that a person has stored stands nowhere here and stays.

use std::{collections::BTreeSet, fs, path::PathBuf};

use perpetua_accounts::named_secret_name;
use perpetua_fs::{Access, FileError, Folders, lock_file, read_small, rename, write_atomic};
use perpetua_secrets::{SecretError, SecretStore};
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

/// Why it is not known what is noted.
#[derive(Debug)]
enum Unknown {
    /// The file cannot be read now; what stands in it counts.
    Unreadable(FileError),
    /// The file holds no notes; why.
    Damaged(String),
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

    /// Removes one from the store, unless a person has stored it by now, and gives whether it was perpetua's still.
    /// Nobody else notes anything meanwhile.
    pub(crate) fn remove(&self, name: &str, store: &SecretStore) -> Result<bool, SecretError> {
        let _locked = self.lock()?;
        let former = self.to_change()?;
        if !former.is_ours(name) {
            return Ok(false);
        }
        store.remove(name)?;
        if let Err(error) = self.write(&former, &former.without(name)) {
            warn!(%error, "it is not noted that a secret is gone");
        }
        Ok(true)
    }

    /// No change is about these any more.
    pub(crate) fn are_settled(&self, names: &BTreeSet<String>) -> Result<(), FileError> {
        self.change(|notes| notes.under_way.retain(|name| !names.contains(name)))
    }

    /// A person stores a secret that settings name like this: from before that on it is perpetua's no more, and
    /// it is again when it could not be stored.
    pub fn stored_by_a_person<E: From<FileError>>(
        &self,
        named: &str,
        store: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let name = named_secret_name(named);
        let mut former = Notes::default();
        self.change(|notes| former = std::mem::replace(notes, notes.without(&name)))?;
        store().inspect_err(|_not_stored| {
            if let Err(error) = self.change(|notes| notes.note_again(&name, &former)) {
                warn!(%error, "it is not noted that a secret is still of perpetua");
            }
        })
    }

    /// What is noted; nothing where that cannot be read, so that nothing is removed.
    pub(crate) fn notes(&self) -> Notes {
        self.read().unwrap_or_else(|why| {
            let path = self.path.display();
            warn!(?why, %path, "what perpetua has stored by itself is not known; it stays");
            Notes::default()
        })
    }

    fn change(&self, change: impl FnOnce(&mut Notes)) -> Result<(), FileError> {
        let _locked = self.lock()?;
        let former = self.to_change()?;
        let mut notes = former.clone();
        change(&mut notes);
        self.write(&former, &notes)
    }

    fn lock(&self) -> Result<fs::File, FileError> {
        lock_file(&self.path.with_extension("lock"))
    }

    fn read(&self) -> Result<Notes, Unknown> {
        match read_small(&self.path) {
            Ok(None) => Ok(Notes::default()),
            Err(error) => Err(Unknown::Unreadable(error)),
            Ok(Some(bytes)) => {
                serde_json::from_slice(&bytes).map_err(|error| Unknown::Damaged(error.to_string()))
            }
        }
    }

    /// What is noted, for who writes it anew: a file that holds no notes is put aside first.
    fn to_change(&self) -> Result<Notes, FileError> {
        match self.read() {
            Ok(notes) => Ok(notes),
            Err(Unknown::Unreadable(error)) => Err(error),
            Err(Unknown::Damaged(error)) => {
                let aside = self.path.with_extension("damaged");
                rename(&self.path, &aside)?;
                let aside = aside.display();
                warn!(%error, %aside, "what perpetua has stored by itself is not known; it stays");
                Ok(Notes::default())
            }
        }
    }

    fn write(&self, former: &Notes, notes: &Notes) -> Result<(), FileError> {
        if notes == former {
            return Ok(());
        }
        let bytes = serde_json::to_vec(notes).unwrap_or_default();
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

    fn without(&self, name: &str) -> Self {
        let mut notes = self.clone();
        notes.made.remove(name);
        notes.under_way.remove(name);
        notes
    }

    /// Notes of one what was noted of it before.
    fn note_again(&mut self, name: &str, former: &Self) {
        self.made.extend(former.made.get(name).cloned());
        self.under_way.extend(former.under_way.get(name).cloned());
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use perpetua_fs::{FileError, Folders};
    use perpetua_secrets::{Secret, SecretError, SecretStore};

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
        made.stored_by_a_person("b", || Ok::<_, FileError>(()))
            .expect("noted");
        let store = SecretStore::in_memory();
        assert!(made.remove("named/c", &store).expect("removed"));
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
    fn damaged_notes_make_nothing_ours_and_hinder_no_change_and_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = Folders::at(folder.path()).expect("a folder");
        let made = MadeSecrets::new(&folders);
        for damaged in ["", "{", "[]", "{\"made\":7}"] {
            fs::write(folders.made_secrets(), damaged).expect("written");
            assert!(!made.notes().is_ours("named/a"), "{damaged}");
            made.will_be_stored("named/b").expect("noted");
            assert!(made.notes().is_ours("named/b"), "{damaged}");
            let aside = folders.made_secrets().with_extension("damaged");
            assert_eq!(fs::read_to_string(aside).expect("kept"), damaged);
        }
    }

    #[test]
    fn notes_that_cannot_be_read_now_are_not_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = Folders::at(folder.path()).expect("a folder");
        let made = MadeSecrets::new(&folders);
        // What no read gets through, for a superuser either.
        fs::create_dir(folders.made_secrets()).expect("a folder");
        assert!(!made.notes().is_ours("named/a"));
        let store = SecretStore::in_memory();
        store.set("named/a", &secret()).expect("stored");
        for refused in [
            made.will_be_stored("named/a").map_err(SecretError::from),
            made.may_be_left(vec!["named/a".into()])
                .map_err(SecretError::from),
            made.remove("named/a", &store).map(drop),
            made.stored_by_a_person("a", || panic!("it would not be known whose it is")),
        ] {
            let refused = refused.expect_err("not noted");
            assert!(matches!(refused, SecretError::File(_)), "{refused}");
        }
        assert!(folders.made_secrets().is_dir());
        assert!(store.get("named/a").expect("readable").is_some());
    }

    #[test]
    fn what_a_person_has_stored_since_it_was_looked_at_is_not_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = MadeSecrets::new(&Folders::at(folder.path()).expect("a folder"));
        let store = SecretStore::in_memory();
        for name in ["named/a", "named/b", "client/main/bot"] {
            made.will_be_stored(name).expect("noted");
            store.set(name, &secret()).expect("stored");
        }
        let looked_at = made.notes();
        assert!(looked_at.is_ours("named/a"));
        made.stored_by_a_person("a", || store.set("named/a", &secret()))
            .expect("stored");
        for (name, goes) in [
            ("named/a", false),
            ("named/b", true),
            ("client/main/bot", true),
        ] {
            assert_eq!(made.remove(name, &store).expect("no failure"), goes);
            let left = store.get(name).expect("readable");
            assert_eq!(left.is_none(), goes, "{name}");
        }
        assert!(made.notes().under_way().is_empty());
    }

    #[test]
    fn what_a_person_could_not_store_stays_what_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = MadeSecrets::new(&Folders::at(folder.path()).expect("a folder"));
        made.will_be_stored("named/a").expect("noted");
        made.will_be_stored("named/b").expect("noted");
        made.are_settled(&BTreeSet::from(["named/b".to_owned()]))
            .expect("noted");
        let former = made.notes();
        for named in ["a", "b", "mine"] {
            let reason = || "no such interface".to_owned();
            let refused = made.stored_by_a_person(named, || {
                let own = format!("named/{named}");
                assert!(!made.notes().is_ours(&own), "from before it is stored on");
                Err(SecretError::KeyringAbsent { reason: reason() })
            });
            assert!(refused.is_err(), "{named}");
            assert_eq!(made.notes(), former, "{named}");
        }
    }

    fn secret() -> Secret {
        Secret::new("hunter2").expect("a secret")
    }
}
