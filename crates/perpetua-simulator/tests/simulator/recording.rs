//! What those who watch may look back at: lines, and the frames that belong to them.

use std::sync::Arc;

use perpetua_simulator::{
    Chat, ClientAction, Outcome, Record, RecordedFrame, RecordedKind, RecordedLine, Timestamp,
};
use serde_json::{Value, json};

use crate::harness::{BOT, HONG, LEI, MING, Stage, TESTING};

const HERE: Chat = Chat::Group(TESTING);

/// A stage on which everything is recorded.
struct Recorded {
    stage: Stage,
    record: Record,
}

impl Recorded {
    fn new() -> Self {
        Self {
            stage: Stage::new(),
            record: Record::default(),
        }
    }

    fn pass(&mut self, ms: i64) {
        self.stage.now_ms += ms;
    }

    /// Somebody says something, which both clients get.
    fn say(&mut self, chat: Chat, speaker: i64, text: &str) -> RecordedLine {
        let (_, outcome) = self.stage.try_say(chat, speaker, text).expect(text);
        self.people_did(&outcome)
    }

    fn people_did(&mut self, outcome: &Outcome) -> RecordedLine {
        let clients = ["koishi", "nonebot"].map(Arc::from);
        let mut lines = self.record.people_did(outcome, &clients, self.stage.now());
        assert_eq!(lines.len(), 1);
        lines.remove(0)
    }

