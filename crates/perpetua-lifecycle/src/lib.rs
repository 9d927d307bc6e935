//! `perpetua-lifecycle`: the life of a managed core, as a pure machine.
//!
//! Pure: no process is started here and no clock is read. A driver (`perpetua-supervisor`) tells the
//! [`Lifecycle`] what happened and when; the machine answers with [`LifecycleEffect`]s and says when it
//! wants to be asked again.

mod effect;
mod event;
mod exit;
mod failure;
mod lifecycle;
mod policy;
mod state;
mod words;

pub use effect::{Announcement, LifecycleEffect};
pub use event::{CoreChange, LifecycleEvent, QrState, Reading, RollBackEnd};
pub use exit::{Exit, ExitCause, MissingLibrary, SettingsFault};
pub use failure::{InstallProblem, LaunchFailure, Outage, SignerProblem};
pub use lifecycle::Lifecycle;
pub use policy::{LifecyclePolicy, RestartLimit};
pub use state::{
    Generation, GiveUpReason, LifecycleState, LoginRefusal, OfflineReason, QrImage, StartPhase,
};
