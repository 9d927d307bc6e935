//! The release server's listings and faults, seen at the wire.

use anyhow::{Context as _, Result};
use fake_core::{Fault, Packed, Release, ReleaseServer};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const LISTING: &str = "/repos/LagrangeDev/Lagrange.Core/releases/tags/nightly";
const FILE: &str = "/download/nightly/core.tar.gz";

/// An answer: its head in one piece, and what of the body came.
struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

async fn get(server: &ReleaseServer, path: &str, headers: &str) -> Result<Answer> {
    let address = server.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .context("a head")?;
    Ok(Answer {
        head: String::from_utf8(bytes[..end].to_vec())?,
        body: bytes[end + 4..].to_vec(),
    })
}

async fn server() -> Result<ReleaseServer> {
    let server = ReleaseServer::start().await?;
    let file = Packed::new("core.tar.gz".to_owned(), vec![7; 100_000]);
    server.publish(Release::nightly([file]));
    Ok(server)
}

#[tokio::test]
async fn a_listing_names_its_files_and_is_not_told_twice() -> Result<()> {
    let server = server().await?;
    let listing = get(&server, LISTING, "").await?;
    let release: Value = serde_json::from_slice(&listing.body)?;
    assert_eq!(release["prerelease"], true);
    let asset = &release["assets"][0];
    assert_eq!(asset["size"], 100_000);
    assert!(
        asset["digest"]
            .as_str()
            .is_some_and(|digest| digest.starts_with("sha256:"))
    );
    let etag = listing.header("etag").context("an ETag")?;
    let again = get(&server, LISTING, &format!("if-none-match: {etag}\r\n")).await?;
    assert_eq!((again.status(), again.body.len()), ("304", 0));
    assert_eq!(server.counts().not_modified, 1);
    let behind_a_mirror = format!("/{}{LISTING}", server.url());
    assert_eq!(get(&server, &behind_a_mirror, "").await?.body, listing.body);
    Ok(())
}

#[tokio::test]
async fn a_download_goes_on_where_it_was_cut() -> Result<()> {
    let server = server().await?;
    server.next_download(Fault::CutAfter(30_000));
    let cut = get(&server, FILE, "").await?;
    assert_eq!(cut.header("content-length"), Some("100000"));
    assert_eq!(cut.body.len(), 30_000);
    let rest = get(&server, FILE, "range: bytes=30000-\r\n").await?;
    assert_eq!((rest.status(), rest.body.len()), ("206", 70_000));
    assert_eq!(
        rest.header("content-range"),
        Some("bytes 30000-99999/100000")
    );
    server.ranges(false);
    let whole = get(&server, FILE, "range: bytes=30000-\r\n").await?;
    assert_eq!((whole.status(), whole.body.len()), ("200", 100_000));
    Ok(())
}

#[tokio::test]
async fn faults_come_in_their_order_and_once() -> Result<()> {
    let server = server().await?;
    let faults = [
        Fault::NotFoundHtml,
        Fault::OkHtml,
        Fault::ServerError,
        Fault::Redirects(2),
        Fault::WrongBytes,
    ];
    for fault in faults {
        server.next_download(fault);
    }
    assert_eq!(get(&server, FILE, "").await?.status(), "404");
    let page = get(&server, FILE, "").await?;
    assert_eq!(
        (page.status(), page.header("content-type")),
        ("200", Some("text/html; charset=utf-8"))
    );
    assert_eq!(get(&server, FILE, "").await?.status(), "500");
    let mut path = FILE.to_owned();
    for _ in 0..2 {
        let hop = get(&server, &path, "").await?;
        path = hop.header("location").context("a redirect")?.to_owned();
    }
    assert_eq!(get(&server, &path, "").await?.body.len(), 100_000);
    assert_eq!(get(&server, FILE, "").await?.body.last(), Some(&(7 ^ 0xff)));
    assert_eq!(get(&server, FILE, "").await?.body.last(), Some(&7));
    server.next_listing(Fault::RateLimited);
    assert_eq!(get(&server, LISTING, "").await?.status(), "403");
    Ok(())
}
