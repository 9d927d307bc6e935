//! `http` addresses as written, and `[[notify]]`, which is little more than one.

use perpetua_words::{Message, config as words};

use super::item::Item;
use super::section::Section;
use super::token;
use crate::{AddressSource, Hook, HttpUrl, HttpUrlError, ProxySource};

/// An address that holds no secret.
pub(super) fn url(item: &Item<'_>) -> Option<HttpUrl> {
    item.http_url()
}

/// The address behind a key, which may be a secret.
pub(super) fn address(item: &Item<'_>, key: &'static str) -> Option<AddressSource> {
    if item.as_table().is_some() {
        return token::source(item, key).map(AddressSource::From);
    }
    plain(item).map(AddressSource::Plain)
}

/// The HTTP proxy behind a key, which may have a password.
pub(super) fn proxy(item: &Item<'_>, key: &'static str) -> Option<ProxySource> {
    if item.as_table().is_some() {
        return token::source(item, key).map(ProxySource::From);
    }
    let url = plain(item)?;
    if url.is_proxy() {
        return Some(ProxySource::Plain(url));
    }
    item.unexpected(words::ProxyUrl)
}

/// An address written in the settings, where it might be kept elsewhere as well.
fn plain(item: &Item<'_>) -> Option<HttpUrl> {
    let places = Message::from(words::Places);
    let text = item.string(words::HttpUrlOrPlace {
        places: places.clone(),
    })?;
    match HttpUrl::new(text) {
        Ok(url) => Some(url),
        Err(HttpUrlError::Secret) => item.problem(words::HttpUrlSecretOrPlace { places }),
        Err(error) => item.misread(text, &error),
    }
}

/// `[[notify]]`.
pub(super) fn hooks(sections: Vec<Section<'_>>) -> Vec<Hook> {
    sections.into_iter().filter_map(hook).collect()
}

fn hook(mut section: Section<'_>) -> Option<Hook> {
    let post = section
        .require("post", words::NeedsPost)
        .and_then(|item| address(&item, "post"));
    let token = token::sent(section.take("token").as_ref());
    section.finish();
    Some(Hook { post: post?, token })
}
