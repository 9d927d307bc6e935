//! How an account stands as a whole, in words.

use perpetua_proxy::BindError;
use perpetua_schema::{AccountStatus, SetAccountEnabled, UpstreamState};
use perpetua_words::{Message, app, state as words};

use super::{ButtonAction, Standing, Tone, core, holds, online, reconnect, retry_failed};

/// How long an upstream may take to say which account it is, in milliseconds.
const ASKING_MS: i64 = 15_000;

/// A keyring that gives no secret, whatever it wanted it for.
const KEYRING: [&str; 4] = [
    "secret.keyring_absent",
    "secret.keyring_failed",
    "secret.keyring_locked",
    "secret.keyring_timeout",
];

/// The first that fits: off, its core, its way to the upstream, what the upstream says. `now_ms` is the
/// time in milliseconds since 1970.
pub fn standing_of(account: &AccountStatus, now_ms: i64) -> Standing {
    let name = account.name.as_str();
    if !account.enabled {
        return Standing::new(Tone::Idle, words::Disabled)
            .saying(words::AccountDisabledLong)
            .mended_by(words::DoEnable, enable(name));
    }
    if let Some(core) = &account.core {
        let standing = core::standing(name, core, now_ms);
        if standing.tone == Tone::Ok && !account.online {
            return Standing::new(Tone::Busy, words::Checking).saying(words::CoreCheckingLong);
        }
        return standing;
    }
    if account.upstream.state != UpstreamState::Open {
        return upstream(account);
    }
    if account.online {
        return online();
    }
    if now_ms.saturating_sub(account.upstream.since_ms) < ASKING_MS {
        return Standing::new(Tone::Busy, words::Checking).saying(words::UpstreamCheckingLong);
    }
    Standing::new(Tone::Bad, words::UpstreamOffline)
        .saying(words::UpstreamOfflineLong)
        .mended_by(words::DoAskAgain, reconnect(name))
}

fn upstream(account: &AccountStatus) -> Standing {
    let name = account.name.as_str();
    let address = account.upstream.address.as_deref();
    let address = address.unwrap_or(&account.upstream.kind);
    match account.upstream.state {
        UpstreamState::Open => Standing::new(Tone::Ok, words::Connected),
        UpstreamState::Dialling => {
            Standing::new(Tone::Busy, words::Dialling).saying(words::DiallingLong { address })
        }
        UpstreamState::Waiting => refusing(account).unwrap_or_else(|| {
            let seconds = account.upstream.retry_in_s.unwrap_or_default();
            Standing::new(Tone::You, words::Unreachable)
                .saying(words::UpstreamUnreachable { address, seconds })
                .mended_by(app::RetryNow, reconnect(name))
        }),
        UpstreamState::Closed => {
            if has(account, &BindError::CODES) {
                return Standing::new(Tone::Bad, words::PortTaken)
                    .saying(words::UpstreamCannotListen { address })
                    .mended_by(words::DoOtherPort, ButtonAction::settings_of(name));
            }
            if has(account, &KEYRING) {
                let standing = Standing::new(Tone::Bad, words::Keyring);
                let standing = match &account.problem {
                    Some(problem) => standing.saying(problem.clone()),
                    None => standing,
                };
                return standing.mended_by(app::Again, retry_failed());
            }
            if account.upstream.kind == "onebot-reverse" {
                return Standing::new(Tone::Busy, words::UpstreamAwaited)
                    .saying(words::UpstreamAwaitedLong { address })
                    .mended_by(words::DoWhatToEnter, ButtonAction::settings_of(name));
            }
            Standing::new(Tone::Idle, words::NotConnected)
                .mended_by(words::DoConnect, reconnect(name))
        }
    }
}

/// Trying again mends none of these.
fn refusing(account: &AccountStatus) -> Option<Standing> {
    let settings = ButtonAction::settings_of(&account.name);
    let bad = |word: Message, sentence: Message, mend: Message| {
        Standing::new(Tone::Bad, word)
            .saying(sentence)
            .mended_by(mend, settings)
    };
    if has(
        account,
        &[
            "link.wrong_token",
            "link.token_missing",
            "link.forbidden_characters",
        ],
    ) {
        return Some(bad(
            words::WrongToken.into(),
            words::UpstreamWrongToken.into(),
            words::DoChangeToken.into(),
        ));
    }
    if has(
        account,
        &[
            "link.not_onebot",
            "link.bad_address",
            "link.refused",
            "link.redirected",
        ],
    ) {
        return Some(bad(
            words::WrongAddress.into(),
            words::UpstreamNotOnebot.into(),
            words::DoChangeAddress.into(),
        ));
    }
    has(account, &["link.other_account"]).then(|| {
        bad(
            words::WrongAccount.into(),
            words::UpstreamOtherAccount.into(),
            words::DoChangeAccount.into(),
        )
    })
}

fn has(account: &AccountStatus, codes: &[&str]) -> bool {
    account
        .problem
        .as_ref()
        .is_some_and(|problem| holds(problem, codes))
}

fn enable(account: &str) -> ButtonAction {
    ButtonAction::call(&SetAccountEnabled {
        account: account.to_owned(),
        enabled: true,
    })
}
