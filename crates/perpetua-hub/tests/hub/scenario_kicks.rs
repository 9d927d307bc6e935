//! A managed account is kicked: clients are told at once, and get one notice of it.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, SupervisorSignal};
use proptest::prelude::*;
use serde_json::Value;

use crate::rig::{BOT, Rig, kinds};

/// As the core's log has it: `tag: message`.
const LOGGED: &str = "你的帐号当前登录已失效，请重新登录。: 下线通知";

#[test]
fn the_logs_word_is_told_at_once_and_the_cores_notice_follows_once() {
    let (mut rig, id) = kicked();
    assert_eq!(offline_beats(&rig.take(id)), 1);
    assert_eq!(
        rig.hub
            .snapshot()
            .offline_reason
            .map(|reason| reason.to_string())
            .as_deref(),
        Some(LOGGED)
    );
    rig.pass(Duration::from_secs(5));
    notice(&mut rig);
    let frames = rig.take(id);
    assert_eq!(kinds(&frames), ["bot_offline"]);
    assert_eq!(frames[0]["tag"], "as the core says it");
    rig.lose();
    assert_eq!(notices(&rig.take(id)), 0, "it was told");
}

#[test]
fn a_core_that_ends_before_its_notice_is_spoken_for_in_lagranges_form() {
    let (mut rig, id) = kicked();
    rig.take(id);
    rig.pass(Duration::from_secs(2));
    rig.lose();
    let expected = format!(
        r#"{{"tag":"你的帐号当前登录已失效，请重新登录。","message":"下线通知","notice_type":"bot_offline","time":1700000002,"self_id":{BOT},"post_type":"notice"}}"#
    );
    assert_eq!(rig.take_texts(id), [expected]);
}

#[test]
fn a_kick_that_the_log_tells_after_the_link_is_gone_is_told_at_once() {
    let (mut rig, id) = managed();
    rig.lose();
    rig.take(id);
    rig.hub.went_offline("kicked", rig.now);
    let frames = rig.take(id);
    assert_eq!(kinds(&frames), ["bot_offline"]);
    assert_eq!(
        (&frames[0]["tag"], &frames[0]["message"]),
        (&Value::from("kicked"), &Value::from("下线通知"))
    );
}

#[test]
fn the_log_adds_nothing_to_a_notice_that_came_first() {
    let (mut rig, id) = managed();
    notice(&mut rig);
    assert_eq!(kinds(&rig.take(id)), ["bot_offline", "heartbeat"]);
    rig.hub.went_offline(LOGGED, rig.now);
    rig.lose();
    assert!(rig.take(id).is_empty());
}

#[test]
fn a_message_that_was_on_its_way_takes_no_kick_back() {
    let (mut rig, id) = kicked();
    rig.message(1);
    assert_eq!(kinds(&rig.take(id)), ["message", "heartbeat"]);
    assert!(!rig.hub.online());
}

/// Lagrange answers `get_login_info` from memory, kicked or not.
#[test]
fn a_good_login_counts_only_over_a_link_that_is_newer_than_the_kick() {
    let (mut rig, id) = kicked();
    rig.pass(Duration::from_secs(30));
    rig.log_in(BOT);
    assert!(!rig.hub.online(), "the link is the one of the kick");
    rig.lose();
    rig.open();
    rig.log_in(BOT);
    assert!(rig.hub.online());
    rig.take(id);
    rig.hub.went_offline(LOGGED, rig.now);
    rig.lose();
    assert_eq!(notices(&rig.take(id)), 1, "another kick, another notice");
}

#[test]
fn a_core_that_says_it_is_back_is_believed_once_its_kick_was_told() {
    let (mut rig, _id) = kicked();
    back(&mut rig);
    assert!(!rig.hub.online());
    notice(&mut rig);
    back(&mut rig);
    assert!(rig.hub.online());
}

#[test]
fn a_kick_is_forgotten_with_the_account_that_was_kicked() {
    let (mut rig, _id) = kicked();
    rig.pass(Duration::from_secs(30));
    rig.log_in(30_003);
    assert!(rig.hub.online());
}

