//! How a core stands: one snapshot, published when it changes.

use std::{
    fmt,
    time::{Duration, Instant, SystemTime},
};

use perpetua_fetch::InstallProgress;
use perpetua_lagrange::{Keystore, LoginFile, SessionBackup, SetAside};
use perpetua_lifecycle::{Generation, LifecycleState, OfflineReason, Outage, StartPhase};
use perpetua_process::Usage;
use perpetua_secrets::Secret;
use perpetua_signing::{DeskSigner, ProbeReport};
use perpetua_words::Message;

/// Everything that is to be known of one account's core at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct CoreView {
    /// Where it stands.
    pub state: LifecycleState,
    /// Since when it stands there, whatever the data of the state.
    pub since: Instant,
    /// The phases of the latest start that are over, in their order, and how long each took.
    pub phases: Vec<(StartPhase, Duration)>,
    /// That QQ cannot be reached, and since when, whatever the state.
    pub outage: Option<Outage>,
    /// Whether names of the internet are found during the outage, once they were looked up.
    pub names_found: Option<bool>,
    /// How many QR codes are shown before it counts as nobody being there.
    pub qr_codes: u32,
    /// How far the installation is that it waits for.
    pub install: Option<InstallProgress>,
    /// Where its OneBot server is, while there is one to dial.
    pub endpoint: Option<Endpoint>,
    /// The latest start; 0 before the first.
    pub generation: Generation,
    /// How often it was started anew without a person asking for it.
    pub restarts: u64,
    /// How often a login was turned away on the phone.
    pub canceled: u64,
    /// The installed version that runs, or ran last, such as `nightly-3fa9c1d2`.
    pub version: Option<String>,
    /// The commit that it was built from, as it says itself.
    pub commit: Option<String>,
    /// The protocol that it uses, such as `3.2.15-30366`.
    pub protocol: Option<String>,
    /// Its process, while there is one.
    pub pid: Option<u32>,
    /// What the process and its children take, once measured.
    pub usage: Option<Usage>,
    /// The signer in use, or the one asked last.
    pub signer: Option<ProbeReport>,
    /// What was measured of all that may sign for it, where the node asks them.
    pub signing: Vec<DeskSigner>,
    /// Why it is not online any more, from the moment that it was not until it is again.
    pub offline: Option<OfflineReason>,
    /// What of its login was set aside since the last one.
    pub set_aside: SetAsideLogin,
    /// What went wrong without keeping it from running, in words; the latest.
    pub notice: Option<Message>,
    /// What of its settings is taken otherwise than it is written, in words.
    pub remark: Option<Message>,
}

/// The files of a login that were set aside, and what could take their place.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SetAsideLogin {
    /// Those that were, the session first.
    pub files: Vec<SetAside>,
    /// When the newest kept copy of the login was made; `None` when there is none, or nobody needs it.
    pub copy: Option<SystemTime>,
    /// There is no session although a login was kept: somebody has deleted it.
    pub is_session_gone: bool,
}

impl SetAsideLogin {
    /// Blocks for as long as the disk takes. What cannot be read is told where it is used.
    pub(crate) fn of(backup: &SessionBackup, now: SystemTime) -> Self {
        let files = backup.folder().set_aside().unwrap_or_default();
        let is_known = files.iter().any(|one| one.file == LoginFile::Session);
        let is_absent = matches!(backup.folder().keystore(), Ok(Keystore::Absent));
        let is_missing = is_absent && !is_known;
        if files.is_empty() && !is_missing {
            return Self::default();
        }
        let copy = backup.newest(now).ok().flatten();
        Self {
            files,
            copy,
            is_session_gone: is_missing && copy.is_some(),
        }
    }
}

/// A core's OneBot server.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Which start it belongs to; what is reported of the link names it.
    pub generation: Generation,
    /// `ws://127.0.0.1:<port>/`.
    pub url: String,
    /// Sent as `Authorization: Bearer …`; another one with each start.
    pub token: Secret,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Endpoint")
            .field("generation", &self.generation)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl CoreView {
    /// A core that nobody wants to run yet.
    pub(crate) fn stopped(now: Instant, qr_codes: u32, remark: Option<Message>) -> Self {
        Self {
            state: LifecycleState::Stopped,
            since: now,
            phases: Vec::new(),
            outage: None,
            names_found: None,
            qr_codes,
            install: None,
            endpoint: None,
            generation: Generation::default(),
            restarts: 0,
            canceled: 0,
            version: None,
            commit: None,
            protocol: None,
            pid: None,
            usage: None,
            signer: None,
            signing: Vec::new(),
            offline: None,
            set_aside: SetAsideLogin::default(),
            notice: None,
            remark,
        }
    }
}
