//! Listings: GitHub, mirrors, indexes, files of this machine, and days without a network.

use perpetua_fetch::{
    AddressProblem, FetchError, InstallError, Libc, Proxy, ReleaseSource, Sha256,
};

use crate::archives::{NAME, core, noise};
use crate::bench::{Bench, RELEASE, github, index, release};
use crate::server::{Reply, Server, nowhere};

#[tokio::test]
async fn github_is_asked_for_the_release_by_its_tag() {
    let archive = core(b"program");
    let digest = Sha256::of(&archive);
    // The server learns its own address from the request.
    let server = Server::start(move |request| match request.target.as_str() {
        RELEASE => {
            let url = format!("http://{}/file", request.headers["host"]);
            Reply::new(200, release(&url, Some(digest), archive.len()))
        }
        "/file" => Reply::file(request, &archive, "a"),
        _ => Reply::page(404),
    })
    .await;
    let bench = Bench::new(vec![github(server.url("/"))]);
    let offer = bench
        .fetcher()
        .latest(&bench.versions)
        .await
        .expect("an offer");
    assert_eq!(
        (offer.tag.as_str(), offer.name.as_str(), offer.sha256),
        ("nightly", NAME, Some(digest))
    );
    assert_eq!(offer.staleness(), None);
    let installed = bench.install().await.expect("installed");
    assert_eq!(installed.sha256, digest);
    assert_eq!(
        installed.origin,
        "LagrangeDev/Lagrange.Core, release nightly"
    );
    assert_eq!(installed.commit.as_deref(), Some(crate::bench::COMMIT));
}

#[tokio::test]
async fn a_mirror_stands_before_the_api_and_the_file() {
    let archive = core(b"program");
    let digest = Sha256::of(&archive);
    let api = nowhere("").await;
    let (listing, file) = (format!("/{api}{RELEASE}"), format!("/{api}/file"));
    let (at_listing, at_file) = (listing.clone(), file.clone());
    let answer = release(&format!("{api}/file"), Some(digest), archive.len());
    let mirror = Server::start(move |request| match request.target.as_str() {
        target if target == at_listing => Reply::new(200, answer.clone()),
        target if target == at_file => Reply::file(request, &archive, "a"),
        _ => Reply::page(404),
    })
    .await;
    let prefix = mirror.url("/");
    let mut bench = Bench::new(vec![github(api), ReleaseSource::Mirror { prefix }]);
    // What a mirror says of the file, it says itself.
    let error = bench.install().await.expect_err("nobody vouches for it");
    assert!(matches!(error, InstallError::Unconfirmed { .. }), "{error}");
    bench.accept = Some(digest);
    bench.install().await.expect("installed");
    assert_eq!(mirror.requests(&file).len(), 1, "downloaded once");
    assert!(!mirror.requests(&listing).is_empty());
}

#[tokio::test]
async fn a_listing_of_the_source_and_a_file_of_the_mirror_need_no_question() {
    let archive = core(b"program");
    let digest = Sha256::of(&archive);
    let gone = nowhere("/file").await;
    let answer = release(&gone, Some(digest), archive.len());
    let source = Server::start(move |_| Reply::new(200, answer.clone())).await;
    let behind = format!("/{gone}");
    let mirror = Server::start(move |request| match request.target.as_str() {
        target if target == behind => Reply::file(request, &archive, "a"),
        _ => Reply::page(404),
    })
    .await;
    let prefix = mirror.url("");
    let bench = Bench::new(vec![
        github(source.url("")),
        ReleaseSource::Mirror { prefix },
    ]);
    bench.install().await.expect("installed");
}

#[tokio::test]
async fn an_unchanged_listing_is_not_sent_again_and_serves_when_nobody_answers() {
    let server = Server::start(|request| {
        if request
            .headers
            .get("if-none-match")
            .is_some_and(|etag| etag == "\"l1\"")
        {
            return Reply::new(304, "");
        }
        Reply::new(200, index("/file", None)).header("ETag", "\"l1\"")
    })
    .await;
    let source = ReleaseSource::Index {
        url: server.url("/index.json"),
    };
    let bench = Bench::new(vec![source]);
    let fetcher = bench.fetcher();
    let first = fetcher.latest(&bench.versions).await.expect("asked");
    let second = fetcher.latest(&bench.versions).await.expect("asked again");
    assert_eq!(first, second);
    let asked = server.requests("/index.json");
    assert_eq!(asked[0].headers.get("if-none-match"), None);
    assert_eq!(
        asked[1].headers.get("if-none-match").map(String::as_str),
        Some("\"l1\"")
    );
    drop(server);
    let third = fetcher.latest(&bench.versions).await.expect("remembered");
    let words = third.staleness().expect("it is an old one");
    assert_eq!(
        words.to_string(),
        "no release source answers; this is what one of them said 1 minute ago"
    );
}

