//! `http` addresses as written, and `[[notify]]`, which is little more than one.

use super::item::Item;
use super::section::Section;
use super::token::{self, SOURCES};
use crate::{AddressSource, Hook, HttpUrl, HttpUrlError, ProxySource};

/// An address that holds no secret.
pub(super) fn url(item: &Item<'_>) -> Option<HttpUrl> {
    let text = item.string("an address in quotes, such as `\"https://host.example/path\"`")?;
    HttpUrl::new(text).map_or_else(|error| item.problem(error.to_string()), Some)
}

/// The address behind a key, which may be a secret.
pub(super) fn address(item: &Item<'_>, key: &'static str) -> Option<AddressSource> {
    if item.as_table().is_some() {
        return token::source(item, key, "an address").map(AddressSource::From);
    }
    plain(item).map(AddressSource::Plain)
}

/// The HTTP proxy behind a key, which may have a password.
pub(super) fn proxy(item: &Item<'_>, key: &'static str) -> Option<ProxySource> {
    if item.as_table().is_some() {
        return token::source(item, key, "a proxy").map(ProxySource::From);
    }
    let url = plain(item)?;
    if url.is_proxy() {
        return Some(ProxySource::Plain(url));
    }
    item.problem(
        "expected an HTTP proxy, such as `\"http://127.0.0.1:7890\"`, with nothing behind its port",
    )
}

/// An address where one from a place of its own would do as well.
fn plain(item: &Item<'_>) -> Option<HttpUrl> {
    let text = item.string(&format!("an address in quotes, or {SOURCES}"))?;
    match HttpUrl::new(text) {
        Ok(url) => Some(url),
        Err(error @ HttpUrlError::Secret) => item.problem(format!(
            "{error}, or keep the whole address elsewhere and write {SOURCES}"
        )),
        Err(error) => item.problem(error.to_string()),
    }
}

/// `[[notify]]`.
pub(super) fn hooks(sections: Vec<Section<'_>>) -> Vec<Hook> {
    sections.into_iter().filter_map(hook).collect()
}

fn hook(mut section: Section<'_>) -> Option<Hook> {
    let post = section
        .require(
            "post",
            "the address that is told, such as `post = \"https://host.example/path\"`",
        )
        .and_then(|item| address(&item, "post"));
    let token = token::shown(section.take("token").as_ref());
    section.finish();
    Some(Hook { post: post?, token })
}
