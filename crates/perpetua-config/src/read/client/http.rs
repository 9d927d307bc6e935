//! `[[accounts.clients]]` of the kind `http`.

use crate::HttpClient;
use crate::read::listeners::{Listeners, listener};
use crate::read::section::Section;

pub(super) fn http(
    section: &mut Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
) -> Option<HttpClient> {
    let (listen, token) = listener(section, enabled, listeners)?;
    Some(HttpClient { listen, token })
}
