//! Unpacking what strangers packed: nothing leaves the folder, nothing grows without a limit.
//!
//! What is refused is refused whole: the folder it went to is thrown away by the caller. No link is
//! ever made, because the core's archives have none.

mod path;
mod program;
mod sink;
mod tar_gz;
mod zip_file;

use std::fs::File;
use std::path::Path;

use perpetua_words::Message;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

pub use path::{PathRefusal, inner_path};
pub(crate) use program::{belongs, find_program};

use perpetua_fs::{FileAction, FileError};
pub(crate) use sink::Sink;

/// How much an archive may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnpackLimits {
    /// Files and folders.
    pub entries: usize,
    /// Bytes of all files; what stands around them in a `tar.gz` may add as many as [`UnpackLimits::AROUND`].
    pub total: u64,
    /// Bytes of all files for each byte of the archive. .NET programs shrink to about a third.
    pub ratio: u64,
}

impl UnpackLimits {
    /// Bytes of names, notes and padding in a whole archive: 5000 entries have 2.5 MB of headers.
    pub const AROUND: u64 = 10_000_000;
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            entries: 5_000,
            total: 1_000_000_000,
            ratio: 100,
        }
    }
}

/// Why an archive was refused.
#[derive(Debug, Error)]
#[error("{}", Message::from(self))]
pub enum UnpackError {
    /// It is broken; the reader's words.
    Damaged(Message),
    /// An entry would land elsewhere, or on other systems.
    Path {
        /// The path as it stands there.
        path: String,
        /// Why.
        refusal: PathRefusal,
    },
    /// An entry is neither file nor folder.
    Special(String),
    /// Two entries have one name, or names that are one on Windows and macOS.
    Duplicate(Message),
    /// An entry is encrypted or packed in a way that the core's archives are not.
    Unsupported(String),
    /// Too many entries.
    TooManyEntries(usize),
    /// Too much content.
    TooLarge(u64),
    /// Too much content for its size.
    Bomb(u64),
    /// There is no program in it.
    NoProgram {
        /// What was looked for.
        program: &'static str,
        /// Whether it has the program for another system.
        is_of_another_system: bool,
    },
    /// There are several programs in it.
    SeveralPrograms(&'static str),
    /// What is beside a program of this machine as a library, and is no file.
    Beside(String),
    /// A file of this machine cannot be read.
    Source(FileError),
    /// The disk refused.
    Disk(FileError),
    /// It was called off.
    Canceled,
}

impl From<FileError> for UnpackError {
    fn from(error: FileError) -> Self {
        Self::Disk(error)
    }
}

/// So many first bytes tell an archive from anything else.
pub(crate) const HEAD_BYTES: usize = 4;

/// How a file is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Packing {
    Zip,
    TarGz,
    /// The program itself.
    Bare,
}

impl Packing {
    /// By the file's name, as GitHub's assets say it.
    pub(crate) fn of(name: &str) -> Self {
        let ends_with = |ending: &str| {
            let at = name.len().saturating_sub(ending.len());
            name.as_bytes()[at..].eq_ignore_ascii_case(ending.as_bytes())
        };
        if ends_with(".tar.gz") || ends_with(".tgz") {
            Self::TarGz
        } else if ends_with(".zip") {
            Self::Zip
        } else {
            Self::Bare
        }
    }

    /// Whether a file that begins so can be one; it needs [`HEAD_BYTES`] to say yes.
    pub(crate) fn begins(self, head: &[u8]) -> bool {
        match self {
            Self::Zip => head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06"),
            Self::TarGz => head.starts_with(&[0x1f, 0x8b]),
            Self::Bare => !head.starts_with(b"<"),
        }
    }
}

/// Unpacks an archive into an empty folder; blocks. A bare program is copied under its own name.
pub(crate) fn unpack(
    archive: &Path,
    packing: Packing,
    program: &'static str,
    into: &Path,
    limits: UnpackLimits,
    cancel: &CancellationToken,
) -> Result<(), UnpackError> {
    let fail = |error| FileError::new(FileAction::Read, archive, error);
    let mut file = File::open(archive).map_err(fail)?;
    let size = file.metadata().map_err(fail)?.len();
    let mut sink = Sink::new(into, size, limits, cancel);
    match packing {
        Packing::Zip => zip_file::unpack(file, size, &mut sink),
        Packing::TarGz => tar_gz::unpack(file, &mut sink),
        Packing::Bare => sink.file(program.as_bytes(), &mut file),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokio_util::sync::CancellationToken;

    use super::{Packing, UnpackError, UnpackLimits, unpack};

    #[test]
    fn what_is_called_off_is_not_unpacked_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, into) = (folder.path().join("core"), folder.path().join("into"));
        fs::write(&from, "program").expect("written");
        fs::create_dir(&into).expect("a folder");
        let (limits, cancel) = (UnpackLimits::default(), CancellationToken::new());
        cancel.cancel();
        let unpacked = unpack(&from, Packing::Bare, "core", &into, limits, &cancel);
        assert!(
            matches!(unpacked, Err(UnpackError::Canceled)),
            "{unpacked:?}"
        );
        assert_eq!(fs::read(into.join("core")).expect("begun"), b"");
    }
}
