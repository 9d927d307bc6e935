//! `[[accounts.clients]]` of the kind `post`.

use perpetua_words::config as words;

use crate::PostClient;
use crate::read::section::Section;
use crate::read::token;

pub(super) fn post(section: &mut Section<'_>) -> Option<PostClient> {
    let url = section.require("url", words::NeedsPostUrl);
    let secret = token::sent(section.take("secret").as_ref());
    let url = url.and_then(|item| item.http_url())?;
    Some(PostClient { url, secret })
}
