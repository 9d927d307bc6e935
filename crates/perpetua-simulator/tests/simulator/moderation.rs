//! Kicks, bans, ranks and names: what they change, and who may.

use perpetua_simulator::{Chat, SimulatorError};
use serde_json::json;

use crate::harness::{BOT, CHATTING, CODING, FANG, HONG, LEI, MING, Stage, TESTING};

#[test]
fn a_kicked_member_is_gone_and_a_notice_says_so() {
    let mut stage = Stage::new();
    let member = json!({ "group_id": TESTING, "user_id": LEI, "reject_add_request": "true" });
    let seen = stage.act("set_group_kick", &member);
    assert_eq!(
        seen.events(),
        [json!({
            "time": 1_700_000_000, "self_id": BOT, "post_type": "notice",
            "notice_type": "group_decrease", "sub_type": "kick",
            "group_id": TESTING, "operator_id": BOT, "user_id": LEI,
        })]
    );
    assert_eq!(seen.lines(), ["[测试群] * 小恒 kicked 李雷 (10003)"]);
    assert_eq!(stage.refused("get_group_member_info", &member).0, 1200);
    let info = stage.ask("get_group_info", &member);
    assert_eq!(info["member_count"], 4);

    let request = json!({ "event": "group_request", "group_id": TESTING, "user_id": LEI });
    assert_eq!(
        stage.try_simulate(request),
        Err(SimulatorError::ShutOut {
            group_id: TESTING,
            user_id: LEI
        })
    );
}

#[test]
fn who_has_no_higher_rank_is_refused_in_words() {
    let mut stage = Stage::new();
    for (group_id, user_id) in [
        (TESTING, MING),
        (TESTING, HONG),
        (TESTING, BOT),
        (CHATTING, HONG),
    ] {
        let params = json!({ "group_id": group_id, "user_id": user_id });
        let (retcode, words) = stage.refused("set_group_kick", &params);
        assert_eq!(retcode, 1200);
        assert!(words.contains("`admin`"), "{words}");
        assert_eq!(stage.refused("set_group_ban", &params).0, 1200);
    }
    let params = json!({ "group_id": TESTING, "user_id": LEI });
    assert_eq!(
        stage.refused("set_group_admin", &params).0,
        1200,
        "the bot owns it not"
    );
    assert_eq!(
        stage
            .refused("set_group_whole_ban", &json!({ "group_id": CHATTING }))
            .0,
        1200
    );
}

#[test]
fn a_banned_member_is_silent_until_the_ban_ends() {
    let mut stage = Stage::new();
    let ban = json!({ "group_id": TESTING, "user_id": LEI, "duration": "60" });
    let seen = stage.act("set_group_ban", &ban);
    assert_eq!(seen.events()[0]["sub_type"], "ban");
    assert_eq!(seen.events()[0]["duration"], 60);

    let silenced = SimulatorError::Silenced {
        group_id: TESTING,
        user_id: LEI,
    };
    assert_eq!(stage.try_say(Chat::Group(TESTING), LEI, "?"), Err(silenced));
    stage.now_ms += 60_000;
    stage.say(Chat::Group(TESTING), LEI, "back");

    stage.ask("set_group_ban", &ban);
    let lift = json!({ "group_id": TESTING, "user_id": LEI, "duration": 0 });
    let seen = stage.act("set_group_ban", &lift);
    assert_eq!(seen.events()[0]["sub_type"], "lift_ban");
    stage.say(Chat::Group(TESTING), LEI, "back again");
}

#[test]
fn a_whole_ban_silences_plain_members_only() {
    let mut stage = Stage::new();
    let seen = stage.act("set_group_whole_ban", &json!({ "group_id": TESTING }));
    assert_eq!(seen.events()[0]["user_id"], 0);
    assert_eq!(seen.events()[0]["duration"], -1);
    assert!(stage.try_say(Chat::Group(TESTING), LEI, "?").is_err());
    stage.say(Chat::Group(TESTING), HONG, "admins speak");
    assert_eq!(
        stage.ask("get_group_info", &json!({ "group_id": TESTING }))["group_all_shut"],
        -1
    );
    stage.ask(
        "set_group_whole_ban",
        &json!({ "group_id": TESTING, "enable": "false" }),
    );
    stage.say(Chat::Group(TESTING), LEI, "everybody speaks");
}

#[test]
fn a_banned_bot_is_refused() {
    let mut stage = Stage::new();
    stage.simulate(json!({ "event": "ban", "group_id": CHATTING, "user_id": BOT, "duration": 60 }));
    let hello = json!({ "group_id": CHATTING, "message": "hi" });
    assert_eq!(stage.refused("send_group_msg", &hello).0, 1200);
    stage.simulate(json!({ "event": "ban", "group_id": CHATTING, "user_id": BOT, "duration": 0 }));
    stage.ask("send_group_msg", &hello);
}

