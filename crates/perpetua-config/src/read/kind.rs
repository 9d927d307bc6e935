//! Kinds: of upstreams and of clients.

use super::item::Item;

/// A kind that exists in this version; one that is planned is told apart from a slip of the pen.
pub(super) fn available<T: Copy>(
    item: &Item<'_>,
    kinds: &[(&'static str, T)],
    later: &[&str],
) -> Option<T> {
    let choices = super::section::list(kinds.iter().map(|(name, _)| *name), "or");
    let written = item.string(&choices)?;
    if later.contains(&written) {
        return item.problem(format!(
            "`{written}` is not available in this version; use {choices}"
        ));
    }
    item.word(kinds)
}
