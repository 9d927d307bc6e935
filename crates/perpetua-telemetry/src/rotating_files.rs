//! Log files on the disk, by the rules of [`RotationPolicy`].

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use perpetua_fs::{FileAction, FileError, create_private_folder, permit};

use crate::rotation::{RotationPolicy, begun_from_name, file_name};

/// The log files of one series in a folder, the newest of which is written.
///
/// A file keeps the name it was born with: nothing is renamed, which a viewer on Windows could refuse.
#[derive(Debug)]
pub(crate) struct RotatingFiles {
    folder: PathBuf,
    series: String,
    open: Option<OpenFile>,
    /// By which policy outdated files were deleted last.
    obeyed: Option<RotationPolicy>,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    size: u64,
    begun: Timestamp,
}

impl RotatingFiles {
    /// Nothing is opened before the first line.
    pub(crate) fn new(folder: &Path, series: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            series: series.to_owned(),
            open: None,
            obeyed: None,
        }
    }

    fn path(&self, begun: Timestamp) -> PathBuf {
        self.folder.join(file_name(&self.series, begun))
    }

    /// Writes whole lines, beginning new files where the policy wants them. After an error the next
    /// call opens a file again.
    pub(crate) fn write(
        &mut self,
        lines: &[u8],
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> io::Result<()> {
        let mut rest = lines;
        while !rest.is_empty() {
            let mut open = match self.open.take() {
                Some(open) if self.is_good(&open, policy, now) => open,
                _ => self.open_file(policy, now)?,
            };
            let fitting = whole_lines(rest, policy.room(open.size));
            // A line longer than a file may be gets a file of its own.
            let length = if fitting == 0 && open.size == 0 {
                first_line(rest)
            } else {
                fitting
            };
            if length == 0 {
                self.open = Some(self.begin_file(policy, now)?);
                continue;
            }
            permit(FileAction::Write, &self.path(open.begun))?;
            open.file.write_all(&rest[..length])?;
            open.size += length as u64;
            rest = &rest[length..];
            self.open = Some(open);
        }
        if self.obeyed != Some(*policy) {
            self.delete_outdated(policy, now);
        }
        Ok(())
    }

    /// Whether a file is gone on with. Where somebody has deleted it, its lines would be in no folder.
    fn is_good(&self, open: &OpenFile, policy: &RotationPolicy, now: Timestamp) -> bool {
        !policy.is_long_open(open.begun, now) && self.path(open.begun).exists()
    }

    /// The newest file, if it has room and is young, else a new one.
    fn open_file(&mut self, policy: &RotationPolicy, now: Timestamp) -> io::Result<OpenFile> {
        // Somebody may have deleted it.
        create_private_folder(&self.folder).map_err(FileError::into_cause)?;
        let newest = self.begun()?.last().copied();
        let Some(begun) = newest.filter(|begun| !policy.is_long_open(*begun, now)) else {
            return self.begin_file(policy, now);
        };
        let file = OpenOptions::new().append(true).open(self.path(begun))?;
        let size = file.metadata()?.len();
        Ok(OpenFile { file, size, begun })
    }

    /// A new file, after which the outdated ones are deleted.
    fn begin_file(&mut self, policy: &RotationPolicy, now: Timestamp) -> io::Result<OpenFile> {
        let newest = self.begun()?.last().copied();
        // Names stay in order when the clock is set back or two files begin in one millisecond.
        let next = newest.map(|newest| newest + Duration::from_millis(1));
        let begun = next.map_or(now, |next| next.max(now));
        let begun = Timestamp::from_millisecond(begun.as_millisecond()).unwrap_or(begun);
        let path = self.path(begun);
        let file = new_file().open(path)?;
        self.delete_outdated(policy, now);
        Ok(OpenFile {
            file,
            size: 0,
            begun,
        })
    }

    /// A file that cannot be deleted now, because someone reads it on Windows, is tried again with
    /// the next new file.
    fn delete_outdated(&mut self, policy: &RotationPolicy, now: Timestamp) {
        self.obeyed = Some(*policy);
        let begun = self.begun().unwrap_or_default();
        for outdated in policy.outdated(&begun, now) {
            let _ = fs::remove_file(self.path(*outdated));
        }
    }

    /// When each of our files was begun, oldest first.
    fn begun(&self) -> io::Result<Vec<Timestamp>> {
        let mut begun = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            begun.extend(
                name.to_str()
                    .and_then(|name| begun_from_name(&self.series, name)),
            );
        }
        begun.sort_unstable();
        Ok(begun)
    }
}

/// How a file is begun: for its owner only, whatever the rights of its folder.
#[cfg(unix)]
fn new_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.append(true).create_new(true).mode(0o600);
    options
}

/// How a file is begun: with the rights of its folder, which lies in the user's profile.
#[cfg(windows)]
fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    options
}

/// How many bytes of whole lines fit.
fn whole_lines(lines: &[u8], room: u64) -> usize {
    let room = usize::try_from(room).unwrap_or(usize::MAX).min(lines.len());
    lines[..room]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1)
}

