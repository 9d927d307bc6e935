//! A disk that refuses each write of a change in turn: nothing is lost or half written, the sentence says what
//! happened, and the same change is made once the disk is right again.

use std::{
    collections::BTreeMap,
    fs,
    path::{MAIN_SEPARATOR, Path},
};

use futures_util::future::join_all;
use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_node::Node;
use perpetua_schema::{Call, ErrorCode, RpcError, SettingsRead, SignerRemove, Status};
use serde_json::{Value, json};

use super::{SETTINGS, done, refused, text};
use crate::harness::Place;

const FAULTS: [(DiskFault, ErrorCode, &str); 2] = [
    (DiskFault::Full, ErrorCode::StorageFull, "the disk is full"),
    (
        DiskFault::ReadOnly,
        ErrorCode::Unavailable,
        "this user may not write there",
    ),
];

type Change = (&'static str, Value);

/// What is there before a change, by calls too.
fn made_before() -> Vec<Change> {
    vec![
        (
            "account_add",
            json!({ "upstream": { "kind": "onebot", "url": "ws://127.0.0.1:1", "token": "hunter2" } }),
        ),
        (
            "client_add",
            json!({ "account": "main", "framework": "koishi", "listen": "127.0.0.1:0" }),
        ),
        (
            "client_add",
            json!({ "account": "onebot", "framework": "koishi", "listen": "127.0.0.1:0" }),
        ),
        (
            "signer_add",
            json!({ "name": "one", "url": "https://sign.example/hunter2hunter2/sign" }),
        ),
        (
            "signer_add",
            json!({ "name": "two", "url": "https://two.example/sign" }),
        ),
        ("secret_set", json!({ "name": "mine", "value": "hunter2" })),
    ]
}

/// Changes of the settings alone, as a page asks for them.
fn of_settings(before: &str) -> Vec<Change> {
    let renamed = before.replace("# 我的机器人", "# 我的两个机器人");
    vec![
        ("settings_write", json!({ "text": renamed })),
        (
            "settings_write",
            json!({ "text": renamed, "instead_of": before }),
        ),
        (
            "set_account_enabled",
            json!({ "account": "main", "enabled": false }),
        ),
        (
            "set_client_enabled",
            json!({ "account": "main", "client": "koishi", "enabled": false }),
        ),
        ("preferences_edit", json!({ "language": "en" })),
        (
            "account_add",
            json!({ "name": "new", "upstream": { "kind": "simulator" } }),
        ),
        (
            "account_add",
            json!({ "name": "qq", "upstream": { "kind": "lagrange", "uin": 10001 } }),
        ),
        (
            "account_edit",
            json!({ "account": "onebot", "change": { "address": "ws://127.0.0.1:2" } }),
        ),
        (
            "client_edit",
            json!({ "account": "main", "client": "koishi", "change": { "max_connections": 3 } }),
        ),
        (
            "network_edit",
            json!({ "change": { "hosts": ["a.example"] } }),
        ),
        ("signers_order", json!({ "names": ["two", "one"] })),
        ("signer_remove", json!({ "name": "two" })),
    ]
}

/// Changes that store or remove a secret as well.
fn with_secrets() -> Vec<Change> {
    vec![
        (
            "account_add",
            json!({ "name": "other", "upstream": { "kind": "onebot", "url": "ws://127.0.0.1:3", "token": "swordfish" } }),
        ),
        (
            "account_edit",
            json!({ "account": "onebot", "change": { "token": "swordfish" } }),
        ),
        (
            "account_edit",
            json!({ "account": "onebot", "change": { "token": "" } }),
        ),
        ("account_remove", json!({ "account": "onebot" })),
        (
            "client_add",
            json!({ "account": "main", "name": "new", "framework": "nonebot", "listen": "127.0.0.1:0", "token": "swordfish" }),
        ),
        (
            "client_add",
            json!({ "account": "main", "name": "new", "framework": "nonebot", "listen": "127.0.0.1:0" }),
        ),
        (
            "client_remove",
            json!({ "account": "main", "client": "koishi" }),
        ),
        (
            "token_new",
            json!({ "account": "main", "client": "koishi" }),
        ),
        (
            "signer_add",
            json!({ "name": "three", "url": "https://three.example/swordfish99/sign" }),
        ),
        (
            "signer_edit",
            json!({ "name": "one", "url": "https://sign.example/swordfish99/sign" }),
        ),
        ("signer_remove", json!({ "name": "one" })),
        (
            "network_edit",
            json!({ "change": { "download_proxy": "http://me:swordfish@127.0.0.1:1" } }),
        ),
    ]
}

/// What a person does to secrets.
fn of_secrets() -> Vec<Change> {
    vec![
        ("secret_set", json!({ "name": "new", "value": "swordfish" })),
        (
            "secret_set",
            json!({ "name": "mine", "value": "swordfish" }),
        ),
        (
            "secret_set",
            json!({ "name": "onebot-upstream", "value": "swordfish" }),
        ),
        (
            "secret_set",
            json!({ "name": "signer-one", "value": "https://sign.example/swordfish99/sign" }),
        ),
        ("secret_remove", json!({ "name": "mine" })),
        ("secret_remove", json!({ "name": "onebot-upstream" })),
    ]
}

/// A node before a change, and the disk under it.
struct Stage {
    place: Place,
    node: Node,
    disk: FaultyDisk,
}

/// All that a change may lose.
#[derive(Clone, PartialEq, Eq, Debug)]
struct State {
    settings: String,
    secrets: BTreeMap<String, String>,
    /// The accounts that run and their clients.
    runs: Vec<(String, Vec<String>)>,
}

impl Stage {
    async fn new() -> Self {
        let place = Place::with_secrets_file(SETTINGS);
        let node = place.start().await.expect("started");
        let disk = FaultyDisk::under(place.folders().data());
        let stage = Self { place, node, disk };
        for change in made_before() {
            stage.make(&change).await.expect(change.0);
        }
        stage
    }

    async fn make(&self, (name, body): &Change) -> Result<Value, RpcError> {
        let body = body.to_string();
        let call = Call::parse(name, body.as_bytes()).expect(name);
        self.node.rpc().dispatch(call).await
    }

    async fn state(&self) -> State {
        let status = done(&self.node, Status {}).await;
        let accounts = status.accounts.into_iter();
        let runs = accounts.map(|account| {
            let clients = account.clients.into_iter().map(|client| client.name);
            (account.name, clients.collect())
        });
        let secrets = fs::read(self.place.folders().secrets()).expect("secrets");
        State {
            settings: text(&self.place),
            secrets: serde_json::from_slice(&secrets).expect("JSON"),
            runs: runs.collect(),
        }
    }

    /// Whatever is swept is swept when this has been refused.
    async fn swept(&self) {
        let name = "nobody".into();
        refused(&self.node, SignerRemove { name }).await;
    }

    /// Whether the status says that a chosen port is not kept; it says nothing else.
    async fn says_what_is_not_kept(&self, what: &str) -> bool {
        let problems = done(&self.node, Status {}).await.problems;
        let others = problems
            .iter()
            .filter(|one| one.code != "start.state_not_kept");
        assert_eq!(others.count(), 0, "{what}: {problems:?}");
        !problems.is_empty()
    }

    fn unfinished(&self) -> Vec<String> {
        unfinished(self.place.folders().data())
    }
}

fn unfinished(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| name.starts_with(".perpetua-") || name.ends_with(".damaged"))
        .collect()
}

