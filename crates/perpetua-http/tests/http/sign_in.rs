//! `/session`: a browser signs in, and what it then may.

use std::{sync::atomic::Ordering, time::Duration};

use perpetua_http::SignIn;
use perpetua_hub::ClockReading;
use perpetua_schema::SessionStatus;
use perpetua_secrets::Secret;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{SIGN_IN, Server, TODAY, answer, eventually, json_answer, secret, words};

#[tokio::test]
async fn the_right_token_makes_a_session_that_calls_and_follows() {
    let server = Server::start().await;
    let response = sign_in(&server, json!({ "token": SIGN_IN })).await;
    assert_eq!(response.status(), 200);
    let set = response.headers()["set-cookie"].to_str().expect("text");
    for part in [
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/",
        "; Max-Age=2678400",
    ] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "{set}");
    let name = format!("perpetua-{}=", server.address.port());
    assert!(set.starts_with(&name), "{set}");
    let cookie = cookie_of(&response);
    assert_eq!(server.node.kept.load(Ordering::SeqCst), 1);
    assert!(status(&server, Some(&cookie)).await.signed_in);
    assert_eq!(call(&server, &cookie).await.0, 200);
    let port = server.address.port();
    for others in [
        format!("theme=dark; other=1; {cookie}"),
        format!("user=张三; {cookie}"),
        format!("perpetua-{port}=stale; __Host-perpetua-{port}=guess; {cookie}"),
    ] {
        assert_eq!(call(&server, &others).await.0, 200, "{others}");
        assert!(status(&server, Some(&others)).await.signed_in, "{others}");
        assert_eq!(follow(&server, &others).await.status(), 200, "{others}");
    }
    let mut events = follow(&server, &cookie).await;
    assert_eq!(events.status(), 200);
    assert_eq!(events.headers()["x-accel-buffering"], "no");
    server.node.events.send(event()).expect("followed");
    assert!(events.chunk().await.expect("a line").is_some());
}

#[tokio::test]
async fn behind_https_the_cookie_is_for_https_alone() {
    let server = Server::start().await;
    let request = server
        .request(Method::POST, "/session")
        .header("Host", "bot.example")
        .header("Origin", "https://bot.example")
        .json(&json!({ "token": SIGN_IN }));
    let response = request.send().await.expect("an answer");
    let set = response.headers()["set-cookie"].to_str().expect("text");
    assert!(set.ends_with("; Secure"), "{set}");
    let name = format!("__Host-perpetua-{}=", server.address.port());
    assert!(set.starts_with(&name) && !set.contains("Domain"), "{set}");
    let cookie = cookie_of(&response);
    assert!(status(&server, Some(&cookie)).await.signed_in);
    let both = format!(
        "{}; {cookie}",
        cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await)
    );
    let leaving = server
        .request(Method::DELETE, "/session")
        .header("Host", "bot.example")
        .header("Origin", "https://bot.example")
        .header("Cookie", &both);
    let gone = leaving.send().await.expect("an answer");
    let set = gone.headers()["set-cookie"].to_str().expect("text");
    assert!(set.starts_with(&name) && set.contains("Max-Age=0"), "{set}");
    assert_eq!(status(&server, Some(&both)).await, out(), "both are over");
}

#[tokio::test]
async fn whoever_signs_out_is_told_that_the_next_run_would_let_it_in() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let leave = || {
        let request = server.request(Method::DELETE, "/session");
        let request = request.header("Origin", format!("http://{}", server.address));
        request.header("Cookie", &cookie)
    };
    *server.node.ended.lock().expect("ended") = Err(words("it cannot be deleted"));
    let (code, told) = answer(leave()).await;
    assert_eq!(code, 503);
    assert!(told.contains("it cannot be deleted"), "{told}");
    assert_eq!(status(&server, Some(&cookie)).await, out(), "out for now");
    *server.node.ended.lock().expect("ended") = Ok(());
    assert_eq!(answer(leave()).await.0, 204, "it is tried again");
}

