//! Why a program did not start, sorted by what a person can do about it.

use std::io;
use std::path::PathBuf;

use perpetua_words::{Message, process as words};

/// A program did not start; nothing of it is left running. The text is for people.
#[derive(Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum SpawnError {
    /// There is no such file.
    ProgramMissing {
        /// The program's file.
        program: PathBuf,
    },
    /// There is no such folder.
    FolderMissing {
        /// The program's file.
        program: PathBuf,
        /// The folder that it should work in.
        folder: PathBuf,
    },
    /// The file is not marked as a program (Unix).
    NotExecutable {
        /// The program's file.
        program: PathBuf,
    },
    /// It is a program, and the system does not let it start.
    Forbidden {
        /// The program's file.
        program: PathBuf,
        /// The folder that it should work in.
        folder: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// It is a program for another system or processor, or none at all.
    WrongSystem {
        /// The program's file.
        program: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// The file is there, and what loads it is not: a program for glibc on a system with musl.
    LoaderMissing {
        /// The program's file.
        program: PathBuf,
    },
    /// Another program holds the file.
    InUse {
        /// The program's file.
        program: PathBuf,
    },
    /// The system or this user has no room for another process, thread or open file.
    TooMany {
        /// The program's file.
        program: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
    /// Memory is full.
    OutOfMemory {
        /// The program's file.
        program: PathBuf,
    },
    /// The program could be started, but not so that it would end with us.
    Unguarded {
        /// The program's file.
        program: PathBuf,
        /// What is missing.
        cause: Message,
    },
    /// Anything else the system says.
    Other {
        /// The program's file.
        program: PathBuf,
        /// The system's own words.
        cause: io::Error,
    },
}

impl From<&SpawnError> for Message {
    fn from(error: &SpawnError) -> Self {
        match error {
            SpawnError::ProgramMissing { program } => words::ProgramMissing { program }.into(),
            SpawnError::FolderMissing { program, folder } => {
                words::FolderMissing { program, folder }.into()
            }
            SpawnError::NotExecutable { program } => words::NotExecutable { program }.into(),
            SpawnError::Forbidden {
                program,
                folder,
                cause,
            } => words::Forbidden {
                program,
                folder,
                cause,
            }
            .into(),
            SpawnError::WrongSystem { program, cause } => {
                words::WrongSystem { program, cause }.into()
            }
            SpawnError::LoaderMissing { program } => words::LoaderMissing { program }.into(),
            SpawnError::InUse { program } => words::InUse { program }.into(),
            SpawnError::TooMany { program, cause } => words::TooMany { program, cause }.into(),
            SpawnError::OutOfMemory { program } => words::OutOfMemory { program }.into(),
            SpawnError::Unguarded { program, cause } => {
                let cause = cause.clone();
                words::Unguarded { program, cause }.into()
            }
            SpawnError::Other { program, cause } => words::CannotStart { program, cause }.into(),
        }
    }
}
