//! Addresses as operators of signers give them out, and what their signers answer at them.

use perpetua_lagrange::{CoreProtocol, ResolvedSigner, SignerUrl};
use perpetua_signing::{ProbeReport, Prober, SignerFault};

use crate::probe::{INFO, SIGNED, client, prober};
use crate::server::{Answer, Server};

/// What is written behind the host, what is asked then, and where signatures are asked for.
const SHAPES: [(&str, &str, &str); 8] = [
    ("", "/appinfo", "/"),
    ("/", "/appinfo", "/"),
    ("/sign/30366", "/sign/30366/appinfo", "/sign/30366"),
    ("/sign/30366/", "/sign/30366/appinfo", "/sign/30366"),
    ("?key=hunter2", "/appinfo?key=hunter2", "/?key=hunter2"),
    ("/?key=hunter2", "/appinfo?key=hunter2", "/?key=hunter2"),
    (
        "/sign?key=hunter2&v=/",
        "/sign/appinfo?key=hunter2&v=/",
        "/sign?key=hunter2&v=/",
    ),
    (
        "/sign/?key=hunter2",
        "/sign/appinfo?key=hunter2",
        "/sign?key=hunter2",
    ),
];

/// What comes of a probe at this address.
async fn probe(prober: &Prober, base: &str, shape: &str) -> ProbeReport {
    let signer = ResolvedSigner {
        name: "mine".to_owned(),
        url: SignerUrl::new(&format!("{base}{shape}")).expect(shape),
        proxy: None,
    };
    let report = prober.probe(&signer, CoreProtocol::Linux).await;
    assert!(!format!("{report:?}").contains("hunter2"), "{report:?}");
    report
}

/// A signer that answers at its right addresses alone.
async fn server((_, asked, signed): (&str, &str, &str), get: Answer, post: Answer) -> Server {
    let (asked, signed) = (format!("GET {asked} "), format!("POST {signed} "));
    Server::start(move |request| {
        if request.starts_with(&asked) {
            get.clone()
        } else if request.starts_with(&signed) {
            post.clone()
        } else {
            Answer::new(418, "")
        }
    })
    .await
}

#[tokio::test]
async fn a_signer_is_asked_at_its_address_whatever_shape_that_has() {
    for shape in SHAPES {
        let introduced = server(shape, Answer::new(200, INFO), Answer::new(404, "")).await;
        let report = probe(&prober(), &introduced.base, shape.0).await;
        let answer = report
            .answer
            .unwrap_or_else(|fault| panic!("{shape:?}: {fault}"));
        assert!(
            answer.app_info.is_some() && answer.warning.is_none(),
            "{shape:?}"
        );
        let silent = server(shape, Answer::new(404, ""), Answer::new(200, SIGNED)).await;
        let report = probe(&prober(), &silent.base, shape.0).await;
        let answer = report
            .answer
            .unwrap_or_else(|fault| panic!("{shape:?}: {fault}"));
        assert!(
            answer.app_info.is_none() && answer.warning.is_some(),
            "{shape:?}"
        );
    }
}

#[tokio::test]
async fn a_signer_that_signs_works_whatever_it_answers_to_a_get() {
    for shape in [SHAPES[0], SHAPES[2], SHAPES[6]] {
        for (status, body) in [
            (200, "<html>a page</html>"),
            (200, "{}"),
            (204, ""),
            (302, ""),
            (400, ""),
            (401, ""),
            (403, "no"),
            (404, ""),
            (405, "POST only"),
            (418, ""),
            (429, ""),
            (500, ""),
            (502, "<html>"),
        ] {
            let server = server(shape, Answer::new(status, body), Answer::new(200, SIGNED)).await;
            let report = probe(&prober(), &server.base, shape.0).await;
            assert!(
                report.answer.is_ok(),
                "{shape:?} {status} {body}: {report:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_signer_that_does_not_sign_does_not_work_and_the_post_says_why() {
    for (get, post, fault) in [
        (404, 404, SignerFault::Gone),
        (401, 401, SignerFault::Refused(401)),
        (401, 403, SignerFault::Refused(403)),
        (500, 502, SignerFault::OutOfOrder(502)),
        (405, 400, SignerFault::Declined(400)),
        (405, 405, SignerFault::Declined(405)),
        (403, 429, SignerFault::Declined(429)),
    ] {
        for shape in [SHAPES[1], SHAPES[3], SHAPES[7]] {
            let server = server(shape, Answer::new(get, ""), Answer::new(post, "")).await;
            let report = probe(&prober(), &server.base, shape.0).await;
            assert_eq!(report.answer, Err(fault.clone()), "{shape:?} {get} {post}");
        }
    }
}

#[tokio::test]
async fn a_signer_that_redirects_elsewhere_is_said_to() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere =
            Answer::new(status, "").header("Location", "http://new.example:8080/sign?key=hunter2");
        let server = server(SHAPES[2], elsewhere.clone(), elsewhere).await;
        let unfollowed = Prober::new(|_| unfollowing());
        let report = probe(&unfollowed, &server.base, SHAPES[2].0).await;
        let fault = SignerFault::Redirects("http://new.example:8080".to_owned());
        assert_eq!(report.answer, Err(fault), "{status}");
    }
}

/// A client that leaves redirects to whoever asks, as the program's does where they lead elsewhere.
fn unfollowing() -> Result<reqwest::Client, String> {
    client(None)?;
    let builder = reqwest::Client::builder().no_proxy();
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.build().map_err(|error| error.to_string())
}
