//! `[accounts.upstream]` of the kind `onebot`.

use perpetua_words::config as words;

use crate::OnebotUpstream;
use crate::read::section::Section;
use crate::read::token;

pub(super) fn onebot(section: &mut Section<'_>) -> Option<OnebotUpstream> {
    let url = section.require("url", words::NeedsOnebotUrl);
    let token = token::sent(section.take("token").as_ref());
    let uin = super::uin(section);
    let url = url.and_then(|item| item.websocket_url());
    Some(OnebotUpstream {
        url: url?,
        token,
        uin,
    })
}
