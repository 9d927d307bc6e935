//! Whose word counts.

use perpetua_fetch::{AddressProblem, FetchError, InstallError, Pinned, ReleaseSource, Sha256};

use crate::archives::{NAME, core};
use crate::bench::{Bench, index};
use crate::server::{Reply, Server};

/// A server whose listing says one digest and whose file may have another.
async fn server(told: Option<Sha256>, archive: Vec<u8>) -> Server {
    Server::start(move |request| match request.target.as_str() {
        "/index.json" => Reply::new(200, index("/file", told)),
        _ => Reply::file(request, &archive, "a"),
    })
    .await
}

fn source(server: &Server) -> ReleaseSource {
    ReleaseSource::Index {
        url: server.url("/index.json"),
    }
}

#[tokio::test]
async fn a_file_with_another_digest_is_refused_at_every_address_and_deleted() {
    let (good, bad) = (core(b"good"), core(b"bad"));
    let servers = [
        server(Some(Sha256::of(&good)), bad.clone()).await,
        server(Some(Sha256::of(&good)), bad.clone()).await,
    ];
    let bench = Bench::new(servers.iter().map(source).collect());
    bench.install_program(b"old").await;
    let error = bench.install().await.expect_err("refused");
    let InstallError::Fetch(FetchError::AllFailed { failures }) = &error else {
        panic!("{error}");
    };
    let expected = AddressProblem::Mismatch {
        expected: Sha256::of(&good),
        actual: Sha256::of(&bad),
    };
    assert_eq!(failures.len(), 2);
    assert!(
        failures.iter().all(|failure| failure.problem == expected),
        "{error}"
    );
    assert_eq!(bench.downloads(), [""; 0], "nothing of it is left");
    assert_eq!(bench.current_program(), b"old");
}

#[tokio::test]
async fn what_is_not_the_accepted_file_is_refused() {
    let archive = core(b"program");
    let cases = [
        (None, "it was damaged or replaced, and has been deleted", 1),
        (
            Some(Sha256::of(&archive)),
            "which is not the accepted one",
            0,
        ),
    ];
    for (told, words, downloads) in cases {
        let server = server(told, archive.clone()).await;
        let mut bench = Bench::new(vec![source(&server)]);
        bench.accept = Some(Sha256::of(b"another"));
        let error = bench.install().await.expect_err("refused").to_string();
        assert!(error.ends_with(words), "{error}");
        assert_eq!(bench.downloads(), [""; 0]);
        assert_eq!(server.requests("/file").len(), downloads);
    }
}

#[tokio::test]
async fn an_unknown_file_is_downloaded_once_and_waits_for_a_person() {
    let archive = core(b"program");
    let digest = Sha256::of(&archive);
    let server = server(None, archive).await;
    let mut bench = Bench::new(vec![source(&server)]);
    for _ in 0..2 {
        let error = bench.install().await.expect_err("unknown");
        assert!(
            matches!(&error, InstallError::Unconfirmed { name, sha256, .. } if name == NAME && *sha256 == digest),
            "{error}"
        );
    }
    assert_eq!(server.requests("/file").len(), 1);
    assert!(bench.versions.list().expect("a record").is_empty());
    drop(server);
    bench.accept = Some(digest);
    let installed = bench.install().await.expect("installed without a network");
    assert_eq!(
        (installed.id.starts_with("nightly-"), installed.sha256),
        (true, digest)
    );
    assert_eq!(bench.downloads(), [""; 0]);
}

#[tokio::test]
async fn a_pinned_file_needs_no_question() {
    let archive = core(b"program");
    let table = format!(
        "[[core]]\nname = \"{NAME}\"\nsha256 = \"{}\"\n",
        Sha256::of(&archive)
    );
    let server = server(None, archive).await;
    let mut bench = Bench::new(vec![source(&server)]);
    let error = bench.install().await.expect_err("unknown as yet");
    assert!(matches!(error, InstallError::Unconfirmed { .. }), "{error}");
    // A newer version of this program knows the file.
    bench.options.pinned = Pinned::parse(&table).expect("a table");
    bench.install().await.expect("installed");
}
