//! An upstream that falls silent is asked; one that does not respond counts as hung.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, ProbeSettings, SupervisorSignal};
use serde_json::Value;

use crate::rig::{BOT, Rig};

const EVERY: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(15);

#[test]
fn a_silent_upstream_is_asked_every_30_s_and_stays_online_when_it_answers() {
    let (mut rig, id) = quiet();
    for _ in 0..3 {
        rig.pass(Duration::from_millis(29_999));
        assert!(rig.take_actions().is_empty());
        rig.pass(Duration::from_millis(1));
        assert!(rig.hub.upstream_woken());
        rig.log_in(BOT);
    }
    assert!(rig.take(id).is_empty(), "nothing has changed");
    assert!(rig.hub.online());
}

#[test]
fn a_busy_link_is_not_asked() {
    let (mut rig, id) = quiet();
    for number in 0..3 {
        rig.pass(Duration::from_secs(20));
        rig.message(number);
        rig.pass(Duration::from_secs(20));
        rig.send(id, r#"{"action":"get_status","echo":1}"#);
        let asked = rig.take_actions();
        assert_eq!(asked.len(), 1, "{asked:?}");
        rig.answer(&asked[0], "null");
    }
}

#[test]
fn an_upstream_that_does_not_answer_is_hung_until_something_comes() {
    let (mut rig, id) = quiet();
    hang(&mut rig);
    assert_eq!(told(&mut rig, id), Some(false));
    let snapshot = rig.hub.snapshot();
    assert!(snapshot.hung && snapshot.link.is_open());
    let words = snapshot.offline_reason.expect("words").to_string();
    assert!(words.contains("does not respond"), "{words}");
    heartbeat(&mut rig);
    assert_eq!(told(&mut rig, id), None, "a core that hangs beats on");
    rig.message(1);
    assert_eq!(told(&mut rig, id), Some(true));
    let snapshot = rig.hub.snapshot();
    assert_eq!((snapshot.hung, snapshot.offline_reason), (false, None));
}

#[test]
fn a_hung_upstream_is_asked_again_and_a_late_answer_is_one() {
    let (mut rig, id) = quiet();
    hang(&mut rig);
    rig.take(id);
    rig.pass(PATIENCE);
    assert_eq!(rig.take_actions().len(), 1, "30 s after the first question");
    // To the first question, when nobody waits for it any longer.
    rig.pass(Duration::from_mins(1));
    rig.upstream(r#"{"status":"ok","retcode":0,"data":null,"echo":"p2"}"#);
    assert_eq!(rig.hub.snapshot().late_responses, 1);
    assert_eq!(told(&mut rig, id), Some(true));
}

#[test]
fn an_upstream_that_never_answered_its_first_question_is_hung() {
    let mut rig = Rig::new();
    rig.open();
    rig.take_actions();
    heartbeat(&mut rig);
    assert!(rig.hub.online(), "it has shown who it is");
    rig.pass(PATIENCE);
    assert!(rig.hub.snapshot().hung);
    assert!(!rig.hub.online());
}

#[test]
fn a_link_that_ends_does_not_hang() {
    let (mut rig, _id) = quiet();
    hang(&mut rig);
    rig.lose();
    let snapshot = rig.hub.snapshot();
    assert_eq!((snapshot.hung, snapshot.offline_reason), (false, None));
    rig.pass(Duration::from_mins(5));
    assert_eq!(rig.hub.next_deadline(), None, "nobody is there to be asked");
    rig.open();
    rig.log_in(BOT);
    assert!(rig.hub.online());
}

#[test]
fn the_supervisor_hears_once_that_answers_stopped() {
    let (mut rig, _id) = quiet();
    rig.hub.set_managed(true);
    for number in 1..=2 {
        hang(&mut rig);
        assert!(rig.hub.signals_woken());
        assert_eq!(
            rig.hub.next_signal(),
            Some(SupervisorSignal::AnswersDoubted)
        );
        rig.hub.looked_elsewhere(false, rig.now);
        assert!(rig.hub.signals_woken());
        assert_eq!(
            rig.hub.next_signal(),
            Some(SupervisorSignal::AnswersStopped)
        );
        rig.pass(Duration::from_mins(5));
        assert_eq!(rig.hub.next_signal(), None);
        rig.take_actions();
        rig.message(number);
    }
}

#[test]
fn a_hang_that_ended_with_its_link_is_no_news() {
    let (mut rig, _id) = quiet();
    rig.hub.set_managed(true);
    hang(&mut rig);
    rig.hub.looked_elsewhere(false, rig.now);
    rig.lose();
    assert_eq!(rig.hub.next_signal(), None);
}

#[test]
fn who_is_never_to_be_asked_is_not_and_does_not_hang() {
    let (mut rig, _id) = quiet();
    hang(&mut rig);
    rig.hub.set_probes(None, rig.now);
    assert!(rig.hub.online() && !rig.hub.snapshot().hung);
    rig.pass(Duration::from_mins(5));
    assert!(rig.take_actions().is_empty());
    assert_eq!(rig.hub.next_deadline(), None);
}

#[test]
fn the_silence_and_the_patience_are_settings() {
    let (mut rig, _id) = quiet();
    rig.hub.set_probes(
        Some(ProbeSettings {
            every: Duration::from_secs(2),
            patience: Duration::from_secs(1),
        }),
        rig.now,
    );
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.take_actions().len(), 1);
    rig.pass(Duration::from_secs(1));
    assert!(rig.hub.snapshot().hung);
}

/// The question under way is forgotten with the former account; its answer must not be missed.
#[test]
fn another_account_is_asked_anew() {
    let mut rig = Rig::online();
    rig.lose();
    rig.open();
    rig.take_actions();
    rig.hub.set_uin(Some(30_003), rig.now);
    rig.log_in(30_003);
    rig.pass(PATIENCE);
    assert!(rig.hub.online());
}

#[test]
fn a_managed_core_that_cannot_sign_is_news() {
    let (mut rig, id) = quiet();
    for (managed, news) in [(false, None), (true, Some(SupervisorSignal::SendUnsigned))] {
        rig.hub.set_managed(managed);
        rig.send(id, r#"{"action":"send_msg","echo":7}"#);
        let echo = &rig.take_actions()[0]["echo"];
        rig.upstream(&format!(
            r#"{{"status":"failed","retcode":9057,"data":null,"echo":{echo}}}"#
        ));
        assert_eq!(
            rig.take(id)[0]["retcode"],
            9057,
            "the caller has it all the same"
        );
        assert_eq!(rig.hub.next_signal(), news);
    }
}

/// An account that is online, its client greeted, and nothing going on.
fn quiet() -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.hub.upstream_woken();
    (rig, id)
}

/// Silence, a question, and silence.
fn hang(rig: &mut Rig) {
    rig.pass(EVERY);
    assert_eq!(rig.take_actions().len(), 1, "it is asked");
    rig.pass(Duration::from_millis(14_999));
    assert!(rig.hub.online());
    rig.pass(Duration::from_millis(1));
}

fn heartbeat(rig: &mut Rig) {
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":true}}}}"#
    ));
}

/// What the connection was last told of being online.
fn told(rig: &mut Rig, id: ConnectionId) -> Option<bool> {
    let frames = rig.take(id);
    let beat = frames.iter().rfind(|frame| frame["status"].is_object());
    beat.and_then(|beat: &Value| beat["status"]["online"].as_bool())
}
