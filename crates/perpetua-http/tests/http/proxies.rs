//! What a reverse proxy in front changes: nothing by itself, and the address that counts where it is trusted.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{SESSION, SIGN_IN, Server, answer};

/// As proxies write of whom they speak for.
const SIGNS: [(&str, &str); 5] = [
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-Proto", "http"),
    ("X-Real-IP", "127.0.0.1"),
    ("Forwarded", "for=127.0.0.1"),
    ("Via", "1.1 proxy"),
];

/// One on loopback, which is where every proxy of this machine comes from.
async fn behind_a_trusted_proxy() -> Server {
    let server = Server::start().await;
    let proxy = "127.0.0.0/8".parse().expect("a range");
    server
        .settings
        .send_modify(|settings| settings.trusted_proxies = vec![proxy]);
    server
}

#[tokio::test]
async fn what_came_through_a_proxy_or_by_another_name_is_not_of_this_machine() {
    for server in [Server::start().await, behind_a_trusted_proxy().await] {
        server
            .settings
            .send_modify(|settings| settings.discovery.allow = vec![[127, 0, 0, 1].into()]);
        for (name, value) in SIGNS.into_iter().chain([("Host", "bot.example")]) {
            let ask = |path| server.get(path).header(name, value);
            for path in ["/metrics", "/healthz"] {
                assert_eq!(answer(ask(path)).await.0, 401, "{name} {path}");
                let shown = answer(ask(path).bearer_auth(SESSION)).await;
                assert_eq!(shown.0, 200, "{name} {path}");
            }
            for path in ["/api/get_ws_port", "/api/get_online_clients"] {
                let (status, text) = answer(ask(path)).await;
                assert_eq!(status, 401, "{name} {path}: {text}");
            }
        }
        for hidden in ["for=_hidden", "for=unknown;proto=https", "by=127.0.0.1"] {
            let ask = server.get("/api/get_ws_port").header("Forwarded", hidden);
            assert_eq!(answer(ask).await.0, 401, "{hidden}");
        }
        assert!(server.node.leased.lock().expect("leased").is_empty());
        assert_eq!(answer(server.get("/api/get_ws_port")).await.0, 200);
    }
}

#[tokio::test]
async fn an_address_that_only_a_stranger_names_gets_no_port() {
    let server = Server::start().await;
    let named = || {
        server
            .get("/api/get_ws_port")
            .header("X-Forwarded-For", "192.168.1.7")
    };
    server.settings.send_modify(|settings| {
        settings.discovery.allow = vec![[192, 168, 1, 7].into(), [127, 0, 0, 1].into()];
    });
    let (status, text) = answer(named()).await;
    assert_eq!(status, 401, "{text}");
    assert!(text.contains("came through a proxy"), "{text}");
    let proxy = "127.0.0.1/32".parse().expect("a range");
    server
        .settings
        .send_modify(|settings| settings.trusted_proxies = vec![proxy]);
    assert_eq!(answer(named()).await.0, 200);
    let leased = server.node.leased.lock().expect("leased").clone();
    assert_eq!(leased, [([192, 168, 1, 7].into(), None)]);
}

#[tokio::test]
async fn whoever_guesses_behind_a_trusted_proxy_is_locked_by_the_address_that_it_names() {
    let server = behind_a_trusted_proxy().await;
    for _ in 0..6 {
        guess(&server, "203.0.113.7").await;
    }
    assert_eq!(guess(&server, "203.0.113.7").await.status(), 429);
    let spoofed = guess(&server, "198.51.100.1, 203.0.113.7").await;
    assert_eq!(
        spoofed.status(),
        429,
        "what stands before it is not believed"
    );
    assert_eq!(guess(&server, "198.51.100.1").await.status(), 401);
    let told = server.notices.list();
    let words: Vec<_> = told.iter().map(|one| one.message.to_string()).collect();
    assert_eq!((told.len(), told[0].count), (1, 9), "{words:?}");
    assert!(words[0].contains("198.51.100.1"), "{words:?}");
}

#[tokio::test]
async fn behind_a_proxy_that_nobody_trusts_all_are_one_address() {
    let server = Server::start().await;
    for number in 0..5 {
        guess(&server, &format!("203.0.113.{number}")).await;
    }
    assert_eq!(guess(&server, "203.0.113.9").await.status(), 429);
    let told = server.notices.list();
    let words = told[0].message.to_string();
    assert!(words.contains("127.0.0.1"), "{words}");
    assert!(words.contains("`trusted-proxies`"), "{words}");
}

#[tokio::test]
async fn ten_guesses_a_second_from_fifty_addresses_do_not_keep_the_owner_out() {
    let server = behind_a_trusted_proxy().await;
    let (mut counted, mut told) = (0, 0);
    for second in 0..6 {
        *server.later.lock().expect("later") = Duration::from_secs(second);
        for number in 0..50 {
            for _ in 0..10 {
                let refused = guess(&server, &format!("203.0.113.{number}")).await;
                counted += u32::from(refused.status() == 401);
            }
        }
        // The owner, at an address of its own and at that of a guesser.
        for owner in ["198.51.100.1", "203.0.113.1"] {
            let let_in = sign_in(&server, owner, json!({ "token": SIGN_IN }));
            assert_eq!(let_in.await.status(), 200, "{owner}");
        }
        let notices = server.notices.list();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].count > told);
        told = notices[0].count;
    }
    assert_eq!(told, 3000, "each guess is counted");
    assert!(counted <= 50 * 5 + 20, "{counted} were answered as a try");
}

#[tokio::test]
async fn only_a_trusted_proxy_makes_the_cookie_one_for_https() {
    for (server, secure) in [
        (behind_a_trusted_proxy().await, true),
        (Server::start().await, false),
    ] {
        let request = server
            .request(Method::POST, "/session")
            .header("X-Forwarded-For", "203.0.113.7")
            .header("X-Forwarded-Proto", "https")
            .json(&json!({ "token": SIGN_IN }));
        let response = request.send().await.expect("an answer");
        let set = response.headers()["set-cookie"].to_str().expect("text");
        assert_eq!(set.ends_with("; Secure"), secure, "{set}");
    }
}

fn signing(server: &Server, named: &str) -> RequestBuilder {
    server
        .request(Method::POST, "/session")
        .header("Origin", format!("http://{}", server.address))
        .header("X-Forwarded-For", named)
}

async fn sign_in(server: &Server, named: &str, shown: Value) -> Response {
    let request = signing(server, named).json(&shown);
    request.send().await.expect("an answer")
}

async fn guess(server: &Server, named: &str) -> Response {
    sign_in(server, named, json!({ "token": "guess" })).await
}
