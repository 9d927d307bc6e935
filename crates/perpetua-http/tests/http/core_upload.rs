//! `POST /rpc/core_upload`: a body that is passed on as it comes, and every way in which it may not.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use perpetua_http::{Answer, NoMore, Receive};
use perpetua_schema::{CoreJob, ErrorCode, RpcError};
use perpetua_words::install as words;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use crate::{
    harness::{SESSION, SIGN_IN, Server, eventually, json_answer},
    sign_in::{cookie_of, sign_in},
};

/// What the fake node was sent.
#[derive(Clone, Default)]
pub(crate) struct Uploads {
    all: Arc<Mutex<Vec<Sent>>>,
    /// A person calls them off.
    called_off: CancellationToken,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Sent {
    name: String,
    size: Option<u64>,
    bytes: usize,
    ended: Option<&'static str>,
}

/// The fake node takes no more.
const LIMIT: u64 = 100_000_000;

impl Uploads {
    pub(crate) fn begin(
        &self,
        name: String,
        size: Option<u64>,
    ) -> Result<Box<dyn Receive>, RpcError> {
        if size.is_some_and(|size| size > LIMIT) {
            let refused = words::UploadTooLarge { megabytes: 100_u64 };
            return Err(RpcError::new(ErrorCode::BadRequest, refused));
        }
        let mut all = self.all.lock().expect("uploads");
        all.push(Sent {
            name,
            size,
            ..Sent::default()
        });
        let at = all.len() - 1;
        Ok(Box::new(Taken {
            uploads: self.clone(),
            at,
        }))
    }

    fn first(&self) -> Sent {
        let all = self.all.lock().expect("uploads");
        all.first().cloned().unwrap_or_default()
    }

    fn count(&self) -> usize {
        self.all.lock().expect("uploads").len()
    }
}

struct Taken {
    uploads: Uploads,
    at: usize,
}

impl Taken {
    fn end(&self, how: &'static str) {
        let mut all = self.uploads.all.lock().expect("uploads");
        all[self.at].ended.get_or_insert(how);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.end("dropped");
    }
}

impl Receive for Taken {
    fn take(&mut self, piece: Bytes) -> Answer<'_, Result<(), RpcError>> {
        let taken = {
            let mut all = self.uploads.all.lock().expect("uploads");
            let sent = &mut all[self.at];
            sent.bytes += piece.len();
            if piece.starts_with(b"<") {
                Err(RpcError::new(
                    ErrorCode::BadRequest,
                    words::UploadNotAnArchive,
                ))
            } else {
                Ok(())
            }
        };
        Box::pin(async { taken })
    }

    fn called_off(&self) -> Answer<'static, ()> {
        Box::pin(self.uploads.called_off.clone().cancelled_owned())
    }

    fn no_more(self: Box<Self>, why: NoMore) -> RpcError {
        self.end(match why {
            NoMore::CalledOff => "called off",
            NoMore::BrokenOff => "broken off",
            NoMore::Silent(_) => "silent",
        });
        RpcError::new(ErrorCode::Conflict, words::Canceled)
    }

    fn whole(self: Box<Self>) -> Answer<'static, Result<CoreJob, RpcError>> {
        self.end("whole");
        Box::pin(async { Ok(CoreJob::Idle) })
    }
}

fn upload(server: &Server, name: &str) -> RequestBuilder {
    server.request(Method::POST, &format!("/rpc/core_upload?name={name}"))
}

#[tokio::test]
async fn a_body_of_any_length_is_passed_on_with_its_name_and_size() {
    let server = Server::start().await;
    // Many times what any call may have.
    let body = vec![7; 20_000_000];
    let request = upload(&server, "%E6%A0%B8%E5%BF%83%20%281%29.zip").bearer_auth(SESSION);
    let answered = json_answer(request.body(body)).await;
    assert_eq!(answered, (200, json!({ "state": "idle" })));
    let sent = Sent {
        name: "核心 (1).zip".to_owned(),
        size: Some(20_000_000),
        bytes: 20_000_000,
        ended: Some("whole"),
    };
    assert_eq!(server.node.uploads.first(), sent);
}

#[tokio::test]
async fn a_browser_that_has_signed_in_may_and_its_page_alone() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let own = format!("http://{}", server.address);
    let from = |origin: &str| {
        upload(&server, "core.zip")
            .header("Cookie", &cookie)
            .header("Origin", origin)
            .body("PK")
    };
    assert_eq!(json_answer(from(&own)).await.0, 200);
    let foreign = from(&own).header("Sec-Fetch-Site", "cross-site");
    for (request, status) in [
        (upload(&server, "core.zip").body("PK"), 401),
        (
            upload(&server, "core.zip").bearer_auth("wrong").body("PK"),
            401,
        ),
        (from("http://evil.example"), 403),
        (foreign, 403),
        (
            upload(&server, "core.zip")
                .header("Cookie", &cookie)
                .body("PK"),
            403,
        ),
    ] {
        assert_eq!(json_answer(request).await.0, status);
    }
    assert_eq!(server.node.uploads.count(), 1, "nobody else gets as far");
}

