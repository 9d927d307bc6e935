//! What clients make of redirects and proxies, by what they are for. The proxy is the whole world: it answers for
//! every host but this machine.

use perpetua_fetch::{Proxy, Purpose, http_client};
use reqwest::{Client, Method, Response};

use crate::server::{Reply, Request, Server};

const ASKED: &str = "http://first.example/one?key=hunter2";
const BODY: &str = "{\"event\":\"offline\"}";
const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// A world in which the address that is asked redirects to another one, and everything else is there.
async fn world(status: u16, to: String) -> Server {
    Server::start(move |request| match request.target.as_str() {
        ASKED => Reply::new(status, "").header("Location", &to),
        _ => Reply::new(200, "here"),
    })
    .await
}

fn client(purpose: Purpose, proxy: &Server) -> Client {
    http_client(purpose, &Proxy::Address(proxy.url(""))).expect("a client")
}

/// Asks as this purpose does, with a token.
async fn ask(purpose: Purpose, client: &Client) -> Result<Response, reqwest::Error> {
    let request = match purpose {
        Purpose::Downloads => client.get(ASKED),
        Purpose::Signers | Purpose::Webhooks => client.post(ASKED).body(BODY),
    };
    request.bearer_auth("hunter2").send().await
}

fn is_followed(purpose: Purpose, status: u16, to: &str) -> bool {
    match purpose {
        Purpose::Downloads => !to.starts_with("http://127.0.0.1"),
        Purpose::Signers => matches!(status, 307 | 308) && to == "http://first.example/two",
        Purpose::Webhooks => false,
    }
}

/// It got the same question, and nothing that is a secret of the first address.
fn is_the_same_question(purpose: Purpose, seen: &Request) -> bool {
    let (method, body) = match purpose {
        Purpose::Downloads => (Method::GET, ""),
        Purpose::Signers | Purpose::Webhooks => (Method::POST, BODY),
    };
    let is_same_server = seen.target == "http://first.example/two";
    let token = seen.headers.get("authorization");
    seen.method == method.as_str()
        && seen.body == body.as_bytes()
        && !seen.headers.contains_key("referer")
        && !seen.target.contains("hunter2")
        && (token.is_none() || is_same_server)
}

#[tokio::test]
async fn a_redirect_changes_no_question_tells_no_secret_and_leads_nowhere_it_may_not() {
    let here = Server::start(|_| Reply::new(200, "here")).await;
    let targets = [
        "http://first.example/two".to_owned(),
        "http://first.example:8080/two".to_owned(),
        "http://other.example/two".to_owned(),
        here.url("/two"),
    ];
    for purpose in [Purpose::Downloads, Purpose::Signers, Purpose::Webhooks] {
        for status in STATUSES {
            for to in &targets {
                let case = format!("{purpose:?} {status} {to}");
                let world = world(status, to.clone()).await;
                let answer = ask(purpose, &client(purpose, &world)).await;
                let seen = [world.requests(to), here.requests("/two")].concat();
                if is_followed(purpose, status, to) {
                    assert_eq!(answer.expect(&case).status(), 200, "{case}");
                    let [seen] = &seen[..] else {
                        panic!("{case}: {seen:?}");
                    };
                    assert!(is_the_same_question(purpose, seen), "{case}: {seen:?}");
                } else {
                    assert!(seen.is_empty(), "{case}: {seen:?}");
                    match answer {
                        Ok(answer) => assert_eq!(answer.status(), status, "{case}"),
                        Err(error) => assert!(error.is_redirect(), "{case}: {error:?}"),
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn programs_of_this_machine_may_send_downloads_on_among_themselves() {
    let second = Server::start(|_| Reply::new(200, "here")).await;
    let to = second.url("/two");
    let first = Server::start(move |_| Reply::new(302, "").header("Location", &to)).await;
    let client = http_client(Purpose::Downloads, &Proxy::Direct).expect("a client");
    let answer = client
        .get(first.url("/one"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(second.requests("/two").len(), 1);
}

#[tokio::test]
async fn no_proxy_leads_to_this_machine_in_whatever_spelling() {
    let proxy = Server::start(|_| Reply::new(200, "proxy")).await;
    let here = Server::start(|_| Reply::new(200, "here")).await;
    let port = here.url("").rsplit(':').next().expect("a port").to_owned();
    for purpose in [Purpose::Downloads, Purpose::Signers, Purpose::Webhooks] {
        let client = client(purpose, &proxy);
        for host in [
            "127.0.0.1",
            "localhost",
            "LocalHost",
            "localhost.",
            "bot.localhost",
            "127.1",
            "127.8.9.10",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
        ] {
            // Not each of them reaches a server that listens at one address.
            let _answer = client
                .post(format!("http://{host}:{port}/told"))
                .body(BODY)
                .send()
                .await;
            assert!(proxy.all_requests().is_empty(), "{purpose:?} {host}");
        }
        assert!(!here.requests("/told").is_empty(), "{purpose:?}");
    }
    let elsewhere = client(Purpose::Webhooks, &proxy).post("http://127.0.0.1.example/told");
    elsewhere.send().await.expect("an answer");
    assert_eq!(proxy.all_requests().len(), 1);
}
