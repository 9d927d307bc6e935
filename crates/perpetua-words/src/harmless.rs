//! Text from outside, made safe where it is shown: in sentences, in lines of a log, on a terminal, in JSON.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The letter, or a sign in its place: names and words from outside may not drive a terminal, turn the
/// direction of a line, begin one of their own, or hide letters in it.
pub fn harmless(letter: char) -> char {
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let begins = matches!(letter, '\u{2028}' | '\u{2029}');
    let hides = matches!(
        letter,
        '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}'
    );
    if letter.is_control() || turns || begins || hides {
        char::REPLACEMENT_CHARACTER
    } else {
        letter
    }
}

/// The same JSON, written so that nothing in it does what [`harmless`] forbids. Its own line ends stay.
pub fn harmless_json(json: &str) -> Cow<'_, str> {
    // JSON has such letters nowhere but in strings, where each may be written as an escape.
    let is_harmful = |letter: char| letter != '\n' && harmless(letter) != letter;
    if !json.chars().any(is_harmful) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        if is_harmful(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let _never_fails = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(letter);
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::{harmless, harmless_json};

    #[test]
    fn json_stays_what_it_was() {
        let hostile = "a\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\u{85}\u{2028}\u{202e}\u{200b}\u{feff}\u{ad}\u{180e}\u{2060}\u{2064}\u{3164}\u{ffa0}\u{e0041}b\"\\\n机器人🤖";
        let value = serde_json::json!({ hostile: [hostile, 1, null] });
        for json in [
            serde_json::to_string(&value).expect("JSON"),
            serde_json::to_string_pretty(&value).expect("JSON"),
        ] {
            let shown = harmless_json(&json);
            let is_harmful = |letter: char| letter != '\n' && harmless(letter) != letter;
            assert!(!shown.contains(is_harmful), "{shown:?}");
            let read: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
            assert_eq!(read, value);
        }
        let plain = "{\n  \"name\": \"机器人\"\n}";
        assert_eq!(harmless_json(plain), plain);
    }
}
