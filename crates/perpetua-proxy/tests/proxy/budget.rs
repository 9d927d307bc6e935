//! What messages hold together: whoever holds the most gives way, and nobody else notices.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use perpetua_access::Auth;
use perpetua_hub::{AccountLimits, ClientSettings, LinkFailure, QueueLimits};
use perpetua_proxy::{Embedded, FrameBudget};
use perpetua_words::link as words;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::{
    dialling::Dialled,
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, CONTINUED, TEXT, Wire},
    world::{CLIENT, SELF_ID, World, answer, event, parse, perpetua},
};

/// The largest frame of these tests; the budget is four of them.
const FRAME: usize = 1_000_000;
const BUDGET: usize = 4 * FRAME;
/// What may be held beyond it before somebody looks.
const BETWEEN_LOOKS: usize = 1 << 20;
/// What each of the greedy holds.
const LARGE: usize = FRAME - 1000;
/// Nearly three times the budget.
const GREEDY: usize = 12;

fn limits() -> AccountLimits {
    AccountLimits {
        max_frame_size: FRAME,
        ..AccountLimits::default()
    }
}

fn settings() -> ClientSettings {
    ClientSettings {
        max_connections: 2 * GREEDY,
        ..perpetua()
    }
}

/// How the greedy hold what they hold.
#[derive(Clone, Copy, Debug)]
enum Greed {
    /// A frame without its end.
    Frame,
    /// The header of a frame, for all of which its reader makes room.
    Header,
    /// A message in frames without its last one.
    Parts,
    /// Echoes of actions that the upstream has and does not answer.
    Unanswered,
    /// Actions that the upstream does not take.
    Unsent,
    /// Answers that are not read.
    Unread,
}

const GREEDS: [Greed; 6] = [
    Greed::Frame,
    Greed::Header,
    Greed::Parts,
    Greed::Unanswered,
    Greed::Unsent,
    Greed::Unread,
];

