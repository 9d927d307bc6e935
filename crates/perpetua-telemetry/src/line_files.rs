//! What another program prints, in log files of its own.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use perpetua_config::Log;

use crate::buffer::Buffer;
use crate::rotating_files::RotatingFiles;
use crate::rotation::RotationPolicy;
use crate::setup::LAST_LINES;
use crate::writer_threads::{self, Ended};

/// The rotated log files of one program, `<folder>/<series>-<time>.log`.
///
/// Writing waits for nobody: lines go into a bounded buffer that a thread empties. Dropping it
/// writes what still waits, for which it blocks for at most half a second.
#[derive(Debug)]
pub struct LineFiles {
    buffer: Buffer,
    ended: Ended,
}

impl LineFiles {
    /// Begins to write, by the limits of size, number and age that `log` has. Files of the same
    /// series are gone on with; the folder must exist once there is something to write.
    ///
    /// Fails when the system starts no thread.
    pub fn begin(folder: &Path, series: &str, log: &Log) -> io::Result<Self> {
        let buffer = Buffer::default();
        let policy = Arc::new(Mutex::new(RotationPolicy::new(log)));
        let ended = writer_threads::write_files(
            buffer.clone(),
            RotatingFiles::new(folder, series),
            policy,
        )?;
        Ok(Self { buffer, ended })
    }

    /// Adds one line, without its line end.
    pub fn write(&self, line: &str) {
        self.buffer.push(format!("{line}\n").as_bytes());
    }

    /// How many lines found no room or could not be written.
    pub fn lost_lines(&self) -> u64 {
        self.buffer.lost()
    }
}

impl Drop for LineFiles {
    fn drop(&mut self) {
        self.buffer.close();
        let _ = self.ended.recv_timeout(LAST_LINES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lines_reach_a_file_of_the_series() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let files = LineFiles::begin(folder.path(), "core-main", &Log::default()).expect("thread");
        files.write("one");
        files.write("two");
        assert_eq!(files.lost_lines(), 0);
        drop(files);
        let mut entries = fs::read_dir(folder.path()).expect("folder");
        let entry = entries.next().expect("a file").expect("entry");
        assert!(
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("core-main-20")
        );
        assert_eq!(
            fs::read_to_string(entry.path()).expect("text"),
            "one\ntwo\n"
        );
        assert!(entries.next().is_none());
    }
}
