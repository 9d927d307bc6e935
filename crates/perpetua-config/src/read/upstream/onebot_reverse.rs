//! `[accounts.upstream]` of the kind `onebot-reverse`.

use perpetua_words::config as words;

use crate::OnebotReverseUpstream;
use crate::read::item::Item;
use crate::read::listeners::{Listeners, listener};
use crate::read::section::Section;

pub(super) fn onebot_reverse(
    section: &mut Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
) -> Option<OnebotReverseUpstream> {
    let listener = listener(section, enabled, listeners);
    let path = section.take("path").and_then(|item| path(&item));
    let uin = super::uin(section);
    let (listen, token) = listener?;
    Some(OnebotReverseUpstream {
        listen,
        token,
        path,
        uin,
    })
}

/// A path of a URL, with or without its escapes; a query is none.
fn path(item: &Item<'_>) -> Option<String> {
    let forbidden = |char: char| char.is_control() || matches!(char, '?' | '#');
    item.fitting(words::UrlPath, |text| {
        text.starts_with('/') && !text.contains(forbidden)
    })
}
