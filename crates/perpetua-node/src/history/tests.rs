//! What is told of a node that is looked at again and again, on a clock that the test turns.

use std::time::{Duration, Instant};

use perpetua_hub::{Calendar, ClockReading, Notice};
use perpetua_schema::{
    AccountStatus, ClientStatus, ConnectionStatus, CoreAway, CoreAwayKind, CoreBrake, CoreState,
    CoreStatus, HappeningTone, NodeStatus, NoticeStatus, PostStatus, TargetState, TargetStatus,
    UpstreamState, UpstreamStatus,
};
use perpetua_words::{Message, core, happened, io, link, rpc};
use proptest::{collection, prelude::*};

use super::{
    kept::{Found, Kept},
    observer::Observer,
};
use crate::status::{Moment, notices};

/// Nothing is said.
const SILENCE: [&str; 0] = [];

/// A node with one account and one client, and who looks at it.
struct Bench {
    observer: Observer,
    status: NodeStatus,
    now: Instant,
}

impl Bench {
    fn new(core: Option<CoreStatus>) -> Self {
        let account = AccountStatus {
            name: "main".into(),
            enabled: true,
            self_id: None,
            nickname: None,
            since_ms: 0,
            online: false,
            problem: None,
            upstream: UpstreamStatus {
                remarks: Vec::new(),
                kind: "onebot".into(),
                state: UpstreamState::Closed,
                address: None,
                retry_in_s: None,
                since_ms: 0,
                implementation: None,
                notices: Vec::new(),
            },
            core,
            events: 0,
            responses: 0,
            late_responses: 0,
            clients: vec![client()],
        };
        let mut bench = Self {
            observer: Observer::default(),
            status: NodeStatus {
                accounts: vec![account],
                ..NodeStatus::default()
            },
            now: Instant::now(),
        };
        assert_eq!(bench.said(0, |_| {}), SILENCE, "the first look");
        bench
    }

    /// What is said of a change that comes so many seconds later.
    fn said(&mut self, seconds: u64, change: impl FnOnce(&mut AccountStatus)) -> Vec<String> {
        let told = self.told(seconds, change);
        told.into_iter().map(|(_, said)| said).collect()
    }

    fn found(&mut self, seconds: u64, change: impl FnOnce(&mut AccountStatus)) -> Vec<Found> {
        self.now += Duration::from_secs(seconds);
        change(&mut self.status.accounts[0]);
        self.observer.look(self.status.clone(), self.now)
    }

    fn told(
        &mut self,
        seconds: u64,
        change: impl FnOnce(&mut AccountStatus),
    ) -> Vec<(HappeningTone, String)> {
        let found = self.found(seconds, change);
        found
            .into_iter()
            .map(|found| {
                assert_eq!(found.account.as_deref(), Some("main"));
                let client = found.client.map(|client| format!("{client}: "));
                let said = client.unwrap_or_default() + &found.message.to_string();
                (found.tone, said)
            })
            .collect()
    }
}

fn client() -> ClientStatus {
    ClientStatus {
        framework: None,
        has_token: true,
        remarks: Vec::new(),
        name: "bot".into(),
        enabled: true,
        kind: "forward".into(),
        queue_events: 1,
        queue_bytes: 1,
        dropped_last_minute: 0,
        since_ms: 0,
        listen: None,
        called_ms: None,
        targets: Vec::new(),
        problem: None,
        connections: Vec::new(),
        sent: 0,
        dropped: 0,
        actions: 0,
        refusals: 0,
        cuts: 0,
        notices: Vec::new(),
    }
}

fn connection() -> ConnectionStatus {
    ConnectionStatus {
        app_id: "1".into(),
        name: None,
        role: "universal".into(),
        peer: None,
        user_agent: None,
        since_ms: 0,
        sent: 0,
        queued: 0,
        queued_bytes: 0,
        dropped: 0,
        busy_for_s: None,
    }
}

/// A framework that is posted to, which stands so.
fn posted(state: TargetState, paused: bool) -> TargetStatus {
    TargetStatus {
        address: "http://127.0.0.1:8081/".into(),
        state,
        since_ms: 0,
        retry_in_s: None,
        failures: 0,
        problem: (state != TargetState::Open).then(|| io::Unreachable.into()),
        posts: Some(PostStatus {
            paused,
            ..PostStatus::default()
        }),
    }
}

