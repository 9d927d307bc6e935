//! One program, written against `Rpc`, uses a node in process and over HTTP.

use std::{collections::BTreeSet, time::Duration};

use perpetua_client::NodeClient;
use perpetua_schema::{
    AccountAdd, AccountChange, AccountEdit, AccountRemove, AccountSettings, Call, CallError,
    ChatDeed, ChatEvent, ChatFrames, ChatHistory, ChatId, ChatPicture, ClientAdd, ClientChange,
    ClientCut, ClientEdit, ClientRead, ClientRemove, ClientTest, CoreCancel, CoreRemove,
    CoreSourceWanted, CoreSourcesEdit, CoreUse, CoreVerify, DataRead, Event, EventStream,
    Framework, Guide, Happenings, Import, ListCores, ListSigners, Login, LoginBackup, LoginForget,
    LoginNewCode, LoginRestore, Method, NetworkEdit, NetworkRead, NewUpstream, PortCheck,
    PreferencesEdit, PreferencesRead, ReadCoreLog, ReadRates, Reconnect, Restart, RetryFailed, Rpc,
    RpcError, Say, SecretRemove, SecretSet, SetAccountEnabled, SetClientEnabled, SettingsRead,
    SettingsWrite, SignInToken, SignerAdd, SignerEdit, SignerRemove, SignerTest, SignersOrder,
    Simulate, SimulatorWorld, Start, Status, Stop, Token, TokenNew, Topic, Topics, UpstreamTest,
    WebhookTest,
};
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::Place;

const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[[accounts]]
name = "main"
upstream = { kind = "simulator" }

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"
"#;

/// Far beyond what anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

/// Calls that are not compared: two ask servers of others, what the next one answers depends on how far the
/// installation is at that moment, and two make something new each time.
const NOT_COMPARED: [&str; 5] = [
    "core_check",
    "core_install",
    "sign_in_link",
    "sign_in_token_new",
    "update_check",
];

#[tokio::test]
async fn every_call_has_the_same_reply_in_process_and_over_http() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let over_http = NodeClient::find(&place.folders()).expect("running");
    // The first time the settings change, and with them what the others read.
    let in_process = node.rpc();
    drop(Asked::everything(&in_process).await);
    let (inside, outside) = (
        Asked::everything(&in_process).await,
        Asked::everything(&over_http).await,
    );
    for (inside, outside) in inside.answers.iter().zip(&outside.answers) {
        assert_eq!(inside, outside);
    }
    let asked: BTreeSet<_> = inside.answers.iter().map(|(name, _)| *name).collect();
    let all: BTreeSet<_> = Call::NAMES.iter().copied().collect();
    assert_eq!(
        all.difference(&asked).copied().collect::<Vec<_>>(),
        NOT_COMPARED
    );
    node.drain().await;
}

#[tokio::test]
async fn the_same_events_come_in_process_and_over_http() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let over_http = NodeClient::find(&place.folders()).expect("running");
    let (inside, outside) = (follow(&node.rpc()).await, follow(&over_http).await);
    node.drain().await;
    ended(inside).await;
    ended(outside).await;
}

#[tokio::test]
async fn what_nobody_follows_is_not_looked_at() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let rpc = node.rpc();
    let first = rpc.snapshot().borrow().generation;
    enable(&rpc, false).await;
    let mut snapshots = rpc.snapshot();
    let changed = snapshots.borrow_and_update().clone();
    assert!(changed.generation > first);
    assert!(!changed.status.accounts[0].clients[0].enabled);
    enable(&rpc, true).await;
    let again = timeout(
        LIMIT,
        snapshots.wait_for(|snapshot| snapshot.status.accounts[0].clients[0].enabled),
    )
    .await;
    assert!(again.expect("in time").expect("running").generation > changed.generation);
    node.drain().await;
}

/// Follows the node through a message and a change of the settings, and gives what waits for the end
/// of the stream.
async fn follow<R: Rpc>(rpc: &R) -> R::Events {
    let topics = [
        Topic::State,
        Topic::Settings,
        Topic::Simulator(Some("main".into())),
    ];
    let mut events = rpc.events(&Topics::from(topics)).await.expect("followed");
    let Some(Event::Snapshot {
        generation: first,
        status,
    }) = events.next().await
    else {
        panic!("a snapshot comes first");
    };
    assert_eq!(status.accounts[0].name, "main");
    let say = Say {
        account: None,
        chat: "20001".into(),
        speaker: None,
        text: "hello".into(),
    };
    rpc.call(&say).await.expect("said");
    until(&mut events, |event| {
        matches!(event, Event::Shown { shown, .. } if matches!(&shown.deed, ChatDeed::Message { text, .. } if text == "hello"))
    })
    .await;
    for enabled in [false, true] {
        enable(rpc, enabled).await;
        let (mut settings, mut client) = (false, false);
        until(&mut events, |event| {
            settings |= matches!(event, Event::Settings { problems } if problems.is_empty());
            client |= matches!(event, Event::ClientChanged { generation, client, .. } if *generation > first && client.enabled == enabled);
            settings && client
        })
        .await;
    }
    events
}

