//! `[[accounts.clients]]` of the kind `forward`.

use crate::ForwardClient;
use crate::read::listeners::{Listeners, listener};
use crate::read::section::Section;

pub(super) fn forward(
    section: &mut Section<'_>,
    enabled: bool,
    listeners: &mut Listeners,
) -> Option<ForwardClient> {
    let (listen, token) = listener(section, enabled, listeners)?;
    Some(ForwardClient { listen, token })
}