#[test]
fn what_a_framework_takes_that_is_posted_to_is_told_and_not_its_connection() {
    use TargetState::{Dialling, Open, Refused, Waiting};
    let mut bench = Bench::new(None);
    let mut said = |state, paused| {
        bench.said(1, |account| {
            let client = &mut account.clients[0];
            client.kind = "post".into();
            client.connections = if paused { vec![] } else { vec![connection()] };
            client.targets = vec![posted(state, paused)];
        })
    };
    assert_eq!(said(Dialling, false), SILENCE);
    assert_eq!(said(Open, false), ["bot: takes events"]);
    assert_eq!(said(Waiting, false), SILENCE);
    assert_eq!(said(Open, false), SILENCE);
    let paused = said(Waiting, true);
    assert!(
        paused.len() == 1 && paused[0].starts_with("bot: takes no events"),
        "{paused:?}"
    );
    assert_eq!(said(Refused, true), SILENCE);
    assert_eq!(said(Open, false), ["bot: takes events again"]);
}

fn core(state: CoreState) -> CoreStatus {
    CoreStatus {
        state,
        since_ms: 0,
        phases: Vec::new(),
        message: core::Stopped.into(),
        away: None,
        notice: None,
        blocked_for_s: None,
        set_aside: Vec::new(),
        version: None,
        protocol: None,
        process: None,
        signer: None,
        signers: Vec::new(),
        slow_signer: None,
        generation: 1,
        restarts: 0,
        canceled: 0,
    }
}

fn online() -> CoreState {
    CoreState::Online {
        who: 1,
        for_s: 0,
        signer_problem: None,
    }
}

fn stand(account: &mut AccountStatus, state: CoreState) {
    account.online = matches!(state, CoreState::Online { .. });
    account.core.as_mut().expect("a core").state = state;
}

#[test]
fn an_outage_is_told_with_its_reason_and_its_length() {
    let mut bench = Bench::new(None);
    assert_eq!(
        bench.said(1, |account| account.online = true),
        ["is online"]
    );
    let lost = bench.told(60, |account| {
        account.online = false;
        account.problem = Some(link::Ended.into());
    });
    let said = "went offline: nothing more came over it".to_owned();
    assert_eq!(lost, [(HappeningTone::Busy, said)]);
    assert_eq!(bench.said(5, |_| {}), SILENCE);
    let back = bench.told(175, |account| account.online = true);
    let said = "is online again after 3 minutes".to_owned();
    assert_eq!(back, [(HappeningTone::Ok, said)]);
}

/// QQ cannot be reached since a moment.
fn away(kind: CoreAwayKind) -> CoreAway {
    let (since_ms, reason) = (0, core::NothingReached.into());
    CoreAway {
        kind,
        since_ms,
        reason,
    }
}

fn backoff() -> CoreState {
    CoreState::Backoff {
        failures: 1,
        retry_in_s: 1,
        reason: Some(core::NothingReached.into()),
    }
}

#[test]
fn an_outage_is_one_happening_however_often_the_core_is_started() {
    let mut bench = Bench::new(Some(core(CoreState::Stopped)));
    let begins = bench.said(1, |account| {
        stand(account, backoff());
        let core = account.core.as_mut().expect("a core");
        core.away = Some(away(CoreAwayKind::NoNetwork));
    });
    assert_eq!(
        begins,
        [
            "cannot come online yet: neither QQ nor a signer can be reached. It goes on trying by itself"
        ]
    );
    for restarts in 1..5 {
        let tries = bench.said(60, |account| {
            account.core.as_mut().expect("a core").restarts = restarts;
        });
        assert_eq!(tries, SILENCE);
    }
    let back = bench.said(60, |account| {
        stand(account, online());
        let core = account.core.as_mut().expect("a core");
        (core.away, core.restarts) = (None, 5);
    });
    assert_eq!(back, ["is online"]);
}

