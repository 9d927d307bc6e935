//! Whose frames come over a link, and what another account's do.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId, OtherAccount};
use perpetua_words::{Language, Message};
use proptest::prelude::*;
use serde_json::Value;

use crate::rig::{BOT, Rig, kinds};

const OTHER_BOT: i64 = 30_003;
/// The time between two questions that stray ids raise, and between two changes of the account.
const BRAKE: Duration = Duration::from_secs(30);
/// The time after which is asked again who could not say who it is.
const RETRY: Duration = Duration::from_secs(5);

#[test]
fn of_two_accounts_on_one_link_one_is_served_and_the_other_is_named() {
    for uin in [None, Some(BOT)] {
        let (mut rig, id) = served(uin);
        for number in 0..30 {
            event(&mut rig, OTHER_BOT, number);
            event(&mut rig, BOT, number);
        }
        let frames = rig.take(id);
        assert_eq!(kinds(&frames), vec!["message"; 30]);
        assert!(frames.iter().all(|frame| frame["self_id"] == BOT));
        let snapshot = rig.hub.snapshot();
        assert_eq!((snapshot.events, snapshot.other_accounts_events), (30, 30));
        assert!(snapshot.online);
        let notice = &snapshot.upstream_notices[0];
        assert_eq!(notice.count, 30);
        let advises = notice.message.to_string().contains("write `uin = 30003`");
        assert_eq!(advises, uin.is_none(), "{}", notice.message);
        for named in [BOT, OTHER_BOT] {
            let words = notice.message.to_string();
            assert!(words.contains(&named.to_string()), "{words}");
        }
        assert_eq!(rig.hub.due_log_lines().count(), 1);
    }
}

/// The lifecycle of another account comes before the answer that says who is there now.
#[test]
fn an_account_that_was_switched_is_no_second_one() {
    let lifecycle = r#"{"self_id":30003,"post_type":"meta_event","meta_event_type":"lifecycle","sub_type":"connect"}"#;
    let (mut rig, _id) = served(None);
    rig.lose();
    rig.open();
    rig.upstream(lifecycle);
    event(&mut rig, OTHER_BOT, 1);
    rig.log_in(OTHER_BOT);
    assert!(rig.hub.online());
    let snapshot = rig.hub.snapshot();
    assert_eq!(snapshot.other_accounts_events, 2);
    assert_eq!(snapshot.upstream_notices.len(), 0);
    event(&mut rig, BOT, 2);
    assert_eq!(rig.hub.snapshot().upstream_notices.len(), 1, "it is known");
}

/// Where nobody answers, or where the settings say who is wanted, the owner is told.
#[test]
fn events_of_another_account_over_a_link_that_proves_nothing_are_seen() {
    let (mut rig, _id) = served(None);
    rig.lose();
    rig.open();
    event(&mut rig, OTHER_BOT, 1);
    rig.pass(BRAKE);
    event(&mut rig, OTHER_BOT, 2);
    assert_eq!(rig.hub.snapshot().upstream_notices[0].count, 1);
    let (mut rig, _id) = served(Some(BOT));
    rig.lose();
    rig.open();
    event(&mut rig, OTHER_BOT, 1);
    assert_eq!(rig.hub.snapshot().upstream_notices[0].count, 1);
}

#[test]
fn any_number_of_other_accounts_is_one_notice_that_pushes_none_out() {
    for uin in [None, Some(BOT)] {
        let (mut rig, _id) = served(uin);
        rig.hub.note_upstream(perpetua_words::link::Ended, rig.now);
        for account in 0..100 {
            event(&mut rig, OTHER_BOT + account, 1);
        }
        let notices = rig.hub.snapshot().upstream_notices;
        let counts: Vec<_> = notices.iter().map(|notice| notice.count).collect();
        assert_eq!(counts, [100, 1]);
        let words = notices[0].message.to_string();
        assert!(words.contains(&(OTHER_BOT + 99).to_string()), "{words}");
    }
}

