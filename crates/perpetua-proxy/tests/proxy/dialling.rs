//! An upstream that is dialled: when, with what, and how its silence is told from peace.

use std::time::Duration;

use anyhow::Result;
use perpetua_backoff::Backoff;
use perpetua_hub::{AccountLimits, ClientSettings, LinkFailure, LinkState, close_reason};
use perpetua_proxy::{AccountHandle, DialSettings, run_dial};
use perpetua_secrets::Secret;
use perpetua_words::link as words;
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::{
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, PING, PONG, TEXT, Wire, header},
    world::{SELF_ID, World},
};

/// An upstream's address, and a node that dials it.
pub(crate) struct Dialled {
    pub(crate) world: World,
    pub(crate) listener: TcpListener,
}

impl Dialled {
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(AccountLimits::default()).await
    }

    /// One that shows no token.
    pub(crate) async fn without_token() -> Result<Self> {
        Self::dialling(AccountLimits::default(), None).await
    }

    pub(crate) async fn start_with(limits: AccountLimits) -> Result<Self> {
        Self::dialling(limits, Some(Secret::new("s3cret")?)).await
    }

    async fn dialling(limits: AccountLimits, token: Option<Secret>) -> Result<Self> {
        let world = World::with_limits(limits);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let dial = DialSettings {
            url: format!("ws://{}/onebot?x=1", listener.local_addr()?),
            token,
            backoff: Backoff {
                jitter: 0.0,
                ..Backoff::default()
            },
            tls: None,
        };
        let cancel = world.tasks.cancel.child_token();
        let run = run_dial(world.account.clone(), dial, 1, cancel);
        world.tasks.tracker.spawn("dial", run);
        Ok(Self { world, listener })
    }

    pub(crate) async fn accept(&self) -> Result<Wire> {
        let (stream, _node) = self.listener.accept().await?;
        Ok(Wire::accept(stream).await?.0)
    }

    /// A link that has said something.
    pub(crate) async fn open(&self) -> Result<Wire> {
        let mut upstream = self.accept().await?;
        upstream.send_json(&lifecycle()).await?;
        let account = &self.world.account;
        until_holds("the id is known", || {
            account.snapshot().self_id == Some(SELF_ID)
        })
        .await;
        Ok(upstream)
    }

    /// Why the last link ended, also where the next one is on its way.
    pub(crate) fn last_failure(&self) -> Option<LinkFailure> {
        match self.world.account.snapshot().link {
            LinkState::Waiting { failure, .. } => Some(failure),
            LinkState::Dialling { last_failure } => last_failure,
            LinkState::Closed | LinkState::Open { .. } => None,
        }
    }

    pub(crate) fn failure(&self) -> Option<LinkFailure> {
        failure(&self.world.account)
    }
}

pub(crate) fn failure(account: &AccountHandle) -> Option<LinkFailure> {
    match account.snapshot().link {
        LinkState::Waiting { failure, .. } => Some(failure),
        _ => None,
    }
}

fn lifecycle() -> serde_json::Value {
    json!({ "post_type": "meta_event", "meta_event_type": "lifecycle", "self_id": SELF_ID })
}

