//! Actions, from a request to its answer.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{AccountLimits, ClientSettings, DisconnectReason};
use perpetua_proxy::EmbeddedLink;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Caller, Scene, get, post};
use crate::{
    time::{Frozen, settle, until_holds},
    world::{answer, event, parse},
};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test(start_paused = true)]
async fn an_action_is_asked_in_each_way_and_nobody_is_told_of_its_caller() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    for (request, action) in [
        (get("/send_msg?user_id=1&message=x", ""), "send_msg"),
        (get("/send_msg/?user_id=1&message=x", ""), "send_msg"),
        (
            post("/send_msg", JSON, r#"{"user_id":1,"message":"x"}"#),
            "send_msg",
        ),
        (post("/send_msg", FORM, "user_id=1&message=x"), "send_msg"),
        (post("/send_msg?user_id=1&message=x", "", ""), "send_msg"),
        (
            post("/send_msg_async", JSON, r#"{"user_id":1,"message":"x"}"#),
            "send_msg_async",
        ),
        (
            post("/send_msg_rate_limited?message=x", FORM, "user_id=1"),
            "send_msg_rate_limited",
        ),
        (
            post(
                "/",
                JSON,
                r#"{"action":"send_msg","params":{"user_id":1,"message":"x"}}"#,
            ),
            "send_msg",
        ),
    ] {
        let told = scene.caller().await?.ask(&request).await?;
        assert_eq!(told.status, 200, "{request}: {told:?}");
        assert_eq!(
            told.header("content-type"),
            Some("application/json; charset=utf-8")
        );
        assert_eq!(told.header("access-control-allow-origin"), None);
        let data = json!({ "action": action, "params": { "user_id": 1, "message": "x" } });
        assert_eq!(
            told.json(),
            json!({ "status": "ok", "retcode": 0, "data": data }),
            "{request}"
        );
    }
    let frame = r#"{"action":"a","params":{},"echo":{"seq":8}}"#;
    let told = scene.caller().await?.post("/", JSON, frame).await?;
    assert_eq!(told.json()["echo"], json!({ "seq": 8 }));
    let client = scene.world.client();
    assert_eq!(client.connections.len(), 0);
    assert_eq!(client.traffic.actions, 9);
    assert!(client.last_call.is_some());
    assert!(client.notices.is_empty());
    Ok(())
}

/// `;` separates nothing, and what is glued together by hand arrives whole.
#[tokio::test(start_paused = true)]
async fn texts_of_an_address_arrive_whole() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let mut kept = scene.caller().await?;
    for (target, params) in [
        (
            "/send_private_msg?user_id=10001&message=a;b",
            json!({ "user_id": 10001, "message": "a;b" }),
        ),
        (
            "/send_private_msg?user_id=10001&message=x&amp;y=1",
            json!({ "user_id": 10001, "message": "x", "amp;y": "1" }),
        ),
        (
            "/send_group_msg?group_id=20001&auto_escape=true&message=100%成功[CQ:at,qq=10001]",
            json!({ "group_id": 20001, "auto_escape": true, "message": "100%成功[CQ:at,qq=10001]" }),
        ),
        (
            "/send_group_msg?auto_escape=0&message=1",
            json!({ "auto_escape": false, "message": "1" }),
        ),
        (
            "/send_msg?message=#a#b&user_id=1",
            json!({ "message": "#a#b", "user_id": 1 }),
        ),
        (
            "/send_msg?message={\"a\":\"<b>`\"}",
            json!({ "message": "{\"a\":\"<b>`\"}" }),
        ),
        (
            "/send_msg?access_token=any&message=a+b%20c",
            json!({ "message": "a b c" }),
        ),
    ] {
        // On a socket of its own, and as a further request.
        for told in [
            scene.caller().await?.get(target).await?,
            kept.get(target).await?,
        ] {
            assert_eq!(told.status, 200, "{target}: {told:?}");
            assert_eq!(told.params(), params, "{target}");
        }
    }
    let gbk = b"GET /send_msg?message=\xc4\xe3 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    let told = kept.ask(gbk).await?;
    assert_eq!(told.status, 400, "{told:?}");
    assert!(told.body.contains("UTF-8"), "{told:?}");
    Ok(())
}