/// An action whose echo makes nearly all of it.
fn echoing(bytes: usize) -> Vec<u8> {
    let echo = "e".repeat(bytes - 40);
    format!(r#"{{"action":"ask","echo":"{echo}"}}"#).into_bytes()
}

impl Greed {
    /// Has one connection hold about as much as a frame may have.
    async fn hold(self, wire: &mut Wire) -> Result<()> {
        match self {
            Self::Header => {
                let header = wire.header(TEXT, LARGE);
                // As it may come: in two parts.
                for part in [&header[..3], &header[3..]] {
                    wire.stream.write_all(part).await?;
                    settle().await;
                }
            }
            Self::Frame => {
                let header = wire.header(TEXT, LARGE);
                wire.stream.write_all(&header).await?;
                wire.stream.write_all(&vec![b'x'; LARGE - 1]).await?;
            }
            Self::Parts => {
                for opcode in [TEXT, CONTINUED] {
                    let mut header = wire.header(opcode, LARGE / 2);
                    header[0] &= 0x7f;
                    wire.stream.write_all(&header).await?;
                    wire.stream.write_all(&vec![b'x'; LARGE / 2]).await?;
                }
            }
            Self::Unsent | Self::Unanswered => wire.send(TEXT, &echoing(LARGE)).await?,
            // What the system holds for its reader is nobody's.
            Self::Unread => {
                for _ in 0..8 {
                    // It may have given way already.
                    let _closed_already = wire.send(TEXT, &echoing(LARGE)).await;
                }
            }
        }
        Ok(())
    }

    /// What the upstream does meanwhile.
    async fn upstream(self, upstream: Arc<Embedded>) {
        let takes = matches!(self, Self::Unanswered | Self::Unread);
        // The scene has it too, for as long as it lasts.
        while takes && Arc::strong_count(&upstream) > 1 {
            let asked = parse(&upstream.next_action().await);
            if matches!(self, Self::Unread) {
                upstream.send(&answer(&asked, &json!(null)).to_string());
            }
        }
    }
}

/// Everybody of a node with two accounts: the honest one's and the others'.
struct Scene {
    honest: World,
    greedy: World,
    upstream: Arc<Embedded>,
    port: SocketAddr,
}

impl Scene {
    async fn open() -> Result<Self> {
        let honest = World::with_budget(limits(), FrameBudget::new(1));
        let greedy = honest.beside(limits());
        let upstream = Arc::new(greedy.embedded().await);
        let port = greedy.port(settings()).await?;
        Ok(Self {
            honest,
            greedy,
            upstream,
            port,
        })
    }

    fn held(&self) -> usize {
        let held = |world: &World| world.account.snapshot().held_bytes;
        held(&self.honest) + held(&self.greedy)
    }

    /// Connections of a client of the greedy account that read nothing.
    async fn slow(&self, client: &str, count: usize) -> Result<Vec<Wire>> {
        let port = self.greedy.port_of(client, settings(), Auth::Open).await?;
        let mut slow = Vec::new();
        for _ in 0..count {
            slow.push(Wire::dial_narrow(port).await?);
        }
        let are_there = || self.greedy.client_of(client).connections.len() == count;
        until_holds("they are there", are_there).await;
        Ok(slow)
    }

    /// Sends events until so much is held. What the system takes for its readers is nobody's.
    async fn send_events_until(&self, bytes: usize) {
        for number in 0.. {
            self.upstream.send(&event(number, LARGE / 2));
            settle().await;
            if self.held() > bytes {
                return;
            }
        }
    }

    /// The connections of the greedy that are still there.
    fn left(&self) -> usize {
        self.greedy.connections()
    }
}

/// An action of half a megabyte that an honest client has sent half of.
async fn half_sent(wire: &mut Wire) -> Result<Vec<u8>> {
    let action = json!({ "action": "send", "text": "x".repeat(FRAME / 2), "echo": 7 }).to_string();
    let (first, second) = action.as_bytes().split_at(FRAME / 4);
    let header = wire.header(TEXT, action.len());
    wire.stream.write_all(&header).await?;
    wire.stream.write_all(first).await?;
    Ok(second.to_vec())
}

#[tokio::test(start_paused = true)]
async fn who_holds_the_most_gives_way_and_nobody_else_notices() -> Result<()> {
    let time = Frozen::time();
    for greed in GREEDS {
        let scene = Scene::open().await?;
        tokio::spawn(greed.upstream(Arc::clone(&scene.upstream)));
        let upstream = scene.honest.embedded().await;
        let port = scene.honest.port(settings()).await?;
        let mut honest = Wire::dial(port, "/", &[]).await?;
        let rest = half_sent(&mut honest).await?;
        let mut greedy = Vec::new();
        for _ in 0..GREEDY {
            let mut wire = Wire::dial_narrow(scene.port).await?;
            // Whoever gave way may take a moment to be told why, and the next one waits for its room.
            time.until(greed.hold(&mut wire)).await.0?;
            greedy.push(wire);
            until_holds("what is held stays within the budget", || {
                scene.held() <= BUDGET + BETWEEN_LOOKS
            })
            .await;
        }
        until_holds("somebody gave way", || scene.left() < GREEDY).await;
        honest.stream.write_all(&rest).await?;
        let asked = parse(&upstream.next_action().await);
        upstream.send(&answer(&asked, &json!("done")).to_string());
        let answered = honest.json_where(|frame| frame["echo"] == 7).await?;
        assert_eq!(answered["data"], "done", "{greed:?}");
        let cuts = scene.greedy.client().traffic.cuts;
        assert_eq!(usize::try_from(cuts)?, GREEDY - scene.left(), "{greed:?}");
        assert_eq!(scene.honest.client().traffic.cuts, 0, "{greed:?}");
        let notices = scene.greedy.client().notices;
        let told = notices
            .iter()
            .any(|notice| notice.message.to_string().contains("`[limits]`"));
        assert!(told, "{greed:?}: {notices:?}");
        drop(greedy);
    }
    Ok(())
}

/// Whoever gives way is told why, in time to read it.
#[tokio::test(start_paused = true)]
async fn who_gives_way_is_told_so() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut first = Wire::dial(scene.port, "/", &[]).await?;
    first.send(TEXT, &echoing(LARGE)).await?;
    first.send(TEXT, &echoing(LARGE)).await?;
    let mut others = Vec::new();
    for _ in 0..4 {
        let mut wire = Wire::dial(scene.port, "/", &[]).await?;
        wire.send(TEXT, &echoing(LARGE)).await?;
        others.push(wire);
    }
    until_holds("one gave way", || scene.left() < 5).await;
    let close = first.frame_of(CLOSE).await?;
    let (code, reason) = close.close_reason()?;
    assert_eq!(code, 1013);
    assert!(reason.contains("`memory`"), "{reason}");
    Ok(())
}