#[test]
fn a_kicked_bot_sees_the_group_no_more() {
    let mut stage = Stage::new();
    let seen = stage.simulate(json!({ "event": "kick", "group_id": TESTING, "user_id": BOT }));
    assert_eq!(seen.frames[0]["sub_type"], "kick_me");
    assert_eq!(seen.frames[0]["operator_id"], MING);
    let hello = json!({ "group_id": TESTING, "message": "hi" });
    assert_eq!(stage.refused("send_group_msg", &hello).0, 1200);
    assert_eq!(
        stage
            .ask("get_group_list", &json!({}))
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

#[test]
fn an_owner_gives_ranks_and_badges() {
    let mut stage = Stage::new();
    let seen = stage.act(
        "set_group_admin",
        &json!({ "group_id": CODING, "user_id": LEI, "enable": false }),
    );
    assert_eq!(seen.events()[0]["sub_type"], "unset");
    stage.ask(
        "set_group_special_title",
        &json!({ "group_id": CODING, "user_id": LEI, "special_title": "大佬", "duration": -1 }),
    );
    let info = stage.ask(
        "get_group_member_info",
        &json!({ "group_id": CODING, "user_id": LEI }),
    );
    assert_eq!(info["role"], "member");
    assert_eq!(info["title"], "大佬");
}

#[test]
fn names_change_and_are_seen_at_once() {
    let mut stage = Stage::new();
    let seen = stage.act(
        "set_group_name",
        &json!({ "group_id": TESTING, "group_name": "新名" }),
    );
    assert_eq!(seen.events()[0]["notice_type"], "group_name_change");
    assert_eq!(stage.simulator.find_chat("新名"), Ok(Chat::Group(TESTING)));
    stage.ask(
        "set_group_card",
        &json!({ "group_id": TESTING, "user_id": LEI, "card": "雷哥" }),
    );
    let (_, seen) = stage.say(Chat::Group(TESTING), LEI, "hi");
    assert_eq!(seen.frames[0]["sender"]["card"], "雷哥");
    assert_eq!(seen.lines(), ["[新名] 雷哥: hi"]);
    stage.ask(
        "set_group_card",
        &json!({ "group_id": CHATTING, "user_id": BOT, "card": "own" }),
    );
    let too_long = json!({ "group_id": TESTING, "user_id": LEI, "card": "x".repeat(61) });
    assert_eq!(stage.refused("set_group_card", &too_long).0, 1400);
}

#[test]
fn a_bot_leaves_a_group_and_ends_its_own() {
    let mut stage = Stage::new();
    let seen = stage.act("set_group_leave", &json!({ "group_id": CHATTING }));
    assert_eq!(seen.events()[0]["sub_type"], "leave");
    assert_eq!(seen.events()[0]["user_id"], BOT);
    assert_eq!(
        stage
            .refused("get_group_member_list", &json!({ "group_id": CHATTING }))
            .0,
        1200
    );

    assert_eq!(
        stage
            .refused("set_group_leave", &json!({ "group_id": CODING }))
            .0,
        1200
    );
    stage.ask(
        "set_group_leave",
        &json!({ "group_id": CODING, "is_dismiss": true }),
    );
    assert_eq!(
        stage
            .refused("get_group_info", &json!({ "group_id": CODING }))
            .0,
        1200
    );
}

#[test]
fn people_come_go_poke_and_upload() {
    let mut stage = Stage::new();
    let seen = stage.simulate(
        json!({ "event": "join", "group_id": TESTING, "user_id": FANG, "invited": true }),
    );
    assert_eq!(seen.frames[0]["notice_type"], "group_increase");
    assert_eq!(seen.frames[0]["sub_type"], "invite");
    assert!(
        stage
            .try_simulate(json!({ "event": "join", "group_id": TESTING, "user_id": FANG }))
            .is_err()
    );
    let seen = stage.simulate(json!({ "event": "leave", "group_id": TESTING, "user_id": FANG }));
    assert_eq!(seen.frames[0]["sub_type"], "leave");
    assert_eq!(
        stage.try_simulate(json!({ "event": "leave", "group_id": TESTING, "user_id": MING })),
        Err(SimulatorError::OwnerStays {
            group_id: TESTING,
            user_id: MING
        })
    );
    let seen = stage.simulate(json!({ "event": "poke", "group_id": TESTING, "user_id": MING }));
    assert_eq!(seen.frames[0]["target_id"], BOT);
    let seen = stage.simulate(json!({ "event": "poke", "user_id": MING }));
    assert_eq!(seen.frames[0].get("group_id"), None);
    let upload = json!({ "event": "upload", "group_id": TESTING, "user_id": MING, "name": "a.zip", "size": 7 });
    let seen = stage.simulate(upload);
    assert_eq!(seen.frames[0]["file"]["size"], 7);
    let seen = stage.simulate(
        json!({ "event": "admin", "group_id": TESTING, "user_id": BOT, "enable": false }),
    );
    assert_eq!(seen.frames[0]["notice_type"], "group_admin");
}
