//! The place of one thing that the settings want: what runs there, what was tried in vain, and
//! whether a step is under way.
//!
//! ```text
//!            begin(wanted)              opened(value)
//!   empty ───────────────► busy ──────────────────────► running ──┐ begin: adjust or close
//!     ▲                     │ │ failed(problems)           ▲      │
//!     │       closed        │ └──► attempt kept ───────────┘      │
//!     └─────────────────────┴──────────────◄──────────────────────┘
//! ```
//!
//! What runs and what was tried are two fields: nothing counts as applied that is not. Pure.

use std::{net::SocketAddr, time::Duration};

use tokio::time::Instant;

use perpetua_words::Message;

/// How long after a failed attempt the next one comes: seldom, for a locked keyring may ask its owner
/// for the password each time.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The place of something made from settings `W` that runs as `R`.
#[derive(Debug)]
pub struct Slot<W, R> {
    running: Option<Running<W, R>>,
    attempt: Option<Attempt<W>>,
    busy: Option<Busy<W>>,
    bound: Option<SocketAddr>,
    /// What the settings name has changed while a step was under way, which may have seen what was before.
    again: bool,
}

/// What runs, and from which settings it was made.
#[derive(Debug)]
pub(crate) struct Running<W, R> {
    /// The settings.
    pub(crate) of: W,
    /// What runs.
    pub(crate) value: R,
}

/// What could not be done, or only in part.
#[derive(Debug)]
struct Attempt<W> {
    wanted: W,
    problems: Vec<Message>,
    retry_at: Instant,
}

/// A step is under way.
#[derive(Debug)]
struct Busy<W> {
    /// The settings that it opens, or the ones of what it closes.
    settings: Option<W>,
    closes: bool,
}

/// A slot as the plan sees it at one moment.
#[derive(Debug)]
pub struct SlotView<'a, W> {
    /// What runs was made from these settings.
    pub(crate) running: Option<&'a W>,
    /// These settings were tried in vain.
    pub(crate) attempt: Option<AttemptView<'a, W>>,
    pub(crate) busy: Option<BusyView<'a, W>>,
    /// Where what runs listens, or listened before it was closed.
    pub(crate) bound: Option<SocketAddr>,
}

/// A step under way as the plan sees it.
#[derive(Debug)]
pub(crate) struct BusyView<'a, W> {
    /// The settings that it opens, or the ones of what it closes.
    pub(crate) settings: Option<&'a W>,
    /// It closes what was there.
    pub(crate) closes: bool,
}

/// A vain attempt as the plan sees it.
#[derive(Debug)]
pub(crate) struct AttemptView<'a, W> {
    pub(crate) wanted: &'a W,
    /// The time for another attempt has come.
    pub(crate) is_due: bool,
}

impl<W, R> Default for Slot<W, R> {
    fn default() -> Self {
        Self {
            running: None,
            attempt: None,
            busy: None,
            bound: None,
            again: false,
        }
    }
}

