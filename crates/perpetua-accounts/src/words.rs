//! Texts that have no code of their own yet, as messages.

use std::error::Error;

use perpetua_words::{Message, io, with_causes};

/// A sentence.
pub(crate) fn other(text: impl Into<String>) -> Message {
    io::Other { text: text.into() }.into()
}

/// An error, in its own words.
pub(crate) fn said(error: &dyn Error) -> Message {
    other(with_causes(error))
}
