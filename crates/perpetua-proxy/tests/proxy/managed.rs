//! A core that this node runs: dialled at once, watched, and its supervisor told.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{ClientSettings, LinkFailure, SupervisorSignal};
use perpetua_proxy::{Presence, run_dial_core};
use perpetua_secrets::Secret;
use perpetua_words::link as words;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpListener, task::JoinHandle};

use crate::{
    dialling::failure,
    time::{Frozen, until_holds},
    wire::{CLOSE, PING, PONG, TEXT, Wire, header, read_head},
    world::{SELF_ID, World, answer, parse},
};

/// A core's port, and a node that dials it.
struct Managed {
    world: World,
    listener: TcpListener,
}

impl Managed {
    async fn start() -> Result<Self> {
        let world = World::new();
        world.account.set_managed(true);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let run = run_dial_core(
            world.account.clone(),
            format!("ws://{}/", listener.local_addr()?),
            Secret::new("t0ken")?,
            world.tasks.cancel.child_token(),
        );
        world.tasks.tracker.spawn("core", run);
        Ok(Self { world, listener })
    }

    /// A core that greets as Lagrange does.
    async fn accept(&self) -> Result<Wire> {
        let (stream, _node) = self.listener.accept().await?;
        let (mut core, head) = Wire::accept(stream).await?;
        assert_eq!(header(&head, "authorization"), Some("Bearer t0ken"));
        core.send_json(&json!({
            "sub_type": "connect", "meta_event_type": "lifecycle", "self_id": SELF_ID, "post_type": "meta_event",
        }))
        .await?;
        Ok(core)
    }

    /// A core that is online, has answered who it is, and lives until it is told to hang.
    async fn online(&self) -> Result<JoinHandle<Result<()>>> {
        let core = self.accept().await?;
        let living = tokio::spawn(live(core, Mood::Well));
        self.until_online().await;
        Ok(living)
    }

    /// The core was started anew, and has logged in.
    async fn online_again(&self) {
        let core = self.accept().await.expect("it is dialled again");
        tokio::spawn(live(core, Mood::Well));
        self.until_online().await;
    }

    async fn until_online(&self) {
        let account = &self.world.account;
        until_holds("it is online", || account.snapshot().online).await;
    }

    async fn client(&self) -> Result<Wire> {
        let port = self.world.port(ClientSettings::default()).await?;
        let mut client = Wire::dial(port, "/", &[]).await?;
        client.json_where(beat(true)).await?;
        Ok(client)
    }
}

/// How a core behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    /// It answers pings and no action.
    Hung,
    /// It can sign nothing.
    Unsigned,
}

/// Answers until the node closes the connection.
async fn live(mut core: Wire, mood: Mood) -> Result<()> {
    loop {
        let frame = core.frame().await?;
        match frame.opcode {
            PING => core.send(PONG, &frame.payload).await?,
            CLOSE => return Ok(()),
            TEXT if mood != Mood::Hung => {
                let action = parse(&frame.payload);
                let mut answered = answer(&action, &json!({ "user_id": SELF_ID }));
                if mood == Mood::Unsigned && action["action"] == "send_msg" {
                    answered["retcode"] = json!(9057);
                }
                core.send_json(&answered).await?;
            }
            _ => {}
        }
    }
}

fn beat(online: bool) -> impl Fn(&Value) -> bool {
    move |frame| frame["status"]["online"] == online
}

#[tokio::test(start_paused = true)]
async fn a_core_that_is_not_ready_is_dialled_again_within_a_second() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let mut begun = Duration::ZERO;
    for _ in 0..8 {
        let (accepted, waited) = time.until(managed.listener.accept()).await;
        drop(accepted?);
        assert!(waited <= Duration::from_secs(1), "{waited:?}");
        begun += waited;
    }
    assert!(begun >= Duration::from_secs(2), "the waits grow: {begun:?}");
    let (online, waited) = time.until(managed.online()).await;
    online?;
    assert!(waited <= Duration::from_secs(1), "{waited:?}");
    Ok(())
}

