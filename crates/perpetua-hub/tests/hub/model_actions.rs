//! The model's actions: who asked, and what becomes of it.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, Role, SupervisorSignal};
use serde_json::Value;

use crate::{
    expectation::{Expectation, Fate},
    frames,
    model::{Model, Seat},
    operation::{Asked, Part, Response},
};

const UNSENT_LIMIT: Duration = Duration::from_secs(8);
const ANSWER_LIMIT: Duration = Duration::from_mins(1);
const LOGIN_LIMIT: Duration = Duration::from_secs(8);

/// One action for the upstream.
pub(crate) struct Action {
    /// Who asked; nobody for the hub's own question.
    pub(crate) caller: Option<ConnectionId>,
    /// The caller's echo.
    pub(crate) echo: Option<String>,
    pub(crate) text: String,
    pub(crate) stage: Stage,
    accepted: Duration,
    /// How long it may stay unanswered once it was sent.
    limit: Duration,
    /// A part of the answer has come.
    answered_in_part: bool,
    asks_version: bool,
}

/// How far an action has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    Unsent {
        until: Duration,
    },
    Sent {
        until: Duration,
        upstream_echo: String,
    },
    Ended {
        upstream_echo: Option<String>,
    },
}

impl Action {
    /// The upstream's name for it, once it was sent.
    pub(crate) fn upstream_echo(&self) -> Option<&str> {
        match &self.stage {
            Stage::Unsent { .. } => None,
            Stage::Sent { upstream_echo, .. } => Some(upstream_echo),
            Stage::Ended { upstream_echo } => upstream_echo.as_deref(),
        }
    }

    pub(crate) fn until(&self) -> Option<Duration> {
        match self.stage {
            Stage::Unsent { until } | Stage::Sent { until, .. } => Some(until),
            Stage::Ended { .. } => None,
        }
    }

    fn end(&mut self) {
        let upstream_echo = self.upstream_echo().map(ToOwned::to_owned);
        self.stage = Stage::Ended { upstream_echo };
    }
}

impl Model {
    /// Takes an action in; its token is its place in the list.
    fn ask(
        &mut self,
        caller: Option<ConnectionId>,
        echo: Option<&str>,
        text: String,
        limit: Duration,
    ) {
        self.actions.push(Action {
            caller,
            echo: echo.map(ToOwned::to_owned),
            text,
            stage: Stage::Unsent {
                until: self.now + UNSENT_LIMIT,
            },
            accepted: self.now,
            limit,
            answered_in_part: false,
            asks_version: false,
        });
    }

    /// The hub asks on its own.
    pub(crate) fn ask_on_its_own(&mut self, text: String) {
        self.ask(None, None, text, ANSWER_LIMIT);
    }

