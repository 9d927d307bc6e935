//! A framework that is dialled: when, with what headers, and what becomes of those that refuse. The numbers are
//! those of public reports of the ways in and out, where such frameworks were seen.

mod trial;

use std::{future::pending, time::Duration};

use anyhow::{Context as _, Result};
use perpetua_backoff::Backoff;
use perpetua_hub::{ClientSettings, DialFailure, DialSnapshot, DialState, DisconnectReason};
use perpetua_proxy::{DialSettings, DialTrial, Embedded, FrameworkWay, dial_framework, dial_trial};
use perpetua_secrets::Secret;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, PING, PONG, Wire, header, read_head},
    world::{CLIENT, SELF_ID, World, answer, event, is_event, parse},
};

const TOKEN: &str = "s3cret";
/// The framework, as the settings of clients name it.
const SERVER: &str = "127.0.0.1:8080";

/// A framework's address, and a node that dials it.
struct Dialled {
    world: World,
    listener: TcpListener,
    no_more: CancellationToken,
    task: JoinHandle<()>,
    trial: DialTrial,
}

impl Dialled {
    /// The account's id is known from the start.
    async fn start() -> Result<(Self, Embedded)> {
        let dialled = Self::unnamed(Some(TOKEN)).await?;
        let upstream = dialled.world.embedded().await;
        Ok((dialled, upstream))
    }

    async fn unnamed(token: Option<&str>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("ws://{}/ws?x=1", listener.local_addr()?);
        let (world, no_more, task, trial) = dialling(&url, token)?;
        Ok(Self {
            world,
            listener,
            no_more,
            task,
            trial,
        })
    }

    async fn stream(&self) -> Result<TcpStream> {
        Ok(self.listener.accept().await?.0)
    }

    /// The framework takes the next connection; gives the head of the request too.
    async fn accept(&self) -> Result<(Wire, String)> {
        Wire::accept(self.stream().await?).await
    }

    fn dial(&self) -> DialSnapshot {
        let mut client = self.world.client();
        let dial = client.dials.remove(&0);
        dial.expect("the client is one that is dialled")
    }

    fn failure(&self) -> Option<DialFailure> {
        self.dial().state.failure().cloned()
    }

    async fn until_waiting(&self) {
        until_holds("it waits", || {
            matches!(self.dial().state, DialState::Waiting { .. })
        })
        .await;
    }

    fn is_connected(&self) -> bool {
        self.world.connections() == 1
    }
}

fn dialling(
    url: &str,
    token: Option<&str>,
) -> Result<(World, CancellationToken, JoinHandle<()>, DialTrial)> {
    let world = World::new();
    let settings = ClientSettings {
        max_connections: 1,
        ..ClientSettings::default()
    };
    world.account.set_client(CLIENT, settings);
    let dial = DialSettings {
        url: url.to_owned(),
        token: token.map(Secret::new).transpose()?,
        backoff: Backoff {
            jitter: 0.0,
            ..Backoff::default()
        },
        tls: None,
    };
    let no_more = CancellationToken::new();
    let way = FrameworkWay {
        client: CLIENT.to_owned(),
        place: 0,
        is_one_of_several: false,
        server: SERVER.to_owned(),
        dial,
    };
    let (trial, tried) = dial_trial();
    let run = dial_framework(world.account.clone(), way, tried, 1, no_more.clone());
    let cancel = world.tasks.cancel.clone();
    let task = tokio::spawn(async move {
        cancel.run_until_cancelled(Box::pin(run)).await;
    });
    Ok((world, no_more, task, trial))
}

/// Whether nobody dials for so long.
async fn nobody_dials(time: &Frozen, listener: &TcpListener, how_long: Duration) -> bool {
    tokio::select! {
        biased;
        _dialled = listener.accept() => false,
        () = time.pass(how_long) => true,
    }
}

/// Answers a request with this.
async fn answered(mut stream: TcpStream, answer: &str) -> Result<String> {
    let head = read_head(&mut stream).await?;
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(head)
}

/// Waits until the node has closed its side of a connection.
async fn closed(mut stream: TcpStream) -> Result<()> {
    let mut rest = Vec::new();
    // A reset is an end as well.
    let _either_way = stream.read_to_end(&mut rest).await;
    Ok(())
}

