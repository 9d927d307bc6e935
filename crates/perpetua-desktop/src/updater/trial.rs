//! Whether a new version starts: what it tells the one that started it, and what is remembered of one that did not.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    thread::sleep,
    time::{Duration, Instant},
};

use perpetua_fs::{Access, FileError, read_small, write_atomic};
use perpetua_node::{NodePlace, StartError, read_settings};
use perpetua_update::Version;
use perpetua_words::{Message, update as words};
use serde::{Deserialize, Serialize};
use tracing::warn;

/// How often it is looked whether a new version has told something.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The file in which one stands that did not start.
const UNDONE: &str = "undone.json";

/// How a start goes, as it is written for the one before it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "start", rename_all = "snake_case")]
enum Told {
    /// It is ready.
    Ready { version: String },
    /// Its node did not start.
    Failed,
}

/// The way to tell the version before this one how the start goes.
#[derive(Clone, Debug)]
pub struct ReadyReport {
    file: PathBuf,
}

impl ReadyReport {
    /// Into this file, which the version before this one has named.
    pub fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// It is ready, and is this version. Blocks.
    pub fn ready(&self, version: &Version) {
        let version = version.to_string();
        self.tell(&Told::Ready { version });
    }

    /// Its node did not start. Blocks.
    pub fn failed(&self) {
        self.tell(&Told::Failed);
    }

    /// A start on trial has shown that the program can start: it is ready if it can read the settings, too. Blocks.
    pub fn tell_of_settings(&self, place: &NodePlace, version: &Version) {
        let folders = place.folders().ok();
        let path = place
            .config
            .clone()
            .or(folders.map(|folders| folders.settings()));
        match path.map(read_settings) {
            // Settings that are not there are made at the first start.
            None | Some(Ok(_) | Err(StartError::NoSettings { .. })) => self.ready(version),
            Some(Err(cause)) => {
                warn!(%cause, "this version cannot read the settings");
                self.failed();
            }
        }
    }

    fn tell(&self, told: &Told) {
        let written = serde_json::to_vec(told).unwrap_or_default();
        if let Err(cause) = write_atomic(&self.file, &written, Access::Owner) {
            warn!(%cause, "the version before this one cannot be told how the start goes");
        }
    }
}

/// Waits until a new version is ready, for so long; says why it is not. Blocks.
#[expect(
    clippy::disallowed_methods,
    reason = "the runtime has ended, and another process writes the file"
)]
pub(super) fn wait(
    child: &mut Child,
    file: &Path,
    version: &Version,
    limit: Duration,
) -> Result<(), Message> {
    let deadline = Instant::now() + limit;
    let wanted = Told::Ready {
        version: version.to_string(),
    };
    loop {
        // First whether it has ended: what it told before that is on the disk by then.
        let ended = child.try_wait().is_ok_and(|ended| ended.is_some());
        match read(file) {
            Some(told) if told == wanted => return Ok(()),
            Some(Told::Failed) => return Err(words::NodeDown.into()),
            // Another version than the one that was signed.
            Some(Told::Ready { .. }) => {
                let version = version.to_string();
                return Err(words::SignatureVersion { version }.into());
            }
            None if ended => return Err(words::EndedEarly.into()),
            None if Instant::now() >= deadline => {
                let seconds = limit.as_secs();
                return Err(words::Silent { seconds }.into());
            }
            None => sleep(LOOK_EVERY),
        }
    }
}

fn read(file: &Path) -> Option<Told> {
    serde_json::from_slice(&read_small(file).ok()??).ok()
}

/// A version that was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Undone {
    pub(super) version: String,
    /// What became of it, for people.
    pub(super) message: Message,
}

impl Undone {
    pub(super) fn note(&self, folder: &Path) -> Result<(), FileError> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        write_atomic(&folder.join(UNDONE), &text, Access::Usual)
    }
}

/// The version that was put back the last time.
pub(super) fn undone(folder: &Path) -> Option<Undone> {
    serde_json::from_slice(&read_small(&folder.join(UNDONE)).ok()??).ok()
}

/// Forgets one that was put back, once it or a later one runs.
pub(super) fn forget_undone(folder: &Path, own: &Version) {
    let version = undone(folder).and_then(|undone| undone.version.parse().ok());
    if version.is_some_and(|version: Version| version <= *own) {
        let _stays_for_the_next_time = fs::remove_file(folder.join(UNDONE));
    }
}
