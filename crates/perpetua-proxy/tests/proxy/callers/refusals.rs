//! Who is refused, with which status and words, and what the owner hears.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{Scene, TOKEN, get, post};
use crate::time::{Frozen, until_holds};

/// A request, the status and words of its answer, and the code of the notice.
type Row = (Vec<u8>, u16, &'static str, &'static str);

fn row(request: impl AsRef<[u8]>, status: u16, words: &'static str, notice: &'static str) -> Row {
    (request.as_ref().to_vec(), status, words, notice)
}

async fn are_refused(scene: &Scene, rows: Vec<Row>) -> Result<()> {
    for (request, status, words, notice) in rows {
        let shown = String::from_utf8_lossy(&request).into_owned();
        let before = scene.world.client().noted;
        let mut caller = scene.caller().await?;
        caller.send(&request).await.context(shown.clone())?;
        let told = caller.answer().await.context(shown.clone())?;
        assert_eq!(told.status, status, "{shown}: {told:?}");
        let json = told.json();
        assert_eq!(json["status"], "failed", "{shown}: {told:?}");
        assert_eq!(json["retcode"], 1000 + i64::from(status), "{shown}");
        for member in ["message", "wording"] {
            let said = json[member].as_str().context("words")?;
            assert!(said.contains(words), "{shown}: {said}");
        }
        assert_eq!(
            told.header("www-authenticate"),
            (status == 401).then_some("Bearer")
        );
        assert_eq!(told.header("allow").is_some(), status == 405, "{told:?}");
        assert!(
            told.header("access-control-allow-origin").is_none(),
            "{told:?}"
        );
        until_holds("it is told", || scene.world.client().noted == before + 1).await;
        assert_eq!(
            scene.notices().first().map(String::as_str),
            Some(notice),
            "{shown}"
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_statuses_are_those_of_the_standard() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::open().await?;
    let call = "call.refused";
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let json = "application/json";
    are_refused(
        &scene,
        vec![
            row(post("/a", json, "{\"a\":"), 400, "not valid JSON", call),
            row(post("/a", json, "a=1"), 400, "not valid JSON", call),
            row(post("/a", json, "[1]"), 400, "no object", call),
            row(post("/a", json, "{},\"action\":\"b\""), 400, "not valid JSON", call),
            row(post("/", json, "{}"), 400, "a whole action", call),
            row(post("/", json, "{\"action\":\"a\""), 400, "not valid JSON", call),
            row(
                b"POST /a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 4\r\n\r\na=\xc4\xe3",
                400,
                "UTF-8",
                call,
            ),
            row(get("/a?b=%ff", ""), 400, "UTF-8", call),
            row(get("/a", upgrade), 400, "no WebSocket", "refused.caller_websocket"),
            row(get("/", ""), 404, "/ACTION", call),
            row(get("/v11/send_msg", ""), 404, "`/v11/send_msg`", call),
            row("PUT /a HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", 405, "`PUT`", call),
            row("OPTIONS /a HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", 405, "`OPTIONS`", call),
            row(post("/_events", json, "{}"), 405, "`GET`", call),
            row(post("/a", "multipart/form-data; boundary=x", "x"), 406, "`multipart/form-data`", call),
            row(post("/a", "text/plain", "a=1"), 406, "`text/plain`", call),
            row(post("/a", "", "a=1"), 406, "Content-Type", call),
            row(
                "POST /a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
                406,
                "Content-Encoding: gzip",
                call,
            ),
            row(b"\x16\x03\x01", 400, "http://", "refused.caller_tls"),
            row("GET a HTTP/1.1\r\n\r\n", 400, "/ACTION", "refused.caller_target"),
            row("hello\r\n\r\n", 400, "over HTTP", "refused.not_http"),
            row(
                get("/a", "host: 127.0.0.1\r\n"),
                400,
                "more than one `host`",
                "refused.doubled_line",
            ),
            // No token protects this port.
            row(get("/a", "origin: http://evil.example\r\n"), 403, "evil.example", "refused.foreign_origin"),
            row("GET /a HTTP/1.1\r\nhost: evil.example\r\n\r\n", 403, "evil.example", "refused.foreign_host"),
            row(get("/a", "sec-fetch-site: cross-site\r\n"), 403, "other site", "refused.foreign_site"),
        ],
    )
    .await?;
    scene.answers();
    for (path, status, retcode) in [
        ("/no_such", 404, 1404),
        ("/no_such_of_lagrange", 404, 404),
        ("/not_now", 200, 1400),
    ] {
        let told = scene.caller().await?.get(path).await?;
        assert_eq!(told.status, status, "{path}");
        assert_eq!(told.json()["retcode"], retcode, "{path}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_token_is_shown_in_a_header_or_in_the_query() -> Result<()> {
    let _time = Frozen::time();
    let scene = Scene::guarded().await?;
    scene.answers();
    for (target, line) in [
        ("/a", "authorization: Token s3cret\r\n"),
        ("/a", "authorization: bearer s3cret\r\n"),
        ("/a", "authorization: BEARER s3cret\r\n"),
        ("/a", "authorization: s3cret\r\n"),
        ("/a?access_token=s3cret", ""),
        (
            "/a?access_token=s3cret",
            "authorization: Token undefined\r\n",
        ),
        (
            "/a",
            "authorization: Bearer s3cret\r\norigin: https://bot.example\r\n",
        ),
    ] {
        let told = scene.caller().await?.ask(get(target, line)).await?;
        assert_eq!(told.status, 200, "{target} {line}: {told:?}");
        assert_eq!(told.params(), json!({}), "the token goes nowhere");
    }
    are_refused(
        &scene,
        vec![
            row(get("/a", ""), 401, "a token is needed", "refused.no_token"),
            row(
                get("/a?token=s3cret", ""),
                401,
                "none is read",
                "refused.token_elsewhere",
            ),
            row(
                get("/a", "authorization: Bearer nope\r\n"),
                403,
                "not the token",
                "refused.wrong_token",
            ),
            row(
                get("/a", "authorization: Token undefined\r\n"),
                403,
                "`undefined`",
                "refused.token_undefined",
            ),
            row(
                get("/a?access_token=nope", ""),
                403,
                "not the token",
                "refused.wrong_token",
            ),
            // Before anything else is looked at.
            row(
                post("/a/b/c", "text/html", "x"),
                401,
                "a token is needed",
                "refused.no_token",
            ),
        ],
    )
    .await?;
    assert!(!scene.notices().iter().any(|notice| notice.contains(TOKEN)));
    Ok(())
}

/// Whoever is refused before it has sent all it announced can read why.
#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_reads_ends_its_connection() -> Result<()> {
    let time = Frozen::time();
    let scene = Scene::guarded().await?;
    let mut caller = scene.caller().await?;
    let head = "POST /a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000000\r\n\r\n";
    caller.send(head).await?;
    let told = caller.answer().await?;
    assert_eq!(
        (told.status, told.header("connection")),
        (401, Some("close"))
    );
    let _gone_at_last = caller.send(vec![b'x'; 1_000_000]).await;
    time.until(caller.is_closed()).await.0?;
    Ok(())
}