/// Programs that send JSON under no name or another one.
#[tokio::test(start_paused = true)]
async fn json_is_known_by_itself() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let body = r#"{"user_id":10001,"message":"x"}"#;
    for kind in ["", FORM, "text/plain", "text/plain;charset=UTF-8", JSON] {
        let mut caller = scene.caller().await?;
        let told = caller.post("/send_msg", kind, body).await?;
        assert_eq!(told.status, 200, "{kind}: {told:?}");
        assert_eq!(told.params(), json!({ "user_id": 10001, "message": "x" }));
    }
    let chunked = "POST /send_msg HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-type: application/json\r\n\r\n7\r\n{\"user_\r\n18\r\nid\":10001,\"message\":\"x\"}\r\n0\r\n\r\n";
    let host = chunked.replace("host: a", "host: 127.0.0.1");
    let mut caller = scene.caller().await?;
    for broken in [host.replace("\"x\"}", "\"x\"]"), host.clone(), host] {
        let told = caller.ask(&broken).await?;
        assert_eq!(told.header("connection"), None, "{told:?}");
        if told.status == 200 {
            assert_eq!(told.params(), json!({ "user_id": 10001, "message": "x" }));
        } else {
            assert_eq!(told.status, 400, "{told:?}");
        }
        // What comes behind a body is read as a request again.
        let told = caller.get("/a?b=#").await?;
        assert_eq!(told.params(), json!({ "b": "#" }));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_hundred_is_said_before_a_body_that_waits_for_it() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    scene.answers();
    let mut caller = scene.caller().await?;
    caller
        .send("POST /a HTTP/1.1\r\nhost: 127.0.0.1\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n")
        .await?;
    let head = crate::wire::read_head(&mut caller.stream).await?;
    assert!(head.starts_with("HTTP/1.1 100 "), "{head}");
    let told = caller.ask(r#"{"b":1}"#).await?;
    assert_eq!(told.params(), json!({ "b": 1 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_is_forgotten_and_its_answer_goes_nowhere() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = scene.caller().await?;
    caller.send(get("/slow", "")).await?;
    let asked = parse(&scene.upstream.next_action().await);
    time.pass(Duration::from_secs(1)).await;
    drop(caller);
    let late = || scene.world.account.snapshot().late_responses;
    for _ in 0..64 {
        settle().await;
    }
    scene.upstream.send(&answer(&asked, &json!(1)).to_string());
    until_holds("nobody has it", || late() == 1).await;
    assert!(scene.world.client().notices.is_empty());
    Ok(())
}

/// As `nc -N` does, and small programs that end their side to say that the request is whole.
#[tokio::test(start_paused = true)]
async fn who_ends_its_side_behind_its_request_gets_its_answer() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let chunked = "POST /slow HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_owned();
    let large = format!(r#"{{"message":"{}"}}"#, "x".repeat(1 << 20));
    for (request, is_at_once) in [
        (get("/slow", ""), true),
        (get("/slow", ""), false),
        (get("/slow", "connection: close\r\n"), true),
        (post("/slow", JSON, "{}"), true),
        (post("/slow", FORM, "a=1"), true),
        (post("/slow", JSON, &large), true),
        (chunked, true),
    ] {
        let mut caller = scene.caller().await?;
        caller.send(&request).await?;
        let mut asked = None;
        if !is_at_once {
            asked = Some(parse(&scene.upstream.next_action().await));
        }
        caller.stream.shutdown().await?;
        let asked = match asked {
            Some(asked) => asked,
            None => parse(&scene.upstream.next_action().await),
        };
        time.pass(Duration::from_secs(5)).await;
        scene.upstream.send(&answer(&asked, &json!(7)).to_string());
        let told = caller.answer().await?;
        assert_eq!(told.json()["data"], 7, "{told:?}");
        caller.is_closed().await?;
    }
    Ok(())
}

/// Of a request that lacks its end there is nothing to wait for.
#[tokio::test(start_paused = true)]
async fn who_ends_its_side_amid_its_request_is_nobody() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    for request in [
        "GET /slow HTTP/1.1\r\n",
        "POST /slow HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}",
    ] {
        let mut caller = scene.caller().await?;
        caller.send(request).await?;
        caller.stream.shutdown().await?;
        let mut rest = Vec::new();
        // It may be told why, and nobody waits for more.
        let _either_way = caller.stream.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).starts_with("HTTP/1.1 2"));
    }
    assert!(scene.notices().is_empty(), "{:?}", scene.notices());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn answers_go_to_those_who_asked_in_whatever_order_they_come() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let mut callers = Vec::new();
    for number in 0..200 {
        let mut caller = scene.caller().await?;
        caller.send(get(&format!("/a?number={number}"), "")).await?;
        callers.push(caller);
    }
    let mut asked = Vec::new();
    for _ in 0..200 {
        asked.push(parse(&scene.upstream.next_action().await));
    }
    for asked in asked.iter().rev() {
        scene
            .upstream
            .send(&answer(asked, &asked["params"]["number"]).to_string());
    }
    for (number, caller) in callers.iter_mut().enumerate() {
        let told = caller.answer().await?;
        assert_eq!(told.json()["data"], number.to_string());
    }
    Ok(())
}

/// OneBot answers what is not done with 200 and says it in the body.
#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_away_is_said_in_the_answer() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    scene.upstream.set_link(EmbeddedLink::Connecting);
    let mut caller = scene.caller().await?;
    caller.send(get("/send_msg?user_id=1", "")).await?;
    let unsent = AccountLimits::default().unsent;
    let (told, took) = time.until(caller.answer()).await;
    let told = told?;
    assert!(took >= unsent && took < unsent * 2, "{took:?}");
    assert_eq!(told.status, 200);
    assert_eq!(told.json()["retcode"], 1503, "{told:?}");
    assert_eq!(told.json()["status"], "failed");
    let told = caller.get("/get_status").await?;
    assert_eq!(told.json()["data"]["online"], false);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn quotas_and_restarts_hold_as_over_a_websocket() -> Result<()> {
    let _time = Frozen::time();
    let settings = ClientSettings {
        max_pending_actions: 1,
        ..ClientSettings::default()
    };
    let scene = Scene::with(settings, AccountLimits::default()).await?;
    let mut first = scene.caller().await?;
    first.send(get("/slow", "")).await?;
    let asked = parse(&scene.upstream.next_action().await);
    let told = scene.caller().await?.get("/another").await?;
    assert_eq!(
        (told.status, told.json()["retcode"].clone()),
        (200, 1429.into())
    );
    scene.upstream.send(&answer(&asked, &json!(1)).to_string());
    assert_eq!(first.answer().await?.json()["data"], 1);
    let told = scene.caller().await?.get("/set_restart?delay=1").await?;
    assert_eq!(
        (told.status, told.json()["retcode"].clone()),
        (200, 1401.into())
    );
    Ok(())
}

/// Other settings, or an owner who ends all connections: who waits hears why.
#[tokio::test(start_paused = true)]
async fn who_is_cut_off_hears_why_and_may_call_again() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let (mut waits, mut polls) = (scene.caller().await?, scene.caller().await?);
    waits.send(get("/slow", "")).await?;
    scene.upstream.next_action().await;
    polls.get("/get_updates").await?;
    polls.send(get("/get_updates?timeout=30", "")).await?;
    until_holds("it polls", || !scene.world.client().connections.is_empty()).await;
    settle().await;
    let cut = DisconnectReason::CutByOwner;
    scene.world.account.cut_client("bot", cut);
    for caller in [&mut waits, &mut polls] {
        let told = caller.answer().await?;
        assert_eq!(told.status, 503, "{told:?}");
        assert_eq!(told.header("retry-after"), Some("1"));
        assert!(told.body.contains("closed the connection"), "{told:?}");
    }
    scene.answers();
    assert_eq!(waits.get("/a").await?.status, 200);
    assert_eq!(polls.get("/get_updates").await?.status, 200);
    Ok(())
}