#[tokio::test]
async fn a_session_gets_nothing_that_signs_others_in() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    for name in ["sign_in_token", "sign_in_token_new", "sign_in_link"] {
        let request = server
            .request(Method::POST, &format!("/rpc/{name}"))
            .header("Origin", format!("http://{}", server.address));
        let (status, told) = json_answer(request.header("Cookie", &cookie).body("{}")).await;
        assert_eq!(
            (status, &told["code"]),
            (403, &json!("forbidden")),
            "{name}"
        );
        assert_eq!(told["message"]["code"], "http.not_for_browsers", "{name}");
        // The command line is answered: here by a node that has no such call.
        let (_, told) = json_answer(server.call(name, "{}")).await;
        assert_eq!(told["code"], "not_supported", "{name}");
    }
}

#[tokio::test]
async fn a_stranger_may_send_little_in_order_to_sign_in() {
    let server = Server::start().await;
    let long = json!({ "token": "x".repeat(4 * 1024) });
    let (status, told) = json_answer(signing(&server, &long)).await;
    assert_eq!(status, 413, "{told}");
    assert_eq!(told["message"]["params"]["limit"], 4096, "{told}");
    assert_eq!(server.notices.total(), 0);
}

#[tokio::test]
async fn nobody_comes_in_without_a_session_of_this_node() {
    let server = Server::start().await;
    assert_eq!(status(&server, None).await, out());
    let port = server.address.port();
    for cookie in [
        format!("perpetua-{port}="),
        format!("perpetua-{port}=guess"),
        format!("perpetua-{port}={SIGN_IN}"),
        format!("perpetua-{}={SIGN_IN}", port + 1),
    ] {
        assert_eq!(status(&server, Some(&cookie)).await, out(), "{cookie}");
        assert_eq!(call(&server, &cookie).await.0, 401, "{cookie}");
        assert_eq!(follow(&server, &cookie).await.status(), 401, "{cookie}");
    }
    let told = server.notices.list();
    assert!(
        told.iter()
            .all(|one| !one.message.to_string().contains("sign in")),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_cookie_counts_for_pages_of_ours_only() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let bare = || {
        server
            .request(Method::POST, "/rpc/status")
            .header("Cookie", &cookie)
    };
    let (status, text) = answer(bare()).await;
    assert_eq!(status, 403, "{text}");
    assert!(text.contains("cookie_without_origin"), "{text}");
    assert!(
        text.contains("\"forbidden\""),
        "signing in does not help: {text}"
    );
    for origin in ["http://localhost:3000", "http://evil.example", "null"] {
        let (status, text) = answer(bare().header("Origin", origin)).await;
        assert_eq!(status, 403, "{origin}: {text}");
        let signing = server
            .request(Method::POST, "/session")
            .header("Origin", origin);
        let (status, text) = answer(signing.json(&json!({ "token": SIGN_IN }))).await;
        assert_eq!(status, 403, "{origin}: {text}");
    }
    let own = format!("http://{}", server.address);
    let site = bare()
        .header("Origin", &own)
        .header("Sec-Fetch-Site", "same-site");
    assert_eq!(answer(site).await.0, 403);
    assert_eq!(answer(bare().header("Origin", &own)).await.0, 200);
}

#[tokio::test]
async fn a_wrong_token_says_how_many_are_left_and_then_locks_but_never_the_right_one() {
    let server = Server::start().await;
    let wrong = || sign_in(&server, json!({ "token": "guess" }));
    for left in [4, 3, 2, 1] {
        let response = wrong().await;
        assert_eq!(response.status(), 401);
        let told: Value = response.json().await.expect("JSON");
        assert_eq!(told, json!({ "reason": "wrong_token", "left": left }));
    }
    for _ in 0..20 {
        let response = wrong().await;
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "30");
        let told: Value = response.json().await.expect("JSON");
        assert_eq!(told, json!({ "reason": "locked", "seconds": 30 }));
    }
    assert_eq!(status(&server, None).await.locked_s, Some(30));
    let told = server.notices.list();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].count, 24);
    let words = told[0].message.to_string();
    assert!(
        words.contains("127.0.0.1") && words.contains("wrong token"),
        "{words}"
    );
    assert_eq!(
        sign_in(&server, json!({ "token": SIGN_IN })).await.status(),
        200
    );
    assert_eq!(status(&server, None).await.locked_s, None, "forgiven");
    for _ in 0..10 {
        wrong().await;
    }
    let code = new_link(&server);
    let right = sign_in(&server, json!({ "code": code.expose() })).await;
    assert_eq!(right.status(), 200, "nor a link");
}

