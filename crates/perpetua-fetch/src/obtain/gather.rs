//! What stands on this machine, copied to where nobody else writes, and the digest of what was copied.
//!
//! Whoever may write where it stood can exchange it at any moment; what is judged is the copy, and so
//! is what is installed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::digest::Hasher;
use crate::unpack::{Sink, belongs};
use crate::{Sha256, UnpackError, UnpackLimits};
use perpetua_fs::{FileAction, FileError, open_regular, open_unlinked};

/// So many libraries are named; more are counted.
const NAMED: usize = 3;

/// A copy, which goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Gathered {
    _folder: TempDir,
    /// The archive or the program, in the folder.
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha256: Sha256,
    /// What the digest is of, for people, where that is more than one file.
    pub(crate) together: Option<String>,
}

/// Where copies go, and how much they may hold.
pub(crate) struct Room<'a> {
    /// The folder of versions.
    pub(crate) within: &'a Path,
    pub(crate) limits: UnpackLimits,
    pub(crate) cancel: &'a CancellationToken,
}

impl Room<'_> {
    /// Copies one file, under a name of ours.
    pub(crate) fn archive(&self, from: &Path) -> Result<Gathered, UnpackError> {
        let folder = self.folder()?;
        let mut sink = Sink::new(folder.path(), self.limits.total, self.limits, self.cancel);
        let file = source(from, open_regular(from))?;
        let name = "archive";
        let (sha256, size) = copy(&mut sink, name, file)?;
        Ok(Gathered {
            path: folder.path().join(name),
            _folder: folder,
            size,
            sha256,
            together: None,
        })
    }

    /// Copies a program and the libraries beside it, and nothing else of its folder: that may be an account's,
    /// with its session. A program alone has its own digest; with libraries it is the one of what `sha256sum`
    /// prints of them all, sorted by their names.
    pub(crate) fn program(
        &self,
        from: &Path,
        program: &'static str,
    ) -> Result<Gathered, UnpackError> {
        let folder = self.folder()?;
        let mut sink = Sink::new(folder.path(), self.limits.total, self.limits, self.cancel);
        let file = source(from, open_regular(from))?;
        let (sha256, size) = copy(&mut sink, program, file)?;
        let mut digests = libraries(from, &mut sink)?;
        let own_name = from.file_name().unwrap_or_default().to_string_lossy();
        let named = names(&own_name, &digests);
        let is_alone = digests.is_empty();
        digests.insert(own_name.into_owned(), sha256);
        Ok(Gathered {
            path: folder.path().join(program),
            _folder: folder,
            size,
            sha256: if is_alone { sha256 } else { of_all(&digests) },
            together: (!is_alone).then_some(named),
        })
    }

    fn folder(&self) -> Result<TempDir, FileError> {
        let mut builder = tempfile::Builder::new();
        let made = builder.prefix(".new-").tempdir_in(self.within);
        made.map_err(|error| FileError::new(FileAction::CreateFolder, self.within, error))
    }
}

/// Copies the libraries beside a program; gives the digest of each.
fn libraries(program: &Path, sink: &mut Sink<'_>) -> Result<BTreeMap<String, Sha256>, UnpackError> {
    let folder = program.parent().unwrap_or(Path::new("."));
    let fail = |error| UnpackError::Source(FileError::new(FileAction::Read, folder, error));
    let mut digests = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let is_library = |name: &&OsStr| belongs(name, program);
        let Some(name) = path.file_name().filter(is_library) else {
            continue;
        };
        if Some(name) == program.file_name() {
            continue;
        }
        sink.count()?;
        let name = name.to_string_lossy();
        let is_file = fs::symlink_metadata(&path).map_err(fail)?.is_file();
        if !is_file {
            return Err(UnpackError::Beside(name.into_owned()));
        }
        let file = source(&path, open_unlinked(&path))?;
        let (sha256, _) = copy(sink, &name, file)?;
        digests.insert(name.into_owned(), sha256);
    }
    Ok(digests)
}

fn source(path: &Path, opened: Result<Option<File>, FileError>) -> Result<File, UnpackError> {
    let gone = || FileError::new(FileAction::Read, path, io::ErrorKind::NotFound.into());
    let opened = opened.and_then(|file| file.ok_or_else(gone));
    opened.map_err(UnpackError::Source)
}

/// Copies a file and gives the digest and the size of what was copied.
fn copy(sink: &mut Sink<'_>, name: &str, file: File) -> Result<(Sha256, u64), UnpackError> {
    let mut read = Hashed {
        inner: file,
        hasher: Hasher::default(),
        size: 0,
    };
    sink.file(name.as_bytes(), &mut read)?;
    Ok((read.hasher.finish(), read.size))
}

/// Hashes what is read.
struct Hashed<R> {
    inner: R,
    hasher: Hasher,
    size: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }
}

fn of_all(digests: &BTreeMap<String, Sha256>) -> Sha256 {
    let mut listed = String::new();
    for (name, sha256) in digests {
        // Writing to a text never fails.
        let _ = writeln!(listed, "{sha256}  {name}");
    }
    Sha256::of(listed.as_bytes())
}

/// `Lagrange.OneBot + a.so + b.so + 12`
fn names(program: &str, libraries: &BTreeMap<String, Sha256>) -> String {
    let mut named = vec![program.to_owned()];
    named.extend(libraries.keys().take(NAMED).cloned());
    if libraries.len() > NAMED {
        named.push((libraries.len() - NAMED).to_string());
    }
    named.join(" + ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokio_util::sync::CancellationToken;

    use super::Room;
    use crate::{Sha256, UnpackError, UnpackLimits};

    #[test]
    fn the_digest_with_libraries_is_what_sha256sum_says_of_its_own_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["core", "b.so", "a.dll", "c.dylib", "Z.so", "notes.txt"] {
            fs::write(folder.path().join(name), name).expect("written");
        }
        let into = tempfile::tempdir().expect("a folder");
        let room = Room {
            within: into.path(),
            limits: UnpackLimits::default(),
            cancel: &CancellationToken::new(),
        };
        let gathered = room
            .program(&folder.path().join("core"), "Lagrange.OneBot")
            .expect("gathered");
        let lines = ["Z.so", "a.dll", "b.so", "c.dylib", "core"]
            .map(|name| format!("{}  {name}\n", Sha256::of(name.as_bytes())));
        assert_eq!(gathered.sha256, Sha256::of(lines.concat().as_bytes()));
        assert_eq!(
            gathered.together.as_deref(),
            Some("core + Z.so + a.dll + b.so + 1")
        );
        assert_eq!(gathered.size, 4);
    }

    #[test]
    fn what_is_called_off_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("core");
        fs::write(&program, "program").expect("written");
        let into = tempfile::tempdir().expect("a folder");
        let cancel = CancellationToken::new();
        cancel.cancel();
        let room = Room {
            within: into.path(),
            limits: UnpackLimits::default(),
            cancel: &cancel,
        };
        for gathered in [room.program(&program, "core"), room.archive(&program)] {
            assert!(
                matches!(gathered, Err(UnpackError::Canceled)),
                "{gathered:?}"
            );
        }
        let left = into.path().read_dir().expect("a folder");
        assert_eq!(left.count(), 0);
    }
}
