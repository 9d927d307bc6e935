//! Settings that change while the node runs.

use std::{net::SocketAddr, time::Duration};

use perpetua_node::Node;
use perpetua_schema::{
    Applied, ClientStatus, NodeStatus, RetryFailed, SetClientEnabled, SettingsRead, SettingsWrite,
    Status,
};
use perpetua_secrets::Secret;
use perpetua_testkit::{Client, Dial};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep, timeout},
};

use crate::harness::Place;

/// How long anything may take that waits for nobody.
const SOON: Duration = Duration::from_mins(1);

/// An account on the simulator with these clients: name, address, and whatever else.
fn settings(clients: &[(&str, SocketAddr, &str)]) -> String {
    let clients = clients.iter().map(|(name, listen, more)| {
        format!(
            "\n[[accounts.clients]]\nname = \"{name}\"\nkind = \"forward\"\nlisten = \"{listen}\"\n{more}\n"
        )
    });
    format!(
        "[api]\nlisten = \"127.0.0.1:0\"\n\n[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n{}",
        clients.collect::<String>()
    )
}

fn any() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

const OFF: &str = "token = \"off\"";

async fn status(node: &Node) -> NodeStatus {
    node.rpc().call(&Status {}).await.expect("a status")
}

async fn client(node: &Node, name: &str) -> ClientStatus {
    let status = status(node).await;
    let mut clients = status.accounts[0].clients.iter();
    let found = clients.find(|client| client.name == name);
    found.expect("it is in the settings").clone()
}

async fn listen(node: &Node, name: &str) -> SocketAddr {
    let listen = client(node, name).await.listen.expect("it listens");
    listen.parse().expect("an address")
}

async fn write(node: &Node, text: &str) -> Applied {
    let write = SettingsWrite {
        text: text.to_owned(),
        instead_of: None,
        ..SettingsWrite::default()
    };
    node.rpc().call(&write).await.expect("valid")
}

/// Waits until the status is as wanted.
async fn until(node: &Node, what: impl Fn(&NodeStatus) -> bool) {
    let came = timeout(SOON, async {
        while !what(&status(node).await) {
            // The file is looked at now and then; nothing tells of a look that found nothing.
            sleep(Duration::from_millis(20)).await;
        }
    });
    let has_come = came.await.is_ok();
    assert!(has_come, "it never came: {:#?}", status(node).await);
}

fn codes(status: &NodeStatus) -> Vec<String> {
    let problems = status.problems.iter();
    problems.map(|problem| problem.code.to_string()).collect()
}

#[tokio::test]
async fn two_clients_swap_their_ports_in_one_save() {
    let place = Place::new(&settings(&[
        ("a", any(), OFF),
        ("b", any(), OFF),
        ("c", any(), OFF),
    ]));
    let node = place.start().await.expect("started");
    let (a, b, c) = (
        listen(&node, "a").await,
        listen(&node, "b").await,
        listen(&node, "c").await,
    );
    let mut untouched = connect(c).await;
    let swapped = settings(&[("a", b, OFF), ("b", a, OFF), ("c", any(), OFF)]);
    let applied = write(&node, &swapped).await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    assert_eq!(applied.changes.len(), 2, "{applied:?}");
    assert_eq!((listen(&node, "a").await, listen(&node, "b").await), (b, a));
    let status = untouched.data_of("get_status", serde_json::json!({})).await;
    status.expect("the third one noticed nothing");
    node.drain().await;
}

#[tokio::test]
async fn ports_change_hands_between_kinds_of_listeners() {
    let with_client = settings(&[("bot", any(), OFF)]);
    let place = Place::new(&with_client);
    let node = place.start().await.expect("started");
    let port = listen(&node, "bot").await;
    let reverse = format!(
        "kind = \"onebot-reverse\", listen = \"{port}\", token = \"off\", path = \"/onebot/v11/ws\""
    );
    let next = settings(&[]).replace("kind = \"simulator\"", &reverse);
    let applied = write(&node, &next).await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    let address = status(&node).await.accounts[0].upstream.address.clone();
    assert_eq!(address, Some(format!("ws://{port}/onebot/v11/ws")));
    node.drain().await;
}