/// What came in by former settings ends with them; who waits for an answer has it first, until the hub ends it.
#[tokio::test(start_paused = true)]
async fn a_port_that_closes_takes_no_more_calls() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut idle = scene.caller().await?;
    let mut waits = scene.caller().await?;
    waits.send(get("/slow", "")).await?;
    let asked = parse(&scene.upstream.next_action().await);
    scene.answers();
    idle.get("/a").await?;
    let mut says_nothing = scene.caller().await?;
    settle().await;
    scene.stop.cancel();
    idle.is_closed().await?;
    says_nothing.is_closed().await?;
    scene.upstream.send(&answer(&asked, &json!(7)).to_string());
    assert_eq!(waits.answer().await?.json()["data"], 7);
    time.until(waits.is_closed()).await.0?;
    assert!(Caller::connect(scene.port).await.is_err());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_and_heartbeats_are_none_of_a_call() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::open().await?;
    let mut caller = scene.caller().await?;
    caller.send(get("/slow", "")).await?;
    let asked = parse(&scene.upstream.next_action().await);
    scene.upstream.send(&event(1, 10));
    time.pass(Duration::from_secs(20)).await;
    scene.upstream.send(&answer(&asked, &json!(1)).to_string());
    assert_eq!(caller.answer().await?.json()["data"], 1);
    Ok(())
}
