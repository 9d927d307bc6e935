//! A clock on the wall that is set in any phase: nothing that runs notices, and the last login restored is the last one
//! made.

use std::{
    fs,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use perpetua_lifecycle::LifecycleState;
use tokio::time::{Instant, sleep};

use crate::{
    play::Play,
    stage::{Stage, WHO},
};

/// The phases of a life, in the order in which it goes through them.
const PHASES: [&str; 9] = [
    "waiting for a signer",
    "starting",
    "a code is shown",
    "the code was scanned",
    "logging in",
    "online",
    "outage",
    "waiting after a crash",
    "stopping",
];
const HOUR: i64 = 3600;
/// By how many seconds the clock is set, back and forth.
const JUMPS: [i64; 8] = [
    -HOUR,
    HOUR,
    -26 * HOUR,
    26 * HOUR,
    -30 * 24 * HOUR,
    30 * 24 * HOUR,
    -60 * 365 * 24 * HOUR,
    10 * 365 * 24 * HOUR,
];
/// How long each phase lasts: shorter than any limit, in seconds that are seen if one is missing.
const PHASE: Duration = Duration::from_secs(7);

fn jumped(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let there = if seconds < 0 {
        time.checked_sub(by)
    } else {
        time.checked_add(by)
    };
    there.expect("a time")
}

/// A life, with what is seen of it.
struct Life<'c> {
    stage: Stage,
    /// By how much the clock is set in a phase.
    clock: &'c dyn Fn(usize) -> i64,
    seen: Arc<Mutex<Vec<String>>>,
}

impl<'c> Life<'c> {
    fn new(clock: &'c dyn Fn(usize) -> i64) -> Self {
        let stage = Stage::new();
        let (mut view, begun) = (stage.core.view(), Instant::now());
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut last = String::new();
            loop {
                let now = named(&view.borrow_and_update().state);
                if now != last {
                    let line = format!("{} s: {now}", begun.elapsed().as_secs());
                    kept.lock().expect("lock").push(line);
                    last = now;
                }
                if view.changed().await.is_err() {
                    return;
                }
            }
        });
        Self { stage, clock, seen }
    }

    /// A phase in which the clock may be set, and nothing is to happen.
    async fn passes(&self, phase: usize) {
        sleep(PHASE).await;
        {
            let mut wall = self.stage.wall.lock().expect("lock");
            *wall = jumped(*wall, (self.clock)(phase));
        }
        sleep(PHASE).await;
    }

    async fn until(&self, what: impl Fn(&LifecycleState) -> bool) {
        self.stage.until_state(what).await;
    }

    /// From the first start to the first time online.
    async fn logs_in(&mut self) -> Play {
        *self.stage.signers.broken.lock().expect("lock") = vec!["first", "second"];
        self.stage.core.start().await;
        self.until(|state| matches!(state, LifecycleState::SignerProblem { .. }))
            .await;
        self.passes(0).await;
        self.stage.signers.broken.lock().expect("lock").clear();
        let play = self.stage.play().await;
        self.passes(1).await;
        play.show_code(b"a picture").await;
        self.until(|state| matches!(state, LifecycleState::WaitingForScan { .. }))
            .await;
        self.passes(2).await;
        let scanned = format!("QrCode State Queried: WaitingForConfirm Uin: {WHO}");
        play.login_step(&scanned).await;
        self.until(|state| matches!(state, LifecycleState::WaitingForConfirm { .. }))
            .await;
        self.passes(3).await;
        let confirmed = format!("QrCode State Queried: Confirmed Uin: {WHO}");
        play.login_step(&confirmed).await;
        self.passes(4).await;
        play.finish_login(WHO).await;
        self.is_linked().await;
        play
    }

    async fn is_linked(&self) {
        let endpoint = self.stage.endpoint().await;
        self.stage.core.link_opened(endpoint.generation).await;
        self.until(LifecycleState::is_online).await;
    }

    /// From online to its end.
    async fn goes_on(&mut self, mut play: Play) {
        self.passes(5).await;
        let generation = self.stage.endpoint().await.generation;
        self.stage.core.link_lost(generation).await;
        self.until(|state| matches!(state, LifecycleState::Reconnecting { .. }))
            .await;
        self.passes(6).await;
        self.stage.core.link_opened(generation).await;
        self.until(LifecycleState::is_online).await;
        assert!(play.runs() && !play.is_killed());
        play.abort();
        self.until(|state| matches!(state, LifecycleState::Backoff { .. }))
            .await;
        // Shorter than the wait.
        self.set(7);
        let play = self.stage.next_online().await;
        self.stage.core.stop().await;
        play.asked_to_end().await;
        self.set(8);
        play.killed().await;
        self.until(|state| matches!(state, LifecycleState::Stopped))
            .await;
    }

    fn set(&self, phase: usize) {
        let mut wall = self.stage.wall.lock().expect("lock");
        *wall = jumped(*wall, (self.clock)(phase));
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("lock").clone()
    }
}

