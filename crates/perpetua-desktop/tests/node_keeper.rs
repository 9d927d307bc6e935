//! The keeper with real nodes: a start, each start that fails, and the way out of it.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use perpetua_config::{Log, LogFormat, LogLevel};
use perpetua_desktop::{KeeperOptions, NodeKeeper, NodeSituation, NodeState, Way};
use perpetua_fs::{FolderLock, Folders};
use perpetua_node::NodePlace;
use perpetua_schema::{EventStream as _, Topics};
use perpetua_telemetry::LogHandle;
use perpetua_words::Language;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

/// The log of this process, which can be set up only once.
fn log() -> LogHandle {
    static LOG: OnceLock<LogHandle> = OnceLock::new();
    let begun = || {
        let settings = Log {
            level: LogLevel::Off,
            ..Log::default()
        };
        let begun = perpetua_telemetry::init(&settings, LogFormat::Text, None);
        begun.expect("the only log").0
    };
    LOG.get_or_init(begun).clone()
}

/// A data folder whose node listens there.
fn folder(listen: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        &format!("secrets = \"file\"\n[api]\nlisten = \"{listen}\"\n"),
    );
    folder
}

fn write(folder: &Path, settings: &str) {
    std::fs::write(folder.join("perpetua.toml"), settings).expect("written");
}

fn keep(folder: &TempDir) -> NodeKeeper {
    NodeKeeper::start(KeeperOptions {
        place: NodePlace {
            data_dir: Some(folder.path().to_owned()),
            config: None,
        },
        log: log(),
        language: Language::English,
        build: "unknown",
    })
}

/// Waits until the keeper stands somewhere.
async fn until(keeper: &NodeKeeper, wanted: impl Fn(&NodeSituation) -> bool) -> NodeSituation {
    let mut state = keeper.state();
    let stands = state.wait_for(|state| wanted(&NodeSituation::from(state)));
    let state = timeout(Duration::from_secs(30), stands)
        .await
        .expect("in time");
    NodeSituation::from(&*state.expect("the keeper lives"))
}

fn has_failed(situation: &NodeSituation) -> bool {
    matches!(situation, NodeSituation::Failed { .. })
}