impl State {
    /// Without what is another one each time it is made.
    fn comparable(mut self) -> Self {
        for (name, secret) in &mut self.secrets {
            if !name.starts_with("named/") {
                secret.clear();
            }
        }
        self
    }
}

/// What a disk refuses, and what is said of it.
#[derive(Clone, Debug)]
enum Refusal {
    /// This file.
    File(String),
    /// The write of this number, and all that come after it.
    From(usize),
}

/// How a change comes out on a disk that is right, how often it writes, and what.
struct Undisturbed {
    state: State,
    writes: usize,
    files: Vec<String>,
}

impl Undisturbed {
    async fn of(change: &Change) -> Self {
        let stage = Stage::new().await;
        stage.disk.watch();
        stage.make(change).await.expect(change.0);
        let undisturbed = Self {
            state: stage.state().await.comparable(),
            writes: stage.disk.writes(),
            files: stage.disk.written(),
        };
        stage.node.drain().await;
        undisturbed
    }

    fn refusals(&self) -> Vec<Refusal> {
        let files = self.files.iter().cloned().map(Refusal::File);
        files.chain((0..self.writes).map(Refusal::From)).collect()
    }
}

impl Stage {
    fn refuse(&self, fault: DiskFault, refusal: &Refusal) {
        match refusal {
            Refusal::File(file) => self.disk.fail(fault, &format!("{MAIN_SEPARATOR}{file}")),
            Refusal::From(number) => self.disk.fail_from(fault, *number),
        }
    }

