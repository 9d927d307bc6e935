//! `POST /rpc/<method>`.

use std::sync::atomic::Ordering;

use perpetua_http::{MAX_CALL_BYTES, MAX_SETTINGS_CALL_BYTES};
use perpetua_schema::MAX_SETTINGS_BYTES;
use perpetua_words::Message;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{SESSION, Server, eventually, json_answer, raw};

#[tokio::test]
async fn a_call_gets_its_reply() {
    let server = Server::start().await;
    let (status, reply) = json_answer(server.call("status", "")).await;
    assert_eq!((status, &reply["version"]), (200, &json!("0.1.0")));
    let said = json_answer(server.call("say", r#"{"chat":"1","text":"four"}"#)).await;
    assert_eq!(said, (200, json!({ "message_id": 4 })));
}

#[tokio::test]
async fn a_call_without_the_session_token_is_refused() {
    let server = Server::start().await;
    let bare = || {
        server
            .request(Method::POST, "/rpc/reconnect")
            .body(r#"{"account":"main"}"#)
    };
    let in_query = server.request(
        Method::POST,
        &format!("/rpc/reconnect?access_token={SESSION}"),
    );
    let basic = format!("Basic {SESSION}");
    for (request, words) in [
        (bare(), "needs the session token"),
        (in_query, "needs the session token"),
        (bare().bearer_auth("wrong"), "not the session token"),
        (bare().bearer_auth(""), "needs the session token"),
        (
            bare().header("Authorization", SESSION),
            "not the session token",
        ),
        (
            bare().header("Authorization", basic),
            "needs the session token",
        ),
    ] {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let error: Value = response.json().await.expect("JSON");
        assert_eq!(error["code"], "unauthorized");
        assert!(said(&error).contains(words), "{error}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_told() {
    let server = Server::start().await;
    for (method, body, status, code, words) in [
        ("nope", "", 404, "not_found", "there is no call `nope`"),
        (
            "say",
            "{",
            400,
            "bad_request",
            "the parameters of `say` are wrong: EOF",
        ),
        ("say", "{}", 400, "bad_request", "missing field `chat`"),
        ("say", "\u{0}\u{1}", 400, "bad_request", "expected value"),
        (
            "token",
            r#"{"account":"main","client":"bot"}"#,
            404,
            "not_found",
            "no client `bot`",
        ),
        ("settings_read", "", 422, "not_supported", "SettingsRead"),
    ] {
        let (answered, error) = json_answer(server.call(method, body)).await;
        assert_eq!(
            (answered, &error["code"]),
            (status, &json!(code)),
            "{method} {body}"
        );
        assert!(said(&error).contains(words), "{error}");
        assert_eq!(error.get("problems"), None, "{method} {body}");
    }
}

/// The message of an error in English.
fn said(error: &Value) -> String {
    let message: Message = serde_json::from_value(error["message"].clone()).expect("a message");
    message.to_string()
}

#[tokio::test]
async fn too_large_a_body_is_refused_with_its_limit() {
    let server = Server::start().await;
    let mut body = br#"{"chat":"1","text":"four"}"#.to_vec();
    body.resize(MAX_CALL_BYTES, b' ');
    assert_eq!(json_answer(server.call("say", body.clone())).await.0, 200);
    body.push(b' ');
    let (status, error) = json_answer(server.call("say", body)).await;
    assert_eq!((status, &error["code"]), (413, &json!("bad_request")));
    assert_eq!(
        error["message"],
        json!({ "code": "http.body_too_long", "params": { "limit": 2_097_152 } })
    );
}

#[tokio::test]
async fn the_longest_settings_fit_whatever_stands_in_them_and_no_other_call_gets_longer() {
    let server = Server::start().await;
    for letter in ["x", "\n", "\u{1}", "你"] {
        let text = letter.repeat(MAX_SETTINGS_BYTES / letter.len());
        let body = json!({ "text": text, "instead_of": text, "keeps_host": "bot.example" });
        let (status, error) = json_answer(server.call("settings_write", body.to_string())).await;
        assert_eq!(
            (status, &error["code"]),
            (500, &json!("internal")),
            "it comes to the node"
        );
    }
    for (method, length) in [
        ("settings_write", MAX_SETTINGS_CALL_BYTES + 1),
        ("settings_read", MAX_CALL_BYTES + 1),
    ] {
        let (status, _) = json_answer(server.call(method, " ".repeat(length))).await;
        assert_eq!(status, 413, "{method}");
    }
}

#[tokio::test]
async fn whoever_asks_whether_to_send_too_much_is_answered_before_it_sends() {
    let server = Server::start().await;
    for (path, length) in [
        ("/rpc/say", "2097153"),
        ("/rpc/say", "1000000000000000"),
        ("/session", "4097"),
    ] {
        let mut caller = TcpStream::connect(server.address)
            .await
            .expect("a connection");
        let head = raw("POST", path, "").replace(
            "Content-Length: 0",
            &format!("Expect: 100-continue\r\nContent-Length: {length}"),
        );
        assert!(head.contains(length), "{head}");
        caller.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = vec![0; 12];
        caller.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(answer, b"HTTP/1.1 413", "{path} {length}");
    }
}

#[tokio::test]
async fn a_fault_of_the_node_is_an_answer_too() {
    let server = Server::start().await;
    let (status, error) = json_answer(server.call("settings_write", r#"{"text":""}"#)).await;
    assert_eq!((status, &error["code"]), (500, &json!("internal")));
    assert_eq!(json_answer(server.call("status", "")).await.0, 200);
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_stop_its_call() {
    let server = Server::start().await;
    let mut caller = TcpStream::connect(server.address)
        .await
        .expect("a connection");
    let request = raw("POST", "/rpc/reconnect", r#"{"account":"main"}"#);
    caller.write_all(request.as_bytes()).await.expect("sent");
    eventually(|| server.node.reconnecting.load(Ordering::SeqCst)).await;
    caller.shutdown().await.expect("closed");
    let mut answer = Vec::new();
    caller
        .read_to_end(&mut answer)
        .await
        .expect("closed by the server as well");
    assert_eq!(answer, b"");
    server.node.gate.notify_one();
    eventually(|| server.node.reconnected.load(Ordering::SeqCst)).await;
}
