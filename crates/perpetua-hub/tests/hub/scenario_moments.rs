//! Since when things stand as they do, who is there, and what the upstream is.

use std::time::{Duration, Instant};

use perpetua_hub::{AccountSnapshot, ClientProfile, LinkState, Role, Visitor};
use serde_json::json;

use crate::rig::{BOT, Rig, parse, text};

fn standing(rig: &Rig) -> AccountSnapshot {
    rig.hub.snapshot()
}

/// Lets a second pass; gives the moment after it.
fn later(rig: &mut Rig) -> Instant {
    rig.pass(Duration::from_secs(1));
    rig.now.instant
}

#[test]
fn a_moment_moves_only_with_what_it_is_of() {
    let mut rig = Rig::new();
    let start = rig.now.instant;
    rig.client("bot", ClientProfile::Standard);
    later(&mut rig);
    assert_eq!(standing(&rig).online_since, start);

    let opened = rig.now.instant;
    rig.open();
    assert_eq!(standing(&rig).link_since, opened);
    let online = later(&mut rig);
    rig.log_in(BOT);
    let shown = standing(&rig);
    assert_eq!((shown.online_since, shown.link_since), (online, opened));
    assert_eq!(shown.clients[0].since, start, "it is away since then");

    let came = later(&mut rig);
    let first = rig.connect("bot", Role::Universal);
    later(&mut rig);
    let second = rig.connect("bot", Role::Universal);
    assert_eq!(standing(&rig).clients[0].since, came, "it was there before");
    assert_eq!(rig.seat(first).since, came);
    later(&mut rig);
    rig.hub.disconnect(first, rig.now);
    assert_eq!(standing(&rig).clients[0].since, came, "it is still there");
    let left = later(&mut rig);
    rig.hub.disconnect(second, rig.now);
    assert_eq!(standing(&rig).clients[0].since, left);

    let lost = later(&mut rig);
    rig.lose();
    later(&mut rig);
    let shown = standing(&rig);
    assert_eq!((shown.online_since, shown.link_since), (lost, lost));
    let closed = later(&mut rig);
    rig.hub.set_link(LinkState::Closed, rig.now);
    let shown = standing(&rig);
    assert_eq!((shown.online_since, shown.link_since), (lost, closed));
}

#[test]
fn who_came_is_remembered_for_as_long_as_it_is_there() {
    let mut rig = Rig::online();
    rig.client("bot", ClientProfile::Standard);
    let visitor = Visitor {
        role: Role::Event,
        peer: Some("127.0.0.1".into()),
        user_agent: Some("koishi/4".into()),
    };
    let admitted = rig.hub.connect("bot", visitor, rig.now).expect("room");
    rig.upstream(&format!(
        r#"{{"post_type":"message","self_id":{BOT},"time":1}}"#
    ));
    rig.take(admitted.id);
    let seat = rig.seat(admitted.id);
    assert_eq!(seat.peer.as_deref(), Some("127.0.0.1"));
    assert_eq!(seat.user_agent.as_deref(), Some("koishi/4"));
    // The greeting's two frames, and one event.
    let client = &standing(&rig).clients[0];
    assert_eq!((seat.sent, client.traffic.events), (3, 1));
    let counts = rig.hub.counts();
    assert_eq!((counts.events, counts.clients[0].events), (1, 1));
    rig.hub.disconnect(admitted.id, rig.now);
    assert_eq!(rig.hub.counts(), counts, "counts outlive connections");
}

#[test]
fn each_link_is_asked_once_what_it_leads_to_and_not_before_it_is_known_whose_it_is() {
    let mut rig = Rig::new();
    rig.open();
    rig.hub.ask_version(rig.now);
    rig.log_in(BOT);
    assert!(rig.hub.take_action(rig.now).is_none(), "asked too early");
    assert_eq!(standing(&rig).nickname.as_deref(), Some("bot"));

    for version in ["1.0", "1.1"] {
        rig.hub.ask_version(rig.now);
        rig.hub.ask_version(rig.now);
        let question = parse(&text(rig.hub.take_action(rig.now).expect("asked")));
        assert_eq!(question["action"], "get_version_info");
        assert!(rig.hub.take_action(rig.now).is_none(), "asked twice");
        let data = json!({ "app_name": "NapCat.Onebot", "app_version": version });
        rig.answer(&question, &data.to_string());
        let known = standing(&rig).implementation;
        assert_eq!(known, Some(format!("NapCat.Onebot {version}")));
        rig.lose();
        assert_eq!(standing(&rig).implementation, known, "it is what it was");
        rig.open();
        rig.log_in(BOT);
    }
}

#[test]
fn a_question_that_is_not_answered_concerns_nobody() {
    let mut rig = Rig::online();
    rig.hub.set_probes(None, rig.now);
    let id = rig.guest("bot", ClientProfile::Standard);
    rig.hub.ask_version(rig.now);
    assert!(rig.hub.take_action(rig.now).is_some());
    rig.lose();
    rig.open();
    rig.log_in(BOT);
    rig.hub.ask_version(rig.now);
    assert!(rig.hub.take_action(rig.now).is_some());
    rig.pass(Duration::from_mins(2));
    let shown = standing(&rig);
    assert_eq!((shown.unsent, shown.implementation), (0, None));
    assert_eq!(shown.clients[0].traffic.refusals, 0);
    let frames = rig.take(id);
    assert!(
        frames.iter().all(|frame| frame.get("retcode").is_none()),
        "{frames:?}"
    );
}
