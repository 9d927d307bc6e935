//! A machine with a clock that the tests turn, and words for what usually happens to it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use perpetua_backoff::Backoff;
use perpetua_lifecycle::{
    Announcement, CoreChange, Exit, ExitCause, Generation, Lifecycle, LifecycleEffect,
    LifecycleEvent, LifecyclePolicy, LifecycleState, QrImage, QrState, Reading, RollBackEnd,
    StartPhase,
};
use perpetua_words::{Message, io};

/// The account that logs in.
pub(crate) const BOT: u64 = 10_001;

/// How long QR codes are good.
pub(crate) const CODE_TIME: Duration = Duration::from_mins(2);

pub(crate) struct Bench {
    pub(crate) machine: Lifecycle,
    pub(crate) now: Instant,
    last: Generation,
    /// All that it wanted done, in order.
    pub(crate) heard: Vec<LifecycleEffect>,
    /// The installed version that starts.
    pub(crate) version: String,
    /// Whether it has yet to prove itself.
    pub(crate) is_on_trial: bool,
    /// Whether it asks its signer by itself.
    pub(crate) asks_signer: bool,
}

impl Bench {
    /// With the limits of the product, and no jitter.
    pub(crate) fn new() -> Self {
        Self::with(policy())
    }

    pub(crate) fn with(policy: LifecyclePolicy) -> Self {
        Self {
            machine: Lifecycle::new(policy, 7),
            now: Instant::now(),
            last: Generation::default(),
            heard: Vec::new(),
            version: "old".into(),
            is_on_trial: false,
            asks_signer: false,
        }
    }

    /// Where it is launched and asks for a QR code.
    pub(crate) fn connecting() -> Self {
        let mut bench = Self::new();
        bench.tell(LifecycleEvent::StartWanted);
        bench.connect();
        bench
    }

    /// Where it is online.
    pub(crate) fn online() -> Self {
        let mut bench = Self::new();
        bench.tell(LifecycleEvent::StartWanted);
        bench.come_online();
        bench
    }

    pub(crate) fn tell(&mut self, event: LifecycleEvent) -> Vec<LifecycleEffect> {
        let mut effects = self.machine.handle(event, self.now);
        self.note(&effects);
        effects.retain(|effect| !is_note(effect));
        effects
    }

