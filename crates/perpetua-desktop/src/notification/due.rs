//! What a notification says: the account and its state, in the words of the pages.

use std::time::Duration;

use perpetua_schema::{
    AccountStatus, CoreBrake, CoreRefusal, CoreState, NotificationKind, UpstreamState,
};
use perpetua_words::{Message, Param, notification as words, overview, tray, unit};

use crate::standing::{ButtonAction, account_path, name_of, standing_of};

/// What an account lacks that its owner is told of. Each is told by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// QQ ends each new session, or the program upstream says that the account is out.
    Kicked,
    /// A phone has to scan a code.
    ScanNeeded,
    /// QQ refuses the login.
    Refused,
    /// Another account logged in.
    WrongAccount,
    /// Nobody scanned any code.
    NobodyScanned,
    /// Starting was given up.
    GivenUp,
    /// It cannot run here.
    CannotRun,
    /// No core is there, and none comes by itself.
    NoCore,
    /// No signer signs a login.
    NoSigner,
    /// It receives and cannot send.
    CannotSend,
}

impl Cause {
    /// What an account lacks at present; what goes on by itself is nothing.
    pub fn of(account: &AccountStatus) -> Option<Self> {
        if !account.enabled {
            return None;
        }
        let Some(core) = &account.core else {
            return is_out_upstream(account).then_some(Self::Kicked);
        };
        match &core.state {
            CoreState::WaitingForScan { .. } => Some(Self::ScanNeeded),
            CoreState::Refused {
                refusal: CoreRefusal::Server { .. },
            } => Some(Self::Refused),
            CoreState::Refused {
                refusal: CoreRefusal::WrongAccount { .. } | CoreRefusal::WrongSession { .. },
            } => Some(Self::WrongAccount),
            CoreState::Braked { reason, .. } => Some(match reason {
                CoreBrake::KickedAgain => Self::Kicked,
                CoreBrake::NobodyScanned => Self::NobodyScanned,
                CoreBrake::Failing => Self::GivenUp,
                CoreBrake::CannotRun => Self::CannotRun,
            }),
            CoreState::SignerProblem { .. } => Some(Self::NoSigner),
            CoreState::Absent {
                retry_in_s: None, ..
            } => Some(Self::NoCore),
            CoreState::Online {
                signer_problem: Some(_),
                ..
            } => Some(Self::CannotSend),
            CoreState::Online { .. }
            | CoreState::Stopped
            | CoreState::Absent { .. }
            | CoreState::Installing { .. }
            | CoreState::Starting { .. }
            | CoreState::WaitingForConfirm { .. }
            | CoreState::KickedOffline { .. }
            | CoreState::Reconnecting { .. }
            | CoreState::Stopping
            | CoreState::Backoff { .. } => None,
        }
    }

    /// The kind by which an owner chooses what to hear of.
    pub fn kind(self) -> NotificationKind {
        match self {
            Self::Kicked => NotificationKind::Kicked,
            Self::ScanNeeded => NotificationKind::ScanNeeded,
            Self::Refused
            | Self::WrongAccount
            | Self::NobodyScanned
            | Self::GivenUp
            | Self::CannotRun
            | Self::NoCore
            | Self::NoSigner
            | Self::CannotSend => NotificationKind::Stopped,
        }
    }
}

/// Whether the program upstream says that the account is out.
fn is_out_upstream(account: &AccountStatus) -> bool {
    const SAID: [&str; 3] = [
        "link.upstream_said",
        "link.went_offline",
        "link.heartbeat_offline",
    ];
    let reason = account.problem.as_ref().and_then(|problem| {
        let Param::Message(reason) = problem.params.get("reason")? else {
            return None;
        };
        Some(&*reason.code)
    });
    account.upstream.state == UpstreamState::Open
        && !account.online
        && reason.is_some_and(|code| SAID.contains(&code))
}

/// Something to tell outside the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// A later one with the same key takes its place.
    pub key: String,
    /// Whom it concerns, and what it is.
    pub title: Message,
    /// What happened.
    pub body: Option<Message>,
    /// What ends it.
    pub button: Option<NotificationButton>,
    /// The page that a click on it opens.
    pub page: String,
}

/// The button of a notification.
#[derive(Clone, Debug, PartialEq)]
pub struct NotificationButton {
    /// What it says.
    pub word: Message,
    /// What it does.
    pub deed: ButtonAction,
}

impl Notification {
    /// The window was closed for the first time: where it went.
    pub fn closed(has_tray: bool) -> Self {
        if has_tray {
            Self::of_program("closed", words::Hidden, Some(words::HiddenLong.into()))
        } else {
            Self::of_program(
                "closed",
                words::Minimised,
                Some(words::MinimisedLong.into()),
            )
        }
    }

    /// There is no window, or it cannot show its page.
    pub fn no_window(cause: &str) -> Self {
        let body = words::NoWindowLong { cause };
        Self::of_program("no-window", words::NoWindow, Some(body.into()))
    }

    /// One to see whether the system lets it through.
    pub fn test() -> Self {
        Self::of_program("test", words::Test, Some(words::TestLong.into()))
    }

    /// A newer version is ready, and is installed when the program ends.
    pub(super) fn version_ready(version: &str, page: &str) -> Self {
        let body = Some(words::VersionReadyLong.into());
        Self {
            page: page.to_owned(),
            ..Self::of_program("version", words::VersionReady { version }, body)
        }
    }

    /// A newer version needs a person, and why.
    pub(super) fn version_out(version: &str, why: Message, page: &str) -> Self {
        Self {
            page: page.to_owned(),
            ..Self::of_program("version", words::VersionOut { version }, Some(why))
        }
    }

    fn of_program(key: &str, title: impl Into<Message>, body: Option<Message>) -> Self {
        Self {
            key: key.to_owned(),
            title: title.into(),
            body,
            button: None,
            page: "/".to_owned(),
        }
    }

    pub(super) fn of_cause(account: &AccountStatus, now_ms: i64) -> Self {
        let standing = standing_of(account, now_ms);
        let title = tray::Account {
            name: name_of(account),
            word: standing.word,
        };
        let button = standing.mend.map(|mend| NotificationButton {
            word: mend.word,
            deed: mend.deed,
        });
        let page = match &button {
            Some(NotificationButton {
                deed: ButtonAction::Go(path),
                ..
            }) => path.clone(),
            _ => account_path(&account.name),
        };
        Self {
            key: account.name.clone(),
            title: title.into(),
            body: standing.sentence,
            button,
            page,
        }
    }

    pub(super) fn back_online(account: &AccountStatus, away: Duration) -> Self {
        let duration = rounded(away);
        Self {
            key: account.name.clone(),
            title: words::Back {
                name: name_of(account),
            }
            .into(),
            body: Some(words::BackLong { duration }.into()),
            button: None,
            page: account_path(&account.name),
        }
    }

    pub(super) fn of_several(count: usize) -> Self {
        Self::of_program("several", overview::Bad { count }, None)
    }
}

/// A time in its largest whole unit.
fn rounded(time: Duration) -> Message {
    let seconds = time.as_secs();
    match (seconds, seconds / 60, seconds / 3600) {
        (count, 0, _) => unit::Seconds { count }.into(),
        (_, count, 0) => unit::Minutes { count }.into(),
        (_, _, count) => unit::Hours { count }.into(),
    }
}
