//! The echo table: which action is whose, what was sent, and until when it may take.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use bytestring::ByteString;
use perpetua_onebot::EchoSpans;

use crate::{ActionLimits, ConnectionId, Outgoing};

/// Actions of one account that may be under way at once. Frameworks keep tens; beyond this the
/// upstream answers nothing and memory is being filled.
const MAX_ACTIONS: usize = 16_384;
/// Actions of one client that may be under way at once, so that one client leaves room for others.
pub(crate) const MAX_ACTIONS_PER_CLIENT: usize = 2048;
/// Bytes of unsent frames and kept echoes: four frames of the greatest length.
const MAX_BYTES: usize = 256 << 20;

/// The upstream's name for an action: it travels as the echo `"p<n>"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ActionNumber(u64);

impl ActionNumber {
    fn echo(self) -> Box<str> {
        format!("\"p{}\"", self.0).into()
    }

    fn from_echo(raw: &str) -> Option<Self> {
        let digits = raw.strip_prefix("\"p")?.strip_suffix('"')?;
        digits.parse().ok().map(Self)
    }
}

/// Who asked for an action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Caller {
    /// A client's connection.
    Connection { id: ConnectionId, client: Arc<str> },
    /// The hub itself asked who the account is.
    LoginProbe,
}

/// An action on its way: first unsent, then sent.
#[derive(Debug)]
struct Pending {
    caller: Caller,
    echo: Option<Box<str>>,
    accepted: Instant,
    deadline: Instant,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Unsent { text: ByteString, spans: EchoSpans },
    Sent,
}

impl Pending {
    fn weight(&self) -> usize {
        let text = match &self.stage {
            Stage::Unsent { text, .. } => text.len(),
            Stage::Sent => 0,
        };
        text + self.echo.as_ref().map_or(0, |echo| echo.len())
    }
}

/// An action that came to its end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) caller: Caller,
    /// The caller's own echo, raw.
    pub(crate) echo: Option<Box<str>>,
    /// How long it took since it was accepted.
    pub(crate) took: Duration,
    /// Whether the upstream had been given it.
    pub(crate) sent: bool,
}

/// There is no room for another action.
#[derive(Debug)]
pub(crate) struct TableFull;

/// All actions of one account that are under way.
#[derive(Debug)]
pub(crate) struct ActionTable {
    limits: ActionLimits,
    next: u64,
    pending: HashMap<ActionNumber, Pending>,
    unsent: VecDeque<ActionNumber>,
    sent: usize,
    deadlines: BTreeSet<(Instant, ActionNumber)>,
    bytes: usize,
}

impl ActionTable {
    pub(crate) fn new(limits: ActionLimits) -> Self {
        Self {
            limits,
            next: 1,
            pending: HashMap::new(),
            unsent: VecDeque::new(),
            sent: 0,
            deadlines: BTreeSet::new(),
            bytes: 0,
        }
    }

