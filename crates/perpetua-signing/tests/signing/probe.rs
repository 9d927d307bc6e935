//! What is asked before a start, and when a person wants to know.

use std::time::Duration;

use perpetua_lagrange::{CoreProtocol, ProxyUrl, ResolvedSigner, SignerUrl};
use perpetua_lifecycle::SignerProblem;
use perpetua_signing::{Prober, SignerAnswer, SignerFault, Wanted};

use crate::server::{Answer, Server};

const PATH: &str = "/api/secret-key/30366";
pub(crate) const INFO: &str = r#"{"Os":"Linux","CurrentVersion":"3.2.15-30366","AppClientVersion":30366,"NTLoginType":1,
    "VendorOs":"linux","Kernel":"Linux","MiscBitmap":32764,"PtVersion":"2.0.0","SsoVersion":19,
    "PackageName":"com.tencent.qq","WtLoginSdk":"nt.wtlogin.0.0.1","AppId":1600001615,"SubAppId":537258424,
    "AppIdQrCode":537258424,"MainSigMap":169742560,"SubSigMap":0}"#;
pub(crate) const SIGNED: &str =
    r#"{"platform":"Linux","version":"3.2.15-30366","value":{"sign":"00","token":"","extra":""}}"#;

pub(crate) fn prober() -> Prober {
    Prober::new(client)
}

pub(crate) fn client(proxy: Option<&ProxyUrl>) -> Result<reqwest::Client, String> {
    // Wherever another crate of the workspace asks for TLS, the client wants a cryptography.
    let _set = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder().no_proxy();
    if let Some(proxy) = proxy {
        let proxy = reqwest::Proxy::all(proxy.expose()).map_err(|error| error.to_string())?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| error.to_string())
}

fn signer(name: &str, base: &str) -> ResolvedSigner {
    ResolvedSigner {
        name: name.to_owned(),
        url: SignerUrl::new(&format!("{base}{PATH}/")).expect("address"),
        proxy: None,
    }
}

