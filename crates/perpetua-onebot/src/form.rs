//! The parameters of an action as a query or a form has them (OneBot v11, "HTTP"): texts, of which those that are
//! known for numbers and booleans become such.
//!
//! People glue addresses together by hand, so that only `&` separates, and a `%` without two hex digits stays what it
//! is. Nothing of a text is ever cut off.

use percent_encoding::percent_decode;

/// Parameters of the standard, and of what all implementations have beside it, that are whole numbers.
const NUMBERS: [&str; 11] = [
    "user_id",
    "group_id",
    "message_id",
    "self_id",
    "target_id",
    "operator_id",
    "message_seq",
    "duration",
    "times",
    "count",
    "delay",
];
/// Those that are booleans.
const BOOLEANS: [&str; 6] = [
    "auto_escape",
    "reject_add_request",
    "enable",
    "approve",
    "is_dismiss",
    "no_cache",
];
/// The digits of the longest number that each implementation takes.
const MOST_DIGITS: usize = 19;

/// More parameters than any action has: each takes more memory than its bytes.
pub const MOST_PARAMETERS: usize = 256;

/// Why a query or a form is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadForm {
    /// It is not UTF-8.
    NotUtf8,
    /// It has more than [`MOST_PARAMETERS`].
    TooMany,
}

/// Parameters by their names, each once.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Takes a query, or the body of a form. Of equal names the last counts.
    pub fn parse(written: &[u8]) -> Result<Self, BadForm> {
        let mut form = Self::default();
        for pair in written.split(|byte| *byte == b'&') {
            let end = pair.iter().position(|byte| *byte == b'=');
            let (name, rest) = pair.split_at(end.unwrap_or(pair.len()));
            let name = decoded(name)?;
            let value = decoded(rest.strip_prefix(b"=").unwrap_or(rest))?;
            if !name.is_empty() {
                form.set(name, value)?;
            }
        }
        Ok(form)
    }

    /// Takes out those for which `is_wanted` is false.
    pub fn retain(&mut self, is_wanted: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| is_wanted(name));
    }

    /// Takes those of another one in addition, which count where both have one.
    pub fn extend(&mut self, other: Self) -> Result<(), BadForm> {
        let mut others = other.0.into_iter();
        others.try_for_each(|(name, value)| self.set(name, value))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes [`Form::write_members`] writes, at most.
    pub fn written_bytes(&self) -> usize {
        let members = self.0.iter();
        members
            .map(|(name, value)| quoted_bytes(name) + quoted_bytes(value).max("false".len()) + 2)
            .sum()
    }

    /// Writes them as the members of a JSON object, without its braces.
    pub fn write_members(&self, json: &mut Vec<u8>) {
        for (place, (name, value)) in self.0.iter().enumerate() {
            if place > 0 {
                json.push(b',');
            }
            write_text(json, name);
            json.push(b':');
            write_typed(json, name, value);
        }
    }

    fn set(&mut self, name: String, value: String) -> Result<(), BadForm> {
        let count = self.0.len();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None if count == MOST_PARAMETERS => return Err(BadForm::TooMany),
            None => self.0.push((name, value)),
        }
        Ok(())
    }
}

/// A text without its escapes.
fn decoded(written: &[u8]) -> Result<String, BadForm> {
    let mut text = Vec::with_capacity(written.len());
    for (place, part) in written.split(|byte| *byte == b'+').enumerate() {
        if place > 0 {
            text.push(b' ');
        }
        text.extend(percent_decode(part));
    }
    String::from_utf8(text).map_err(|_| BadForm::NotUtf8)
}

/// Writes a value as what it is known for.
fn write_typed(json: &mut Vec<u8>, name: &str, value: &str) {
    if NUMBERS.contains(&name) && is_whole_number(value) {
        return json.extend_from_slice(value.as_bytes());
    }
    let boolean = BOOLEANS.contains(&name).then(|| boolean(value)).flatten();
    match boolean {
        Some(true) => json.extend_from_slice(b"true"),
        Some(false) => json.extend_from_slice(b"false"),
        None => write_text(json, value),
    }
}

fn write_text(json: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(json, text).expect("a vector takes everything");
}

