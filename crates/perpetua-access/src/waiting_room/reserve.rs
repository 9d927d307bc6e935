//! Descriptors that are kept for when there are no others.

use std::fs::File;

/// How many: for the API, and for those who have a token, while all the rest is taken.
const KEPT: usize = 32;
/// What is opened to keep one; it is nothing on either system.
const NOTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// What is kept at the moment.
#[derive(Debug, Default)]
pub(super) struct Reserve(Vec<File>);

impl Reserve {
    /// Keeps as many as there should be, as far as the system gives them.
    pub(super) fn fill(&mut self) {
        while self.0.len() < KEPT {
            let Ok(nothing) = File::open(NOTHING) else {
                return;
            };
            self.0.push(nothing);
        }
    }

    /// Lets one go; gives whether there was any.
    pub(super) fn spend(&mut self) -> bool {
        self.0.pop().is_some()
    }
}
