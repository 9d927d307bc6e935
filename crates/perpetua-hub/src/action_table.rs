//! The echo table: which action is whose, what was sent, and until when it may take.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    AccountLimits, ConnectionId, Outgoing,
    action::{ActionNumber, Caller, Ended, NewAction, Pending, Reached, Stage},
    in_flight_quota::{InFlight, InFlightQuota, QuotaExceeded},
};

/// How long an action waits at least for the socket of an upstream that is there, however short the wait
/// for an absent one is in the settings.
const TAKEN_WITHIN: Duration = Duration::from_secs(8);
/// How long an action still waits whose time passed while this process stood still: its answer may be here already, and
/// is read in moments.
const AFTER_GAP: Duration = Duration::from_secs(5);

/// All actions of one account that are under way.
#[derive(Debug)]
pub(crate) struct ActionTable {
    limits: AccountLimits,
    next: u64,
    pending: HashMap<ActionNumber, Pending>,
    /// Those of each connection, so that one that leaves costs only as much as it has under way.
    of_connections: BTreeSet<(ConnectionId, ActionNumber)>,
    unsent: VecDeque<ActionNumber>,
    sent: usize,
    deadlines: BTreeSet<(Instant, ActionNumber)>,
    quota: InFlightQuota,
}

impl ActionTable {
    pub(crate) fn new(limits: AccountLimits) -> Self {
        Self {
            limits,
            next: 1,
            pending: HashMap::new(),
            of_connections: BTreeSet::new(),
            unsent: VecDeque::new(),
            sent: 0,
            deadlines: BTreeSet::new(),
            quota: InFlightQuota::new(limits.max_frame_size),
        }
    }

    pub(crate) fn set_limits(&mut self, limits: AccountLimits) {
        self.limits = limits;
        self.quota.set_max_frame_size(limits.max_frame_size);
    }

    pub(crate) fn limits(&self) -> AccountLimits {
        self.limits
    }

    /// How many actions wait to be sent.
    pub(crate) fn unsent(&self) -> usize {
        self.pending.len() - self.sent
    }

    /// How many were sent and wait for their answer.
    pub(crate) fn unanswered(&self) -> usize {
        self.sent
    }

    /// The moment at which the next action runs out of time.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Takes an action in; it waits to be sent, to an upstream that `is_taken_from` now or is away.
    pub(crate) fn add(
        &mut self,
        action: NewAction,
        is_taken_from: bool,
        now: Instant,
    ) -> Result<(), QuotaExceeded> {
        let NewAction {
            caller,
            echo,
            text,
            spans,
            answer_limit,
            asks,
        } = action;
        let answer_limit = answer_limit.unwrap_or(self.limits.answer);
        let goes_out = is_taken_from || caller == Caller::LoginProbe;
        let unsent_limit = if goes_out {
            self.limits.unsent.max(TAKEN_WITHIN)
        } else {
            self.limits.unsent
        };
        let pending = Pending {
            caller,
            echo,
            size: text.len(),
            asks,
            accepted: now,
            answer_limit,
            deadline: now + unsent_limit.min(answer_limit),
            stage: Stage::Unsent { text, spans },
        };
        let number = ActionNumber(self.next);
        match &pending.caller {
            // The account's id decides who may send anything at all.
            Caller::LoginProbe => self.unsent.push_front(number),
            Caller::VersionQuestion => self.unsent.push_back(number),
            Caller::Connection {
                id,
                client,
                max_pending,
                ..
            } => {
                self.quota
                    .take(client, pending.in_flight(1), *max_pending)?;
                self.of_connections.insert((*id, number));
                self.unsent.push_back(number);
            }
        }
        self.next += 1;
        self.deadlines.insert((pending.deadline, number));
        self.pending.insert(number, pending);
        Ok(())
    }

    /// The upstream takes actions from now on: those that waited for it get the time that its socket needs.
    pub(crate) fn upstream_came(&mut self, now: Instant) {
        self.reschedule_unsent(|pending| {
            let latest = pending.accepted + pending.answer_limit;
            pending.deadline.max((now + TAKEN_WITHIN).min(latest))
        });
    }

    /// The upstream is away from now on: what was not sent waits for it as long as the settings say.
    pub(crate) fn upstream_went(&mut self, now: Instant) {
        let unsent = self.limits.unsent;
        self.reschedule_unsent(|pending| pending.deadline.min(now + unsent));
    }

