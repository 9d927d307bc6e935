//! That a log cannot be written: since when, how many lines that has cost so far, and why.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use perpetua_words::{Message, duration, log as words};

use crate::buffer::Buffer;

/// Lines of a log are being lost. It lasts until a line can be written again.
#[derive(Clone, PartialEq, Debug)]
pub struct LogTrouble {
    /// The log's files.
    pub path: PathBuf,
    /// Since when.
    pub since: Instant,
    /// How many lines so far.
    pub lost: u64,
    /// Why, for people.
    pub cause: Message,
}

impl LogTrouble {
    /// What people are told at a moment.
    pub fn message(&self, now: Instant) -> Message {
        let seconds = now.saturating_duration_since(self.since).as_secs();
        words::LinesLost {
            cause: self.cause.clone(),
            count: self.lost,
            duration: duration(seconds),
            path: &self.path,
        }
        .into()
    }
}

/// Tells whether a log is written. A cheap clone.
#[derive(Clone, Debug)]
pub struct LogWatch {
    buffer: Buffer,
    path: PathBuf,
}

impl LogWatch {
    pub(crate) fn new(buffer: &Buffer, folder: &Path, series: &str) -> Self {
        Self {
            buffer: buffer.clone(),
            path: folder.join(format!("{series}-*.log")),
        }
    }

    /// What keeps it from being written; `None` while all is well.
    pub fn trouble(&self) -> Option<LogTrouble> {
        let (since, lost, cause) = self.buffer.trouble()?;
        let path = self.path.clone();
        Some(LogTrouble {
            path,
            since,
            lost,
            cause,
        })
    }
}