#[tokio::test]
async fn a_web_page_does_not_replace_the_remembered_listing() {
    let server = Server::start(|request| match request.nth {
        0 => Reply::new(200, index("/file", None)),
        1 => Reply::page(200),
        _ => Reply::new(500, ""),
    })
    .await;
    let source = ReleaseSource::Index {
        url: server.url("/index.json"),
    };
    let bench = Bench::new(vec![source]);
    let fetcher = bench.fetcher();
    for is_old in [false, true, true] {
        let offer = fetcher.latest(&bench.versions).await.expect("an offer");
        assert_eq!(offer.staleness().is_some(), is_old);
    }
}

#[tokio::test]
async fn a_release_that_is_gone_is_gone() {
    let server = Server::start(|request| match request.nth {
        0 => Reply::new(200, index("/file", None)),
        _ => Reply::page(404),
    })
    .await;
    let source = ReleaseSource::Index {
        url: server.url("/index.json"),
    };
    let bench = Bench::new(vec![source]);
    bench
        .fetcher()
        .latest(&bench.versions)
        .await
        .expect("an offer");
    let error = bench
        .fetcher()
        .latest(&bench.versions)
        .await
        .expect_err("gone");
    let FetchError::AllFailed { failures } = error else {
        panic!("{error}");
    };
    assert_eq!(failures[0].problem, AddressProblem::Status(404));
}

#[tokio::test]
async fn offline_without_a_memory_says_what_to_look_at() {
    let bench = Bench::new(vec![github(nowhere("").await)]);
    let error = bench
        .fetcher()
        .latest(&bench.versions)
        .await
        .expect_err("offline");
    let words = error.to_string();
    assert!(
        words.starts_with("no source provided a core: `http://127.0.0.1:"),
        "{words}"
    );
    assert!(
        words.ends_with("Check the network connection, or set a `proxy` in `[core]`"),
        "{words}"
    );
}

#[tokio::test]
async fn a_proxy_that_lets_nobody_through_is_named_once_and_no_source_is_blamed() {
    let asks_for_password = Server::start(|_| Reply::page(407)).await;
    for (proxy, cause) in [
        (nowhere("").await, "the connection was refused"),
        (
            "http://perpetua-proxy.invalid:8080".to_owned(),
            "the host name is not known",
        ),
        (
            asks_for_password.url(""),
            "the proxy requires a user name and password",
        ),
    ] {
        let mut bench = Bench::new(vec![
            github("http://first.invalid".to_owned()),
            github("http://second.invalid".to_owned()),
        ]);
        bench.options.proxy = Proxy::Address(proxy.replace("http://", "http://me:hunter2@"));
        let error = bench.fetcher().latest(&bench.versions).await;
        let words = error.expect_err("nothing comes through").to_string();
        let proxy = proxy.trim_end_matches('/');
        let said = format!("the download proxy `{proxy}` does not work: {cause}. ");
        assert!(words.starts_with(&said), "{words}");
        assert_eq!(words.matches(cause).count(), 1, "{words}");
        assert!(!words.contains("hunter2"), "{words}");
    }
}

#[tokio::test]
async fn a_system_without_a_build_is_told_and_nothing_is_downloaded() {
    let server = Server::start(|_| Reply::new(200, index("/file", None))).await;
    let mut bench = Bench::new(vec![ReleaseSource::Index {
        url: server.url("/index.json"),
    }]);
    bench.options.platform.libc = Some(Libc::Musl);
    let words = bench.install().await.expect_err("no build").to_string();
    assert!(
        words.contains(
            "none of its files is for this system, Linux on x86_64 with musl; it has: `Lagrange"
        ),
        "{words}"
    );
    assert!(server.requests("/file").is_empty());
}

