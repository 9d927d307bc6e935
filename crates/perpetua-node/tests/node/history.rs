//! What has happened to a node, how much, and who is there: as the page reads it.

use std::{net::SocketAddr, time::Duration};

use perpetua_node::{Node, NodeRpc};
use perpetua_schema::{
    ErrorCode, Event, Happening, HappeningTone, Happenings, LoginBackup, LoginForget, LoginNewCode,
    NodeStatus, ReadRates, SetClientEnabled, Status, Topic, Topics,
};
use perpetua_testkit::Dial;
use tokio::time::{sleep, timeout};

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
token = "off"
queue-events = 17

[[accounts]]
name = "off"
enabled = false
upstream = { kind = "simulator" }
"#;

/// Far beyond what anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

async fn status(rpc: &NodeRpc) -> NodeStatus {
    rpc.call(&Status {}).await.expect("a status")
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let found = timeout(LIMIT, waiting).await;
    found.unwrap_or_else(|_| panic!("it never came to that: {what}"))
}

async fn happened(rpc: &NodeRpc, code: &str) -> Happening {
    until(code, async || {
        let latest = rpc.call(&Happenings { limit: 50 }).await.expect("a list");
        latest.into_iter().find(|one| one.message.code == code)
    })
    .await
}

async fn bot(rpc: &NodeRpc) -> SocketAddr {
    let listen = status(rpc).await.accounts[0].clients[0].listen.clone();
    listen.expect("it listens").parse().expect("an address")
}

async fn started(place: &Place) -> (Node, NodeRpc) {
    let node = place.start().await.expect("started");
    let rpc = node.rpc();
    until("online", async || {
        status(&rpc).await.accounts[0].online.then_some(())
    })
    .await;
    (node, rpc)
}

#[tokio::test]
async fn who_is_there_is_told_with_where_from_what_and_since_when() {
    let place = Place::new(SETTINGS);
    let (node, rpc) = started(&place).await;
    let dial = Dial::to(bot(&rpc).await).header("user-agent", "a framework/1.0");
    let mut client = dial.expect("a header").connect().await.expect("let in");
    client.next().await.expect("a greeting");
    let shown = until("the implementation is known", async || {
        let shown = status(&rpc).await;
        let known = shown.accounts[0].upstream.implementation.is_some();
        known.then_some(shown)
    })
    .await;
    let account = &shown.accounts[0];
    assert!(account.nickname.is_some());
    let implementation = account.upstream.implementation.as_deref();
    assert!(implementation.is_some_and(|name| name.starts_with("perpetua-simulator ")));
    let (client_status, connection) = (&account.clients[0], &account.clients[0].connections[0]);
    assert_eq!(client_status.kind, "forward");
    assert_eq!(client_status.queue_events, 17);
    assert_eq!(connection.peer.as_deref(), Some("127.0.0.1"));
    assert_eq!(connection.user_agent.as_deref(), Some("a framework/1.0"));
    assert!(connection.sent > 0);

    // Time alone changes none of the moments, and they are in their order.
    sleep(Duration::from_millis(30)).await;
    let again = status(&rpc).await;
    let moments = |status: &NodeStatus| {
        let [account, off] = &status.accounts[..] else {
            panic!("two accounts")
        };
        let client = &account.clients[0];
        [
            off.since_ms,
            account.upstream.since_ms,
            account.since_ms,
            client.since_ms,
            client.connections[0].since_ms,
        ]
    };
    assert_eq!(moments(&shown), moments(&again));
    assert!(moments(&shown).is_sorted(), "{:?}", moments(&shown));
    assert_eq!(client_status.since_ms, connection.since_ms);
    node.drain().await;
}

#[tokio::test]
async fn what_happens_is_kept_and_told() {
    let place = Place::new(SETTINGS);
    let (node, rpc) = started(&place).await;
    let mut events = rpc.subscribe(&Topics::from(Topic::State));
    let online = happened(&rpc, "happened.online").await;
    assert_eq!(online.account.as_deref(), Some("main"));

    let client = Dial::to(bot(&rpc).await).connect().await.expect("let in");
    let came = happened(&rpc, "happened.client_connected").await;
    assert_eq!(came.client.as_deref(), Some("bot"));
    assert_eq!(came.tone, HappeningTone::Ok);
    assert!(came.id > online.id && came.time_ms >= online.time_ms);
    client.close().await.expect("closed");
    happened(&rpc, "happened.client_left").await;

    let change = SetClientEnabled {
        account: "main".into(),
        client: "bot".into(),
        enabled: false,
    };
    rpc.call(&change).await.expect("changed");
    happened(&rpc, "happened.settings_applied").await;
    place.write("nonsense");
    happened(&rpc, "happened.settings_refused").await;

    let told = async {
        while let Some(event) = events.next().await {
            if let Event::Happened { happening } = event
                && happening.id == came.id
            {
                return happening;
            }
        }
        panic!("the node has ended")
    };
    let told = timeout(LIMIT, told).await.expect("it is told");
    assert_eq!(told.message.code, "happened.client_connected");
    node.drain().await;
}

#[tokio::test]
async fn there_are_rates_of_every_account_and_client() {
    let place = Place::new(SETTINGS);
    let (node, rpc) = started(&place).await;
    let history = rpc.call(&ReadRates { minutes: 3 }).await.expect("rates");
    let [main, off] = &history.accounts[..] else {
        panic!("two accounts")
    };
    assert_eq!(
        (main.account.as_str(), off.account.as_str()),
        ("main", "off")
    );
    assert_eq!((&main.events, &main.actions), (&vec![0; 3], &vec![0; 3]));
    let bot = main.clients.iter().find(|one| one.client == "bot");
    assert_eq!(bot.expect("it is there").events, [0; 3]);
    assert!(off.clients.is_empty());
    node.drain().await;
}

#[tokio::test]
async fn logins_of_accounts_without_a_core_are_answered_in_words() {
    let place = Place::new(SETTINGS);
    let (node, rpc) = started(&place).await;
    let account = || "main".to_owned();
    let answers = [
        rpc.call(&LoginNewCode { account: account() })
            .await
            .map(drop),
        rpc.call(&LoginBackup { account: account() })
            .await
            .map(drop),
        rpc.call(&LoginForget { account: account() })
            .await
            .map(drop),
    ];
    for answer in answers {
        let refused = answer.expect_err("there is none");
        assert_eq!(refused.code, ErrorCode::NotSupported);
        assert_eq!(refused.message.code, "rpc.no_core");
    }
    node.drain().await;
}
