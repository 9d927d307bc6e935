//! Signers of every kind, on a small server.

mod server;

use std::fs;
use std::time::Duration;

use perpetua_lagrange::{
    AppInfo, CoreProtocol, Prober, ProxyUrl, ProxyUrlError, ResolvedSigner, SignerAnswer,
    SignerFault, SignerUrl, SignerUrlError,
};
use perpetua_lifecycle::SignerProblem;
use perpetua_words::Message;
use serde_json::{Value, json};
use server::{Answer, Server};
use tempfile::TempDir;

const PATH: &str = "/api/secret-key/30366";
const INFO: &str =
    r#"{"Os":"Linux","CurrentVersion":"3.2.15-30366","AppClientVersion":30366,"NTLoginType":1}"#;
const SIGNED: &str =
    r#"{"platform":"Linux","version":"3.2.15-30366","value":{"sign":"00","token":"","extra":""}}"#;

fn prober() -> Prober {
    Prober::new(|proxy| {
        // Wherever another crate of the workspace asks for TLS, the client wants a cryptography.
        let _set = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder().no_proxy();
        if let Some(proxy) = proxy {
            let proxy = reqwest::Proxy::all(proxy.expose()).map_err(|error| error.to_string())?;
            builder = builder.proxy(proxy);
        }
        builder.build().map_err(|error| error.to_string())
    })
}

fn signer(name: &str, base: &str) -> ResolvedSigner {
    ResolvedSigner {
        name: name.to_owned(),
        url: SignerUrl::new(&format!("{base}{PATH}/")).expect("address"),
        proxy: None,
    }
}

/// What comes of a signer that answers like this to `/appinfo` and to a question for a signature.
async fn probe(info: Answer, sign: Answer) -> Result<SignerAnswer, SignerFault> {
    let server = Server::start(move |request| {
        if request.starts_with(&format!("GET {PATH}/appinfo ")) {
            info.clone()
        } else if request.starts_with(&format!("POST {PATH} ")) {
            sign.clone()
        } else {
            Answer::new(418, "")
        }
    })
    .await;
    let report = prober()
        .probe(&signer("mine", &server.base), CoreProtocol::Linux)
        .await;
    assert_eq!(report.name, "mine");
    assert!(server.base.ends_with(&report.host));
    if let Err(fault) = &report.answer {
        let shown = format!("{fault} {report:?}");
        assert!(!shown.contains("secret-key"), "{shown}");
    }
    report.answer
}

#[tokio::test]
async fn a_signer_tells_what_it_signs_for() {
    let nothing = Answer::new(404, "");
    let answer = probe(Answer::new(200, INFO), nothing.clone())
        .await
        .expect("works");
    assert_eq!(answer.version.as_deref(), Some("3.2.15-30366"));
    assert_eq!(answer.platform.as_deref(), Some("Linux"));
    assert_eq!(answer.warning, None);
    let small = INFO
        .replace("Os", "os")
        .replace("CurrentVersion", "currentVersion");
    let answer = probe(Answer::new(200, &small), nothing)
        .await
        .expect("works");
    assert_eq!(
        answer.version.as_deref(),
        Some("3.2.15-30366"),
        "keys of any case"
    );
}

#[tokio::test]
async fn a_signer_without_app_info_works_with_a_warning() {
    let page = "<html>Not Found</html>";
    for info in [
        Answer::new(404, page),
        Answer::new(405, ""),
        Answer::new(200, "{\"code\":1}"),
        Answer::new(200, page),
    ] {
        let answer = probe(info, Answer::new(200, SIGNED)).await.expect("works");
        assert_eq!(answer.version.as_deref(), Some("3.2.15-30366"));
        assert!(answer.warning.is_some() && answer.app_info.is_none());
    }
    let refusal = Answer::new(400, "{\"message\":\"src is too short\"}");
    let answer = probe(Answer::new(404, ""), refusal).await.expect("works");
    assert_eq!((answer.version, answer.warning.is_some()), (None, true));
}

#[tokio::test]
async fn what_is_switched_off_is_not_a_signer_without_app_info() {
    let gone = Answer::new(404, "<h1>NotFound</h1>");
    assert_eq!(probe(gone.clone(), gone).await, Err(SignerFault::Gone));
}

