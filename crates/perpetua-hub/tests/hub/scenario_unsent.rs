//! How long an action waits that was not sent: for an absent upstream as the settings say, for one that is
//! there as long as its socket may need.

use std::time::Duration;

use perpetua_hub::{AccountLimits, ClientProfile, ConnectionId};
use proptest::prelude::*;

use crate::rig::{BOT, Rig};

/// The least time that a socket has to take an action.
const TAKEN_WITHIN: Duration = Duration::from_secs(8);

#[test]
fn who_does_not_want_to_wait_for_an_absent_upstream_is_refused_at_once() {
    let (mut rig, id) = impatient(Duration::ZERO);
    rig.lose();
    ask(&mut rig, id);
    rig.pass(Duration::ZERO);
    assert_eq!(refusals(&mut rig, id), [1503]);
}

#[test]
fn an_upstream_that_is_there_is_waited_for_all_the_same() {
    let (mut rig, id) = impatient(Duration::ZERO);
    ask(&mut rig, id);
    rig.pass(Duration::from_millis(7999));
    assert_eq!(rig.take_actions().len(), 1);
    ask(&mut rig, id);
    rig.pass(TAKEN_WITHIN);
    assert_eq!(refusals(&mut rig, id), [1503], "its socket takes nothing");
}

#[test]
fn what_its_socket_had_not_taken_when_the_upstream_left_waits_as_long_as_the_settings_say() {
    let (mut rig, id) = impatient(Duration::from_secs(1));
    ask(&mut rig, id);
    rig.lose();
    rig.pass(Duration::from_millis(999));
    assert!(refusals(&mut rig, id).is_empty());
    rig.pass(Duration::from_millis(1));
    assert_eq!(refusals(&mut rig, id), [1503]);
}

#[test]
fn the_hubs_own_question_waits_for_its_socket_too() {
    let (mut rig, _id) = impatient(Duration::ZERO);
    rig.lose();
    rig.open();
    rig.pass(Duration::ZERO);
    rig.log_in(BOT);
    assert!(rig.hub.online());
}

proptest! {
    /// With an upstream that is there, nothing runs out before its socket had the time to take it.
    #[test]
    fn nothing_is_refused_that_an_upstream_which_is_there_could_take(
        unsent in prop_oneof![Just(0_u64), 1..20_000_u64],
        steps in prop::collection::vec((any::<bool>(), 0..7999_u64), 1..40),
    ) {
        let (mut rig, id) = impatient(Duration::from_millis(unsent));
        rig.hub.set_probes(None, rig.now);
        for (waits_for_upstream, milliseconds) in steps {
            if waits_for_upstream {
                rig.lose();
                ask(&mut rig, id);
                rig.pass(Duration::from_millis(unsent / 2));
                rig.open();
                rig.log_in(BOT);
                refusals(&mut rig, id);
            }
            ask(&mut rig, id);
            rig.pass(Duration::from_millis(milliseconds));
            prop_assert_eq!(refusals(&mut rig, id), Vec::<i64>::new());
            for action in rig.take_actions() {
                rig.answer(&action, "null");
            }
        }
    }
}

/// An account that is online and waits this long for an absent upstream, and a client.
fn impatient(unsent: Duration) -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    rig.hub.set_limits(AccountLimits {
        unsent,
        ..AccountLimits::default()
    });
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (rig, id)
}

fn ask(rig: &mut Rig, id: ConnectionId) {
    rig.send(id, r#"{"action":"send_msg","echo":1}"#);
}

fn refusals(rig: &mut Rig, id: ConnectionId) -> Vec<i64> {
    let frames = rig.take(id);
    let refused = frames.iter().filter(|frame| frame["status"] == "failed");
    refused
        .filter_map(|frame| frame["retcode"].as_i64())
        .collect()
}