#[tokio::test]
async fn a_link_lets_in_once_and_soon() {
    let server = Server::start().await;
    let code = new_link(&server);
    let show = || sign_in(&server, json!({ "code": code.expose() }));
    let first = show().await;
    assert_eq!(first.status(), 200);
    assert_eq!(call(&server, &cookie_of(&first)).await.0, 200);
    let again = show().await;
    assert_eq!(again.status(), 401);
    let told: Value = again.json().await.expect("JSON");
    assert_eq!(told, json!({ "reason": "code_used" }));
    let late = new_link(&server);
    *server.later.lock().expect("later") = Duration::from_mins(10);
    for (code, reason) in [(late.expose(), "code_late"), ("guess", "code_unknown")] {
        let refused = sign_in(&server, json!({ "code": code })).await;
        assert_eq!(refused.status(), 401);
        let told: Value = refused.json().await.expect("JSON");
        assert_eq!(told, json!({ "reason": reason }));
    }
    assert_eq!(server.notices.total(), 1, "the guess alone is told");
}

#[tokio::test]
async fn a_link_of_ours_is_no_guess_however_many_were_made_since() {
    let server = Server::start().await;
    let [used, late] = [0; 2].map(|_| new_link(&server));
    let show = |code: &Secret| sign_in(&server, json!({ "code": code.expose() }));
    assert_eq!(show(&used).await.status(), 200);
    *server.later.lock().expect("later") = Duration::from_mins(10);
    for _ in 0..600 {
        new_link(&server);
    }
    for _ in 0..10 {
        for (code, reason) in [(&used, "code_used"), (&late, "code_late")] {
            let told: Value = show(code).await.json().await.expect("JSON");
            assert_eq!(told, json!({ "reason": reason }));
        }
    }
    assert_eq!(server.notices.total(), 0, "nobody has guessed");
    assert_eq!(status(&server, None).await.locked_s, None);
}

#[tokio::test]
async fn the_right_cookie_counts_however_many_wrong_ones_stand_before_it() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let port = server.address.port();
    for count in [8, 9, 300] {
        let others = (0..count).map(|id| format!("perpetua-{port}=old{id}; "));
        let others = others.collect::<Vec<_>>().concat();
        let all = format!("{others}{cookie}");
        assert_eq!(call(&server, &all).await.0, 200, "{count}");
        assert!(status(&server, Some(&all)).await.signed_in, "{count}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_streams_and_no_other() {
    let server = Server::start().await;
    let one = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let other = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let mut ends = follow(&server, &one).await;
    let mut stays = follow(&server, &other).await;
    let own = format!("http://{}", server.address);
    let request = server
        .request(Method::DELETE, "/session")
        .header("Cookie", &one);
    let response = request
        .header("Origin", own)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 204);
    let gone = response.headers()["set-cookie"].to_str().expect("text");
    assert!(gone.contains("=; ") && gone.contains("Max-Age=0"), "{gone}");
    assert_eq!(ended(&mut ends).await, None);
    assert_eq!(call(&server, &one).await.0, 401);
    server.node.events.send(event()).expect("followed");
    assert!(stays.chunk().await.expect("a line").is_some());
    assert_eq!(call(&server, &other).await.0, 200);
}

#[tokio::test]
async fn another_token_ends_every_session_at_once() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let code = new_link(&server);
    let mut events = follow(&server, &cookie).await;
    *server.node.sign_in_token.lock().expect("token") = Ok(secret("another"));
    let (status, told) = call(&server, &cookie).await;
    assert_eq!(status, 401);
    assert!(told.contains("http.session_over"), "{told}");
    server.sign_in.end_all();
    assert_eq!(ended(&mut events).await, None);
    let old_link = sign_in(&server, json!({ "code": code.expose() })).await;
    assert_eq!(old_link.status(), 401);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_and_outlives_the_node_until_then() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let id = cookie.split_once('=').expect("a pair").1;
    let text = serde_json::to_string(&server.sign_in.kept()).expect("JSON");
    assert!(!text.contains(id) && !text.contains(SIGN_IN), "{text}");
    *server.later.lock().expect("later") = Duration::from_hours(30 * 24) - Duration::from_secs(1);
    assert_eq!(call(&server, &cookie).await.0, 200);
    *server.later.lock().expect("later") = Duration::from_hours(30 * 24);
    sign_in(&server, json!({ "token": SIGN_IN })).await;
    let (status, told) = call(&server, &cookie).await;
    assert_eq!(status, 401);
    assert!(told.contains("http.session_expired"), "{told}");
    let again = SignIn::new(serde_json::from_str(&text).expect("the same"), || {
        ClockReading {
            instant: std::time::Instant::now(),
            unix: TODAY,
        }
    });
    assert_eq!(again.kept(), server.sign_in.kept()[..1]);
}

