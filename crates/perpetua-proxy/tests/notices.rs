//! What was refused or lost is written to the log: with its account and client, at most once a minute.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use anyhow::Result;
use perpetua_access::{AccessPolicy, Auth, Origins};
use perpetua_hub::{AccountLimits, ClientSettings};
use perpetua_proxy::{
    AccountHandle, AccountTasks, ClientListener, Clock, FrameBudget, serve_clients,
};
use perpetua_words::io::Other;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps the fields of each line.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Line>>>);

type Line = BTreeMap<String, String>;

struct Fields<'a>(&'a mut Line);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::new();
        event.record(&mut Fields(&mut line));
        self.0.lock().expect("nobody panics").push(line);
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}
    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}
    fn enter(&self, _span: &span::Id) {}
    fn exit(&self, _span: &span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn each_kind_has_a_line_and_then_one_a_minute() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let tasks = AccountTasks::default();
    let limits = AccountLimits::default();
    let account = AccountHandle::start(
        "main",
        limits,
        Clock::system(),
        FrameBudget::default(),
        1,
        &tasks,
    );
    account.set_client("nonebot", ClientSettings::default());
    for _ in 0..5 {
        account.note_client("nonebot", Other { text: "no token" });
        account.note_upstream(Other { text: "no token" });
    }
    tokio::time::advance(std::time::Duration::from_mins(1)).await;
    account.note_client("nonebot", Other { text: "no token" });
    let lines = log.0.lock().expect("nobody panics").clone();
    let told = |line: &Line, field: &str| line.get(field).cloned().unwrap_or_default();
    let told: Vec<_> = lines
        .iter()
        .map(|line| ["message", "account", "client", "count"].map(|field| told(line, field)))
        .collect();
    let expected = [
        ["no token", "\"main\"", "\"nonebot\"", "1"],
        ["no token", "\"main\"", "", "1"],
        ["no token", "\"main\"", "\"nonebot\"", "5"],
    ];
    assert_eq!(told, expected);
    tasks.cancel.cancel();
}

#[tokio::test]
async fn a_framework_that_comes_and_goes_without_end_does_not_fill_the_log() -> Result<()> {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let tasks = AccountTasks::default();
    let limits = AccountLimits::default();
    let account = AccountHandle::start(
        "main",
        limits,
        Clock::system(),
        FrameBudget::default(),
        1,
        &tasks,
    );
    account.set_client("nonebot", ClientSettings::default());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let port = ClientListener {
        account: account.clone(),
        client: "nonebot".to_owned(),
        access: AccessPolicy {
            auth: Auth::Open,
            origins: Origins::default(),
        },
    };
    let serving = serve_clients(listener, port, tasks.cancel.clone(), tasks.clone());
    let serving = tokio::spawn(serving);
    for _ in 0..100 {
        let mut socket = TcpStream::connect(address).await?;
        let request = format!(
            "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await?;
        socket.read_u8().await?;
    }
    tasks.cancel.cancel();
    serving.await?;
    let lines = log.0.lock().expect("nobody panics").clone();
    let of_clients = |line: &&Line| line["message"].starts_with("client ");
    let count = lines.iter().filter(of_clients).count();
    assert_eq!(count, 60, "{lines:?}");
    Ok(())
}