#[test]
fn what_another_account_suffers_is_nothing_to_this_one() {
    let (mut rig, id) = served(None);
    for text in [
        r#"{"self_id":30003,"post_type":"notice","notice_type":"bot_offline","message":"kicked"}"#,
        r#"{"self_id":30003,"post_type":"meta_event","meta_event_type":"heartbeat","status":{"online":false}}"#,
    ] {
        rig.upstream(text);
    }
    assert!(rig.hub.online());
    assert!(rig.take(id).is_empty());
}

#[test]
fn a_stray_id_makes_the_hub_ask_and_only_once_in_30_s() {
    let (mut rig, _id) = served(None);
    event(&mut rig, OTHER_BOT, 1);
    assert!(rig.take_actions().is_empty(), "it was asked just before");
    rig.pass(BRAKE);
    assert_eq!(questions(&mut rig), 1);
    for number in 0..29 {
        event(&mut rig, OTHER_BOT, number);
        rig.pass(Duration::from_secs(1));
    }
    assert_eq!(questions(&mut rig), 0);
    rig.pass(Duration::from_secs(1));
    assert_eq!(questions(&mut rig), 1);
}

#[test]
fn an_account_that_the_settings_name_is_not_asked_for_because_of_strays() {
    let (mut rig, _id) = served(Some(BOT));
    for number in 0..100 {
        event(&mut rig, OTHER_BOT, number);
        event(&mut rig, BOT, number);
        rig.pass(Duration::from_secs(1));
    }
    assert_eq!(questions(&mut rig), 0);
}

#[test]
fn the_upstreams_own_answer_changes_the_account_once_in_30_s_at_most() {
    let (mut rig, _id) = served(None);
    rig.pass(BRAKE);
    rig.log_in(OTHER_BOT);
    assert_eq!(cut_off(&mut rig), 1);
    assert_eq!(rig.hub.snapshot().self_id, Some(OTHER_BOT));
    assert!(rig.hub.online());
    rig.guest("again", ClientProfile::Standard);
    rig.lose();
    rig.open();
    rig.log_in(BOT);
    assert_eq!(cut_off(&mut rig), 0, "too soon");
    assert!(!rig.hub.online() && !rig.hub.linked());
    let reason = rig.hub.offline_reason().expect("it is said");
    for language in [Language::English, Language::Chinese] {
        let words = reason.in_language(language);
        assert!(
            words.contains("20002") && words.contains("30003"),
            "{words}"
        );
    }
    rig.pass(BRAKE);
    rig.log_in(BOT);
    assert_eq!(cut_off(&mut rig), 1);
    assert!(rig.hub.online());
}

