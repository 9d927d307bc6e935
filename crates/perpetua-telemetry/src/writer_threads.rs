//! The threads that write: one for stderr, one for the files.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;

use crate::buffer::Buffer;
use crate::rotating_files::RotatingFiles;
use crate::rotation::RotationPolicy;

/// Tells that a thread has written its last line.
pub(crate) type Ended = Receiver<()>;

/// Writes the buffer to stderr until it is closed.
pub(crate) fn write_stderr(buffer: Buffer) -> io::Result<Ended> {
    spawn("log-stderr", move || {
        write_all(&buffer, "stderr", |lines| io::stderr().write_all(lines));
    })
}

/// Writes the buffer to files until it is closed; the policy may change meanwhile.
pub(crate) fn write_files(
    buffer: Buffer,
    mut files: RotatingFiles,
    policy: Arc<Mutex<RotationPolicy>>,
) -> io::Result<Ended> {
    spawn("log-files", move || {
        write_all(&buffer, "files", |lines| {
            let policy = *policy.lock().unwrap_or_else(PoisonError::into_inner);
            files.write(lines, &policy, Timestamp::now())
        });
    })
}

/// Writes until the buffer is closed. That lines are lost is said once when writing begins to fail,
/// and once with their number when it goes on; both go the way of every other line.
fn write_all(buffer: &Buffer, place: &str, mut write: impl FnMut(&[u8]) -> io::Result<()>) {
    let mut lines = Vec::new();
    let mut is_failing = false;
    let mut told = 0;
    while buffer.take(&mut lines) {
        if let Err(error) = write(&lines) {
            buffer.count_lost(count(&lines));
            if !is_failing {
                tracing::error!(place, %error, "the log cannot be written; lines are lost until it can");
            }
            is_failing = true;
            continue;
        }
        is_failing = false;
        let lost = buffer.lost();
        if lost > told {
            let lines = lost - told;
            tracing::warn!(place, lines, "log lines were lost before this one");
        }
        told = lost;
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

/// How many lines there are.
fn count(lines: &[u8]) -> u64 {
    lines.split_inclusive(|&byte| byte == b'\n').count() as u64
}