/// C01: a framework refuses who does not say which account it is.
#[tokio::test(start_paused = true)]
async fn nobody_is_dialled_before_the_account_is_known() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::unnamed(None).await?;
    assert!(nobody_dials(&time, &dialled.listener, Duration::from_secs(20)).await);
    assert_eq!(dialled.dial().state, DialState::Unnamed);
    let _upstream = dialled.world.embedded().await;
    let (mut framework, head) = dialled.accept().await?;
    assert!(head.starts_with("GET /ws?x=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(&head, "x-self-id"), Some("10001"));
    assert_eq!(header(&head, "x-client-role"), Some("Universal"));
    let agent = header(&head, "user-agent").context("an agent")?;
    assert!(agent.starts_with("perpetua/"), "{agent}");
    // Without a token there is no such header, not even an empty one.
    assert_eq!(header(&head, "authorization"), None);
    let (hello, _) = time.until(framework.json()).await;
    assert_eq!(hello?["sub_type"], "connect");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn frames_go_both_ways_and_what_is_said_at_once_is_kept() -> Result<()> {
    let _time = Frozen::time();
    let (dialled, upstream) = Dialled::start().await?;
    let (mut framework, head) = dialled.accept().await?;
    // Letter by letter, with one blank: some compare all of it.
    assert_eq!(header(&head, "authorization"), Some("Bearer s3cret"));
    let action = json!({ "action": "get_status", "params": {}, "echo": { "seq": 1 } });
    framework.send_json(&action).await?;
    let asked = parse(&upstream.next_action().await);
    upstream.send(&answer(&asked, &json!({ "online": true })).to_string());
    let echo = json!({ "seq": 1 });
    framework.json_where(|frame| frame["echo"] == echo).await?;
    assert!(dialled.is_connected());
    assert!(matches!(dialled.dial().state, DialState::Open { .. }));
    upstream.send(&event(7, 10));
    framework.json_where(is_event(7)).await?;
    Ok(())
}

/// C03: who refuses after the upgrade is not connected, and the waits grow.
#[tokio::test(start_paused = true)]
async fn who_accepts_and_closes_at_once_has_refused() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let mut waits = Vec::new();
    for code in [1000_u16, 1008, 3001, 3002] {
        let (accepted, waited) = time.until(dialled.accept()).await;
        waits.push(waited.as_secs());
        let (mut framework, _) = accepted?;
        let reason = [&code.to_be_bytes()[..], b"no"].concat();
        framework.send(CLOSE, &reason).await?;
        framework.frame_of(CLOSE).await?;
        drop(framework);
        dialled.until_waiting().await;
        let failure = dialled.failure().context("it failed")?;
        assert!(failure.is_refusal());
        let words = failure.to_string();
        assert!(words.contains(&format!("({code} no)")), "{words}");
        assert!(words.contains("token"), "{words}");
        assert!(!dialled.is_connected());
    }
    assert_eq!(waits, [0, 1, 2, 4]);
    // Each is counted where the client is shown.
    assert_eq!(dialled.world.client().noted, 4);
    Ok(())
}

/// A framework that is stopped or starts anew says so: nobody has to look for a wrong token.
#[tokio::test(start_paused = true)]
async fn who_goes_away_has_not_refused_however_early() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    for (code, after) in [
        (1001_u16, Duration::ZERO),
        (1012, Duration::ZERO),
        (1001, Duration::from_secs(2)),
        (1012, Duration::from_secs(2)),
    ] {
        let (accepted, _) = time.until(dialled.accept()).await;
        let (mut framework, _) = accepted?;
        time.pass(after).await;
        framework.send(CLOSE, &code.to_be_bytes()).await?;
        framework.frame_of(CLOSE).await?;
        drop(framework);
        dialled.until_waiting().await;
        let dial = dialled.dial();
        let failure = dial.state.failure().context("a failure")?;
        assert!(!failure.is_refusal(), "{code}: {failure}");
        assert!(!failure.to_string().contains("token"), "{code}: {failure}");
    }
    Ok(())
}

/// The same of one that is so far away that its answer comes when the connection has settled.
#[tokio::test(start_paused = true)]
async fn who_closes_within_three_seconds_has_refused_too() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    for (seconds, is_refusal) in [(2, true), (5, false)] {
        let (accepted, _) = time.until(dialled.accept()).await;
        let (mut framework, _) = accepted?;
        time.pass(Duration::from_secs(seconds)).await;
        assert!(dialled.is_connected());
        framework.send(CLOSE, &1008_u16.to_be_bytes()).await?;
        framework.frame_of(CLOSE).await?;
        drop(framework);
        dialled.until_waiting().await;
        let failure = dialled.failure().context("it failed")?;
        assert_eq!(failure.is_refusal(), is_refusal, "{failure}");
    }
    Ok(())
}

