//! `[accounts.upstream]` of the kind `onebot`.

use crate::read::section::Section;
use crate::read::token;
use crate::{OnebotUpstream, WebSocketUrl};

pub(super) fn onebot(section: &mut Section<'_>) -> Option<OnebotUpstream> {
    let url = section.require(
        "url",
        "the address of the OneBot implementation, such as `url = \"ws://127.0.0.1:5700/\"`",
    );
    let token = token::shown(section.take("token").as_ref());
    let url = url.and_then(|item| {
        let text = item.string("an address in quotes, such as `\"ws://127.0.0.1:5700/\"`")?;
        WebSocketUrl::new(text).map_or_else(|error| item.problem(error.to_string()), Some)
    });
    Some(OnebotUpstream { url: url?, token })
}
