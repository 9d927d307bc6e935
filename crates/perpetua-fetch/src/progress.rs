//! How far an installation is.

/// What an installation is doing, and how far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InstallProgress {
    /// What is being done.
    pub phase: InstallPhase,
    /// Bytes that are there.
    pub received: u64,
    /// Bytes in all, where the server has said so.
    pub total: Option<u64>,
    /// Bytes a second, lately.
    pub rate: u64,
}

/// What an installation is doing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum InstallPhase {
    /// It begins.
    #[default]
    Beginning,
    /// Another installation is under way on the same folder.
    WaitingForOther,
    /// It asks a source which release there is.
    LookingForRelease,
    /// It loads the file.
    Downloading,
    /// No source gave a file; all are asked again after a while.
    WaitingToRetry,
    /// It unpacks the file.
    Unpacking,
    /// It starts the program once, to see whether it runs here.
    TrialStart,
}

impl InstallProgress {
    /// At the beginning of a phase.
    pub(crate) fn at(phase: InstallPhase) -> Self {
        Self {
            phase,
            ..Self::default()
        }
    }
}