    /// This process stood still until now.
    pub(crate) fn woke(&mut self, now: Instant) {
        let soonest = now + AFTER_GAP;
        while let Some((deadline, number)) = self.deadlines.first().copied()
            && deadline < soonest
        {
            self.deadlines.pop_first();
            self.deadlines.insert((soonest, number));
            if let Some(pending) = self.pending.get_mut(&number) {
                pending.deadline = soonest;
            }
        }
    }

    fn reschedule_unsent(&mut self, deadline: impl Fn(&Pending) -> Instant) {
        for number in &self.unsent {
            let Some(pending) = self.pending.get_mut(number) else {
                continue;
            };
            let deadline = deadline(pending);
            self.deadlines.remove(&(pending.deadline, *number));
            self.deadlines.insert((deadline, *number));
            pending.deadline = deadline;
        }
    }

    /// Whether what goes out next is the hub's own question.
    pub(crate) fn probe_is_next(&mut self) -> bool {
        self.skip_ended();
        let next = self
            .unsent
            .front()
            .and_then(|number| self.pending.get(number));
        next.is_some_and(|pending| pending.caller == Caller::LoginProbe)
    }

    /// Hands out the action that is sent next. From here on it counts as sent, whatever becomes
    /// of the socket: the upstream may have read it.
    pub(crate) fn send_next(&mut self, now: Instant) -> Option<(ActionNumber, Outgoing)> {
        self.skip_ended();
        let number = self.unsent.pop_front()?;
        let pending = self.pending.get_mut(&number)?;
        let sent = Stage::Sent { since: now };
        let Stage::Unsent { text, spans } = std::mem::replace(&mut pending.stage, sent) else {
            return None;
        };
        let deadline = pending.accepted + pending.answer_limit;
        self.deadlines.remove(&(pending.deadline, number));
        self.deadlines.insert((deadline, number));
        pending.deadline = deadline;
        self.sent += 1;
        let sent = InFlight {
            actions: 0,
            bytes: text.len(),
        };
        release(&mut self.quota, &pending.caller, sent);
        let frame = Outgoing::spliced(text, spans, Some(number.echo()));
        Some((number, frame))
    }

    /// Who asked for an action that is under way, and with which echo.
    pub(crate) fn caller(&self, number: ActionNumber) -> Option<(&Caller, Option<&str>)> {
        let pending = self.pending.get(&number)?;
        Some((&pending.caller, pending.echo.as_deref()))
    }

    /// Finds the action that a response answers. With `more`, further responses may follow and
    /// the action stays, its time limit starting anew.
    pub(crate) fn answer(&mut self, echo: &str, more: bool, now: Instant) -> Option<Ended> {
        let number = ActionNumber::from_echo(echo)?;
        let pending = self.pending.get_mut(&number)?;
        let reached = match pending.stage {
            Stage::Unsent { .. } => return None,
            Stage::Sent { .. } => Reached::Sent,
            Stage::AnsweredInPart => Reached::AnsweredInPart,
        };
        if !more {
            return self.remove(number, now);
        }
        self.deadlines.remove(&(pending.deadline, number));
        pending.deadline = now + pending.answer_limit;
        self.deadlines.insert((pending.deadline, number));
        pending.stage = Stage::AnsweredInPart;
        let ended = Ended {
            caller: pending.caller.clone(),
            echo: pending.echo.clone(),
            size: pending.size,
            asks: pending.asks,
            took: now.duration_since(pending.accepted),
            reached,
        };
        if reached == Reached::Sent {
            // What has been answered takes none of its client's places, though more may come.
            let slot = InFlight {
                actions: 1,
                bytes: 0,
            };
            release(&mut self.quota, &ended.caller, slot);
        }
        Some(ended)
    }

    /// Ends an action whose time is up, the longest overdue first.
    pub(crate) fn expire_next(&mut self, now: Instant) -> Option<Ended> {
        let (deadline, number) = *self.deadlines.first()?;
        if deadline > now {
            return None;
        }
        let ended = self.remove(number, now);
        self.skip_ended();
        ended
    }

    /// Ends all that were sent: the connection that would have brought their answers is gone.
    pub(crate) fn lose_sent(&mut self, now: Instant) -> Vec<Ended> {
        self.remove_all(now, |pending| {
            !matches!(pending.stage, Stage::Unsent { .. })
        })
    }

