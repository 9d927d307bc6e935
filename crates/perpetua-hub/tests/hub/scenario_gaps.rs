//! A gap in the node's own time: what was not heard meanwhile is nobody's silence.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, SupervisorSignal};

use crate::rig::{BOT, Rig};

const EVERY: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(15);
/// Gaps that end before and after every limit.
const GAPS: [u64; 4] = [10, 75, 3600, 8 * 3600];

/// Nobody runs for so long; the driver says so before anything else.
fn gap(rig: &mut Rig, seconds: u64) {
    let time = Duration::from_secs(seconds);
    rig.now.instant += time;
    rig.now.unix += time;
    rig.hub.woke(rig.now);
    rig.hub.tick(rig.now);
}

fn account(managed: bool) -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    rig.hub.set_managed(managed);
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (rig, id)
}

fn news(rig: &mut Rig) -> Vec<SupervisorSignal> {
    std::iter::from_fn(|| rig.hub.next_signal()).collect()
}

#[test]
fn an_upstream_is_asked_anew_after_a_gap_and_judged_by_that() {
    for seconds in GAPS {
        for managed in [false, true] {
            // The gap begins in peace, and while an answer is waited for.
            for asked_before in [false, true] {
                let (mut rig, _id) = account(managed);
                if asked_before {
                    rig.pass(EVERY);
                    assert_eq!(rig.take_actions().len(), 1);
                    rig.pass(PATIENCE / 2);
                }
                gap(&mut rig, seconds);
                assert_eq!(rig.take_actions().len(), 1, "{seconds} s: it is asked");
                assert_eq!(news(&mut rig), []);
                rig.pass(PATIENCE.saturating_sub(Duration::from_millis(1)));
                assert!(rig.hub.online() && news(&mut rig).is_empty(), "{seconds} s");
                rig.pass(Duration::from_millis(1));
                // Nobody has answered.
                let judged = if managed {
                    news(&mut rig) == [SupervisorSignal::AnswersDoubted]
                } else {
                    !rig.hub.online()
                };
                assert!(judged, "{seconds} s");
            }
        }
    }
}

#[test]
fn an_answer_after_a_gap_is_all_it_takes() {
    for seconds in GAPS {
        let (mut rig, id) = account(true);
        rig.pass(EVERY);
        gap(&mut rig, seconds);
        rig.log_in(BOT);
        rig.pass(EVERY.saturating_sub(Duration::from_millis(1)));
        assert!(rig.hub.online() && news(&mut rig).is_empty(), "{seconds} s");
        assert!(rig.take(id).is_empty(), "nobody heard of anything");
    }
}

#[test]
fn a_look_from_before_a_gap_proves_nothing() {
    for seconds in GAPS {
        for was_blocked in [false, true] {
            let (mut rig, _id) = account(true);
            rig.pass(EVERY);
            rig.pass(PATIENCE);
            assert_eq!(news(&mut rig), [SupervisorSignal::AnswersDoubted]);
            if was_blocked {
                rig.hub.looked_elsewhere(true, rig.now);
                assert!(rig.hub.snapshot().blocked_since.is_some());
            }
            gap(&mut rig, seconds);
            assert_eq!(rig.hub.snapshot().blocked_since, None);
            rig.hub.looked_elsewhere(false, rig.now);
            assert_eq!(news(&mut rig), [], "{seconds} s");
            assert!(rig.hub.online());
        }
    }
}

#[test]
fn an_upstream_that_hung_before_a_gap_still_does() {
    let (mut rig, _id) = account(false);
    rig.pass(EVERY);
    rig.pass(PATIENCE);
    assert!(!rig.hub.online());
    gap(&mut rig, 3600);
    assert!(!rig.hub.online());
    rig.message(1);
    assert!(rig.hub.online());
}

#[test]
fn an_answer_that_came_during_a_gap_still_finds_its_caller() {
    for seconds in GAPS {
        for is_answered in [true, false] {
            let (mut rig, id) = account(false);
            rig.send(id, r#"{"action":"send_msg","echo":"mine"}"#);
            let asked = rig.take_actions();
            gap(&mut rig, seconds);
            assert!(rig.take(id).is_empty(), "{seconds} s: refused too early");
            if is_answered {
                rig.answer(&asked[0], "null");
            } else {
                rig.pass(Duration::from_mins(1));
            }
            let frames = rig.take(id);
            let mut answers = frames.iter().filter(|frame| frame["echo"] == "mine");
            let retcode = answers.next().expect("an answer")["retcode"].clone();
            assert_eq!(retcode, if is_answered { 0 } else { 1504 }, "{seconds} s");
            assert!(answers.next().is_none());
        }
    }
}
