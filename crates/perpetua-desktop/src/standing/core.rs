//! How a managed core stands, in words.

use perpetua_schema::{
    CoreAbsence, CoreAway, CoreAwayKind, CoreBrake, CorePhase, CoreRefusal, CoreState, CoreStatus,
};
use perpetua_words::{Message, app, state as words};

use super::{ButtonAction, Standing, Tone, holds, online};

/// The code of QQ that most often means a signer of another version.
const UNFIT_SIGNER: i64 = 45;
/// A start that did not come further.
const STOOD_STILL: [&str; 1] = ["core.no_progress"];
/// What a new installation of the core mends.
const BROKEN_CORE: [&str; 3] = ["core.damaged", "core.no_core", "core.vanished"];

/// Every state that a core has.
pub(super) fn standing(account: &str, core: &CoreStatus, now_ms: i64) -> Standing {
    use Tone::{Bad, Busy, Idle, You};
    if let Some(away) = &core.away
        && tries(&core.state)
    {
        let is_waiting = matches!(core.state, CoreState::Backoff { .. });
        return self::away(account, away, is_waiting, now_ms);
    }
    match &core.state {
        CoreState::Stopped => Standing::new(Idle, words::CoreStopped)
            .saying(words::CoreStoppedLong)
            .started(words::DoStart, account),
        CoreState::Absent { why, .. } => absent(*why),
        CoreState::Installing { .. } => Standing::new(Busy, words::CoreInstalling),
        CoreState::SignerProblem {
            none_configured: true,
            ..
        } => Standing::new(Bad, words::SignerMissing)
            .saying(words::SignerMissingLong)
            .mended_by(words::DoAddSigner, ButtonAction::new_signer()),
        CoreState::SignerProblem { retry_in_s, .. } => Standing::new(You, words::SignerNoneWorks)
            .saying(words::SignerNoneWorksLong {
                seconds: *retry_in_s,
            })
            .mended_by(words::DoSeeWhy, ButtonAction::signers()),
        CoreState::Starting { phase } => starting(*phase),
        CoreState::WaitingForScan { .. } => Standing::new(You, words::Scan)
            .saying(words::ScanLong)
            .mended_by(words::DoShowCode, ButtonAction::login_page(account)),
        CoreState::WaitingForConfirm { who, expected, .. } => confirming(account, *who, *expected),
        CoreState::Refused { refusal } => refused(account, refusal),
        CoreState::Online {
            signer_problem: None,
            ..
        } => match core.blocked_for_s {
            Some(seconds) => Standing::new(Busy, words::Online)
                .saying(words::CoreBlocked {
                    duration: perpetua_words::duration(seconds),
                })
                .mended_by(words::DoSeeWhy, ButtonAction::signers()),
            None => online(),
        },
        CoreState::Online { .. } => Standing::new(You, words::CannotSend)
            .saying(words::CannotSendLong)
            .mended_by(words::DoChangeSigner, ButtonAction::signers()),
        CoreState::KickedOffline { reason } => {
            Standing::new(Busy, words::Kicked).saying(words::KickedLong { reason })
        }
        CoreState::Reconnecting { .. } => Standing::new(Busy, words::CoreReconnecting),
        CoreState::Stopping => {
            Standing::new(Idle, words::CoreStopping).saying(words::CoreStoppingLong)
        }
        CoreState::Backoff {
            retry_in_s: seconds,
            reason: Some(reason),
            ..
        } if holds(reason, &STOOD_STILL) => Standing::new(Busy, words::NoHeadway)
            .saying(words::NoHeadwayLong { seconds: *seconds })
            .started(words::DoTryNow, account),
        CoreState::Backoff {
            retry_in_s,
            failures,
            ..
        } => Standing::new(Busy, words::Backoff)
            .saying(words::BackoffLong {
                count: *failures,
                seconds: *retry_in_s,
            })
            .started(words::DoTryNow, account),
        CoreState::Braked { reason, cause, .. } => braked(account, *reason, cause.as_ref()),
    }
}

/// Whether the state is one of those that come and go while QQ cannot be reached.
fn tries(state: &CoreState) -> bool {
    matches!(
        state,
        CoreState::Backoff { .. } | CoreState::Starting { .. } | CoreState::Stopping
    )
}

fn away(account: &str, away: &CoreAway, is_waiting: bool, now_ms: i64) -> Standing {
    let for_ms = now_ms.saturating_sub(away.since_ms).max(0);
    let duration = perpetua_words::duration(for_ms.unsigned_abs() / 1000);
    let standing = match away.kind {
        CoreAwayKind::NoNetwork => {
            Standing::new(Tone::Busy, words::NoNetwork).saying(words::NoNetworkLong { duration })
        }
        CoreAwayKind::QqUnreachable => Standing::new(Tone::Busy, words::QqUnreachable)
            .saying(words::QqUnreachableLong { duration }),
    };
    // A start that is under way is not begun anew.
    if is_waiting {
        standing.started(words::DoTryNow, account)
    } else {
        standing
    }
}