fn named(state: &LifecycleState) -> String {
    let all = format!("{state:?}");
    let end = all.find(|letter: char| !letter.is_alphanumeric());
    all[..end.unwrap_or(all.len())].to_owned()
}

async fn life(clock: &dyn Fn(usize) -> i64) -> Vec<String> {
    let mut life = Life::new(clock);
    let play = life.logs_in().await;
    life.goes_on(play).await;
    sleep(PHASE).await;
    life.seen()
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_in_any_phase_changes_nothing() {
    let undisturbed = life(&|_| 0).await;
    assert!(undisturbed.len() > PHASES.len(), "{undisturbed:?}");
    for (place, phase) in PHASES.iter().enumerate() {
        for jump in JUMPS {
            let seen = life(&|now| if now == place { jump } else { 0 }).await;
            assert_eq!(seen, undisturbed, "{jump} s while {phase}");
        }
    }
    // In each phase another one.
    let seen = life(&|phase| JUMPS[phase % 6]).await;
    assert_eq!(seen, undisturbed);
}

/// Another session than before.
fn log_in_anew(stage: &Stage, number: usize) -> String {
    let session = format!(r#"{{"Uin":{WHO},"Session":{{}},"number":{number}}}"#);
    fs::write(stage.path("keystore.json"), &session).expect("written");
    session
}

/// An account whose logins are kept while the clock jumps before each: by a start and by a call, the last one comes back.
#[tokio::test(start_paused = true)]
async fn the_last_login_restored_is_the_last_one_made_whatever_the_clock_did_between() {
    for at_last in JUMPS {
        let mut stage = Stage::new();
        let set = |stage: &Stage, jump| {
            let mut wall = stage.wall.lock().expect("lock");
            *wall = jumped(SystemTime::UNIX_EPOCH, 1_763_000_000 + jump);
        };
        let mut last = String::new();
        for (number, jump) in (1..).zip(JUMPS[..6].iter().chain([&at_last])) {
            set(&stage, *jump);
            stage.core.start().await;
            let mut play = stage.play().await;
            play.log_in_by_session(WHO).await;
            last = log_in_anew(&stage, number);
            let endpoint = stage.endpoint().await;
            stage.core.link_opened(endpoint.generation).await;
            stage.until_state(LifecycleState::is_online).await;
            sleep(Duration::from_secs(1)).await;
            stage.core.stop().await;
            play.asked_to_end().await;
            play.end_well();
            stage
                .until_state(|state| matches!(state, LifecycleState::Stopped))
                .await;
        }
        let session = || fs::read_to_string(stage.path("keystore.json")).expect("a session");
        for jump in JUMPS {
            set(&stage, jump);
            log_in_anew(&stage, 99);
            stage.core.restore_login().await.expect("restored");
            assert_eq!(session(), last, "{at_last} s, then {jump} s: by a call");
        }
        fs::write(stage.path("keystore.json"), "{").expect("damaged");
        set(&stage, at_last);
        stage.core.start().await;
        let _play = stage.play().await;
        let session = fs::read_to_string(stage.path("keystore.json")).expect("a session");
        assert_eq!(session, last, "{at_last} s: by a start");
    }
}
