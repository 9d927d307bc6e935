//! One snapshot for all who look.

use std::sync::Arc;

use perpetua_lifecycle::{Generation, LifecycleState, Outage, StartPhase};
use tokio::{
    sync::watch,
    time::{Duration, Instant},
};

use super::Driver;
use crate::{CoreView, Endpoint};

/// Numbers that flicker wake those who look no more often than this.
const FLICKER_EVERY: Duration = Duration::from_millis(100);

/// The view, and what of it is not published yet.
#[derive(Debug)]
pub(super) struct Publisher {
    view: CoreView,
    sender: watch::Sender<Arc<CoreView>>,
    pending: Option<Pending>,
    published: Instant,
    /// The phase of a start under way, and since when.
    phase: Option<(StartPhase, Instant)>,
    /// The start whose phases the view has.
    phases_of: Option<Generation>,
}

/// What is not published yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Pending {
    /// Numbers.
    Flicker,
    /// Something else.
    Change,
}

impl Publisher {
    pub(super) fn new(view: CoreView) -> (Self, watch::Receiver<Arc<CoreView>>) {
        let (sender, receiver) = watch::channel(Arc::new(view.clone()));
        let publisher = Self {
            view,
            sender,
            pending: None,
            published: Instant::now(),
            phase: None,
            phases_of: None,
        };
        (publisher, receiver)
    }

    /// Changes something that is worth waking for.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut CoreView)) {
        change(&mut self.view);
        self.pending = Some(Pending::Change);
    }

    /// Whether what is shown next is so.
    pub(super) fn shows(&self, is_so: impl FnOnce(&CoreView) -> bool) -> bool {
        is_so(&self.view)
    }

    /// Changes a number.
    pub(super) fn flicker(&mut self, change: impl FnOnce(&mut CoreView)) {
        change(&mut self.view);
        self.pending = self.pending.max(Some(Pending::Flicker));
    }

    /// When a number that waits may be shown.
    pub(super) fn due(&self) -> Option<Instant> {
        self.pending.map(|_| self.published + FLICKER_EVERY)
    }

    fn set(&mut self, state: &LifecycleState, endpoint: Option<&Endpoint>, now: Instant) {
        self.follow_phase(state, now);
        if self.view.state != *state {
            let is_another =
                std::mem::discriminant(&self.view.state) != std::mem::discriminant(state);
            let state = state.clone();
            self.change(|view| {
                view.install = None;
                view.state = state;
                if is_another {
                    view.since = now.into_std();
                }
            });
        }
        if self.view.endpoint.as_ref() != endpoint {
            let endpoint = endpoint.cloned();
            self.change(|view| view.endpoint = endpoint);
        }
    }

    fn set_outage(&mut self, outage: Option<&Outage>) {
        if self.view.outage.as_ref() != outage {
            let outage = outage.cloned();
            self.change(|view| view.outage = outage);
        }
        if outage.is_none() && self.view.names_found.is_some() {
            self.change(|view| view.names_found = None);
        }
    }

    /// Names of the internet are found during the outage, or not.
    pub(super) fn set_names_found(&mut self, found: bool) {
        if self.view.names_found != Some(found) {
            self.change(|view| view.names_found = Some(found));
        }
    }

    /// Notes how long each phase of a start takes.
    fn follow_phase(&mut self, state: &LifecycleState, now: Instant) {
        let at = match state {
            LifecycleState::Starting {
                generation, phase, ..
            } => Some((*generation, *phase)),
            _ => None,
        };
        let another = at
            .map(|(generation, _)| generation)
            .filter(|generation| self.phases_of != Some(*generation));
        if another.is_some() {
            self.phases_of = another;
            self.phase = None;
            self.change(|view| view.phases.clear());
        }
        let phase = at.map(|(_, phase)| phase);
        if self.phase.map(|(phase, _)| phase) == phase {
            return;
        }
        let over = std::mem::replace(&mut self.phase, phase.map(|phase| (phase, now)));
        if let Some((phase, since)) = over {
            let took = now.duration_since(since);
            self.change(|view| view.phases.push((phase, took)));
        }
    }

    fn send(&mut self, now: Instant) {
        let is_due = match self.pending {
            None => false,
            Some(Pending::Flicker) => now >= self.published + FLICKER_EVERY,
            Some(Pending::Change) => true,
        };
        if is_due {
            self.pending = None;
            self.published = now;
            self.sender.send_replace(Arc::new(self.view.clone()));
        }
    }
}

impl Driver {
    /// Shows how it stands now.
    pub(super) fn publish(&mut self) {
        let state = self.machine.state();
        // What is being ended is not to be dialled, even while its server still answers.
        let is_ending = matches!(
            state,
            LifecycleState::Stopping { .. } | LifecycleState::KickedOffline { .. }
        );
        let run = self.run.as_ref().filter(|_| !is_ending);
        let endpoint = run.and_then(super::run::Run::endpoint);
        let now = Instant::now();
        self.publisher.set(state, endpoint, now);
        self.publisher.set_outage(self.machine.outage());
        self.publisher.send(now);
    }
}
