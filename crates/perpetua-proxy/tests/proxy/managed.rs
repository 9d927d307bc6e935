//! A core that this node runs: dialled at once, watched, and its supervisor told.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{ClientSettings, LinkFailure, SupervisorSignal};
use perpetua_proxy::{Presence, core_answers, run_dial_core};
use perpetua_secrets::Secret;
use perpetua_words::link as words;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpListener,
    task::{JoinHandle, yield_now},
};

use crate::{
    dialling::failure,
    time::{Frozen, until_holds},
    wire::{CLOSE, PING, PONG, TEXT, Wire, header, read_head},
    world::{SELF_ID, World, answer, parse},
};

/// Turns of the runtime in which a word of the core comes to the node, however busy the machine is.
const TURNS: usize = 100_000;

/// A core's port, and a node that dials it.
struct Managed {
    world: World,
    listener: TcpListener,
    address: String,
}

impl Managed {
    async fn start() -> Result<Self> {
        let world = World::new();
        world.account.set_managed(true);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("ws://{}/", listener.local_addr()?);
        let run = run_dial_core(
            world.account.clone(),
            address.clone(),
            Secret::new("t0ken")?,
            world.tasks.cancel.child_token(),
        );
        world.tasks.tracker.spawn("core", run);
        Ok(Self {
            world,
            listener,
            address,
        })
    }

    /// A look whether the core answers over another connection.
    fn look(&self) -> impl Future<Output = bool> + use<> {
        let address = self.address.clone();
        async move {
            match Secret::new("t0ken") {
                Ok(token) => core_answers(&address, token).await,
                Err(_) => false,
            }
        }
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

    /// A client, which has sent more than the core's socket takes.
    async fn send_much(&self) -> Result<Wire> {
        let mut client = self.client().await?;
        let send = json!({ "action": "send_msg", "params": { "file": "A".repeat(20 << 20) } });
        client.send_json(&send).await?;
        let account = &self.world.account;
        // The question who is there is the other one.
        while account.snapshot().unanswered < 2 {
            yield_now().await;
        }
        Ok(client)
    }

    /// The core says something, though it reads nothing; the node has heard it afterwards, or does not listen any more.
    async fn hear_of_life(&self, core: &mut Wire) -> Result<()> {
        let account = &self.world.account;
        let heard = account.snapshot().events;
        core.send_json(&json!({ "self_id": SELF_ID, "post_type": "notice" }))
            .await?;
        for _ in 0..TURNS {
            if account.snapshot().events > heard {
                break;
            }
            yield_now().await;
        }
        Ok(())
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
async fn a_core_that_hangs_is_offline_within_50_s_and_its_link_stays_open() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let core = managed.accept().await?;
    let _living = tokio::spawn(live(core, Mood::Hung));
    // Its greeting has named it, so only the probe can tell.
    let mut client = managed.client().await?;
    let account = &managed.world.account;
    let (news, waited) = time.until(account.next_supervisor_signal()).await;
    assert_eq!(news, SupervisorSignal::AnswersDoubted);
    assert!(waited <= Duration::from_secs(45), "{waited:?}");
    // Who is let in and hears nothing takes as long as a look may.
    let (answers, looked) = time.until(managed.look()).await;
    assert!(!answers && looked <= Duration::from_secs(5), "{looked:?}");
    account.looked_elsewhere(answers);
    assert_eq!(
        account.next_supervisor_signal().await,
        SupervisorSignal::AnswersStopped
    );
    client.json_where(beat(false)).await?;
    let snapshot = account.snapshot();
    assert!(snapshot.hung && snapshot.link.is_open() && !snapshot.online);
    Ok(())
}

/// As Lagrange does while it asks its signer: this connection hears nothing, and another one is answered.
#[tokio::test(start_paused = true)]
async fn a_core_that_signs_answers_over_a_connection_of_its_own() -> Result<()> {
    let _time = Frozen::time();
    let managed = Managed::start().await?;
    let core = managed.accept().await?;
    let _signing = tokio::spawn(live(core, Mood::Hung));
    let looking = tokio::spawn(managed.look());
    let (stream, _node) = managed.listener.accept().await?;
    let (core, head) = Wire::accept(stream).await?;
    assert!(head.starts_with("GET /api HTTP/1.1"), "{head}");
    assert_eq!(header(&head, "authorization"), Some("Bearer t0ken"));
    let _answering = tokio::spawn(live(core, Mood::Well));
    assert!(looking.await?);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_look_at_a_core_that_is_gone_or_lets_nobody_in_says_so() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let _core = managed.accept().await?;
    let looking = tokio::spawn(managed.look());
    drop(managed.listener.accept().await?);
    assert!(!looking.await?, "it was cut off");
    // Connected by the system, and then nothing: the process is stopped.
    let (answers, waited) = time.until(managed.look()).await;
    assert!(!answers && waited <= Duration::from_secs(5), "{waited:?}");
    let Managed {
        listener, address, ..
    } = managed;
    drop(listener);
    assert!(!core_answers(&address, Secret::new("t0ken")?).await);
    Ok(())
}

/// Twenty megabytes fit into no socket's buffer: for as long as a signature takes, nobody reads them.
#[tokio::test(start_paused = true)]
async fn a_large_action_waits_for_a_core_that_signs_and_lives() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let mut core = managed.accept().await?;
    let _client = managed.send_much().await?;
    for seconds in (5..=90).step_by(5) {
        time.pass(Duration::from_secs(5)).await;
        managed.hear_of_life(&mut core).await?;
        let link = managed.world.account.snapshot().link;
        assert!(link.is_open(), "after {seconds} s");
    }
    let mut read = 0;
    while read < 20 << 20 {
        read += core.frame().await?.payload.len();
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_core_that_never_reads_again_is_given_up_after_100_s() -> Result<()> {
    let time = Frozen::time();
    let managed = Managed::start().await?;
    let mut core = managed.accept().await?;
    let _client = managed.send_much().await?;
    let mut waited = Duration::ZERO;
    while managed.world.account.snapshot().link.is_open() {
        assert!(waited <= Duration::from_secs(110), "it is never given up");
        managed.hear_of_life(&mut core).await?;
        time.pass(Duration::from_secs(5)).await;
        waited += Duration::from_secs(5);
    }
    assert!(waited >= Duration::from_secs(100), "{waited:?}");
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
        blocked_since: None,
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