#[test]
fn the_supervisor_hears_of_a_notice_that_its_log_may_have_missed() {
    let (mut rig, _id) = managed();
    notice(&mut rig);
    let words = "as the core says it".to_owned();
    assert_eq!(rig.hub.next_signal(), Some(SupervisorSignal::Kicked(words)));
    assert_eq!(rig.hub.next_signal(), None);
}

#[test]
fn an_upstream_that_nobody_supervises_may_say_it_twice() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    notice(&mut rig);
    notice(&mut rig);
    assert_eq!(notices(&rig.take(id)), 2);
    assert_eq!(rig.hub.next_signal(), None);
}

/// What may happen to a kicked account.
#[derive(Clone, Copy, Debug)]
enum Step {
    Logged,
    Notice,
    Back,
    Message,
    Heartbeat(bool),
    Lose,
    Open,
    LogIn,
    Pass,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Logged),
        2 => Just(Step::Notice),
        1 => Just(Step::Back),
        1 => Just(Step::Message),
        1 => any::<bool>().prop_map(Step::Heartbeat),
        2 => Just(Step::Lose),
        2 => Just(Step::Open),
        3 => Just(Step::LogIn),
        1 => Just(Step::Pass),
    ]
}

proptest! {
    /// Between two notices the account was online; and when a link has closed over a kick, there was one.
    #[test]
    fn each_kick_is_told_exactly_once(steps in prop::collection::vec(step(), 1..60)) {
        let (mut rig, id) = managed();
        let (mut told, mut kicked) = (0, false);
        for step in steps {
            let link_open = rig.hub.snapshot().link.is_open();
            kicked |= matches!((step, link_open), (Step::Logged, _) | (Step::Notice, true));
            run(&mut rig, step);
            told += notices(&rig.take(id));
            prop_assert!(told <= 1, "{step:?}: a second notice for one kick");
            if kicked && !rig.hub.snapshot().link.is_open() {
                prop_assert_eq!(told, 1, "nobody can tell it any more");
            }
            if rig.hub.online() {
                prop_assert_eq!(told, usize::from(kicked), "{:?}: online again untold", step);
                (told, kicked) = (0, false);
            }
        }
    }
}

fn run(rig: &mut Rig, step: Step) {
    match step {
        Step::Logged => rig.hub.went_offline(LOGGED, rig.now),
        // A socket that is closed says nothing.
        _ if !rig.hub.snapshot().link.is_open() => match step {
            Step::Open => rig.open(),
            Step::Pass => rig.pass(Duration::from_secs(9)),
            _ => {}
        },
        Step::Notice => notice(rig),
        Step::Back => back(rig),
        Step::Message => rig.message(1),
        Step::Heartbeat(online) => rig.upstream(&format!(
            r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":{online}}}}}"#
        )),
        Step::Lose => rig.lose(),
        Step::Open => {}
        Step::LogIn => {
            for asked in rig.take_actions() {
                rig.answer(&asked, &format!(r#"{{"user_id":{BOT}}}"#));
            }
        }
        Step::Pass => rig.pass(Duration::from_secs(31)),
    }
}

/// A managed account that is online, and a client.
fn managed() -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    rig.hub.set_managed(true);
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (rig, id)
}

/// The same, the core's log telling of a kick.
fn kicked() -> (Rig, ConnectionId) {
    let (mut rig, id) = managed();
    rig.hub.went_offline(LOGGED, rig.now);
    (rig, id)
}

fn notice(rig: &mut Rig) {
    rig.upstream(&format!(
        r#"{{"tag":"as the core says it","notice_type":"bot_offline","self_id":{BOT},"post_type":"notice"}}"#
    ));
}

fn back(rig: &mut Rig) {
    rig.upstream(&format!(
        r#"{{"reason":"Reconnect","notice_type":"bot_online","self_id":{BOT},"post_type":"notice"}}"#
    ));
}

fn notices(frames: &[Value]) -> usize {
    let is_one = |frame: &&Value| frame["notice_type"] == "bot_offline";
    frames.iter().filter(is_one).count()
}

fn offline_beats(frames: &[Value]) -> usize {
    let is_one = |frame: &&Value| frame["status"]["online"] == false;
    frames.iter().filter(is_one).count()
}
