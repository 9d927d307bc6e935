//! `GET /metrics`.

use std::{collections::BTreeMap, time::Duration, time::Instant};

use perpetua_hub::{
    AccountSnapshot, ClientSnapshot, ClockReading, ConnectionSnapshot, DialSnapshot, DialState,
    Latency, LinkState, PostCounts, PostFailure, PostSnapshot, PostState, QueueLimits, Role,
    Traffic,
};
use perpetua_schema::{CoreProcess, CoreState};
use uuid::Uuid;

use crate::{
    harness::{Server, answer},
    health::{account as status, core},
};

#[tokio::test]
async fn every_number_is_there_under_its_name() {
    let server = Server::start().await;
    *server.node.snapshots.lock().expect("snapshots") = vec![
        (
            "main".into(),
            account(vec![client("nonebot"), client("koishi")]),
        ),
        (
            "away".into(),
            AccountSnapshot {
                link: LinkState::Closed,
                online: false,
                hung: true,
                ..account(Vec::new())
            },
        ),
    ];
    let (status, text) = answer(server.get("/metrics")).await;
    assert_eq!(status, 200);
    let samples = samples(&text);
    for (name, value) in [
        ("upstream_up", "1"),
        ("online", "1"),
        ("hung", "0"),
        ("events_total", "11"),
        ("responses_total", "12"),
        ("late_responses_total", "13"),
        ("foreign_frames_total", "14"),
        ("foreign_events_total", "17"),
        ("upstream_notices_total", "18"),
        ("held_bytes", "19"),
        ("unsent_actions", "15"),
        ("unanswered_actions", "16"),
    ] {
        assert_eq!(
            samples[&*format!("perpetua_account_{name}{{account=\"main\"}}")],
            value,
            "{name}"
        );
    }
    assert_eq!(
        samples["perpetua_account_upstream_up{account=\"away\"}"],
        "0"
    );
    assert_eq!(samples["perpetua_account_online{account=\"away\"}"], "0");
    assert_eq!(samples["perpetua_account_hung{account=\"away\"}"], "1");
    for (name, value) in [
        ("connections", "2"),
        ("queued_frames", "6"),
        ("queued_bytes", "200"),
        ("sent_frames_total", "21"),
        ("dropped_events_total", "22"),
        ("actions_total", "23"),
        ("refusals_total", "24"),
        ("cuts_total", "25"),
        ("failed_dials", "27"),
        ("notices_total", "26"),
        ("busy_connections", "1"),
        ("post_paused", "1"),
        ("posts_delivered_total", "28"),
        ("posts_repeated_total", "29"),
        ("posts_unsure_total", "30"),
        ("posts_refused_total", "31"),
    ] {
        for client in ["nonebot", "koishi"] {
            let key = format!("perpetua_client_{name}{{account=\"main\",client=\"{client}\"}}");
            assert_eq!(samples[&*key], value, "{key}");
        }
    }
    for (name, number, value) in [
        ("up", 1, "1"),
        ("up", 2, "0"),
        ("failed_dials", 1, "3"),
        ("failed_dials", 2, "27"),
    ] {
        let labels = format!("account=\"main\",client=\"koishi\",target=\"{number}\"");
        let key = format!("perpetua_client_target_{name}{{{labels}}}");
        assert_eq!(samples[&*key], value, "{key}");
    }
}

#[tokio::test]
async fn who_was_refused_at_the_api_is_counted() {
    let server = Server::start().await;
    let foreign = server.get("/healthz").header("origin", "http://a.example");
    for count in ["0", "1", "2"] {
        let (_, text) = answer(server.get("/metrics")).await;
        assert_eq!(samples(&text)["perpetua_api_refusals_total"], count);
        let refused = foreign.try_clone().expect("it has no body");
        assert_eq!(answer(refused).await.0, 403);
    }
}