#[tokio::test]
async fn a_token_that_cannot_be_had_is_said_and_signs_nobody_out() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let locked = words("the keyring is locked");
    *server.node.sign_in_token.lock().expect("token") = Err(locked);
    for (status, text) in [
        call(&server, &cookie).await,
        answer(signing(&server, &json!({ "token": SIGN_IN }))).await,
    ] {
        assert_eq!(status, 503, "{text}");
        assert!(text.contains("the keyring is locked"), "{text}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_no_guess() {
    let server = Server::start().await;
    for body in [
        json!({}),
        json!({ "token": 5 }),
        json!([]),
        json!({ "password": "x" }),
    ] {
        let (status, told) = json_answer(signing(&server, &body)).await;
        assert_eq!(
            (status, &told["code"]),
            (400, &json!("bad_request")),
            "{body}"
        );
    }
    assert_eq!(server.notices.total(), 0);
}

#[tokio::test]
async fn guessing_without_end_keeps_nobody_out() {
    let server = Server::start().await;
    let guessing = async {
        for _ in 0..500 {
            sign_in(&server, json!({ "token": "guess" })).await;
        }
    };
    let owner = async {
        for _ in 0..50 {
            let code = new_link(&server);
            for shown in [
                json!({ "token": SIGN_IN }),
                json!({ "code": code.expose() }),
            ] {
                assert_eq!(sign_in(&server, shown).await.status(), 200);
            }
        }
    };
    tokio::join!(guessing, owner);
    let mut watching = Vec::new();
    for _ in 0..3 {
        let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
        watching.push(follow(&server, &cookie).await);
    }
    drop(watching);
    eventually(|| server.node.events.receiver_count() == 0).await;
}

fn out() -> SessionStatus {
    SessionStatus {
        signed_in: false,
        locked_s: None,
    }
}

fn signing(server: &Server, shown: &Value) -> RequestBuilder {
    server
        .request(Method::POST, "/session")
        .header("Origin", format!("http://{}", server.address))
        .json(shown)
}

pub(crate) async fn sign_in(server: &Server, shown: Value) -> Response {
    signing(server, &shown).send().await.expect("an answer")
}

/// The cookie as a browser sends it back.
pub(crate) fn cookie_of(response: &Response) -> String {
    let set = response.headers()["set-cookie"].to_str().expect("text");
    set.split(';').next().unwrap_or_default().to_owned()
}

async fn status(server: &Server, cookie: Option<&str>) -> SessionStatus {
    let mut request = server.get("/session");
    if let Some(cookie) = cookie {
        request = request.header("Cookie", cookie);
    }
    let (status, told) = json_answer(request).await;
    assert_eq!(status, 200);
    serde_json::from_value(told).expect("a status")
}

async fn call(server: &Server, cookie: &str) -> (u16, String) {
    let request = server
        .request(Method::POST, "/rpc/status")
        .header("Origin", format!("http://{}", server.address))
        .header("Cookie", cookie);
    answer(request).await
}

async fn follow(server: &Server, cookie: &str) -> Response {
    let request = server.get("/rpc/events").header("Cookie", cookie);
    request.send().await.expect("an answer")
}

/// Waits for the end of a stream, which must come in good order.
async fn ended(stream: &mut Response) -> Option<usize> {
    let chunk = timeout(Duration::from_secs(10), stream.chunk()).await;
    let chunk = chunk.expect("in time").expect("in good order");
    chunk.map(|chunk| chunk.len())
}

fn event() -> perpetua_schema::Event {
    perpetua_schema::Event::Settings {
        problems: Vec::new(),
    }
}

fn new_link(server: &Server) -> Secret {
    let code = server.sign_in.new_code(&secret(SIGN_IN));
    code.expect("a code")
}
