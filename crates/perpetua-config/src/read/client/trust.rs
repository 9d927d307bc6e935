//! Whom a server has to be that we go to over TLS (`pin-sha256`, `ca-file`).

use perpetua_words::config as words;

use crate::read::section::Section;
use crate::{Fingerprint, Trust};

/// Whom the server has to be; `is_plain`: it shows no certificate.
pub(super) fn trust(section: &mut Section<'_>, is_plain: bool) -> Option<Trust> {
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
