//! Who may ask at the address, and how long that may take.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::advance,
};

use crate::{
    core::{Core, HeldClock, Played, settle},
    probe::client,
};

/// Sends bytes and reads until the end.
async fn answer_to(core: &Core, bytes: &[u8]) -> String {
    let mut stream = connect(core).await;
    // Whoever has refused what it saw may have closed already.
    let _sent = stream.write_all(bytes).await;
    let mut answer = String::new();
    let _end = stream.read_to_string(&mut answer).await;
    answer
}

async fn connect(core: &Core) -> TcpStream {
    let url = core.url();
    let host = url
        .trim_start_matches("http://")
        .split('/')
        .next()
        .expect("a host");
    TcpStream::connect(host).await.expect("connected")
}

#[tokio::test]
async fn only_the_two_paths_of_the_secret_are_there_and_nothing_else_says_a_word() {
    let only = Played::signing("only").await;
    let core = Core::with(&[only.resolved()]).await;
    let url = core.url();
    let (base, secret) = url.rsplit_once('/').expect("a secret");
    assert!(secret.len() >= 43, "256 bits: {secret}");
    let client = client(None).expect("client");
    let shorter = &secret[..secret.len() - 1];
    let (upper, longer) = (secret.to_uppercase(), format!("{secret}x"));
    for path in [
        "",
        "/",
        "/x",
        "/appinfo",
        "//appinfo",
        &format!("/{shorter}"),
        &format!("/{upper}"),
        &format!("/{longer}"),
        &format!("/{shorter}/appinfo"),
        &format!("/{secret}/"),
        &format!("/{secret}/other"),
        &format!("/{secret}/appinfo/"),
        &format!("/x/{secret}"),
    ] {
        for method in [reqwest::Method::GET, reqwest::Method::POST] {
            let request = client.request(method.clone(), format!("{base}{path}"));
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status(), 404, "{method} {path}");
            assert_eq!(response.text().await.expect("body"), "");
        }
    }
    for (method, path) in [
        ("GET", ""),
        ("PUT", ""),
        ("POST", "/appinfo"),
        ("HEAD", "/appinfo"),
    ] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("method");
        let response = client.request(method, format!("{url}{path}")).send().await;
        assert_eq!(response.expect("an answer").status(), 404, "{path}");
    }
    assert_eq!(only.questions(), 0);
    core.is_signed("one").await;
}

#[tokio::test]
async fn a_core_is_told_all_that_it_needs_to_be_and_only_while_it_runs() {
    let core = Core::with(&[]).await;
    let (url, client) = (core.url(), client(None).expect("client"));
    let info = client
        .get(format!("{url}/appinfo"))
        .send()
        .await
        .expect("an answer");
    let info: serde_json::Value = info.json().await.expect("JSON");
    assert_eq!(info["CurrentVersion"], "3.2.15-30366");
    assert_eq!(info.as_object().map(serde_json::Map::len), Some(16));
    drop(core.desk);
    let gone = client.get(format!("{url}/appinfo")).send().await;
    assert_eq!(gone.expect("an answer").status(), 404);
}

#[tokio::test]
async fn a_question_has_a_megabyte_at_most() {
    let only = Played::signing("only").await;
    let core = Core::with(&[only.resolved()]).await;
    core.is_signed(&"x".repeat(1024 * 1024)).await;
    let (status, body) = core
        .asks(&"x".repeat(1024 * 1024 + 1))
        .await
        .expect("it runs");
    assert_eq!((status, body.as_str()), (413, ""));
    assert_eq!(only.questions(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_no_whole_request_has_to_go_soon() {
    let clock = HeldClock::hold();
    let core = Core::with(&[]).await;
    let url = core.url();
    let path = url.rsplit('/').next().expect("a secret");
    let begun = format!("POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    for (sent, answer, nearly) in [
        ("", "", 4_500),
        ("POST /x HT", "", 4_500),
        (&*begun, "HTTP/1.1 408 ", 9_500),
    ] {
        let nearly = Duration::from_millis(nearly);
        let asks = answer_to(&core, sent.as_bytes());
        tokio::pin!(asks);
        // Half a second too early, nothing has come of it.
        tokio::select! {
            biased;
            early = &mut asks => panic!("{sent}: {early}"),
            () = async { settle().await; advance(nearly).await; settle().await } => {}
        }
        advance(Duration::from_secs(1)).await;
        let said = asks.await;
        assert!(said.starts_with(answer), "{sent}: {said}");
        assert_eq!(said.is_empty(), answer.is_empty(), "{sent}: {said}");
    }
    drop(clock);
}