/// Whether a text is a JSON number without a fraction, which does not lose a digit.
fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let has_first_zero = digits.len() > 1 && digits.starts_with('0');
    !has_first_zero
        && (1..=MOST_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn boolean(text: &str) -> Option<bool> {
    let means = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if means(["true", "1", "yes"]) {
        Some(true)
    } else if means(["false", "0", "no"]) {
        Some(false)
    } else {
        None
    }
}

/// How long a text is between its quotes in JSON, with them.
fn quoted_bytes(text: &str) -> usize {
    let bytes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    });
    bytes.sum::<usize>() + 2
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::{BadForm, Form, MOST_PARAMETERS};

    fn json_of(written: &[u8]) -> Value {
        let form = Form::parse(written).expect("UTF-8");
        let mut text = b"{".to_vec();
        form.write_members(&mut text);
        assert!(text.len() <= form.written_bytes() + 1);
        text.push(b'}');
        serde_json::from_slice(&text).expect("JSON")
    }

    #[test]
    fn only_an_ampersand_separates_and_nothing_is_cut() {
        for (written, members) in [
            (
                "user_id=10001&message=a;b",
                json!({ "user_id": 10001, "message": "a;b" }),
            ),
            ("message=x&amp;y=1", json!({ "message": "x", "amp;y": "1" })),
            (
                "message=100%成功[CQ:at,qq=10001]",
                json!({ "message": "100%成功[CQ:at,qq=10001]" }),
            ),
            ("message=a%2", json!({ "message": "a%2" })),
            ("message=%zz%25%", json!({ "message": "%zz%%" })),
            ("message=a%26b%3Dc+d%2Be", json!({ "message": "a&b=c d+e" })),
            ("message=a=b=c", json!({ "message": "a=b=c" })),
            ("message=a#b", json!({ "message": "a#b" })),
            ("message", json!({ "message": "" })),
            ("&&=x&a=1&", json!({ "a": "1" })),
            ("a=1&b=2&a=3", json!({ "a": "3", "b": "2" })),
            ("%61=%E4%BD%A0", json!({ "a": "你" })),
            ("", json!({})),
        ] {
            assert_eq!(json_of(written.as_bytes()), members, "{written}");
        }
    }

    #[test]
    fn known_numbers_and_booleans_are_such_where_they_read_as_such() {
        for (written, members) in [
            ("group_id=20001", json!({ "group_id": 20001 })),
            ("message_id=-5", json!({ "message_id": -5 })),
            ("message_id=0", json!({ "message_id": 0 })),
            (
                "group_id=9223372036854775807",
                json!({ "group_id": 9_223_372_036_854_775_807_i64 }),
            ),
            ("user_id=007", json!({ "user_id": "007" })),
            ("user_id=1.5", json!({ "user_id": "1.5" })),
            ("user_id=abc", json!({ "user_id": "abc" })),
            ("user_id=-", json!({ "user_id": "-" })),
            (
                "user_id=12345678901234567890",
                json!({ "user_id": "12345678901234567890" }),
            ),
            ("message=123", json!({ "message": "123" })),
            ("message=true", json!({ "message": "true" })),
            ("auto_escape=true", json!({ "auto_escape": true })),
            ("auto_escape=1", json!({ "auto_escape": true })),
            ("auto_escape=Yes", json!({ "auto_escape": true })),
            ("auto_escape=false", json!({ "auto_escape": false })),
            ("auto_escape=0", json!({ "auto_escape": false })),
            ("auto_escape=NO", json!({ "auto_escape": false })),
            ("auto_escape=maybe", json!({ "auto_escape": "maybe" })),
        ] {
            assert_eq!(json_of(written.as_bytes()), members, "{written}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_refused() {
        for written in [&b"message=\xc4\xe3"[..], b"message=%C4%E3", b"%ff=1"] {
            assert_eq!(Form::parse(written), Err(BadForm::NotUtf8));
        }
    }

    #[test]
    fn so_many_parameters_as_no_action_has_are_refused() {
        let written = |count: usize| {
            let pairs = (0..count).map(|number| format!("p{number}=&"));
            pairs.collect::<String>()
        };
        let parsed = |written: String| Form::parse(written.as_bytes());
        assert!(parsed(written(MOST_PARAMETERS)).is_ok());
        assert_eq!(parsed(written(MOST_PARAMETERS + 1)), Err(BadForm::TooMany));
        assert!(parsed("a=1&".repeat(10_000)).is_ok());
    }

    proptest! {
        /// Whatever stands in a text, it comes out as it went in.
        #[test]
        fn texts_survive(pairs in prop::collection::btree_map("t[a-z\\PC]{0,8}", "\\PC{0,12}|[\\x00-\\x7f]{0,12}", 0..5)) {
            let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let written: Vec<_> = pairs
                .iter()
                .filter(|(name, _)| *name != "times" && *name != "target_id")
                .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
                .collect();
            let expected: Map<String, Value> = pairs
                .iter()
                .filter(|(name, _)| *name != "times" && *name != "target_id")
                .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
                .collect();
            prop_assert_eq!(json_of(written.join("&").as_bytes()), Value::from(expected));
        }

        /// Whatever bytes come, it is JSON or refused.
        #[test]
        fn nothing_else_comes_out(written: Vec<u8>) {
            if Form::parse(&written).is_ok() {
                json_of(&written);
            }
        }
    }
}