fn linux() -> Wanted {
    Wanted {
        protocol: CoreProtocol::Linux,
        version: None,
        is_asked_by_core: false,
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

/// App infos that lack something of this version, and what.
fn incomplete(version: &str) -> [(String, &'static str); 3] {
    let info = INFO.replace("3.2.15-30366", version);
    let without = info.replace(r#""PackageName":"com.tencent.qq","#, "");
    let bare = format!(r#"{{"CurrentVersion":"{version}","Os":"Linux"}}"#);
    [
        (without, "PackageName"),
        (info.replace(":19", ":null"), "SsoVersion"),
        (bare, "VendorOs"),
    ]
}

#[tokio::test]
async fn an_app_info_of_a_known_version_is_filled_in_with_a_warning() {
    for (without, missing) in incomplete("3.2.15-30366") {
        let answer = probe(Answer::new(200, &without), Answer::new(404, "")).await;
        let answer = answer.expect("works");
        assert!(answer.filled_in.contains(&missing), "{answer:?}");
        let warning = answer.warning.expect("a warning").to_string();
        assert!(
            warning.contains(missing) && warning.contains("3.2.15-30366"),
            "{warning}"
        );
        assert_eq!(answer.app_info.expect("app info").missing(), [""; 0]);
    }
}

#[tokio::test]
async fn a_core_that_asks_by_itself_gets_no_signer_whose_app_info_is_filled_in() {
    let [(without, _), ..] = incomplete("3.2.15-30366");
    let lacks = Server::start(move |_| Answer::new(200, &without)).await;
    let whole = Server::start(|_| Answer::new(200, INFO)).await;
    let signers = [signer("lacks", &lacks.base), signer("whole", &whole.base)];
    for (is_asked_by_core, name) in [(false, "lacks"), (true, "whole")] {
        let wanted = Wanted {
            is_asked_by_core,
            ..linux()
        };
        let chosen = prober().choose(&signers, &wanted).await.expect("chosen");
        assert_eq!(chosen.signer.name, name);
    }
}

#[tokio::test]
async fn a_signer_whose_app_info_lacks_what_nobody_knows_is_not_used() {
    for (without, missing) in incomplete("3.2.19-39038") {
        let fault = probe(Answer::new(200, &without), Answer::new(200, SIGNED)).await;
        let Err(SignerFault::Incomplete(fields)) = fault else {
            panic!("{fault:?} of {without}");
        };
        assert!(fields.contains(missing), "{fields}");
    }
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
    let bare = Answer::new(200, r#"{"value":{"sign":"","token":null,"extra":null}}"#);
    let answer = probe(Answer::new(404, ""), bare).await.expect("works");
    assert_eq!((answer.version, answer.warning.is_some()), (None, true));
}

#[tokio::test]
async fn a_signer_without_app_info_has_to_sign() {
    for (status, body) in [
        (400, r#"{"message":"src is too short"}"#),
        (200, r#"{"value":{"sign":null,"token":"","extra":""}}"#),
        (200, r#"{"value":{"sign":"0","token":"","extra":""}}"#),
        (200, r#"{"value":"00"}"#),
    ] {
        let answer = probe(Answer::new(404, ""), Answer::new(status, body)).await;
        assert!(answer.is_err(), "{status} {body}: {answer:?}");
    }
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
        assert_eq!(probe(missing(), Answer::new(status, "")).await, Err(fault));
    }
    for status in [401, 403] {
        let fault = SignerFault::Refused(status);
        assert_eq!(probe(missing(), Answer::new(status, "")).await, Err(fault));
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
    assert_eq!(prober.last(&behind).map(|last| last.report), Some(report));
    let last = prober.last(&direct);
    assert!(last.is_some_and(|last| last.report.answer.is_err()));
    prober.forget("behind");
    assert_eq!((prober.last(&behind), prober.last(&direct)), (None, None));
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
    let chosen = prober().choose(&signers, &linux()).await.expect("chosen");
    assert_eq!(chosen.signer.name, "slow", "nobody waits for the mute one");
    assert_eq!(
        prober().choose(&[], &linux()).await,
        Err(SignerProblem::NoneConfigured)
    );
    let none = prober().choose(&signers[..1], &linux()).await;
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

#[tokio::test]
async fn one_that_signs_for_the_version_in_use_comes_before_those_that_do_not() {
    let newer = INFO.replace("30366", "39038");
    let newer = Server::start(move |_| Answer::new(200, &newer)).await;
    let unknown = Server::start(|request| {
        let asks_for_signature = request.starts_with("POST");
        let signed = r#"{"value":{"sign":"00","token":"","extra":""}}"#;
        Answer::new(if asks_for_signature { 200 } else { 404 }, signed)
    })
    .await;
    let fits = Server::start(|_| Answer::new(200, INFO)).await;
    let newer = signer("newer", &newer.base);
    let wanted = Wanted {
        version: Some("3.2.15-30366".to_owned()),
        ..linux()
    };
    for (name, base) in [("unknown", &unknown.base), ("fits", &fits.base)] {
        let signers = [newer.clone(), signer(name, base)];
        let chosen = prober().choose(&signers, &wanted).await.expect("chosen");
        assert_eq!(chosen.signer.name, name);
    }
    let only = prober().choose(&[newer], &wanted).await.expect("chosen");
    assert_eq!(only.signer.name, "newer", "better than none");
}

#[tokio::test]
async fn no_proxy_leads_to_a_program_of_this_machine() {
    let proxy = Server::start(|_| Answer::new(500, "")).await;
    let here = Server::start(|_| Answer::new(200, INFO)).await;
    let signer = ResolvedSigner {
        proxy: Some(ProxyUrl::new(&proxy.base).expect("proxy")),
        ..signer("here", &here.base)
    };
    let prober = prober();
    let report = prober.probe(&signer, CoreProtocol::Linux).await;
    assert!(report.answer.is_ok(), "{report:?}");
    assert_eq!(report.through, None);
    assert_eq!(prober.last(&signer).map(|last| last.report), Some(report));
}