/// One client with many connections that hold little each is not spared for one that sends a picture.
#[tokio::test(start_paused = true)]
async fn many_small_ones_of_a_client_count_together() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let port = scene
        .greedy
        .port_of("honest", settings(), Auth::Open)
        .await?;
    let mut honest = Wire::dial(port, "/", &[]).await?;
    let rest = half_sent(&mut honest).await?;
    let mut greedy = Vec::new();
    for _ in 0..20 {
        let mut wire = Wire::dial(scene.port, "/", &[]).await?;
        let header = wire.header(TEXT, FRAME / 4);
        wire.stream.write_all(&header).await?;
        wire.stream.write_all(&vec![b'x'; FRAME / 4 - 1000]).await?;
        greedy.push(wire);
    }
    until_holds("somebody gave way", || scene.left() < 20).await;
    honest.stream.write_all(&rest).await?;
    let asked = parse(&scene.upstream.next_action().await);
    assert_eq!(asked["action"], "send");
    Ok(())
}

/// What somebody leaves behind holds nothing for long.
#[tokio::test(start_paused = true)]
async fn echoes_of_those_who_have_left_are_let_go() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut wire = Wire::dial(scene.port, "/", &[]).await?;
    wire.send(TEXT, &echoing(LARGE)).await?;
    scene.upstream.next_action().await;
    until_holds("the echo is held", || scene.held() > LARGE / 2).await;
    wire.reset()?;
    until_holds("it is let go", || scene.held() < 1000).await;
    assert_eq!(scene.greedy.account.snapshot().unanswered, 1, "it runs on");
    Ok(())
}

/// Events are the same for every client: those that wait for several, or are written to them, are held once.
#[tokio::test(start_paused = true)]
async fn events_of_several_clients_count_once() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let _slow = scene.slow(CLIENT, GREEDY).await?;
    scene.send_events_until(2 * FRAME).await;
    assert!(scene.held() < BUDGET, "{}", scene.held());
    assert_eq!(scene.left(), GREEDY);
    Ok(())
}

/// Each that is stuck writes an event of its own, and what waits for it is what waits for the others.
#[tokio::test(start_paused = true)]
async fn events_that_differ_from_one_stuck_client_to_the_next_count_each() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let queue = QueueLimits {
        bytes: 1,
        ..QueueLimits::default()
    };
    let settings = ClientSettings {
        queue,
        ..settings()
    };
    let name = |number| format!("slow{number}");
    let connections = |number| scene.greedy.client_of(&name(number)).connections;
    let (mut slow, mut sent) = (Vec::new(), 0);
    for number in 0..GREEDY {
        let port = scene
            .greedy
            .port_of(&name(number), settings.clone(), Auth::Open)
            .await?;
        slow.push(Wire::dial_narrow(port).await?);
        until_holds("it is there", || connections(number).len() == 1).await;
        // Stuck, it has lost what came before the latest.
        while connections(number)
            .first()
            .is_some_and(|one| one.dropped == 0)
        {
            sent += 1;
            scene.upstream.send(&event(sent, LARGE / 2));
            settle().await;
        }
        assert!(scene.held() <= BUDGET + BETWEEN_LOOKS, "{}", scene.held());
    }
    let left = || {
        (0..GREEDY)
            .map(|number| connections(number).len())
            .sum::<usize>()
    };
    until_holds("somebody gave way", || left() < GREEDY).await;
    assert!(left() > GREEDY / 3, "no more than have to: {}", left());
    Ok(())
}

