//! The network and QQ come and go at random, in every phase of a login and while it is online. When the last
//! outage is over, the account is online soon, by itself, and nothing was lost on the way.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use perpetua_config::SignThrough;
use perpetua_lifecycle::{LaunchFailure, LifecycleState};
use perpetua_supervisor::CoreHandle;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use crate::{
    play::{Play, write_session},
    stage::{PlayedNames, Stage, WHO},
};

/// How soon the account has to be online when the last outage is over.
const SOON: Duration = Duration::from_secs(90);
/// How often the core dials QQ again (`SocketContext.cs`).
const REDIAL: Duration = Duration::from_secs(10);
/// Longer than a test, on the mocked clock.
const FAR_AWAY: Duration = Duration::from_hours(24);

/// What is between the core and QQ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Network {
    Good,
    NoName,
    Refused,
    Breaks,
    Silent,
}

/// One stretch of time after the other, and good for ever after the last.
#[derive(Clone, Debug)]
struct Weather(Vec<(Instant, Network)>);

impl Weather {
    fn drawn(random: &mut fastrand::Rng) -> Self {
        let mut until = Instant::now();
        let mut stretches = Vec::new();
        for _ in 0..random.usize(1..=4) {
            until += Duration::from_millis(random.u64(0..180_000));
            stretches.push((until, Network::Good));
            for _ in 0..random.usize(1..=3) {
                let ways = [
                    Network::NoName,
                    Network::Refused,
                    Network::Breaks,
                    Network::Silent,
                ];
                let way = ways[random.usize(0..ways.len())];
                until += outage_time(random);
                stretches.push((until, way));
            }
        }
        Self(stretches)
    }

    fn now(&self) -> Network {
        let now = Instant::now();
        let stretch = self.0.iter().find(|(until, _)| now < *until);
        stretch.map_or(Network::Good, |(_, network)| *network)
    }

    /// When it is another one next; far away when it is not.
    fn changes(&self) -> Instant {
        let now = Instant::now();
        let ends = self.0.iter().map(|(until, _)| *until);
        ends.filter(|until| now < *until)
            .min()
            .unwrap_or(now + FAR_AWAY)
    }

    fn over(&self) -> Instant {
        self.0.last().expect("there is one at least").0
    }
}

/// From a second to two hours, short ones as often as long ones.
fn outage_time(random: &mut fastrand::Rng) -> Duration {
    let longest = [5, 60, 300, 7_200][random.usize(0..4)];
    Duration::from_millis(random.u64(1_000..longest * 1_000))
}

#[tokio::test(start_paused = true)]
async fn whatever_is_away_for_however_long_the_account_is_back_soon_after() {
    for seed in 6..14 {
        is_back_soon(seed).await;
    }
}

/// What takes its time: `cargo xtask test --long`.
mod long {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whatever_is_away_for_however_long_the_account_is_back_soon_after() {
        for seed in 14..200 {
            is_back_soon(seed).await;
        }
    }
}

async fn is_back_soon(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = Stage::new();
    let folder = stage.path("");
    std::fs::create_dir_all(&folder).expect("a folder");
    write_session(&folder, WHO);
    let files = session_files(&folder);
    let begun = Instant::now();
    let weather = Weather::drawn(&mut random);
    let resolver = resolve(Arc::clone(&stage.names), weather.clone());
    stage.core.start().await;
    let starts = live(&mut stage, &weather, weather.over() + SOON).await;
    let view = stage.core.view().borrow().clone();
    assert!(
        view.state.is_online(),
        "seed {seed}: {view:?} in {weather:?}"
    );
    assert_eq!(view.outage, None, "seed {seed}");
    assert_eq!(session_files(&folder), files, "seed {seed}");
    // About one a minute, and a few while the first waits grow.
    let most = (weather.over() - begun).as_secs() / 40 + 8 * weather.0.len() as u64;
    assert!(
        starts <= most,
        "seed {seed}: {starts} starts, at most {most}"
    );
    resolver.abort();
    stage.close().await;
}

/// Plays every core that is started; gives how many there were.
async fn live(stage: &mut Stage, weather: &Weather, until: Instant) -> u64 {
    let mut starts = 0;
    while let Ok(play) = timeout_at(until, stage.play()).await {
        starts += 1;
        let core = stage.core.clone();
        let played = run(play, &core, weather);
        let _still_runs = timeout_at(until, played).await;
        let view = core.view().borrow().clone();
        assert!(
            !matches!(view.state, LifecycleState::GivenUp { .. }),
            "{view:?} in {weather:?}"
        );
    }
    starts
}

/// One core, from its start to its end.
async fn run(mut play: Play, core: &CoreHandle, weather: &Weather) {
    play.begin().await;
    sleep(Duration::from_millis(700)).await;
    play.login_step("Session has not expired, using session to login and register status")
        .await;
    sleep(Duration::from_millis(200)).await;
    match weather.now() {
        Network::NoName => {
            let text = "System.Net.Sockets.SocketException (00000001, 11): Resource temporarily unavailable";
            play.cry(&format!("Unhandled exception. {text}")).await;
            return play.abort();
        }
        Network::Refused => {
            play.log(
                "SocketContext",
                "EXCEPTION",
                "Socket Error: Connection refused",
            )
            .await;
            play.log(
                "SocketContext",
                "FATAL",
                "Socket Disconnected, Scheduling Reconnect",
            )
            .await;
            return play.give_up_login().await;
        }
        // It hangs, and does not listen when it is asked to end.
        Network::Silent => return play.killed().await,
        Network::Breaks => return dial_for_ever(&mut play).await,
        Network::Good => {}
    }
    sleep(Duration::from_millis(400)).await;
    if weather.now() != Network::Good {
        return dial_for_ever(&mut play).await;
    }
    play.finish_login(WHO).await;
    let mut view = core.view();
    let served = view.wait_for(|view| view.endpoint.is_some()).await;
    let generation = served.expect("it goes on").generation;
    core.link_opened(generation).await;
    be_online(&mut play, weather).await;
}

