//! One file over bad connections.

use perpetua_fetch::{
    FetchError, InstallError, InstallPhase, InstallProgress, Proxy, ReleaseSource, Sha256,
};

use crate::archives::{core, noise};
use crate::bench::{Bench, index, names};
use crate::server::{Manner, Reply, Request, Server};

pub(crate) const LISTING: &str = "/index.json";
pub(crate) const FILE: &str = "/core.tar.gz";

/// A core whose archive has about 200 KB, the same for each.
pub(crate) fn archive(seed: u64) -> Vec<u8> {
    core(&noise(seed, 200_000))
}

/// A server with an index, and the answers of this function for the file.
pub(crate) async fn server(
    sha256: Option<Sha256>,
    file: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> Server {
    Server::start(move |request| match request.target.as_str() {
        LISTING => Reply::new(200, index(FILE, sha256)),
        FILE => file(request),
        _ => Reply::page(404),
    })
    .await
}

pub(crate) fn bench(server: &Server) -> Bench {
    Bench::new(vec![source(server)])
}

pub(crate) fn source(server: &Server) -> ReleaseSource {
    ReleaseSource::Index {
        url: server.url(LISTING),
    }
}

fn ranges(server: &Server) -> Vec<Option<String>> {
    let requests = server.requests(FILE).into_iter();
    requests
        .map(|request| request.headers.get("range").cloned())
        .collect()
}

#[tokio::test]
async fn a_slow_download_tells_how_far_it_is() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let total = archive.len() as u64;
    let slow =
        move |request: &Request| Reply::file(request, &archive, "a").manner(Manner::Slow(20_000));
    let server = server(Some(digest), slow).await;
    let bench = bench(&server);
    let mut progress = bench.progress.subscribe();
    let watching = tokio::spawn(async move {
        let mut seen: Vec<InstallProgress> = Vec::new();
        while progress.changed().await.is_ok() {
            seen.push(progress.borrow_and_update().clone());
        }
        seen
    });
    let installed = bench.install().await.expect("installed");
    assert_eq!(installed.id, format!("nightly-{}", digest.short()));
    assert_eq!(bench.current_program(), noise(1, 200_000));
    drop(bench);
    let seen = watching.await.expect("what was told");
    let loading: Vec<&InstallProgress> = seen
        .iter()
        .filter(|now| now.phase == InstallPhase::Downloading)
        .collect();
    assert!(
        loading
            .windows(2)
            .all(|two| two[0].received <= two[1].received)
    );
    let last = loading.last().expect("progress");
    assert_eq!((last.received, last.total), (total, Some(total)));
    assert!(last.rate > 0 && last.rate < 20_000_000, "{last:?}");
    assert_eq!(
        seen.last().map(|last| last.phase),
        Some(InstallPhase::TrialStart)
    );
}

#[tokio::test]
async fn a_cut_download_goes_on_where_it_was() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let cut = move |request: &Request| {
        let reply = Reply::file(request, &archive, "a");
        if request.nth < 2 {
            reply.manner(Manner::Cut(70_000))
        } else {
            reply
        }
    };
    let server = server(Some(digest), cut).await;
    bench(&server).install().await.expect("installed");
    let expected = [
        None,
        Some("bytes=70000-".to_owned()),
        Some("bytes=140000-".to_owned()),
    ];
    assert_eq!(ranges(&server), expected);
    let asked = &server.requests(FILE)[1];
    assert_eq!(
        asked.headers.get("if-range").map(String::as_str),
        Some("\"a\"")
    );
}

#[tokio::test]
async fn a_server_that_knows_no_ranges_begins_anew() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let forgetful = move |request: &Request| {
        let reply = Reply::new(200, archive.clone()).header("ETag", "\"a\"");
        if request.nth == 0 {
            reply.manner(Manner::Cut(70_000))
        } else {
            reply
        }
    };
    let server = server(Some(digest), forgetful).await;
    bench(&server).install().await.expect("installed");
    assert_eq!(ranges(&server), [None, Some("bytes=70000-".to_owned())]);
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_begins_anew() {
    let (old, new) = (archive(1), archive(2));
    let digest = Sha256::of(&new);
    let changing = move |request: &Request| match request.nth {
        0 => Reply::file(request, &old, "old").manner(Manner::Cut(70_000)),
        _ => Reply::file(request, &new, "new"),
    };
    // No digest is published: only the `ETag` tells.
    let server = server(None, changing).await;
    let mut bench = bench(&server);
    let error = bench.install().await.expect_err("nobody vouches for it");
    assert!(
        matches!(error, InstallError::Unconfirmed { sha256, .. } if sha256 == digest),
        "{error}"
    );
    bench.accept = Some(digest);
    bench.install().await.expect("installed");
    assert_eq!(bench.current_program(), noise(2, 200_000));
}

