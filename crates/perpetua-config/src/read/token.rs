//! Secrets as written: a place that holds one; for tokens also `"off"` or nothing.

use super::item::Item;
use crate::{ListenerToken, TokenSource};

/// The ways to write a [`TokenSource`].
pub(super) const SOURCES: &str =
    "`{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }`";

/// What stands behind a `token` key.
enum Written {
    Off,
    From(TokenSource),
}

/// The token of a listener of ours.
pub(super) fn listener(item: Option<&Item<'_>>) -> ListenerToken {
    match item.and_then(written) {
        None => ListenerToken::Generated,
        Some(Written::Off) => ListenerToken::Off,
        Some(Written::From(source)) => ListenerToken::From(source),
    }
}

/// The token that we show to an upstream.
pub(super) fn shown(item: Option<&Item<'_>>) -> Option<TokenSource> {
    match item.and_then(written) {
        None | Some(Written::Off) => None,
        Some(Written::From(source)) => Some(source),
    }
}

fn written(item: &Item<'_>) -> Option<Written> {
    if item.as_table().is_some() {
        return source(item, "token", "a token").map(Written::From);
    }
    match item.string(&format!("{SOURCES} or `\"off\"`"))? {
        "off" => Some(Written::Off),
        // The text is not repeated: it most likely is the token.
        _ => item.problem(format!(
            "a token does not stand in this file, because settings are copied, shown and sent around; \
             write {SOURCES} instead, or `\"off\"` for none"
        )),
    }
}

/// `{ env = … }`, `{ file = … }` or `{ secret = … }`, exactly one of them, behind a key; `what` is
/// kept there.
pub(super) fn source(item: &Item<'_>, key: &'static str, what: &str) -> Option<TokenSource> {
    let mut section = item.table(key)?;
    let text = |item: Item<'_>| {
        let text = item.string("a text in quotes")?;
        if text.is_empty() || text.contains(char::is_control) {
            return item.problem("must not be empty and must stand on one line");
        }
        Some(text.to_owned())
    };
    if item.as_table().is_none_or(|table| table.len() != 1) {
        return item.problem(format!("{what} comes from exactly one place: {SOURCES}"));
    }
    let [env, file, secret] = ["env", "file", "secret"].map(|key| section.take(key));
    section.finish();
    env.and_then(text)
        .map(TokenSource::Env)
        .or_else(|| {
            file.and_then(text)
                .map(|path| TokenSource::File(path.into()))
        })
        .or_else(|| secret.and_then(text).map(TokenSource::Secret))
}
