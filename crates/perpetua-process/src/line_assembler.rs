//! From bytes to lines of bounded length.

use crate::lines::{CUT_MARK, LINE_LIMIT};

/// The bytes of one stream that are not yet lines.
///
/// It holds one line and what was read with it, however long the line is.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    bytes: Vec<u8>,
    /// Where the line that is being looked at begins.
    start: usize,
    /// How far it has been looked at.
    looked: usize,
    /// The rest of this line is not wanted: it was cut, and has been given.
    skipping: bool,
}

impl Assembler {
    /// Where the next bytes go.
    pub(crate) fn space(&mut self) -> &mut Vec<u8> {
        self.bytes.drain(..self.start);
        self.looked -= self.start;
        self.start = 0;
        &mut self.bytes
    }

    /// The next whole line, or the start of one that is too long.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        loop {
            let end = self.bytes[self.looked..]
                .iter()
                .position(|&byte| byte == b'\n');
            let end = end.map(|offset| self.looked + offset);
            let known = end.unwrap_or(self.bytes.len());
            let line = self.start..known;
            self.looked = known;
            let is_long = line.len() > LINE_LIMIT;
            let skipped = self.skipping;
            if end.is_none() && !is_long && !skipped {
                return None;
            }
            self.skipping = end.is_none();
            self.start = end.map_or(known, |end| end + 1);
            self.looked = self.start;
            if !skipped {
                return Some(text(&self.bytes[line]));
            }
            end?;
        }
    }

    /// What is left when no more bytes will come.
    pub(crate) fn finish(&mut self) -> Option<String> {
        let rest = std::mem::take(self);
        let rest_of_line = &rest.bytes[rest.start..];
        (!rest.skipping && !rest_of_line.is_empty()).then(|| text(rest_of_line))
    }
}

/// A line's text: without the carriage return before its end, and marked where it was cut.
fn text(line: &[u8]) -> String {
    if line.len() > LINE_LIMIT {
        let mut end = LINE_LIMIT;
        // Not within a character: at most three bytes of one follow its first.
        while end > LINE_LIMIT - 3 && line[end] & 0b1100_0000 == 0b1000_0000 {
            end -= 1;
        }
        return String::from_utf8_lossy(&line[..end]).into_owned() + CUT_MARK;
    }
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_when_it_is_whole() {
        let mut lines = Assembler::default();
        lines.space().extend(b"one\r\ntw");
        assert_eq!(lines.next_line().as_deref(), Some("one"));
        assert_eq!(lines.next_line(), None);
        lines.space().extend(b"o\n\nlast");
        assert_eq!(lines.next_line().as_deref(), Some("two"));
        assert_eq!(lines.next_line().as_deref(), Some(""));
        assert_eq!(lines.next_line(), None);
        assert_eq!(lines.finish().as_deref(), Some("last"));
        assert_eq!(lines.finish(), None);
    }

    #[test]
    fn a_long_line_is_cut_and_marked_once() {
        let mut lines = Assembler::default();
        for _ in 0..100 {
            lines.space().extend([b'x'; 1000]);
            if let Some(line) = lines.next_line() {
                assert_eq!(line, "x".repeat(LINE_LIMIT) + CUT_MARK);
                assert_eq!(lines.next_line(), None);
            }
            assert!(
                lines.bytes.len() <= LINE_LIMIT + 1000,
                "the rest is not kept"
            );
        }
        lines.space().extend(b"\nnext\n");
        assert_eq!(lines.next_line().as_deref(), Some("next"));
        assert_eq!(lines.finish(), None);
    }

    #[test]
    fn a_line_at_the_limit_is_whole_and_one_over_it_is_cut() {
        let mut lines = Assembler::default();
        lines.space().extend([b'x'; LINE_LIMIT]);
        lines.space().extend(b"\n");
        lines.space().extend(vec![b'y'; LINE_LIMIT + 1]);
        lines.space().extend(b"\nnext\n");
        assert_eq!(lines.next_line(), Some("x".repeat(LINE_LIMIT)));
        assert_eq!(lines.next_line(), Some("y".repeat(LINE_LIMIT) + CUT_MARK));
        assert_eq!(lines.next_line().as_deref(), Some("next"));
    }

    #[test]
    fn the_cut_is_between_characters() {
        let mut lines = Assembler::default();
        lines.space().extend("群".repeat(LINE_LIMIT).bytes());
        let line = lines.next_line().expect("a cut line");
        assert!(!line.contains('\u{fffd}'), "half a character");
        assert_eq!(line, "群".repeat(LINE_LIMIT / 3) + CUT_MARK);
    }

    #[test]
    fn what_is_not_utf_8_is_replaced() {
        let mut lines = Assembler::default();
        lines.space().extend(b"a\xff\xfeb\n\xe7\xbe");
        assert_eq!(lines.next_line().as_deref(), Some("a\u{fffd}\u{fffd}b"));
        assert_eq!(lines.finish().as_deref(), Some("\u{fffd}"));
    }
}
