//! Secrets in a file that only its owner may read: a JSON object of names and tokens.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use perpetua_fs::{Access, lock_file, open_regular, write_atomic};
use zeroize::Zeroizing;

use crate::{Secret, SecretError};

/// A thousand clients have 100 kB of secrets.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The file. It is read anew for each call, so that what a person changes in it counts at once.
#[derive(Debug)]
pub(crate) struct SecretsFile {
    path: PathBuf,
    waiting: Mutex<Waiting>,
    /// One of this process writes; the others wait for it here.
    writing: Mutex<()>,
}

/// A change of one secret.
#[derive(Debug)]
pub(crate) enum Change {
    /// It is kept under this name.
    Set(String, Secret),
    /// There is none of this name any more.
    Remove(String),
}

/// Changes that nobody has written yet, in their order, each with its ticket. Whoever made one waits on a thread of
/// its own, and there is a bound on those.
#[derive(Debug, Default)]
struct Waiting {
    next_ticket: u64,
    changes: Vec<(u64, Change)>,
}

impl SecretsFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            waiting: Mutex::default(),
            writing: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.read()?.remove(name))
    }

    /// Changes the secrets and writes them whole, unless nothing changed. Who writes takes the changes along that came
    /// while somebody else wrote: each write waits for the disk, and a node with a thousand clients needs a thousand.
    pub(crate) fn change(&self, change: Change) -> Result<(), SecretError> {
        let ticket = lock(&self.waiting).add(change);
        let _alone = lock(&self.writing);
        let Some(together) = lock(&self.waiting).take_all_with(ticket) else {
            return Ok(());
        };
        let written = self.write(&together);
        if written.is_err() {
            // Each of the others tries by itself, and hears what becomes of its own.
            let others = together.into_iter().filter(|(one, _)| *one != ticket);
            lock(&self.waiting).changes.splice(0..0, others);
        }
        written
    }

    /// A lock on `secrets.lock` is held from reading to writing, so that changes of several processes are all kept.
    fn write(&self, changes: &[(u64, Change)]) -> Result<(), SecretError> {
        let _locked = lock_file(&self.path.with_extension("lock"))?;
        let old = self.read()?;
        let mut new = old.clone();
        for (_, change) in changes {
            match change {
                Change::Set(name, secret) => new.insert(name.clone(), secret.clone()),
                Change::Remove(name) => new.remove(name),
            };
        }
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
        let file = match open_regular(&self.path) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.unreadable(error.into_cause())),
        };
        let metadata = file.metadata().map_err(|error| self.unreadable(error))?;
        let mut text = Zeroizing::new(Vec::new());
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut text)
            .map_err(|error| self.unreadable(error))?;
        if text.len() as u64 > MOST_BYTES {
            return Err(self.unreadable(io::ErrorKind::FileTooLarge.into()));
        }
        let texts: BTreeMap<String, Zeroizing<String>> =
            serde_json::from_slice::<BTreeMap<String, String>>(&text)
                .map_err(|error| self.damaged(&error))?
                .into_iter()
                .map(|(name, text)| (name, Zeroizing::new(text)))
                .collect();
        // Only what is one of ours can be made good by its rights.
        if can_others_read(&metadata) {
            return Err(SecretError::ExposedFile {
                path: self.path.clone(),
            });
        }
        let secret = |(name, text): (String, Zeroizing<String>)| match Secret::key(&text) {
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

impl Waiting {
    fn add(&mut self, change: Change) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.changes.push((ticket, change));
        ticket
    }

    /// Everything that waits; `None` if somebody has taken this one along and written it.
    fn take_all_with(&mut self, ticket: u64) -> Option<Vec<(u64, Change)>> {
        let waits = self.changes.iter().any(|(one, _)| *one == ticket);
        waits.then(|| std::mem::take(&mut self.changes))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc::sync_channel};
    use std::thread;

    use super::{Change, SecretsFile, lock};
    use crate::{Secret, SecretError};

    const THREADS: usize = 10;

    /// Threads that each change a secret while somebody else writes; the first one to be done, and all files then.
    fn changed_meanwhile(file: &Arc<SecretsFile>) -> Vec<Result<(), SecretError>> {
        let (done, ended) = sync_channel(THREADS);
        let writing = lock(&file.writing);
        for number in 0..THREADS {
            let (file, done) = (Arc::clone(file), done.clone());
            thread::spawn(move || {
                let secret = Secret::new("kept").expect("a secret");
                let changed = file.change(Change::Set(format!("bot-{number}"), secret));
                done.send((changed, file.read().map_or(0, |all| all.len())))
            });
        }
        while lock(&file.waiting).changes.len() < THREADS {
            thread::yield_now();
        }
        drop(writing);
        let mut outcomes = Vec::new();
        for _ in 0..THREADS {
            let (changed, there) = ended.recv().expect("each ends");
            assert!(changed.is_err() || there == THREADS, "{there}");
            outcomes.push(changed);
        }
        outcomes
    }

    #[test]
    fn what_comes_while_somebody_writes_is_written_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Arc::new(SecretsFile::new(folder.path().join("secrets.json")));
        assert!(changed_meanwhile(&file).iter().all(Result::is_ok));
    }

    #[test]
    fn everybody_hears_that_nothing_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secrets.json");
        std::fs::write(&path, "damaged").expect("written");
        let file = Arc::new(SecretsFile::new(path.clone()));
        let outcomes = changed_meanwhile(&file);
        assert_eq!(outcomes.iter().filter(|one| one.is_err()).count(), THREADS);
        assert!(lock(&file.waiting).changes.is_empty());
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "damaged");
    }
}
