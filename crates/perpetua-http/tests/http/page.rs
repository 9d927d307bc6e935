//! Addresses that are for people, or for nobody.

use reqwest::Method;

use perpetua_http::PageFile;

use crate::harness::{Server, answer};

#[tokio::test]
async fn the_front_page_names_the_commands_in_both_languages() {
    let server = Server::start().await;
    let response = server.get("/").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let text = response.text().await.expect("a text");
    for words in [
        "正在运行",
        "is running",
        "perpetuad status",
        "perpetuad token",
        "README.zh-CN.md",
        "README.md",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

#[tokio::test]
async fn an_unknown_address_says_so_and_repeats_no_query() {
    let server = Server::start().await;
    let (status, text) = answer(server.get("/nothing/here?access_token=abc")).await;
    assert_eq!(
        (status, text.as_str()),
        (
            404,
            "there is nothing at `/nothing/here`; `/` lists what there is\n"
        )
    );
}

#[tokio::test]
async fn a_framework_at_the_web_port_is_refused_and_the_owner_told_where_it_belongs() {
    let client = |kind: &str, listen: Option<&str>| {
        serde_json::json!({
            "name": "bot", "enabled": true, "kind": kind, "framework": null, "has_token": true, "remarks": [],
            "queue_events": 10, "queue_bytes": 10, "dropped_last_minute": 0, "since_ms": 0, "called_ms": null,
            "listen": listen, "targets": [], "problem": null, "connections": [], "sent": 0, "dropped": 0,
            "actions": 0, "refusals": 0, "cuts": 0, "notices": [],
        })
    };
    let account = |client: serde_json::Value| {
        let account = serde_json::json!({
            "name": "main", "enabled": true, "self_id": null, "nickname": null, "since_ms": 0, "online": false,
            "problem": null, "core": null, "events": 0, "responses": 0, "late_responses": 0, "clients": [client],
            "upstream": {
                "kind": "simulator", "state": "open", "address": null, "retry_in_s": null, "since_ms": 0,
                "implementation": null, "remarks": [], "notices": [],
            },
        });
        serde_json::from_value(account).expect("an account")
    };
    let server = Server::start_with(PAGES).await;
    for (client, said) in [
        (
            client("http", Some("127.0.0.1:5700")),
            "no client has an open port",
        ),
        (
            client("forward", Some("0.0.0.0:6700")),
            "`ws://127.0.0.1:6700` (main/bot)",
        ),
    ] {
        server.node.status.lock().expect("whole").accounts = vec![account(client)];
        for path in ["/", "/onebot/v11/ws", "/clients"] {
            for accept in ["*/*", "text/html"] {
                let request = server.get(path).header("upgrade", "WebSocket");
                let request = request
                    .header("connection", "Upgrade")
                    .header("accept", accept);
                let (status, text) = answer(request).await;
                assert_eq!(status, 404, "{path}");
                assert!(text.contains("perpetuad guide"), "{text}");
                assert!(!text.contains("6700"), "a stranger learns no port: {text}");
            }
        }
        let notices = server.notices.list();
        assert_eq!(notices[0].count, 6, "{notices:?}");
        let text = notices[0].message.to_string();
        assert!(text.contains(said), "{text}");
    }
    let (status, _) = answer(server.get("/").header("accept", "text/html")).await;
    assert_eq!(status, 200);
    assert_eq!(server.notices.total(), 12);
}

#[tokio::test]
async fn a_wrong_method_says_so() {
    let server = Server::start().await;
    for path in ["/", "/healthz", "/metrics"] {
        let response = server
            .request(Method::DELETE, path)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], "GET,HEAD", "{path}");
        assert!(
            response
                .text()
                .await
                .expect("a text")
                .contains("does not take `DELETE`"),
            "{path}"
        );
    }
}

/// `index` and `script` as gzip would have them.
const PAGES: &[PageFile] = &[
    PageFile {
        path: "index.html",
        content: b"<!doctype html>",
        is_gzip: false,
        tag: "1",
    },
    PageFile {
        path: "assets/a-1.js",
        content: SCRIPT,
        is_gzip: true,
        tag: "2",
    },
    PageFile {
        path: "mark.svg",
        content: b"<svg/>",
        is_gzip: false,
        tag: "3",
    },
];
/// `alert`, compressed.
const SCRIPT: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 204, 73, 45, 42, 1, 0, 193, 70, 253, 23, 5, 0, 0, 0,
];

