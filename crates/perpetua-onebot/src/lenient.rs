//! Looks for the echo of a frame that cannot be read, so that its sender can still be answered.
//!
//! Such a text has no members to speak of; what it most often is, is an object with one fault: a `NaN`, a
//! line break or a quote in a string, a byte order mark, an end that is missing. Brackets and quotes are
//! therefore counted as they come. An echo within `params` or `data` is somebody else's, so where the
//! count cannot be trusted only an echo counts that is among the last members of all.

use crate::{cursor::is_json_space, scan};

const KEY: &[u8] = b"\"echo\"";
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The raw JSON of the last `echo` member of a frame that is not valid JSON, or not even UTF-8.
pub fn find_echo(text: &[u8]) -> Option<&str> {
    let found = from_the_start(text);
    let trusted = found.counts_hold;
    found
        .echo
        .or_else(|| if trusted { None } else { at_the_end(text) })
}

/// The same of a frame of which only the first and the last bytes are there.
pub fn find_echo_in_pieces<'a>(head: &'a [u8], tail: &'a [u8]) -> Option<&'a str> {
    at_the_end(tail).or_else(|| from_the_start(head).echo)
}

/// What counting brackets and quotes has found.
struct Found<'a> {
    echo: Option<&'a str>,
    /// It begins as an object, and behind each string up to the object's end stands what may stand there.
    counts_hold: bool,
}

fn from_the_start(text: &[u8]) -> Found<'_> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let (mut at, mut depth) = (0_usize, 0_usize);
    let mut echo = None;
    let mut counts_hold = text.get(space_end(text, 0)) == Some(&b'{');
    while let (Some(byte), true) = (text.get(at), counts_hold) {
        let start = at;
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => break,
            b'}' | b']' => depth -= 1,
            b'"' => match string_end(text, at) {
                Some(end) if may_follow_a_string(text, end) => at = end,
                _ => counts_hold = false,
            },
            _ => {}
        }
        if depth == 1
            && text[start..].starts_with(KEY)
            && let Some((value, end)) = member_value(text, at)
        {
            echo = Some(value);
            at = end;
        }
    }
    Found { echo, counts_hold }
}

/// The last echo, if it and the members behind it are the end of an object with which the text ends.
fn at_the_end(text: &[u8]) -> Option<&str> {
    let start = text.windows(KEY.len()).rposition(|window| window == KEY)?;
    let (value, end) = member_value(text, start + KEY.len())?;
    ends_with_members(text, end).then_some(value)
}

/// Whether nothing but whole members and the bracket behind them stands from the end of a value on.
fn ends_with_members(text: &[u8], mut at: usize) -> bool {
    while text.get(at) == Some(&b',') {
        let key = space_end(text, at + 1);
        let end = match text.get(key) {
            Some(b'"') => string_end(text, key + 1),
            _ => None,
        };
        let Some((_, end)) = end.and_then(|end| member_value(text, end)) else {
            return false;
        };
        at = end;
    }
    text.get(at) == Some(&b'}') && space_end(text, at + 1) == text.len()
}

/// The whole value of a member whose key ends at `at`, and the place of the comma or bracket behind it.
fn member_value(text: &[u8], at: usize) -> Option<(&str, usize)> {
    let colon = space_end(text, at);
    if text.get(colon) != Some(&b':') {
        return None;
    }
    let start = space_end(text, colon + 1);
    let rest = text.get(start..)?;
    let rest = match std::str::from_utf8(rest) {
        Ok(rest) => rest,
        Err(error) => std::str::from_utf8(&rest[..error.valid_up_to()]).ok()?,
    };
    let length = scan::value_length(rest)?;
    let end = space_end(text, start + length);
    matches!(text.get(end), Some(b',' | b'}')).then(|| (&rest[..length], end))
}

/// The place behind the quote that ends a string whose text begins at `at`.
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Else the quote that seems to end a string stands within it, and all that follows is inside out.
fn may_follow_a_string(text: &[u8], at: usize) -> bool {
    let next = text.get(space_end(text, at));
    matches!(next, None | Some(b',' | b':' | b'}' | b']'))
}

fn space_end(text: &[u8], at: usize) -> usize {
    let space = text
        .iter()
        .skip(at)
        .take_while(|byte| is_json_space(**byte));
    at + space.count()
}

#[cfg(test)]
mod tests {
    use super::{find_echo, find_echo_in_pieces};

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
}