    /// Ends the largest action that was sent since this moment and has no answer yet, if it has at least
    /// `smallest` bytes.
    pub(crate) fn lose_largest_sent(
        &mut self,
        smallest: usize,
        from: Option<Instant>,
        now: Instant,
    ) -> Option<Ended> {
        let sent = self.pending.iter().filter(|(_, pending)| {
            matches!(pending.stage, Stage::Sent { since } if from.is_none_or(|from| since >= from))
                && matches!(pending.caller, Caller::Connection { .. })
                && pending.size >= smallest
        });
        let (number, _) = sent.max_by_key(|(number, pending)| (pending.size, **number))?;
        self.remove(*number, now)
    }

    /// Ends all that were not sent and have at least this many bytes.
    pub(crate) fn lose_unsent_from(&mut self, bytes: usize, now: Instant) -> Vec<Ended> {
        let ended = self.remove_all(now, |pending| {
            matches!(pending.stage, Stage::Unsent { .. }) && pending.size >= bytes
        });
        self.skip_ended();
        ended
    }

    /// Ends, and tells nobody, what was not sent and was asked for by connections of this kind; gives how many
    /// that were.
    pub(crate) fn forget_unsent_of(
        &mut self,
        which: impl Fn(ConnectionId) -> bool,
        now: Instant,
    ) -> usize {
        let ended = self.remove_all(now, |pending| {
            let is_one = matches!(pending.caller, Caller::Connection { id, .. } if which(id));
            is_one && pending.is_unsent()
        });
        self.skip_ended();
        ended.len()
    }

    /// Lets go of the echoes of a connection that hears no answers any more.
    pub(crate) fn forget_echoes_of(&mut self, connection: ConnectionId) {
        let all = (connection, ActionNumber(0))..=(connection, ActionNumber(u64::MAX));
        for (_, number) in self.of_connections.range(all) {
            if let Some(pending) = self.pending.get_mut(number)
                && let Some(echo) = pending.echo.take()
            {
                let bytes = echo.len();
                let echo = InFlight { actions: 0, bytes };
                release(&mut self.quota, &pending.caller, echo);
            }
        }
    }

    /// What connections asked for: which one it was, and whose.
    pub(crate) fn of_connections(
        &self,
    ) -> impl Iterator<Item = (ConnectionId, &Arc<str>, &Pending)> {
        self.pending
            .values()
            .filter_map(|pending| match &pending.caller {
                Caller::Connection { id, client, .. } => Some((*id, client, pending)),
                Caller::LoginProbe | Caller::VersionQuestion => None,
            })
    }

    /// What the actions of all clients hold, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.quota.bytes()
    }

    /// Forgets, and tells nobody, what was meant for an account that is no longer there: all that
    /// was not sent, and the question which account it is.
    pub(crate) fn forget_account(&mut self, now: Instant) {
        self.remove_all(now, |pending| {
            pending.caller == Caller::LoginProbe || matches!(pending.stage, Stage::Unsent { .. })
        });
        self.unsent.clear();
    }

    fn remove_all(&mut self, now: Instant, which: impl Fn(&Pending) -> bool) -> Vec<Ended> {
        let mut numbers: Vec<ActionNumber> = self
            .pending
            .iter()
            .filter(|(_, pending)| which(pending))
            .map(|(number, _)| *number)
            .collect();
        numbers.sort_unstable();
        numbers
            .into_iter()
            .filter_map(|number| self.remove(number, now))
            .collect()
    }

    /// Actions that ran out of time stay in the line until they are its head.
    fn skip_ended(&mut self) {
        while let Some(number) = self.unsent.front()
            && !self.pending.contains_key(number)
        {
            self.unsent.pop_front();
        }
    }

    fn remove(&mut self, number: ActionNumber, now: Instant) -> Option<Ended> {
        let pending = self.pending.remove(&number)?;
        if let Caller::Connection { id, .. } = pending.caller {
            self.of_connections.remove(&(id, number));
        }
        self.deadlines.remove(&(pending.deadline, number));
        let reached = match pending.stage {
            Stage::Unsent { .. } => Reached::Unsent,
            Stage::Sent { .. } => Reached::Sent,
            Stage::AnsweredInPart => Reached::AnsweredInPart,
        };
        self.sent -= usize::from(reached != Reached::Unsent);
        let places = usize::from(reached != Reached::AnsweredInPart);
        release(&mut self.quota, &pending.caller, pending.in_flight(places));
        Some(Ended {
            took: now.duration_since(pending.accepted),
            reached,
            caller: pending.caller,
            echo: pending.echo,
            size: pending.size,
            asks: pending.asks,
        })
    }
}