/// A login that was cut: it dials, and logs in never.
async fn dial_for_ever(play: &mut Play) {
    play.log(
        "SocketContext",
        "FATAL",
        "Socket Disconnected, Scheduling Reconnect",
    )
    .await;
    play.asked_to_end().await;
    play.abort();
}

/// Online, with the connection to QQ coming and going, until it is asked to end.
async fn be_online(play: &mut Play, weather: &Weather) {
    let mut redial = None;
    loop {
        let next = redial.unwrap_or_else(|| weather.changes());
        if timeout_at(next, play.asked_to_end()).await.is_ok() {
            return play.end_well();
        }
        let is_good = weather.now() == Network::Good;
        if redial.is_some() {
            play.log(
                "SocketContext",
                "WARNING",
                "Reconnect to http://127.0.0.1:8080/",
            )
            .await;
        } else if !is_good {
            play.log(
                "SocketContext",
                "FATAL",
                "Socket Disconnected, Scheduling Reconnect",
            )
            .await;
        }
        if redial.is_some() && is_good {
            play.login_step("Register Status: register success").await;
        }
        redial = (!is_good).then(|| Instant::now() + REDIAL);
    }
}

/// Names are found in all weathers but one.
fn resolve(names: Arc<PlayedNames>, weather: Weather) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            *names.missing.lock().expect("lock") = weather.now() == Network::NoName;
            sleep_until(weather.changes()).await;
        }
    })
}

/// The names of the files of the login; one that was set aside has another.
fn session_files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a name")
    });
    let of_login = |name: &String| name.starts_with("keystore") || name.starts_with("device");
    names.filter(of_login).collect()
}

#[tokio::test(start_paused = true)]
async fn names_that_are_found_again_start_it_at_once() {
    let mut stage = Stage::new();
    *stage.names.missing.lock().expect("lock") = true;
    stage.core.start().await;
    for _ in 0..8 {
        let mut play = stage.play().await;
        play.begin().await;
        play.cry("Unhandled exception. System.Net.Sockets.SocketException (00000005, 0xFFFDFFFF): Name or service not known").await;
        play.abort();
        stage
            .until_state(|state| matches!(state, LifecycleState::Backoff { .. }))
            .await;
    }
    sleep(Duration::from_secs(7)).await;
    let view = stage.core.view().borrow().clone();
    assert_eq!(view.names_found, Some(false), "{view:?}");
    let back = Instant::now();
    *stage.names.missing.lock().expect("lock") = false;
    let play = stage.play().await;
    assert!(
        back.elapsed() <= Duration::from_secs(6),
        "{:?}",
        back.elapsed()
    );
    play.log_in_by_session(WHO).await;
    let endpoint = stage.endpoint().await;
    stage.core.link_opened(endpoint.generation).await;
    let view = stage.until_state(LifecycleState::is_online).await;
    assert_eq!((view.outage.clone(), view.names_found), (None, None));
}

/// A new login, for which somebody has to sign.
fn without_a_session() -> Stage {
    let stage = Stage::with(|settings| settings.sign_through = SignThrough::Node);
    *stage.signers.out_of_reach.lock().expect("lock") = true;
    stage
}

#[tokio::test(start_paused = true)]
async fn without_a_session_it_is_the_network_that_is_away_and_not_the_signers() {
    let mut stage = without_a_session();
    *stage.names.missing.lock().expect("lock") = true;
    let begun = Instant::now();
    stage.core.start().await;
    sleep(Duration::from_mins(5)).await;
    let view = stage.core.view().borrow().clone();
    let outage = view.outage.clone().expect("it is one");
    assert!(matches!(outage.failure, LaunchFailure::NoNetwork(_)));
    assert!(outage.since.duration_since(begun.into_std()) < Duration::from_secs(1));
    assert_eq!(view.names_found, Some(false), "{view:?}");
    assert!(!stage.has_play());

    let back = Instant::now();
    *stage.names.missing.lock().expect("lock") = false;
    *stage.signers.out_of_reach.lock().expect("lock") = false;
    let play = stage.play().await;
    assert!(back.elapsed() <= Duration::from_secs(6));
    play.begin().await;
    play.show_code(b"picture").await;
    let waits = |state: &LifecycleState| matches!(state, LifecycleState::WaitingForScan { .. });
    assert_eq!(stage.until_state(waits).await.outage, None);
}

#[tokio::test(start_paused = true)]
async fn signers_that_are_out_of_reach_while_names_are_found_are_named() {
    let stage = without_a_session();
    stage.core.start().await;
    let lacks = |state: &LifecycleState| matches!(state, LifecycleState::SignerProblem { .. });
    let view = stage.until_state(lacks).await;
    assert_eq!(view.outage, None, "{view:?}");
}