    /// A connection asks for something; who the account is may be known without the upstream.
    pub(crate) fn client_asks(
        &mut self,
        id: ConnectionId,
        echo: Option<&str>,
        text: String,
        asked: Asked,
    ) {
        let acts = |seat: &&mut Seat| seat.role != Role::Event && seat.cut.is_none();
        let link_open = self.presence.link_open;
        let known = match asked {
            Asked::Login => self.presence.login.clone(),
            Asked::Version => self.presence.version.clone(),
            Asked::Status => Some(r#"{"online":false,"good":false}"#.to_owned()),
            Asked::Message => None,
        };
        let login = asked == Asked::Login;
        let Some(seat) = self.seat(id).filter(acts) else {
            return;
        };
        let from_knowledge = !link_open || (login && seat.profile == ClientProfile::Perpetua);
        if let Some(known) = known.filter(|_| from_knowledge) {
            let data = serde_json::from_str(&known).expect("the model's own text");
            let echo = echo.map(ToOwned::to_owned);
            seat.expect(
                Expectation::Success {
                    data: Some(data),
                    echo,
                },
                Fate::Kept,
            );
        } else {
            let limit = if login { LOGIN_LIMIT } else { ANSWER_LIMIT };
            self.ask(Some(id), echo, text, limit);
            let asks_version = asked == Asked::Version;
            self.actions
                .last_mut()
                .expect("it was just added")
                .asks_version = asks_version;
        }
    }

    /// What the upstream is given next: the hub's own question, and nothing else before the
    /// upstream has shown who it is.
    pub(crate) fn next_to_send(&self) -> Option<usize> {
        let unsent = |token: &usize| matches!(self.actions[*token].stage, Stage::Unsent { .. });
        let is_probe = |token: &usize| self.actions[*token].caller.is_none();
        let mut unsent = (0..self.actions.len()).filter(unsent);
        let probe = unsent.clone().rfind(is_probe);
        let oldest = unsent.next().filter(|_| self.presence.confirmed);
        probe.or(oldest).filter(|_| self.presence.link_open)
    }

    /// Another account is to do nothing that was asked of the former one, and the former one's answer
    /// to who it is comes too late.
    pub(crate) fn forget_account(&mut self) {
        let forgotten =
            |one: &&mut Action| one.caller.is_none() || matches!(one.stage, Stage::Unsent { .. });
        self.actions
            .iter_mut()
            .filter(forgotten)
            .for_each(Action::end);
    }

    pub(crate) fn unsent(&self) -> usize {
        self.actions
            .iter()
            .filter(|one| matches!(one.stage, Stage::Unsent { .. }))
            .count()
    }

    pub(crate) fn unanswered(&self) -> usize {
        self.actions
            .iter()
            .filter(|one| matches!(one.stage, Stage::Sent { .. }))
            .count()
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let actions = self.actions.iter().filter_map(Action::until);
        actions
            .chain(self.presence.next_deadline())
            .chain(self.restart_due())
            .min()
    }

    /// The upstream was given a frame: it must be the one whose turn it is.
    pub(crate) fn sent(&mut self, frame: &Value) {
        let upstream_echo = frame["echo"].to_string();
        let told_before = self
            .actions
            .iter()
            .any(|one| one.upstream_echo() == Some(&upstream_echo));
        assert!(
            !told_before,
            "the upstream echo {upstream_echo} was used twice"
        );
        let token = self.next_to_send().expect("nothing may be sent now");
        let action = &mut self.actions[token];
        let mut asked: Value = serde_json::from_str(&action.text).expect("the model's own text");
        asked["echo"] = frame["echo"].clone();
        assert_eq!(*frame, asked, "changed, or not its turn");
        let until = action.accepted + action.limit;
        action.stage = Stage::Sent {
            until,
            upstream_echo,
        };
    }

    /// The upstream answers; true when the answer found who asked.
    pub(crate) fn answer(&mut self, token: usize, how: Response) -> bool {
        self.hear();
        let now = self.now;
        let action = &mut self.actions[token];
        let Stage::Sent { until, .. } = &mut action.stage else {
            return false;
        };
        if how.part == Part::Chunk {
            *until = now + action.limit;
            action.answered_in_part = true;
        } else {
            action.end();
        }
        let (caller, echo) = (action.caller, action.echo.clone());
        let is_good = matches!(how.part, Part::Whole | Part::Chunk | Part::LastChunk);
        if action.asks_version && is_good {
            self.presence.version = Some(frames::data(Some(token), how));
        }
        if how.part == Part::Unsigned {
            self.post(SupervisorSignal::SendUnsigned);
        }
        let Some(caller) = caller else {
            self.learn_login(how);
            return true;
        };
        let text = frames::response(Some(token), echo.as_deref(), how);
        let Some(seat) = self.seat(caller) else {
            return false;
        };
        seat.expect(Expectation::Text(text), Fate::Kept);
        true
    }

    /// A frame is lost that answers this action, or nothing.
    pub(crate) fn lose_frame(&mut self, token: Option<usize>) {
        self.hear();
        let Some(token) = token else { return };
        let action = &mut self.actions[token];
        if !matches!(action.stage, Stage::Sent { .. }) {
            return;
        }
        action.end();
        match (action.caller, action.echo.clone()) {
            (Some(caller), echo) => self.refuse(caller, 1502, echo, None),
            (None, _) => self.answered_in_vain(),
        }
    }

    /// The upstream takes actions from now on.
    pub(crate) fn extend_unsent(&mut self) {
        for action in &mut self.actions {
            if let Stage::Unsent { until } = &mut action.stage {
                let latest = action.accepted + action.limit;
                *until = (*until).max((self.now + UNSENT_LIMIT).min(latest));
            }
        }
    }

    /// The link is gone: what was sent stays without an answer.
    pub(crate) fn lose_sent(&mut self) {
        for token in 0..self.actions.len() {
            if matches!(self.actions[token].stage, Stage::Sent { .. }) {
                self.refuse_pending(token, 1504);
            }
        }
    }

    /// Time has passed: what is overdue is refused, the longest overdue first.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        let overdue = |(token, one): (usize, &Action)| {
            let until = one.until().filter(|until| *until <= self.now)?;
            Some((until, token))
        };
        let mut overdue: Vec<_> = self
            .actions
            .iter()
            .enumerate()
            .filter_map(overdue)
            .collect();
        overdue.sort_unstable();
        for (_, token) in overdue {
            let retcode = match self.actions[token].stage {
                Stage::Unsent { .. } => 1503,
                _ => 1504,
            };
            self.refuse_pending(token, retcode);
        }
        self.pass_in_silence();
        self.begin_restart();
    }

    fn refuse_pending(&mut self, token: usize, retcode: i64) {
        let action = &mut self.actions[token];
        action.end();
        let (caller, echo) = (action.caller, action.echo.clone());
        // Who has had a part of the answer hears of no end.
        match caller {
            Some(caller) if !action.answered_in_part => self.refuse(caller, retcode, echo, None),
            None if !action.answered_in_part => self.answered_in_vain(),
            _ => {}
        }
    }

    pub(crate) fn refuse(
        &mut self,
        caller: ConnectionId,
        retcode: i64,
        echo: Option<String>,
        names: Option<String>,
    ) {
        if let Some(seat) = self.seat(caller) {
            let refusal = Expectation::Refusal {
                retcode,
                echo,
                names,
            };
            seat.expect(refusal, Fate::Kept);
        }
    }
}