/// The hub's own question counts for nobody.
fn release(quota: &mut InFlightQuota, caller: &Caller, less: InFlight) {
    if let Caller::Connection { client, .. } = caller {
        quota.release(client, less);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bytes::Bytes;
    use perpetua_onebot::{FrameLimits, peek};

    use super::{ActionTable, Caller, NewAction, Reached};
    use crate::{
        AccountLimits, ConnectionId,
        action::{AnswerFor, Question},
    };

    #[test]
    fn an_answer_is_found_once_and_only_after_sending() {
        let (mut table, now) = (ActionTable::new(AccountLimits::default()), Instant::now());
        add(&mut table, "{\"action\":\"a\",\"echo\":7}", now);
        assert!(table.answer("\"p1\"", false, now).is_none(), "not sent yet");
        let (_, frame) = table.send_next(now).expect("it waits");
        assert_eq!(frame.into_bytes(), "{\"action\":\"a\",\"echo\":\"p1\"}");
        assert!(table.answer("\"p2\"", false, now).is_none(), "nobody asked");
        let ended = table.answer("\"p1\"", false, now).expect("it was sent");
        assert_eq!(ended.echo.as_deref(), Some("7"));
        assert!(
            table.answer("\"p1\"", false, now).is_none(),
            "answered already"
        );
        assert_eq!(table.next_deadline(), None);
        assert!(table.of_connections.is_empty());
    }

    #[test]
    fn the_echoes_of_one_connection_are_let_go_and_no_others() {
        let (mut table, now) = (ActionTable::new(AccountLimits::default()), Instant::now());
        for (connection, text) in [
            (0, r#"{"echo":1}"#),
            (1, r#"{"echo":22}"#),
            (2, r#"{"echo":3}"#),
        ] {
            add_of(ConnectionId(connection), &mut table, text, now);
            table.send_next(now).expect("it waits");
        }
        assert_eq!(table.bytes(), 4);
        table.forget_echoes_of(ConnectionId(1));
        assert_eq!(table.bytes(), 2);
        let echoes = ["\"p1\"", "\"p2\"", "\"p3\""].map(|echo| {
            let ended = table.answer(echo, false, now).expect("it runs on");
            ended.echo.as_deref().map(str::to_owned)
        });
        assert_eq!(echoes, [Some("1".to_owned()), None, Some("3".to_owned())]);
        assert_eq!(table.bytes(), 0);
    }

    #[test]
    fn unsent_and_sent_actions_run_out_at_their_own_times() {
        let (mut table, start) = (ActionTable::new(AccountLimits::default()), Instant::now());
        add(&mut table, "{\"action\":\"sent\",\"echo\":1}", start);
        table.send_next(start);
        add(&mut table, "{\"action\":\"unsent\",\"echo\":2}", start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(table.expire_next(at(7)).is_none());
        let ended = table.expire_next(at(8)).expect("the unsent one");
        assert_eq!(ended.reached, Reached::Unsent);
        assert!(
            table.send_next(at(8)).is_none(),
            "a refused action is not sent"
        );
        assert!(table.expire_next(at(59)).is_none());
        let ended = table.expire_next(at(60)).expect("the sent one");
        assert_eq!(ended.reached, Reached::Sent);
    }

    #[test]
    fn more_answers_keep_the_action_and_renew_its_limit() {
        let (mut table, start) = (ActionTable::new(AccountLimits::default()), Instant::now());
        add(&mut table, "{\"action\":\"stream\"}", start);
        table.send_next(start);
        let later = start + Duration::from_secs(59);
        assert!(table.answer("\"p1\"", true, later).is_some());
        assert!(table.expire_next(start + Duration::from_secs(61)).is_none());
        assert!(table.answer("\"p1\"", false, later).is_some());
    }

    fn add(table: &mut ActionTable, text: &'static str, now: Instant) {
        add_of(ConnectionId(0), table, text, now);
    }

    fn add_of(id: ConnectionId, table: &mut ActionTable, text: &'static str, now: Instant) {
        let peeked = peek(text, &FrameLimits::default()).expect("valid");
        let echo = peeked.echo().map(Into::into);
        let action = NewAction {
            caller: Caller::Connection {
                id,
                client: "bot".into(),
                max_pending: 8,
                answer_for: AnswerFor::Caller,
            },
            echo,
            text: Bytes::from_static(text.as_bytes()),
            spans: peeked.echo_spans(),
            answer_limit: None,
            asks: Question::Other,
        };
        table.add(action, false, now).expect("room");
    }
}
