//! Which redirects are followed: none that changes a question, tells a secret to somebody else, or leads to
//! where only this machine's own programs may ask.

use std::fmt;

use perpetua_words::{Message, install as words};
use reqwest::{
    StatusCode,
    redirect::{Action, Attempt, Policy},
};
use url::{Host, Url};

use super::Purpose;

/// GitHub's downloads need one redirect; a mirror in front of them a few more.
const REDIRECTS: usize = 8;

/// Why a redirect of a download is not followed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RedirectRefused {
    TooMany,
    /// From `https` to an address that is not.
    Insecure,
    /// From elsewhere to this machine.
    ThisMachine,
}

impl From<&RedirectRefused> for Message {
    fn from(refused: &RedirectRefused) -> Self {
        match refused {
            RedirectRefused::TooMany => words::RedirectsTooMany { max: REDIRECTS }.into(),
            RedirectRefused::Insecure => words::RedirectInsecure.into(),
            RedirectRefused::ThisMachine => words::RedirectThisMachine.into(),
        }
    }
}

impl fmt::Display for RedirectRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for RedirectRefused {}

/// What becomes of a redirect. One that is not followed, and is no download's, is an answer like any other.
pub(super) fn policy(purpose: Purpose) -> Policy {
    match purpose {
        Purpose::Downloads => Policy::custom(of_download),
        Purpose::Signers => Policy::custom(of_signer),
        Purpose::Webhooks => Policy::none(),
    }
}

fn of_download(attempt: Attempt<'_>) -> Action {
    let (before, next) = (attempt.previous(), attempt.url());
    let was_secure = before.iter().any(|url| url.scheme() == "https");
    let was_elsewhere = !before.iter().all(is_this_machine);
    if before.len() > REDIRECTS {
        attempt.error(RedirectRefused::TooMany)
    } else if was_secure && next.scheme() != "https" {
        attempt.error(RedirectRefused::Insecure)
    } else if was_elsewhere && is_this_machine(next) {
        attempt.error(RedirectRefused::ThisMachine)
    } else {
        attempt.follow()
    }
}

/// Other statuses than these two make a GET of a POST, or leave that to the program that asks.
fn of_signer(attempt: Attempt<'_>) -> Action {
    let keeps_question = matches!(
        attempt.status(),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    let before = attempt.previous();
    let is_there = before
        .last()
        .is_some_and(|asked| is_same_server(asked, attempt.url()));
    if keeps_question && is_there && before.len() <= REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// The same host and port; or the host's own `https` in place of its `http`, where neither names a port.
fn is_same_server(asked: &Url, next: &Url) -> bool {
    let has_usual_ports = asked.port().is_none() && next.port().is_none();
    let becomes_secure = asked.scheme() == "http" && next.scheme() == "https" && has_usual_ports;
    asked.host() == next.host() && (asked.origin() == next.origin() || becomes_secure)
}

/// Whether an address is one of this machine's own, in any spelling.
pub(super) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{is_same_server, is_this_machine};

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    #[test]
    fn this_machine_has_many_spellings() {
        for here in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "127.0.0.1",
            "127.8.9.10",
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "[::]",
        ] {
            assert!(
                is_this_machine(&url(&format!("http://{here}:1/"))),
                "{here}"
            );
        }
        for elsewhere in [
            "localhost.example",
            "notlocalhost",
            "128.0.0.1",
            "[::2]",
            "10.0.0.1",
            "[::ffff:10.0.0.1]",
        ] {
            assert!(
                !is_this_machine(&url(&format!("http://{elsewhere}/"))),
                "{elsewhere}"
            );
        }
    }

    #[test]
    fn a_server_is_a_host_and_a_port_and_may_become_secure() {
        for (asked, next, is_same) in [
            ("http://a/x", "http://a/y", true),
            ("http://a/x", "http://A:80/y", true),
            ("http://a/x", "https://a/y", true),
            ("https://a/x", "http://a/y", false),
            ("http://a/x", "http://a:8080/y", false),
            ("http://a:8080/x", "https://a:8080/y", false),
            ("http://a/x", "https://a:8443/y", false),
            ("http://a/x", "http://b/y", false),
            ("http://a/x", "https://b/y", false),
        ] {
            assert_eq!(
                is_same_server(&url(asked), &url(next)),
                is_same,
                "{asked} {next}"
            );
        }
    }
}