/// And one that says nothing: it was reset, or its end was.
#[tokio::test(start_paused = true)]
async fn who_leaves_without_a_word_within_three_seconds_is_dialled_less_and_less() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let mut waits = Vec::new();
    for _ in 0..5 {
        let (accepted, waited) = time.until(dialled.accept()).await;
        waits.push(waited.as_secs());
        let (framework, _) = accepted?;
        time.pass(Duration::from_secs(1)).await;
        assert!(dialled.is_connected());
        drop(framework);
        dialled.until_waiting().await;
        let failure = dialled.failure().context("it failed")?;
        assert!(failure.is_refusal(), "{failure}");
    }
    assert_eq!(waits, [0, 1, 2, 4, 8]);
    Ok(())
}

/// C04: a framework that is starting takes the connection long before it answers.
#[tokio::test(start_paused = true)]
async fn a_late_answer_is_waited_for_over_one_connection() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    for seconds in [8, 20, 37, 120] {
        let (stream, _) = time.until(dialled.stream()).await;
        let stream = stream?;
        let how_long = Duration::from_secs(seconds);
        assert!(nobody_dials(&time, &dialled.listener, how_long).await);
        let (mut framework, _) = Wire::accept(stream).await?;
        let (hello, _) = time.until(framework.json()).await;
        hello?;
        assert!(dialled.is_connected());
        drop(framework);
        dialled.until_waiting().await;
    }
    // One that never answers is shown so after 30 s, given up after two minutes more, and closed before the next attempt.
    let (stream, _) = time.until(dialled.stream()).await;
    let stream = stream?;
    let gone = async {
        tokio::select! {
            biased;
            _second = dialled.listener.accept() => anyhow::bail!("two at once"),
            gone = closed(stream) => gone,
        }
    };
    let (gone, waited) = time.until(gone).await;
    gone?;
    assert_eq!(waited.as_secs(), 150);
    dialled.until_waiting().await;
    assert_eq!(dialled.failure(), Some(DialFailure::NoUpgrade(30)));
    time.until(dialled.accept()).await.0?;
    Ok(())
}

/// Who has the request may take it at any time: it is told that nobody wants it any more, or finds a connection that is
/// reset, before anybody else dials.
#[tokio::test(start_paused = true)]
async fn a_client_that_is_removed_while_its_framework_starts_leaves_nothing_there() -> Result<()> {
    let time = Frozen::time();
    for answers_within in [Some(Duration::from_millis(300)), None] {
        let (dialled, _upstream) = Dialled::start().await?;
        let (stream, _) = time.until(dialled.stream()).await;
        let stream = stream?;
        time.pass(Duration::from_secs(5)).await;
        dialled.no_more.cancel();
        dialled.world.account.remove_client(CLIENT);
        if let Some(delay) = answers_within {
            time.pass(delay).await;
            assert!(!dialled.task.is_finished());
            let (mut framework, _) = Wire::accept(stream).await?;
            let (close, _) = time.until(framework.frame_of(CLOSE)).await;
            assert_eq!(close?.close_reason()?.0, 1012);
        } else {
            let (gone, waited) = time.until(closed(stream)).await;
            gone?;
            assert!(waited <= Duration::from_secs(1), "{waited:?}");
        }
        until_holds("the task ends", || dialled.task.is_finished()).await;
    }
    Ok(())
}

/// C05: the connection is gone as soon as it is there, for ever.
#[tokio::test(start_paused = true)]
async fn who_accepts_and_vanishes_is_dialled_ever_more_seldom() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let mut dials = 0;
    let resetting = async {
        loop {
            let (framework, _) = dialled.accept().await?;
            framework.reset()?;
            dials += 1;
        }
        #[expect(unreachable_code, reason = "names the type of the errors above")]
        Ok::<(), anyhow::Error>(())
    };
    tokio::select! {
        failed = resetting => failed?,
        () = time.pass(Duration::from_mins(1)) => {}
    }
    // At 0, 1, 3, 7, 15 and 31 s.
    assert_eq!(dials, 6);
    let client = dialled.world.client();
    assert_eq!((client.notices.len(), client.noted), (1, 6));
    Ok(())
}