async fn pid(keeper: &NodeKeeper) -> Option<u64> {
    let status = keeper.call("status", &json!({})).await.ok()?;
    status["pid"].as_u64()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_has_no_account_and_answers_calls_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let keeper = NodeKeeper::start(KeeperOptions {
        place: NodePlace {
            data_dir: Some(folder.path().to_owned()),
            config: None,
        },
        log: log(),
        language: Language::English,
        build: "unknown",
    });
    // The port of the first settings may be taken on this machine; the settings are written all the same.
    until(&keeper, |situation| *situation != NodeSituation::Starting).await;
    let text = std::fs::read_to_string(folder.path().join("perpetua.toml")).expect("settings");
    assert!(!text.contains("[[accounts]]"), "{text}");
    keeper.end().await;

    let folder = self::folder("127.0.0.1:0");
    let keeper = keep(&folder);
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    assert_eq!(pid(&keeper).await, Some(u64::from(std::process::id())));
    let refused = keeper.call("no_such_call", &Value::Null).await;
    assert!(matches!(refused, Err(Some(_))), "{refused:?}");
    let mut events = keeper.events(&Topics::default()).await.expect("events");
    assert!(events.next().await.is_some(), "a snapshot");
    keeper.end().await;
    assert_eq!(keeper.call("status", &json!({})).await, Err(None));
    assert!(matches!(*keeper.state().borrow(), NodeState::Ended));
    // The program ends it once more where its loop ends, and a page may ask for a last time.
    let again = async {
        keeper.end().await;
        keeper.retry(Way::Again).await
    };
    let again = timeout(Duration::from_secs(5), again).await;
    assert!(again.expect("nobody waits for what has ended").is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_has_another_one_as_its_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let folder = folder(&address);
    let keeper = keep(&folder);
    let failed = until(&keeper, has_failed).await;
    let NodeSituation::Failed { ways, .. } = failed else {
        unreachable!("it has failed");
    };
    assert_eq!(ways, [Way::OtherPort, Way::Again]);
    assert_eq!(keeper.call("status", &json!({})).await, Err(None));
    let retried = keeper.retry(Way::OtherPort).await.expect("another port");
    let changed = retried.changed.expect("something was changed");
    assert!(changed.to_string().contains(&address), "{changed}");
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let text = std::fs::read_to_string(folder.path().join("perpetua.toml")).expect("settings");
    assert!(!text.contains(&address), "{text}");
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_wrong_name_their_line_and_start_once_they_are_right() {
    let folder = folder("nowhere");
    let keeper = keep(&folder);
    let failed = until(&keeper, has_failed).await;
    let NodeSituation::Failed { settings_line, .. } = failed else {
        unreachable!("it has failed");
    };
    assert_eq!(settings_line, Some(3));
    write(
        folder.path(),
        "secrets = \"file\"\n[api]\nlisten = \"127.0.0.1:0\"\n",
    );
    keeper.retry(Way::Again).await.expect("it is tried");
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_use_can_be_shown_and_is_missed_when_its_node_ends() {
    let folder = folder("127.0.0.1:0");
    let owner = keep(&folder);
    until(&owner, |situation| *situation == NodeSituation::Own).await;
    let guest = keep(&folder);
    let failed = until(&guest, has_failed).await;
    let NodeSituation::Failed { ways, .. } = failed else {
        unreachable!("it has failed");
    };
    assert_eq!(ways, [Way::UseRunning, Way::Again]);
    guest.retry(Way::UseRunning).await.expect("it is tried");
    let shown = until(&guest, |situation| {
        matches!(situation, NodeSituation::Other { .. })
    })
    .await;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    assert_eq!(
        shown,
        NodeSituation::Other {
            version: Some(version)
        }
    );
    assert_eq!(pid(&guest).await, Some(u64::from(std::process::id())));
    let mut status = guest.status();
    let told = timeout(Duration::from_secs(10), status.wait_for(Option::is_some)).await;
    assert!(told.is_ok(), "the status is followed over HTTP too");
    // The end of the window ends nothing of the other program.
    owner.end().await;
    until(&guest, has_failed).await;
    guest.retry(Way::Again).await.expect("it is tried");
    until(&guest, |situation| *situation == NodeSituation::Own).await;
    guest.end().await;
}

/// The settings of an account with one client that listens there.
fn with_client(api: SocketAddr, client: SocketAddr) -> String {
    format!(
        "secrets = \"file\"\n[api]\nlisten = \"{api}\"\n[[accounts]]\nname = \"main\"\n\
         upstream = {{ kind = \"simulator\" }}\n\
         [[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"{client}\"\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_port_that_is_taken_is_the_one_that_changes_and_nobody_elses_is_chosen() {
    // The client's is taken: the interface keeps its own.
    let (taken, api) = (TcpListener::bind("127.0.0.1:0"), free_pair());
    let taken = taken.expect("a port");
    let client = taken.local_addr().expect("its address");
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &with_client(api, client));
    let keeper = keep(&folder);
    until(&keeper, has_failed).await;
    let retried = keeper.retry(Way::OtherPort).await.expect("another port");
    let changed = retried.changed.expect("something was changed").to_string();
    assert!(changed.contains("bot"), "{changed}");
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let text = std::fs::read_to_string(folder.path().join("perpetua.toml")).expect("settings");
    assert!(
        text.contains(&api.to_string()) && !text.contains(&client.to_string()),
        "{text}"
    );
    keeper.end().await;

    // The interface's is taken, and the next one is a client's.
    let api = free_pair();
    let client = SocketAddr::new(api.ip(), api.port() + 1);
    let _taken = TcpListener::bind(api).expect("free a moment ago");
    write(folder.path(), &with_client(api, client));
    let keeper = keep(&folder);
    until(&keeper, has_failed).await;
    keeper.retry(Way::OtherPort).await.expect("another port");
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let text = std::fs::read_to_string(folder.path().join("perpetua.toml")).expect("settings");
    assert_eq!(text.matches(&client.to_string()).count(), 1, "{text}");
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_do_not_come_from_the_keyring_are_kept_in_a_file_and_the_node_starts_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "# mine\nsecrets = \"keyring\"\n[api]\nlisten = \"127.0.0.1:0\"\n";
    write(folder.path(), settings);
    let keeper = keep(&folder);
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let guest = keep(&folder);
    until(&guest, has_failed).await;
    guest.retry(Way::UseRunning).await.expect("it is tried");
    until(&guest, |situation| {
        matches!(situation, NodeSituation::Other { .. })
    })
    .await;
    let refused = guest.retry(Way::SecretsFile).await;
    assert_eq!(
        refused.expect_err("another program's node").message.code,
        "desktop.secrets_elsewhere"
    );
    guest.end().await;

    let retried = keeper.retry(Way::SecretsFile).await.expect("a file");
    let changed = retried.changed.expect("something was changed").to_string();
    let secrets = folder.path().join("secrets.json");
    assert!(
        changed.contains(&secrets.display().to_string()),
        "{changed}"
    );
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let text = std::fs::read_to_string(folder.path().join("perpetua.toml")).expect("settings");
    assert_eq!(text, settings.replace("keyring", "file"));
    assert!(!secrets.exists(), "nothing was moved there");
    let account = json!({ "upstream": { "kind": "simulator" } });
    let account = keeper.call("account_add", &account).await.expect("added");
    let client = json!({ "account": account["account"], "framework": "other" });
    keeper.call("client_add", &client).await.expect("added");
    assert!(secrets.exists(), "new tokens are kept there");
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_on_where_none_would_start_by_what_is_on_the_disk() {
    let folder = folder("127.0.0.1:0");
    let keeper = keep(&folder);
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let broken = "secrets = \"keyring\"\nnonsense = [\n";
    write(folder.path(), broken);
    let mut state = keeper.state();
    state.mark_unchanged();
    let refused = keeper.retry(Way::SecretsFile).await;
    assert_eq!(
        refused.expect_err("no settings").message.code,
        "start.settings_invalid"
    );
    assert!(!state.has_changed().expect("the keeper lives"));
    assert!(pid(&keeper).await.is_some(), "it answers");
    let text = std::fs::read_to_string(folder.path().join("perpetua.toml")).expect("settings");
    assert_eq!(text, broken);
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_the_window_is_started_anew_for_settings_that_wait_unless_none_would_start() {
    let folder = folder("127.0.0.1:0");
    let keeper = keep(&folder);
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let guest = keep(&folder);
    until(&guest, has_failed).await;
    guest.retry(Way::UseRunning).await.expect("it is tried");
    until(&guest, |situation| {
        matches!(situation, NodeSituation::Other { .. })
    })
    .await;
    let refused = guest.retry(Way::Restart).await;
    assert_eq!(
        refused.expect_err("another program's node").message.code,
        "desktop.restart_elsewhere"
    );
    guest.end().await;

    let api = async || {
        let status = keeper.call("status", &json!({})).await.expect("it answers");
        status["api"].as_str().expect("an address").to_owned()
    };
    write(folder.path(), "secrets = \"file\"\n[api]\nlisten = 1\n");
    let before = api().await;
    let refused = keeper.retry(Way::Restart).await;
    assert_eq!(
        refused.expect_err("no settings").message.code,
        "start.settings_invalid"
    );
    assert_eq!(api().await, before, "it goes on");

    let wanted = free_pair().to_string();
    write(
        folder.path(),
        &format!("secrets = \"file\"\n[api]\nlisten = \"{wanted}\"\n"),
    );
    keeper.retry(Way::Restart).await.expect("started anew");
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    assert_eq!(api().await, format!("http://{wanted}"));
    keeper.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_did_not_come_back_is_not_said_to_be_started_anew() {
    let folder = folder("127.0.0.1:0");
    let keeper = keep(&folder);
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    let taken = TcpListener::bind(free_pair()).expect("a port");
    let wanted = taken.local_addr().expect("an address");
    write(
        folder.path(),
        &format!("secrets = \"file\"\n[api]\nlisten = \"{wanted}\"\n"),
    );
    for attempt in ["of its own node", "of none"] {
        let refused = keeper.retry(Way::Restart).await;
        let code = refused.expect_err(attempt).message.code;
        assert_eq!(code, "start.port_failed", "{attempt}");
        until(&keeper, has_failed).await;
    }
    drop(taken);
    keeper.retry(Way::Restart).await.expect("started anew");
    until(&keeper, |situation| *situation == NodeSituation::Own).await;
    keeper.end().await;
}

/// A free port whose successor is free too, below those that a system gives to whoever asks for any: the
/// other tests do, at the same time.
fn free_pair() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let of_this_process = u16::try_from(std::process::id() % 8_000).expect("a small number");
    let pair = || {
        let place = of_this_process + TAKEN.fetch_add(1, Ordering::Relaxed);
        let first = SocketAddr::from(([127, 0, 0, 1], 10_000 + 2 * place));
        let next = SocketAddr::new(first.ip(), first.port() + 1);
        let _free = (
            TcpListener::bind(first).ok()?,
            TcpListener::bind(next).ok()?,
        );
        Some(first)
    };
    std::iter::repeat_with(pair)
        .take(100)
        .flatten()
        .next()
        .expect("two ports")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_holds_its_folder_and_answers_nothing_is_looked_at_in_peace() {
    let folder = folder("127.0.0.1:0");
    let lock = held(&folder);
    announce(&folder, ([127, 0, 0, 1], 9).into(), "x");
    let guest = keep(&folder);
    until(&guest, has_failed).await;
    guest.retry(Way::UseRunning).await.expect("it is tried");
    let mut state = guest.state();
    let is_other = |state: &NodeState| matches!(state, NodeState::Other { .. });
    let shown = timeout(Duration::from_secs(10), state.wait_for(is_other));
    assert!(shown.await.is_ok(), "it is shown");
    state.mark_unchanged();
    let again = timeout(Duration::from_secs(2), state.changed()).await;
    assert!(again.is_err(), "nothing new is told of it: {again:?}");
    drop(lock);
    until(&guest, has_failed).await;
    guest.end().await;
}

/// Somebody who holds a folder and answers every request with this: a node of another version.
async fn other_node(folder: &TempDir, answer: Value) -> FolderLock {
    let lock = held(folder);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("its address");
    announce(folder, address, "x");
    answers(listener, "200 OK", &answer);
    lock
}

/// Another program has this folder.
fn held(folder: &TempDir) -> FolderLock {
    let folders = Folders::at(folder.path()).expect("a folder");
    folders.create().expect("folders");
    FolderLock::acquire(&folders).expect("ours")
}

/// Says where the node of this folder is.
fn announce(folder: &TempDir, api: SocketAddr, token: &str) {
    let session = perpetua_schema::Session {
        api: format!("http://{api}"),
        token: token.to_owned(),
        pid: std::process::id(),
    };
    let session = serde_json::to_vec(&session).expect("JSON");
    let folders = Folders::at(folder.path()).expect("a folder");
    std::fs::write(folders.session(), session).expect("written");
}

/// Answers every request there in this way.
fn answers(listener: tokio::net::TcpListener, status: &'static str, answer: &Value) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let answer = answer.to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close");
            let text = format!("{head}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
            let mut request = [0; 4096];
            let _who_asks = socket.read(&mut request).await;
            let _gone = socket.write_all(text.as_bytes()).await;
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_somebody_elses_by_now_tells_nothing_of_the_node_that_had_it() {
    let folder = folder("127.0.0.1:0");
    let _lock = held(&folder);
    let address = free_pair();
    announce(&folder, address, "former");
    let guest = keep(&folder);
    until(&guest, has_failed).await;
    guest.retry(Way::UseRunning).await.expect("it is tried");
    until(&guest, |situation| {
        matches!(situation, NodeSituation::Other { .. })
    })
    .await;
    // Its program was started anew: at another address, where it does not answer yet.
    announce(&folder, SocketAddr::new(address.ip(), 9), "next");
    let stranger = tokio::net::TcpListener::bind(address).await;
    answers(stranger.expect("a free port"), "200 OK", &json!("hello"));
    let failed = until(&guest, has_failed).await;
    let NodeSituation::Failed { problem, .. } = failed else {
        unreachable!("it has failed");
    };
    assert_eq!(problem.code, "desktop.other_ended");
    guest.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_another_version_is_not_shown_and_which_one_is_too_old_is_said() {
    for (version, code) in [
        ("0.0.9", "desktop.other_older"),
        ("99.0.0", "desktop.other_newer"),
        (env!("CARGO_PKG_VERSION"), "desktop.other_lacks_calls"),
    ] {
        let folder = folder("127.0.0.1:0");
        let _lock = other_node(&folder, json!({ "version": version, "accounts": [] })).await;
        let guest = keep(&folder);
        until(&guest, has_failed).await;
        guest.retry(Way::UseRunning).await.expect("it is tried");
        let is_told = |situation: &NodeSituation| match situation {
            NodeSituation::Failed { problem, ways, .. } => {
                problem.code == code && *ways == [Way::UseRunning, Way::Again]
            }
            _ => false,
        };
        until(&guest, is_told).await;
        assert_eq!(guest.call("status", &json!({})).await, Err(None));
        guest.end().await;
    }
}
