//! A core that has messages signed, one after the other and each in a time of its own, while several clients call:
//! it is never taken for one that hangs, and each call is answered once, by its own answer or at its time limit.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use perpetua_hub::{ClientProfile, ConnectionId, SupervisorSignal};
use proptest::prelude::*;
use serde_json::Value;

use crate::rig::{BOT, Rig};

const SECOND: Duration = Duration::from_secs(1);
/// How long the core waits for a signature (`HttpClient.Timeout`).
const CORE_WAITS: Duration = Duration::from_secs(100);
/// The time limit of an action.
const LIMIT: Duration = Duration::from_mins(1);
const CLIENTS: usize = 3;
/// When the last call comes, in seconds.
const LAST: u32 = 300;

/// What a client asks for.
#[derive(Clone, Copy, Debug)]
struct Wish {
    client: usize,
    /// So many seconds after the beginning.
    at: u32,
    /// How long its signature takes; `None` where it needs none.
    signature: Option<Duration>,
}

/// A core that reads its connection in order, and not while it waits for a signature.
#[derive(Default)]
struct Core {
    unread: VecDeque<Value>,
    /// The message that is being signed, and until when.
    signing: Option<(Value, Instant)>,
}

/// A call that is not answered yet.
struct Open {
    token: u64,
    since: Instant,
}

struct Play {
    rig: Rig,
    clients: Vec<ConnectionId>,
    core: Core,
    wishes: Vec<Wish>,
    /// By the client and the echo; every client uses the same echoes.
    open: HashMap<(usize, u64), Open>,
    asked: [u64; CLIENTS],
    own: usize,
    timed_out: usize,
    doubted: usize,
}

impl Play {
    fn new(wishes: Vec<Wish>) -> Self {
        let mut rig = Rig::online();
        rig.hub.set_managed(true);
        let names = ["nonebot", "koishi", "probe"];
        let clients = names.map(|name| rig.guest(name, ClientProfile::Standard));
        Self {
            rig,
            clients: clients.to_vec(),
            core: Core::default(),
            wishes,
            open: HashMap::new(),
            asked: [0; CLIENTS],
            own: 0,
            timed_out: 0,
            doubted: 0,
        }
    }

    /// Until everything is answered, and a while longer.
    fn run(&mut self) {
        let mut quiet = 0;
        for second in 0.. {
            self.ask(second);
            self.rig.pass(SECOND);
            if second % 5 == 0 {
                self.rig.upstream(&format!(
                    r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":true}}}}"#
                ));
            }
            self.work();
            self.look(second);
            self.hear();
            let is_idle = self.core.signing.is_none() && self.core.unread.is_empty();
            quiet = if second > LAST && is_idle {
                quiet + 1
            } else {
                0
            };
            if quiet > 60 {
                break;
            }
        }
        assert!(self.open.is_empty(), "some are never answered");
        assert_eq!(self.own + self.timed_out, self.wishes.len());
    }

    fn ask(&mut self, second: u32) {
        let due = self.wishes.iter().enumerate();
        let due: Vec<_> = due.filter(|(_, wish)| wish.at == second).collect();
        let due: Vec<_> = due
            .into_iter()
            .map(|(token, wish)| (token, *wish))
            .collect();
        for (token, wish) in due {
            let Wish {
                client, signature, ..
            } = wish;
            self.asked[client] += 1;
            let (echo, token) = (self.asked[client], token as u64);
            let action = match signature {
                Some(_) => "send_private_msg",
                None => "get_stranger_info",
            };
            let took = signature.map_or(0, |took| took.as_secs());
            let text = format!(
                r#"{{"action":"{action}","params":{{"token":{token},"took":{took}}},"echo":{echo}}}"#
            );
            let since = self.rig.now.instant;
            self.open.insert((client, echo), Open { token, since });
            self.rig.send(self.clients[client], &text);
        }
    }

