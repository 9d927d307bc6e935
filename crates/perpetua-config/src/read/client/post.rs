//! `[[accounts.clients]]` of the kind `post`.

use perpetua_words::config as words;

use super::trust::trust;
use crate::PostClient;
use crate::read::section::Section;
use crate::read::token;

pub(super) fn post(section: &mut Section<'_>) -> Option<PostClient> {
    let url = section.require("url", words::NeedsPostUrl);
    let secret = token::sent(section.take("secret").as_ref());
    let url = url.and_then(|item| item.http_url());
    let is_plain = url.as_ref().is_some_and(|url| !url.is_encrypted());
    let trust = trust(section, is_plain);
    Some(PostClient {
        url: url?,
        secret,
        trust,
    })
}
