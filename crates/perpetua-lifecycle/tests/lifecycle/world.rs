//! A world of one process around the machine: it does what it is asked to, or not, and watches that it is
//! never asked for a second one.

use std::time::{Duration, Instant};

use perpetua_lifecycle::{
    Announcement, Generation, GiveUpReason, LaunchFailure, Lifecycle, LifecycleEffect,
    LifecycleEvent, LifecyclePolicy, LifecycleState,
};

use crate::{
    bench::{exit, policy},
    step::launched,
};

pub(crate) struct World {
    pub(crate) machine: Lifecycle,
    pub(crate) now: Instant,
    pub(crate) last: Generation,
    /// Asked for, and not there yet.
    pub(crate) asked: Option<Generation>,
    pub(crate) process: Option<Generation>,
    /// It was asked to end, or has no choice.
    pub(crate) to_end: Option<Generation>,
    pub(crate) installing: bool,
    pub(crate) searching: bool,
    told_online: bool,
    person_told: u32,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let policy = LifecyclePolicy {
            expected: seed.is_multiple_of(2).then_some(crate::bench::BOT),
            ..policy()
        };
        Self {
            machine: Lifecycle::new(policy, seed),
            now: Instant::now(),
            last: Generation::default(),
            asked: None,
            process: None,
            to_end: None,
            installing: false,
            searching: false,
            told_online: false,
            person_told: 0,
        }
    }

    pub(crate) fn tell(&mut self, event: LifecycleEvent) {
        let told_before = self.person_told;
        let gave_up_before = gave_up(self.machine.state());
        let effects = self.machine.handle(event, self.now);
        self.perform(&effects);
        if gave_up(self.machine.state()) && !gave_up_before {
            assert_eq!(self.person_told, told_before + 1, "{effects:?}");
        }
        assert!(self.person_told > 0 || !needs_person(self.machine.state()));
    }

    /// Lets time pass, with one tick at its end.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        let effects = self.machine.tick(self.now);
        self.perform(&effects);
        if let Some(due) = self.machine.next_deadline() {
            assert!(due > self.now, "a tick must do what is due: {self:?}");
        }
    }

    /// Whether the process has been asked to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.process.is_some() && self.process == self.to_end
    }

    /// The process that was asked for is there.
    pub(crate) fn launch(&mut self) {
        if let Some(generation) = self.asked.take() {
            self.process = Some(generation);
            self.tell(launched(generation));
        }
    }

    /// The process that was asked for will not be.
    pub(crate) fn fail_launch(&mut self, failure: LaunchFailure) {
        if let Some(generation) = self.asked.take() {
            self.tell(LifecycleEvent::LaunchFailed(generation, failure));
        }
    }

    pub(crate) fn die(&mut self, cause: perpetua_lifecycle::ExitCause, lines: usize) {
        if let Some(generation) = self.process.take() {
            self.searching = false;
            self.tell(LifecycleEvent::Exited {
                generation,
                exit: exit(cause),
                last_lines: (0..lines).map(|line| line.to_string()).collect(),
            });
        }
    }

    fn perform(&mut self, effects: &[LifecycleEffect]) {
        for effect in effects {
            match effect {
                LifecycleEffect::Launch(generation) => {
                    assert_eq!(self.asked, None, "two starts");
                    assert_eq!(self.process, None, "a start beside a process");
                    assert_eq!(generation.0, self.last.0 + 1);
                    self.last = *generation;
                    self.asked = Some(*generation);
                }
                LifecycleEffect::CallOff(generation) => assert_eq!(self.asked, Some(*generation)),
                LifecycleEffect::Stop(generation) | LifecycleEffect::Kill(generation) => {
                    assert_eq!(self.process, Some(*generation));
                    self.to_end = Some(*generation);
                }
                LifecycleEffect::FindSigner(generation) => {
                    assert_eq!(self.process, Some(*generation));
                    assert!(!self.searching, "two searches");
                    self.searching = true;
                }
                LifecycleEffect::Install => self.installing = true,
                LifecycleEffect::KeepLogin => assert!(self.process.is_some()),
                LifecycleEffect::SetSessionAside { .. }
                | LifecycleEffect::RollBack { .. }
                | LifecycleEffect::NoteOnline { .. } => {}
                LifecycleEffect::Announce(announcement) => self.hear(announcement),
            }
        }
        self.check();
    }

    fn hear(&mut self, announcement: &Announcement) {
        match announcement {
            Announcement::Online { .. } => {
                assert!(!std::mem::replace(&mut self.told_online, true), "doubled");
            }
            Announcement::Offline { .. } => {
                assert!(std::mem::take(&mut self.told_online), "doubled");
            }
            Announcement::PersonNeeded => self.person_told += 1,
        }
    }

    fn check(&self) {
        let state = self.machine.state();
        assert_eq!(state.is_online(), self.told_online, "{self:?}");
        let may_run = match state {
            LifecycleState::Stopped
            | LifecycleState::Absent { .. }
            | LifecycleState::Installing
            | LifecycleState::SignerProblem { .. }
            | LifecycleState::Refused { .. }
            | LifecycleState::Backoff { .. } => None,
            LifecycleState::GivenUp { reason, last_lines } => {
                assert!(last_lines.len() <= 50);
                if let GiveUpReason::Failing { failures, .. } = reason {
                    assert!(*failures > 0);
                }
                None
            }
            LifecycleState::Starting { generation, .. }
            | LifecycleState::WaitingForScan { generation, .. }
            | LifecycleState::WaitingForConfirm { generation, .. }
            | LifecycleState::Online { generation, .. }
            | LifecycleState::KickedOffline { generation, .. }
            | LifecycleState::Reconnecting { generation, .. }
            | LifecycleState::Stopping { generation, .. } => Some(*generation),
        };
        assert_eq!(may_run, self.asked.or(self.process), "{self:?}");
        assert!(
            self.machine.next_deadline().is_some() || may_rest(state),
            "no way out by itself: {self:?}"
        );
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("World")
            .field("state", self.machine.state())
            .field("asked", &self.asked)
            .field("process", &self.process)
            .field("deadline", &self.machine.next_deadline())
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Only a person leads out of here.
pub(crate) fn needs_person(state: &LifecycleState) -> bool {
    gave_up(state) || matches!(state, LifecycleState::Absent { retry: None, .. })
}

fn gave_up(state: &LifecycleState) -> bool {
    matches!(
        state,
        LifecycleState::GivenUp { .. } | LifecycleState::Refused { .. }
    )
}

/// It may stay here: for good, or until an installation ends, which it always does.
fn may_rest(state: &LifecycleState) -> bool {
    needs_person(state)
        || matches!(
            state,
            LifecycleState::Stopped | LifecycleState::Online { .. } | LifecycleState::Installing
        )
}
