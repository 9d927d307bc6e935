//! Who runs in an account's folder, written down so that a node that comes after a crash finds it.

use std::{fs, io, path::Path, time::Duration};

use perpetua_fs::{Access, FileAction, FileError, read_small, write_atomic};
use perpetua_process::{Identity, StillRunning};
use perpetua_words::{Message, core as words};
use tracing::warn;

use crate::{Launcher, steps::blocking};

/// How long an orphaned core may take to end in order. It works on the same account as the one to
/// come, which must not start beside it; the core itself needs about a second.
const GRACE: Duration = Duration::from_secs(5);

/// Writes down which process runs.
pub(crate) fn remember(run_file: &Path, identity: &Identity) -> Result<(), Message> {
    let written = serde_json::to_vec(identity)
        .map_err(|error| FileError::new(FileAction::Write, run_file, error.into()))
        .and_then(|bytes| write_atomic(run_file, &bytes, Access::Owner));
    written.map_err(|error| {
        let cause = Message::from(&error);
        words::RunNotRecorded { cause }.into()
    })
}

/// Forgets it, when it has ended. A file that stays does no harm: its process is looked for and
/// not found.
pub(crate) fn forget(run_file: &Path) {
    if let Err(error) = fs::remove_file(run_file)
        && error.kind() != io::ErrorKind::NotFound
    {
        warn!(path = %run_file.display(), %error, "cannot remove the file that names the ended core");
    }
}

/// Ends the process that a former run left in the folder, if there is one.
pub(crate) async fn end(launcher: &dyn Launcher, run_file: &Path) -> Result<(), StillRunning> {
    let file = run_file.to_owned();
    let Some(identity) = blocking(move || recall(&file)).await else {
        return Ok(());
    };
    if launcher.end_orphan(identity, GRACE).await? {
        warn!(path = %run_file.display(), "a core of a former run was still there and has been ended");
    }
    let file = run_file.to_owned();
    blocking(move || forget(&file)).await;
    Ok(())
}

fn recall(run_file: &Path) -> Option<Identity> {
    let bytes = read_small(run_file).ok()??;
    match serde_json::from_slice(&bytes) {
        Ok(identity) => Some(identity),
        Err(error) => {
            warn!(path = %run_file.display(), %error, "the file that names the running core cannot be read");
            None
        }
    }
}
