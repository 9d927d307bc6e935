//! `/api`, to the letter: programs on existing SDKs read it.

use std::net::{IpAddr, Ipv4Addr};

use perpetua_http::{LeaseRefused, OnlineClient};
use reqwest::Method;

use crate::harness::{Server, answer, words};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn a_leased_port_is_answered() {
    let server = Server::start().await;
    let response = server
        .get("/api/get_ws_port")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = response.text().await.expect("a text");
    assert_eq!(text, r#"{"status":"ok","retcode":0,"data":{"port":35821}}"#);
    assert_eq!(
        *server.node.leased.lock().expect("leased"),
        [(LOOPBACK, None)]
    );
}

#[tokio::test]
async fn whoever_asks_for_the_head_alone_leases_nothing() {
    let server = Server::start().await;
    let request = server.request(Method::HEAD, "/api/get_ws_port");
    assert_eq!(answer(request).await.0, 405);
    assert_eq!(*server.node.leased.lock().expect("leased"), []);
}

#[tokio::test]
async fn no_free_port_is_an_answer_with_status_200() {
    let server = Server::start().await;
    let told = "unavailable port in range [18100-18110]";
    *server.node.lease.lock().expect("lease") = Err(LeaseRefused(words(told)));
    assert_eq!(
        answer(server.get("/api/get_ws_port")).await,
        (200, r#"{"status":"failed","retcode":10001,"msg":"unavailable port in range [18100-18110]"}"#.into())
    );
}

#[tokio::test]
async fn the_account_may_be_named() {
    let server = Server::start().await;
    for (query, account) in [
        ("?account=second", Some("second")),
        ("?x=1&account=%E4%BA%8C", Some("二")),
        ("?account=", None),
        ("?account=a&account=b", Some("a")),
        ("?%ff", None),
    ] {
        let (status, _) = answer(server.get(&format!("/api/get_ws_port{query}"))).await;
        let leased = server.node.leased.lock().expect("leased").pop();
        assert_eq!(
            (status, leased),
            (200, Some((LOOPBACK, account.map(str::to_owned)))),
            "{query}"
        );
    }
}

#[tokio::test]
async fn clients_have_a_name_only_once_it_is_set() {
    let server = Server::start().await;
    assert_eq!(
        answer(server.get("/api/get_online_clients")).await,
        (200, r#"{"status":"ok","retcode":0,"data":[]}"#.into())
    );
    *server.node.online.lock().expect("online") = vec![
        OnlineClient {
            app_id: "one".into(),
            client_name: Some("c0".into()),
        },
        OnlineClient {
            app_id: "other".into(),
            client_name: None,
        },
    ];
    assert_eq!(
        answer(server.get("/api/get_online_clients")).await,
        (
            200,
            r#"{"status":"ok","retcode":0,"data":[{"app_id":"one","client_name":"c0"},{"app_id":"other"}]}"#.into()
        )
    );
}

#[tokio::test]
async fn a_port_is_asked_for_with_get() {
    let server = Server::start().await;
    let (status, text) = answer(server.request(Method::POST, "/api/get_ws_port")).await;
    assert_eq!(status, 405);
    assert!(text.contains("does not take `POST`"), "{text}");
    assert!(server.node.leased.lock().expect("leased").is_empty());
}
