//! What was refused or lost is written to the log: with its account and client, at most once a minute.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use perpetua_hub::{AccountLimits, ClientSettings};
use perpetua_proxy::{AccountHandle, AccountTasks, Clock};
use perpetua_words::io::Other;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps the fields of each warning.
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
        *metadata.level() == Level::WARN
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
    let account = AccountHandle::start("main", limits, Clock::system(), 1, &tasks);
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
