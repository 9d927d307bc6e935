//! Where a frame's echoes stand, kept apart from the text: so a frame can wait in a queue and be
//! spliced only when it goes out.

use std::ops::Range;

use smallvec::SmallVec;

use crate::cursor::is_json_space;

/// The most `echo` members a frame may have. Real ones have one; each is replaced by a text of up to
/// megabytes, so without a bound a small frame could be made to fill the memory.
pub(crate) const MAX_ECHOES: usize = 16;

/// The member's key, with its colon.
const KEY: &[u8] = br#""echo":"#;

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
    pub fn replace(&self, text: &[u8], echo: &str) -> Vec<u8> {
        let len = self.replaced_len(text, echo);
        if self.0.is_empty() {
            return insert_first(text, echo, len);
        }
        let mut spliced = Vec::with_capacity(len);
        let mut copied = 0;
        for span in &self.0 {
            spliced.extend_from_slice(&text[copied..span.value.start]);
            spliced.extend_from_slice(echo.as_bytes());
            copied = span.value.end;
        }
        spliced.extend_from_slice(&text[copied..]);
        spliced
    }

    /// How many bytes [`EchoSpans::replace`] makes; one less for a text that had no member at all.
    pub fn replaced_len(&self, text: &[u8], echo: &str) -> usize {
        if self.0.is_empty() {
            return text.len() + KEY.len() + echo.len() + 1;
        }
        let replaced: usize = self.0.iter().map(|span| span.value.len()).sum();
        text.len() - replaced + self.0.len() * echo.len()
    }

    /// The text without any `echo` member. All other bytes stay, apart from the commas that belonged to it.
    pub fn remove(&self, text: &[u8]) -> Vec<u8> {
        let mut spliced = Vec::with_capacity(text.len());
        let mut copied = 0;
        for span in &self.0 {
            spliced.extend_from_slice(&text[copied..span.key_start]);
            copied = span.value.end;
            let space = space_before(&text[copied..]);
            if text.get(copied + space) == Some(&b',') {
                spliced.extend_from_slice(&text[copied..copied + space]);
                copied += space + 1;
            } else {
                drop_last_comma(&mut spliced);
            }
        }
        spliced.extend_from_slice(&text[copied..]);
        spliced
    }
}

fn insert_first(text: &[u8], echo: &str, len: usize) -> Vec<u8> {
    let (brace, members) = text.split_at((space_before(text) + 1).min(text.len()));
    let mut spliced = Vec::with_capacity(len);
    spliced.extend_from_slice(brace);
    spliced.extend_from_slice(KEY);
    spliced.extend_from_slice(echo.as_bytes());
    if members.get(space_before(members)) != Some(&b'}') {
        spliced.push(b',');
    }
    spliced.extend_from_slice(members);
    spliced
}

/// The length of the whitespace that `text` begins with.
fn space_before(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_json_space(**byte)).count()
}

/// Takes away the comma that `spliced` ends with, for the member behind it was the last one.
fn drop_last_comma(spliced: &mut Vec<u8>) {
    let last = spliced.iter().rposition(|byte| !is_json_space(*byte));
    if let Some(last) = last.filter(|last| spliced[*last] == b',') {
        spliced.remove(last);
    }
}

#[cfg(test)]
mod tests {
    use super::{EchoSpans, MAX_ECHOES};
    use crate::{FrameLimits, peek};

    fn spans(text: &str) -> EchoSpans {
        peek(text, &FrameLimits::default())
            .expect(text)
            .echo_spans()
    }

    fn with(text: &str, echo: &str) -> String {
        let spans = spans(text);
        let replaced = spans.replace(text.as_bytes(), echo);
        let announced = spans.replaced_len(text.as_bytes(), echo);
        let comma = usize::from(announced != replaced.len());
        assert_eq!(announced, replaced.len() + comma, "{text}");
        String::from_utf8(replaced).expect("UTF-8")
    }

    fn without(text: &str) -> String {
        String::from_utf8(spans(text).remove(text.as_bytes())).expect("UTF-8")
    }

    #[test]
    fn a_flood_of_echoes_takes_no_memory() {
        let mut spans = EchoSpans::default();
        for at in 0..1000 {
            spans.push(at, at..at);
        }
        assert!(spans.are_too_many());
        assert_eq!(spans.0.len(), MAX_ECHOES + 1);
    }

    #[test]
    fn an_echo_is_replaced_where_it_stands() {
        assert_eq!(
            with(r#"{"a":1,"echo" : {"x":[]} ,"b":2}"#, r#""p7""#),
            r#"{"a":1,"echo" : "p7" ,"b":2}"#
        );
        assert_eq!(with(r#"{"\u0065cho":null}"#, "1"), r#"{"\u0065cho":1}"#);
    }

    #[test]
    fn a_missing_echo_is_put_first() {
        assert_eq!(with(" { \"a\":1}", "null"), " {\"echo\":null, \"a\":1}");
        assert_eq!(with("{}", "1"), r#"{"echo":1}"#);
        assert_eq!(with("{\n}", "1"), "{\"echo\":1\n}");
    }

    #[test]
    fn every_echo_is_replaced_and_removed() {
        assert_eq!(
            with(r#"{"echo":1,"a":"echo","echo":[2]}"#, "3"),
            r#"{"echo":3,"a":"echo","echo":3}"#
        );
        assert_eq!(
            without(r#"{"echo":1,"a":"echo","echo":[2]}"#),
            r#"{"a":"echo"}"#
        );
        assert_eq!(without(r#"{"a":1,"echo":1,"echo":2}"#), r#"{"a":1}"#);
        assert_eq!(without(r#"{"echo":1,"echo":2,"echo":3}"#), "{}");
    }

    #[test]
    fn a_removed_echo_takes_one_comma() {
        assert_eq!(without(r#"{"echo":1,"a":2}"#), r#"{"a":2}"#);
        assert_eq!(without(r#"{"a":2,"echo":1}"#), r#"{"a":2}"#);
        assert_eq!(
            without("{\n \"a\": 2 ,\n \"echo\": 1\n}"),
            "{\n \"a\": 2 \n \n}"
        );
        assert_eq!(without("{ \"echo\": 1 , \"a\": 2 }"), "{   \"a\": 2 }");
        assert_eq!(without(r#"{"a":","}"#), r#"{"a":","}"#);
    }

    #[test]
    fn an_echo_below_the_top_is_left() {
        let text = r#"{"params":{"echo":1},"data":["echo",{"echo":2}]}"#;
        assert_eq!(without(text), text);
    }
}