#[test]
fn each_outage_is_told_apart_unless_they_follow_each_other_closely() {
    for (pauses, offline) in [([120, 150, 180], 3), ([20, 20, 20], 1)] {
        let mut bench = Bench::new(Some(core(online())));
        let mut kept = Kept::default();
        bench.found(1, |account| account.online = true);
        for pause in pauses {
            let lost = bench.found(pause, |account| {
                stand(account, backoff());
                let core = account.core.as_mut().expect("a core");
                core.away = Some(away(CoreAwayKind::QqUnreachable));
            });
            let back = bench.found(pause, |account| {
                stand(account, online());
                account.core.as_mut().expect("a core").away = None;
            });
            let begun = bench.now.checked_sub(Duration::from_secs(pause));
            for found in lost {
                kept.add(found, begun.expect("a moment ago"));
            }
            for found in back {
                kept.add(found, bench.now);
            }
        }
        let at = Moment {
            now: ClockReading {
                instant: bench.now,
                unix: Duration::from_hours(500_000),
            },
            calendar: Calendar::new(ClockReading {
                instant: bench.now,
                unix: Duration::from_hours(500_000),
            }),
        };
        let told = kept.latest(99, at);
        let said: Vec<_> = told.iter().map(|one| one.message.to_string()).collect();
        let lost = said.iter().filter(|said| said.starts_with("went offline"));
        assert_eq!(lost.count(), offline, "{said:?}");
        assert_eq!(said.len(), 2 * offline, "{said:?}");
    }
}

#[test]
fn what_the_owner_wanted_is_no_outage() {
    let mut bench = Bench::new(None);
    bench.said(1, |account| account.online = true);
    let off = bench.told(1, |account| {
        account.online = false;
        account.enabled = false;
    });
    let said = "was switched off in the settings".to_owned();
    assert_eq!(off, [(HappeningTone::Idle, said)]);
}

#[test]
fn a_framework_that_comes_back_is_told_what_it_missed() {
    let mut bench = Bench::new(None);
    let came = |account: &mut AccountStatus| account.clients[0].connections.push(connection());
    let left = |account: &mut AccountStatus| account.clients[0].connections.clear();
    assert_eq!(bench.said(1, came), ["bot: is connected"]);
    assert_eq!(bench.said(1, left), ["bot: has left"]);
    assert_eq!(
        bench.said(9, came),
        ["bot: came back after 9 seconds and missed nothing"]
    );
    bench.said(1, left);
    assert_eq!(bench.said(5, |account| account.events += 7), SILENCE);
    assert_eq!(
        bench.said(5, came),
        ["bot: came back after 10 seconds and missed 7 events"]
    );
    // What waited for it when it left is lost as well.
    let left = |account: &mut AccountStatus| {
        account.clients[0].connections.clear();
        account.clients[0].dropped += 2;
    };
    let said = bench.said(1, left);
    assert_eq!(said, ["bot: has left", "bot: 2 events were lost for it"]);
    bench.said(5, |account| account.events += 1);
    assert_eq!(
        bench.said(5, came),
        ["bot: came back after 10 seconds and missed 3 events"]
    );
}

#[test]
fn losses_and_refusals_are_told_once_each() {
    let mut bench = Bench::new(None);
    bench.said(1, |account| {
        account.clients[0].connections.push(connection());
    });
    let slow = |account: &mut AccountStatus| {
        account.clients[0].dropped = 5;
        account.clients[0].connections[0].dropped = 5;
    };
    assert_eq!(
        bench.said(1, slow),
        ["bot: reads too slowly: 5 events were lost for it"]
    );
    let refuse = |account: &mut AccountStatus, count| {
        account.clients[0].notices = vec![NoticeStatus {
            message: io::Other {
                text: "wrong token",
            }
            .into(),
            count,
            last_unix_s: 0,
        }];
    };
    assert_eq!(
        bench.said(1, |account| refuse(account, 1)),
        ["bot: has a problem: wrong token"]
    );
    assert_eq!(bench.said(1, |_| {}), SILENCE);
    assert_eq!(
        bench.said(1, |account| refuse(account, 9)),
        ["bot: has a problem: wrong token"]
    );
}