impl<W, R> Slot<W, R> {
    /// How the plan sees it.
    pub fn view(&self, now: Instant) -> SlotView<'_, W> {
        SlotView {
            bound: self.bound,
            running: self.running_by(),
            attempt: self.attempt.as_ref().map(|attempt| AttemptView {
                wanted: &attempt.wanted,
                is_due: attempt.retry_at <= now,
            }),
            busy: self.busy.as_ref().map(|busy| BusyView {
                settings: busy.settings.as_ref(),
                closes: busy.closes,
            }),
        }
    }

    /// What runs.
    pub fn running(&self) -> Option<&R> {
        self.running.as_ref().map(|running| &running.value)
    }

    /// The settings by which it runs.
    pub fn running_by(&self) -> Option<&W> {
        self.running.as_ref().map(|running| &running.of)
    }

    /// What the last attempt could not do.
    pub fn problems(&self) -> &[Message] {
        self.attempt
            .as_ref()
            .map_or(&[], |attempt| attempt.problems.as_slice())
    }

    /// Whether a step is under way.
    pub fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    /// When a failed attempt is due again, if that is later than `planned`. What was due then and was not
    /// begun waits for the end of another step; so does what is under way.
    pub fn retry_after(&self, planned: Instant) -> Option<Instant> {
        let attempt = self.attempt.as_ref().filter(|_| self.busy.is_none())?;
        (attempt.retry_at > planned).then_some(attempt.retry_at)
    }

    /// A step towards these settings begins.
    pub fn begin(&mut self, wanted: W) {
        self.busy = Some(Busy {
            settings: Some(wanted),
            closes: false,
        });
    }

    /// A step that ends what runs begins; it takes along what it has to end.
    pub(crate) fn begin_close(&mut self) -> Option<Running<W, R>>
    where
        W: Clone,
    {
        let running = self.running.take();
        self.busy = Some(Busy {
            settings: running.as_ref().map(|running| running.of.clone()),
            closes: true,
        });
        self.attempt = None;
        running
    }

    /// The step ended well, perhaps only in part: then the problems are kept and it is tried again.
    pub fn opened(&mut self, value: R, problems: Vec<Message>, now: Instant)
    where
        W: Clone,
    {
        let Some(wanted) = self.take_wanted() else {
            return;
        };
        self.keep_attempt(wanted.clone(), problems, now);
        self.running = Some(Running { of: wanted, value });
    }

    /// What runs has taken the new settings over, perhaps only in part.
    pub(crate) fn adjusted(&mut self, problems: Vec<Message>, now: Instant)
    where
        W: Clone,
    {
        let Some(wanted) = self.take_wanted() else {
            return;
        };
        if let Some(running) = &mut self.running {
            running.of = wanted.clone();
        }
        self.keep_attempt(wanted, problems, now);
    }

    /// The step came to nothing; what ran before runs on.
    pub fn failed(&mut self, problem: Message, now: Instant) {
        if let Some(wanted) = self.take_wanted() {
            self.keep_attempt(wanted, vec![problem], now);
        }
    }

    /// The step under way is called off; what runs stays.
    pub fn called_off(&mut self) {
        self.busy = None;
    }

    /// Calls off the step that opens what does not run yet; false when there is none.
    pub(crate) fn call_off_opening(&mut self) -> bool {
        let opens = |busy: &mut Busy<W>| !busy.closes;
        self.running.is_none() && self.busy.take_if(opens).is_some()
    }

    /// The step that ended what ran has ended.
    pub fn closed(&mut self) {
        self.busy = None;
        self.bound = None;
    }

    /// What runs listens here, wherever the settings left the port to us.
    pub(crate) fn listens_at(&mut self, address: Option<SocketAddr>) {
        self.bound = address;
    }

    /// A person has changed something: what failed is tried again now.
    pub fn retry_now(&mut self, now: Instant) {
        if let Some(attempt) = &mut self.attempt {
            attempt.retry_at = now;
        }
    }

    /// The same settings mean something else now, as when a secret that they name was stored anew: what runs takes
    /// that over at once, or after the step under way.
    pub fn again(&mut self, now: Instant)
    where
        W: Clone,
    {
        self.retry_now(now);
        if self.busy.is_some() {
            self.again = true;
        } else if let (Some(running), None) = (&self.running, &self.attempt) {
            self.attempt = Some(Attempt {
                wanted: running.of.clone(),
                problems: Vec::new(),
                retry_at: now,
            });
        }
    }

    /// What was tried for other settings than the wanted ones is forgotten.
    pub fn forget_other_attempts(&mut self, wanted: Option<&W>)
    where
        W: PartialEq,
    {
        if self.busy.is_none()
            && let Some(attempt) = &self.attempt
            && Some(&attempt.wanted) != wanted
        {
            self.attempt = None;
        }
    }

    fn take_wanted(&mut self) -> Option<W> {
        self.busy.take().and_then(|busy| busy.settings)
    }

    fn keep_attempt(&mut self, wanted: W, problems: Vec<Message>, now: Instant) {
        let again = std::mem::take(&mut self.again);
        let wait = if again { Duration::ZERO } else { RETRY_AFTER };
        self.attempt = (again || !problems.is_empty()).then(|| Attempt {
            wanted,
            problems,
            retry_at: now + wait,
        });
    }
}

#[cfg(test)]
mod tests {
    use perpetua_words::{Message, io};
    use tokio::time::Instant;

    use super::{RETRY_AFTER, Slot};

    #[test]
    fn what_was_due_or_is_under_way_wakes_nobody() {
        let (mut slot, start) = (Slot::<u8, ()>::default(), Instant::now());
        slot.begin(1);
        slot.failed(problem(), start);
        let due = start + RETRY_AFTER;
        assert_eq!(slot.retry_after(start), Some(due));
        // Planned when it was due, and not begun: the end of another step is waited for.
        assert_eq!(slot.retry_after(due), None);
        slot.begin(1);
        assert_eq!(slot.retry_after(start), None);
        slot.failed(problem(), due);
        assert_eq!(slot.retry_after(due), Some(due + RETRY_AFTER));
    }

    #[test]
    fn what_was_tried_for_other_settings_is_forgotten() {
        let (mut slot, now) = (Slot::default(), Instant::now());
        slot.begin(1);
        slot.opened((), Vec::new(), now);
        slot.begin(2);
        slot.forget_other_attempts(Some(&1));
        slot.failed(problem(), now);
        slot.forget_other_attempts(Some(&2));
        assert_eq!(slot.problems().len(), 1);
        slot.forget_other_attempts(Some(&1));
        assert!(slot.problems().is_empty());
        assert!(slot.running().is_some());
    }

    #[test]
    fn what_changed_under_the_same_settings_is_due_at_once_and_once() {
        let (mut slot, now) = (Slot::default(), Instant::now());
        let is_due = |slot: &Slot<u8, ()>| slot.view(now).attempt.is_some_and(|one| one.is_due);
        slot.again(now);
        assert!(!is_due(&slot), "nothing runs");
        slot.begin(1);
        // The step may have seen what was there before.
        slot.again(now);
        slot.opened((), Vec::new(), now);
        assert!(is_due(&slot));
        slot.begin(1);
        slot.adjusted(Vec::new(), now);
        assert!(!is_due(&slot));
        slot.again(now);
        assert!(is_due(&slot) && slot.problems().is_empty());
        slot.begin(1);
        slot.failed(problem(), now);
        assert!(!is_due(&slot));
        slot.again(now);
        assert!(is_due(&slot) && slot.problems().len() == 1);
    }

    fn problem() -> Message {
        io::NotFound.into()
    }
}
