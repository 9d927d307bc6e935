//! Frames that cannot be passed on: whoever they were for is told, and nobody else notices.

use std::time::Duration;

use perpetua_hub::{
    AccountLimits, ClientProfile, ClientSettings, ConnectionId, LinkFailure, LinkState,
    QueueLimits, Retcode, Role,
};
use perpetua_words::link::Ended;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::rig::{BOT, Rig, kinds};

/// The smallest frame that is believed to be too large for an upstream.
const BELIEVED: usize = 64 << 10;

#[test]
fn a_frame_that_is_refused_is_answered_by_its_echo_and_the_connection_lives() {
    let mut rig = Rig::online();
    let id = rig.guest("uploader", ClientProfile::Standard);
    rig.hub
        .refuse_frame(id, Some(r#"{"seq":1}"#), Ended, Retcode::TooLarge, rig.now);
    let frames = rig.take(id);
    assert_eq!(told(&frames), [(1413, json!({"seq": 1}))]);
    rig.hub
        .refuse_frame(id, None, Ended, Retcode::Malformed, rig.now);
    assert!(rig.take(id).is_empty(), "nobody could tell whose it is");
    let client = &rig.hub.snapshot().clients[0];
    assert_eq!((client.traffic.refusals, client.noted), (2, 2));
    rig.send(id, r#"{"action":"send_msg","echo":1}"#);
    assert_eq!(rig.take_actions().len(), 1);
}

#[test]
fn what_an_implementation_sends_is_not_answered_and_its_owner_is_told() {
    let mut rig = Rig::online();
    let id = rig.guest("swapped", ClientProfile::Standard);
    for frame in [
        r#"{"status":"failed","retcode":1404,"data":null,"echo":"1"}"#,
        r#"{"status":"ok","retcode":0,"data":{},"echo":null}"#,
        r#"{"post_type":"meta_event","meta_event_type":"heartbeat","self_id":1}"#,
    ] {
        rig.send(id, frame);
        assert!(rig.take(id).is_empty(), "{frame}");
    }
    let client = &rig.hub.snapshot().clients[0];
    assert_eq!((client.traffic.refusals, client.noted), (3, 3));
    let words = client.notices[0].message.to_string();
    assert!(words.contains("`upstream`"), "{words}");
}

#[test]
fn a_connection_that_may_not_act_is_told_nothing() {
    let mut rig = Rig::online();
    rig.client("listener", ClientProfile::Standard);
    let id = rig.connect("listener", Role::Event);
    rig.take(id);
    rig.hub
        .refuse_frame(id, Some("1"), Ended, Retcode::TooLarge, rig.now);
    assert!(rig.take(id).is_empty());
}

#[test]
fn an_answer_that_is_lost_is_told_to_its_caller_only() {
    let mut rig = Rig::online();
    let (asking, other) = two_clients(&mut rig);
    rig.send(asking, r#"{"action":"get_file","echo":"file"}"#);
    rig.send(other, r#"{"action":"send_msg","echo":"sent"}"#);
    let actions = rig.take_actions();
    let echo = actions[0]["echo"].to_string();
    rig.hub.lose_upstream_frame(Ended, Some(&echo), rig.now);
    let frames = rig.take(asking);
    assert_eq!(told(&frames), [(1502, json!("file"))]);
    let words = frames[0]["message"].as_str().expect("words");
    assert!(words.contains("nothing more came over it"), "{words}");
    rig.answer(&actions[1], "null");
    assert_eq!(rig.take(other)[0]["status"], "ok");
    assert!(rig.hub.online());
    let snapshot = rig.hub.snapshot();
    assert_eq!((snapshot.foreign_frames, snapshot.upstream_noted), (1, 1));
    rig.hub.lose_upstream_frame(Ended, Some(&echo), rig.now);
    assert!(rig.take(asking).is_empty(), "once");
}

#[test]
fn a_lost_frame_that_answers_nobody_is_noted() {
    let mut rig = Rig::online();
    let (asking, _other) = two_clients(&mut rig);
    for echo in [None, Some("7"), Some(r#""p99""#), Some("null")] {
        rig.hub.lose_upstream_frame(Ended, echo, rig.now);
    }
    assert!(rig.take(asking).is_empty());
    assert_eq!(rig.hub.snapshot().upstream_notices[0].count, 4);
}

/// A part that is missing makes a wrong file of all the others.
#[test]
fn a_streamed_answer_ends_with_the_part_that_is_lost() {
    let mut rig = Rig::online();
    let (asking, _other) = two_clients(&mut rig);
    rig.send(asking, r#"{"action":"download","echo":"file"}"#);
    let echo = rig.take_actions()[0]["echo"].to_string();
    rig.upstream(&format!(
        r#"{{"status":"ok","retcode":0,"stream":"stream-action","data":{{"type":"stream"}},"echo":{echo}}}"#
    ));
    rig.hub.lose_upstream_frame(Ended, Some(&echo), rig.now);
    assert_eq!(rig.take(asking)[1]["retcode"], 1502);
}

/// The raw control character that a nickname holds, as reported of `NapCat`.
#[test]
fn an_answer_that_is_no_json_is_lost_and_an_event_that_is_none_is_noted() {
    let mut rig = Rig::online();
    let (asking, _other) = two_clients(&mut rig);
    rig.upstream("{\"post_type\":\"message\",\"nickname\":\"\u{1}\",\"self_id\":20002}");
    rig.send(asking, r#"{"action":"get_group_member_list","echo":5}"#);
    let echo = rig.take_actions()[0]["echo"].clone();
    rig.upstream(&format!(
        "{{\"status\":\"ok\",\"data\":[\"\u{1}\"],\"echo\":{echo}}}"
    ));
    assert_eq!(told(&rig.take(asking)), [(1502, json!(5))]);
    assert_eq!(rig.hub.snapshot().upstream_noted, 2);
}

#[test]
fn the_echo_of_a_broken_action_is_found_behind_the_fault() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    for fault in ["NaN", "\"a\nb\"", "'single'", "[1,]", "\"\\x\""] {
        let refusal = rig.call(
            id,
            &format!("{{\"action\":\"send_msg\",\"params\":{fault},\"echo\":\"e\"}}"),
        );
        assert_eq!(told(&[refusal]), [(1400, json!("e"))], "{fault}");
    }
    let noted = rig.hub.snapshot().clients[0].noted;
    rig.send(id, "plain words");
    assert!(rig.take(id).is_empty());
    let client = &rig.hub.snapshot().clients[0];
    assert_eq!(client.noted, noted + 1, "seen, where it cannot be answered");
    assert_eq!(client.notices.len(), 1, "one notice for one kind of fault");
    rig.send(id, r#"{"params":{}}"#);
    assert_eq!(rig.hub.snapshot().clients[0].notices.len(), 2);
}

#[test]
fn the_largest_action_is_what_the_upstream_refused_and_others_are_unknown() {
    let mut rig = Rig::online();
    let (uploader, other) = two_clients(&mut rig);
    rig.send(other, &action(BELIEVED, 1));
    rig.send(uploader, &action(3 * BELIEVED, 2));
    rig.send(other, &action(2 * BELIEVED, 3));
    rig.take_actions();
    rig.send(other, &action(4 * BELIEVED, 4));
    rig.send(other, &action(100, 5));
    rig.lose_over_size();
    assert_eq!(refused(&mut rig, uploader), [(1413, json!(2))]);
    assert_eq!(
        refused(&mut rig, other),
        [(1413, json!(4)), (1504, json!(1)), (1504, json!(3))]
    );
    rig.open();
    rig.log_in(20_002);
    let sent = rig.take_actions();
    assert_eq!(
        sent.len(),
        1,
        "what was small and had not been sent is sent once"
    );
    rig.take(uploader);
    let refusal = rig.call(uploader, &action(3 * BELIEVED, 6));
    assert_eq!(told(&[refusal]), [(1413, json!(6))]);
    rig.send(uploader, &action(3 * BELIEVED - 1, 7));
    assert_eq!(rig.take_actions().len(), 1);
}

#[test]
fn the_owner_is_told_how_to_reconnect_this_very_account() {
    for name in ["main", "机器人"] {
        let mut rig = Rig::new();
        rig.hub = rig.hub.named(name);
        rig.open();
        rig.log_in(20_002);
        let (uploader, _other) = two_clients(&mut rig);
        rig.send(uploader, &action(BELIEVED, 1));
        rig.take_actions();
        rig.lose_over_size();
        let notices = rig.hub.snapshot().upstream_notices;
        let words = format!("`perpetuad reconnect {name}`");
        let told = |one: &perpetua_hub::Notice| one.message.to_string().contains(&words);
        assert!(notices.iter().any(told), "{notices:?}");
    }
}

#[test]
fn the_upstreams_limit_is_forgotten_after_an_hour() {
    let mut rig = Rig::online();
    let (uploader, _other) = two_clients(&mut rig);
    rig.send(uploader, &action(BELIEVED, 1));
    rig.take_actions();
    rig.hub.upstream_refused_size(rig.now);
    rig.take(uploader);
    rig.hub.set_probes(None, rig.now);
    rig.pass(Duration::from_mins(59));
    assert_eq!(rig.call(uploader, &action(BELIEVED, 2))["retcode"], 1413);
    rig.pass(Duration::from_mins(1));
    rig.send(uploader, &action(BELIEVED, 3));
    assert_eq!(rig.take_actions().len(), 1);
}

/// What may come between the refusal and the question whether the limit still holds.
#[derive(Clone, Copy, Debug)]
enum Between {
    Replaced,
    Interrupted,
    Unreachable,
    OtherSettings,
    DialledAnew,
    OtherAccount,
}

#[test]
fn the_upstreams_limit_outlives_the_link_that_replaces_the_refused_one_and_no_other() {
    use Between::{DialledAnew, Interrupted, OtherAccount, OtherSettings, Replaced, Unreachable};
    for between in [
        Replaced,
        Interrupted,
        Unreachable,
        OtherSettings,
        DialledAnew,
        OtherAccount,
    ] {
        let mut rig = Rig::online();
        let (uploader, _other) = two_clients(&mut rig);
        rig.send(uploader, &action(BELIEVED, 1));
        rig.take_actions();
        rig.lose_over_size();
        match between {
            Replaced | OtherAccount => {}
            Interrupted => {
                rig.open();
                rig.log_in(BOT);
                rig.lose();
            }
            Unreachable => rig.lose_because(LinkFailure::Unreachable(Ended.into())),
            OtherSettings => rig.hub.set_link(LinkState::Closed, rig.now),
            DialledAnew => {
                let anew = LinkState::Dialling { last_failure: None };
                rig.hub.set_link(anew, rig.now);
            }
        }
        rig.open();
        let account = match between {
            OtherAccount => BOT + 1,
            _ => BOT,
        };
        rig.log_in(account);
        let id = rig.guest("again", ClientProfile::Standard);
        rig.send(id, &action(BELIEVED, 2));
        let tries_again = !matches!(between, Replaced);
        assert_eq!(
            rig.take_actions().len(),
            usize::from(tries_again),
            "{between:?}"
        );
        if !tries_again {
            let words = rig.take(id)[0]["message"].as_str().map(ToOwned::to_owned);
            let words = words.expect("words");
            assert!(words.contains("restart it"), "{words}");
        }
    }
}

/// However often the upstream finds the same frame too large: each try costs a link, and the link that
/// follows it is not tried.
#[test]
fn an_upstream_that_refuses_again_and_again_keeps_every_second_link() {
    let mut rig = Rig::online();
    let (uploader, _other) = two_clients(&mut rig);
    for round in 0..5 {
        rig.send(uploader, &action(BELIEVED, round));
        assert_eq!(rig.take_actions().len(), 1, "{round}");
        rig.lose_over_size();
        rig.open();
        rig.log_in(BOT);
        rig.take(uploader);
        assert_eq!(rig.call(uploader, &action(BELIEVED, 9))["retcode"], 1413);
        rig.lose();
        rig.open();
        rig.log_in(BOT);
    }
}

#[test]
fn a_limit_that_is_learnt_in_steps_is_one_notice_in_units_that_people_read() {
    let mut rig = Rig::online();
    let (uploader, _other) = two_clients(&mut rig);
    for (bytes, told) in [
        (2_500_000, "2.4 MiB"),
        (1_500_000, "1.5 MiB"),
        (BELIEVED, "64 KiB"),
    ] {
        rig.send(uploader, &action(bytes, 1));
        rig.take_actions();
        rig.lose_over_size();
        rig.open();
        rig.log_in(BOT);
        let notices = rig.hub.snapshot().upstream_notices;
        assert_eq!(notices.len(), 1);
        let notice = notices[0].message.to_string();
        assert!(
            notice.contains(told) && notice.contains("reconnect"),
            "{notice}"
        );
        rig.take(uploader);
        let answer = rig.call(uploader, &action(bytes + 1, 2));
        let words = answer["message"].as_str().expect("words");
        assert!(words.contains(told), "{words}");
    }
}

/// What an upstream has answered before, or had been sent long before it closed, is not what it found too large.
#[test]
fn only_what_was_sent_just_now_and_is_larger_than_all_that_was_answered_is_too_large() {
    for (sent_before, answered, blamed) in [
        (Duration::ZERO, 0, true),
        (Duration::from_secs(5), 0, true),
        (Duration::from_secs(6), 0, false),
        (Duration::from_mins(1), 0, false),
        (Duration::ZERO, 2 * BELIEVED - 1, true),
        (Duration::ZERO, 2 * BELIEVED, false),
        (Duration::ZERO, 3 * BELIEVED, false),
    ] {
        let mut rig = Rig::new();
        rig.hub.set_limits(AccountLimits {
            answer: Duration::from_mins(10),
            ..AccountLimits::default()
        });
        rig.hub.set_probes(None, rig.now);
        rig.open();
        rig.log_in(BOT);
        let (uploader, _other) = two_clients(&mut rig);
        if answered > 0 {
            rig.send(uploader, &action(answered, 0));
            let asked = rig.take_actions();
            rig.answer(&asked[0], "null");
        }
        rig.send(uploader, &action(2 * BELIEVED, 1));
        rig.take_actions();
        rig.pass(sent_before);
        rig.take(uploader);
        rig.lose_over_size();
        let code = if blamed { 1413 } else { 1504 };
        let told = refused(&mut rig, uploader);
        assert_eq!(told, [(code, json!(1))], "{sent_before:?} {answered}");
        assert_eq!(rig.hub.snapshot().upstream_noted, u64::from(blamed));
    }
}

#[test]
fn an_outcome_is_unknown_because_the_link_broke_or_because_no_answer_came() {
    for link_broke in [true, false] {
        let mut rig = Rig::online();
        rig.hub.set_probes(None, rig.now);
        let (id, _other) = two_clients(&mut rig);
        rig.send(id, r#"{"action":"send_msg","echo":1}"#);
        rig.take_actions();
        if link_broke {
            rig.lose();
        } else {
            rig.pass(Duration::from_mins(1));
        }
        let frames = rig.take(id);
        let answer = frames
            .iter()
            .find(|frame| frame["echo"] == 1)
            .expect("it ended");
        assert_eq!(answer["retcode"], 1504);
        let words = answer["message"].as_str().expect("words");
        assert_eq!(
            words.contains("link to the upstream ended (") && words.contains("reset"),
            link_broke,
            "{words}"
        );
    }
}

#[test]
fn answers_as_large_as_a_frame_may_be_cut_nobody_off() {
    for sizes in [
        &[10_usize, 1_000_000][..],
        &[1_000_000, 10],
        &[600_000; 3],
        &[1_000_000; 2],
    ] {
        let mut rig = Rig::new();
        rig.hub.set_limits(AccountLimits {
            max_frame_size: 1_000_000,
            ..AccountLimits::default()
        });
        rig.open();
        rig.log_in(BOT);
        let settings = ClientSettings {
            queue: QueueLimits {
                bytes: 64_000,
                ..QueueLimits::default()
            },
            ..ClientSettings::default()
        };
        rig.hub.set_client("album", settings, rig.now);
        let id = rig.connect("album", Role::Universal);
        for number in 0..sizes.len() {
            rig.send(id, &action(100, number));
        }
        for (asked, size) in rig.take_actions().iter().zip(sizes) {
            rig.answer(
                asked,
                &format!("\"{}\"", "x".repeat(size.saturating_sub(100))),
            );
            rig.upstream(r#"{"post_type":"message","self_id":20002}"#);
        }
        let kinds = kinds(&rig.take(id));
        let count = |wanted: &str| kinds.iter().filter(|kind| *kind == wanted).count();
        assert_eq!(count("response"), sizes.len(), "{sizes:?}");
        assert_eq!(count("message"), sizes.len(), "{sizes:?}");
    }
}

#[test]
fn the_upstreams_limit_is_forgotten_when_a_larger_action_is_answered() {
    let mut rig = Rig::online();
    let (uploader, _other) = two_clients(&mut rig);
    rig.send(uploader, &action(2 * BELIEVED, 1));
    rig.send(uploader, &action(2 * BELIEVED, 2));
    let actions = rig.take_actions();
    rig.hub.upstream_refused_size(rig.now);
    // The other one of that size.
    let answered = &actions[0];
    rig.answer(answered, "null");
    rig.take(uploader);
    rig.send(uploader, &action(2 * BELIEVED, 3));
    assert_eq!(rig.take_actions().len(), 1);
}

#[test]
fn a_small_action_is_not_what_an_upstream_found_too_large() {
    let mut rig = Rig::online();
    let (uploader, _other) = two_clients(&mut rig);
    rig.send(uploader, &action(BELIEVED - 1, 1));
    rig.take_actions();
    rig.lose_over_size();
    assert_eq!(refused(&mut rig, uploader), [(1504, json!(1))]);
    assert_eq!(rig.hub.snapshot().upstream_noted, 0);
}

/// What may happen to actions of all sizes.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask { bytes: usize },
    Send { answered: bool },
    Refuse,
    Reopen,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (100..4 * BELIEVED).prop_map(|bytes| Step::Ask { bytes }),
        4 => any::<bool>().prop_map(|answered| Step::Send { answered }),
        1 => Just(Step::Refuse),
        1 => Just(Step::Reopen),
        2 => (0..5_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// Each action ends exactly once, and none is sent that is as large as one which was refused.
    #[test]
    fn every_action_ends_once_whatever_the_upstream_finds_too_large(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut rig = Rig::online();
        rig.hub.set_probes(None, rig.now);
        let (id, _other) = two_clients(&mut rig);
        let (mut asked, mut ended) = (0, Vec::new());
        for step in steps {
            match step {
                Step::Ask { bytes } => {
                    rig.send(id, &action(bytes, asked));
                    asked += 1;
                }
                Step::Send { answered } => {
                    if let Some(sent) = rig.hub.take_action(rig.now) {
                        let sent = crate::rig::parse(&crate::rig::text(sent));
                        if answered {
                            rig.answer(&sent, "null");
                        }
                    }
                }
                Step::Refuse | Step::Reopen => {
                    if matches!(step, Step::Refuse) {
                        rig.lose_over_size();
                    } else {
                        rig.lose();
                    }
                    rig.open();
                    rig.log_in(20_002);
                }
                Step::Pass(seconds) => rig.pass(Duration::from_secs(seconds)),
            }
            ended.extend(rig.take(id).iter().filter_map(|frame| frame["echo"].as_u64()));
        }
        rig.pass(Duration::from_mins(2));
        ended.extend(rig.take(id).iter().filter_map(|frame| frame["echo"].as_u64()));
        ended.sort_unstable();
        prop_assert_eq!(ended, (0..asked as u64).collect::<Vec<_>>());
        prop_assert_eq!(rig.hub.snapshot().unanswered, 0);
    }
}

fn two_clients(rig: &mut Rig) -> (ConnectionId, ConnectionId) {
    let ids = (
        rig.guest("uploader", ClientProfile::Standard),
        rig.guest("other", ClientProfile::Standard),
    );
    rig.take(ids.0);
    ids
}

/// An action whose frame has this many bytes.
fn action(bytes: usize, echo: usize) -> String {
    let frame = |filling: &str| format!(r#"{{"action":"a","params":"{filling}","echo":{echo}}}"#);
    frame(&"x".repeat(bytes - frame("").len()))
}

fn told(frames: &[Value]) -> Vec<(i64, Value)> {
    let told = |frame: &Value| {
        (
            frame["retcode"].as_i64().expect("a code"),
            frame["echo"].clone(),
        )
    };
    frames.iter().map(told).collect()
}

/// All refusals that wait for a connection, whose order does not matter.
fn refused(rig: &mut Rig, id: ConnectionId) -> Vec<(i64, Value)> {
    let mut frames = rig.take(id);
    frames.retain(|frame| kinds(std::slice::from_ref(frame)) == ["response"]);
    let mut told = told(&frames);
    told.sort_by_key(|(code, echo)| (*code, echo.as_i64()));
    told
}