#[tokio::test]
async fn every_address_of_the_pages_leads_to_the_one_page_and_none_of_ours_does() {
    let server = Server::start_with(PAGES).await;
    let page = |path| {
        let accepts = "text/html,application/xhtml+xml,*/*;q=0.8";
        server.get(path).header("Accept", accepts)
    };
    for path in [
        "/",
        "/clients",
        "/accounts/main/login",
        "/signin",
        "/index.html",
    ] {
        let response = page(path).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-cache");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        let policy = headers["content-security-policy"].to_str().expect("text");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "connect-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(response.text().await.expect("a text"), "<!doctype html>");
    }
    for (path, status) in [
        ("/assets/gone.js", 404),
        ("/rpc/events", 401),
        ("/session", 200),
    ] {
        assert_eq!(answer(page(path)).await.0, status, "{path}");
    }
    let (status, text) = answer(server.get("/clients")).await;
    assert_eq!(status, 404, "a program gets no page: {text}");
    let (status, text) = answer(server.get("/")).await;
    assert_eq!(status, 200);
    assert!(text.contains("perpetuad ui"), "{text}");
    let posted = server.request(Method::POST, "/clients");
    assert_eq!(answer(posted.header("Accept", "text/html")).await.0, 404);
}

#[tokio::test]
async fn files_are_kept_by_their_names_or_asked_after_by_their_tags() {
    let server = Server::start_with(PAGES).await;
    let response = server
        .get("/assets/a-1.js")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        response.headers()["content-type"],
        "text/javascript; charset=utf-8"
    );
    let kept = response.headers()["cache-control"].to_str().expect("text");
    assert!(kept.contains("immutable"), "{kept}");
    assert!(!response.headers().contains_key("content-encoding"));
    assert_eq!(response.text().await.expect("a text"), "alert");
    for accepted in ["gzip, deflate", "deflate,gzip;q=0.5"] {
        let asked = server
            .get("/assets/a-1.js")
            .header("Accept-Encoding", accepted);
        let response = asked.send().await.expect("an answer");
        assert_eq!(response.headers()["content-encoding"], "gzip");
        assert_eq!(response.bytes().await.expect("a body"), SCRIPT);
    }
    for refused in ["gzip;q=0, identity", "br"] {
        let asked = server
            .get("/assets/a-1.js")
            .header("Accept-Encoding", refused);
        let (status, text) = answer(asked).await;
        assert_eq!((status, text.as_str()), (200, "alert"), "{refused}");
    }
    let response = server.get("/mark.svg").send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "image/svg+xml");
    let tag = response.headers()["etag"].clone();
    let again = server.get("/mark.svg").header("If-None-Match", tag);
    assert_eq!(answer(again).await, (304, String::new()));
    let other = server.get("/mark.svg").header("If-None-Match", "\"9\"");
    assert_eq!(answer(other).await.0, 200);
}

#[tokio::test]
async fn a_build_without_pages_says_how_to_get_them() {
    let server = Server::start().await;
    for path in ["/", "/signin"] {
        let (status, text) = answer(server.get(path).header("Accept", "text/html")).await;
        assert_eq!(status, 200, "{path}");
        for words in [
            "没有带上网页界面",
            "without its web pages",
            "cargo xtask run",
        ] {
            assert!(text.contains(words), "{words}");
        }
    }
}

#[tokio::test]
async fn a_link_from_anywhere_opens_a_page_and_does_nothing_else() {
    let server = Server::start_with(PAGES).await;
    let followed = |method, path, destination: &str| {
        server
            .request(method, path)
            .header("Accept", "text/html")
            .header("Sec-Fetch-Site", "cross-site")
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Dest", destination)
    };
    for path in ["/", "/signin", "/clients"] {
        let opened = followed(Method::GET, path, "document");
        assert_eq!(answer(opened).await.0, 200, "{path}");
        let framed = followed(Method::GET, path, "iframe");
        assert_eq!(answer(framed).await.0, 403, "{path}");
        let posted = followed(Method::POST, path, "document");
        assert_eq!(answer(posted).await.0, 403, "{path}");
    }
    for path in [
        "/api/get_ws_port",
        "/rpc/events",
        "/session",
        "/healthz",
        "/metrics",
    ] {
        let opened = followed(Method::GET, path, "document");
        assert_eq!(answer(opened).await.0, 403, "{path}");
    }
    assert!(server.node.leased.lock().expect("leased").is_empty());
}
