//! One request and its answer.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use super::{SharedShelf, lock};
use crate::Fault;
use crate::fault::{Delivery, PIECE};

/// The repository whose releases it has.
const REPOSITORY: &str = "/repos/LagrangeDev/Lagrange.Core";

/// A page for people where a program expects something else.
const PAGE: &str = "<!DOCTYPE html><title>Lagrange</title><h1>Please sign in</h1>";

/// Within this time the bytes before a cut are on their way.
const FLUSH: Duration = Duration::from_millis(50);

/// Listings or downloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Listing,
    Download,
}

/// Answers a request, with the fault whose turn it is.
pub(super) async fn answer(
    State((shelf, address)): State<(SharedShelf, SocketAddr)>,
    request: Request,
) -> Response {
    let path = behind_prefix(request.uri().path());
    let kind = if path.starts_with("/download/") || path.starts_with("/hop/") {
        Kind::Download
    } else {
        Kind::Listing
    };
    let fault = {
        let mut shelf = lock(&shelf);
        match kind {
            Kind::Listing => {
                shelf.counts.listings += 1;
                shelf.listing_faults.take()
            }
            Kind::Download => {
                shelf.counts.downloads += 1;
                // Whoever followed a redirect has had the fault.
                let is_hop = path.starts_with("/hop/");
                (!is_hop).then(|| shelf.download_faults.take()).flatten()
            }
        }
    };
    if let Some(refusal) = refusal(fault, path).await {
        return refusal;
    }
    match kind {
        Kind::Listing => listing(&shelf, address, path, request.headers(), fault),
        Kind::Download => download(&shelf, path, request.headers(), fault),
    }
}

/// What stands behind a mirror's own address: `/http://127.0.0.1:1234/path` is `/path`.
fn behind_prefix(path: &str) -> &str {
    match path.strip_prefix("/http://") {
        Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => path,
    }
}

/// The answer of a fault that has nothing to do with what was asked for.
async fn refusal(fault: Option<Fault>, path: &str) -> Option<Response> {
    let page = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Some(match fault? {
        Fault::NotFoundHtml => (StatusCode::NOT_FOUND, page, PAGE).into_response(),
        Fault::OkHtml => (page, PAGE).into_response(),
        Fault::ServerError => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::RateLimited => rate_limited(),
        Fault::RedirectLoop => Redirect::temporary(path).into_response(),
        Fault::Redirects(hops) => {
            let behind = path.strip_prefix("/download/").unwrap_or(path);
            Redirect::temporary(&format!("/hop/{hops}/{behind}")).into_response()
        }
        Fault::Unanswered => std::future::pending().await,
        Fault::Slow(_) | Fault::CutAfter(_) | Fault::WrongBytes => return None,
    })
}

fn rate_limited() -> Response {
    let headers = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "4102444800"),
    ];
    let words = Json(json!({ "message": "API rate limit exceeded for 127.0.0.1." }));
    (StatusCode::FORBIDDEN, headers, words).into_response()
}

fn listing(
    shelf: &SharedShelf,
    address: SocketAddr,
    path: &str,
    headers: &HeaderMap,
    fault: Option<Fault>,
) -> Response {
    let mut shelf = lock(shelf);
    let by_tag = path.strip_prefix(&format!("{REPOSITORY}/releases/tags/"));
    let body = match (&shelf.release, by_tag) {
        (Some(release), Some(tag)) if tag == release.tag => {
            release.as_github(&format!("http://{address}/download"))
        }
        (Some(release), None) if path == format!("{REPOSITORY}/releases") => {
            json!([release.as_github(&format!("http://{address}/download"))])
        }
        (Some(release), None) if path == "/index.json" => release.as_index(),
        _ => {
            let words = Json(json!({ "message": "Not Found", "status": "404" }));
            return (StatusCode::NOT_FOUND, words).into_response();
        }
    };
    let bytes = Bytes::from(body.to_string());
    let etag = etag_of(&bytes);
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        shelf.counts.not_modified += 1;
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    let head = [
        (header::ETAG, etag),
        (header::CONTENT_TYPE, "application/json".to_owned()),
    ];
    (head, body_of(bytes, fault)).into_response()
}

