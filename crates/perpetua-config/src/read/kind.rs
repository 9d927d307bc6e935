//! Kinds: of upstreams and of clients.

use perpetua_words::config as words;

use super::choices::either;
use super::section::Section;

/// The `kind` of a table, one that this version has. One that is planned is told apart from a typing
/// mistake. Without a kind it is not known which other keys belong in the table.
pub(super) fn kind<T: Copy>(
    section: &mut Section<'_>,
    kinds: &[(&'static str, T)],
    later: &[&str],
) -> Option<T> {
    let choices = || either(kinds.iter().map(|(name, _)| *name));
    let Some(item) = section.take("kind") else {
        let (choices, table) = (choices(), section.title());
        section.problem(words::MissingKind { choices, table });
        return None;
    };
    let written = item.string(choices())?;
    if later.contains(&written) {
        let (choices, kind) = (choices(), written);
        return item.problem(words::KindNotYet { choices, kind });
    }
    item.word(kinds)
}
