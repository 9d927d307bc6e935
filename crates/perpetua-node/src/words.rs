//! Errors as messages.

use std::error::Error;

use perpetua_words::{Message, io};

use crate::error::with_causes;

/// An error that has no code of its own yet, in its own words.
pub(crate) fn said(error: &dyn Error) -> Message {
    io::Other {
        text: with_causes(error),
    }
    .into()
}
