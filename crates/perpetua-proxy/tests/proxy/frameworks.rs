//! A client of several frameworks, and frameworks that are spoken to over two connections: each way goes around by
//! itself, and the one for events follows the one for actions.

use std::time::Duration;

use anyhow::{Context as _, Result};
use perpetua_backoff::Backoff;
use perpetua_hub::{ClientSettings, DialFailure, DialState, RefusalCause};
use perpetua_proxy::{
    DialSettings, FrameworkWay, dial_framework, dial_framework_in_halves, dial_trial,
};
use perpetua_secrets::Secret;
use serde_json::json;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    time::{Frozen, until_holds},
    wire::{CLOSE, Wire, header, read_head},
    world::{CLIENT, World, answer, event, is_event, parse},
};

/// An account whose client may have so many connections.
fn world(max_connections: usize) -> World {
    let world = World::new();
    let settings = ClientSettings {
        max_connections,
        ..ClientSettings::default()
    };
    world.account.set_client(CLIENT, settings);
    world
}

fn way(place: usize, url: String, token: Option<&str>) -> Result<FrameworkWay> {
    Ok(FrameworkWay {
        client: CLIENT.to_owned(),
        place,
        is_one_of_several: true,
        server: String::new(),
        dial: DialSettings {
            url,
            token: token.map(Secret::new).transpose()?,
            backoff: Backoff {
                jitter: 0.0,
                ..Backoff::default()
            },
            tls: None,
        },
    })
}

async fn listening() -> Result<(TcpListener, String)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, format!("ws://{address}/ws")))
}

async fn accept(time: &Frozen, listener: &TcpListener) -> Result<(Wire, String, Duration)> {
    let accepting = async { Wire::accept(listener.accept().await?.0).await };
    let (accepted, waited) = time.until(accepting).await;
    let (wire, head) = accepted?;
    Ok((wire, head, waited))
}

fn state(world: &World, place: usize) -> Option<DialState> {
    let mut client = world.client();
    client.dials.remove(&place).map(|dial| dial.state)
}

fn is_open(world: &World, place: usize) -> bool {
    matches!(state(world, place), Some(DialState::Open { .. }))
}