async fn ended(mut events: impl EventStream) {
    let reading = async { while events.next().await.is_some() {} };
    timeout(LIMIT, reading)
        .await
        .expect("the stream ends with the node");
}

async fn until(events: &mut impl EventStream, mut wanted: impl FnMut(&Event) -> bool) {
    let waiting = async {
        loop {
            let event = events.next().await.expect("the node runs");
            if wanted(&event) {
                return;
            }
        }
    };
    timeout(LIMIT, waiting).await.expect("it comes");
}

async fn enable(rpc: &impl Rpc, enabled: bool) {
    let change = SetClientEnabled {
        account: "main".into(),
        client: "bot".into(),
        enabled,
    };
    rpc.call(&change).await.expect("changed");
}

/// Calls and what came of them.
struct Asked<'a, R> {
    rpc: &'a R,
    answers: Vec<(&'static str, Result<Value, RpcError>)>,
}

impl<'a, R: Rpc> Asked<'a, R> {
    async fn everything(rpc: &'a R) -> Self {
        let online = async {
            while !rpc.call(&Status {}).await.expect("a status").accounts[0].online {
                // Every call gives the others a turn.
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, online).await.expect("online");
        let answers = Vec::new();
        let mut asked = Self { rpc, answers };
        asked.node().await;
        asked.simulator().await;
        asked.settings().await;
        asked.cores().await;
        asked.managed_account().await;
        asked.looks().await;
        asked.edits().await;
        asked.reconnect().await;
        asked
    }

    async fn node(&mut self) {
        self.ask(Status {}).await;
        self.ask(ReadRates { minutes: 2 }).await;
        self.ask(SignInToken {}).await;
        // What happens is another thing each time.
        self.ask(Happenings { limit: 0 }).await;
        for client in [Some("bot"), Some("nobody"), None] {
            self.ask(Token {
                account: "main".into(),
                client: client.map(str::to_owned),
            })
            .await;
        }
    }

    async fn reconnect(&mut self) {
        for account in ["nobody", "main"] {
            let account = account.into();
            self.ask(Reconnect { account }).await;
            self.ask(RetryFailed {}).await;
        }
    }

    async fn simulator(&mut self) {
        for chat in ["20001", "nobody"] {
            self.ask(Say {
                account: None,
                chat: chat.into(),
                speaker: None,
                text: "hello".into(),
            })
            .await;
        }
        self.ask(Simulate {
            account: Some("main".into()),
            event: ChatEvent::FriendAdd { user_id: 1 },
        })
        .await;
        let account = || "main".to_owned();
        self.ask(SimulatorWorld { account: account() }).await;
        for chat in [ChatId::Group(20_001), ChatId::Group(1), ChatId::User(1)] {
            self.ask(ChatHistory {
                account: account(),
                chat,
                before: None,
                limit: 0,
            })
            .await;
        }
        self.ask(ChatPicture {
            account: account(),
            picture: 0,
        })
        .await;
        self.ask(ChatFrames {
            account: "nobody".into(),
            line: 0,
        })
        .await;
    }

    async fn settings(&mut self) {
        self.ask(SettingsRead {}).await;
        for enabled in [false, true] {
            self.ask(SetClientEnabled {
                account: "main".into(),
                client: "bot".into(),
                enabled,
            })
            .await;
        }
        for (text, instead_of) in [("nonsense", None), (SETTINGS, Some("another text"))] {
            self.ask(SettingsWrite {
                text: text.into(),
                instead_of: instead_of.map(Into::into),
                ..SettingsWrite::default()
            })
            .await;
        }
    }

    /// What is found out and changes nothing.
    async fn looks(&mut self) {
        let (account, client) = (|| "main".to_owned(), |name: &str| name.to_owned());
        self.ask(AccountSettings { account: account() }).await;
        for name in ["bot", "nobody"] {
            self.ask(ClientRead {
                account: account(),
                client: client(name),
            })
            .await;
            self.ask(Guide {
                account: account(),
                client: client(name),
                framework: Framework::Koishi,
            })
            .await;
            self.ask(ClientTest {
                account: account(),
                client: client(name),
            })
            .await;
            self.ask(ClientCut {
                account: account(),
                client: client(name),
                app_id: None,
            })
            .await;
        }
        self.ask(PortCheck {
            listen: "nowhere".into(),
            account: None,
            client: None,
        })
        .await;
        self.ask(UpstreamTest {
            url: "nowhere".into(),
            token: None,
        })
        .await;
        self.ask(PreferencesRead {}).await;
        self.ask(WebhookTest { index: 0 }).await;
        self.ask(ListSigners {}).await;
    }

    /// What is added is removed again.
    async fn edits(&mut self) {
        let (account, name) = (|| "second".to_owned(), || "bot".to_owned());
        self.ask(AccountAdd {
            name: Some(account()),
            upstream: NewUpstream::Simulator,
        })
        .await;
        self.ask(ClientAdd {
            account: account(),
            name: Some(name()),
            framework: Framework::Other,
            kind: None,
            listen: Some("127.0.0.1:0".into()),
            url: None,
            token: None,
            profile: None,
            format: None,
        })
        .await;
        self.ask(ClientEdit {
            account: account(),
            client: name(),
            change: ClientChange {
                max_connections: Some(2),
                ..ClientChange::default()
            },
            instead_of: None,
        })
        .await;
        self.ask(TokenNew {
            account: account(),
            client: Some("nobody".into()),
        })
        .await;
        self.ask(AccountEdit {
            account: account(),
            change: AccountChange {
                action_timeout_s: Some(2.5),
                ..AccountChange::default()
            },
            instead_of: None,
        })
        .await;
        self.ask(ClientRemove {
            account: account(),
            client: name(),
        })
        .await;
        for enabled in [false, true] {
            self.ask(SetAccountEnabled {
                account: account(),
                enabled,
            })
            .await;
        }
        self.ask(AccountRemove { account: account() }).await;
        self.ask(PreferencesEdit::default()).await;
        self.ask(NetworkRead {}).await;
        self.ask(NetworkEdit::default()).await;
        self.ask(DataRead {}).await;
        self.ask(SignerAdd {
            name: Some("mine".into()),
            url: "https://signer.example/sign".into(),
        })
        .await;
        self.ask(SignersOrder {
            names: vec!["mine".into()],
            instead_of: None,
        })
        .await;
        self.ask(SignerEdit {
            name: "mine".into(),
            rename: Some("ours".into()),
            url: None,
            instead_of: None,
        })
        .await;
        let name = "ours".into();
        self.ask(SignerRemove { name }).await;
    }

    async fn cores(&mut self) {
        self.ask(ListCores {}).await;
        self.ask(CoreSourcesEdit {
            sources: vec![CoreSourceWanted::Kept { place: 0 }],
            instead_of: Vec::new(),
        })
        .await;
        self.ask(CoreCancel {}).await;
        for version in ["previous", "nothing"] {
            let version = version.into();
            self.ask(CoreUse { version }).await;
        }
        let version = "nothing".to_owned();
        self.ask(CoreRemove { version }).await;
        for version in [None, Some("nothing".into())] {
            self.ask(CoreVerify { version }).await;
        }
        self.ask(SignerTest::default()).await;
        let (folder, account) = ("/there/is/nothing/here".to_owned(), None);
        let disabled = false;
        self.ask(Import {
            folder,
            account,
            disabled,
        })
        .await;
        for value in ["t0ken-of-mine", ""] {
            let (name, value) = ("mine".to_owned(), value.to_owned());
            self.ask(SecretSet { name, value }).await;
        }
        let name = "mine".to_owned();
        self.ask(SecretRemove { name }).await;
    }

    /// The account is none, which is answered too.
    async fn managed_account(&mut self) {
        let account = || "main".to_owned();
        self.ask(Start { account: account() }).await;
        self.ask(Stop { account: account() }).await;
        self.ask(Restart { account: account() }).await;
        self.ask(Login { account: account() }).await;
        self.ask(LoginRestore { account: account() }).await;
        self.ask(LoginNewCode { account: account() }).await;
        self.ask(LoginBackup { account: account() }).await;
        self.ask(LoginForget { account: account() }).await;
        self.ask(ReadCoreLog {
            account: account(),
            lines: None,
        })
        .await;
    }

    async fn ask<M: Method>(&mut self, call: M) {
        let answered = timeout(LIMIT, self.rpc.call(&call)).await;
        let answer = match answered.expect("in time") {
            Ok(reply) => {
                let mut reply = serde_json::to_value(reply).expect("JSON");
                settle(&mut reply);
                Ok(reply)
            }
            Err(CallError::Refused(refused)) => Err(refused),
            Err(other) => panic!("`{}`: {other}", M::NAME),
        };
        self.answers.push((M::NAME, answer));
    }
}

/// Takes out what differs from one moment to the next.
fn settle(reply: &mut Value) {
    const MOMENTS: [&str; 9] = [
        "uptime_s",
        "message_id",
        "events",
        "events_today",
        "responses",
        "since_ms",
        "took_ms",
        "bytes",
        "free",
    ];
    match reply {
        Value::Object(fields) => {
            for (name, value) in fields {
                if MOMENTS.contains(&name.as_str()) {
                    *value = Value::Null;
                } else {
                    settle(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(settle),
        _ => {}
    }
}