#[test]
fn a_core_that_is_kicked_started_anew_and_given_up_is_told_in_order() {
    let mut bench = Bench::new(Some(core(CoreState::Stopped)));
    assert_eq!(
        bench.said(1, |account| stand(account, online())),
        ["is online"]
    );
    let kicked = bench.told(1, |account| {
        let reason = "下线".into();
        stand(account, CoreState::KickedOffline { reason });
    });
    assert_eq!(kicked.len(), 1, "{kicked:?}");
    assert!(kicked[0].1.contains("“下线”"), "{kicked:?}");
    let anew = bench.said(30, |account| {
        stand(account, online());
        account.core.as_mut().expect("a core").restarts = 1;
    });
    assert_eq!(anew.len(), 2, "{anew:?}");
    assert!(anew[0].starts_with("restarted by itself: "), "{anew:?}");
    assert_eq!(anew[1], "is online again after 30 seconds");
    let braked = bench.told(1, |account| {
        let cause: Message = core::KickedAgain {
            count: 3,
            text: "下线",
        }
        .into();
        stand(
            account,
            CoreState::Braked {
                reason: CoreBrake::KickedAgain,
                cause: Some(cause),
                last_lines: Vec::new(),
            },
        );
    });
    assert_eq!(braked.len(), 1, "{braked:?}");
    assert_eq!(braked[0].0, HappeningTone::Bad);
}

#[test]
fn signing_that_fails_and_works_again_is_told() {
    let mut bench = Bench::new(Some(core(online())));
    let signing = |problem: Option<Message>| {
        move |account: &mut AccountStatus| {
            stand(
                account,
                CoreState::Online {
                    who: 1,
                    for_s: 0,
                    signer_problem: problem,
                },
            );
            account.online = true;
        }
    };
    bench.said(1, signing(None));
    let failed = bench.told(1, signing(Some(rpc::NeedsNode.into())));
    assert_eq!(failed[0].0, HappeningTone::You);
    assert_eq!(bench.said(1, signing(None)), ["can send messages again"]);
}

/// Some time passes, and the clock is set by so many seconds.
fn any_steps() -> impl Strategy<Value = Vec<(u64, i64)>> {
    let set = prop_oneof![Just(0), -30_000_i64..-3, 3..30_000_i64];
    collection::vec((0..10_000_u64, set), 1..20)
}

proptest! {
    /// Whoever sets the clock by hours makes nothing older or younger than it is, and nothing comes from the future.
    #[test]
    fn what_has_happened_is_as_old_as_it_is_whatever_the_clock_says(steps in any_steps()) {
        let start = Instant::now();
        let mut now = ClockReading { instant: start, unix: Duration::from_secs(1_000_000_000) };
        let mut calendar = Calendar::new(now);
        let mut kept = Kept::default();
        let mut seen: Vec<Notice> = Vec::new();
        for (number, (passed, set)) in steps.into_iter().enumerate() {
            let found = Found {
                account: Some(number.to_string()),
                client: None,
                tone: HappeningTone::Ok,
                message: happened::Online.into(),
                counts: None,
                is_apart: false,
            };
            kept.add(found, now.instant);
            seen.push(Notice { message: link::Ended.into(), count: 1, last: now });
            now.instant += Duration::from_secs(passed);
            now.unix += Duration::from_secs(passed);
            now.unix = Duration::from_secs(now.unix.as_secs().saturating_add_signed(set));
            calendar.follow(now);
            let at = Moment { now, calendar };
            let ages = seen.iter().map(|notice| now.instant - notice.last.instant);
            let ages: Vec<_> = ages.map(|age| i64::try_from(age.as_secs()).expect("short")).collect();
            let told = notices(&seen, at).into_iter().map(|notice| now.unix_seconds() - notice.last_unix_s);
            prop_assert_eq!(told.collect::<Vec<_>>(), &ages[..]);
            let told = kept.latest(99, at).into_iter().rev();
            let told = told.map(|one| (now.unix_milliseconds() - one.time_ms) / 1000);
            prop_assert_eq!(told.collect::<Vec<_>>(), &ages[..]);
        }
    }
}
