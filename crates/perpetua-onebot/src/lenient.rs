//! Looks for the echo of a frame that cannot be read, so that its sender can still be answered.
//!
//! Such a text has no members to speak of; what it most often is, is an object with one fault: a `NaN`, a
//! line break or a quote in a string, a byte order mark, an end that is missing. Brackets and quotes are
//! therefore counted as they come. An echo within `params` or `data` is somebody else's, so where the
//! count cannot be trusted only an echo counts that is among the last members of all.

use std::ops::Range;

use crate::{cursor::is_json_space, scan, words::plain_end};

const KEY: &[u8] = b"\"echo\"";
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// How many bytes are looked at from the start, and how many from the end on: some 20 ms of work. A broken
/// frame may be larger; its echo is then found near its end or not at all.
const MAX_LOOKED_AT: usize = 16 << 20;

/// The raw JSON of the last `echo` member of a frame that is not valid JSON, or not even UTF-8.
pub fn find_echo(text: &[u8]) -> Option<&str> {
    let found = Search::of(text).by_counting();
    let trusted = found.counts_hold;
    found.echo.or_else(|| {
        if trusted {
            None
        } else {
            Search::of(last_part(text)).at_the_end()
        }
    })
}

/// The same of a frame of which only the first and the last bytes are there.
pub fn find_echo_in_pieces<'a>(head: &'a [u8], tail: &'a [u8]) -> Option<&'a str> {
    let at_the_end = Search::of(last_part(tail)).at_the_end();
    at_the_end.or_else(|| Search::of(head).by_counting().echo)
}

fn last_part(text: &[u8]) -> &[u8] {
    &text[text.len().saturating_sub(MAX_LOOKED_AT)..]
}

/// A text, and how many more bytes of it may be looked at. Whatever looks at bytes counts them, so that no
/// text makes the same ones be looked at again and again.
struct Search<'a> {
    text: &'a [u8],
    left: usize,
}

/// What counting brackets and quotes has found.
struct Found<'a> {
    echo: Option<&'a str>,
    /// It begins as an object, and behind each string up to the object's end stands what may stand there.
    counts_hold: bool,
}