/// C06: nobody is followed to another address, and nobody else is shown the token.
#[tokio::test(start_paused = true)]
async fn a_redirection_is_told_and_not_followed() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let elsewhere = TcpListener::bind(("127.0.0.1", 0)).await?;
    let other = elsewhere.local_addr()?;
    let here = dialled.listener.local_addr()?;
    for (status, location, told) in [
        (301, "/ws/?token=abc".to_owned(), format!("ws://{here}/ws/")),
        (
            308,
            format!("http://{other}/ws"),
            format!("ws://{other}/ws"),
        ),
    ] {
        let (stream, _) = time.until(dialled.stream()).await;
        let answer =
            format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        answered(stream?, &answer).await?;
        dialled.until_waiting().await;
        assert_eq!(dialled.failure(), Some(DialFailure::Redirected(told)));
    }
    assert!(nobody_dials(&time, &elsewhere, Duration::from_secs(1)).await);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_no_framework_is_told_by_what_it_answers() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    for (answer, words) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>",
            "a web page",
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "this path",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "HTTP status 403",
        ),
        ("220 mail.example ESMTP\r\n\r\n", "WebSocket server"),
        // What should come before an answer, and no answer.
        ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP status 100"),
        (
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
            "HTTP status 103",
        ),
    ] {
        let (stream, _) = time.until(dialled.stream()).await;
        answered(stream?, answer).await?;
        dialled.until_waiting().await;
        let failure = dialled.failure().context("it failed")?;
        assert!(failure.is_refusal(), "{failure}");
        assert!(failure.to_string().contains(words), "{failure}");
    }
    Ok(())
}

/// C09, first half: nothing is dialled for a client that was taken out while it waited.
#[tokio::test(start_paused = true)]
async fn a_client_that_is_removed_while_it_waits_is_never_dialled_again() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    drop(time.until(dialled.stream()).await.0?);
    dialled.until_waiting().await;
    dialled.no_more.cancel();
    dialled.world.account.remove_client(CLIENT);
    until_holds("the task ends", || dialled.task.is_finished()).await;
    assert!(nobody_dials(&time, &dialled.listener, Duration::from_secs(90)).await);
    Ok(())
}

/// C09, second half: one that is connected says goodbye.
#[tokio::test(start_paused = true)]
async fn a_client_that_is_removed_while_connected_says_goodbye_and_stays_away() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (mut framework, _) = dialled.accept().await?;
    time.until(framework.json()).await.0?;
    dialled.no_more.cancel();
    dialled.world.account.remove_client(CLIENT);
    let (close, waited) = time.until(framework.frame_of(CLOSE)).await;
    assert_eq!(close?.close_reason()?.0, 1008);
    assert!(waited < Duration::from_secs(1), "{waited:?}");
    // It does not close its own side; nobody waits for that any more.
    time.pass(Duration::from_secs(2)).await;
    assert!(dialled.task.is_finished());
    assert!(nobody_dials(&time, &dialled.listener, Duration::from_secs(90)).await);
    Ok(())
}

/// Other settings are waited for: the way is free as soon as the framework has ended its side.
#[tokio::test(start_paused = true)]
async fn a_client_whose_settings_change_is_gone_as_soon_as_the_framework_lets_it() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (mut framework, _) = dialled.accept().await?;
    time.until(framework.json()).await.0?;
    dialled.no_more.cancel();
    let cut = DisconnectReason::SettingsChanged;
    dialled.world.account.cut_client(CLIENT, cut);
    let (close, waited) = time.until(framework.frame_of(CLOSE)).await;
    assert_eq!(close?.close_reason()?.0, 1012);
    assert!(waited < Duration::from_millis(100), "{waited:?}");
    settle().await;
    assert!(
        !dialled.task.is_finished(),
        "the framework has not ended its side"
    );
    drop(framework);
    until_holds("the way is free", || dialled.task.is_finished()).await;
    Ok(())
}

/// One that does not end its side has lost its connection before the next one is made: it never has two.
#[tokio::test(start_paused = true)]
async fn a_framework_that_does_not_let_go_is_reset_before_the_way_is_free() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (mut framework, _) = dialled.accept().await?;
    time.until(framework.json()).await.0?;
    dialled.no_more.cancel();
    let cut = DisconnectReason::SettingsChanged;
    dialled.world.account.cut_client(CLIENT, cut);
    time.until(framework.frame_of(CLOSE)).await.0?;
    time.pass(Duration::from_millis(900)).await;
    assert!(!dialled.task.is_finished());
    framework.send(PONG, b"").await?;
    time.pass(Duration::from_millis(200)).await;
    assert!(dialled.task.is_finished());
    // The very first thing that it says finds no connection.
    assert!(framework.send(PONG, b"").await.is_err());
    Ok(())
}

