//! Where a secret is kept, as written; a token may also be `"off"` or left out.

use perpetua_words::{Message, config as words};

use super::item::Item;
use crate::{ListenerToken, TokenSource};

/// The value of a `token` key.
enum Written {
    Off,
    From(TokenSource),
}

/// The token of a listener.
pub(super) fn listener(item: Option<&Item<'_>>) -> ListenerToken {
    match item.and_then(written) {
        None => ListenerToken::Generated,
        Some(Written::Off) => ListenerToken::Off,
        Some(Written::From(source)) => ListenerToken::From(source),
    }
}

/// The token that is sent to an upstream or a webhook.
pub(super) fn sent(item: Option<&Item<'_>>) -> Option<TokenSource> {
    match item.and_then(written) {
        None | Some(Written::Off) => None,
        Some(Written::From(source)) => Some(source),
    }
}

fn written(item: &Item<'_>) -> Option<Written> {
    if item.as_table().is_some() {
        return source(item, "token").map(Written::From);
    }
    let places = Message::from(words::Places);
    match item.string(words::PlacesOrOff {
        places: places.clone(),
    })? {
        "off" => Some(Written::Off),
        // The text is not repeated: it most likely is the token.
        _ => item.problem(words::TokenInFile { places }),
    }
}

/// `{ env = … }`, `{ file = … }` or `{ secret = … }`, exactly one of them, as the value of a key.
pub(super) fn source(item: &Item<'_>, key: &'static str) -> Option<TokenSource> {
    let mut section = item.table(key)?;
    if item.as_table().is_none_or(|table| table.len() != 1) {
        let places = Message::from(words::Places);
        return item.problem(words::OnePlace { places });
    }
    let [env, file, secret] = ["env", "file", "secret"].map(|key| section.take(key));
    section.finish();
    let text = |item: Item<'_>| item.line().map(str::to_owned);
    env.and_then(text)
        .map(TokenSource::Env)
        .or_else(|| {
            file.and_then(text)
                .map(|path| TokenSource::File(path.into()))
        })
        .or_else(|| secret.and_then(text).map(TokenSource::Secret))
}
