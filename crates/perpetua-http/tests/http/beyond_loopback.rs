//! `/api` on a listener that others than this machine can reach.
//!
//! The peer is local here too. That must not help it: behind a reverse proxy everybody looks local.

use perpetua_http::{Discovery, HttpSettings};
use reqwest::Method;
use serde_json::json;

use crate::harness::{SESSION, Server, answer, json_answer, secret};

const ROUTES: [&str; 2] = ["/api/get_ws_port", "/api/get_online_clients"];

#[tokio::test]
async fn nobody_gets_in_unless_the_settings_say_so() {
    let server = Server::start_beyond_loopback().await;
    for route in ROUTES {
        assert_eq!(
            json_answer(server.get(route)).await,
            (
                401,
                json!({
                    "status": "failed",
                    "retcode": 1401,
                    "msg": "`127.0.0.1` may not ask for ports here; \
                        add it to `allow` under `[discovery]`",
                })
            )
        );
    }
    assert!(server.node.leased.lock().expect("leased").is_empty());
}

#[tokio::test]
async fn the_discovery_token_is_taken_in_every_form() {
    let server = Server::start_beyond_loopback().await;
    server
        .settings
        .send_modify(|settings| settings.discovery.token = Some(secret("d1scovery")));
    for route in ROUTES {
        for authorization in ["d1scovery", "Bearer d1scovery", "Token d1scovery"] {
            let (status, _) =
                answer(server.get(route).header("Authorization", authorization)).await;
            assert_eq!(status, 200, "{route} {authorization}");
        }
        let (status, _) = answer(server.get(&format!("{route}?access_token=d1scovery"))).await;
        assert_eq!(status, 200, "{route}");
    }
}

#[tokio::test]
async fn the_discovery_token_lets_in_whatever_else_is_sent() {
    let server = Server::start_beyond_loopback().await;
    server
        .settings
        .send_modify(|settings| settings.discovery.token = Some(secret("d1scovery")));
    let foreign = [
        ("Origin", "https://bot.example.org"),
        ("Origin", "null"),
        ("Host", "backend"),
        ("Sec-Fetch-Site", "cross-site"),
    ];
    for (name, value) in foreign {
        for route in ROUTES {
            let request = server.get(route).header(name, value);
            let refused = answer(request.try_clone().expect("no body")).await;
            assert_eq!(refused.0, 403, "{name} {value}");
            let shown = request.bearer_auth("d1scovery");
            assert_eq!(answer(shown).await.0, 200, "{name} {value}");
        }
        // A session is what pages have too.
        let session = server.call("status", "{}").header(name, value);
        let with_both = "/rpc/status?access_token=d1scovery";
        let query = server
            .request(Method::POST, with_both)
            .header(name, value)
            .bearer_auth(SESSION);
        for request in [session, query] {
            assert_eq!(answer(request).await.0, 403, "{name} {value}");
        }
    }
    let twice = server
        .get(ROUTES[0])
        .header("Authorization", "Basic dTpw")
        .header("Authorization", "Bearer d1scovery");
    assert_eq!(answer(twice).await.0, 200);
}

#[tokio::test]
async fn no_discovery_token_and_a_wrong_one_are_told_apart() {
    let server = Server::start_beyond_loopback().await;
    server
        .settings
        .send_modify(|settings| settings.discovery.token = Some(secret("d1scovery")));
    let (status, text) = answer(server.get("/api/get_ws_port")).await;
    assert_eq!(status, 401);
    assert!(text.contains("needs the discovery token"), "{text}");
    let (status, text) = answer(server.get("/api/get_ws_port").bearer_auth(SESSION)).await;
    assert_eq!(status, 401);
    assert!(text.contains("not the discovery token"), "{text}");
    assert!(!text.contains(SESSION), "{text}");
    assert!(server.node.leased.lock().expect("leased").is_empty());
}

#[tokio::test]
async fn a_listed_address_needs_no_token_as_soon_as_it_is_listed() {
    let server = Server::start_beyond_loopback().await;
    let allow = |address: &'static str| {
        move |settings: &mut HttpSettings| {
            settings.discovery = Discovery {
                asks_here: false,
                token: Some(secret("d1scovery")),
                allow: vec![address.parse().expect("an address")],
            };
        }
    };
    server.settings.send_modify(allow("192.0.2.1"));
    assert_eq!(answer(server.get("/api/get_ws_port")).await.0, 401);
    server.settings.send_modify(allow("127.0.0.1"));
    assert_eq!(answer(server.get("/api/get_ws_port")).await.0, 200);
}

#[tokio::test]
async fn a_health_check_on_the_machine_itself_needs_no_token() {
    let server = Server::start_beyond_loopback().await;
    assert_eq!(answer(server.get("/healthz")).await.0, 200);
    assert_eq!(answer(server.get("/metrics")).await.0, 200);
}
