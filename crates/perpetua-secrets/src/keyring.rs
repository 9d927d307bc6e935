//! The keyring of the operating system, behind a thread of its own.
//!
//! ```text
//! caller --Job--> bounded channel --> keyring thread (opens the store, asks, closes it when idle)
//!        <------- reply, or nothing within the limit --------'
//! ```
//!
//! A keyring may wait for a person who never comes. Then the thread waits with it, callers give up
//! at their limit, and jobs whose callers have given up are not carried out later. Once that has
//! happened, further callers are refused at once for a while, see [`Silence`].

mod silence;

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use keyring_core::{CredentialStore, Entry, Error};
use perpetua_words::with_causes;

use crate::{Secret, SecretError};
use silence::Silence;

/// How long a node waits for its keyring: enough for a slow disk, too short to look like a hang.
pub const KEYRING_TIME_LIMIT: Duration = Duration::from_secs(10);

/// How many jobs may wait for the thread. A node has one secret per listener and reads them one
/// after the other; more than this wait only while the keyring hangs.
const MAX_WAITING: usize = 64;

/// A store is kept open for a burst of calls and not for the life of the node: the Secret Service
/// may be restarted, and its connection costs memory.
const IDLE: Duration = Duration::from_secs(5);

/// What the thread is asked to do with one entry.
type Call = Box<dyn FnOnce(&Entry) -> Result<Option<Secret>, Error> + Send>;

struct Job {
    name: String,
    call: Call,
    deadline: Instant,
    reply: SyncSender<Result<Option<Secret>, SecretError>>,
}

/// The keyring, for callers of any thread.
#[derive(Debug)]
pub(crate) struct Keyring {
    jobs: SyncSender<Job>,
    limit: Duration,
    silence: Heard,
}

/// Whether the keyring answers, as its thread and its callers know.
#[derive(Clone, Debug, Default)]
struct Heard(Arc<Mutex<Silence>>);

impl Heard {
    fn lock(&self) -> MutexGuard<'_, Silence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keyring {
    /// Starts the thread, which ends with this value.
    pub(crate) fn new(service: &str, limit: Duration) -> Self {
        let (jobs, waiting) = sync_channel(MAX_WAITING);
        let service = service.to_owned();
        let silence = Heard::default();
        let heard = silence.clone();
        let thread = thread::Builder::new().name("keyring".to_owned());
        // Without a thread the channel is closed, and each call says so.
        let _ = thread.spawn(move || serve(&service, &waiting, &heard));
        Self {
            jobs,
            limit,
            silence,
        }
    }

    /// The next question is asked, even of a keyring that has just been silent.
    pub(crate) fn try_again(&self) {
        self.silence.lock().end();
    }

    pub(crate) fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.ask(name, |entry| {
            let text = zeroize::Zeroizing::new(entry.get_password()?);
            // What is no secret of ours is told as damaged, without its bytes.
            Secret::key(&text)
                .map(Some)
                .map_err(|_| Error::BadEncoding(Vec::new()))
        })
    }

    pub(crate) fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        let secret = secret.clone();
        self.ask(name, move |entry| {
            entry.set_password(secret.expose()).map(|()| None)
        })
        .map(drop)
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.ask(name, |entry| entry.delete_credential().map(|()| None))
            .map(drop)
    }

    /// Has the thread do something with an entry; an entry that does not exist gives `None`.
    fn ask(
        &self,
        name: &str,
        call: impl FnOnce(&Entry) -> Result<Option<Secret>, Error> + Send + 'static,
    ) -> Result<Option<Secret>, SecretError> {
        let timeout = || SecretError::KeyringTimeout { limit: self.limit };
        if self.silence.lock().lasts(Instant::now()) {
            return Err(timeout());
        }
        let (reply, answer) = sync_channel(1);
        let job = Job {
            name: name.to_owned(),
            call: Box::new(call),
            deadline: Instant::now() + self.limit,
            reply,
        };
        match self.jobs.try_send(job) {
            Ok(()) => answer.recv_timeout(self.limit).unwrap_or_else(|_| {
                self.silence.lock().begin(Instant::now());
                Err(timeout())
            }),
            Err(TrySendError::Full(_)) => Err(timeout()),
            Err(TrySendError::Disconnected(_)) => Err(SecretError::Keyring {
                reason: "no thread".to_owned(),
            }),
        }
    }
}

/// The thread: sleeps until a job comes, then keeps the store open until none has come for a while.
fn serve(service: &str, jobs: &Receiver<Job>, heard: &Heard) {
    while let Ok(first) = jobs.recv() {
        let mut store = None;
        let mut next = Ok(first);
        while let Ok(job) = next {
            if perform(service, &mut store, job) {
                heard.lock().end();
            }
            next = jobs.recv_timeout(IDLE);
        }
    }
}

/// Does one job, unless its caller has given up by now; gives whether the keyring was asked, and so has answered.
fn perform(service: &str, store: &mut Option<Arc<CredentialStore>>, job: Job) -> bool {
    if Instant::now() >= job.deadline {
        return false;
    }
    let opened = match store.take() {
        Some(store) => Ok(store),
        None => open().map_err(absent),
    };
    let result = opened.and_then(|opened| {
        let entry = opened.build(service, &job.name, None);
        let result = entry.and_then(|entry| (job.call)(&entry));
        // A store that failed is not asked again: its connection may be gone.
        if matches!(result, Ok(_) | Err(Error::NoEntry)) {
            *store = Some(opened);
        }
        match result {
            Err(Error::NoEntry) => Ok(None),
            result => result.map_err(|error| refused(job.name, error)),
        }
    });
    // A caller that has given up meanwhile reads no reply.
    let _ = job.reply.try_send(result);
    true
}

#[cfg(all(unix, not(target_os = "macos")))]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// A store that cannot be opened at all.
fn absent(error: Error) -> SecretError {
    let reason = match error {
        Error::PlatformFailure(source) | Error::NoStorageAccess(source) => with_causes(&*source),
        other => with_causes(&other),
    };
    SecretError::KeyringAbsent { reason }
}

/// An open store that refused. Errors that carry bytes of an entry are replaced by their name.
fn refused(name: String, error: Error) -> SecretError {
    match error {
        Error::NoStorageAccess(source) => SecretError::KeyringLocked {
            reason: with_causes(&*source),
        },
        Error::BadEncoding(_) | Error::BadDataFormat(..) => SecretError::DamagedSecret { name },
        other => SecretError::Keyring {
            reason: with_causes(&other),
        },
    }
}
