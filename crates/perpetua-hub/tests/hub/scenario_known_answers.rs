//! What is answered while the upstream is away, from what is known.

use perpetua_hub::{ClientProfile, ConnectionId};
use serde_json::{Value, json};

use crate::rig::{BOT, Rig};

const PROFILES: [ClientProfile; 2] = [ClientProfile::Standard, ClientProfile::Perpetua];
const VERSION: &str =
    r#"{"app_name":"NapCat.Onebot","protocol_version":"v11","app_version":"4.8"}"#;

#[test]
fn who_it_is_how_it_is_and_what_it_runs_are_told_in_every_profile() {
    for profile in PROFILES {
        let (mut rig, id) = asked_for_its_version(profile);
        rig.lose();
        for (action, data) in [
            ("get_login_info", json!({"user_id": BOT, "nickname": "bot"})),
            ("get_status", json!({"online": false, "good": false})),
            (
                "get_version_info",
                serde_json::from_str(VERSION).expect("JSON"),
            ),
        ] {
            rig.take(id);
            let answer = ask(&mut rig, id, action);
            let expected = json!({"status": "ok", "retcode": 0, "data": data, "echo": {"seq": 1}});
            assert_eq!(answer, Some(expected), "{action}");
        }
        assert_eq!(rig.hub.snapshot().unsent, 0);
    }
}

#[test]
fn the_upstream_answers_while_it_is_there() {
    let (mut rig, id) = asked_for_its_version(ClientProfile::Standard);
    for action in ["get_login_info", "get_status", "get_version_info"] {
        assert_eq!(ask(&mut rig, id, action), None);
        assert_eq!(rig.take_actions()[0]["action"], action);
    }
}

#[test]
fn what_nobody_has_said_is_not_told() {
    for said in [
        None,
        Some(r#"{"status":"failed","retcode":100,"data":{"app_name":"no"}}"#),
        Some(r#"{"status":"ok","retcode":0}"#),
    ] {
        let mut rig = Rig::online();
        let id = rig.guest("nonebot", ClientProfile::Standard);
        if let Some(said) = said {
            ask(&mut rig, id, "get_version_info");
            let echo = rig.take_actions()[0]["echo"].clone();
            let mut answer: Value = serde_json::from_str(said).expect("JSON");
            answer["echo"] = echo;
            rig.upstream(&answer.to_string());
        }
        rig.lose();
        rig.take(id);
        assert_eq!(ask(&mut rig, id, "get_version_info"), None, "{said:?}");
    }
}

#[test]
fn an_answer_of_megabytes_is_not_kept() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    ask(&mut rig, id, "get_version_info");
    let asked = rig.take_actions();
    let large = format!(r#"{{"app_name":"{}"}}"#, "x".repeat(1 << 20));
    rig.answer(&asked[0], &large);
    assert_eq!(rig.take(id).len(), 1, "it is passed on");
    rig.lose();
    rig.take(id);
    assert_eq!(ask(&mut rig, id, "get_version_info"), None);
}

#[test]
fn what_one_account_said_of_its_program_is_not_told_of_another() {
    let (mut rig, _id) = asked_for_its_version(ClientProfile::Standard);
    rig.lose();
    rig.hub.set_uin(Some(30_003), rig.now);
    let id = rig.guest("again", ClientProfile::Standard);
    assert_eq!(ask(&mut rig, id, "get_version_info"), None);
}

fn asked_for_its_version(profile: ClientProfile) -> (Rig, ConnectionId) {
    let mut rig = Rig::online();
    let id = rig.guest("bot", profile);
    ask(&mut rig, id, "get_version_info");
    let asked = rig.take_actions();
    rig.answer(&asked[0], VERSION);
    rig.take(id);
    (rig, id)
}

/// What comes at once.
fn ask(rig: &mut Rig, id: ConnectionId, action: &str) -> Option<Value> {
    rig.send(
        id,
        &format!(r#"{{"action":"{action}","params":{{}},"echo":{{"seq":1}}}}"#),
    );
    rig.take(id).pop()
}
