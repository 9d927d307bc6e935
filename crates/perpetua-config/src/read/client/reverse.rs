//! `[[accounts.clients]]` of the kind `reverse`.

use perpetua_words::config as words;

use crate::ReverseClient;
use crate::read::section::Section;
use crate::read::token;

pub(super) fn reverse(section: &mut Section<'_>) -> Option<ReverseClient> {
    let url = section.require("url", words::NeedsReverseUrl);
    let token = token::sent(section.take("token").as_ref());
    let url = url.and_then(|item| item.websocket_url())?;
    Some(ReverseClient { url, token })
}