#[tokio::test]
async fn what_is_too_large_by_its_own_word_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let mut caller = begin(&server, "Content-Length: 100000001\r\nExpect: 100-continue").await;
    let head = answer(&mut caller).await;
    assert!(
        head.starts_with("HTTP/1.1 400"),
        "not even asked to go on: {head}"
    );
    assert!(head.contains("install.upload_too_large"), "{head}");
    assert_eq!(server.node.uploads.count(), 0);
}

#[tokio::test]
async fn a_refusal_comes_while_the_rest_is_still_on_its_way() {
    let server = Server::start().await;
    let mut caller = begin(&server, "Content-Length: 60000000").await;
    caller.write_all(b"<!DOCTYPE html>").await.expect("sent");
    let head = answer(&mut caller).await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(head.contains("install.upload_not_an_archive"), "{head}");
    // Browsers send all of it before they look at the answer.
    let rest = vec![b' '; 60_000_000 - 15];
    caller.write_all(&rest).await.expect("no reset");
}

#[tokio::test]
async fn what_is_too_large_is_taken_to_its_end_all_the_same() {
    let server = Server::start().await;
    let mut caller = begin(&server, "Content-Length: 100000001").await;
    let whole = vec![b' '; 100_000_001];
    caller.write_all(&whole).await.expect("no reset");
    let head = answer(&mut caller).await;
    assert!(head.contains("install.upload_too_large"), "{head}");
}

#[tokio::test]
async fn one_who_goes_in_the_middle_leaves_word_of_it() {
    let server = Server::start().await;
    for head in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let before = server.node.uploads.count();
        let mut caller = begin(&server, head).await;
        let piece: &[u8] = if head.starts_with('C') {
            b"PK\x03\x04"
        } else {
            b"4\r\nPK\x03\x04\r\n"
        };
        caller.write_all(piece).await.expect("sent");
        let uploads = &server.node.uploads;
        eventually(|| uploads.count() > before).await;
        drop(caller);
        eventually(|| {
            let all = uploads.all.lock().expect("uploads");
            matches!(all[before].ended, Some("broken off" | "dropped"))
        })
        .await;
    }
}

#[tokio::test]
async fn calling_it_off_ends_it_and_so_does_the_end_of_the_node() {
    let server = Server::start().await;
    let mut caller = begin(&server, "Content-Length: 1000").await;
    caller.write_all(b"PK").await.expect("sent");
    eventually(|| server.node.uploads.first().bytes == 2).await;
    server.node.uploads.called_off.cancel();
    let head = answer(&mut caller).await;
    assert!(head.contains("install.canceled"), "{head}");
    assert_eq!(server.node.uploads.first().ended, Some("called off"));

    let server = Server::start().await;
    let mut caller = begin(&server, "Content-Length: 1000").await;
    caller.write_all(b"PK").await.expect("sent");
    eventually(|| server.node.uploads.first().bytes == 2).await;
    server.cancel.cancel();
    let head = answer(&mut caller).await;
    assert!(
        head.starts_with("HTTP/1.1 503") && head.contains("install.stopping"),
        "{head}"
    );
    drop(caller);
    server.ended().await;
}

#[tokio::test]
async fn a_session_that_ends_takes_its_upload_along() {
    let server = Server::start().await;
    let cookie = cookie_of(&sign_in(&server, json!({ "token": SIGN_IN })).await);
    let own = format!("http://{}", server.address);
    let host = server.address;
    let mut caller = TcpStream::connect(host).await.expect("a connection");
    let head = format!(
        "POST /rpc/core_upload?name=a HTTP/1.1\r\nHost: {host}\r\nOrigin: {own}\r\nCookie: {cookie}\r\nContent-Length: 1000\r\n\r\nPK"
    );
    caller.write_all(head.as_bytes()).await.expect("sent");
    eventually(|| server.node.uploads.first().bytes == 2).await;
    let out = server
        .request(Method::DELETE, "/session")
        .header("Cookie", &cookie)
        .header("Origin", &own);
    assert_eq!(out.send().await.expect("an answer").status(), 204);
    let head = answer(&mut caller).await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    assert_eq!(server.node.uploads.first().ended, Some("dropped"));
}

/// Sends the head of an upload.
async fn begin(server: &Server, header: &str) -> TcpStream {
    let mut caller = TcpStream::connect(server.address)
        .await
        .expect("a connection");
    let head = format!(
        "POST /rpc/core_upload?name=core.zip HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {SESSION}\r\n{header}\r\n\r\n"
    );
    caller.write_all(head.as_bytes()).await.expect("sent");
    caller
}

/// Reads until the JSON of the answer has ended.
async fn answer(caller: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"}") {
        let count = caller.read_buf(&mut text).await.expect("an answer");
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&text));
    }
    String::from_utf8(text).expect("text")
}
