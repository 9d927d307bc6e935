//! A framework that events are posted to: what it gets, how often, and what becomes of the others meanwhile. The numbers
//! are those of public reports of the ways in and out, where such frameworks were seen.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{
    ClientSettings, DisconnectReason, PostCounts, PostFailure, PostSnapshot, PostState, QueueLimits,
};
use perpetua_proxy::{Embedded, PostSettings, post_events};
use perpetua_secrets::Secret;
use perpetua_testkit::{FakeTarget, PostedRequest, TargetAnswer};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    task::{JoinHandle, yield_now},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{
    time::{Frozen, settle, until_holds},
    wire::read_head,
    world::{CLIENT, SELF_ID, World, answer, event, is_event, parse},
};

/// A heartbeat that comes in no test that does not wait for it.
const RARE: Duration = Duration::from_hours(1);

/// An account that is online, and a target that its events are posted to.
struct Posting {
    world: World,
    upstream: Embedded,
    target: FakeTarget,
    no_more: CancellationToken,
    task: JoinHandle<()>,
}

impl Posting {
    /// The greeting has been taken.
    async fn start() -> Result<Self> {
        Self::with(settings(), None).await
    }

    async fn with(settings: ClientSettings, secret: Option<&str>) -> Result<Self> {
        let target = FakeTarget::start().await?;
        let world = World::new();
        let upstream = world.embedded().await;
        let (no_more, task) =
            post_to(&world, CLIENT, settings, &target.url("/onebot?x=1"), secret)?;
        let posting = Self {
            world,
            upstream,
            target,
            no_more,
            task,
        };
        let greeting = posting.target.next().await?.event()?;
        assert_eq!(greeting["sub_type"], "enable", "{greeting}");
        posting.until_taken().await;
        Ok(posting)
    }

    fn post(&self) -> PostSnapshot {
        let client = self.world.client();
        client.post.expect("the client is one that is posted to")
    }

    fn counts(&self) -> PostCounts {
        self.world.client().posts
    }

    fn cut(&self, reason: DisconnectReason) {
        self.world.account.cut_client(CLIENT, reason);
    }

    fn failure(&self) -> Option<PostFailure> {
        self.post().state.failure().cloned()
    }

    async fn until_taken(&self) {
        until_holds("it takes events", || self.post().state == PostState::Taking).await;
    }

    fn send(&self, number: usize) {
        self.upstream.send(&event(number, 10));
    }

    /// The next request, however long that takes; and how long.
    async fn next(&self, time: &Frozen) -> (PostedRequest, Duration) {
        time.until(came(&self.target)).await
    }

    /// The same for a message, whatever heartbeats come before it.
    async fn next_message_is(&self, time: &Frozen, number: usize) -> Result<()> {
        loop {
            let event = self.next(time).await.0.event()?;
            if event["post_type"] == "message" {
                assert!(is_event(number)(&event), "{event}");
                return Ok(());
            }
        }
    }

    async fn next_is(&self, time: &Frozen, number: usize) -> Result<Duration> {
        let (request, took) = self.next(time).await;
        let event = request.event()?;
        assert!(is_event(number)(&event), "{event}");
        Ok(took)
    }

    /// How often each code was noted.
    fn notices(&self) -> Vec<(String, u64)> {
        let notices = self.world.client().notices.into_iter();
        notices
            .map(|notice| (notice.message.code.to_string(), notice.count))
            .collect()
    }
}

impl Drop for Posting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn came(target: &FakeTarget) -> PostedRequest {
    loop {
        if let Some(request) = target.came().await {
            return request;
        }
        yield_now().await;
    }
}

fn settings() -> ClientSettings {
    ClientSettings {
        max_connections: 1,
        heartbeat: RARE,
        posted: true,
        ..ClientSettings::default()
    }
}