/// A framework that is stuck would see the new connection before the end of the former one.
#[tokio::test(start_paused = true)]
async fn nobody_is_dialled_before_the_framework_has_closed_its_former_side() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (mut framework, _) = dialled.accept().await?;
    time.until(framework.json()).await.0?;
    let cut = DisconnectReason::CutByOwner;
    dialled.world.account.cut_client(CLIENT, cut);
    let (close, _) = time.until(framework.frame_of(CLOSE)).await;
    close?;
    assert!(nobody_dials(&time, &dialled.listener, Duration::from_secs(20)).await);
    drop(framework);
    let (accepted, waited) = time.until(dialled.accept()).await;
    accepted?;
    assert!(waited <= Duration::from_millis(1200), "{waited:?}");
    Ok(())
}

/// One that is not started yet is found within five seconds of its start.
#[tokio::test(start_paused = true)]
async fn a_framework_that_is_started_later_is_found_soon() -> Result<()> {
    let time = Frozen::time();
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let address = socket.local_addr()?;
    let (world, _no_more, _task, _trial) = dialling(&format!("ws://{address}/"), None)?;
    let _upstream = world.embedded().await;
    time.pass(Duration::from_mins(5)).await;
    let dial = world.client().dials.remove(&0).context("it is dialled")?;
    assert_eq!(dial.state.failure(), Some(&DialFailure::NobodyHere));
    assert!(dial.failures > 90, "{}", dial.failures);
    assert!(world.client().notices.is_empty());
    let listener = socket.listen(1)?;
    let (accepted, waited) = time.until(listener.accept()).await;
    accepted?;
    assert!(waited <= Duration::from_secs(4), "{waited:?}");
    Ok(())
}

/// C10: a way that died without a word is found by pings.
#[tokio::test(start_paused = true)]
async fn a_way_that_broke_without_a_word_is_made_again_within_40_seconds() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (mut framework, _) = dialled.accept().await?;
    for _ in 0..2 {
        let (ping, _) = time.until(framework.frame_of(PING)).await;
        framework.send(PONG, &ping?.payload).await?;
    }
    let relay = tokio::spawn(async move {
        let _half_open = framework;
        pending::<()>().await;
    });
    let lost = async {
        while dialled.is_connected() {
            settle().await;
        }
    };
    let ((), waited) = time.until(lost).await;
    assert!(waited <= Duration::from_secs(40), "{waited:?}");
    relay.abort();
    time.until(dialled.accept()).await.0?;
    Ok(())
}

/// Another account is another bot: its framework is told so by a new connection.
#[tokio::test(start_paused = true)]
async fn another_account_is_told_by_a_new_connection() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (mut framework, head) = dialled.accept().await?;
    assert_eq!(header(&head, "x-self-id"), Some(&*SELF_ID.to_string()));
    time.until(framework.json()).await.0?;
    dialled.world.account.set_uin(Some(20_002));
    let (close, _) = time.until(framework.frame_of(CLOSE)).await;
    close?;
    drop(framework);
    let (accepted, waited) = time.until(dialled.accept()).await;
    let (_framework, head) = accepted?;
    assert_eq!(header(&head, "x-self-id"), Some("20002"));
    assert!(waited <= Duration::from_millis(1200), "{waited:?}");
    Ok(())
}

/// C11: another client of the account, which leads there too, is named as a cause.
#[tokio::test(start_paused = true)]
async fn a_refusal_names_the_other_client_that_leads_there() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let hook = ClientSettings {
        servers: vec![SERVER.to_owned()],
        ..ClientSettings::default()
    };
    let refused = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    for has_rival in [false, true] {
        if has_rival {
            dialled.world.account.set_client("hook", hook.clone());
        }
        let (stream, _) = time.until(dialled.stream()).await;
        answered(stream?, refused).await?;
        dialled.until_waiting().await;
        let failure = dialled.failure().context("it failed")?.to_string();
        assert!(failure.contains("HTTP status 403"), "{failure}");
        assert_eq!(failure.contains("`hook`"), has_rival, "{failure}");
    }
    Ok(())
}

/// No request of ours says where it comes from.
#[tokio::test(start_paused = true)]
async fn a_dial_sends_the_headers_of_the_standard_and_no_other() -> Result<()> {
    let _time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (_framework, head) = dialled.accept().await?;
    let names = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let mut names: Vec<_> = names.map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "authorization",
            "connection",
            "host",
            "sec-websocket-key",
            "sec-websocket-version",
            "upgrade",
            "user-agent",
            "x-client-role",
            "x-self-id",
        ]
    );
    Ok(())
}
