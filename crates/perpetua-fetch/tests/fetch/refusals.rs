//! Servers that have nothing good.

use perpetua_fetch::{AddressProblem, FetchError, InstallError, ReleaseSource, Sha256};

use crate::bench::{Bench, index};
use crate::download::{FILE, LISTING, archive, bench, server, source};
use crate::server::{Manner, Reply, Server, nowhere};

/// The problem with each address, of an installation that found none.
pub(crate) async fn problems(bench: &Bench) -> Vec<AddressProblem> {
    match bench.install().await {
        Err(InstallError::Fetch(FetchError::AllFailed { failures })) => failures
            .into_iter()
            .map(|failure| failure.problem)
            .collect(),
        other => panic!("it had to fail at every address: {other:?}"),
    }
}

#[tokio::test]
async fn when_every_server_is_down_all_are_tried_before_each_wait() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let first = server(Some(digest), |_| Reply::new(503, "")).await;
    let second = server(Some(digest), move |request| {
        Reply::file(request, &archive, "a").manner(Manner::Stall(0))
    })
    .await;
    let third = ReleaseSource::Index {
        url: nowhere(LISTING).await,
    };
    let bench = Bench::new(vec![source(&first), source(&second), third]);
    let problems = problems(&bench).await;
    assert_eq!(
        problems[..2],
        [AddressProblem::Status(503), AddressProblem::Stalled(0)]
    );
    assert!(matches!(problems[2], AddressProblem::Unreachable(_)));
    assert_eq!(first.requests(FILE).len(), 3, "three rounds");
    assert_eq!(second.requests(FILE).len(), 3);
}

#[tokio::test]
async fn what_will_not_get_better_is_not_tried_again() {
    let server = server(None, |_| Reply::page(404)).await;
    assert_eq!(
        problems(&bench(&server)).await,
        [AddressProblem::Status(404)]
    );
    assert_eq!(server.requests(FILE).len(), 1);
}

#[tokio::test]
async fn a_page_instead_of_the_file_is_said_to_be_one() {
    let pages = [
        Reply::page(200),
        Reply::new(200, "{\"error\":\"quota\"}").header("Content-Type", "application/json"),
        // Without a word about its kind.
        Reply::new(
            200,
            "<html><body>Please log in to the hotel's network</body></html>",
        ),
        Reply::new(200, "{\"error\":\"quota\"}"),
    ];
    for page in pages {
        let server = server(None, move |_| page.clone()).await;
        let bench = bench(&server);
        assert_eq!(problems(&bench).await, [AddressProblem::WebPage]);
        let words = AddressProblem::WebPage.to_string();
        assert_eq!(words, "it answered with a web page instead of the file");
        assert_eq!(bench.names(), [".cache", ".downloads"]);
    }
    for other in ["", "PK", "something else"] {
        let server = server(None, move |_| Reply::new(200, other)).await;
        assert_eq!(
            problems(&bench(&server)).await,
            [AddressProblem::NotAnArchive],
            "{other}"
        );
    }
}

#[tokio::test]
async fn redirects_are_followed_until_they_go_round() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let server = Server::start(move |request| match request.target.as_str() {
        LISTING => Reply::new(200, index("/first", Some(digest))),
        "/first" => Reply::redirect("/second"),
        "/second" => Reply::redirect(FILE),
        FILE => Reply::file(request, &archive, "a"),
        _ => Reply::page(404),
    })
    .await;
    bench(&server).install().await.expect("installed");
    let round = self::server(None, |_| Reply::redirect(FILE)).await;
    let problems = problems(&bench(&round)).await;
    assert!(
        matches!(&problems[..], [AddressProblem::Redirect(_)]),
        "{problems:?}"
    );
    assert!(round.requests(FILE).len() < 20);
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_before_and_while_it_comes() {
    for manner in [Manner::Whole, Manner::Lengthless] {
        let archive = archive(1);
        let server = server(None, move |request| {
            Reply::file(request, &archive, "a").manner(manner)
        })
        .await;
        let mut bench = bench(&server);
        bench.options.patience.largest = 100_000;
        assert_eq!(
            problems(&bench).await,
            [AddressProblem::TooLarge(100_000)],
            "{manner:?}"
        );
    }
}
