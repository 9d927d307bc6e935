//! What the machine wants done.

use perpetua_words::Message;

use crate::{Generation, OfflineReason};

/// Something the driver has to do. None of them waits: what comes of it is a
/// [`LifecycleEvent`](crate::LifecycleEvent).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LifecycleEffect {
    /// Install a core; ends in `CoreChanged` or `InstallFailed`.
    Install,
    /// Check the core and the signers, write the settings, choose a port, start the process; ends in
    /// `Launched` or `LaunchFailed`. There is no other process of this account when this is asked for.
    Launch(Generation),
    /// Give a start up that has no process yet; ends in `LaunchFailed` with `CalledOff`, or in
    /// `Launched` when it was too late.
    CallOff(Generation),
    /// Ask the process to end; ends in `Exited`.
    Stop(Generation),
    /// End the whole tree of the process at once; ends in `Exited`.
    Kill(Generation),
    /// Keep a copy of the session and the device, sealed: the login was good.
    KeepLogin,
    /// Set the session file aside, so that the next start asks for a QR code.
    SetSessionAside {
        /// Why, for people.
        why: Message,
    },
    /// The signer in use fails: look for another one; ends in `SignerFound`,
    /// `SignerBack` or `SignerMissing`.
    FindSigner(Generation),
    /// The core on trial does not work: make the one before it the current one; ends in
    /// `RolledBack`. A `Launch` that follows waits for it.
    RollBack {
        /// The version that is given up. Nothing is done when it is not the current one any more.
        from: String,
        /// Why, for people.
        why: Message,
    },
    /// Note that a version has brought the account online, so that it is kept.
    NoteOnline {
        /// The version.
        version: String,
        /// The account has stayed so for long enough to call the version good.
        lasted: bool,
    },
    /// Tell everyone.
    Announce(Announcement),
}

/// What people and hooks are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Announcement {
    /// The account can be talked to.
    Online {
        /// The account.
        who: u64,
    },
    /// The account cannot be talked to any more.
    Offline {
        /// Why.
        reason: OfflineReason,
    },
    /// A person is needed: a QR code, a refusal, giving up, a missing signer, or a core that only a person can
    /// install; [`LifecycleState`](crate::LifecycleState) says which. Told once, until the account is let in or the need is another.
    PersonNeeded,
}
