//! Who comes, who goes, and who is sent away.

use perpetua_hub::{
    ClientProfile, ClientRefused, ClientSettings, ConnectionId, DisconnectReason, QueueLimits,
    Remaining, Role,
};
use serde_json::{Value, json};

use crate::rig::{BOT, Rig, kinds};

const OTHER_BOT: i64 = 30_003;

#[test]
fn each_session_is_told_once_as_online_and_once_as_offline() {
    let mut rig = Rig::online();
    let watcher = rig.guest("watcher", ClientProfile::Perpetua);
    let standard = rig.guest("standard", ClientProfile::Standard);
    rig.take(watcher);
    let guest = rig.guest("guest", ClientProfile::Perpetua);
    let app_id = rig.hub.app_id(guest).expect("it is there");
    rig.upstream(r#"{"post_type":"notice"}"#);
    rig.hub
        .cut_connection(guest, DisconnectReason::WriteTooSlow);
    rig.hub.disconnect(guest, rig.now);
    rig.hub.disconnect(guest, rig.now);
    let told = statuses(&rig.take(watcher));
    let status = |online| json!([{"app_id": app_id}, online, false]);
    assert_eq!(told, [status(true), status(false)]);
    assert_eq!(
        kinds(&rig.take(standard)),
        ["notice"],
        "the standard profile knows no such event"
    );
}

#[test]
fn a_session_cut_off_before_its_greeting_is_told_to_nobody() {
    let mut rig = Rig::new();
    rig.client("first", ClientProfile::Perpetua);
    let first = rig.connect("first", Role::Universal);
    let second = rig.connect("first", Role::Universal);
    rig.hub
        .cut_connection(second, DisconnectReason::WriteTooSlow);
    rig.hub.learn_self_id(BOT, rig.now);
    rig.hub.disconnect(second, rig.now);
    assert_eq!(statuses(&rig.take(first)).len(), 1, "only of itself");
}

#[test]
fn a_configured_clients_status_carries_its_name() {
    let mut rig = Rig::online();
    let watcher = rig.guest("watcher", ClientProfile::Perpetua);
    rig.guest("nonebot", ClientProfile::Standard);
    assert_eq!(rig.take(watcher)[0]["client"]["client_name"], "nonebot");
}

#[test]
fn removing_a_client_cuts_its_connections_and_disturbs_nobody() {
    let mut rig = Rig::online();
    let (removed, other) = (
        rig.guest("removed", ClientProfile::Standard),
        rig.guest("other", ClientProfile::Standard),
    );
    rig.hub.remove_client("removed");
    assert_eq!(rig.hub.cut_off().collect::<Vec<_>>(), [removed]);
    rig.message(1);
    rig.send(removed, r#"{"action":"send_msg","echo":1}"#);
    assert_eq!(
        rig.take_batch(removed),
        (Vec::new(), Remaining::Disconnect(DisconnectReason::Removed))
    );
    assert!(rig.take_actions().is_empty());
    assert_eq!(kinds(&rig.take(other)), ["message"]);
    assert_eq!(
        rig.hub.connect("removed", Role::Universal.into(), rig.now),
        Err(ClientRefused::Unknown)
    );
}

#[test]
fn another_account_cuts_everyone_and_greets_those_who_come_back() {
    let mut rig = Rig::online();
    let ids = ["first", "second"].map(|name| rig.guest(name, ClientProfile::Standard));
    rig.lose();
    rig.open();
    rig.log_in(OTHER_BOT);
    for id in ids {
        assert_eq!(
            rig.take_batch(id),
            (
                Vec::new(),
                Remaining::Disconnect(DisconnectReason::AccountChanged)
            )
        );
        rig.hub.disconnect(id, rig.now);
    }
    let back = rig.connect("first", Role::Universal);
    assert_eq!(rig.take(back)[0]["self_id"], OTHER_BOT);
}

#[test]
fn the_same_account_cuts_nobody() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.lose();
    rig.open();
    rig.log_in(BOT);
    assert_eq!(rig.take_batch(id).1, Remaining::Emptied);
}

#[test]
fn a_connection_that_is_being_closed_is_no_longer_shown_but_its_counts_are() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    let sent = rig.hub.snapshot().clients[0].traffic.sent;
    rig.message(1);
    rig.hub.cut_connection(id, DisconnectReason::WriteTooSlow);
    let clients = rig.hub.snapshot().clients;
    assert!(clients[0].connections.is_empty());
    let traffic = &clients[0].traffic;
    assert_eq!((traffic.sent, traffic.dropped, traffic.cuts), (sent, 1, 1));
    rig.hub.disconnect(id, rig.now);
    assert_eq!(rig.hub.snapshot().clients[0].traffic.dropped, 1);
}

#[test]
fn a_client_has_room_again_as_soon_as_a_connection_is_cut_off() {
    let mut rig = Rig::online();
    let settings = ClientSettings {
        max_connections: 1,
        ..ClientSettings::default()
    };
    rig.hub.set_client("nonebot", settings, rig.now);
    let id = rig.connect("nonebot", Role::Universal);
    assert_eq!(
        rig.hub.admits("nonebot"),
        Err(ClientRefused::TooManyConnections { limit: 1 })
    );
    rig.hub.cut_connection(id, DisconnectReason::WriteTooSlow);
    assert_eq!(rig.hub.admits("nonebot"), Ok(()));
}

#[test]
fn other_bounds_hold_for_open_connections_from_the_next_frame_on() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    (1..=5).for_each(|number| rig.message(number));
    let queue = QueueLimits {
        frames: 2,
        ..QueueLimits::default()
    };
    rig.hub.set_client(
        "nonebot",
        ClientSettings {
            queue,
            ..ClientSettings::default()
        },
        rig.now,
    );
    rig.message(6);
    assert_eq!(rig.take(id).len(), 2);
    assert_eq!(rig.seat(id).dropped, 4);
}

#[test]
fn a_connection_is_woken_once_until_it_has_read_everything() {
    let mut rig = Rig::online();
    let id = rig.guest("nonebot", ClientProfile::Standard);
    rig.hub.woken().for_each(drop);
    (0..1000).for_each(|number| rig.message(number));
    assert_eq!(woken(&mut rig), [id]);
    assert_eq!(rig.take_batch(id).1, Remaining::More);
    rig.message(1000);
    assert!(woken(&mut rig).is_empty(), "it is still reading");
    rig.take(id);
    rig.message(1001);
    assert_eq!(woken(&mut rig), [id]);
}

fn woken(rig: &mut Rig) -> Vec<ConnectionId> {
    rig.hub.woken().collect()
}

/// Of each `client_status`: whose, whether online, and whether of the listener itself.
fn statuses(frames: &[Value]) -> Vec<Value> {
    let statuses = frames
        .iter()
        .filter(|frame| frame["notice_type"] == "client_status");
    statuses
        .map(|frame| json!([frame["client"], frame["online"], frame["self_client"]]))
        .collect()
}
