//! A module with modules of its own is `name.rs` beside the folder `name/`.

use crate::program::Source;

/// Files that are named after nothing.
pub(crate) fn nameless(sources: &[Source]) -> impl Iterator<Item = &Source> {
    let sources = sources.iter();
    sources.filter(|source| source.path.file_name() == Some("mod.rs"))
}