#[tokio::test]
async fn latencies_are_a_histogram_in_seconds() {
    let server = Server::start().await;
    *server.node.snapshots.lock().expect("snapshots") =
        vec![("main".into(), account(vec![client("bot")]))];
    let (_, text) = answer(server.get("/metrics")).await;
    let samples = samples(&text);
    let of = |part: &str| samples[&*format!("perpetua_client_action_duration_seconds_{part}")];
    for (bound, count) in [
        ("0.001", "1"),
        ("0.025", "1"),
        ("0.05", "2"),
        ("1.0", "2"),
        ("30.0", "2"),
        ("+Inf", "3"),
    ] {
        assert_eq!(
            of(&format!(
                "bucket{{le=\"{bound}\",account=\"main\",client=\"bot\"}}"
            )),
            count,
            "{bound}"
        );
    }
    assert_eq!(of("count{account=\"main\",client=\"bot\"}"), "3");
    assert_eq!(of("sum{account=\"main\",client=\"bot\"}"), "40.041");
    assert!(
        text.contains("# TYPE perpetua_client_action_duration_seconds histogram\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_managed_core_is_told_as_far_as_it_was_measured() {
    let server = Server::start().await;
    let (mut plain, mut runs, mut waits) = (status("plain"), status("runs"), status("waits"));
    plain.core = None;
    runs.core = Some(core(
        CoreState::Online {
            who: 20002,
            for_s: 7,
            signer_problem: None,
        },
        Some(CoreProcess {
            pid: 4,
            memory_bytes: Some(123_456),
            cpu_percent: Some(12.5),
        }),
    ));
    waits.core = Some(core(
        CoreState::Backoff {
            reason: None,
            retry_in_s: 3,
            failures: 2,
        },
        None,
    ));
    server.node.status.lock().expect("status").accounts = vec![plain, runs, waits];
    let (_, text) = answer(server.get("/metrics")).await;
    let mut cores = samples(&text);
    cores.retain(|name, _| name.starts_with("perpetua_core_"));
    let expected = [
        ("cpu_ratio{account=\"runs\"}", "0.125"),
        ("memory_bytes{account=\"runs\"}", "123456"),
        ("restarts_total{account=\"runs\"}", "5"),
        ("restarts_total{account=\"waits\"}", "5"),
        ("state{account=\"runs\",state=\"online\"}", "1"),
        ("state{account=\"waits\",state=\"backoff\"}", "1"),
    ];
    let expected = expected.map(|(name, value)| (format!("perpetua_core_{name}"), value));
    let told = cores
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_node_without_cores_tells_nothing_of_cores() {
    let server = Server::start().await;
    server.node.status.lock().expect("status").accounts = vec![status("plain")];
    let (_, text) = answer(server.get("/metrics")).await;
    assert!(!text.contains("perpetua_core_"), "{text}");
}

#[tokio::test]
async fn a_scraper_is_told_the_format_that_it_asks_for() {
    let server = Server::start().await;
    for (accept, kind) in [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
    ] {
        let response = server
            .get("/metrics")
            .header("Accept", accept)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.headers()["content-type"], kind);
        assert!(response.text().await.expect("a text").ends_with("# EOF\n"));
    }
}

/// The samples by name and labels. Fails on a sample of no described family and on one given twice.
fn samples(text: &str) -> BTreeMap<&str, &str> {
    let mut samples = BTreeMap::new();
    let mut family = "";
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(comment) = line.strip_prefix("# ") {
            let (_, described) = comment.split_once(' ').expect("a keyword");
            family = described.split(' ').next().expect("a name");
            continue;
        }
        let (key, value) = line.rsplit_once(' ').expect("a value");
        value.parse::<f64>().expect("a number");
        assert!(!family.is_empty() && key.starts_with(family), "{line}");
        assert!(samples.insert(key, value).is_none(), "{line}");
    }
    samples
}

fn account(clients: Vec<ClientSnapshot>) -> AccountSnapshot {
    let now = Instant::now();
    AccountSnapshot {
        nickname: None,
        implementation: None,
        link_since: now,
        online_since: now,
        last_event: 0,
        self_id: Some(20002),
        link: LinkState::Open { since: now },
        online: true,
        offline_reason: None,
        hung: false,
        blocked_since: None,
        managed: false,
        events: 11,
        responses: 12,
        late_responses: 13,
        foreign_frames: 14,
        other_accounts_events: 17,
        upstream_notices: Vec::new(),
        upstream_noted: 18,
        held_bytes: 19,
        unsent: 15,
        unanswered: 16,
        clients,
    }
}

fn dial(state: DialState, failures: u32) -> DialSnapshot {
    DialSnapshot {
        state,
        since: Instant::now(),
        failures,
    }
}

fn client(name: &str) -> ClientSnapshot {
    let mut latency = Latency::default();
    for milliseconds in [1, 40, 40_000] {
        latency.record(Duration::from_millis(milliseconds));
    }
    let connection = ConnectionSnapshot {
        last_event: 0,
        app_id: Uuid::nil(),
        name: None,
        role: Role::Universal,
        peer: None,
        user_agent: None,
        since: Instant::now(),
        sent: 0,
        queued: 3,
        queued_bytes: 100,
        dropped: 0,
        busy_since: None,
    };
    let busy = ConnectionSnapshot {
        busy_since: Some(ClockReading {
            instant: Instant::now(),
            unix: Duration::ZERO,
        }),
        ..connection.clone()
    };
    ClientSnapshot {
        name: name.into(),
        since: Instant::now(),
        queue: QueueLimits::default(),
        traffic: Traffic {
            events: 20,
            sent: 21,
            dropped: 22,
            actions: 23,
            refusals: 24,
            cuts: 25,
            latency,
        },
        notices: Vec::new(),
        noted: 26,
        last_call: None,
        dials: BTreeMap::from([
            (
                0,
                dial(
                    DialState::Open {
                        since: Instant::now(),
                    },
                    3,
                ),
            ),
            (1, dial(DialState::Unnamed, 27)),
        ]),
        post: Some(PostSnapshot {
            state: PostState::Probing {
                failure: PostFailure::NobodyHere,
            },
            since: Instant::now(),
            failures: 5,
        }),
        posts: PostCounts {
            delivered: 28,
            repeated: 29,
            unsure: 30,
            refused: 31,
        },
        connections: vec![busy, connection],
    }
}