    /// Lets time pass, with a tick at each moment that the machine asks for.
    pub(crate) fn wait(&mut self, time: Duration) -> Vec<LifecycleEffect> {
        let end = self.now + time;
        let mut all = Vec::new();
        while let Some(due) = self.machine.next_deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let effects = self.machine.tick(self.now);
            self.note(&effects);
            all.extend(effects.into_iter().filter(|effect| !is_note(effect)));
        }
        self.now = end;
        all
    }

    /// Lets time pass without a tick; whoever drives the machine sees that it slept, and says so before the next one.
    pub(crate) fn sleep(&mut self, time: Duration) -> Vec<LifecycleEffect> {
        self.now += time;
        let mut effects = self.tell(LifecycleEvent::Woke);
        let ticked = self.machine.tick(self.now);
        self.note(&ticked);
        effects.extend(ticked);
        effects.retain(|effect| !is_note(effect));
        effects
    }

    fn note(&mut self, effects: &[LifecycleEffect]) {
        self.heard.extend_from_slice(effects);
        for effect in effects {
            if let LifecycleEffect::Launch(generation) = effect {
                assert_eq!(generation.0, self.last.0 + 1);
                self.last = *generation;
            }
        }
    }

    /// The latest start.
    pub(crate) fn generation(&self) -> Generation {
        self.last
    }

    pub(crate) fn read(&mut self, reading: Reading) -> Vec<LifecycleEffect> {
        self.tell(LifecycleEvent::Read(self.last, reading))
    }

    pub(crate) fn polled(&mut self, state: QrState, who: Option<u64>) -> Vec<LifecycleEffect> {
        self.read(Reading::QrPolled(state, who))
    }

    pub(crate) fn launched(&mut self) -> Vec<LifecycleEffect> {
        self.tell(LifecycleEvent::Launched {
            generation: self.last,
            version: self.version.clone(),
            is_on_trial: self.is_on_trial,
            asks_signer: self.asks_signer,
        })
    }

    pub(crate) fn connect(&mut self) {
        self.launched();
        self.read(Reading::Connecting);
    }

    /// A new version is installed, and is the current one.
    pub(crate) fn installs(&mut self, version: &str) -> Vec<LifecycleEffect> {
        version.clone_into(&mut self.version);
        let version = version.into();
        self.changed(CoreChange::Installed { version })
    }

    /// The version before the one that was given up is the current one.
    pub(crate) fn goes_back_to(&mut self, version: &str) {
        version.clone_into(&mut self.version);
        let version = version.into();
        self.changed(CoreChange::RolledBack { version });
        self.tell(LifecycleEvent::RolledBack(RollBackEnd::Done));
    }

    pub(crate) fn changed(&mut self, change: CoreChange) -> Vec<LifecycleEffect> {
        self.tell(LifecycleEvent::CoreChanged(change))
    }

    /// Shows a QR code.
    pub(crate) fn show_code(&mut self) -> Vec<LifecycleEffect> {
        self.read(Reading::QrFetched(CODE_TIME));
        self.tell(LifecycleEvent::QrShown(self.last, image()))
    }

    pub(crate) fn come_online(&mut self) -> Vec<LifecycleEffect> {
        self.launched();
        self.read(Reading::SessionTried);
        self.read(Reading::LoggedIn(BOT));
        self.tell(LifecycleEvent::LinkOpened(self.last))
    }

    pub(crate) fn exits(&mut self, cause: ExitCause) -> Vec<LifecycleEffect> {
        self.exits_saying(cause, 1)
    }

    pub(crate) fn exits_saying(&mut self, cause: ExitCause, lines: usize) -> Vec<LifecycleEffect> {
        let last_lines: Arc<[String]> = (0..lines).map(|line| format!("line {line}")).collect();
        self.tell(LifecycleEvent::Exited {
            generation: self.last,
            exit: exit(cause),
            last_lines,
        })
    }

    pub(crate) fn state(&self) -> &LifecycleState {
        self.machine.state()
    }

    pub(crate) fn phase(&self) -> Option<StartPhase> {
        match self.state() {
            LifecycleState::Starting { phase, .. } => Some(*phase),
            _ => None,
        }
    }

    /// How long until something is due.
    pub(crate) fn due_in(&self) -> Option<Duration> {
        let due = self.machine.next_deadline()?;
        Some(due.saturating_duration_since(self.now))
    }
}

/// Notes of what is online go to a record that nobody waits for; tests of them look at what was heard.
pub(crate) fn is_note(effect: &LifecycleEffect) -> bool {
    matches!(effect, LifecycleEffect::NoteOnline { .. })
}

pub(crate) fn policy() -> LifecyclePolicy {
    LifecyclePolicy {
        backoff: Backoff {
            jitter: 0.0,
            ..Backoff::default()
        },
        ..LifecyclePolicy::default()
    }
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn exit(cause: ExitCause) -> Exit {
    Exit {
        code: None,
        signal: Some(6),
        cause,
    }
}

pub(crate) fn crash() -> ExitCause {
    ExitCause::Crashed("oops".into())
}

pub(crate) fn image() -> QrImage {
    QrImage {
        png: [1, 2, 3].into(),
        url: Some("https://txz.example/qr".into()),
    }
}

pub(crate) fn refusal() -> Reading {
    Reading::LoginRefused {
        code: 45,
        tag: "forbidden".into(),
        message: "use the official client".into(),
    }
}

pub(crate) fn kick() -> Reading {
    Reading::Kicked("elsewhere".into())
}

pub(crate) fn person_needed() -> LifecycleEffect {
    LifecycleEffect::Announce(Announcement::PersonNeeded)
}

pub(crate) fn is_launch(effects: &[LifecycleEffect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, LifecycleEffect::Launch(_)))
}

/// Somebody's words.
pub(crate) fn words(text: &str) -> Message {
    io::Other { text }.into()
}
