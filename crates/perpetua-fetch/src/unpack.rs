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
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use path::{PathRefusal, inner_path};
pub(crate) use program::{belongs, find_program};

use perpetua_fs::{FileAction, FileError};
use sink::Sink;

/// How much an archive may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnpackLimits {
    /// Files and folders.
    pub entries: usize,
    /// Bytes of all files.
    pub total: u64,
    /// Bytes of all files for each byte of the archive. .NET programs shrink to about a third.
    pub ratio: u64,
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
pub enum UnpackError {
    /// It is broken; the reader's words.
    #[error("the archive is damaged ({0}); download it again, or from another source")]
    Damaged(String),
    /// An entry would land elsewhere, or on other systems.
    #[error("the archive has an entry with a path that is not allowed, `{path}`: {refusal}")]
    Path {
        /// The path as it stands there.
        path: String,
        /// Why.
        refusal: PathRefusal,
    },
    /// An entry is neither file nor folder.
    #[error("the archive has an entry that is neither file nor folder, `{0}`: a link or a device")]
    Special(String),
    /// Two entries have one name, or names that are one on Windows and macOS.
    #[error(
        "the archive has two entries for one path, `{0}` (upper and lower case count as the same)"
    )]
    Duplicate(String),
    /// An entry is encrypted or packed in a way that the core's archives are not.
    #[error("the archive cannot be read by this program ({0})")]
    Unsupported(String),
    /// Too many entries.
    #[error("the archive has more than {0} entries, which no core has")]
    TooManyEntries(usize),
    /// Too much content.
    #[error("the archive unpacks to more than {} MB, which no core does", .0 / 1_000_000)]
    TooLarge(u64),
    /// Too much content for its size.
    #[error(
        "the archive unpacks to more than {0} times its size, as one that was made to fill disks does"
    )]
    Bomb(u64),
    /// There is no program in it.
    #[error("there is no file `{program}` in it{}", other(*.is_of_another_system))]
    NoProgram {
        /// What was looked for.
        program: &'static str,
        /// Whether it has the program for another system.
        is_of_another_system: bool,
    },
    /// There are several programs in it.
    #[error("there are several files `{0}` in it, and nothing tells which is the right one")]
    SeveralPrograms(&'static str),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] FileError),
}

fn other(is_of_another_system: bool) -> &'static str {
    if is_of_another_system {
        "; it holds the core for another system"
    } else {
        ""
    }
}

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

    /// Whether a file that begins so can be one; it needs four bytes to say yes.
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
) -> Result<(), UnpackError> {
    let fail = |error| FileError::new(FileAction::Read, archive, error);
    let mut file = File::open(archive).map_err(fail)?;
    let size = file.metadata().map_err(fail)?.len();
    let mut sink = Sink::new(into, size, limits);
    match packing {
        Packing::Zip => zip_file::unpack(file, &mut sink),
        Packing::TarGz => tar_gz::unpack(file, &mut sink),
        Packing::Bare => sink.file(program.as_bytes(), &mut file),
    }
}

/// Copies a program of this machine and the libraries beside it, and nothing else of its folder: that
/// may be an account's, with its session.
pub(crate) fn copy(program: &Path, into: &Path, limits: UnpackLimits) -> Result<(), UnpackError> {
    let folder = program.parent().unwrap_or(Path::new("."));
    let fail = |error: io::Error| FileError::new(FileAction::Read, folder, error);
    let mut sink = Sink::new(into, limits.total, limits);
    for entry in folder.read_dir().map_err(fail)? {
        let path: PathBuf = entry.map_err(fail)?.path();
        let Some(name) = path.file_name().filter(|name| belongs(name, program)) else {
            continue;
        };
        let mut file =
            File::open(&path).map_err(|error| FileError::new(FileAction::Read, &path, error))?;
        sink.file(name.as_encoded_bytes(), &mut file)?;
    }
    Ok(())
}