/// The length of the first line.
fn first_line(lines: &[u8]) -> usize {
    lines
        .iter()
        .position(|&byte| byte == b'\n')
        .map_or(lines.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use perpetua_config::Log;

    const HOUR: Duration = Duration::from_hours(1);

    fn start() -> Timestamp {
        "2026-11-21T00:00:00Z".parse().expect("time")
    }

    /// Files of at most 20 bytes, 3 of them, 6 hours back.
    fn policy() -> RotationPolicy {
        RotationPolicy::new(&Log {
            max_file_size: 20,
            max_files: 3,
            max_age: 6 * HOUR,
            ..Log::default()
        })
    }

    /// What the files of a folder hold, oldest first.
    fn contents(folder: &Path) -> Vec<String> {
        let files = RotatingFiles::new(folder, "perpetua");
        let begun = files.begun().expect("folder").into_iter();
        begun
            .map(|begun| fs::read_to_string(files.path(begun)).expect("file"))
            .collect()
    }

    #[test]
    fn a_full_file_is_followed_by_the_next_and_no_line_is_cut() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut files = RotatingFiles::new(folder.path(), "perpetua");
        files
            .write(b"first line\nsecond\nthird line\n", &policy(), start())
            .expect("written");
        assert_eq!(
            contents(folder.path()),
            ["first line\nsecond\n", "third line\n"]
        );
        files.write(b"more\n", &policy(), start()).expect("written");
        assert_eq!(
            contents(folder.path()),
            ["first line\nsecond\n", "third line\nmore\n"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut files = RotatingFiles::new(folder.path(), "perpetua");
        files.write(b"one\n", &policy(), start()).expect("written");
        let file = fs::metadata(files.path(start())).expect("file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_line_longer_than_a_file_gets_one_of_its_own() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let long = "x".repeat(50) + "\n";
        let lines = format!("a\n{long}b\n");
        RotatingFiles::new(folder.path(), "perpetua")
            .write(lines.as_bytes(), &policy(), start())
            .expect("written");
        assert_eq!(contents(folder.path()), ["a\n", &long, "b\n"]);
    }

    #[test]
    fn a_node_that_starts_again_goes_on_in_the_newest_file() {
        let folder = tempfile::tempdir().expect("temporary folder");
        RotatingFiles::new(folder.path(), "perpetua")
            .write(b"one\n", &policy(), start())
            .expect("written");
        RotatingFiles::new(folder.path(), "perpetua")
            .write(b"two\n", &policy(), start() + HOUR)
            .expect("written");
        assert_eq!(contents(folder.path()), ["one\ntwo\n"]);
    }

    #[test]
    fn time_begins_a_new_file_and_deletes_old_ones() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut files = RotatingFiles::new(folder.path(), "perpetua");
        files.write(b"0\n", &policy(), start()).expect("written");
        // A third of 6 hours has passed.
        files
            .write(b"3\n", &policy(), start() + 3 * HOUR)
            .expect("written");
        assert_eq!(contents(folder.path()), ["0\n", "3\n"]);
        // The first file ended at 3 hours, which is more than 6 hours ago now.
        files
            .write(b"10\n", &policy(), start() + 10 * HOUR)
            .expect("written");
        assert_eq!(contents(folder.path()), ["3\n", "10\n"]);
    }

    #[test]
    fn a_tighter_policy_holds_from_the_next_line_on_and_at_a_start() {
        let tighter = [
            Log {
                max_files: 2,
                ..Log::default()
            },
            Log {
                max_age: 6 * HOUR,
                ..Log::default()
            },
        ];
        for log in tighter {
            for starts_again in [false, true] {
                let folder = tempfile::tempdir().expect("temporary folder");
                let mut files = RotatingFiles::new(folder.path(), "perpetua");
                for number in 0..3 {
                    let line = format!("a line of 17 b {number}\n");
                    let policy = RotationPolicy::new(&Log {
                        max_file_size: 20,
                        ..Log::default()
                    });
                    files
                        .write(line.as_bytes(), &policy, start() + 8 * number * HOUR)
                        .expect("written");
                }
                if starts_again {
                    files = RotatingFiles::new(folder.path(), "perpetua");
                }
                // Within a seventh of 6 hours after the third file was begun, which is gone on with.
                let later = start() + 16 * HOUR + HOUR / 2;
                files
                    .write(b"more\n", &RotationPolicy::new(&log), later)
                    .expect("written");
                assert_eq!(
                    contents(folder.path()),
                    ["a line of 17 b 1\n", "a line of 17 b 2\nmore\n"],
                    "{log:?}"
                );
            }
        }
    }

    #[test]
    fn the_oldest_files_make_room_and_other_files_stay() {
        let folder = tempfile::tempdir().expect("temporary folder");
        fs::write(folder.path().join("notes.log"), "mine").expect("written");
        let mut files = RotatingFiles::new(folder.path(), "perpetua");
        for number in 0..10 {
            let line = format!("a line of 17 b {number}\n");
            files
                .write(line.as_bytes(), &policy(), start())
                .expect("written");
        }
        assert_eq!(
            contents(folder.path()),
            [
                "a line of 17 b 7\n",
                "a line of 17 b 8\n",
                "a line of 17 b 9\n"
            ]
        );
        assert_eq!(
            fs::read_to_string(folder.path().join("notes.log")).expect("file"),
            "mine"
        );
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_the_order() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut files = RotatingFiles::new(folder.path(), "perpetua");
        files
            .write(b"a line of 17 b 1\n", &policy(), start() + HOUR)
            .expect("written");
        files
            .write(b"a line of 17 b 2\n", &policy(), start())
            .expect("written");
        assert_eq!(
            contents(folder.path()),
            ["a line of 17 b 1\n", "a line of 17 b 2\n"]
        );
    }

    #[test]
    fn a_folder_that_is_gone_is_made_anew() {
        let home = tempfile::tempdir().expect("temporary folder");
        let folder = home.path().join("logs");
        let mut files = RotatingFiles::new(&folder, "perpetua");
        for _ in 0..2 {
            files.write(b"kept\n", &policy(), start()).expect("written");
            assert_eq!(contents(&folder), ["kept\n"]);
            fs::remove_dir_all(&folder).expect("removed");
        }
    }
}
