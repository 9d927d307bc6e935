//! `[[accounts.clients]]` of the kind `reverse`.

use perpetua_words::config as words;

use crate::read::section::Section;
use crate::read::token;
use crate::{Fingerprint, ReverseClient, Trust};

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

/// Whom the server has to be; `is_plain`: it shows no certificate.
fn trust(section: &mut Section<'_>, is_plain: bool) -> Option<Trust> {
    let pin = section.take("pin-sha256");
    let authorities = section.take("ca-file");
    if let Some(item) = pin.as_ref().or(authorities.as_ref())
        && is_plain
    {
        return item.problem(words::TrustWithoutTls);
    }
    match (pin, authorities) {
        (Some(_), Some(item)) => item.problem(words::TrustTwice),
        (Some(item), None) => {
            let text = item.string(words::TextQuoted)?;
            let pin = Fingerprint::parse(text);
            pin.map(Trust::Certificate)
                .or_else(|| item.problem(words::NotFingerprint))
        }
        (None, Some(item)) => {
            let path = item.string(words::TextQuoted)?;
            Some(Trust::Authorities(path.into()))
        }
        (None, None) => None,
    }
}
