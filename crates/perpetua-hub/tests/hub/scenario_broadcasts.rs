//! `send_broadcast_data` and `send_broadcast_data_callback`.

use perpetua_hub::{ClientProfile, ConnectionId, Role};
use serde_json::{Value, json};

use crate::rig::{BOT, Rig, kinds};

#[test]
fn a_broadcast_reaches_each_named_client_once_and_nobody_else() {
    let mut rig = Rig::online();
    let [sender, first, second] = three(&mut rig);
    let (first_id, name) = (app_id(&rig, first), json!("alpha"));
    rig.call(
        first,
        r#"{"action":"set_client_name","params":{"name":"alpha"}}"#,
    );
    let clients = json!([
        {"app_id": first_id}, {"app_id": first_id, "client_name": name}, {"app_id": null, "client_name": name},
    ]);
    let answer = broadcast(&mut rig, sender, &clients);
    let expected = json!({
        "time": 1_700_000_000_250_i64, "self_id": BOT, "post_type": "distributed",
        "distributed_type": "broadcast", "client": {"app_id": app_id(&rig, sender)},
        "uuid": answer["data"]["uuid"], "data": "d",
    });
    assert_eq!(rig.take(first), [expected]);
    assert!(rig.take(second).is_empty());
    assert!(rig.take(sender).is_empty());
}

#[test]
fn a_broadcast_never_comes_back_to_its_sender() {
    let mut rig = Rig::online();
    let [sender, ..] = three(&mut rig);
    let clients = json!([{"app_id": app_id(&rig, sender)}]);
    let action = json!({"action": "send_broadcast_data", "params": {"clients": clients, "data": "d"}, "echo": 1});
    rig.send(sender, &action.to_string());
    assert_eq!(kinds(&rig.take(sender)), ["response"]);
}

#[test]
fn both_id_and_name_must_fit_when_both_are_given_and_neither_fits_nobody() {
    let mut rig = Rig::online();
    let [sender, first, second] = three(&mut rig);
    rig.call(
        first,
        r#"{"action":"set_client_name","params":{"name":"alpha"}}"#,
    );
    let clients = json!([
        {"app_id": app_id(&rig, second), "client_name": "alpha"}, {}, {"app_id": null, "client_name": null},
    ]);
    assert_eq!(broadcast(&mut rig, sender, &clients)["status"], "ok");
    assert!(rig.take(first).is_empty());
    assert!(rig.take(second).is_empty());
}

#[test]
fn a_broadcast_to_an_empty_or_missing_list_is_refused() {
    let mut rig = Rig::online();
    let [sender, ..] = three(&mut rig);
    for clients in [
        json!([]),
        json!(null),
        json!({}),
        json!([null]),
        json!([{"app_id": "no uuid"}]),
    ] {
        assert_eq!(
            broadcast(&mut rig, sender, &clients)["retcode"],
            1400,
            "{clients}"
        );
    }
    let without = r#"{"action":"send_broadcast_data","params":{"data":"d"},"echo":1}"#;
    assert_eq!(rig.call(sender, without)["retcode"], 1400);
}

#[test]
fn a_broadcast_names_at_most_256_clients() {
    let mut rig = Rig::online();
    let [sender, receiver, _] = three(&mut rig);
    let clients = vec![json!({"app_id": app_id(&rig, receiver)}); 257];
    let answer = broadcast(&mut rig, sender, &json!(clients));
    assert_eq!(answer["retcode"], 1429);
    assert!(rig.take(receiver).is_empty());
    let answer = broadcast(&mut rig, sender, &json!(clients[..256]));
    assert_eq!(answer["status"], "ok");
    assert_eq!(kinds(&rig.take(receiver)), ["broadcast"]);
}