#[tokio::test]
async fn a_part_of_another_file_is_noticed_even_when_the_server_ignores_the_condition() {
    let (old, new) = (archive(1), archive(2));
    let digest = Sha256::of(&new);
    let lying = move |request: &Request| {
        if request.nth == 0 {
            return Reply::file(request, &old, "old").manner(Manner::Cut(70_000));
        }
        let mut blind = request.clone();
        blind.headers.remove("if-range");
        Reply::file(&blind, &new, "new")
    };
    let server = server(None, lying).await;
    let error = bench(&server)
        .install()
        .await
        .expect_err("nobody vouches for it");
    assert!(
        matches!(error, InstallError::Unconfirmed { sha256, .. } if sha256 == digest),
        "{error}"
    );
    assert_eq!(
        ranges(&server),
        [None, Some("bytes=70000-".to_owned()), None]
    );
}

#[tokio::test]
async fn pieces_of_two_servers_that_do_not_fit_are_downloaded_anew() {
    let (bad, good) = (archive(1), archive(2));
    let digest = Sha256::of(&good);
    let cut = move |request: &Request| Reply::file(request, &bad, "a").manner(Manner::Cut(70_000));
    let first = server(Some(digest), cut).await;
    let whole = move |request: &Request| Reply::file(request, &good, "b");
    let second = server(Some(digest), whole).await;
    let bench = Bench::new(vec![source(&first), source(&second)]);
    bench.install().await.expect("installed");
    assert_eq!(bench.current_program(), noise(2, 200_000));
    assert_eq!(ranges(&second), [Some("bytes=70000-".to_owned()), None]);
}

#[tokio::test]
async fn a_silent_server_is_given_up_and_the_next_one_goes_on() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let kept = archive.clone();
    let silent =
        move |request: &Request| Reply::file(request, &kept, "a").manner(Manner::Stall(50_000));
    let first = server(Some(digest), silent).await;
    let second = server(Some(digest), move |request| {
        Reply::file(request, &archive, "b")
    })
    .await;
    let bench = Bench::new(vec![source(&first), source(&second)]);
    bench.install().await.expect("installed");
    assert_eq!(ranges(&first), [None]);
    assert_eq!(ranges(&second), [Some("bytes=50000-".to_owned())]);
}

#[tokio::test]
async fn a_file_without_a_length_is_taken_when_its_digest_is_right() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let server = server(Some(digest), move |request| {
        Reply::file(request, &archive, "a").manner(Manner::Lengthless)
    })
    .await;
    bench(&server).install().await.expect("installed");
}

#[tokio::test]
async fn the_proxy_of_the_settings_gets_every_request() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let (listing, file) = (
        "http://core.invalid/index.json",
        "http://core.invalid/core.tar.gz",
    );
    let proxy = Server::start(move |request| match request.target.as_str() {
        "http://core.invalid/index.json" => Reply::new(200, index(FILE, Some(digest))),
        "http://core.invalid/core.tar.gz" => Reply::file(request, &archive, "a"),
        _ => Reply::page(404),
    })
    .await;
    let mut bench = Bench::new(vec![ReleaseSource::Index {
        url: listing.to_owned(),
    }]);
    bench.options.proxy = Proxy::Address(proxy.url("").replace("http://", "http://me:hunter2@"));
    bench.install().await.expect("installed");
    let asked = proxy.requests(file).pop().expect("a request");
    let authorization = asked.headers.get("proxy-authorization");
    assert_eq!(
        authorization.map(String::as_str),
        Some("Basic bWU6aHVudGVyMg==")
    );
}

#[tokio::test]
async fn a_download_that_is_called_off_goes_on_later() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let halting = move |request: &Request| {
        let reply = Reply::file(request, &archive, "a");
        if request.nth == 0 {
            reply.manner(Manner::Stall(70_000))
        } else {
            reply
        }
    };
    let server = server(Some(digest), halting).await;
    let mut bench = bench(&server);
    bench.options.patience.stall = std::time::Duration::from_mins(1);
    let mut progress = bench.progress.subscribe();
    let cancel = bench.cancel.clone();
    let calling_off = tokio::spawn(async move {
        progress
            .wait_for(|now| now.received > 0)
            .await
            .expect("progress");
        cancel.cancel();
    });
    let error = bench.install().await.expect_err("called off");
    assert!(
        matches!(error, InstallError::Fetch(FetchError::Canceled)),
        "{error}"
    );
    calling_off.await.expect("called off");
    assert_eq!(
        names(&bench.versions.folder().join(".downloads")).len(),
        2,
        "the part and what tells of it"
    );
    bench.cancel = tokio_util::sync::CancellationToken::new();
    bench.install().await.expect("installed");
    let asked = ranges(&server).pop().flatten().expect("a range");
    assert!(
        asked.starts_with("bytes=") && asked != "bytes=0-",
        "{asked}"
    );
}