fn absent(why: CoreAbsence) -> Standing {
    match why {
        CoreAbsence::Unconfirmed => Standing::new(Tone::You, words::CoreUnconfirmed)
            .saying(words::CoreUnconfirmedLong)
            .mended_by(words::DoCompare, ButtonAction::cores()),
        CoreAbsence::NotAllowed => Standing::new(Tone::You, words::CoreAbsent)
            .saying(words::CoreAbsentLong)
            .mended_by(words::DoInstall, ButtonAction::install_core()),
        CoreAbsence::Failed => Standing::new(Tone::You, words::CoreAbsent)
            .saying(words::CoreNotInstalled)
            .mended_by(words::DoInstallNow, ButtonAction::install_core()),
    }
}

fn starting(phase: CorePhase) -> Standing {
    let (word, sentence): (Message, Message) = match phase {
        CorePhase::Preparing => (words::Preparing.into(), words::PreparingLong.into()),
        CorePhase::Launched => (words::Launched.into(), words::LaunchedLong.into()),
        CorePhase::Session => (words::Session.into(), words::SessionLong.into()),
        CorePhase::Connecting => (words::GettingCode.into(), words::GettingCodeLong.into()),
        CorePhase::LoggingIn => (words::LoggingIn.into(), words::LoggingInLong.into()),
        CorePhase::OpeningLink => (words::OpeningLink.into(), words::OpeningLinkLong.into()),
    };
    Standing::new(Tone::Busy, word).saying(sentence)
}

fn confirming(account: &str, who: Option<u64>, expected: Option<u64>) -> Standing {
    if let Some(expected) = expected {
        let wrong = Standing::new(Tone::Bad, words::WrongAccount);
        let wrong = match who {
            Some(who) => wrong.saying(words::OtherScanned { expected, who }),
            None => wrong.saying(words::OtherScannedUnknown { expected }),
        };
        return wrong.mended_by(words::DoNewCode, ButtonAction::restart(account));
    }
    let standing = Standing::new(Tone::You, words::Confirm);
    let standing = match who {
        Some(who) => standing.saying(words::ConfirmLong { who }),
        None => standing.saying(words::ConfirmUnknown),
    };
    standing.mended_by(app::Open, ButtonAction::login_page(account))
}

fn refused(account: &str, refusal: &CoreRefusal) -> Standing {
    let page = ButtonAction::login_page(account);
    match refusal {
        CoreRefusal::Server { code, .. } if *code == UNFIT_SIGNER => {
            Standing::new(Tone::Bad, words::Refused)
                .saying(words::RefusedUnfitSigner { code: *code })
                .mended_by(words::DoSeeWhy, page)
        }
        CoreRefusal::Server { code, tag, message } => Standing::new(Tone::Bad, words::Refused)
            .saying(words::RefusedLong {
                code: *code,
                tag,
                words: message,
            })
            .mended_by(words::DoLogin, page),
        CoreRefusal::WrongAccount { expected, scanned } => {
            Standing::new(Tone::Bad, words::WrongAccount)
                .saying(words::WrongAccountLong {
                    expected: *expected,
                    scanned: *scanned,
                })
                .mended_by(words::DoScanAgain, page)
        }
        CoreRefusal::WrongSession { expected, found } => {
            Standing::new(Tone::Bad, words::WrongAccount)
                .saying(words::WrongSessionLong {
                    expected: *expected,
                    found: *found,
                })
                .mended_by(words::DoSeeWhy, page)
        }
    }
}

fn braked(account: &str, reason: CoreBrake, cause: Option<&Message>) -> Standing {
    let bad = |word: Message, sentence: Message| Standing::new(Tone::Bad, word).saying(sentence);
    match reason {
        CoreBrake::Failing => {
            bad(words::GivenUp.into(), words::GivenUpLong.into()).started(app::Again, account)
        }
        CoreBrake::NobodyScanned => {
            bad(words::NobodyScanned.into(), words::NobodyScannedLong.into())
                .mended_by(words::DoGetCode, ButtonAction::login_page(account))
        }
        CoreBrake::KickedAgain => bad(words::KickedAgain.into(), words::KickedAgainDo.into())
            .mended_by(words::DoLogin, ButtonAction::login_page(account)),
        CoreBrake::CannotRun => {
            let cannot = bad(words::CannotRun.into(), words::CannotRunLong.into());
            if cause.is_some_and(|cause| holds(cause, &BROKEN_CORE)) {
                cannot.mended_by(words::DoInstallAgain, ButtonAction::install_core())
            } else {
                cannot.started(app::Again, account)
            }
        }
    }
}