/// Two frameworks of one client, with a token each.
struct Two {
    world: World,
    no_more: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Two {
    fn start(urls: [String; 2]) -> Result<Self> {
        let (world, no_more) = (world(2), CancellationToken::new());
        let mut tasks = Vec::new();
        for (place, url) in urls.into_iter().enumerate() {
            let token = ["s3cret", "other"].get(place).copied();
            let way = way(place, url, token)?;
            let (_trial, tried) = dial_trial();
            let run = dial_framework(world.account.clone(), way, tried, 1, no_more.clone());
            tasks.push(tokio::spawn(run));
        }
        Ok(Self {
            world,
            no_more,
            tasks,
        })
    }
}

#[tokio::test(start_paused = true)]
async fn each_framework_is_shown_its_own_token_and_hears_everything() -> Result<()> {
    let time = Frozen::time();
    let ((first, url), (second, other)) = (listening().await?, listening().await?);
    let two = Two::start([url, other])?;
    let upstream = two.world.embedded().await;
    for (listener, bearer) in [(&first, "Bearer s3cret"), (&second, "Bearer other")] {
        let (mut framework, head, _) = accept(&time, listener).await?;
        assert_eq!(header(&head, "authorization"), Some(bearer));
        assert_eq!(header(&head, "x-client-role"), Some("Universal"));
        time.until(framework.json()).await.0?;
        upstream.send(&event(7, 10));
        time.until(framework.json_where(is_event(7))).await.0?;
        framework.reset()?;
    }
    two.no_more.cancel();
    for task in two.tasks {
        time.until(task).await.0?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_framework_that_refuses_is_no_matter_of_the_other_one() -> Result<()> {
    let time = Frozen::time();
    let ((good, url), (bad, other)) = (listening().await?, listening().await?);
    let two = Two::start([url, other.clone()])?;
    let refusing = tokio::spawn(async move {
        loop {
            let (mut stream, _node) = bad.accept().await?;
            read_head(&mut stream).await?;
            let answer = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).await?;
        }
        #[expect(unreachable_code, reason = "names the type of the errors above")]
        Ok::<(), anyhow::Error>(())
    });
    let upstream = two.world.embedded().await;
    let (mut framework, ..) = accept(&time, &good).await?;
    time.until(framework.json()).await.0?;
    time.pass(Duration::from_secs(20)).await;
    let dials = two.world.client().dials;
    assert!(matches!(dials[&0].state, DialState::Open { .. }));
    assert_eq!(dials[&0].failures, 0);
    // At 0, 1, 3, 7 and 15 s.
    assert_eq!(dials[&1].failures, 5);
    let failure = dials[&1].state.failure().context("it refuses")?;
    assert!(failure.is_refusal(), "{failure}");
    // Which of the two it was is told.
    let client = two.world.client();
    assert_eq!((client.notices.len(), client.noted), (1, 5));
    let notice = client.notices[0].message.to_string();
    assert!(notice.contains(&other), "{notice}");
    upstream.send(&event(8, 10));
    time.until(framework.json_where(is_event(8))).await.0?;
    refusing.abort();
    Ok(())
}

/// One framework over two connections.
struct Halves {
    world: World,
    api: TcpListener,
    event: TcpListener,
    no_more: CancellationToken,
    task: JoinHandle<()>,
}

impl Halves {
    /// The halves have a port each, so that it is seen which one is dialled.
    async fn start() -> Result<Self> {
        let ((api, api_url), (event, event_url)) = (listening().await?, listening().await?);
        let (world, no_more) = (world(2), CancellationToken::new());
        let ways = [
            way(0, format!("{api_url}/api"), Some("s3cret"))?,
            way(1, format!("{event_url}/event"), Some("s3cret"))?,
        ];
        let (_trial, tried) = dial_trial();
        let run = dial_framework_in_halves(world.account.clone(), ways, tried, 1, no_more.clone());
        let task = tokio::spawn(run);
        Ok(Self {
            world,
            api,
            event,
            no_more,
            task,
        })
    }

    /// The framework takes both, that for actions first.
    async fn connected(&self, time: &Frozen) -> Result<(Wire, Wire)> {
        let (api, head, _) = accept(time, &self.api).await?;
        assert_eq!(header(&head, "x-client-role"), Some("API"));
        let (mut event, head, _) = accept(time, &self.event).await?;
        assert_eq!(header(&head, "x-client-role"), Some("Event"));
        let (hello, _) = time.until(event.json()).await;
        assert_eq!(hello?["sub_type"], "connect");
        Ok((api, event))
    }

    async fn nobody_asks_for_events(&self, time: &Frozen, how_long: Duration) -> bool {
        tokio::select! {
            biased;
            _dialled = self.event.accept() => false,
            () = time.pass(how_long) => true,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn events_come_only_when_they_can_be_answered() -> Result<()> {
    let time = Frozen::time();
    let halves = Halves::start().await?;
    assert!(
        halves
            .nobody_asks_for_events(&time, Duration::from_secs(2))
            .await
    );
    assert_eq!(state(&halves.world, 0), Some(DialState::Unnamed));
    assert_eq!(state(&halves.world, 1), Some(DialState::Unnamed));
    let upstream = halves.world.embedded().await;
    // Somebody takes the connection and does not answer yet.
    let (stream, _) = time.until(halves.api.accept()).await;
    let (stream, _node): (TcpStream, _) = stream?;
    assert!(
        halves
            .nobody_asks_for_events(&time, Duration::from_secs(20))
            .await
    );
    assert_eq!(state(&halves.world, 1), Some(DialState::AwaitsApi));
    let (mut api, head) = Wire::accept(stream).await?;
    assert!(head.starts_with("GET /ws/api HTTP/1.1\r\n"), "{head}");
    let (mut event_half, head, _) = accept(&time, &halves.event).await?;
    assert!(is_open(&halves.world, 0));
    assert!(head.starts_with("GET /ws/event HTTP/1.1\r\n"), "{head}");
    for (name, value) in [("x-self-id", "10001"), ("authorization", "Bearer s3cret")] {
        assert_eq!(header(&head, name), Some(value));
    }
    time.until(event_half.json()).await.0?;
    upstream.send(&event(7, 10));
    time.until(event_half.json_where(is_event(7))).await.0?;
    // Its answer goes over the other half, where no event is.
    let action = json!({ "action": "get_status", "params": {}, "echo": "1" });
    api.send_json(&action).await?;
    let asked = parse(&time.until(upstream.next_action()).await.0);
    upstream.send(&answer(&asked, &json!({ "online": true })).to_string());
    let (first, _) = time.until(api.json()).await;
    assert_eq!(first?["echo"], "1");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_half_for_events_ends_with_the_other_one_and_comes_after_it() -> Result<()> {
    let time = Frozen::time();
    let halves = Halves::start().await?;
    let _upstream = halves.world.embedded().await;
    let (api, mut event_half) = halves.connected(&time).await?;
    // One that ends sooner has refused.
    time.pass(Duration::from_secs(5)).await;
    drop(api);
    let (close, waited) = time.until(event_half.frame_of(CLOSE)).await;
    assert_eq!(close?.close_reason()?.0, 1012);
    assert!(waited < Duration::from_secs(1), "{waited:?}");
    drop(event_half);
    until_holds("the half for events waits", || !is_open(&halves.world, 1)).await;
    // Its end was no failure, and it comes as soon as the other half does.
    let (_api, _event_half) = halves.connected(&time).await?;
    until_holds("both are open", || {
        is_open(&halves.world, 0) && is_open(&halves.world, 1)
    })
    .await;
    assert_eq!(halves.world.client().dials[&1].failures, 0);
    assert_eq!(halves.world.client().noted, 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_half_for_actions_stays_when_the_other_one_ends() -> Result<()> {
    let time = Frozen::time();
    let halves = Halves::start().await?;
    let _upstream = halves.world.embedded().await;
    let (mut api, event_half) = halves.connected(&time).await?;
    time.pass(Duration::from_secs(5)).await;
    drop(event_half);
    let (_event_half, head, _) = tokio::select! {
        biased;
        _second = halves.api.accept() => anyhow::bail!("two for actions"),
        again = accept(&time, &halves.event) => again?,
    };
    assert_eq!(header(&head, "x-client-role"), Some("Event"));
    assert!(is_open(&halves.world, 0));
    let action = json!({ "action": "get_version_info", "params": {}, "echo": "1" });
    api.send_json(&action).await?;
    Ok(())
}

/// A framework that does not want the half for actions is never sent an event.
#[tokio::test(start_paused = true)]
async fn where_actions_are_refused_no_event_is_sent() -> Result<()> {
    let time = Frozen::time();
    let halves = Halves::start().await?;
    let _upstream = halves.world.embedded().await;
    let refusing = async {
        loop {
            let (mut framework, _) = Wire::accept(halves.api.accept().await?.0).await?;
            framework.send(CLOSE, &1008_u16.to_be_bytes()).await?;
            framework.frame_of(CLOSE).await?;
        }
        #[expect(unreachable_code, reason = "names the type of the errors above")]
        Ok::<(), anyhow::Error>(())
    };
    tokio::select! {
        biased;
        failed = refusing => failed?,
        quiet = halves.nobody_asks_for_events(&time, Duration::from_secs(20)) => assert!(quiet),
    }
    assert_eq!(state(&halves.world, 1), Some(DialState::AwaitsApi));
    let refused = state(&halves.world, 0);
    let refused = refused.as_ref().and_then(DialState::failure);
    assert!(
        matches!(
            refused,
            Some(
                DialFailure::ClosedAtOnce(_)
                    | DialFailure::Unwanted {
                        cause: RefusalCause::TokenWrong(None),
                        ..
                    }
            )
        ),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_removed_ends_with_both_halves() -> Result<()> {
    let time = Frozen::time();
    let halves = Halves::start().await?;
    let _upstream = halves.world.embedded().await;
    let (mut api, mut event_half) = halves.connected(&time).await?;
    halves.no_more.cancel();
    halves.world.account.remove_client(CLIENT);
    for half in [&mut api, &mut event_half] {
        let (close, _) = time.until(half.frame_of(CLOSE)).await;
        assert_eq!(close?.close_reason()?.0, 1008);
    }
    drop((api, event_half));
    time.until(halves.task).await.0?;
    Ok(())
}
