//! An upstream that we dial: one of the settings (`onebot`), or the core that this node runs.

use std::time::Duration;

use http::HeaderMap;
use perpetua_backoff::Backoff;
use perpetua_hub::{Link, LinkFailure, LinkState};
use perpetua_secrets::Secret;
use perpetua_tls::TlsClient;
use perpetua_words::link as words;
use tokio::{sync::Notify, time::timeout};
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::serve::serve;
use crate::{
    AccountHandle,
    account::LinkGuard,
    dialling::{OpenFailure, Target, open},
    gate::GateRules,
    redirection,
    socket::{self, WRITE_LIMIT},
};

/// How long reaching the upstream, TLS and the upgrade may take together.
const DIAL_LIMIT: Duration = Duration::from_secs(10);

/// The waits for a core on this machine: it says in its log when its port is open, so the first
/// attempt comes at once, and nobody is disturbed by the next.
const CORE_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(1),
    jitter: 0.0,
};

/// How long a core may leave unread what is written to it: it asks its signer in the loop that reads, for 100 s
/// at most. One that says nothing meanwhile, not even heartbeats, is given up sooner.
const CORE_WRITE_LIMIT: Duration = Duration::from_secs(100);

/// Where an upstream, or a framework, is that we dial, and what we show there.
#[derive(Clone, Debug)]
pub struct DialSettings {
    /// `ws://` or `wss://`.
    pub url: String,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<Secret>,
    /// The waits between attempts.
    pub backoff: Backoff,
    /// How it is spoken to over `wss://`; without it there is only `ws://`.
    pub tls: Option<TlsClient>,
}

impl DialSettings {
    /// The server as it is dialled.
    pub(crate) fn target(&self) -> Target<'_> {
        Target {
            url: &self.url,
            token: self.token.as_ref(),
            headers: HeaderMap::new(),
            tls: self.tls.as_ref(),
        }
    }

    /// Where a core of this machine is, with the token that it was given at this start.
    pub(super) fn of_core(url: String, token: Secret) -> Self {
        Self {
            url,
            token: Some(token),
            backoff: CORE_BACKOFF,
            tls: None,
        }
    }
}

/// Keeps the account's link up until cancelled.
pub async fn run_dial(
    account: AccountHandle,
    dial: DialSettings,
    seed: u64,
    cancel: CancellationToken,
) {
    let link = Link::new(dial.backoff, seed);
    run(account, dial, link, WRITE_LIMIT, cancel).await;
}

/// Keeps the link to a core of this machine up until cancelled: `url` is on the loopback address, and
/// `token` is the one that the core was given at this start. It is tried again within a second whatever
/// went wrong, also when the token is refused.
pub async fn run_dial_core(
    account: AccountHandle,
    url: String,
    token: Secret,
    cancel: CancellationToken,
) {
    let dial = DialSettings::of_core(url, token);
    // Without jitter the seed decides nothing.
    let link = Link::with_own_token(dial.backoff, 0);
    run(account, dial, link, CORE_WRITE_LIMIT, cancel).await;
}

async fn run(
    account: AccountHandle,
    dial: DialSettings,
    mut link: Link,
    write_limit: Duration,
    cancel: CancellationToken,
) {
    let _closed_at_last = LinkGuard::new(&account);
    let keep_up = async {
        loop {
            link.dialled();
            account.set_link(link.state().clone());
            let rules = GateRules::of_upstream(account.frame_limits());
            let target = dial.target();
            let opening = Box::pin(open(&target, rules, account.meter()));
            let failure = match timeout(DIAL_LIMIT, opening).await {
                Ok(Ok((socket, activity))) => {
                    link.opened(account.now().instant);
                    account.set_link(link.state().clone());
                    info!(account = account.name(), "upstream connected");
                    serve(socket, &account, &activity, &Notify::new(), write_limit).await
                }
                Ok(Err(failure)) => not_opened(failure, &dial.url),
                Err(_elapsed) => LinkFailure::Unreachable(
                    words::NoAnswer {
                        seconds: DIAL_LIMIT.as_secs(),
                    }
                    .into(),
                ),
            };
            let failure = match failure {
                LinkFailure::WrongToken if dial.token.is_none() => LinkFailure::TokenMissing,
                failure => failure,
            };
            if is_known(link.state(), &failure) {
                debug!(account = account.name(), reason = %failure, "still no link to the upstream");
            } else {
                warn!(account = account.name(), reason = %failure, "no link to the upstream");
            }
            let until = link.failed(failure, account.now().instant);
            account.set_link(link.state().clone());
            tokio::time::sleep_until(until.into()).await;
        }
    };
    cancel.run_until_cancelled(keep_up).await;
}

/// Whether the last attempt failed for the same reason.
fn is_known(link: &LinkState, failure: &LinkFailure) -> bool {
    matches!(link, LinkState::Dialling { last_failure: Some(last) } if last == failure)
}

/// Why dialling this address came to nothing.
fn not_opened(failure: OpenFailure, url: &str) -> LinkFailure {
    match failure {
        OpenFailure::Unusable(cause) => LinkFailure::Unreachable(cause),
        OpenFailure::Connect(unreached) => LinkFailure::Unreachable((&unreached.error).into()),
        OpenFailure::Tls(text) => LinkFailure::Unreachable(words::TlsFailed { text }.into()),
        OpenFailure::Upgrade(error) => refused(&error, url),
    }
}

fn refused(error: &tungstenite::Error, url: &str) -> LinkFailure {
    match error {
        tungstenite::Error::Http(answer) => match answer.status().as_u16() {
            401 | 403 => LinkFailure::WrongToken,
            status @ 200..=299 => LinkFailure::NotOneBot(words::WebServer { status }.into()),
            status @ 300..=399 => redirection::address(answer.headers(), url, ["ws", "wss"])
                .map_or(LinkFailure::Refused(status), LinkFailure::Redirected),
            status => LinkFailure::Refused(status),
        },
        tungstenite::Error::Protocol(_)
        | tungstenite::Error::HttpFormat(_)
        | tungstenite::Error::Utf8(_) => LinkFailure::NotOneBot(
            words::NotWebsocket {
                text: error.to_string(),
            }
            .into(),
        ),
        other => LinkFailure::Unreachable(socket::cause(other)),
    }
}