    /// The core reads on, unless it waits for a signature.
    fn work(&mut self) {
        self.core.unread.extend(self.rig.take_actions());
        let now = self.rig.now.instant;
        if let Some((action, _)) = self.core.signing.take_if(|(_, until)| *until <= now) {
            self.answer(&action);
        }
        while self.core.signing.is_none()
            && let Some(action) = self.core.unread.pop_front()
        {
            let took = Duration::from_secs(action["params"]["took"].as_u64().unwrap_or(0));
            if took.is_zero() {
                self.answer(&action);
            } else {
                self.core.signing = Some((action, now + took.min(CORE_WAITS)));
            }
        }
    }

    fn answer(&mut self, action: &Value) {
        let (echo, token) = (&action["echo"], &action["params"]["token"]);
        let signed = action["params"]["took"].as_u64().unwrap_or(0) <= CORE_WAITS.as_secs();
        let (status, retcode) = if signed { ("ok", 0) } else { ("failed", 9057) };
        let data = match action["action"].as_str() {
            Some("get_login_info") => format!(r#"{{"user_id":{BOT},"nickname":"bot"}}"#),
            _ => format!(r#"{{"token":{token}}}"#),
        };
        self.rig.upstream(&format!(
            r#"{{"status":"{status}","retcode":{retcode},"data":{data},"echo":{echo}}}"#
        ));
    }

    /// The supervisor asks over another connection, where the core answers at once.
    fn look(&mut self, second: u32) {
        while let Some(signal) = self.rig.hub.next_signal() {
            match signal {
                SupervisorSignal::AnswersDoubted => {
                    self.doubted += 1;
                    self.rig.hub.looked_elsewhere(true, self.rig.now);
                }
                SupervisorSignal::SendUnsigned => {}
                other => panic!("after {second} s: {other:?}"),
            }
        }
        let snapshot = self.rig.hub.snapshot();
        assert!(snapshot.online && !snapshot.hung, "after {second} s");
    }

    fn hear(&mut self) {
        for client in 0..CLIENTS {
            for frame in self.rig.take(self.clients[client]) {
                if frame["post_type"].is_null() {
                    self.heard(client, &frame);
                }
            }
        }
    }

    fn heard(&mut self, client: usize, frame: &Value) {
        let echo = frame["echo"].as_u64().expect("an echo of ours");
        let open = self.open.remove(&(client, echo));
        let open = open.unwrap_or_else(|| panic!("nobody waits for it any more: {frame}"));
        let waited = self.rig.now.instant - open.since;
        if frame["retcode"] == 1504 {
            assert!(waited >= LIMIT && waited <= LIMIT + SECOND, "{waited:?}");
            self.timed_out += 1;
        } else {
            assert_eq!(frame["data"]["token"], open.token, "another's answer");
            assert!(waited <= LIMIT + SECOND, "{waited:?}");
            self.own += 1;
        }
    }
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let signature = prop_oneof![
        1 => Just(None),
        2 => (0_u64..=120).prop_map(|seconds| Some(Duration::from_secs(seconds))),
    ];
    let wish = (0..CLIENTS, 0_u32..LAST, signature).prop_map(|(client, at, signature)| Wish {
        client,
        at,
        signature,
    });
    proptest::collection::vec(wish, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn signatures_of_up_to_two_minutes_hang_nobody_and_mix_nothing_up(wishes in wishes()) {
        Play::new(wishes).run();
    }
}

/// What the property is about does come about: the core is doubted, calls run out of time, and others do not.
#[test]
fn a_core_under_load_is_doubted_and_answers_some_in_time() {
    let slow = [10, 40, 110, 0, 70, 5];
    let wishes = slow.into_iter().enumerate().map(|(number, seconds)| Wish {
        client: number % CLIENTS,
        at: 0,
        signature: Some(Duration::from_secs(seconds)),
    });
    let mut play = Play::new(wishes.collect());
    play.run();
    assert_eq!((play.own, play.timed_out), (2, 4));
    // Answers to the hub's own questions come late, too.
    assert!(play.rig.hub.snapshot().late_responses >= 4);
    assert!(play.doubted > 0);
}