/// Sometimes its log is faster than its port.
#[tokio::test(start_paused = true)]
async fn a_core_that_refuses_the_first_connection_is_online_in_the_same_second() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    drop(managed.listener.accept().await?);
    let (online, waited) = time.until(managed.online()).await;
    online?;
    assert!(waited <= Duration::from_millis(100), "{waited:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_token_of_our_own_that_is_refused_is_shown_again() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    for _ in 0..3 {
        let (accepted, waited) = time.until(managed.listener.accept()).await;
        assert!(waited <= Duration::from_secs(1), "{waited:?}");
        let (mut stream, _node) = accepted?;
        read_head(&mut stream).await?;
        stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            .await?;
        until_holds("it is refused", || {
            failure(&managed.world.account) == Some(LinkFailure::WrongToken)
        })
        .await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_core_that_hangs_is_offline_within_45_s_and_its_link_stays_open() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let core = managed.accept().await?;
    let _living = tokio::spawn(live(core, Mood::Hung));
    // Its greeting has named it, so only the probe can tell.
    let mut client = managed.client().await?;
    let account = &managed.world.account;
    let (news, waited) = time.until(account.next_supervisor_signal()).await;
    assert_eq!(news, SupervisorSignal::AnswersStopped);
    assert!(waited <= Duration::from_secs(45), "{waited:?}");
    client.json_where(beat(false)).await?;
    let snapshot = account.snapshot();
    assert!(snapshot.hung && snapshot.link.is_open() && !snapshot.online);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_quiet_core_that_answers_stays_online() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let _living = managed.online().await?;
    time.pass(Duration::from_mins(5)).await;
    let snapshot = managed.world.account.snapshot();
    assert!(snapshot.online && !snapshot.hung);
    assert_eq!(snapshot.unanswered, 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_kick_is_told_at_once_and_its_notice_when_the_core_is_gone() -> Result<()> {
    let _time = Frozen::time();
    let managed = Managed::start().await?;
    let living = managed.online().await?;
    let mut client = managed.client().await?;
    let account = &managed.world.account;
    account.went_offline("登录已失效: 下线通知");
    // The clock stands still: this is not the next heartbeat of its own.
    client.json_where(beat(false)).await?;
    let reason = account.snapshot().offline_reason;
    let said = words::UpstreamSaid {
        text: "登录已失效: 下线通知",
    };
    assert_eq!(reason, Some(said.into()));
    living.abort();
    let notice = client
        .json_where(|frame| frame["post_type"] == "notice")
        .await?;
    assert_eq!(
        (&notice["notice_type"], &notice["tag"], &notice["message"]),
        (
            &json!("bot_offline"),
            &json!("登录已失效"),
            &json!("下线通知")
        )
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_published_follows_every_change_and_nothing_else() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let account = &managed.world.account;
    let mut published = account.presence();
    let presence = |online, reason: Option<&str>| Presence {
        linked: true,
        online,
        reason: reason.map(|text| words::UpstreamSaid { text }.into()),
    };
    let living = managed.online().await?;
    assert_eq!(*published.borrow_and_update(), presence(true, None));
    let lost = words::UpstreamSaid {
        text: "the core lost QQ",
    };
    account.set_interrupted(Some(lost.into()));
    assert!(published.has_changed()?);
    assert_eq!(
        *published.borrow_and_update(),
        presence(false, Some("the core lost QQ"))
    );
    account.went_offline("kicked");
    assert!(published.has_changed()?);
    assert_eq!(
        *published.borrow_and_update(),
        presence(false, Some("kicked"))
    );
    account.went_offline("kicked");
    living.abort();
    time.until(managed.online_again()).await;
    published.changed().await?;
    assert_eq!(*published.borrow_and_update(), presence(true, None));
    time.pass(Duration::from_mins(2)).await;
    assert!(!published.has_changed()?, "nothing has happened");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_a_client_asks_for_is_wanted_after_its_delay() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let _living = managed.online().await?;
    let mut client = managed.client().await?;
    let action = json!({ "action": "set_restart", "params": { "delay": 3000 }, "echo": "r" });
    client.send_json(&action).await?;
    let accepted = client.json_where(|frame| frame["echo"] == "r").await?;
    assert_eq!(
        accepted,
        json!({ "status": "async", "retcode": 1, "data": null, "echo": "r" })
    );
    let (news, waited) = time
        .until(managed.world.account.next_supervisor_signal())
        .await;
    assert_eq!(news, SupervisorSignal::RestartWanted);
    assert_eq!(waited, Duration::from_secs(3));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_send_that_was_not_signed_is_news_at_once() -> Result<()> {
    let _time = Frozen::time();
    let managed = Managed::start().await?;
    let core = managed.accept().await?;
    let _living = tokio::spawn(live(core, Mood::Unsigned));
    let mut client = managed.client().await?;
    let account = managed.world.account.clone();
    let listening = tokio::spawn(async move { account.next_supervisor_signal().await });
    let send = json!({ "action": "send_msg", "params": {}, "echo": 1 });
    client.send_json(&send).await?;
    let failed = client.json_where(|frame| frame["echo"] == 1).await?;
    assert_eq!(failed["retcode"], 9057);
    assert_eq!(listening.await?, SupervisorSignal::SendUnsigned);
    Ok(())
}