fn post_to(
    world: &World,
    client: &str,
    settings: ClientSettings,
    url: &str,
    secret: Option<&str>,
) -> Result<(CancellationToken, JoinHandle<()>)> {
    world.account.set_client(client, settings);
    let target = PostSettings {
        url: url.to_owned(),
        secret: secret.map(Secret::key).transpose()?,
        tls: None,
    };
    let no_more = CancellationToken::new();
    let run = post_events(
        world.account.clone(),
        client.to_owned(),
        target,
        1,
        no_more.clone(),
    );
    let cancel = world.tasks.cancel.clone();
    let task = tokio::spawn(async move {
        cancel.run_until_cancelled(Box::pin(run)).await;
    });
    Ok((no_more, task))
}

#[tokio::test(start_paused = true)]
async fn an_event_comes_as_the_standard_says_and_signed() -> Result<()> {
    let _time = Frozen::time();
    let posting = Posting::with(settings(), Some("k1")).await?;
    let event =
        r#"{"time":1700000000,"self_id":10001,"post_type":"message","message":"你好😀 a/b\u4f60"}"#;
    posting.upstream.send(event);
    let request = posting.target.next().await?;
    assert!(
        request.head.starts_with("POST /onebot?x=1 HTTP/1.1\r\n"),
        "{}",
        request.head
    );
    assert_eq!(request.body, event.replace("\\u4f60", "你").into_bytes());
    let address = posting.target.address().to_string();
    for (name, value) in [
        ("host", &*address),
        ("content-type", "application/json"),
        ("content-length", "87"),
        ("x-self-id", "10001"),
        ("connection", "close"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    let agent = request.header("user-agent").unwrap_or_default();
    assert!(agent.starts_with("perpetua/"), "{agent}");
    let signature = request.header("x-signature").unwrap_or_default();
    assert!(signature.starts_with("sha1=eabaf66a"), "{signature}");
    for name in [
        "transfer-encoding",
        "expect",
        "content-encoding",
        "authorization",
    ] {
        assert_eq!(request.header(name), None, "{name}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nothing_is_posted_before_the_id_is_known() -> Result<()> {
    let time = Frozen::time();
    let (world, target) = (World::new(), FakeTarget::start().await?);
    let _posting = post_to(&world, CLIENT, settings(), &target.url("/"), None)?;
    time.pass(Duration::from_secs(20)).await;
    assert_eq!(target.connections(), 0);
    let post = world.client().post.expect("it is posted to");
    assert_eq!(post.state, PostState::Unnamed);
    let _upstream = world.embedded().await;
    let request = target.next().await?;
    assert_eq!(request.header("x-self-id"), Some("10001"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_cannot_have_been_handled_is_posted_again_and_the_others_wait_behind_it() -> Result<()>
{
    let time = Frozen::time();
    let posting = Posting::start().await?;
    let asks_for_a_wait = TargetAnswer::status("429 Too Many Requests", "Retry-After: 20\r\n", "");
    for answer in [
        TargetAnswer::status("503 Service Unavailable", "", ""),
        asks_for_a_wait,
        TargetAnswer::status("502 Bad Gateway", "", "<html>"),
    ] {
        posting.target.answers(answer);
    }
    for number in 1..=3 {
        posting.send(number);
    }
    for least in [0, 700, 20_000] {
        let took = posting.next_is(&time, 1).await?;
        assert!(took >= Duration::from_millis(least), "{took:?}");
    }
    until_holds("its answer is seen", || {
        matches!(posting.failure(), Some(PostFailure::Status(502)))
    })
    .await;
    for number in [1, 2, 3] {
        posting.next_is(&time, number).await?;
    }
    let counts = PostCounts {
        delivered: 4,
        repeated: 3,
        ..PostCounts::default()
    };
    until_holds("all are taken", || posting.counts() == counts).await;
    assert_eq!(posting.notices(), []);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_is_cut_before_it_is_written_whole_is_posted_again_but_not_for_ever() -> Result<()>
{
    let time = Frozen::time();
    let posting = Posting::start().await?;
    // More than the system holds for a connection.
    let large = event(1, 24 << 20);
    for _ in 0..2 {
        posting.target.answers(TargetAnswer::ResetAtHead);
    }
    posting.upstream.send(&large);
    posting.next_is(&time, 1).await?;
    posting.until_taken().await;
    assert_eq!(posting.counts().repeated, 2);

    posting.target.always_answers(TargetAnswer::ResetAtHead);
    posting.upstream.send(&large);
    let ((), took) = time
        .until(async {
            while posting.counts().refused == 0 {
                yield_now().await;
            }
        })
        .await;
    // 1 + 2 + 4 + 8 s, and pauses of 10, 20, 40, 80, 160 s.
    assert!(took > Duration::from_secs(310), "{took:?}");
    assert_eq!(posting.notices(), [("post.given_up".to_owned(), 1)]);
    posting.target.always_answers(TargetAnswer::taken());
    posting.send(2);
    posting.next_is(&time, 2).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_handled_is_never_posted_again() -> Result<()> {
    let time = Frozen::time();
    let broken = |bytes: &str| TargetAnswer::Bytes(bytes.as_bytes().to_vec());
    let reply = TargetAnswer::json(&json!({ "reply": "late" }));
    let TargetAnswer::Bytes(reply) = reply else {
        panic!("it is bytes")
    };
    for (answer, seconds) in [
        (TargetAnswer::Late(Duration::from_secs(35), reply), 30),
        (TargetAnswer::Silence, 30),
        (broken(""), 0),
        (broken("ok"), 0),
        (
            broken("HTTP/1.1 200 OK\r\n    Content-Type: text/html\r\n\r\n"),
            0,
        ),
        (broken("HTTP/1.1 2"), 0),
    ] {
        let posting = Posting::start().await?;
        posting.target.answers(answer.clone());
        posting.send(1);
        posting.send(2);
        posting.next_is(&time, 1).await?;
        let took = posting.next_is(&time, 2).await?;
        let wanted = Duration::from_secs(seconds);
        assert!(
            took >= wanted && took < wanted + Duration::from_secs(2),
            "{answer:?}: {took:?}"
        );
        posting.until_taken().await;
        time.pass(Duration::from_mins(2)).await;
        assert!(posting.target.came().await.is_none(), "{answer:?}");
        assert_eq!(posting.counts().unsure, 1, "{answer:?}");
        assert_eq!(posting.notices(), [("post.unsure".to_owned(), 1)]);
        assert_eq!(posting.target.connections(), 3);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_or_redirected_is_told_and_not_posted_again() -> Result<()> {
    let time = Frozen::time();
    for (status, headers, told) in [
        ("400 Bad Request", "", "post.refused"),
        ("401 Unauthorized", "", "post.unsigned"),
        ("403 Forbidden", "", "post.unsigned"),
        ("404 Not Found", "", "post.wrong_path"),
        ("500 Internal Server Error", "", "post.failed"),
        (
            "301 Moved",
            "Location: /onebot/?token=x\r\n",
            "dial.redirected",
        ),
        (
            "307 Elsewhere",
            "Location: https://other.example/\r\n",
            "dial.redirected",
        ),
        ("308 Here", "Location: /onebot?x=1\r\n", "dial.redirected"),
        ("302 Nowhere", "", "post.redirected_nowhere"),
    ] {
        let posting = Posting::start().await?;
        posting
            .target
            .answers(TargetAnswer::status(status, headers, "x"));
        posting.send(1);
        posting.next_is(&time, 1).await?;
        until_holds("it failed", || posting.failure().is_some()).await;
        let failure = posting
            .failure()
            .map(|failure| perpetua_words::Message::from(&failure));
        let failure = failure.expect("it failed");
        assert_eq!(failure.code, told, "{status}");
        if status.starts_with("301") {
            let address = format!("`{}`", posting.target.url("/onebot/"));
            assert!(failure.to_string().contains(&address), "{failure}");
        }
        posting.send(2);
        posting.next_is(&time, 2).await?;
        posting.until_taken().await;
        assert_eq!(posting.counts().refused, 1, "{status}");
        assert_eq!(posting.notices(), [("post.not_taken".to_owned(), 1)]);
        assert_eq!(posting.target.connections(), 3);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_dead_target_is_given_a_rest_harms_nobody_else_and_gets_the_oldest_event_first()
-> Result<()> {
    let time = Frozen::time();
    let queue = QueueLimits {
        frames: 16,
        ..QueueLimits::default()
    };
    let settings = ClientSettings {
        heartbeat: Duration::from_secs(5),
        queue,
        ..settings()
    };
    let posting = Posting::with(settings.clone(), None).await?;
    let other = FakeTarget::start().await?;
    let _other = post_to(&posting.world, "other", settings, &other.url("/"), None)?;
    other.next().await?;
    let Posting {
        world,
        upstream,
        target,
        ..
    } = &posting;
    let dead = TargetAnswer::status("503 Service Unavailable", "", "");
    target.always_answers(dead);
    let begun = Instant::now();
    let mut sent = 0;
    while begun.elapsed() < Duration::from_mins(2) {
        sent += 1;
        upstream.send(&event(sent, 10));
        let request = loop {
            let (request, took) = time.until(came(&other)).await;
            let event = request.event()?;
            if event["post_type"] == "message" {
                assert!(is_event(sent)(&event), "{event}");
                assert!(took <= Duration::from_millis(50), "{took:?}");
                break request;
            }
        };
        drop(request);
        time.pass(Duration::from_millis(500)).await;
    }
    assert!(posting.post().state.is_paused());
    // 1 + 2 + 4 + 8 s, and pauses of 10, 20, 40 s: the present one lasts 80 s.
    let mut attempts = 0;
    while let Some(request) = target.came().await {
        let event = request.event()?;
        assert!(
            is_event(1)(&event),
            "no heartbeat, and only the oldest: {event}"
        );
        attempts += 1;
    }
    assert_eq!((attempts, posting.counts().repeated), (8, 8));
    let client = world.client();
    let waiting = u64::try_from(client.connections[0].queued)?;
    assert_eq!(
        (waiting, client.traffic.dropped),
        (16, u64::try_from(sent)? - 17)
    );
    assert_eq!(posting.notices(), []);
    target.always_answers(TargetAnswer::taken());
    posting.next_message_is(&time, 1).await?;
    for number in sent - 15..=sent {
        posting.next_message_is(&time, number).await?;
    }
    posting.until_taken().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn most_answers_ask_for_nothing_and_that_is_no_failure() -> Result<()> {
    let time = Frozen::time();
    let posting = Posting::start().await?;
    let html = "content-type: text/html\r\n";
    let bodies = [
        "OK",
        "\"ok\"",
        "null",
        "[]",
        "1",
        "<html>",
        "\u{feff}{}",
        "{}",
        "",
    ];
    let answers = bodies.map(|body| TargetAnswer::status("200 OK", html, body));
    let gzip = TargetAnswer::status("200 OK", "content-encoding: gzip\r\n", "\u{1f}x");
    let close = TargetAnswer::Bytes(b"HTTP/1.0 200 OK\n\nOK".to_vec());
    let many = answers.into_iter().chain([gzip.clone(), gzip, close]);
    let mut sent = 0;
    for answer in many {
        posting.target.answers(answer);
        sent += 1;
        posting.send(sent);
        posting.next_is(&time, sent).await?;
    }
    until_holds("all are taken", || {
        posting.counts().delivered == sent as u64 + 1
    })
    .await;
    // One that nobody can read is told once.
    assert_eq!(
        posting.notices(),
        [("post.answer_unreadable".to_owned(), 1)]
    );
    assert_eq!(posting.world.client().traffic.actions, 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_answer_becomes_actions_of_the_client_and_what_fails_is_told() -> Result<()> {
    let _time = Frozen::time();
    let posting = Posting::start().await?;
    let wish = json!({ "reply": "hi [CQ:face,id=1]", "kick": true }).to_string();
    let html = "content-type: text/html\r\n";
    posting
        .target
        .answers(TargetAnswer::status("200 OK", html, &wish));
    let message = json!({
        "post_type": "message", "message_type": "group", "self_id": SELF_ID, "group_id": 20001,
        "user_id": 30001, "message_id": -5, "message": "x",
    });
    posting.upstream.send(&message.to_string());
    let send = parse(&posting.upstream.next_action().await);
    assert_eq!(send["action"], "send_group_msg", "{send}");
    assert_eq!(send["params"]["group_id"], 20001);
    let kick = parse(&posting.upstream.next_action().await);
    assert_eq!(kick["action"], "set_group_kick", "{kick}");
    assert_eq!(kick["params"]["user_id"], 30001);
    posting
        .upstream
        .send(&answer(&send, &json!({ "message_id": 1 })).to_string());
    let refused = json!({
        "status": "failed", "retcode": 102, "data": null, "wording": "no right", "echo": kick["echo"],
    });
    posting.upstream.send(&refused.to_string());
    until_holds("the failure is noted", || {
        posting.notices() == [("notice.quick_failed".to_owned(), 1)]
    })
    .await;
    assert_eq!(posting.world.client().traffic.actions, 2);
    // Responses are posted to nobody.
    posting.send(2);
    posting
        .target
        .next_where("the message", |event| event["message"] == "x")
        .await?;
    let next = posting.target.next().await?.event()?;
    assert!(is_event(2)(&next), "{next}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_an_end_is_read_to_a_mebibyte() -> Result<()> {
    let time = Frozen::time();
    let posting = Posting::start().await?;
    let endless = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n{".to_vec();
    posting
        .target
        .answers(TargetAnswer::Endless(endless.clone()));
    posting.target.answers(TargetAnswer::Endless(endless));
    for number in [1, 2, 3] {
        posting.send(number);
        posting.next_is(&time, number).await?;
    }
    until_holds("all are taken", || posting.counts().delivered == 4).await;
    assert_eq!(posting.notices(), [("post.answer_too_large".to_owned(), 1)]);
    assert!(posting.world.account.snapshot().held_bytes < 100_000);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_end_in_time_is_an_answer() -> Result<()> {
    let time = Frozen::time();
    let posting = Posting::start().await?;
    // The rest never comes, and the connection stays.
    let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let _posting = post_to(&posting.world, "slow", settings(), &url, None)?;
    let (mut stream, _node) = listener.accept().await?;
    tokio::io::AsyncWriteExt::write_all(&mut stream, &begun).await?;
    let taken = || posting.world.client_of("slow").posts.delivered == 1;
    settle().await;
    assert!(!taken());
    time.pass(Duration::from_secs(31)).await;
    until_holds("it is taken", taken).await;
    let notices = posting.world.client_of("slow").notices;
    assert_eq!(notices[0].message.code, "post.answer_unfinished");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_five_seconds_apart_come_once_and_at_once() -> Result<()> {
    let time = Frozen::time();
    let posting = Posting::start().await?;
    for number in 1..=40 {
        posting.send(number);
        let took = posting.next_is(&time, number).await?;
        assert!(took <= Duration::from_millis(100), "{took:?}");
        time.pass(Duration::from_secs(5)).await;
    }
    assert!(posting.target.came().await.is_none());
    let counts = PostCounts {
        delivered: 41,
        ..PostCounts::default()
    };
    assert_eq!((posting.counts(), posting.post().failures), (counts, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_posted_while_it_takes_them() -> Result<()> {
    let time = Frozen::time();
    let settings = ClientSettings {
        heartbeat: Duration::from_secs(5),
        ..settings()
    };
    let posting = Posting::with(settings, None).await?;
    for _ in 0..3 {
        let (request, took) = posting.next(&time).await;
        let event = request.event()?;
        assert_eq!(event["meta_event_type"], "heartbeat", "{event}");
        assert_eq!(event["status"]["online"], true, "{event}");
        assert!(took <= Duration::from_secs(6), "{took:?}");
    }
    until_holds("it is taken", || posting.failure().is_none()).await;
    let busy = TargetAnswer::status("503 Busy", "", "");
    posting.target.always_answers(busy);
    time.pass(Duration::from_secs(26)).await;
    assert!(posting.post().state.is_paused());
    let is_heartbeat = |event: &Value| event["meta_event_type"] == "heartbeat";
    let mut beats = 0;
    while let Some(request) = posting.target.came().await {
        assert!(is_heartbeat(&request.event()?));
        beats += 1;
    }
    assert_eq!(beats, 5);
    // No event waits: a heartbeat finds out whether it is over.
    posting.target.always_answers(TargetAnswer::taken());
    let (request, took) = posting.next(&time).await;
    assert!(
        is_heartbeat(&request.event()?) && took <= Duration::from_secs(11),
        "{took:?}"
    );
    posting.until_taken().await;
    assert_eq!(posting.notices(), []);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_removed_ends_in_a_second_whatever_is_under_way() -> Result<()> {
    for (answer, is_unsure) in [
        (TargetAnswer::Silence, true),
        (
            TargetAnswer::status("503 Busy", "Retry-After: 60\r\n", ""),
            false,
        ),
    ] {
        let time = Frozen::time();
        let mut posting = Posting::start().await?;
        posting.target.always_answers(answer);
        posting.send(1);
        posting.send(2);
        posting.next_is(&time, 1).await?;
        settle().await;
        posting.no_more.cancel();
        posting
            .world
            .account
            .cut_client(CLIENT, DisconnectReason::SettingsChanged);
        let (ended, took) = time.until(&mut posting.task).await;
        ended?;
        assert!(took <= Duration::from_secs(2), "{took:?}");
        let told = if is_unsure {
            "post.unsure"
        } else {
            "post.not_taken"
        };
        assert_eq!(posting.notices(), [(told.to_owned(), 1)]);
        assert_eq!(posting.world.client().traffic.dropped, 1);
        assert!(posting.target.came().await.is_none());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_taken_away_is_told_and_the_client_comes_back() -> Result<()> {
    let time = Frozen::time();
    let queue = QueueLimits {
        frames: 16,
        when_full: perpetua_hub::OverflowPolicy::Disconnect,
        ..QueueLimits::default()
    };
    let posting = Posting::with(
        ClientSettings {
            queue,
            ..settings()
        },
        None,
    )
    .await?;
    posting.target.answers(TargetAnswer::Silence);
    posting.send(1);
    posting.next_is(&time, 1).await?;
    for number in 2..=20 {
        posting.send(number);
    }
    let (request, _) = posting.next(&time).await;
    assert_eq!(request.event()?["sub_type"], "enable");
    let mut notices = posting.notices();
    notices.sort();
    let expected = [("notice.queue_full", 1), ("post.unsure", 1)];
    assert_eq!(
        notices,
        expected.map(|(code, count)| (code.to_owned(), count))
    );
    // All but the one whose outcome is not known.
    assert_eq!(posting.world.client().traffic.dropped, 19);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_comes_until_it_is_back_is_counted() -> Result<()> {
    let time = Frozen::time();
    let posting = Posting::start().await?;
    posting.cut(DisconnectReason::HeldMost);
    posting.send(1);
    settle().await;
    posting.send(2);
    let (request, _) = posting.next(&time).await;
    assert_eq!(request.event()?["sub_type"], "enable");
    posting.send(3);
    posting.next_is(&time, 3).await?;
    assert_eq!(posting.world.client().traffic.dropped, 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_that_is_cut_off_is_no_event_that_is_lost() -> Result<()> {
    let time = Frozen::time();
    let settings = ClientSettings {
        heartbeat: Duration::from_secs(5),
        ..settings()
    };
    let posting = Posting::with(settings, None).await?;
    posting.target.answers(TargetAnswer::Silence);
    let (request, _) = posting.next(&time).await;
    assert_eq!(request.event()?["meta_event_type"], "heartbeat");
    posting.cut(DisconnectReason::AccountChanged);
    let (request, _) = posting.next(&time).await;
    assert_eq!(request.event()?["sub_type"], "enable");
    assert_eq!((posting.counts().unsure, posting.counts().refused), (0, 0));
    assert_eq!(posting.notices(), []);
    Ok(())
}

/// The framework answers in the second that is left to it.
#[tokio::test(start_paused = true)]
async fn an_answer_in_the_parting_second_is_heeded() -> Result<()> {
    let time = Frozen::time();
    let posting = Posting::start().await?;
    let answer = TargetAnswer::json(&json!({ "reply": "hi" }));
    let TargetAnswer::Bytes(answer) = answer else {
        panic!("an answer at once")
    };
    let late = TargetAnswer::Late(Duration::from_millis(500), answer);
    posting.target.answers(late);
    let message = json!({
        "post_type": "message", "message_type": "private", "self_id": SELF_ID, "user_id": 30001,
        "message_id": 1, "message": "x",
    });
    posting.upstream.send(&message.to_string());
    posting.next(&time).await;
    posting.cut(DisconnectReason::SettingsChanged);
    let (action, _) = time.until(posting.upstream.next_action()).await;
    assert_eq!(parse(&action)["action"], "send_private_msg");
    assert_eq!(posting.notices(), []);
    Ok(())
}

/// A target that says one of these again and again, a second apart, and what follows if anything does.
async fn says_again(
    interim: &'static str,
    times: usize,
    last: &'static str,
) -> Result<(String, JoinHandle<()>)> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _request = read_head(&mut stream).await;
            let mut said = 0;
            while said < times && stream.write_all(interim.as_bytes()).await.is_ok() {
                said += 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            let _gone = stream.write_all(last.as_bytes()).await;
        }
    });
    Ok((url, task))
}

/// What comes before an answer is none, and may be said for ever.
#[tokio::test(start_paused = true)]
async fn a_target_that_only_says_that_an_answer_will_come_is_not_waited_for_longer() -> Result<()> {
    let time = Frozen::time();
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
    ] {
        for (times, seconds) in [(5, 5), (usize::MAX, 30)] {
            let (url, target) = says_again(
                interim,
                times,
                "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
            )
            .await?;
            let world = World::new();
            let _upstream = world.embedded().await;
            let (no_more, task) = post_to(&world, CLIENT, settings(), &url, None)?;
            let counts = || world.client().posts;
            let over = async {
                while counts().delivered + counts().unsure == 0 {
                    settle().await;
                }
            };
            let ((), took) = time.until(over).await;
            let expected = if times == 5 { (1, 0) } else { (0, 1) };
            assert_eq!((counts().delivered, counts().unsure), expected, "{interim}");
            assert!(took.as_secs().abs_diff(seconds) <= 1, "{interim} {took:?}");
            no_more.cancel();
            task.abort();
            target.abort();
        }
    }
    Ok(())
}

/// No request of ours says where it comes from.
#[tokio::test(start_paused = true)]
async fn an_event_is_posted_with_these_headers_and_no_other() -> Result<()> {
    let _time = Frozen::time();
    let posting = Posting::with(settings(), Some("k1")).await?;
    posting.send(1);
    let head = posting.target.next().await?.head;
    let names = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let mut names: Vec<_> = names.map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "connection",
            "content-length",
            "content-type",
            "host",
            "user-agent",
            "x-self-id",
            "x-signature",
        ]
    );
    Ok(())
}

/// What signs is sent nowhere, so that it may be any text.
#[tokio::test(start_paused = true)]
async fn a_key_that_no_header_takes_signs_as_any_other() -> Result<()> {
    let _time = Frozen::time();
    let posting = Posting::with(settings(), Some("两个 词\n\u{1}x")).await?;
    posting.send(1);
    let request = posting.target.next().await?;
    let signed = perpetua_onebot::post::signature("两个 词\n\u{1}x".as_bytes(), &request.body);
    assert_eq!(request.header("x-signature"), Some(&*signed));
    Ok(())
}
