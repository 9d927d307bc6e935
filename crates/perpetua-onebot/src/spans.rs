//! Where a frame's echoes stand, kept apart from the text: so a frame can wait in a queue and be
//! spliced only when it goes out.

use std::ops::Range;

use smallvec::SmallVec;

use crate::read::is_json_space;

/// The most `echo` members a frame may have. Real ones have one; each is replaced by a text of up to
/// megabytes, so without a bound a small frame could be made to fill the memory.
pub(crate) const MAX_ECHOES: usize = 16;

/// The places of every `echo` member of one text. With any other text its verbs panic or return nonsense.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EchoSpans(SmallVec<[EchoSpan; 1]>);

/// One member, as byte offsets.
#[derive(Clone, PartialEq, Eq, Debug)]
struct EchoSpan {
    /// Where its key begins, at the quote.
    key_start: usize,
    /// Its value, with which it ends.
    value: Range<usize>,
}

impl EchoSpans {
    /// Adds the member that comes next in the text, unless there are too many already.
    pub(crate) fn push(&mut self, key_start: usize, value: Range<usize>) {
        if !self.are_too_many() {
            self.0.push(EchoSpan { key_start, value });
        }
    }

    /// Whether the text has more than [`MAX_ECHOES`].
    pub(crate) fn are_too_many(&self) -> bool {
        self.0.len() > MAX_ECHOES
    }

    /// The text with every `echo` value replaced by `echo` (raw JSON), or with an `echo` member put
    /// first when it had none. All other bytes stay.
    pub fn replace(&self, text: &str, echo: &str) -> String {
        if self.0.is_empty() {
            return insert_first(text, echo);
        }
        let mut spliced = String::with_capacity(text.len() + self.0.len() * echo.len());
        let mut copied = 0;
        for span in &self.0 {
            spliced.push_str(&text[copied..span.value.start]);
            spliced.push_str(echo);
            copied = span.value.end;
        }
        spliced.push_str(&text[copied..]);
        spliced
    }

    /// The text without any `echo` member. All other bytes stay, apart from the commas that belonged to it.
    pub fn remove(&self, text: &str) -> String {
        let mut spliced = String::with_capacity(text.len());
        let mut copied = 0;
        for span in &self.0 {
            spliced.push_str(&text[copied..span.key_start]);
            copied = span.value.end;
            let behind = text[copied..].trim_start_matches(is_json_space);
            if behind.starts_with(',') {
                let comma = text.len() - behind.len();
                spliced.push_str(&text[copied..comma]);
                copied = comma + 1;
            } else {
                drop_last_comma(&mut spliced);
            }
        }
        spliced.push_str(&text[copied..]);
        spliced
    }
}

fn insert_first(text: &str, echo: &str) -> String {
    const KEY: &str = r#""echo":"#;
    let (brace, members) = text.split_at(text.find('{').map_or(0, |brace| brace + 1));
    let mut spliced = String::with_capacity(text.len() + KEY.len() + echo.len() + 1);
    spliced.push_str(brace);
    spliced.push_str(KEY);
    spliced.push_str(echo);
    if !members.trim_start_matches(is_json_space).starts_with('}') {
        spliced.push(',');
    }
    spliced.push_str(members);
    spliced
}

/// Takes away the comma that `spliced` ends with, for the member behind it was the last one.
fn drop_last_comma(spliced: &mut String) {
    let end = spliced.trim_end_matches(is_json_space).len();
    if spliced[..end].ends_with(',') {
        spliced.remove(end - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{EchoSpans, MAX_ECHOES};

    #[test]
    fn a_flood_of_echoes_takes_no_memory() {
        let mut spans = EchoSpans::default();
        for at in 0..1000 {
            spans.push(at, at..at);
        }
        assert!(spans.are_too_many());
        assert_eq!(spans.0.len(), MAX_ECHOES + 1);
    }
}
