//! What holds for every route.

use perpetua_http::LeaseRefused;
use perpetua_hub::Notice;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{SESSION, Server, answer, json_answer, words};

const ROUTES: [(Method, &str); 11] = [
    (Method::GET, "/"),
    (Method::GET, "/healthz"),
    (Method::GET, "/metrics"),
    (Method::GET, "/api/get_ws_port"),
    (Method::GET, "/api/get_online_clients"),
    (Method::POST, "/rpc/status"),
    (Method::GET, "/rpc/events"),
    (Method::GET, "/session"),
    (Method::POST, "/session"),
    (Method::DELETE, "/session"),
    (Method::GET, "/nothing/here"),
];

#[tokio::test]
async fn pages_of_another_origin_stay_outside() {
    let server = Server::start().await;
    for request in requests(&server) {
        for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
            let request = request
                .try_clone()
                .expect("no body")
                .header("Origin", origin);
            let (status, text) = answer(request).await;
            assert_eq!(status, 403, "{text}");
            let said = ["pages of another origin", "\"http.foreign_origin\""];
            assert!(said.iter().any(|said| text.contains(said)), "{text}");
        }
    }
    assert!(server.node.leased.lock().expect("leased").is_empty());
}

#[tokio::test]
async fn two_lines_where_one_may_stand_are_refused_whoever_sends_them() {
    let server = Server::start().await;
    let (host, origin) = (server.address, format!("http://{}", server.address));
    for lines in [
        format!("Host: {host}\r\nHost: {host}"),
        format!("Host: {host}\r\nhost: evil.example"),
        format!("Host: {host}\r\nOrigin: {origin}\r\nOrigin: {origin}"),
        format!("Host: {host}\r\nOrigin: null\r\nOrigin: {origin}"),
        // Equal ones are made one before anybody here sees them.
        format!("Host: {host}\r\nContent-Length: 2\r\nContent-Length: 3"),
    ] {
        for (method, path) in ROUTES {
            let token = format!("Authorization: Bearer {SESSION}\r\nConnection: close");
            let asked = format!("{method} {path} HTTP/1.1\r\n{lines}\r\n{token}\r\n\r\n{{}}");
            let mut stream = TcpStream::connect(host).await.expect("taken");
            stream.write_all(asked.as_bytes()).await.expect("sent");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(&answer, b"HTTP/1.1 400", "{asked}");
        }
    }
    let told = server.notices.list().remove(0).message.to_string();
    assert!(told.contains("more than one `"), "{told}");
    assert!(server.node.leased.lock().expect("leased").is_empty());
}

#[tokio::test]
async fn a_rebound_name_stays_outside_even_with_its_own_origin() {
    let server = Server::start().await;
    for request in requests(&server) {
        let request = request
            .header("Host", "evil.example")
            .header("Origin", "http://evil.example");
        let (status, text) = answer(request).await;
        assert_eq!(status, 403, "{text}");
        let said = ["`allow-hosts`", "\"http.name_not_allowed\""];
        assert!(said.iter().any(|said| text.contains(said)), "{text}");
    }
    assert!(server.node.leased.lock().expect("leased").is_empty());
}

#[tokio::test]
async fn what_a_browser_calls_another_site_stays_outside() {
    let server = Server::start().await;
    for request in requests(&server) {
        for site in ["cross-site", "same-site"] {
            let request = request.try_clone().expect("no body");
            let (status, text) = answer(request.header("Sec-Fetch-Site", site)).await;
            assert_eq!(status, 403, "{text}");
            let said = ["a page of another site", "\"http.foreign_site\""];
            assert!(said.iter().any(|said| text.contains(said)), "{text}");
        }
    }
    assert!(server.node.leased.lock().expect("leased").is_empty());
    for site in ["none", "same-origin"] {
        let request = server.get("/").header("Sec-Fetch-Site", site);
        assert_eq!(answer(request).await.0, 200, "{site}");
    }
}

#[tokio::test]
async fn a_page_is_told_by_which_name_it_may_not_call() {
    let server = Server::start().await;
    for (method, path) in [
        (Method::POST, "/rpc/status"),
        (Method::GET, "/rpc/events"),
        (Method::GET, "/session"),
    ] {
        let request = server.request(method, path).bearer_auth(SESSION);
        let (status, told) = json_answer(request.header("Host", "other.example:8080")).await;
        assert_eq!(
            (status, &told["code"]),
            (403, &json!("forbidden")),
            "{path}"
        );
        let message = &told["message"];
        assert_eq!(message["code"], "http.name_not_allowed", "{message}");
        assert_eq!(message["params"]["host"], "other.example:8080", "{message}");
    }
    let notices = server.notices.list();
    let named = |notice: &Notice| notice.message.to_string().contains("other.example");
    assert!(!notices.iter().any(named), "{notices:?}");
}