/// Cutting the connections that share them would free nothing.
#[tokio::test(start_paused = true)]
async fn events_that_one_client_has_waiting_often_weigh_once() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let _slow = scene.slow("slow", GREEDY).await?;
    scene.send_events_until(FRAME).await;
    let mut greedy = Vec::new();
    for _ in 0..5 {
        let mut wire = Wire::dial(scene.port, "/", &[]).await?;
        Greed::Frame.hold(&mut wire).await?;
        greedy.push(wire);
    }
    until_holds("the greedy one gave way", || scene.left() < 5).await;
    let slow = scene.greedy.client_of("slow");
    assert_eq!(slow.connections.len(), GREEDY);
    assert_eq!(slow.traffic.cuts, 0);
    Ok(())
}

/// Of one client, the connection gives way that the actions came from.
#[tokio::test(start_paused = true)]
async fn a_connection_is_not_cut_for_the_actions_of_another() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut honest = Wire::dial(scene.port, "/", &[]).await?;
    let rest = half_sent(&mut honest).await?;
    let mut greedy = Wire::dial(scene.port, "/", &[]).await?;
    for bytes in [LARGE, LARGE / 2] {
        greedy.send(TEXT, &echoing(bytes)).await?;
    }
    until_holds("both wait", || scene.greedy.account.snapshot().unsent == 2).await;
    // What it reads itself is nothing now, and others have somebody look.
    let port = scene
        .greedy
        .port_of("other", settings(), Auth::Open)
        .await?;
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut wire = Wire::dial(port, "/", &[]).await?;
        Greed::Frame.hold(&mut wire).await?;
        others.push(wire);
    }
    let close = greedy.frame_of(CLOSE).await?;
    assert_eq!(close.close_reason()?.0, 1013);
    honest.stream.write_all(&rest).await?;
    let asked = parse(&scene.upstream.next_action().await);
    assert_eq!(asked["action"], "send");
    Ok(())
}

/// An action that is not sent yet and whose client has left.
async fn left_behind(world: &World) -> Result<()> {
    let port = world.port(settings()).await?;
    let mut wire = Wire::dial(port, "/", &[]).await?;
    let text = "x".repeat(LARGE / 2);
    wire.send_json(&json!({ "action": "send", "text": text }))
        .await?;
    until_holds("it waits", || world.account.snapshot().unsent == 1).await;
    wire.reset()?;
    until_holds("its client has left", || world.connections() == 0).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn actions_of_the_departed_are_not_forgotten_for_what_others_hold() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    left_behind(&scene.honest).await?;
    let mut greedy = Vec::new();
    for _ in 0..5 {
        let mut wire = Wire::dial(scene.port, "/", &[]).await?;
        Greed::Frame.hold(&mut wire).await?;
        greedy.push(wire);
    }
    until_holds("somebody gave way", || scene.left() < 5).await;
    let upstream = scene.honest.embedded().await;
    let asked = parse(&upstream.next_action().await);
    assert_eq!(asked["action"], "send");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn actions_of_the_departed_that_hold_the_most_are_forgotten_and_shown() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let port = scene
        .greedy
        .port_of("honest", settings(), Auth::Open)
        .await?;
    let mut honest = Wire::dial(port, "/", &[]).await?;
    let rest = half_sent(&mut honest).await?;
    for left in 1..=8 {
        let mut wire = Wire::dial(scene.port, "/", &[]).await?;
        let text = "x".repeat(LARGE - 100);
        wire.send_json(&json!({ "action": "ask", "text": text }))
            .await?;
        let has_come = || scene.greedy.client().traffic.actions == left;
        until_holds("it has come", has_come).await;
        wire.reset()?;
        until_holds("it has left", || scene.left() == 0).await;
    }
    assert!(scene.held() <= BUDGET + BETWEEN_LOOKS, "{}", scene.held());
    let notices = scene.greedy.client().notices;
    let told = |notice: &perpetua_hub::Notice| notice.message.to_string().contains("`[limits]`");
    assert!(notices.iter().any(told), "{notices:?}");
    honest.stream.write_all(&rest).await?;
    until_holds("the honest one is heard", || {
        scene.greedy.client_of("honest").traffic.actions == 1
    })
    .await;
    Ok(())
}