#[test]
fn an_upstream_that_is_another_account_than_the_settings_say_is_never_used() {
    let mut rig = Rig::new();
    rig.hub.set_uin(Some(BOT), rig.now);
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.open();
    rig.log_in(OTHER_BOT);
    assert!(!rig.hub.linked());
    let expected = OtherAccount {
        found: OTHER_BOT,
        uin: BOT,
    };
    assert_eq!(rig.hub.offline_reason(), Some(Message::from(&expected)));
    event(&mut rig, BOT, 1);
    assert!(!rig.hub.linked(), "its actions would still go to the other");
    rig.send(id, r#"{"action":"send_msg","echo":1}"#);
    assert!(rig.take_actions().is_empty());
    rig.pass(Duration::from_secs(8));
    let refusal = rig.take(id).pop().expect("it was refused");
    let words = refusal["message"].as_str().expect("words");
    assert!(words.contains(&expected.to_string()), "{words}");
    rig.pass(Duration::from_secs(22));
    rig.log_in(BOT);
    assert!(rig.hub.online());
    assert_eq!(cut_off(&mut rig), 0);
}

#[test]
fn an_upstream_that_comes_as_another_account_is_refused_before_it_is_let_in() {
    let mut rig = Rig::new();
    assert_eq!(rig.hub.expects_upstream(OTHER_BOT), Ok(()));
    rig.hub.set_uin(Some(BOT), rig.now);
    assert_eq!(rig.hub.expects_upstream(BOT), Ok(()));
    let refused = rig.hub.expects_upstream(OTHER_BOT).expect_err("it differs");
    assert_eq!((refused.found, refused.uin), (OTHER_BOT, BOT));
}

#[test]
fn on_a_new_link_another_id_proves_nothing() {
    let (mut rig, id) = served(None);
    rig.send(id, r#"{"action":"send_msg","echo":1}"#);
    rig.take_actions();
    rig.lose();
    rig.hub.learn_self_id(OTHER_BOT, rig.now);
    rig.open();
    event(&mut rig, OTHER_BOT, 1);
    assert!(!rig.hub.linked());
    assert_eq!(rig.hub.snapshot().self_id, Some(BOT));
    event(&mut rig, BOT, 2);
    assert!(rig.hub.online());
    assert_eq!(cut_off(&mut rig), 0);
}

#[test]
fn an_upstream_that_does_not_know_the_question_is_its_first_id() {
    for retcode in [1404, 404, 10_002] {
        for first_id in [BOT, OTHER_BOT] {
            for id_comes_first in [true, false] {
                let (mut rig, _id) = served(None);
                rig.lose();
                rig.open();
                if id_comes_first {
                    event(&mut rig, first_id, 1);
                }
                fail(&mut rig, retcode);
                if !id_comes_first {
                    assert!(!rig.hub.linked(), "nobody has shown who it is");
                    event(&mut rig, first_id, 1);
                }
                assert!(rig.hub.online(), "{retcode}, {first_id}, {id_comes_first}");
                assert_eq!(rig.hub.snapshot().self_id, Some(first_id));
                event(&mut rig, BOT + OTHER_BOT - first_id, 2);
                assert_eq!(rig.hub.snapshot().self_id, Some(first_id));
                assert_eq!(cut_off(&mut rig), usize::from(first_id == OTHER_BOT));
            }
        }
    }
}

#[test]
fn an_answer_that_says_nothing_proves_nothing_and_is_asked_for_again() {
    let mut rig = Rig::online();
    rig.lose();
    rig.open();
    for _ in 0..10 {
        fail(&mut rig, 100);
        assert!(!rig.hub.linked());
        assert_eq!(questions(&mut rig), 0);
        rig.pass(RETRY);
    }
    rig.log_in(BOT);
    assert!(rig.hub.online());
    rig.pass(Duration::from_secs(29));
    assert_eq!(questions(&mut rig), 0, "it is known");
}

#[test]
fn an_id_in_the_answer_is_read_as_in_frames() {
    for data in [
        r#"{"user_id":20002,"nickname":"bot"}"#,
        r#"{"user_id":"20002"}"#,
        r#"{"user_id":20002.0}"#,
        r#"{"user_id":1,"user_id":20002}"#,
        r#"{"nickname":"\ud83d","user_id":20002}"#,
    ] {
        let mut rig = Rig::new();
        rig.open();
        let asked = rig.take_actions();
        rig.answer(&asked[0], data);
        assert!(rig.hub.online(), "{data}");
        assert_eq!(rig.hub.snapshot().self_id, Some(BOT));
    }
    for data in [
        "null",
        "{}",
        "[20002]",
        r#"{"user_id":0}"#,
        r#"{"user_id":1.5}"#,
    ] {
        let mut rig = Rig::new();
        rig.open();
        let asked = rig.take_actions();
        rig.answer(&asked[0], data);
        assert!(!rig.hub.linked(), "{data}");
    }
}

#[test]
fn other_settings_change_the_account_and_ask_who_is_there() {
    let (mut rig, _id) = served(None);
    rig.hub.set_uin(Some(BOT), rig.now);
    assert_eq!(cut_off(&mut rig), 0, "it is that account");
    rig.hub.set_uin(Some(OTHER_BOT), rig.now);
    assert_eq!(cut_off(&mut rig), 1);
    assert!(!rig.hub.linked());
    rig.pass(Duration::ZERO);
    rig.log_in(OTHER_BOT);
    assert!(rig.hub.online());
}

/// What an upstream of several accounts may do.
#[derive(Clone, Copy, Debug)]
enum Step {
    Event(i64),
    Answer(i64),
    Fail(i64),
    Lose,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let account = || 1..4_i64;
    prop_oneof![
        8 => account().prop_map(Step::Event),
        4 => account().prop_map(Step::Answer),
        1 => prop_oneof![Just(100), Just(1404)].prop_map(Step::Fail),
        1 => Just(Step::Lose),
        8 => (0..9000_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// However ids are mixed: nobody is thrown out more than once in 30 s, nobody is asked more than the
    /// upstream's own failures, links and silence are reasons for, and clients see one account only.
    #[test]
    fn no_mix_of_ids_makes_a_storm(steps in prop::collection::vec(step(), 1..400)) {
        let mut rig = Rig::new();
        rig.client("nonebot", ClientProfile::Standard);
        rig.open();
        let start = rig.now.instant;
        let (mut asked, mut reasons, mut ends) = (0_u64, 1, 0);
        let mut id = None;
        for step in steps {
            let client = *id.get_or_insert_with(|| rig.connect("nonebot", perpetua_hub::Role::Universal));
            match step {
                Step::Event(account) => event(&mut rig, account, 1),
                Step::Answer(account) => {
                    for question in rig.take_actions() {
                        asked += 1;
                        rig.answer(&question, &format!(r#"{{"user_id":{account}}}"#));
                    }
                }
                Step::Fail(retcode) => {
                    for question in rig.take_actions() {
                        asked += 1;
                        reasons += 1;
                        refuse(&mut rig, &question, retcode);
                    }
                }
                Step::Lose => {
                    asked += rig.take_actions().len() as u64;
                    rig.lose();
                    rig.open();
                    reasons += 1;
                }
                Step::Pass(milliseconds) => rig.pass(Duration::from_millis(milliseconds)),
            }
            if rig.hub.cut_off().count() > 0 {
                rig.hub.disconnect(client, rig.now);
                ends += 1;
                id = None;
                continue;
            }
            let served = rig.hub.snapshot().self_id;
            for frame in rig.take(client) {
                prop_assert_eq!(frame["self_id"].as_i64(), served);
            }
        }
        let spans = rig.now.instant.duration_since(start).as_secs() / BRAKE.as_secs();
        prop_assert!(ends <= spans + 1, "{ends} forced ends in {spans} spans");
        // In silence it is asked every 30 s at most, and so it is because of strays.
        let limit = reasons + 2 * (spans + 1);
        prop_assert!(asked <= limit, "{asked} questions, {limit} were allowed");
    }
}

/// An account that is served, and a client.
fn served(uin: Option<i64>) -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    rig.hub.set_uin(uin, rig.now);
    rig.pass(Duration::ZERO);
    for question in rig.take_actions() {
        rig.answer(&question, &format!(r#"{{"user_id":{BOT}}}"#));
    }
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (rig, id)
}

fn event(rig: &mut Rig, account: i64, number: i64) {
    rig.upstream(&format!(
        r#"{{"self_id":{account},"post_type":"message","message_id":{number}}}"#
    ));
}

/// How many times the hub asks, none of which is answered.
fn questions(rig: &mut Rig) -> usize {
    let actions = rig.take_actions();
    assert!(actions.iter().all(|one| one["action"] == "get_login_info"));
    actions.len()
}

/// The upstream cannot say who it is.
fn fail(rig: &mut Rig, retcode: i64) {
    let asked = rig.take_actions();
    assert_eq!(asked.len(), 1, "it is asked");
    refuse(rig, &asked[0], retcode);
}

fn refuse(rig: &mut Rig, asked: &Value, retcode: i64) {
    let echo = &asked["echo"];
    rig.upstream(&format!(
        r#"{{"status":"failed","retcode":{retcode},"data":null,"echo":{echo}}}"#
    ));
}

fn cut_off(rig: &mut Rig) -> usize {
    rig.hub.cut_off().count()
}