    /// A change was refused: nothing is lost, and it can be made now.
    async fn was_refused(&self, change: &Change, before: &State, meanwhile: &State, what: &str) {
        assert_eq!(meanwhile.settings, before.settings, "{what}");
        assert_eq!(meanwhile.runs, before.runs, "{what}");
        for (name, secret) in &before.secrets {
            assert_eq!(meanwhile.secrets.get(name), Some(secret), "{what}: {name}");
        }
        self.disk.mend();
        self.swept().await;
        assert_eq!(self.state().await, *before, "{what}");
        self.make(change).await.expect(what);
    }

    /// A change was made all the same: what only saves a question the next time is not missed, and a secret that could
    /// not be removed is named and goes later.
    async fn was_made(&self, reply: &Value, meanwhile: State, wanted: &State, what: &str) {
        let meanwhile = meanwhile.comparable();
        assert_eq!(meanwhile.settings, wanted.settings, "{what}");
        assert_eq!(meanwhile.runs, wanted.runs, "{what}");
        if meanwhile != *wanted {
            assert!(reply.to_string().contains("secret_left"), "{what}: {reply}");
        }
        self.disk.mend();
        self.swept().await;
    }
}

/// Tries a change while the disk refuses something.
async fn try_on(
    change: &Change,
    wanted: &State,
    (fault, code, said): (DiskFault, ErrorCode, &str),
    refusal: Refusal,
) {
    let what = format!("{} {} {fault:?} {refusal:?}", change.0, change.1);
    let stage = Stage::new().await;
    let before = stage.state().await;
    stage.refuse(fault, &refusal);
    let outcome = stage.make(change).await;
    let meanwhile = stage.state().await;
    assert_eq!(stage.unfinished(), [""; 0], "{what}");
    match outcome {
        Err(error) => {
            assert!(error.message.to_string().contains(said), "{what}: {error}");
            assert_eq!(error.code, code, "{what}");
            stage.was_refused(change, &before, &meanwhile, &what).await;
        }
        Ok(reply) => stage.was_made(&reply, meanwhile, wanted, &what).await,
    }
    assert_eq!(stage.state().await.comparable(), *wanted, "{what}");
    assert_eq!(stage.unfinished(), [""; 0], "{what}");
    // A port that could not be kept is kept with the next one.
    if stage.says_what_is_not_kept(&what).await {
        let next = json!({ "account": "main", "name": "later", "framework": "other", "listen": "127.0.0.1:0" });
        stage.make(&("client_add", next)).await.expect(&what);
        assert!(!stage.says_what_is_not_kept(&what).await, "{what}");
    }
    stage.node.drain().await;
}

async fn try_each_write(change: Change, must_write: &str) {
    let undisturbed = Undisturbed::of(&change).await;
    let files = &undisturbed.files;
    assert!(files.iter().any(|file| file == must_write), "{files:?}");
    for fault in FAULTS {
        let tried = undisturbed.refusals().into_iter();
        join_all(tried.map(|refusal| try_on(&change, &undisturbed.state, fault, refusal))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_of_a_change_of_the_settings_may_be_refused_and_nothing_is_lost() {
    let stage = Stage::new().await;
    let before = done(&stage.node, SettingsRead {}).await.text;
    stage.node.drain().await;
    for change in of_settings(&before) {
        try_each_write(change, "perpetua.toml").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_of_a_change_with_a_secret_may_be_refused_and_nothing_is_lost() {
    for change in with_secrets() {
        try_each_write(change, "secrets.json").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_of_a_secret_of_a_person_may_be_refused_and_nothing_is_lost() {
    for change in of_secrets() {
        try_each_write(change, "secrets.json").await;
    }
}
