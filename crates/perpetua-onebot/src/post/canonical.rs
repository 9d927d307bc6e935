//! The form in which JavaScript writes a JSON text (ECMA-262, `JSON.stringify` of what `JSON.parse` gives).
//!
//! Koishi checks a signature against what it has parsed and written anew, so that what is signed has to be a fixed point
//! of that. No other framework minds. Two things stay as they came, because whoever reads the event needs them more than
//! Koishi does: the digits of integers that JavaScript cannot hold, and the order of members (JavaScript puts names that
//! are whole numbers first, and of members with one name keeps the last).

use std::borrow::Cow;

use super::number;

/// The text in that form: without blanks, with each character that may stand as itself written so, numbers without
/// what they do not need. The text has to be valid JSON.
pub fn canonical(text: &str) -> Cow<'_, str> {
    let mut written = Written::new(text);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                written.replace(at..at + 1, "");
                at + 1
            }
            b'"' => string(&mut written, text, at + 1),
            b'-' | b'0'..=b'9' => {
                let end = at + number_length(&bytes[at..]);
                if let Some(shorter) = number::shortest(&text[at..end]) {
                    written.replace(at..end, &shorter);
                }
                end
            }
            _ => at + 1,
        };
    }
    written.finish()
}

/// What has been written of a text, of which most stays as it is.
struct Written<'a> {
    text: &'a str,
    /// Only once something differs.
    whole: String,
    /// Up to here it has been written.
    until: usize,
    differs: bool,
}

impl<'a> Written<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            whole: String::new(),
            until: 0,
            differs: false,
        }
    }

    fn replace(&mut self, range: std::ops::Range<usize>, by: &str) {
        if !self.differs {
            self.differs = true;
            self.whole.reserve(self.text.len());
        }
        self.whole.push_str(&self.text[self.until..range.start]);
        self.whole.push_str(by);
        self.until = range.end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if !self.differs {
            return Cow::Borrowed(self.text);
        }
        self.whole.push_str(&self.text[self.until..]);
        Cow::Owned(self.whole)
    }
}

fn number_length(bytes: &[u8]) -> usize {
    let belongs = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
    bytes.iter().take_while(belongs).count()
}

/// Goes over a string from behind its opening quote; gives the place behind its closing one.
fn string(written: &mut Written<'_>, text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(plain) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
            return bytes.len();
        };
        at += plain;
        if bytes[at] == b'"' {
            return at + 1;
        }
        let (length, meant) = escape(&text[at..]);
        let mut buffer = String::new();
        let shortest = match meant {
            Meant::Character(character) => shortest(character, &mut buffer),
            Meant::LoneSurrogate(unit) => {
                buffer = format!("\\u{unit:04x}");
                &buffer
            }
        };
        let end = (at + length).min(bytes.len());
        if text[at..end] != *shortest {
            written.replace(at..end, shortest);
        }
        at = end;
    }
}

/// What an escape stands for.
enum Meant {
    Character(char),
    /// Half of a character, which no text can hold.
    LoneSurrogate(u16),
}

/// How many bytes the escape has with which a text begins, and what it stands for.
fn escape(text: &str) -> (usize, Meant) {
    let short = |character| (2, Meant::Character(character));
    match text.as_bytes().get(1) {
        Some(b'b') => short('\u{8}'),
        Some(b'f') => short('\u{c}'),
        Some(b'n') => short('\n'),
        Some(b'r') => short('\r'),
        Some(b't') => short('\t'),
        Some(b'u') => unicode(text),
        Some(byte) => short(char::from(*byte)),
        None => (1, Meant::Character('\\')),
    }
}

/// `\uXXXX`, or two of them that are one character together.
fn unicode(text: &str) -> (usize, Meant) {
    let unit = unit(text).unwrap_or_default();
    if let Some(character) = char::from_u32(u32::from(unit)) {
        return (6, Meant::Character(character));
    }
    let second = text.get(6..).filter(|rest| rest.starts_with("\\u"));
    let pair = second
        .and_then(self::unit)
        .and_then(|second| char::decode_utf16([unit, second]).next()?.ok());
    match pair {
        Some(character) => (12, Meant::Character(character)),
        None => (6, Meant::LoneSurrogate(unit)),
    }
}

fn unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.get(2..6)?, 16).ok()
}

