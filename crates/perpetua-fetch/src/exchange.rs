//! One request and its answer, with limits on silence and errors in words.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use reqwest::{RequestBuilder, Response};
use tokio::time::timeout;
use url::Url;

use perpetua_words::{Message, cause};

use crate::{AddressProblem, client::RedirectRefused};

/// Sends a request and waits for the answer's head, of whatever status.
pub(crate) async fn send(
    request: RequestBuilder,
    stall: Duration,
) -> Result<Response, AddressProblem> {
    match timeout(stall, request.send()).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) if error.is_redirect() => {
            Err(AddressProblem::Redirect(refused_redirect(&error)))
        }
        Ok(Err(error)) => Err(AddressProblem::Unreachable(cause(&error.without_url()))),
        Err(_) => Err(AddressProblem::Stalled(stall.as_secs())),
    }
}

/// The next piece of the body; `received` bytes came before it.
pub(crate) async fn chunk(
    response: &mut Response,
    stall: Duration,
    received: u64,
) -> Result<Option<Bytes>, AddressProblem> {
    match timeout(stall, response.chunk()).await {
        Ok(Ok(chunk)) => Ok(chunk),
        Ok(Err(_)) => Err(AddressProblem::Cut(received)),
        Err(_) => Err(AddressProblem::Stalled(stall.as_secs())),
    }
}

/// Whether the answer says that it is a page for browsers, or JSON.
pub(crate) fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    ["text/html", "application/xhtml", "application/json"]
        .iter()
        .any(|page| kind.starts_with(page))
}

/// Reads an address from settings or a listing.
pub(crate) fn address(text: &str) -> Result<Url, AddressProblem> {
    let url = Url::parse(text).map_err(|_| AddressProblem::NoAddress)?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(AddressProblem::NoAddress)
    }
}

/// An address for people: without what may be a password or a signature.
pub(crate) fn shown(url: &Url) -> String {
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let host = url.host_str().unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

/// Why a redirect was not followed.
fn refused_redirect(error: &reqwest::Error) -> Message {
    let mut cause: &dyn Error = error;
    loop {
        if let Some(refused) = cause.downcast_ref::<RedirectRefused>() {
            return refused.into();
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    let text = cause.to_string();
    perpetua_words::io::Other { text }.into()
}

#[cfg(test)]
mod tests {
    use super::{address, shown};

    #[test]
    fn what_may_be_secret_in_an_address_is_not_shown() {
        let url = address("https://me:hunter2@host:8443/a/b.zip?token=hunter2#x").expect("a URL");
        assert_eq!(shown(&url), "https://host:8443/a/b.zip");
    }

    #[test]
    fn only_addresses_of_the_web_are_asked() {
        for text in ["file:///etc/passwd", "ftp://host/", "host/path", ""] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
