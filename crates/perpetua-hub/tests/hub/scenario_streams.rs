//! Answers that come in parts: `NapCat`'s stream actions.

use std::time::Duration;

use perpetua_hub::{ClientProfile, ConnectionId};

use crate::rig::Rig;

/// What a client asked for and was sent: its answers come in parts.
const ASKED: &str = r#"{"action":"download_file_stream","echo":1}"#;

#[test]
fn all_parts_of_a_streamed_answer_arrive() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    let echo = ask(&mut rig, id);
    for kind in ["stream", "stream", "response", "response"] {
        rig.pass(Duration::from_secs(50));
        part(&mut rig, &echo, kind);
    }
    assert_eq!(rig.take(id).len(), 3, "the one after the last is late");
    assert_eq!(rig.hub.snapshot().unanswered, 0);
}

/// `NapCat` answers each chunk of `upload_file_stream` once, with `"type":"stream"`: nothing more
/// comes for that echo (its `UploadFileStream.processChunk`).
#[test]
fn an_uploaded_chunk_that_was_answered_is_not_refused_later() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.send(
        id,
        r#"{"action":"upload_file_stream","params":{"chunk_index":0},"echo":1}"#,
    );
    let echo = rig.take_actions()[0]["echo"].to_string();
    rig.upstream(&format!(
        r#"{{"status":"ok","retcode":0,"data":{{"type":"stream","status":"chunk_received"}},"echo":{echo},"stream":"stream-action"}}"#
    ));
    assert_eq!(rig.take(id).len(), 1);
    rig.pass(Duration::from_secs(61));
    assert!(rig.take(id).is_empty(), "it was answered");
    assert_eq!(rig.hub.snapshot().clients[0].traffic.refusals, 0);
}

#[test]
fn a_link_that_is_lost_ends_what_was_answered_in_part_quietly() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    let echo = ask(&mut rig, id);
    part(&mut rig, &echo, "stream");
    rig.send(id, r#"{"action":"send_msg","echo":2}"#);
    rig.take_actions();
    rig.take(id);
    rig.lose();
    let frames = rig.take(id);
    let refused = frames.iter().filter(|frame| frame["retcode"] == 1504);
    let echoes: Vec<_> = refused.map(|frame| &frame["echo"]).collect();
    assert_eq!(echoes, [2], "only what had no answer at all");
    assert_eq!(rig.hub.snapshot().unanswered, 0);
}

#[test]
fn what_was_answered_in_part_takes_no_place_of_its_clients_quota() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    for _ in 0..2048 {
        let echo = ask(&mut rig, id);
        part(&mut rig, &echo, "stream");
    }
    rig.take(id);
    for _ in 0..2048 {
        rig.send(id, ASKED);
    }
    assert!(rig.take(id).is_empty(), "all of the room is there");
    assert_eq!(rig.call(id, ASKED)["retcode"], 1429, "and no more of it");
}

#[test]
fn the_first_part_tells_how_long_the_answer_took() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    let echo = ask(&mut rig, id);
    for kind in ["stream", "stream", "response"] {
        rig.pass(Duration::from_secs(3));
        part(&mut rig, &echo, kind);
        let latency = &rig.hub.snapshot().clients[0].traffic.latency;
        assert_eq!((latency.count(), latency.sum), (1, Duration::from_secs(3)));
    }
}

/// A connection asks, the upstream takes it; gives the raw upstream echo.
fn ask(rig: &mut Rig, id: ConnectionId) -> String {
    rig.send(id, ASKED);
    rig.take_actions()[0]["echo"].to_string()
}

/// The upstream sends one part of an answer.
fn part(rig: &mut Rig, echo: &str, kind: &str) {
    rig.upstream(&format!(
        r#"{{"status":"ok","retcode":0,"data":{{"type":"{kind}"}},"echo":{echo},"stream":"stream-action"}}"#
    ));
}
