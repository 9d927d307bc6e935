//! Frames are traced outside the account's lock: whoever formats 50 MB holds nobody up.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use anyhow::Result;
use perpetua_hub::AccountLimits;
use perpetua_proxy::{AccountHandle, AccountTasks, Clock, DialSettings, FrameBudget, run_dial};
use tokio::net::TcpListener;
use tokio_tungstenite::{accept_async, tungstenite::Message};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Longer than a snapshot takes, shorter than a person waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks another thread for a snapshot of the account while a frame is being written to the log.
#[derive(Clone, Default)]
struct Log {
    account: Arc<OnceLock<AccountHandle>>,
    frames: Arc<AtomicUsize>,
}

impl Log {
    fn frame(&self) {
        let Some(account) = self.account.get().cloned() else {
            return;
        };
        let (done, snapshot) = mpsc::sync_channel(1);
        thread::spawn(move || done.send(account.snapshot().events));
        snapshot
            .recv_timeout(PATIENCE)
            .expect("the account is locked while a frame is formatted");
        self.frames.fetch_add(1, Ordering::SeqCst);
    }
}

struct HasFrame(bool);

impl Visit for HasFrame {
    fn record_debug(&mut self, field: &Field, _value: &dyn fmt::Debug) {
        self.0 |= field.name() == "frame";
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("perpetua")
    }

    fn event(&self, event: &Event<'_>) {
        let mut has_frame = HasFrame(false);
        event.record(&mut has_frame);
        if has_frame.0 {
            self.frame();
        }
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}
    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}
    fn enter(&self, _span: &span::Id) {}
    fn exit(&self, _span: &span::Id) {}
}

#[tokio::test]
async fn the_account_is_free_while_a_frame_is_formatted() -> Result<()> {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let tasks = AccountTasks::default();
    let account = AccountHandle::start(
        "main",
        AccountLimits::default(),
        Clock::system(),
        FrameBudget::default(),
        1,
        &tasks,
    );
    assert!(log.account.set(account.clone()).is_ok());
    let dial = DialSettings {
        url: format!("ws://{}/", listener.local_addr()?),
        token: None,
        backoff: perpetua_backoff::Backoff::default(),
        tls: None,
    };
    let run = run_dial(account.clone(), dial, 1, tasks.cancel.clone());
    tasks.tracker.spawn("dial", run);
    let (stream, _peer) = listener.accept().await?;
    let mut socket = accept_async(stream).await?;
    for _ in 0..3 {
        let event = r#"{"self_id":10001,"post_type":"message"}"#;
        futures_util::SinkExt::send(&mut socket, Message::text(event)).await?;
    }
    let mut presence = account.presence();
    presence.wait_for(|presence| presence.online).await?;
    assert!(log.frames.load(Ordering::SeqCst) > 0, "no frame was traced");
    tasks.cancel.cancel();
    Ok(())
}
