//! A supervised core that is silent over its link is looked at elsewhere before it counts as hung: while its
//! signer is asked, it answers nothing here and everything there.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, SupervisorSignal};
use serde_json::Value;

use crate::rig::{BOT, Rig};

const EVERY: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(15);
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_core_that_answers_elsewhere_stays_online_however_long_it_signs() {
    let (mut rig, id) = managed();
    rig.send(id, r#"{"action":"send_msg","echo":"slow"}"#);
    let asked = rig.take_actions();
    let begun = rig.now.instant;
    for second in 1..=120 {
        rig.pass(SECOND);
        rig.take_actions();
        heartbeat(&mut rig);
        while let Some(signal) = rig.hub.next_signal() {
            assert_eq!(signal, SupervisorSignal::AnswersDoubted, "{second} s");
            rig.hub.looked_elsewhere(true, rig.now);
        }
        assert!(rig.hub.online(), "{second} s");
    }
    let snapshot = rig.hub.snapshot();
    assert_eq!(snapshot.blocked_since, Some(begun + EVERY));
    assert!(!snapshot.hung && snapshot.offline_reason.is_none());
    let frames = rig.take(id);
    let answers: Vec<_> = frames.iter().filter(|one| one["echo"] == "slow").collect();
    assert_eq!(answers.len(), 1, "it was answered at its time limit");
    assert_eq!(answers[0]["retcode"], 1504);
    rig.answer(&asked[0], "null");
    assert!(rig.take(id).is_empty(), "a late answer is nobody's");
    let snapshot = rig.hub.snapshot();
    assert_eq!((snapshot.blocked_since, snapshot.late_responses), (None, 1));
}

#[test]
fn a_core_that_answers_nowhere_hangs_whether_it_had_answered_elsewhere_or_not() {
    for answered_before in [false, true] {
        let (mut rig, id) = managed();
        doubt(&mut rig);
        if answered_before {
            rig.hub.looked_elsewhere(true, rig.now);
            rig.pass(PATIENCE);
            assert_eq!(news(&mut rig), [SupervisorSignal::AnswersDoubted]);
        }
        assert!(rig.hub.online());
        rig.hub.looked_elsewhere(false, rig.now);
        assert_eq!(news(&mut rig), [SupervisorSignal::AnswersStopped]);
        let snapshot = rig.hub.snapshot();
        assert!(snapshot.hung && !snapshot.online);
        assert_eq!(snapshot.blocked_since, None);
        let told: Vec<_> = rig.take(id).iter().map(online).collect();
        assert_eq!(told, [Some(false)]);
    }
}

/// Nobody waits for a signature for so long: whoever reads this link has gone.
#[test]
fn a_link_that_stays_silent_for_ten_minutes_is_given_up_though_others_are_answered() {
    let (mut rig, _id) = managed();
    doubt(&mut rig);
    let mut waited = PATIENCE;
    while !rig.hub.snapshot().hung {
        rig.hub.looked_elsewhere(true, rig.now);
        rig.pass(SECOND);
        waited += SECOND;
        assert!(waited <= Duration::from_mins(11), "it is never given up");
    }
    assert!(waited >= Duration::from_mins(10), "{waited:?}");
    assert!(news(&mut rig).contains(&SupervisorSignal::AnswersStopped));
}

#[test]
fn a_look_that_came_too_late_changes_nothing() {
    type Meanwhile = fn(&mut Rig);
    let meanwhile: [Meanwhile; 3] = [
        |rig| rig.message(1),
        |rig| rig.lose(),
        |rig| {
            rig.lose();
            rig.open();
        },
    ];
    for change in meanwhile {
        let (mut rig, _id) = managed();
        doubt(&mut rig);
        change(&mut rig);
        let before = format!("{:?}", rig.hub.snapshot());
        for answers in [false, true] {
            rig.hub.looked_elsewhere(answers, rig.now);
            assert_eq!(format!("{:?}", rig.hub.snapshot()), before);
            assert_eq!(news(&mut rig), []);
        }
    }
}

#[test]
fn a_look_that_nobody_reports_is_asked_for_again() {
    let (mut rig, _id) = managed();
    doubt(&mut rig);
    for _ in 0..3 {
        rig.pass(PATIENCE);
        assert_eq!(news(&mut rig), [SupervisorSignal::AnswersDoubted]);
        assert_eq!(rig.hub.snapshot().blocked_since, None, "nothing is known");
    }
}

/// A managed account that is online, its client greeted, and nothing going on.
fn managed() -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    rig.hub.set_managed(true);
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (rig, id)
}

/// Silence, a question, and silence.
fn doubt(rig: &mut Rig) {
    rig.pass(EVERY);
    assert_eq!(rig.take_actions().len(), 1, "it is asked");
    rig.pass(PATIENCE);
    assert_eq!(news(rig), [SupervisorSignal::AnswersDoubted]);
}

fn news(rig: &mut Rig) -> Vec<SupervisorSignal> {
    std::iter::from_fn(|| rig.hub.next_signal()).collect()
}

fn heartbeat(rig: &mut Rig) {
    rig.upstream(&format!(
        r#"{{"self_id":{BOT},"post_type":"meta_event","meta_event_type":"heartbeat","status":{{"online":true}}}}"#
    ));
}

/// What a heartbeat says.
fn online(frame: &Value) -> Option<bool> {
    frame["status"]["online"].as_bool()
}
