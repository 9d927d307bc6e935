//! What another program prints, in log files of its own.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use perpetua_config::Log;

use crate::buffer::Buffer;
use crate::harmless_lines::Lines;
use crate::rotating_files::RotatingFiles;
use crate::rotation::RotationPolicy;
use crate::setup::LAST_LINES;
use crate::trouble::LogWatch;
use crate::writer_threads::{self, Ended, Place};

/// The rotated log files of one program, `<folder>/<series>-<time>.log`.
///
/// Writing waits for nobody: lines go into a bounded buffer that a thread empties. Dropping it
/// writes what still waits, for which it blocks for at most half a second.
#[derive(Debug)]
pub struct LineFiles {
    buffer: Buffer,
    watch: LogWatch,
    ended: Ended,
}

impl LineFiles {
    /// Begins to write, by the limits of size, number and age that `log` has. Files of the same
    /// series are gone on with; the folder is made where it is missing.
    ///
    /// Fails when the system starts no thread.
    pub fn begin(folder: &Path, series: &str, log: &Log) -> io::Result<Self> {
        let buffer = Buffer::of(Lines::Text);
        let policy = Arc::new(Mutex::new(RotationPolicy::new(log)));
        let ended = writer_threads::write_files(
            buffer.clone(),
            Place::OtherFiles,
            RotatingFiles::new(folder, series),
            policy,
        )?;
        let watch = LogWatch::new(&buffer, folder, series);
        Ok(Self {
            buffer,
            watch,
            ended,
        })
    }

    /// Adds one line, without its line end.
    pub fn write(&self, line: &str) {
        self.buffer.push(format!("{line}\n").as_bytes());
    }

    /// Tells whether it is written.
    pub fn watch(&self) -> LogWatch {
        self.watch.clone()
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
    use std::{
        fs,
        time::{Duration, Instant},
    };

    use perpetua_fs::faults::{DiskFault, FaultyDisk};

    /// All that stands in the files of a folder.
    fn written(folder: &Path) -> String {
        let files = folder.read_dir().into_iter().flatten().flatten();
        let texts = files.map(|file| fs::read_to_string(file.path()).unwrap_or_default());
        texts.collect()
    }

    fn until(what: &str, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < Duration::from_secs(20), "never: {what}");
            std::thread::yield_now();
        }
    }

    /// The disk is full, has room again, and then either the program prints on or it is silent.
    #[test]
    fn lines_that_are_lost_are_one_line_of_their_own() {
        for prints_on in [true, false] {
            let folder = tempfile::tempdir().expect("temporary folder");
            let logs = folder.path().join("logs");
            let disk = FaultyDisk::under(folder.path());
            let files = LineFiles::begin(&logs, "core-main", &Log::default()).expect("thread");
            for round in 1..=2 {
                disk.fail(DiskFault::Full, "");
                let before = files.lost_lines();
                for _ in 0..100 {
                    files.write("lost");
                }
                until("all are lost", || files.lost_lines() == before + 100);
                disk.mend();
                if prints_on {
                    files.write("after");
                }
                until("it is over", || {
                    written(&logs).matches("lines=100").count() == round
                });
            }
            drop(files);
            let text = written(&logs);
            let said = text.matches("perpetua_telemetry").count();
            assert_eq!(said, 2, "{text}");
            let after = text.lines().filter(|line| *line == "after").count();
            assert_eq!(after, if prints_on { 2 } else { 0 }, "{text}");
            assert_eq!(text.lines().count(), said + after, "{text}");
        }
    }

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
