//! A node that only answers, and the server in front of it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use perpetua_access::{Origins, WaitingRoom};
use perpetua_fetch::loopback_client;
use perpetua_http::{
    Answer, ApiNotices, Backend, Discovery, Follow, HttpParts, HttpSettings, LeaseRefused,
    OnlineClient, PageFile, Pages, Receive, SignIn, serve,
};
use perpetua_hub::{AccountSnapshot, ClockReading};
use perpetua_schema::{Call, ErrorCode, Event, NodeStatus, RpcError, Topics};
use perpetua_secrets::Secret;
use perpetua_words::Message;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{
        Notify,
        broadcast::{self, error::RecvError},
        watch,
    },
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::core_upload::Uploads;

/// The session token of every test.
pub(crate) const SESSION: &str = "s3ssion-token";
/// The sign-in token of every test.
pub(crate) const SIGN_IN: &str = "s1gn-in-token";
/// When every test takes place, since 1970.
pub(crate) const TODAY: Duration = Duration::from_hours(500_000);
/// How many events a watcher may be behind.
pub(crate) const EVENT_ROOM: usize = 16;
/// Far beyond what anything here takes.
const LIMIT: Duration = Duration::from_secs(10);

/// What the fake node answers; a test changes it before it asks.
pub(crate) struct Fake {
    pub(crate) status: Mutex<NodeStatus>,
    pub(crate) snapshots: Mutex<Vec<(String, AccountSnapshot)>>,
    pub(crate) lease: Mutex<Result<u16, LeaseRefused>>,
    /// Who asked for a port, and for which account.
    pub(crate) leased: Mutex<Vec<(IpAddr, Option<String>)>>,
    pub(crate) online: Mutex<Vec<OnlineClient>>,
    pub(crate) events: broadcast::Sender<Event>,
    /// The topics of everyone who has followed.
    pub(crate) followed: Mutex<Vec<Topics>>,
    /// Lets a `reconnect` call end, which waits for it.
    pub(crate) gate: Notify,
    pub(crate) reconnecting: AtomicBool,
    pub(crate) reconnected: AtomicBool,
    /// What browsers sign in with, or why it cannot be had.
    pub(crate) sign_in_token: Mutex<Result<Secret, Message>>,
    /// How often sessions were kept.
    pub(crate) kept: AtomicUsize,
    /// Whether those who sign out stay out.
    pub(crate) ended: Mutex<Result<(), Message>>,
    /// What was uploaded.
    pub(crate) uploads: Uploads,
}

impl Fake {
    fn new() -> Self {
        let status = NodeStatus {
            version: "0.1.0".into(),
            pid: 1,
            uptime_s: 2,
            api: "http://127.0.0.1:8080".into(),
            accounts: Vec::new(),
            problems: Vec::new(),
            notices: Vec::new(),
            ..NodeStatus::default()
        };
        Self {
            status: Mutex::new(status),
            snapshots: Mutex::default(),
            lease: Mutex::new(Ok(35821)),
            leased: Mutex::default(),
            online: Mutex::default(),
            events: broadcast::channel(EVENT_ROOM).0,
            followed: Mutex::default(),
            gate: Notify::new(),
            reconnecting: AtomicBool::new(false),
            reconnected: AtomicBool::new(false),
            sign_in_token: Mutex::new(Ok(secret(SIGN_IN))),
            kept: AtomicUsize::new(0),
            ended: Mutex::new(Ok(())),
            uploads: Uploads::default(),
        }
    }
}

/// The events of the fake node; what is missed is told as a node would.
struct Followed(broadcast::Receiver<Event>);

impl Follow for Followed {
    fn next(&mut self) -> Answer<'_, Option<Event>> {
        Box::pin(async move {
            match self.0.recv().await {
                Ok(event) => Some(event),
                Err(RecvError::Lagged(count)) => Some(Event::Missed { count }),
                Err(RecvError::Closed) => None,
            }
        })
    }
}

