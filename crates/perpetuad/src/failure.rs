//! Why a command failed, and what the program exits with.

use std::io;

use perpetua_fs::{FileError, LockError};
use perpetua_node::{ExitCode, StartError, TokenProblem};
use perpetua_secrets::SecretError;
use perpetua_telemetry::InitError;
use perpetua_words::{Message, cli};

/// The end of a command that did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody reads standard output any longer, which is no fault.
    OutputClosed,
    /// Something to tell a person.
    Told {
        /// What happened, and what to do.
        message: Message,
        /// More of it, on lines of their own: each mistake of the settings.
        details: Vec<Message>,
        /// What the program exits with.
        exit: ExitCode,
    },
}

impl Failure {
    /// A failure that says this.
    pub(crate) fn new(exit: ExitCode, message: impl Into<Message>) -> Self {
        Self::with_details(exit, message, Vec::new())
    }

    /// A failure with lines after its first.
    pub(crate) fn with_details(
        exit: ExitCode,
        message: impl Into<Message>,
        details: Vec<Message>,
    ) -> Self {
        Self::Told {
            message: message.into(),
            details,
            exit,
        }
    }

    /// What a person can correct: the settings or the arguments.
    pub(crate) fn usage(message: impl Into<Message>) -> Self {
        Self::new(ExitCode::Usage, message)
    }

    /// Something that the command needs and cannot get, such as a download.
    pub(crate) fn unavailable(message: impl Into<Message>) -> Self {
        Self::new(ExitCode::Unavailable, message)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let exit = error.exit_code();
        match &error {
            StartError::Settings { path, problems } => {
                let details = problems.as_slice().iter().map(Message::from).collect();
                Self::with_details(exit, cli::SettingsInvalid { path }, details)
            }
            error => Self::new(exit, error),
        }
    }
}

impl From<TokenProblem> for Failure {
    fn from(problem: TokenProblem) -> Self {
        let exit = match &problem {
            TokenProblem::Store(error) => ExitCode::of_secret(error),
            _ => ExitCode::Usage,
        };
        Self::new(exit, &problem)
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::new(ExitCode::of_secret(&error), &error)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        StartError::from(error).into()
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        StartError::from(error).into()
    }
}

/// What the system refuses to the program itself: threads, its working folder, its input and output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(ExitCode::of_system(&error), &error)
    }
}

impl From<InitError> for Failure {
    fn from(error: InitError) -> Self {
        Self::new(ExitCode::Internal, &error)
    }
}

/// A reply that cannot be written as JSON.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::from(io::Error::from(error))
    }
}
