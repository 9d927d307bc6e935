//! The threads that write: one for stderr, one for the files.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use crate::buffer::{Buffer, Taken};
use crate::rotating_files::RotatingFiles;
use crate::rotation::RotationPolicy;

/// How long until a log that could not be written is tried again while nothing comes to be written.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Tells that a thread has written its last line.
pub(crate) type Ended = Receiver<()>;

/// The target of what the node's own files hold already, and only stderr needs to be told.
pub(crate) const BESIDE_FILES: &str = "perpetua_telemetry::beside_files";

/// Where lines go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// This program's own stderr.
    Stderr,
    /// This program's own files.
    Files,
    /// The files of what another program prints.
    OtherFiles,
}

/// Writes the buffer to stderr until it is closed.
pub(crate) fn write_stderr(buffer: Buffer) -> io::Result<Ended> {
    spawn("log-stderr", move || {
        write_all(&buffer, Place::Stderr, |lines| {
            io::stderr().write_all(lines)
        });
    })
}

/// Writes the buffer to files until it is closed; the policy may change meanwhile.
pub(crate) fn write_files(
    buffer: Buffer,
    place: Place,
    mut files: RotatingFiles,
    policy: Arc<Mutex<RotationPolicy>>,
) -> io::Result<Ended> {
    spawn("log-files", move || {
        write_all(&buffer, place, |lines| {
            let policy = *policy.lock().unwrap_or_else(PoisonError::into_inner);
            files.write(lines, &policy, Timestamp::now())
        });
    })
}

/// Writes until the buffer is closed. That lines are lost is said once when writing begins to fail,
/// and once with their number when it goes on: files have that at its place, as one line of our own. Where nothing more
/// comes to be written, that line alone is tried after a while, so that a failure ends when it is over.
fn write_all(buffer: &Buffer, place: Place, mut write: impl FnMut(&[u8]) -> io::Result<()>) {
    let mut lines = Vec::new();
    let mut is_failing = false;
    let mut told = 0;
    loop {
        let look_again = (is_failing && place != Place::Stderr).then_some(LOOK_AGAIN);
        let taken = buffer.take(&mut lines, look_again);
        if taken == Taken::Closed {
            return;
        }
        let (taken, lost) = (count(&lines), buffer.lost());
        if lost > told && place != Place::Stderr {
            lines.extend_from_slice(were_lost(lost - told).as_bytes());
        }
        if let Err(error) = write(&lines) {
            // A line of our own is no loss.
            if taken > 0 {
                buffer.count_lost(taken, &error);
            }
            if !is_failing {
                tracing::error!(?place, %error, "the log cannot be written; lines are lost until it can");
            }
            is_failing = true;
            continue;
        }
        is_failing = false;
        buffer.is_well();
        if lost > told {
            say_lost(place, lost - told);
        }
        told = lost;
    }
}

/// Says in this program's own log how many lines are missing in that place.
fn say_lost(place: Place, lines: u64) {
    match place {
        Place::Stderr => tracing::warn!(?place, lines, "log lines were lost before this one"),
        Place::Files => {
            tracing::warn!(target: BESIDE_FILES, ?place, lines, "log lines were lost");
        }
        Place::OtherFiles => tracing::warn!(?place, lines, "lines of another program were lost"),
    }
}

fn spawn(name: &str, write: impl FnOnce() + Send + 'static) -> io::Result<Ended> {
    let (end, ended) = sync_channel(1);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            write();
            // Nobody listens any more when the guard has given up waiting.
            let _ = end.try_send(());
        })?;
    Ok(ended)
}

/// The line that files have in the place of those that are lost.
fn were_lost(lines: u64) -> String {
    let now = Timestamp::now();
    format!(
        "{now:.6}  WARN perpetua_telemetry: log lines were lost before this one lines={lines}\n"
    )
}

/// How many lines there are.
fn count(lines: &[u8]) -> u64 {
    lines.split_inclusive(|&byte| byte == b'\n').count() as u64
}