#[tokio::test]
async fn another_tab_of_somebody_who_has_signed_out_is_no_stranger() {
    let server = Server::start().await;
    let own = server.get("/").build().expect("a request").url().origin();
    let own = own.ascii_serialization();
    for request in [
        server
            .get("/rpc/events")
            .header("Sec-Fetch-Site", "same-origin"),
        server
            .request(Method::POST, "/rpc/status")
            .header("Origin", &own),
    ] {
        let (status, _) = json_answer(request).await;
        assert_eq!(status, 401);
    }
    assert!(server.notices.list().is_empty(), "nobody is told");
    // One who guesses is a stranger wherever it says that it comes from.
    let guess = server
        .request(Method::POST, "/rpc/status")
        .header("Origin", &own)
        .bearer_auth("nope");
    answer(guess).await;
    assert_eq!(server.notices.total(), 1);
}

#[tokio::test]
async fn what_is_refused_is_shown_with_its_path_and_cause() {
    let server = Server::start().await;
    let evil = |path| server.get(path).header("Origin", "http://evil.example");
    *server.node.lease.lock().expect("lease") = Err(LeaseRefused(words("no port is left")));
    for (request, told) in [
        (
            evil("/api/get_ws_port"),
            "`/api/get_ws_port` and was refused: pages of another origin",
        ),
        (
            evil("/healthz"),
            "`/healthz` and was refused: pages of another origin",
        ),
        (
            server
                .get("/metrics")
                .header("Sec-Fetch-Site", "cross-site"),
            "`/metrics` and was refused: a page of another site",
        ),
        (
            server.request(Method::POST, "/rpc/status"),
            "`/rpc` and was refused: this needs the session token",
        ),
        (
            server
                .request(Method::POST, "/rpc/status")
                .bearer_auth("nope"),
            "`/rpc` and was refused: this is not the session token",
        ),
        (
            server.get("/api/get_ws_port"),
            "`/api/get_ws_port` and was refused: no port is left",
        ),
    ] {
        answer(request).await;
        let notices = server.notices.list();
        let newest = notices[0].message.to_string();
        assert!(newest.starts_with("127.0.0.1 called "), "{newest}");
        assert!(newest.contains(told), "{newest}");
        assert_eq!(notices[0].count, 1);
    }
    answer(server.get("/healthz")).await;
    assert_eq!(server.notices.total(), 6);
    assert_eq!(server.notices.list().len(), 6);
}

#[tokio::test]
async fn whoever_makes_paths_up_pushes_nothing_out() {
    let server = Server::start().await;
    let evil = |path: &str| server.get(path).header("Origin", "http://evil.example");
    answer(evil("/healthz")).await;
    for path in [
        "/admin",
        "/healthz/",
        "/api/",
        "/api/get_ws_port2",
        "//",
        "/rpcs",
    ] {
        answer(evil(path)).await;
    }
    for number in 0..20 {
        answer(evil(&format!("/made/up/{number}"))).await;
        answer(evil(&format!("/rpc/made_up_{number}"))).await;
    }
    let notices = server.notices.list();
    let told: Vec<_> = notices
        .iter()
        .map(|notice| (notice.message.to_string(), notice.count))
        .collect();
    let expected = [
        ("127.0.0.1 called `/rpc`", 20),
        ("127.0.0.1 called a path that this node does not have", 26),
        ("127.0.0.1 called `/healthz`", 1),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((sentence, count), (begins, times)) in told.iter().zip(expected) {
        assert!(sentence.starts_with(begins), "{sentence}");
        assert_eq!(*count, times, "{sentence}");
    }
}

#[tokio::test]
async fn our_own_names_and_origins_come_in() {
    let server = Server::start().await;
    let own = format!("http://{}", server.address);
    assert_eq!(answer(server.get("/").header("Origin", own)).await.0, 200);
    for host in [
        "localhost:8080",
        "[::1]:8080",
        "BOT.example",
        "192.168.1.5:8080",
    ] {
        let request = server
            .get("/")
            .header("Host", host)
            .header("Origin", format!("http://{host}"));
        assert_eq!(answer(request).await.0, 200, "{host}");
    }
}

#[tokio::test]
async fn every_answer_is_marked() {
    let server = Server::start().await;
    for request in requests(&server) {
        let response = request.send().await.expect("an answer");
        assert_eq!(
            response.headers()["x-content-type-options"],
            "nosniff",
            "{}",
            response.url()
        );
        assert_eq!(
            response.headers()["cache-control"],
            "no-store",
            "{}",
            response.url()
        );
    }
}

fn requests(server: &Server) -> impl Iterator<Item = RequestBuilder> {
    ROUTES
        .into_iter()
        .map(|(method, path)| server.request(method, path).bearer_auth(SESSION))
}
