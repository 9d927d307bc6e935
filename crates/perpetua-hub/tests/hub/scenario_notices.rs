//! What the owner is shown of what was refused or lost.

use std::time::Duration;

use perpetua_hub::{ClientProfile, Notice};
use perpetua_words::{Message, io};

use crate::rig::Rig;

#[test]
fn each_client_and_the_upstream_have_notices_of_their_own() {
    let mut rig = Rig::new();
    rig.client("one", ClientProfile::Standard);
    rig.client("other", ClientProfile::Standard);
    for _ in 0..3 {
        rig.hub.note_client("one", said("token"), rig.now);
    }
    rig.pass(Duration::from_secs(12));
    rig.hub.note_client("one", said("path"), rig.now);
    rig.hub.note_upstream(said("path"), rig.now);
    rig.hub.note_client("nobody", said("path"), rig.now);
    let snapshot = rig.hub.snapshot();
    let [one, other] = &snapshot.clients[..] else {
        panic!("{:?}", snapshot.clients);
    };
    assert_eq!(
        told(&one.notices),
        [("path".to_owned(), 1), ("token".to_owned(), 3)]
    );
    let [newest, oldest] = [0, 1].map(|place| one.notices[place].last.instant);
    assert_eq!(newest.duration_since(oldest), Duration::from_secs(12));
    assert_eq!((one.noted, other.noted, snapshot.upstream_noted), (4, 0, 1));
    assert_eq!(told(&other.notices), []);
    assert_eq!(told(&snapshot.upstream_notices), [("path".to_owned(), 1)]);
}

#[test]
fn whoever_shows_the_right_token_at_last_is_no_stranger_any_more() {
    use perpetua_hub::{Role, Visitor};
    use perpetua_words::refused;

    let mut rig = Rig::new();
    rig.client("bot", ClientProfile::Standard);
    let (account, client) = ("main", "bot");
    for peer in ["192.0.2.1", "192.0.2.2"] {
        let wrong = refused::WrongToken {
            peer,
            account,
            client,
        };
        rig.hub.note_client("bot", wrong, rig.now);
        let none = refused::NoToken {
            peer,
            account,
            client,
        };
        rig.hub.note_client("bot", none, rig.now);
    }
    let peer = "192.0.2.1";
    let other = refused::NoWebsocket { peer };
    rig.hub.note_client("bot", other, rig.now);
    let visitor = Visitor {
        peer: Some(peer.to_owned()),
        ..Role::Universal.into()
    };
    rig.hub.connect("bot", visitor, rig.now).expect("room");
    let snapshot = rig.hub.snapshot();
    let [client] = &snapshot.clients[..] else {
        panic!("{:?}", snapshot.clients);
    };
    let left: Vec<_> = client
        .notices
        .iter()
        .map(|notice| notice.message.to_string())
        .collect();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left[0].contains("web page"), "{left:?}");
    assert!(
        left[1..].iter().all(|text| text.contains("192.0.2.2")),
        "{left:?}"
    );
    assert_eq!(client.noted, 5, "they stay counted");
}

#[test]
fn lines_for_the_log_name_the_client_and_are_given_once() {
    let mut rig = Rig::new();
    rig.client("one", ClientProfile::Standard);
    rig.hub.note_client("one", said("token"), rig.now);
    rig.hub.note_client("one", said("token"), rig.now);
    rig.hub.note_upstream(said("token"), rig.now);
    let lines: Vec<_> = rig.hub.due_log_lines().collect();
    let clients: Vec<_> = lines.iter().map(|line| line.client.as_deref()).collect();
    assert_eq!(clients, [Some("one"), None]);
    assert_eq!(rig.hub.due_log_lines().count(), 0);
    rig.pass(Duration::from_mins(1));
    rig.hub.note_client("one", said("token"), rig.now);
    let counts: Vec<_> = rig
        .hub
        .due_log_lines()
        .map(|line| line.notice.count)
        .collect();
    assert_eq!(counts, [2], "with the one that had no line");
}

#[test]
fn lines_that_nobody_takes_do_not_pile_up() {
    let mut rig = Rig::new();
    for client in 0..200 {
        let name = client.to_string();
        rig.client(&name, ClientProfile::Standard);
        rig.hub.note_client(&name, said("token"), rig.now);
    }
    assert_eq!(rig.hub.due_log_lines().count(), 64);
}

#[test]
fn a_busy_connection_is_shown_until_it_answers() {
    let mut rig = Rig::online();
    let id = rig.guest("painter", ClientProfile::Standard);
    rig.hub.set_busy(id, Some(rig.now));
    let since = rig.seat(id).busy_since.expect("it is busy");
    assert_eq!(since.instant, rig.now.instant);
    rig.hub.set_busy(id, None);
    assert!(rig.seat(id).busy_since.is_none());
}

fn said(text: &str) -> Message {
    io::Other { text }.into()
}

fn told(notices: &[Notice]) -> Vec<(String, u64)> {
    let told = |notice: &Notice| (notice.message.to_string(), notice.count);
    notices.iter().map(told).collect()
}