    /// A client acts, with the hub's echo on the frame and `echo` as its own; the answer takes a millisecond.
    fn act(
        &mut self,
        client: &str,
        echo: Option<&str>,
        action: &str,
        params: &Value,
    ) -> Vec<RecordedLine> {
        let frame = format!(r#"{{"echo":"p7","action":"{action}","params":{params}}}"#);
        let asked = self.stage.now();
        let outcome = self.stage.simulator.handle(&frame, asked);
        self.pass(1);
        let action = ClientAction {
            client: client.into(),
            echo,
            frame: &frame,
            asked,
            answered: self.stage.now(),
        };
        self.record.client_did(&action, &outcome)
    }

    fn reply(&mut self, client: &str, text: &str) -> RecordedLine {
        let params = json!({ "group_id": TESTING, "message": text });
        let mut lines = self.act(client, Some("1"), "send_group_msg", &params);
        assert_eq!(lines.len(), 1);
        lines.remove(0)
    }

    fn frames(&self, line: &RecordedLine) -> Vec<RecordedFrame> {
        self.record.frames(line.id).expect("kept")
    }

    /// Kinds and clients of a line's frames.
    fn whose(&self, line: &RecordedLine) -> Vec<(RecordedKind, Option<String>)> {
        let frames = self.frames(line).into_iter();
        frames
            .map(|frame| (frame.kind, frame.client.map(|client| client.to_string())))
            .collect()
    }
}

fn exchange(client: &str) -> [(RecordedKind, Option<String>); 2] {
    [RecordedKind::Action, RecordedKind::Response].map(|kind| (kind, Some(client.to_owned())))
}

const EVENT: (RecordedKind, Option<String>) = (RecordedKind::Event, None);

#[test]
fn a_line_tells_who_got_it_and_an_answer_who_gave_it_and_how_long_it_took() {
    let mut on = Recorded::new();
    let asked = on.say(HERE, MING, "/weather");
    assert_eq!(
        (asked.id, asked.client.as_deref(), asked.took_ms),
        (1, None, None)
    );
    assert_eq!(asked.delivered_to, ["koishi", "nonebot"].map(Arc::from));
    on.pass(281);
    let first = on.reply("nonebot", "sunny");
    on.pass(1_000);
    let second = on.reply("koishi", "rain");
    let told = |line: &RecordedLine| (line.id, line.client.clone(), line.took_ms);
    assert_eq!(told(&first), (2, Some("nonebot".into()), Some(281)));
    assert_eq!(told(&second), (3, Some("koishi".into()), Some(1_282)));
    assert!(first.delivered_to.is_empty() && first.shown.by_bot);
    assert_eq!(on.record.page(HERE, None, 10).lines, [asked, first, second]);
}

#[test]
fn the_frames_of_what_was_said_are_its_event_and_what_came_of_it() {
    let mut on = Recorded::new();
    let asked = on.say(HERE, MING, "/weather");
    on.pass(281);
    let answer = on.reply("nonebot", "sunny");
    on.act(
        "koishi",
        None,
        "get_group_info",
        &json!({ "group_id": TESTING }),
    );
    assert_eq!(
        on.whose(&asked),
        [&[EVENT][..], &exchange("nonebot"), &exchange("koishi")].concat()
    );
    assert_eq!(on.whose(&answer), exchange("nonebot"));
    let frames = on.frames(&asked);
    let times: Vec<_> = frames.iter().map(|frame| frame.time.unix_ms()).collect();
    let start = times[0];
    assert_eq!(times, [0, 281, 282, 282, 283].map(|ms| start + ms));
    let event: Value = serde_json::from_str(&frames[0].text).expect("JSON");
    assert_eq!(event["raw_message"], "/weather");
}

#[test]
fn frames_are_as_the_client_sent_and_got_them() {
    let mut on = Recorded::new();
    let asked = on.say(HERE, MING, "hi");
    let group = json!({ "group_id": TESTING });
    let echoes = [
        Some("7"),
        Some(r#"{ "a": "\u4F60" }"#),
        Some("1.0"),
        Some("null"),
        None,
    ];
    for echo in echoes {
        on.act("bot", echo, "get_group_info", &group);
    }
    let frames = on.frames(&asked);
    for (pair, echo) in frames[1..].chunks(2).zip(echoes) {
        let begin = echo.map_or_else(
            || "{\"action\"".to_owned(),
            |echo| format!("{{\"echo\":{echo},"),
        );
        assert!(pair[0].text.starts_with(&begin), "{}", pair[0].text);
        assert!(!pair[1].text.contains("p7"), "{}", pair[1].text);
        if let Some(echo) = echo {
            assert!(
                pair[1].text.contains(&format!("\"echo\":{echo}")),
                "{}",
                pair[1].text
            );
        }
    }
}

#[test]
fn a_refused_action_belongs_to_what_it_answered() {
    let mut on = Recorded::new();
    let ban = json!({ "event": "ban", "group_id": TESTING, "user_id": BOT, "duration": 60 });
    let ban = on.stage.try_simulate(ban).expect("banned");
    on.people_did(&ban);
    let asked = on.say(HERE, MING, "/weather");
    on.say(Chat::User(MING), MING, "elsewhere");
    let params = json!({ "group_id": TESTING, "message": "sunny" });
    assert_eq!(on.act("nonebot", None, "send_msg", &params), []);
    assert_eq!(
        on.whose(&asked),
        [&[EVENT][..], &exchange("nonebot")].concat()
    );
    assert!(on.frames(&asked)[2].text.contains("\"failed\""));
}

#[test]
fn what_names_no_chat_belongs_to_the_latest_of_all_if_that_was_just_now() {
    let mut on = Recorded::new();
    on.say(Chat::User(MING), MING, "earlier");
    let asked = on.say(HERE, MING, "/who");
    let stranger = json!({ "user_id": MING });
    on.pass(60_000);
    on.act("bot", None, "get_stranger_info", &stranger);
    assert_eq!(on.frames(&asked).len(), 3);
    on.act("bot", None, "get_stranger_info", &stranger);
    assert_eq!(on.frames(&asked).len(), 3, "too late");
}

#[test]
fn a_message_of_its_own_accord_took_no_time_and_one_by_id_is_where_the_message_is() {
    let mut on = Recorded::new();
    let own = on.reply("bot", "good morning");
    assert_eq!(own.took_ms, None);
    assert_eq!(on.whose(&own), exchange("bot"));
    let spam = on.stage.try_say(HERE, LEI, "spam").expect("said");
    let (message_id, spam) = (spam.0, on.people_did(&spam.1));
    on.say(Chat::User(MING), MING, "elsewhere");
    let lines = on.act(
        "bot",
        None,
        "delete_msg",
        &json!({ "message_id": message_id }),
    );
    assert_eq!(lines[0].shown.place.chat, HERE);
    let events_too = [&exchange("bot")[..], &[EVENT]].concat();
    assert_eq!(on.whose(&lines[0]), events_too, "others hear of the recall");
    assert_eq!(on.whose(&spam), [&[EVENT][..], &exchange("bot")].concat());
}

#[test]
fn what_people_did_because_a_bot_let_them_is_theirs() {
    let mut on = Recorded::new();
    let request = json!({ "event": "friend_request", "user_id": 10_004, "comment": "hi" });
    let request = on.stage.try_simulate(request).expect("asked");
    let flag = serde_json::from_str::<Value>(&request.frames[0]).expect("JSON")["flag"].clone();
    on.people_did(&request);
    on.pass(5);
    let lines = on.act(
        "bot",
        None,
        "set_friend_add_request",
        &json!({ "flag": flag }),
    );
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.shown.by_bot, line.client.is_some(), line.took_ms))
        .collect();
    assert_eq!(told, [(true, true, Some(5)), (false, false, None)]);
}

#[test]
fn a_clock_that_was_set_back_makes_nothing_negative() {
    let mut on = Recorded::new();
    on.say(HERE, HONG, "hi");
    on.pass(-5_000);
    assert_eq!(on.reply("bot", "hi").took_ms, Some(0));
}

#[test]
fn a_picture_is_in_no_frame_and_a_line_that_never_was_has_none() {
    let mut on = Recorded::new();
    let picture = format!(
        "[CQ:image,file=base64://iVBORw0KGgo{}]",
        "A".repeat(1 << 20)
    );
    let said = on.say(HERE, MING, &picture);
    let event = &on.frames(&said)[0];
    assert!(event.text.len() < 8_000, "{}", event.text.len());
    assert!(serde_json::from_str::<Value>(&event.text).is_ok());
    assert_eq!(event.time, Timestamp::from_unix_ms(on.stage.now_ms));
    let words = on.record.frames(99).expect_err("none").to_string();
    assert!(words.contains("`99`"), "{words}");
}
