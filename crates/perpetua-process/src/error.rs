//! Why a program did not start, sorted by what a person can do about it.

use std::io;
use std::path::PathBuf;

/// A program did not start; nothing of it is left running. The text is for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// There is no such file.
    #[error("`{program}` is not there; install the core again")]
    ProgramMissing {
        /// The program's file.
        program: PathBuf,
    },
    /// There is no such folder.
    #[error(
        "cannot start `{program}`: its folder `{folder}` is not there; make it, or start the node again"
    )]
    FolderMissing {
        /// The program's file.
        program: PathBuf,
        /// The folder that it should work in.
        folder: PathBuf,
    },
    /// The file is not marked as a program (Unix).
    #[error(
        "`{program}` is not marked as executable; type `chmod +x {program}`, or install the core again"
    )]
    NotExecutable {
        /// The program's file.
        program: PathBuf,
    },
    /// It is a program, and the system does not let it start.
    #[error(
        "the system does not let `{program}` start; check that this user may enter its folder and \
         `{folder}`, that its disk is not mounted with `noexec`, and that no antivirus program blocks it"
    )]
    Forbidden {
        /// The program's file.
        program: PathBuf,
        /// The folder that it should work in.
        folder: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// It is a program for another system or processor, or none at all.
    #[error(
        "`{program}` is no program for this system and processor; install the core for this one"
    )]
    WrongSystem {
        /// The program's file.
        program: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// The file is there, and what loads it is not: a program for glibc on a system with musl.
    #[error(
        "`{program}` needs a loader that this system does not have, as a program made for glibc does on a \
         system with musl; use a system with glibc, such as Debian"
    )]
    LoaderMissing {
        /// The program's file.
        program: PathBuf,
    },
    /// Another program holds the file.
    #[error(
        "`{program}` is in use by another program that is writing or scanning it; try again in a moment"
    )]
    InUse {
        /// The program's file.
        program: PathBuf,
    },
    /// The system or this user has no room for another process, thread or open file.
    #[error(
        "cannot start `{program}`: too many processes or open files; end some programs, or raise the limits \
         of this user"
    )]
    TooMany {
        /// The program's file.
        program: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// Memory is full.
    #[error("cannot start `{program}`: there is not enough memory; end some programs")]
    OutOfMemory {
        /// The program's file.
        program: PathBuf,
    },
    /// The program could be started, but not so that it would end with us.
    #[error(
        "did not start `{program}`, because nothing would end it if perpetua were killed: {cause}"
    )]
    Unguarded {
        /// The program's file.
        program: PathBuf,
        /// What is missing.
        cause: String,
    },
    /// Anything else the system says.
    #[error("cannot start `{program}`")]
    Other {
        /// The program's file.
        program: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}
