//! `[[accounts.clients]]` of the kind `reverse`.

use perpetua_words::config as words;

use super::trust::trust;
use crate::ReverseClient;
use crate::read::section::Section;
use crate::read::token;

pub(super) fn reverse(section: &mut Section<'_>) -> Option<ReverseClient> {
    let url = section.require("url", words::NeedsReverseUrl);
    let token = token::sent(section.take("token").as_ref());
    let url = url.and_then(|item| item.websocket_url());
    let is_plain = url.as_ref().is_some_and(|url| !url.is_encrypted());
    let trust = trust(section, is_plain);
    Some(ReverseClient {
        url: url?,
        token,
        trust,
    })
}