    pub(crate) fn set_limits(&mut self, limits: ActionLimits) {
        self.limits = limits;
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

    /// Takes an action in; it waits to be sent.
    pub(crate) fn add(
        &mut self,
        caller: Caller,
        echo: Option<Box<str>>,
        (text, spans): (ByteString, EchoSpans),
        now: Instant,
    ) -> Result<(), TableFull> {
        let number = ActionNumber(self.next);
        let pending = Pending {
            caller,
            echo,
            accepted: now,
            deadline: now + self.limits.unsent.min(self.limits.answer),
            stage: Stage::Unsent { text, spans },
        };
        if self.pending.len() >= MAX_ACTIONS || self.bytes + pending.weight() > MAX_BYTES {
            return Err(TableFull);
        }
        self.next += 1;
        self.bytes += pending.weight();
        self.deadlines.insert((pending.deadline, number));
        self.unsent.push_back(number);
        self.pending.insert(number, pending);
        Ok(())
    }

    /// Hands out the action that is sent next. From here on it counts as sent, whatever becomes
    /// of the socket: the upstream may have read it.
    pub(crate) fn send_next(&mut self) -> Option<Outgoing> {
        self.skip_ended();
        let number = self.unsent.pop_front()?;
        let pending = self.pending.get_mut(&number)?;
        self.bytes -= pending.weight();
        let Stage::Unsent { text, spans } = std::mem::replace(&mut pending.stage, Stage::Sent)
        else {
            return None;
        };
        self.bytes += pending.weight();
        self.sent += 1;
        let deadline = pending.accepted + self.limits.answer;
        self.deadlines.remove(&(pending.deadline, number));
        self.deadlines.insert((deadline, number));
        pending.deadline = deadline;
        Some(Outgoing::Spliced {
            text,
            spans,
            echo: Some(number.echo()),
        })
    }

    /// Finds the action that a response answers. With `more`, further responses will follow and
    /// the action stays, its time limit starting anew.
    pub(crate) fn answer(&mut self, echo: &str, more: bool, now: Instant) -> Option<Ended> {
        let number = ActionNumber::from_echo(echo)?;
        let pending = self.pending.get_mut(&number)?;
        if matches!(pending.stage, Stage::Unsent { .. }) {
            return None;
        }
        if !more {
            return self.remove(number, now);
        }
        self.deadlines.remove(&(pending.deadline, number));
        pending.deadline = now + self.limits.answer;
        self.deadlines.insert((pending.deadline, number));
        Some(Ended {
            caller: pending.caller.clone(),
            echo: pending.echo.clone(),
            took: now.duration_since(pending.accepted),
            sent: true,
        })
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
        let mut sent: Vec<ActionNumber> = self
            .pending
            .iter()
            .filter(|(_, pending)| matches!(pending.stage, Stage::Sent))
            .map(|(number, _)| *number)
            .collect();
        sent.sort_unstable();
        sent.into_iter()
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
        self.bytes -= pending.weight();
        self.deadlines.remove(&(pending.deadline, number));
        let sent = matches!(pending.stage, Stage::Sent);
        self.sent -= usize::from(sent);
        Some(Ended {
            took: now.duration_since(pending.accepted),
            sent,
            caller: pending.caller,
            echo: pending.echo,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bytestring::ByteString;
    use perpetua_onebot::{Limits, peek};

    use super::{ActionTable, Caller};
    use crate::ActionLimits;

    #[test]
    fn an_answer_is_found_once_and_only_after_sending() {
        let (mut table, now) = (ActionTable::new(ActionLimits::default()), Instant::now());
        add(&mut table, "{\"action\":\"a\",\"echo\":7}", now);
        assert!(table.answer("\"p1\"", false, now).is_none(), "not sent yet");
        let frame = table.send_next().expect("it waits").into_text();
        assert_eq!(&*frame, "{\"action\":\"a\",\"echo\":\"p1\"}");
        assert!(table.answer("\"p2\"", false, now).is_none(), "nobody asked");
        let ended = table.answer("\"p1\"", false, now).expect("it was sent");
        assert_eq!(ended.echo.as_deref(), Some("7"));
        assert!(
            table.answer("\"p1\"", false, now).is_none(),
            "answered already"
        );
        assert_eq!(table.next_deadline(), None);
        assert_eq!(table.bytes, 0);
    }

    #[test]
    fn unsent_and_sent_actions_run_out_at_their_own_times() {
        let (mut table, start) = (ActionTable::new(ActionLimits::default()), Instant::now());
        add(&mut table, "{\"action\":\"sent\",\"echo\":1}", start);
        table.send_next();
        add(&mut table, "{\"action\":\"unsent\",\"echo\":2}", start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(table.expire_next(at(7)).is_none());
        let ended = table.expire_next(at(8)).expect("the unsent one");
        assert!(!ended.sent);
        assert!(table.send_next().is_none(), "a refused action is not sent");
        assert!(table.expire_next(at(59)).is_none());
        assert!(table.expire_next(at(60)).expect("the sent one").sent);
        assert_eq!(table.bytes, 0);
    }

    #[test]
    fn more_answers_keep_the_action_and_renew_its_limit() {
        let (mut table, start) = (ActionTable::new(ActionLimits::default()), Instant::now());
        add(&mut table, "{\"action\":\"stream\"}", start);
        table.send_next();
        let later = start + Duration::from_secs(59);
        assert!(table.answer("\"p1\"", true, later).is_some());
        assert!(table.expire_next(start + Duration::from_secs(61)).is_none());
        assert!(table.answer("\"p1\"", false, later).is_some());
    }

    fn add(table: &mut ActionTable, text: &'static str, now: Instant) {
        let peeked = peek(text, &Limits::default()).expect("valid");
        let echo = peeked.echo().map(Into::into);
        let frame = (ByteString::from_static(text), peeked.echo_spans());
        table
            .add(Caller::LoginProbe, echo, frame, now)
            .expect("room");
    }
}