#[tokio::test]
async fn each_fault_has_its_words() {
    let signed = || Answer::new(200, SIGNED);
    let missing = || Answer::new(404, "");
    let page = || Answer::new(200, "<html>parked</html>");
    for status in [500, 502, 503, 521] {
        let fault = SignerFault::OutOfOrder(status);
        assert_eq!(
            probe(Answer::new(status, ""), signed()).await,
            Err(fault.clone())
        );
        assert_eq!(probe(missing(), Answer::new(status, "")).await, Err(fault));
    }
    for status in [401, 403] {
        assert_eq!(
            probe(Answer::new(status, ""), signed()).await,
            Err(SignerFault::Refused(status))
        );
    }
    let long = Answer::new(200, &"x".repeat(2 * 1024 * 1024));
    for (info, sign) in [
        (page(), page()),
        (missing(), Answer::new(200, "{\"ok\":true}")),
        (long, signed()),
    ] {
        let answer = probe(info, sign).await;
        assert!(
            matches!(answer, Err(SignerFault::NoSigner(_))),
            "{answer:?}"
        );
    }
    let cut = Answer::new(200, INFO).cut();
    let answer = probe(cut, signed()).await;
    assert!(
        matches!(answer, Err(SignerFault::Unreachable(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_signer_for_another_system_is_refused() {
    for (info, theirs) in [
        (
            Answer::new(200, &INFO.replace("Linux", "Windows")),
            "Windows",
        ),
        (Answer::new(200, &INFO.replace("Linux", "Mac")), "Mac"),
    ] {
        let fault = SignerFault::OtherPlatform {
            theirs: theirs.to_owned(),
            ours: CoreProtocol::Linux,
        };
        assert_eq!(probe(info, Answer::new(404, "")).await, Err(fault));
    }
    let signed = Answer::new(200, &SIGNED.replace("Linux", "MacOs"));
    let answer = probe(Answer::new(404, ""), signed).await;
    assert!(
        matches!(answer, Err(SignerFault::OtherPlatform { .. })),
        "{answer:?}"
    );

    let info = INFO.replace("Linux", "Mac");
    let server = Server::start(move |_| Answer::new(200, &info)).await;
    let report = prober()
        .probe(&signer("mac", &server.base), CoreProtocol::MacOs)
        .await;
    assert!(
        report.answer.is_ok(),
        "the app info says `Mac` where the settings say `MacOs`"
    );
}

// The clock stands still and jumps to the limit as soon as all wait for it.
#[tokio::test(start_paused = true)]
async fn a_signer_that_says_nothing_is_waited_for_ten_seconds() {
    let server = Server::start(|_| Answer::never()).await;
    let report = prober()
        .probe(&signer("mute", &server.base), CoreProtocol::Linux)
        .await;
    assert_eq!(report.answer, Err(SignerFault::Silent(10)));
    assert!(
        report.latency >= Duration::from_secs(10),
        "{:?}",
        report.latency
    );
}

#[tokio::test]
async fn a_signer_that_is_not_there_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("port");
    let free = listener.local_addr().expect("address");
    drop(listener);
    for base in [
        format!("http://{free}"),
        "http://nothing.invalid".to_owned(),
    ] {
        let report = prober()
            .probe(&signer("gone", &base), CoreProtocol::Linux)
            .await;
        assert!(
            matches!(report.answer, Err(SignerFault::Unreachable(_))),
            "{report:?}"
        );
    }
}

#[tokio::test]
async fn a_signer_is_asked_through_its_proxy() {
    let proxy = Server::start(|request| {
        let is_ours = request.starts_with("GET http://nothing.invalid/api/");
        Answer::new(if is_ours { 200 } else { 404 }, INFO)
    })
    .await;
    let behind = ResolvedSigner {
        proxy: Some(ProxyUrl::new(&proxy.base).expect("proxy")),
        ..signer("behind", "http://nothing.invalid")
    };
    let prober = prober();
    let report = prober.probe(&behind, CoreProtocol::Linux).await;
    assert!(report.answer.is_ok(), "{report:?}");
    assert_eq!(report.through.as_ref(), Some(&proxy.base));
    // What comes of another way says nothing of this one.
    let direct = signer("behind", "http://nothing.invalid");
    assert!(
        prober
            .probe(&direct, CoreProtocol::Linux)
            .await
            .answer
            .is_err()
    );
    let last = |proxy| prober.last("behind", "nothing.invalid", proxy);
    assert_eq!(
        last(behind.proxy.as_ref()).map(|last| last.report),
        Some(report)
    );
    assert!(last(None).is_some_and(|last| last.report.answer.is_err()));
    prober.forget("behind");
    assert_eq!((last(behind.proxy.as_ref()), last(None)), (None, None));
    let broken = Prober::new(|_| Err("no cryptography".to_owned()));
    let report = broken.probe(&behind, CoreProtocol::Linux).await;
    assert_eq!(
        report.answer,
        Err(SignerFault::NotAsked("no cryptography".to_owned()))
    );
}

#[tokio::test]
async fn the_first_in_the_order_that_works_is_chosen() {
    let works = Server::start(|_| Answer::new(200, INFO)).await;
    let gone = Server::start(|_| Answer::new(404, "")).await;
    // Slow, and preferred: one that answers later than the others by as much as a real one might.
    let slow = Server::start(|_| Answer::new(200, INFO).after(Duration::from_millis(200))).await;
    let mute = Server::start(|_| Answer::never()).await;
    let signers = [
        signer("gone", &gone.base),
        signer("slow", &slow.base),
        signer("works", &works.base),
        signer("mute", &mute.base),
    ];
    let chosen = prober()
        .choose(&signers, CoreProtocol::Linux)
        .await
        .expect("chosen");
    assert_eq!(chosen.signer.name, "slow", "nobody waits for the mute one");
    assert_eq!(
        prober().choose(&[], CoreProtocol::Linux).await,
        Err(SignerProblem::NoneConfigured)
    );
    let none = prober().choose(&signers[..1], CoreProtocol::Linux).await;
    let Err(SignerProblem::NoneWorks(reasons)) = none else {
        panic!("{none:?}");
    };
    assert_eq!(reasons.len(), 1);
    assert!(
        reasons[0]
            .to_string()
            .starts_with("`gone`: nothing signs at its address"),
        "{reasons:?}"
    );
}

async fn app_info(text: &str) -> AppInfo {
    let answer = probe(Answer::new(200, text), Answer::new(404, "")).await;
    answer.expect("works").app_info.expect("app info")
}

#[tokio::test]
async fn the_signer_sets_what_the_core_falls_back_to() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("appinfo.json");
    let read = || -> Value {
        serde_json::from_str(&fs::read_to_string(&path).expect("file")).expect("JSON")
    };
    let small = INFO
        .replace("CurrentVersion", "currentversion")
        .replace("NTLoginType", "ntLoginType");
    app_info(&small)
        .await
        .write(folder.path())
        .expect("written");
    assert_eq!(
        read()["CurrentVersion"],
        "3.2.15-30366",
        "as `BotAppInfo` spells it"
    );
    assert_eq!(read()["NTLoginType"], 1);
    app_info(&INFO.replace("30366", "39038"))
        .await
        .write(folder.path())
        .expect("written again");
    assert_eq!(read()["CurrentVersion"], "3.2.15-39038");
    assert_eq!(
        fs::read_dir(folder.path()).expect("folder").count(),
        1,
        "ours is not set aside"
    );
    AppInfo::remove(folder.path()).expect("removed");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_persons_own_app_info_is_never_lost() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("appinfo.json");
    let own = json!({"Os": "Linux", "CurrentVersion": "3.2.10"}).to_string();
    fs::write(&path, &own).expect("file");
    AppInfo::remove(folder.path()).expect("nothing of ours");
    assert_eq!(fs::read_to_string(&path).expect("file"), own);
    app_info(INFO).await.write(folder.path()).expect("written");
    let aside = fs::read_dir(folder.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .find(|path| path.to_string_lossy().contains("appinfo.json.own-"));
    assert_eq!(
        fs::read_to_string(aside.expect("set aside")).expect("file"),
        own
    );
}

#[test]
fn an_address_is_checked_and_shown_by_its_host() {
    let url = SignerUrl::new(" https://Sign.example:8443/api/secret-key/?k=1 ").expect("address");
    assert_eq!(url.expose(), "https://sign.example:8443/api/secret-key?k=1");
    assert_eq!(
        format!("{url} {url:?}"),
        "sign.example:8443 SignerUrl(sign.example:8443)"
    );
    assert_eq!(
        SignerUrl::new("http://host").expect("address").expose(),
        "http://host"
    );
    for (text, error) in [
        ("", SignerUrlError::Invalid),
        ("sign.example/api", SignerUrlError::Invalid),
        ("ws://sign.example", SignerUrlError::Scheme),
        ("https://sign.example/#x", SignerUrlError::Fragment),
    ] {
        assert_eq!(SignerUrl::new(text), Err(error), "{text}");
    }
    let proxy = ProxyUrl::new("http://me:hunter2@10.0.0.1:3128").expect("proxy");
    assert!(proxy.has_password());
    assert_eq!(
        format!("{proxy} {proxy:?}"),
        "10.0.0.1:3128 ProxyUrl(10.0.0.1:3128)"
    );
    for (text, error, code) in [
        ("", ProxyUrlError::Invalid, "config.proxy_malformed"),
        (
            "http://me:pass#word@10.0.0.1:1080",
            ProxyUrlError::Invalid,
            "config.proxy_malformed",
        ),
        (
            "socks5://10.0.0.1:1080",
            ProxyUrlError::Scheme,
            "config.proxy_scheme",
        ),
        (
            "http://me:hunter2@10.0.0.1:1080/#x",
            ProxyUrlError::Fragment,
            "config.proxy_fragment",
        ),
    ] {
        assert_eq!(ProxyUrl::new(text), Err(error), "{text}");
        assert_eq!(Message::from(&error).code, code, "{text}");
    }
}