/// Lives as every WebSocket does: reads, and answers pings.
async fn live(mut upstream: Wire) -> Result<()> {
    loop {
        let frame = upstream.frame().await?;
        match frame.opcode {
            PING => upstream.send(PONG, &frame.payload).await?,
            CLOSE => return Ok(()),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_request_names_the_configured_host_and_shows_the_token() -> Result<()> {
    let _time = Frozen::time();
    let dialled = Dialled::start().await?;
    let (stream, _node) = dialled.listener.accept().await?;
    let (_upstream, head) = Wire::accept(stream).await?;
    let address = dialled.listener.local_addr()?.to_string();
    assert!(head.starts_with("GET /onebot?x=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(&head, "host"), Some(&*address));
    assert_eq!(header(&head, "authorization"), Some("Bearer s3cret"));
    assert!(header(&head, "user-agent").is_some_and(|agent| agent.starts_with("perpetua/")));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn waits_double_and_start_over_after_a_healthy_link() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    dialled.listener.accept().await?;
    for seconds in [1, 2, 4, 8] {
        let (accepted, waited) = time.until(dialled.listener.accept()).await;
        drop(accepted?);
        assert_eq!(waited, Duration::from_secs(seconds));
    }
    // The next one is healthy for 30 s, then breaks.
    let (upstream, waited) = time.until(dialled.open()).await;
    assert_eq!(waited, Duration::from_secs(16));
    let living = tokio::spawn(live(upstream?));
    time.pass(Duration::from_secs(30)).await;
    assert!(dialled.world.account.snapshot().link.is_open());
    living.abort();
    let (_, waited) = time.until(dialled.listener.accept()).await;
    assert_eq!(waited, Duration::from_secs(1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_link_that_answers_nothing_is_found_within_40_seconds() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let _half_open = dialled.open().await?;
    let ((), waited) = time.until(until_failed(&dialled.world.account)).await;
    assert!(waited <= Duration::from_secs(40), "{waited:?}");
    assert_eq!(dialled.failure(), Some(LinkFailure::Silent(25)));
    // And dialled again.
    time.until(dialled.accept()).await.0?;
    Ok(())
}

pub(crate) async fn until_failed(account: &AccountHandle) {
    while failure(account).is_none() {
        settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_stops_reading_is_found_within_40_seconds() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let mut upstream = dialled.open().await?;
    let client = dialled.world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(client, "/", &[]).await?;
    // More than both kernels hold; the upstream speaks on, so it is not silent.
    let action = json!({ "action": "send", "params": { "file": "x".repeat(16 << 20) } });
    client.send_json(&action).await?;
    let speaking = async {
        loop {
            // On the mocked clock: the pace of what it says.
            tokio::time::sleep(Duration::from_secs(5)).await;
            upstream.send_json(&lifecycle()).await?;
        }
        #[expect(unreachable_code, reason = "names the type of the error above")]
        Ok::<(), anyhow::Error>(())
    };
    let failed = until_failed(&dialled.world.account);
    let ((), waited) = time
        .until(async {
            tokio::select! { () = failed => {}, _ = speaking => {} }
        })
        .await;
    assert!(waited <= Duration::from_secs(40), "{waited:?}");
    let failure = dialled.failure().map(|failure| failure.to_string());
    let ours = "this node closed the connection to the upstream: it stopped reading";
    assert_eq!(failure.as_deref(), Some(ours));
    let refused = client.json_where(|frame| frame["retcode"] == 1504).await?;
    assert_eq!(refused["status"], "failed");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_large_frame_that_comes_slowly_is_no_silence() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let mut upstream = dialled.open().await?;
    let event = crate::world::event(7, 400_000);
    upstream
        .stream
        .write_all(&upstream.header(TEXT, event.len()))
        .await?;
    // 40 kB every 10 s, for well over a minute, and no pong in between.
    for part in event.as_bytes().chunks(40_000) {
        upstream.stream.write_all(part).await?;
        time.pass(Duration::from_secs(10)).await;
        assert_eq!(dialled.failure(), None);
    }
    assert_eq!(dialled.world.account.snapshot().events, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_close_frame_is_answered_and_its_words_are_shown() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let mut upstream = dialled.open().await?;
    let going_away = [&1001_u16.to_be_bytes()[..], b"restarting"].concat();
    upstream.send(CLOSE, &going_away).await?;
    assert_eq!(
        upstream.frame_of(CLOSE).await?.close_reason()?,
        (1001, "restarting")
    );
    drop(upstream);
    time.until(until_failed(&dialled.world.account)).await;
    assert_eq!(
        dialled.failure(),
        Some(LinkFailure::Lost(
            words::ClosedByIt {
                reason: close_reason(1001, "restarting")
            }
            .into()
        ))
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_words_of_a_close_frame_outlive_the_reset_behind_it() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let mut upstream = dialled.open().await?;
    let going_away = [&1001_u16.to_be_bytes()[..], b"restarting"].concat();
    upstream.send(CLOSE, &going_away).await?;
    upstream.reset()?;
    time.until(until_failed(&dialled.world.account)).await;
    let expected = LinkFailure::Lost(
        words::ClosedByIt {
            reason: close_reason(1001, "restarting"),
        }
        .into(),
    );
    assert_eq!(dialled.failure(), Some(expected));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_dialler_leaves_the_link_closed() -> Result<()> {
    let _time = Frozen::time();
    let dialled = Dialled::start().await?;
    let _upstream = dialled.open().await?;
    dialled.world.tasks.cancel.cancel();
    dialled.world.tasks.tracker.close();
    dialled.world.tasks.tracker.wait().await;
    assert_eq!(dialled.world.account.snapshot().link, LinkState::Closed);
    Ok(())
}