/// One frame for all of them: nobody can have others hold many times what it sends.
#[test]
fn a_broadcast_is_held_once_and_until_its_last_receiver_has_it() {
    let mut rig = Rig::online();
    let [sender, first, second] = three(&mut rig);
    let before = rig.hub.snapshot().held_bytes;
    let to = both(&rig, first, second);
    let data = "d".repeat(100_000);
    assert_eq!(send_data(&mut rig, sender, &to, &data)["status"], "ok");
    let held = |rig: &Rig| rig.hub.snapshot().held_bytes - before;
    assert!((100_000..101_000).contains(&held(&rig)), "{}", held(&rig));
    let shares = rig.hub.shares(|_| perpetua_hub::InDriver::default());
    assert!(shares.iter().all(|one| one.bytes < 1000), "{shares:?}");
    rig.take(first);
    assert!((100_000..101_000).contains(&held(&rig)), "{}", held(&rig));
    let (batch, _) = rig.take_frames(second);
    assert!(held(&rig) >= 100_000, "it is being written");
    drop(batch);
    assert_eq!(held(&rig), 0);
}

#[test]
fn the_data_of_a_broadcast_and_of_its_answer_has_a_limit() {
    let mut rig = Rig::online();
    let [sender, first, second] = three(&mut rig);
    let to = both(&rig, first, second);
    let (largest, more) = ("d".repeat(1 << 20), "d".repeat((1 << 20) + 1));
    let refused = send_data(&mut rig, sender, &to, &more);
    assert_eq!(refused["retcode"], 1413);
    let message = refused["message"].as_str().expect("words");
    assert!(message.contains("1048576"), "{message}");
    assert!(rig.take(first).is_empty());
    let answer = send_data(&mut rig, sender, &to, &largest);
    assert_eq!(answer["status"], "ok");
    rig.take(first);
    let params = json!({"client": {"app_id": app_id(&rig, sender)}, "uuid": answer["data"]["uuid"], "data": more});
    let action = json!({"action": "send_broadcast_data_callback", "params": params, "echo": 1});
    assert_eq!(rig.call(first, &action.to_string())["retcode"], 1413);
}

#[test]
fn broadcasts_that_nobody_reads_are_refused_until_they_are_read() {
    let mut rig = Rig::online();
    let [sender, first, second] = three(&mut rig);
    let to = both(&rig, first, second);
    let data = "d".repeat(1_000_000);
    for _ in 0..4 {
        assert_eq!(send_data(&mut rig, sender, &to, &data)["status"], "ok");
    }
    assert_eq!(send_data(&mut rig, sender, &to, &data)["retcode"], 1429);
    rig.take(first);
    assert_eq!(send_data(&mut rig, sender, &to, &data)["retcode"], 1429);
    assert_eq!(rig.take(second).len(), 4);
    assert_eq!(send_data(&mut rig, sender, &to, &data)["status"], "ok");
}

#[test]
fn broadcasts_reach_only_connections_that_hear_extension_events() {
    let mut rig = Rig::online();
    let [sender, ..] = three(&mut rig);
    let standard = rig.guest("standard", ClientProfile::Standard);
    rig.client("api", ClientProfile::Perpetua);
    let api = rig.connect("api", Role::Api);
    rig.take(sender);
    let clients = json!([{"app_id": app_id(&rig, standard)}, {"app_id": app_id(&rig, api)}]);
    broadcast(&mut rig, sender, &clients);
    assert!(rig.take(standard).is_empty());
    assert!(rig.take(api).is_empty());
}

#[test]
fn a_callback_reaches_the_sender_of_the_broadcast() {
    let mut rig = Rig::online();
    let [sender, first, _] = three(&mut rig);
    let uuid = send_to(&mut rig, sender, first);
    let (from, to) = (app_id(&rig, first), app_id(&rig, sender));
    let answer = callback(
        &mut rig,
        first,
        &json!({"app_id": to, "client_name": null}),
        &uuid,
    );
    assert_eq!(answer["status"], "ok");
    let frames = rig.take(sender);
    assert_eq!(kinds(&frames), ["broadcast_callback"]);
    assert_eq!(
        (&frames[0]["uuid"], &frames[0]["data"]),
        (&uuid, &json!("c"))
    );
    assert_eq!(frames[0]["client"], json!({"app_id": from}));
}