impl<'a> Search<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self {
            text: text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text),
            left: MAX_LOOKED_AT,
        }
    }

    fn by_counting(&mut self) -> Found<'a> {
        let (mut at, mut depth) = (0_usize, 0_usize);
        let mut echo = None;
        let mut counts_hold = self.text.get(self.space_end(0)) == Some(&b'{');
        while let (Some(byte), true) = (self.text.get(at), counts_hold) {
            let start = at;
            at += 1;
            counts_hold = self.look(1);
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth <= 1 => break,
                b'}' | b']' => depth -= 1,
                b'"' => match self.string_end(at) {
                    Some(end) if self.may_follow_a_string(end) => at = end,
                    _ => counts_hold = false,
                },
                _ => {}
            }
            if depth == 1
                && self.text[start..].starts_with(KEY)
                && let Some((value, end)) = self.member_value(at)
                && let Some(value) = self.text_at(value)
            {
                echo = Some(value);
                at = end;
            }
        }
        Found { echo, counts_hold }
    }

    /// The last echo, if it and the members behind it are the end of an object with which the text ends.
    fn at_the_end(&mut self) -> Option<&'a str> {
        let mut places = self.text.windows(KEY.len());
        let start = places.rposition(|window| window == KEY);
        self.look(self.text.len() - start.unwrap_or(0));
        let (value, end) = self.member_value(start? + KEY.len())?;
        self.ends_with_members(end)
            .then(|| self.text_at(value))
            .flatten()
    }

    /// Whether nothing but whole members and the bracket behind them stands from the end of a value on.
    fn ends_with_members(&mut self, mut at: usize) -> bool {
        while self.text.get(at) == Some(&b',') {
            let key = self.space_end(at + 1);
            let end = match self.text.get(key) {
                Some(b'"') => self.string_end(key + 1),
                _ => None,
            };
            let Some((_, end)) = end.and_then(|end| self.member_value(end)) else {
                return false;
            };
            at = end;
        }
        self.text.get(at) == Some(&b'}') && self.space_end(at + 1) == self.text.len()
    }

    /// The whole value of a member whose key ends at `at`, and the place of the comma or bracket behind it.
    fn member_value(&mut self, at: usize) -> Option<(Range<usize>, usize)> {
        let colon = self.space_end(at);
        if self.text.get(colon) != Some(&b':') {
            return None;
        }
        let start = self.space_end(colon + 1);
        let length = scan::value_length(self.text.get(start..)?);
        self.look(length.unwrap_or_else(|fault| fault));
        let value = start..start + length.ok()?;
        let end = self.space_end(value.end);
        matches!(self.text.get(end), Some(b',' | b'}')).then_some((value, end))
    }

    fn text_at(&mut self, place: Range<usize>) -> Option<&'a str> {
        self.look(place.len());
        std::str::from_utf8(&self.text[place]).ok()
    }

    /// The place behind the quote that ends a string whose text begins at `at`.
    fn string_end(&mut self, start: usize) -> Option<usize> {
        let mut at = start;
        loop {
            at = plain_end(self.text, at);
            match self.text.get(at) {
                Some(b'\\') => at += 2,
                Some(b'"') | None => break,
                Some(_) => at += 1,
            }
        }
        self.look(at - start);
        (at < self.text.len()).then_some(at + 1)
    }

    /// Else the quote that seems to end a string stands within it, and all that follows is inside out.
    fn may_follow_a_string(&mut self, at: usize) -> bool {
        let next = self.text.get(self.space_end(at));
        matches!(next, None | Some(b',' | b':' | b'}' | b']'))
    }

    fn space_end(&mut self, at: usize) -> usize {
        let space = self
            .text
            .iter()
            .skip(at)
            .take_while(|byte| is_json_space(**byte));
        let length = space.count();
        self.look(length);
        at + length
    }

    /// Counts bytes that are looked at; false: these were the last.
    fn look(&mut self, bytes: usize) -> bool {
        self.left = self.left.saturating_sub(bytes);
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LOOKED_AT, Search, find_echo, find_echo_in_pieces};

    #[test]
    fn the_echo_behind_a_fault_is_found() {
        for fault in [
            "NaN",
            "Infinity",
            "'single'",
            "\"a\nb\"",
            "\"a\tb\"",
            "\"\\x\"",
            "True",
            "undefined",
            "01",
            "[1,]",
            "{\"x\":1,}",
            "{x:1}",
            "\"say \"hi\" to\"",
            "\"a \" quote\"",
            "1 2",
            "",
        ] {
            for echo in [
                "7",
                "\"a\\\"b\"",
                "null",
                "{\"seq\": [1]}",
                "-1.5e3",
                "\"你\"",
            ] {
                for text in [
                    format!(r#"{{"action":"a","params":{fault},"echo":{echo}}}"#),
                    format!(r#"{{"echo" : {echo} ,"action":"a","params":{{"x":{fault}}}}}"#),
                    format!("\u{feff}{{\"params\":{fault},\n \"echo\": {echo}\n}}\n"),
                ] {
                    assert_eq!(find_echo(text.as_bytes()), Some(echo), "{text}");
                }
            }
        }
    }

    #[test]
    fn an_echo_within_another_member_is_not_the_frames() {
        for text in [
            r#"{"params":{"echo":1},"x":NaN}"#,
            r#"{"params":[{"echo":1}],"x":NaN}"#,
            r#"{"params":{"echo":1}"#,
            r#"{"message":"a \"echo\":1","x":NaN}"#,
            r#"[{"action":"a","echo":1},{"action":"b","echo":2}]"#,
            r#"{"x":NaN,"y":"echo","z":1}"#,
            r#"{"x":1}} {"params":{"echo":1}}"#,
            r#"{"x":1},"params":{"echo":1}"#,
            r#"{"x":1},{"echo":1}"#,
        ] {
            assert_eq!(find_echo(text.as_bytes()), None, "{text}");
        }
        let text = r#"{"params":{"echo":1},"x":NaN,"echo":2}"#;
        assert_eq!(find_echo(text.as_bytes()), Some("2"));
    }

    #[test]
    fn an_echo_that_may_go_on_is_none() {
        for text in [
            r#"{"action":NaN,"echo":12"#,
            r#"{"action":NaN,"echo":"b"#,
            r#"{"action":NaN,"echo":{"a":1}"#,
            r#"{"action":NaN,"echo":"#,
            r#"{"action":NaN,"echo""#,
            r#"{"action":NaN,"echo":NaN}"#,
            "",
            "echo",
            "{",
        ] {
            assert_eq!(find_echo(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_hide_no_echo() {
        for (head, tail) in [
            (&b"{\"message\":\"\xff\xfe\",\"echo\":7"[..], &b"}"[..]),
            (b"{\"echo\":7,\"message\":\"\xc3", b"\"}"),
        ] {
            assert_eq!(find_echo(&[head, tail].concat()), Some("7"));
        }
    }

    #[test]
    fn pieces_are_trusted_at_both_ends_of_the_frame_only() {
        let pieces = |head: &'static str, tail: &'static str| {
            find_echo_in_pieces(head.as_bytes(), tail.as_bytes())
        };
        let head = r#"{"action":"a","params":{"file":"xxxx"#;
        assert_eq!(pieces(head, r#"xxxx"},"echo":"e"}"#), Some("\"e\""));
        assert_eq!(
            pieces(r#"{"echo":3,"params":{"file":"xx"#, r#"xxxx"}}"#),
            Some("3")
        );
        assert_eq!(pieces(head, r#"{"echo":1}]},"x":2}"#), None);
        assert_eq!(pieces(head, r#"{"echo":1},"x":2"#), None);
        let behind =
            r#"xx"],"echo":"e" ,"retcode":0,"wording":"a\",\"b","x":{"y":[1]},"stream":null} "#;
        assert_eq!(pieces(head, behind), Some("\"e\""));
        assert_eq!(pieces(head, r#"xx","echo":1,"x":2}}"#), None);
        assert_eq!(pieces(head, r#"xx","echo":1,"x":NaN}"#), None);
    }

    /// Whoever sends a frame decides what is in it: twice as much of it is twice the work, not four times.
    #[test]
    fn the_work_is_in_proportion_to_the_length() {
        for (begin, member, end) in [
            (r#"{"a":NaN"#, r#","echo":1"#, "}"),
            (r#"{"a":NaN"#, r#","echo":NaN"#, "}"),
            (r#"{"a":NaN"#, r#","echo":[[1],NaN]"#, "}"),
            (r#"{"a":NaN"#, r#","echo":"echo""#, "}"),
            (r#"{"a":NaN,"echo":"#, "[", "}"),
            (r#"{"a":NaN,"echo":"#, "\"echo\":", "}"),
            (r#"{"a":NaN,"echo":"#, " ", "}"),
            (r#"{"a":NaN,"echo":""#, "\\", "}"),
            (r#"{"a":"x"y","echo":1"#, r#","b":1"#, "}"),
            (r#"{"a":"x"y","echo":1"#, r#","b":[{}]"#, "}"),
            (r#"{"a":"x"y","echo":1"#, r#","b":"你""#, "]"),
            (r#"{"a":"x"y""#, r#","echo":1"#, "}"),
        ] {
            let work = |length: usize| {
                let text = begin.to_owned() + &member.repeat(length / member.len()) + end;
                let (mut start, mut rest) =
                    (Search::of(text.as_bytes()), Search::of(text.as_bytes()));
                start.by_counting();
                rest.at_the_end();
                (MAX_LOOKED_AT - start.left) + (MAX_LOOKED_AT - rest.left)
            };
            for length in [50_000, 400_000] {
                let looked_at = work(length);
                assert!(looked_at <= 5 * length, "{begin}{member}: {looked_at}");
            }
        }
    }

    #[test]
    fn of_a_frame_beyond_the_limit_of_work_both_ends_are_looked_at() {
        let filling = ",0".repeat(MAX_LOOKED_AT / 2 + 1);
        for (text, echo) in [
            (
                format!(r#"{{"echo":1,"a":[0{filling}],"b":NaN}}"#),
                Some("1"),
            ),
            (
                format!(r#"{{"a":[0{filling}],"b":NaN,"echo":2}}"#),
                Some("2"),
            ),
            (format!(r#"{{"a":[0{filling}],"echo":3,"b":NaN}}"#), None),
        ] {
            assert_eq!(find_echo(text.as_bytes()), echo);
        }
    }
}
