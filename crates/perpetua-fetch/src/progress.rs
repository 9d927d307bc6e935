//! How far an installation is.

use std::sync::Arc;

use tokio::sync::watch;

/// What an installation is doing, and how far it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InstallProgress {
    /// What is being done.
    pub phase: InstallPhase,
    /// What is being installed, once that is known: the release's tag, or the name of a file.
    pub tag: Option<Arc<str>>,
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
    /// A person's browser sends the file.
    Uploading,
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
    /// Tells that a phase begins. What is being installed stays the same, unless it is looked for anew.
    pub(crate) fn begin(told: &watch::Sender<Self>, phase: InstallPhase) {
        told.send_modify(|told| {
            let known = told.tag.take();
            *told = Self {
                phase,
                tag: known.filter(|_| phase != InstallPhase::LookingForRelease),
                ..Self::default()
            };
        });
    }
}
