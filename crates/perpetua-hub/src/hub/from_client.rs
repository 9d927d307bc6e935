//! Frames from a client's connection.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use perpetua_onebot::{FrameKind, Malformed, Peek, compose};

use super::Hub;
use crate::{
    ClockReading, ConnectionId, LinkState, Outgoing, Retcode,
    action::{Caller, NewAction},
    in_flight_quota::QuotaExceeded,
};

/// How long `get_login_info` may take: perpetua's own SDK gives up after 10 s, and hears the reason before.
const LOGIN_LIMIT: Duration = Duration::from_secs(8);

impl Hub {
    /// Routes one frame of a connection; `peeked` is what was found in `text`.
    pub fn from_client(
        &mut self,
        id: ConnectionId,
        text: &Bytes,
        peeked: &Result<Peek<'_>, Malformed>,
        now: ClockReading,
    ) {
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        if !connection.role.may_act() || connection.cut.is_some() {
            return;
        }
        let client = Arc::clone(&connection.client);
        let is_action = matches!(peeked, Ok(peek) if peek.kind() == FrameKind::Action);
        let taken_in = match peeked {
            Ok(peek) => self.action(id, &client, text, peek, now),
            Err(malformed) => Err((
                Refusal::malformed(&malformed.reason.to_string()),
                malformed.echo.as_deref(),
            )),
        };
        if let Err((refusal, echo)) = taken_in {
            self.count_refusal(&client);
            // Nobody could tell what the answer to some other frame without an echo belongs to.
            if is_action || echo.is_some() {
                self.deliver(id, refusal.frame(echo));
            }
        }
    }

    fn action<'a>(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        text: &Bytes,
        peek: &Peek<'a>,
        now: ClockReading,
    ) -> Result<(), (Refusal, Option<&'a str>)> {
        let echo = peek.echo();
        let refuse = |refusal| Err((refusal, echo));
        let (FrameKind::Action, Some(action)) = (peek.kind(), peek.action.as_deref()) else {
            return refuse(Refusal::malformed("it has no `action`"));
        };
        self.count_action(client);
        if let Some(outcome) = self.extension(id, action, peek, now) {
            return match outcome {
                Ok(answer) => {
                    self.deliver(id, answer.frame(echo));
                    Ok(())
                }
                Err(refusal) => refuse(refusal),
            };
        }
        let asks_login = action == "get_login_info";
        if asks_login && let Some(known) = self.known_login(id, echo) {
            self.deliver(id, known);
            return Ok(());
        }
        let limit = asks_login.then_some(LOGIN_LIMIT);
        self.hand_over(id, client, text, peek, limit, now)
            .map_err(|refusal| (refusal, echo))
    }

    /// Puts an action in line for the upstream.
    fn hand_over(
        &mut self,
        id: ConnectionId,
        client: &Arc<str>,
        text: &Bytes,
        peek: &Peek<'_>,
        limit: Option<Duration>,
        now: ClockReading,
    ) -> Result<(), Refusal> {
        let settings = self.clients.get(client).map(|client| &client.settings);
        let action = NewAction {
            caller: Caller::Connection {
                id,
                client: Arc::clone(client),
                max_pending: settings.map_or(0, |settings| settings.max_pending_actions),
            },
            echo: peek.echo().map(Into::into),
            text: text.clone(),
            spans: peek.echo_spans(),
            answer_limit: limit,
        };
        self.actions.add(action, now.instant)?;
        self.upstream_woken = true;
        Ok(())
    }

    pub(super) fn count_refusal(&mut self, client: &str) {
        if let Some(entry) = self.clients.get_mut(client) {
            entry.traffic.refusals += 1;
        }
    }

    fn count_action(&mut self, client: &str) {
        if let Some(entry) = self.clients.get_mut(client) {
            entry.traffic.actions += 1;
        }
    }
}

impl From<QuotaExceeded> for Refusal {
    fn from(full: QuotaExceeded) -> Self {
        match full {
            QuotaExceeded::Actions(pending) => Self::too_many(pending),
            QuotaExceeded::Bytes => Self::too_large(),
            QuotaExceeded::Account => Self::not_keeping_up(),
        }
    }
}

/// A refusal of the hub's own: a number for programs, a sentence for people.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) retcode: Retcode,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(retcode: Retcode, message: impl Into<String>) -> Self {
        Self {
            retcode,
            message: message.into(),
        }
    }

    pub(super) fn malformed(what: &str) -> Self {
        Self::new(
            Retcode::Malformed,
            format!("this frame is not an OneBot v11 action: {what}"),
        )
    }

    pub(super) fn outcome_unknown() -> Self {
        Self::new(
            Retcode::OutcomeUnknown,
            "the action was sent and no answer came: it may or may not have been carried out; look before you repeat it",
        )
    }

    pub(super) fn upstream_away(link: &LinkState) -> Self {
        let why = match link {
            LinkState::Waiting { failure, .. }
            | LinkState::Dialling {
                last_failure: Some(failure),
            } => failure.to_string(),
            LinkState::Open { .. } => "it is connected and takes no actions".to_owned(),
            LinkState::Closed | LinkState::Dialling { last_failure: None } => {
                "it is not connected".to_owned()
            }
        };
        Self::new(
            Retcode::UpstreamAway,
            format!("the upstream is away, the action was not sent: {why}"),
        )
    }

    fn too_many(pending: usize) -> Self {
        Self::new(
            Retcode::OverQuota,
            format!(
                "{pending} of this client's actions are unanswered; wait for answers before you ask for more"
            ),
        )
    }

    fn too_large() -> Self {
        Self::new(
            Retcode::OverQuota,
            "this client's pending actions hold too many bytes; wait for responses before sending more",
        )
    }

    fn not_keeping_up() -> Self {
        Self::new(
            Retcode::UpstreamAway,
            "the upstream does not keep up with the actions asked of it; the action was not sent",
        )
    }

    pub(super) fn frame(&self, echo: Option<&str>) -> Outgoing {
        compose::refusal(self.retcode.number(), &self.message, echo).into()
    }
}
