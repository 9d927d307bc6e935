//! What is being written, up to a limit.

use super::CannotReshape;

/// A text that grows to a limit and no further: a code of a few bytes may become a segment of many.
#[derive(Debug)]
pub(super) struct Output {
    text: String,
    limit: usize,
}

impl Output {
    /// Nothing yet; about `expected` bytes will come.
    pub(super) fn new(expected: usize, limit: usize) -> Self {
        Self {
            text: String::with_capacity(expected.min(limit)),
            limit,
        }
    }

    pub(super) fn push(&mut self, piece: &str) -> Result<(), CannotReshape> {
        if self.text.len() + piece.len() > self.limit {
            return Err(CannotReshape);
        }
        self.text.push_str(piece);
        Ok(())
    }

    pub(super) fn push_all<'a>(
        &mut self,
        pieces: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), CannotReshape> {
        pieces.into_iter().try_for_each(|piece| self.push(piece))
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