/// A character of a string as JavaScript writes it.
fn shortest(character: char, buffer: &mut String) -> &str {
    match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\0'..='\u{1f}' => {
            *buffer = format!("\\u{:04x}", u32::from(character));
            buffer
        }
        _ => {
            buffer.push(character);
            buffer
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::canonical;

    #[test]
    fn it_is_as_javascript_writes_it() {
        // What `JSON.stringify(JSON.parse(…))` gives in Node.js.
        for (came, written) in [
            (r#"{ "a" : [ 1 , 2 ] }"#, r#"{"a":[1,2]}"#),
            ("{\r\n\t\"a\": true\r\n}", r#"{"a":true}"#),
            (r#"{"a":" \t "}"#, r#"{"a":" \t "}"#),
            (r#"{"\u4f60":"\u597D\ud83d\uDE00"}"#, r#"{"你":"好😀"}"#),
            (r#"{"a":"\/\u002f\u0022\u005C"}"#, r#"{"a":"//\"\\"}"#),
            (
                r#"{"a":"\u000a\u0008\u000C\u000d\u0009"}"#,
                r#"{"a":"\n\b\f\r\t"}"#,
            ),
            (
                r#"{"a":"\u0000\u001F\u007f"}"#,
                "{\"a\":\"\\u0000\\u001f\u{7f}\"}",
            ),
            (r#"{"a":"\u2028"}"#, "{\"a\":\"\u{2028}\"}"),
            (r#"{"a":"\uD83D"}"#, r#"{"a":"\ud83d"}"#),
            (r#"{"a":"\uD83Dx\uDE00"}"#, r#"{"a":"\ud83dx\ude00"}"#),
            (r#"{"a":"\uD83D\u4f60"}"#, r#"{"a":"\ud83d你"}"#),
            (r#"{"a":"\uDE00\uD83D"}"#, r#"{"a":"\ude00\ud83d"}"#),
            (
                r#"{"a":1.0,"b":-0,"c":1e3,"d":0.50}"#,
                r#"{"a":1,"b":0,"c":1000,"d":0.5}"#,
            ),
            (r#"{"a":"1.0 \\u4f60"}"#, r#"{"a":"1.0 \\u4f60"}"#),
        ] {
            assert_eq!(canonical(came), written, "{came}");
        }
    }

    #[test]
    fn big_numbers_keep_their_digits_and_members_their_order() {
        for kept in [
            r#"{"b":9223372036854775807,"a":-12345678901234567890}"#,
            r#"{"2":1,"1":2,"1":3}"#,
        ] {
            assert!(matches!(canonical(kept), Cow::Borrowed(_)), "{kept}");
        }
        assert_eq!(
            canonical("[12345678901234567890.0]"),
            "[12345678901234567890]"
        );
    }

    #[test]
    fn the_event_of_the_report_loses_its_escape_and_nothing_else() {
        let came = r#"{"time":1700000000,"self_id":10001,"post_type":"message","message":"你好😀 a/b\u4f60"}"#;
        assert_eq!(came.len(), 90);
        let written = canonical(came);
        assert_eq!(written.len(), 87);
        assert!(written.ends_with("a/b你\"}"), "{written}");
    }

    /// JSON text of any shape, with blanks and escapes that nobody needs.
    fn json() -> impl Strategy<Value = String> {
        let escaped = prop_oneof![
            any::<char>().prop_map(|one| {
                let mut units = [0; 2];
                let units = one.encode_utf16(&mut units).iter();
                let escapes: Vec<String> = units.map(|unit| format!("\\u{unit:04X}")).collect();
                escapes.concat()
            }),
            any::<char>().prop_map(|one| {
                let quoted = Value::from(one.to_string()).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }),
            Just("\\/".to_owned()),
            Just("\\ud83d".to_owned()),
        ];
        let text = prop::collection::vec(escaped, 0..6)
            .prop_map(|parts| format!("\"{}\"", parts.concat()));
        let leaf = prop_oneof![
            text.clone(),
            any::<i64>().prop_map(|number| number.to_string()),
            "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
            Just("true".to_owned()),
            Just("null".to_owned()),
        ];
        let blank = "[ \n\t\r]{0,2}";
        leaf.prop_recursive(3, 20, 4, move |inner| {
            let element = (blank, inner.clone(), blank)
                .prop_map(|(before, value, behind)| format!("{before}{value}{behind}"));
            let member = (text.clone(), blank, inner)
                .prop_map(|(name, blank, value)| format!("{name}{blank}:{value}"));
            prop_oneof![
                prop::collection::vec(element, 0..4)
                    .prop_map(|elements| format!("[{}]", elements.join(","))),
                prop::collection::vec(member, 0..4)
                    .prop_map(|members| format!("{{{}}}", members.join(" ,"))),
            ]
        })
    }

    proptest! {
        /// Once is enough.
        #[test]
        fn it_is_a_fixed_point(text in json()) {
            let once = canonical(&text).into_owned();
            prop_assert!(matches!(canonical(&once), Cow::Borrowed(_)), "{} became {}", once, canonical(&once));
        }

        /// Texts, names and their order stay what they are. (A lone half of a character is none that can be compared.)
        #[test]
        fn it_means_the_same(text in json()) {
            let meant = |text: &str| serde_json::from_str::<Value>(text).ok();
            let (came, written) = (meant(&text), meant(&canonical(&text)));
            match (came, written) {
                (Some(came), Some(written)) => prop_assert!(are_equal(&came, &written), "{} {}", came, written),
                (came, written) => prop_assert_eq!(came, written),
            }
        }
    }

    /// Numbers by their value, as far as the library reads it: 1.0 is 1.
    fn are_equal(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => {
                let (one, other) = (one.as_f64(), other.as_f64());
                let [one, other] = [one, other].map(Option::unwrap_or_default);
                (one - other).abs() <= one.abs() * 1e-14
            }
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| are_equal(one, other))
            }
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| one.0 == other.0 && are_equal(one.1, other.1))
            }
            (one, other) => one == other,
        }
    }
}
