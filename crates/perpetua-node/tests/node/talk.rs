//! A node whose only account is simulated, its clients, and one who watches.

use std::{net::SocketAddr, time::Duration};

use perpetua_node::{Node, NodeRpc};
use perpetua_schema::{
    ChatEvent, ChatFrame, ChatFrames, ChatHistory, ChatId, ChatLine, ChatPage, Event, EventStream,
    Rpc, RpcError, Say, Simulate, Status, Token, Topic, Topics,
};
use perpetua_testkit::{Client, Dial};
use tokio::time::timeout;

use crate::harness::Place;

/// Three clients; the last one is never connected.
const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[[accounts]]
name = "main"
upstream = { kind = "simulator" }

[[accounts.clients]]
name = "nonebot"
kind = "forward"
listen = "127.0.0.1:0"

[[accounts.clients]]
name = "koishi"
kind = "forward"
listen = "127.0.0.1:0"

[[accounts.clients]]
name = "astrbot"
kind = "forward"
listen = "127.0.0.1:0"
"#;

/// Far beyond what anything here takes.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) const HERE: ChatId = ChatId::Group(20_001);
/// A node whose only account is simulated.
pub(crate) struct Talk {
    node: Node,
    pub(crate) rpc: NodeRpc,
    // The folder goes when the node has ended.
    _place: Place,
}

impl Talk {
    pub(crate) async fn begin() -> Self {
        let place = Place::new(SETTINGS);
        let node = place.start().await.expect("started");
        let rpc = node.rpc();
        let online = async {
            while !rpc.call(&Status {}).await.expect("a status").accounts[0].online {
                // Every call gives the others a turn.
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, online).await.expect("online");
        Self {
            node,
            rpc,
            _place: place,
        }
    }

    pub(crate) async fn end(self) {
        self.node.drain().await;
    }

    /// Connects as a client of the settings, and waits until it is greeted.
    pub(crate) async fn connect(&self, client: &str, path: &str) -> Client {
        let status = self.rpc.call(&Status {}).await.expect("a status");
        let mut clients = status.accounts[0].clients.iter();
        let found = clients.find(|one| one.name == client).expect("a client");
        let address: SocketAddr = found
            .listen
            .as_deref()
            .expect("listens")
            .parse()
            .expect("one");
        let token = Token {
            account: main(),
            client: Some(client.into()),
        };
        let token = self
            .rpc
            .call(&token)
            .await
            .expect("a token")
            .token
            .expect("one");
        let dial = Dial::to(address)
            .path(path)
            .token(&token)
            .expect("a header");
        let mut client = dial.connect().await.expect("connected");
        if path != "/api" {
            let hello = client.next_where("the lifecycle", |it| it["sub_type"] == "connect");
            hello.await.expect("greeted");
        }
        client
    }

    pub(crate) async fn watch(&self) -> <NodeRpc as Rpc>::Events {
        let topics = Topics::from(Topic::Simulator(Some(main())));
        self.rpc.events(&topics).await.expect("followed")
    }

    pub(crate) async fn say(&self, text: &str) -> Result<i32, RpcError> {
        let say = Say {
            account: None,
            chat: "20001".into(),
            speaker: None,
            text: text.into(),
        };
        Ok(self.rpc.call(&say).await?.message_id)
    }

    pub(crate) async fn simulate(&self, event: ChatEvent) {
        let simulate = Simulate {
            account: None,
            event,
        };
        self.rpc.call(&simulate).await.expect("done");
    }

    pub(crate) async fn history(&self, before: Option<u64>, limit: usize) -> ChatPage {
        let history = ChatHistory {
            account: main(),
            chat: HERE,
            before,
            limit,
        };
        self.rpc.call(&history).await.expect("a page")
    }

    pub(crate) async fn frames(&self, line: u64) -> Vec<ChatFrame> {
        let frames = ChatFrames {
            account: main(),
            line,
        };
        self.rpc.call(&frames).await.expect("kept")
    }
}

pub(crate) fn main() -> String {
    "main".into()
}

pub(crate) async fn next(watched: &mut impl EventStream) -> Event {
    let event = timeout(LIMIT, watched.next()).await;
    event.expect("in time").expect("the node runs")
}

pub(crate) async fn next_line(watched: &mut impl EventStream) -> ChatLine {
    match next(watched).await {
        Event::Shown { shown, .. } => *shown,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn lines(watched: &mut impl EventStream, count: usize) -> Vec<ChatLine> {
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(next_line(watched).await);
    }
    lines
}