/// `/download/TAG/NAME`, or `/hop/N/TAG/NAME` on the way to it.
fn download(
    shelf: &SharedShelf,
    path: &str,
    headers: &HeaderMap,
    fault: Option<Fault>,
) -> Response {
    if let Some(rest) = path.strip_prefix("/hop/") {
        let (hops, behind) = rest.split_once('/').unwrap_or(("0", rest));
        let hops: u8 = hops.parse().unwrap_or(0);
        if hops > 1 {
            return Redirect::temporary(&format!("/hop/{}/{behind}", hops - 1)).into_response();
        }
    }
    let mut shelf = lock(shelf);
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some(asset) = shelf
        .release
        .as_ref()
        .and_then(|release| release.asset(name))
    else {
        return (StatusCode::NOT_FOUND, "Not Found").into_response();
    };
    let mut bytes = asset.packed.bytes.clone();
    if fault == Some(Fault::WrongBytes) {
        bytes = with_another_end(&bytes);
    }
    let etag = etag_of(asset.packed.sha256.as_bytes());
    let total = bytes.len();
    let start = (!shelf.no_ranges)
        .then(|| range_start(headers, &etag))
        .flatten();
    let Some(start) = start else {
        let head = [
            (header::ETAG, etag),
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        ];
        return (head, body_of(bytes, fault)).into_response();
    };
    if start >= total {
        let range = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
        return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
    }
    shelf.counts.resumed += 1;
    let range = format!("bytes {start}-{}/{total}", total - 1);
    let head = [(header::ETAG, etag), (header::CONTENT_RANGE, range)];
    let rest = body_of(bytes.slice(start..), fault);
    (StatusCode::PARTIAL_CONTENT, head, rest).into_response()
}

/// `Range: bytes=N-`, unless `If-Range` names another file.
fn range_start(headers: &HeaderMap, etag: &str) -> Option<usize> {
    if let Some(condition) = headers.get(header::IF_RANGE)
        && condition.as_bytes() != etag.as_bytes()
    {
        return None;
    }
    let range = headers.get(header::RANGE)?.to_str().ok()?;
    range
        .strip_prefix("bytes=")?
        .strip_suffix('-')?
        .parse()
        .ok()
}

fn etag_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let [first, second, third, fourth] = [digest[0], digest[1], digest[2], digest[3]];
    format!("\"{first:02x}{second:02x}{third:02x}{fourth:02x}\"")
}

fn with_another_end(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 0xff;
    }
    bytes.into()
}

/// A body that announces its length and is sent piece by piece.
fn body_of(bytes: Bytes, fault: Option<Fault>) -> Response {
    let length = bytes.len();
    let delivery = fault.map_or_else(Delivery::default, Fault::delivery);
    let pieces = stream::unfold((bytes, 0_u64), move |(mut rest, sent)| async move {
        if rest.is_empty() {
            return None;
        }
        if let Some(pause) = delivery.pause {
            // The slowness is the fault.
            sleep(pause).await;
        }
        let mut size = rest.len().min(PIECE);
        if let Some(limit) = delivery.cut_after {
            let left = usize::try_from(limit.saturating_sub(sent)).unwrap_or(usize::MAX);
            if left == 0 {
                // hyper throws away what it has not sent yet when a body breaks.
                sleep(FLUSH).await;
                return Some((
                    Err(io::Error::other("cut, as ordered")),
                    (Bytes::new(), sent),
                ));
            }
            size = size.min(left);
        }
        let piece = rest.split_to(size);
        Some((Ok(piece), (rest, sent + size as u64)))
    });
    let length = [(header::CONTENT_LENGTH, length.to_string())];
    (length, Body::from_stream(pieces)).into_response()
}