#[tokio::test]
async fn no_source_is_an_answer_too() {
    let mirror = ReleaseSource::Mirror {
        prefix: "https://proxy.example/".to_owned(),
    };
    for sources in [vec![], vec![mirror]] {
        let bench = Bench::new(sources);
        let error = bench
            .fetcher()
            .latest(&bench.versions)
            .await
            .expect_err("no source");
        assert!(matches!(error, FetchError::NoSource), "{error}");
    }
}

#[tokio::test]
async fn a_folder_with_archives_gives_the_one_for_this_system() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = core(b"program");
    std::fs::write(folder.path().join(NAME), &archive).expect("an archive");
    std::fs::write(
        folder
            .path()
            .join("Lagrange.OneBot_win-x64_net9.0_SelfContained.zip"),
        b"PK",
    )
    .expect("another");
    let mut bench = local(folder.path());
    bench.accept = Some(Sha256::of(&archive));
    let installed = bench.install().await.expect("installed");
    assert_eq!(
        installed.id,
        format!("local-{}", Sha256::of(&archive).short())
    );
    assert!(
        folder.path().join(NAME).exists(),
        "the source stays as it is"
    );
}

/// It is somebody's own file, and nothing was searched.
#[tokio::test]
async fn a_file_that_is_not_the_accepted_one_stays_where_it_is_and_is_said_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join(NAME);
    std::fs::write(&archive, core(b"program")).expect("an archive");
    let program = folder.path().join("Lagrange.OneBot");
    std::fs::write(&program, b"program").expect("a program");
    for path in [archive, program] {
        let mut bench = local(&path);
        bench.accept = Some(Sha256::of(b"another"));
        let words = bench.install().await.expect_err("refused").to_string();
        assert!(path.exists());
        assert!(words.contains("is still there"), "{words}");
        for wrong in ["deleted", "no source"] {
            assert!(!words.contains(wrong), "{words}");
        }
    }
}

#[tokio::test]
async fn an_unpacked_core_is_taken_without_the_account_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in [
        ("Lagrange.OneBot", "program"),
        ("librealm-wrappers.dylib", "library"),
        ("keystore.json", "secret"),
        ("appsettings.json", "{}"),
    ] {
        std::fs::write(folder.path().join(name), content).expect("a file");
    }
    for path in [
        folder.path().to_owned(),
        folder.path().join("Lagrange.OneBot"),
    ] {
        let mut bench = local(&path);
        // What `sha256sum` says of the two, and then of what it said.
        let (program, library) = (Sha256::of(b"program"), Sha256::of(b"library"));
        let both = format!("{program}  Lagrange.OneBot\n{library}  librealm-wrappers.dylib\n");
        bench.accept = Some(Sha256::of(both.as_bytes()));
        let installed = bench.install().await.expect("installed");
        let beside = crate::bench::names(installed.program.parent().expect("its folder"));
        assert_eq!(beside, ["Lagrange.OneBot", "librealm-wrappers.dylib"]);
        assert_eq!(bench.current_program(), b"program");
    }
}

#[tokio::test]
async fn a_path_with_nothing_for_us_is_said_to_have_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = local(folder.path())
        .install()
        .await
        .expect_err("empty")
        .to_string();
    assert!(words.contains("it holds neither an archive for this system, Linux on x86_64, nor a file `Lagrange.OneBot`"), "{words}");
    let words = local(&folder.path().join("none"))
        .install()
        .await
        .expect_err("absent")
        .to_string();
    assert!(words.contains("it cannot be read ("), "{words}");
}

#[tokio::test]
async fn the_second_of_two_installers_finds_the_work_done() {
    let archive = core(&noise(1, 300_000));
    let digest = Sha256::of(&archive);
    let server = Server::start(move |request| match request.target.as_str() {
        "/index.json" => Reply::new(200, index("/file", Some(digest))),
        _ => Reply::file(request, &archive, "a").manner(crate::server::Manner::Slow(30_000)),
    })
    .await;
    let bench = Bench::new(vec![ReleaseSource::Index {
        url: server.url("/index.json"),
    }]);
    let (one, other) = tokio::join!(bench.install(), bench.install());
    assert_eq!(one.expect("installed").id, other.expect("installed").id);
    assert_eq!(server.requests("/file").len(), 1, "downloaded once");
}

fn local(path: &std::path::Path) -> Bench {
    Bench::new(vec![ReleaseSource::Local {
        path: path.to_owned(),
    }])
}