/// What it is given to send on comes from clients.
#[tokio::test(start_paused = true)]
async fn an_upstream_is_not_cut_for_what_clients_send_to_it() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start_with(limits()).await?;
    dialled.world.limit_budget(1);
    let mut upstream = dialled.accept().await?;
    let question = upstream.json().await?;
    let id = json!({ "user_id": SELF_ID });
    upstream.send_json(&answer(&question, &id)).await?;
    let header = upstream.header(TEXT, LARGE / 2);
    upstream.stream.write_all(&header).await?;
    upstream
        .stream
        .write_all(&vec![b'x'; LARGE / 2 - 1])
        .await?;
    let action = json!({ "action": "send", "text": "x".repeat(LARGE - 100) });
    // It reads nothing, so that at last one is being written and another one waits.
    let port = dialled
        .world
        .port_of("first", settings(), Auth::Open)
        .await?;
    let mut first = Wire::dial(port, "/", &[]).await?;
    while dialled.world.account.snapshot().unsent == 0 {
        first.send_json(&action).await?;
        settle().await;
    }
    let mut clients = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let port = dialled.world.port_of(name, settings(), Auth::Open).await?;
        let mut client = Wire::dial(port, "/", &[]).await?;
        client.send_json(&action).await?;
        clients.push(client);
    }
    let cuts = |name| dialled.world.client_of(name).traffic.cuts;
    until_holds("a client gave way", || {
        ["first", "a", "b", "c", "d"].map(cuts).iter().sum::<u64>() > 0
    })
    .await;
    // Long enough to close it.
    time.pass(Duration::from_secs(2)).await;
    assert_eq!(dialled.last_failure(), None);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_holds_the_most_gives_way_too() -> Result<()> {
    let _time = Frozen::time();
    let dialled = Dialled::start_with(limits()).await?;
    dialled.world.limit_budget(1);
    let mut upstream = dialled.accept().await?;
    let question = upstream.json().await?;
    let id = json!({ "user_id": SELF_ID });
    upstream.send_json(&answer(&question, &id)).await?;
    let header = upstream.header(TEXT, LARGE);
    upstream.stream.write_all(&header).await?;
    upstream.stream.write_all(&vec![b'x'; LARGE - 1]).await?;
    let mut clients = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        let port = dialled.world.port_of(name, settings(), Auth::Open).await?;
        let mut client = Wire::dial(port, "/", &[]).await?;
        let header = client.header(TEXT, LARGE - 1000);
        client.stream.write_all(&header).await?;
        client.stream.write_all(&vec![b'x'; LARGE - 2000]).await?;
        clients.push(client);
    }
    let close = upstream.frame_of(CLOSE).await?;
    assert_eq!(close.close_reason()?.0, 1013);
    drop(upstream);
    let failure = LinkFailure::EndedByUs(words::HeldMost.into());
    until_holds("the reason is shown", || {
        dialled.last_failure() == Some(failure.clone())
    })
    .await;
    let first = clients.first_mut().context("a client")?;
    first
        .send(0x9, b"still there?")
        .await
        .context("the others notice nothing")?;
    Ok(())
}