impl Backend for Fake {
    fn call(&self, call: Call) -> Answer<'_, Result<Value, RpcError>> {
        Box::pin(async move {
            match call {
                Call::Status(_) => Ok(serde_json::to_value(self.status()).expect("JSON")),
                Call::Say(say) => Ok(json!({ "message_id": say.text.len() })),
                Call::Token(token) => Err(RpcError::new(
                    ErrorCode::NotFound,
                    perpetua_words::rpc::NoSuchClient {
                        account: token.account,
                        client: token.client.unwrap_or_default(),
                    },
                )),
                Call::SettingsWrite(_) => panic!("a fault of the node"),
                Call::Reconnect(_) => {
                    self.reconnecting.store(true, Ordering::SeqCst);
                    self.gate.notified().await;
                    self.reconnected.store(true, Ordering::SeqCst);
                    Ok(Value::Null)
                }
                other => Err(RpcError::new(
                    ErrorCode::NotSupported,
                    words(&format!("{other:?}")),
                )),
            }
        })
    }

    fn receive_core(
        &self,
        name: String,
        size: Option<u64>,
    ) -> Answer<'_, Result<Box<dyn Receive>, RpcError>> {
        let begun = self.uploads.begin(name, size);
        Box::pin(async { begun })
    }

    fn follow(&self, topics: &Topics) -> Box<dyn Follow> {
        self.followed.lock().expect("followed").push(topics.clone());
        Box::new(Followed(self.events.subscribe()))
    }

    fn status(&self) -> NodeStatus {
        self.status.lock().expect("status").clone()
    }

    fn snapshots(&self) -> Vec<(String, AccountSnapshot)> {
        self.snapshots.lock().expect("snapshots").clone()
    }

    fn lease<'a>(
        &'a self,
        peer: IpAddr,
        account: Option<&'a str>,
    ) -> Answer<'a, Result<u16, LeaseRefused>> {
        self.leased
            .lock()
            .expect("leased")
            .push((peer, account.map(str::to_owned)));
        let lease = self.lease.lock().expect("lease").clone();
        Box::pin(async move { lease })
    }

    fn online_clients(&self) -> Vec<OnlineClient> {
        self.online.lock().expect("online").clone()
    }

    fn sign_in_token(&self) -> Answer<'_, Result<Secret, Message>> {
        let token = self.sign_in_token.lock().expect("sign_in_token").clone();
        Box::pin(async move { token })
    }

    fn sessions_changed(&self) -> Answer<'_, ()> {
        self.kept.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {})
    }

    fn sessions_ended(&self) -> Answer<'_, Result<(), Message>> {
        self.kept.fetch_add(1, Ordering::SeqCst);
        let outcome = self.ended.lock().expect("ended").clone();
        Box::pin(async { outcome })
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) node: Arc<Fake>,
    /// Where it can be reached.
    pub(crate) address: SocketAddr,
    pub(crate) cancel: CancellationToken,
    pub(crate) settings: watch::Sender<HttpSettings>,
    /// What it refused.
    pub(crate) notices: ApiNotices,
    pub(crate) sign_in: SignIn,
    /// How much time has passed since the test began, beside the time that really has.
    pub(crate) later: Arc<Mutex<Duration>>,
    task: JoinHandle<()>,
    client: Client,
}

impl Server {
    /// One on loopback.
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1:0", Pages::NONE).await
    }

    /// One on loopback with pages.
    pub(crate) async fn start_with(pages: &'static [PageFile]) -> Self {
        Self::start_at("127.0.0.1:0", Pages::new(pages)).await
    }

    /// One on all addresses.
    pub(crate) async fn start_beyond_loopback() -> Self {
        Self::start_at("0.0.0.0:0", Pages::NONE).await
    }

    async fn start_at(address: &str, pages: Pages) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let settings = watch::Sender::new(HttpSettings {
            session_token: secret(SESSION),
            origins: Origins {
                allowed_hosts: vec!["bot.example".into()],
            },
            trusted_proxies: Vec::new(),
            discovery: Discovery::default(),
        });
        let (node, cancel) = (Arc::new(Fake::new()), CancellationToken::new());
        let begin = std::time::Instant::now();
        let later = Arc::new(Mutex::new(Duration::ZERO));
        let now = {
            let later = Arc::clone(&later);
            move || {
                let later = *later.lock().expect("later");
                ClockReading {
                    instant: begin + later,
                    unix: TODAY + later,
                }
            }
        };
        let notices = ApiNotices::new(now.clone());
        let sign_in = SignIn::new(Vec::new(), now);
        let parts = HttpParts {
            backend: Arc::clone(&node) as Arc<dyn Backend>,
            settings: settings.subscribe(),
            notices: notices.clone(),
            waiting: WaitingRoom::default(),
            sign_in: sign_in.clone(),
            pages,
        };
        let serving = serve(listener, parts, cancel.clone());
        Self {
            node,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            cancel,
            settings,
            notices,
            sign_in,
            later,
            task: tokio::spawn(serving),
            client: loopback_client().expect("a client"),
        }
    }

    /// A request without a token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
            .timeout(LIMIT)
    }

    /// A `GET` without a token.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// A call with the session token.
    pub(crate) fn call(&self, method: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.request(Method::POST, &format!("/rpc/{method}"))
            .bearer_auth(SESSION)
            .body(body)
    }

    /// Waits for the server to end by itself.
    pub(crate) async fn ended(self) {
        timeout(LIMIT, self.task)
            .await
            .expect("an end")
            .expect("no panic");
    }
}

/// A message that says `text` in every language.
pub(crate) fn words(text: &str) -> Message {
    perpetua_words::io::Other { text }.into()
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text).expect("a token")
}

/// The status and the text of an answer.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.expect("an answer");
    (
        answer.status().as_u16(),
        answer.text().await.expect("a text"),
    )
}

/// The status and the JSON of an answer.
pub(crate) async fn json_answer(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    let kind = answer
        .headers()
        .get("content-type")
        .expect("a content type");
    assert_eq!(kind, "application/json");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// A request as it goes over the wire, for tests that need the socket itself.
pub(crate) fn raw(method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {SESSION}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Waits until something holds that other tasks bring about.
pub(crate) async fn eventually(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            // Nothing tells of it: it is looked for again.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, waiting)
        .await
        .expect("it never came to hold");
}