#[test]
fn a_callback_without_a_broadcast_to_the_caller_is_refused() {
    let mut rig = Rig::online();
    let [sender, first, second] = three(&mut rig);
    let uuid = send_to(&mut rig, sender, first);
    let to_sender = json!({"app_id": app_id(&rig, sender)});
    let to_second = json!({"app_id": app_id(&rig, second)});
    let other = json!("2b0e4a9e-6f0c-4c7f-9d6e-0a3c5b1f7d11");
    assert_eq!(
        callback(&mut rig, second, &to_sender, &uuid)["retcode"],
        1401,
        "not a receiver"
    );
    assert_eq!(
        callback(&mut rig, first, &to_second, &uuid)["retcode"],
        1401,
        "not the sender"
    );
    assert_eq!(
        callback(&mut rig, first, &to_sender, &other)["retcode"],
        1401,
        "no such broadcast"
    );
    assert_eq!(
        callback(&mut rig, first, &json!({}), &uuid)["retcode"],
        1401,
        "nobody is named"
    );
    assert_eq!(
        callback(&mut rig, first, &to_sender, &json!(5))["retcode"],
        1400
    );
    assert!(rig.take(sender).is_empty());
    assert!(rig.take(second).is_empty());
}

#[test]
fn a_callback_to_a_sender_that_has_left_is_refused() {
    let mut rig = Rig::online();
    let [sender, first, _] = three(&mut rig);
    let uuid = send_to(&mut rig, sender, first);
    let to = json!({"app_id": app_id(&rig, sender)});
    rig.hub.disconnect(sender, rig.now);
    rig.take(first);
    assert_eq!(callback(&mut rig, first, &to, &uuid)["retcode"], 1401);
}

/// Its `/api` connection speaks responses only, and a standard client knows no such events.
#[test]
fn a_callback_is_no_event_for_a_sender_that_hears_none() {
    let mut rig = Rig::online();
    let [_, first, _] = three(&mut rig);
    rig.client("api", ClientProfile::Perpetua);
    let api = rig.connect("api", Role::Api);
    let standard = rig.guest("standard", ClientProfile::Standard);
    rig.take(first);
    for sender in [api, standard] {
        let uuid = send_to(&mut rig, sender, first);
        let to = json!({"app_id": app_id(&rig, sender)});
        callback(&mut rig, first, &to, &uuid);
        assert!(rig.take(sender).is_empty());
    }
}

/// Three leased clients, their greetings read.
fn three(rig: &mut Rig) -> [ConnectionId; 3] {
    let ids = ["first", "second", "third"].map(|name| rig.guest(name, ClientProfile::Perpetua));
    for id in ids {
        rig.take(id);
    }
    ids
}

fn app_id(rig: &Rig, id: ConnectionId) -> String {
    rig.hub.app_id(id).expect("it is there").to_string()
}

fn broadcast(rig: &mut Rig, sender: ConnectionId, clients: &Value) -> Value {
    let params = json!({"clients": clients, "data": "d"});
    let action = json!({"action": "send_broadcast_data", "params": params, "echo": 1});
    rig.call(sender, &action.to_string())
}

fn both(rig: &Rig, first: ConnectionId, second: ConnectionId) -> Value {
    json!([{"app_id": app_id(rig, first)}, {"app_id": app_id(rig, second)}])
}

fn send_data(rig: &mut Rig, sender: ConnectionId, clients: &Value, data: &str) -> Value {
    let params = json!({"clients": clients, "data": data});
    let action = json!({"action": "send_broadcast_data", "params": params, "echo": 1});
    rig.call(sender, &action.to_string())
}

/// A broadcast to one client, which reads it; gives its id.
fn send_to(rig: &mut Rig, sender: ConnectionId, receiver: ConnectionId) -> Value {
    let clients = json!([{"app_id": app_id(rig, receiver)}]);
    let answer = broadcast(rig, sender, &clients);
    assert_eq!(kinds(&rig.take(receiver)), ["broadcast"]);
    answer["data"]["uuid"].clone()
}

fn callback(rig: &mut Rig, caller: ConnectionId, client: &Value, uuid: &Value) -> Value {
    let params = json!({"client": client, "uuid": uuid, "data": "c"});
    let action = json!({"action": "send_broadcast_data_callback", "params": params, "echo": 1});
    rig.call(caller, &action.to_string())
}