#[tokio::test]
async fn a_secret_that_is_stored_after_the_settings_is_picked_up() {
    let place = Place::new(&settings(&[("other", any(), OFF)]));
    let node = place.start().await.expect("started");
    let next = settings(&[
        ("bot", any(), "token = { secret = \"bot\" }"),
        ("other", any(), OFF),
    ]);
    let applied = write(&node, &next).await;
    let pending: Vec<_> = applied.pending.iter().map(|one| &*one.code).collect();
    assert_eq!(pending, ["node.client_problem"], "{applied:?}");
    let problem = client(&node, "bot").await.problem.expect("it is shown");
    assert_eq!(problem.code, "token.no_secret");
    let token = Secret::new("0123456789abcdef").expect("a token");
    place.keyring.store("named/bot", token);
    // Half a minute passes.
    tokio::time::pause();
    until(&node, |status| {
        let client = &status.accounts[0].clients[0];
        client.problem.is_none() && client.listen.is_some()
    })
    .await;
    node.drain().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_shown_and_opened_once_it_is_free() {
    let place = Place::new(&settings(&[]));
    let node = place.start().await.expect("started");
    let taken = TcpListener::bind(any()).await.expect("a port");
    let address = taken.local_addr().expect("bound");
    let applied = write(&node, &settings(&[("bot", address, OFF)])).await;
    assert_eq!(applied.pending.len(), 1, "{applied:?}");
    assert!(
        applied.pending[0]
            .to_string()
            .contains(&address.to_string())
    );
    drop(taken);
    // Whoever saves again does not wait for the next attempt.
    let applied = write(&node, &settings(&[("bot", address, OFF)])).await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    assert_eq!(listen(&node, "bot").await, address);
    node.drain().await;
}

#[tokio::test]
async fn a_locked_keyring_holds_up_only_what_needs_it() {
    let place = Place::new(&settings(&[("open", any(), OFF), ("bot", any(), "")]));
    place.keyring.lock();
    let node = place.start().await.expect("started");
    connect(listen(&node, "open").await).await;
    let begin = Instant::now();
    let next = settings(&[
        ("open", any(), OFF),
        ("bot", any(), ""),
        ("more", any(), OFF),
    ]);
    let applied = write(&node, &next).await;
    let pending: Vec<_> = applied.pending.iter().map(|one| &*one.code).collect();
    assert_eq!(pending, ["node.still_applying"], "{applied:?}");
    assert!(begin.elapsed() < SOON);
    connect(listen(&node, "more").await).await;
    // One whose step is under way can go.
    write(&node, &settings(&[("open", any(), OFF)])).await;
    place.keyring.unlock();
    until(&node, |status| status.accounts[0].clients.len() == 1).await;
    node.drain().await;
}

#[tokio::test]
async fn who_has_mended_the_keyring_need_not_wait_for_the_next_attempt() {
    let place = Place::new(&settings(&[("bot", any(), "")]));
    place.keyring.set_absent(true);
    let node = place.start().await.expect("started");
    let retry = || async { node.rpc().call(&RetryFailed {}).await.expect("tried") };
    let still = retry().await;
    let codes = |applied: &Applied| -> Vec<_> {
        let pending = applied.pending.iter();
        pending.map(|one| one.code.to_string()).collect()
    };
    assert_eq!(codes(&still), ["node.client_problem"], "{still:?}");
    place.keyring.set_absent(false);
    let tried = retry().await;
    assert!(tried.pending.is_empty(), "{tried:?}");
    let status = node.rpc().call(&Status {}).await.expect("a status");
    let bot = &status.accounts[0].clients[0];
    assert!(bot.listen.is_some() && bot.problem.is_none(), "{bot:?}");
    node.drain().await;
}

#[tokio::test]
async fn chosen_ports_that_cannot_be_read_are_told_and_the_node_runs() {
    let place = Place::new(&settings(&[("bot", any(), OFF)]));
    let state = place.folders().state();
    std::fs::write(&state, "no JSON").expect("written");
    let node = place.start().await.expect("started");
    let problems = status(&node).await.problems;
    let codes: Vec<_> = problems.iter().map(|problem| &*problem.code).collect();
    assert_eq!(codes, ["start.state_damaged"]);
    connect(listen(&node, "bot").await).await;
    node.drain().await;
    let kept = std::fs::read_to_string(state.with_extension("json.damaged"));
    assert_eq!(kept.expect("nothing is lost"), "no JSON");

    std::fs::remove_file(&state).expect("the new one");
    std::fs::create_dir(&state).expect("made");
    let node = place.start().await.expect("started");
    let problems = status(&node).await.problems;
    let codes: Vec<_> = problems.iter().map(|problem| &*problem.code).collect();
    assert_eq!(codes, ["start.state_unreadable"]);
    connect(listen(&node, "bot").await).await;
    node.drain().await;
    assert!(state.is_dir());
}

#[tokio::test]
async fn a_change_that_is_taken_back_leaves_no_problem() {
    let managed = |more: &str| {
        format!(
            "[api]\nlisten = \"127.0.0.1:0\"\n[core]\nauto-install = false\n{more}\n[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"lagrange\" }}\n"
        )
    };
    let place = Place::new(&managed(""));
    let node = place.start().await.expect("started");
    let signer = "[[signers]]\nname = \"mine\"\nurl = { secret = \"none\" }";
    let applied = write(&node, &managed(signer)).await;
    assert_eq!(applied.pending.len(), 1, "{applied:?}");
    let applied = write(&node, &managed("")).await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    node.drain().await;
}

#[tokio::test]
async fn a_step_that_waits_is_called_off_for_other_settings() {
    let place = Place::new(&settings(&[("bot", any(), ""), ("other", any(), "")]));
    place.keyring.lock();
    let node = place.start().await.expect("started");
    // One needs no keyring any more, the other one is gone and somebody else has its place.
    let next = settings(&[("bot", any(), OFF), ("heir", any(), OFF)]);
    let applied = write(&node, &next).await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    connect(listen(&node, "bot").await).await;
    connect(listen(&node, "heir").await).await;
    let webhook = "[[notify]]\npost = { secret = \"address\" }\n";
    let applied = write(&node, &format!("{webhook}{next}")).await;
    assert_eq!(applied.pending.len(), 1, "{applied:?}");
    let applied = write(&node, &next).await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    place.keyring.unlock();
    node.drain().await;
}

#[tokio::test]
async fn a_start_does_not_wait_for_the_proxy_of_downloads() {
    let text = settings(&[("open", any(), OFF)]);
    let place = Place::new(&format!(
        "core = {{ proxy = {{ secret = \"proxy\" }} }}\n{text}"
    ));
    place.keyring.lock();
    let node = timeout(SOON, place.start()).await.expect("soon");
    let node = node.expect("started");
    connect(listen(&node, "open").await).await;
    place.keyring.unlock();
    node.drain().await;
}

#[tokio::test]
async fn an_account_is_ended_although_a_step_of_it_waits() {
    let place = Place::new(&settings(&[("bot", any(), "")]));
    place.keyring.lock();
    let node = place.start().await.expect("started");
    let applied = write(&node, "[api]\nlisten = \"127.0.0.1:0\"\n").await;
    assert!(applied.pending.is_empty(), "{applied:?}");
    assert!(status(&node).await.accounts.is_empty());
    place.keyring.unlock();
    node.drain().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_and_changes_nothing() {
    let good = settings(&[("bot", any(), OFF)]);
    let place = Place::new(&good);
    let node = place.start().await.expect("started");
    let mut bot = connect(listen(&node, "bot").await).await;
    // From here on the looks at the file take no time.
    tokio::time::pause();
    let gbk = b"# \xc4\xe3\xba\xc3\n".as_slice();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, code, words) in [
        (gbk, "node.settings_", "GBK"),
        (&utf16, "node.settings_", "UTF-16"),
        (b"", "node.settings_", "empty"),
        (b"nope = 1", "node.settings_", "nope"),
        (
            b"[api]\nlisten = 5\n",
            "node.settings_",
            "line 2, column 10: `api.listen`: ",
        ),
        (b"[api\n", "node.settings_", "line 1, column 5: "),
    ] {
        std::fs::write(place.settings_path(), bytes).expect("written");
        until(&node, |status| {
            let mut problems = status.problems.iter();
            problems.any(|problem| {
                problem.code.starts_with(code) && problem.to_string().contains(words)
            })
        })
        .await;
    }
    std::fs::remove_file(place.settings_path()).expect("removed");
    until(&node, |status| {
        let mut problems = status.problems.iter();
        problems.any(|problem| problem.code == "node.settings_gone")
    })
    .await;
    place.write(&good);
    until(&node, |status| status.problems.is_empty()).await;
    let answer = bot.data_of("get_status", serde_json::json!({})).await;
    answer.expect("the client noticed nothing");
    node.drain().await;
}

#[tokio::test]
async fn a_change_of_the_file_is_applied_in_any_encoding() {
    let place = Place::new(&settings(&[]));
    let node = place.start().await.expect("started");
    let next = settings(&[("bot", any(), OFF)]);
    let little: Vec<u8> = next.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe".as_slice(), &little].concat();
    std::fs::write(place.settings_path(), marked).expect("written");
    until(&node, |status| {
        let mut clients = status.accounts[0].clients.iter();
        clients.any(|client| client.listen.is_some())
    })
    .await;
    let read = node.rpc().call(&SettingsRead {}).await.expect("read");
    assert_eq!(read.text, next);
    node.drain().await;
}

#[tokio::test]
async fn a_client_is_disabled_and_enabled_without_a_change_for_others() {
    let place = Place::new(&settings(&[("a", any(), OFF), ("b", any(), OFF)]));
    let node = place.start().await.expect("started");
    let (a, mut other) = (
        listen(&node, "a").await,
        connect(listen(&node, "b").await).await,
    );
    for enabled in [false, true] {
        let change = SetClientEnabled {
            account: "main".into(),
            client: "a".into(),
            enabled,
        };
        let applied = node.rpc().call(&change).await.expect("changed");
        assert_eq!(applied.changes.len(), 1, "{applied:?}");
        assert_eq!(client(&node, "a").await.listen.is_some(), enabled);
    }
    assert_eq!(listen(&node, "a").await, a, "a chosen port is kept");
    let answer = other.data_of("get_status", serde_json::json!({})).await;
    answer.expect("the other one noticed nothing");
    node.drain().await;
}

#[tokio::test]
async fn what_waits_for_the_next_start_is_shown_until_it_is_taken_back() {
    let place = Place::new(&settings(&[]));
    let node = place.start().await.expect("started");
    let moved = settings(&[]).replace("127.0.0.1:0", "127.0.0.1:1234");
    let applied = write(&node, &moved).await;
    assert_eq!(applied.pending.len(), 1, "{applied:?}");
    assert_eq!(codes(&status(&node).await), ["node.needs_restart"]);
    write(&node, &settings(&[])).await;
    assert!(status(&node).await.problems.is_empty());
    node.drain().await;
}

async fn connect(address: SocketAddr) -> Client {
    Dial::to(address).connect().await.expect("let in")
}
