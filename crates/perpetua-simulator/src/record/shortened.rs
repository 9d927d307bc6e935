//! Frames short enough to keep and to read.

use std::{fmt::Write as _, sync::Arc};

/// The longest string that stays whole, in bytes of JSON: what people and bots write is shorter, pictures in
/// base64 are longer.
const LONGEST_STRING: usize = 16 << 10;

/// How much of a longer one stays.
const STRING_KEPT: usize = 1 << 10;

/// The longest frame, its strings cut: a list of members may still be longer.
const LONGEST_FRAME: usize = 64 << 10;

/// A frame, its long strings cut, and cut itself where that is not enough.
pub(super) fn shortened(frame: &str) -> Arc<str> {
    let mut short = String::new();
    let mut rest = frame;
    while short.len() <= LONGEST_FRAME
        && let Some(quote) = rest.find('"')
    {
        let (before, string) = rest.split_at(quote + 1);
        short.push_str(before);
        let length = string_length(string);
        let (string, behind) = string.split_at(length);
        if length > LONGEST_STRING {
            short.push_str(kept_of(string));
            push_rest(&mut short, length);
        } else {
            short.push_str(string);
        }
        // The closing quote, which must not be taken for an opening one.
        let closed = behind.strip_prefix('"');
        short.extend(closed.map(|_| '"'));
        rest = closed.unwrap_or(behind);
    }
    short.push_str(rest);
    if short.len() > LONGEST_FRAME {
        short.truncate(short.floor_char_boundary(LONGEST_FRAME));
        push_rest(&mut short, frame.len());
    }
    short.into()
}

/// How many bytes a JSON string has, from behind its opening quote up to its closing one.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// The beginning of a JSON string, not cut within an escape.
fn kept_of(string: &str) -> &str {
    let kept = &string[..string.floor_char_boundary(STRING_KEPT)];
    // An escape is `\n` or `\u0041`: the last one may have lost its end. Two in a row are a character.
    match kept.rfind('\\') {
        Some(last) if kept.len() - last < 6 => kept[..last].trim_end_matches('\\'),
        _ => kept,
    }
}

fn push_rest(short: &mut String, whole: usize) {
    let _infallible = write!(short, "… ({whole} bytes)");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{LONGEST_FRAME, LONGEST_STRING, STRING_KEPT, shortened};

    #[test]
    fn what_people_write_stays_byte_for_byte() {
        for frame in [
            r#"{ "echo" : "a\"b\\", "message":"你好\u4F60\n" }"#.to_owned(),
            json!({ "message": "长".repeat(LONGEST_STRING / 3) }).to_string(),
            "not JSON \" at all".to_owned(),
            String::new(),
        ] {
            assert_eq!(*shortened(&frame), *frame);
        }
    }

    #[test]
    fn pictures_are_cut_and_the_frame_stays_json() {
        let picture = format!("base64://{}", "A".repeat(5 << 20));
        let frame = json!({ "a": "before", "file": picture, "z": [picture] }).to_string();
        let short: Value = serde_json::from_str(&shortened(&frame)).expect("JSON");
        assert_eq!(short["a"], "before");
        for string in [&short["file"], &short["z"][0]] {
            let string = string.as_str().expect("a string");
            assert!(string.starts_with("base64://AAA") && string.ends_with("… (5242889 bytes)"));
            assert!(string.len() < STRING_KEPT + 30);
        }
    }

    #[test]
    fn an_endless_list_is_cut() {
        let frame = json!(vec![json!({ "nickname": "长长长长" }); 10_000]).to_string();
        let short = shortened(&frame);
        assert!(short.len() < LONGEST_FRAME + 30);
        assert!(short.ends_with(&format!("… ({} bytes)", frame.len())));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_cut_string_is_a_string(begin in 0..8_usize, piece in "[a\\\\\"\n\u{1}你😀]{1,3}") {
            let text = format!("{}{}", "b".repeat(STRING_KEPT - begin), piece.repeat(LONGEST_STRING));
            let frame = json!({ "text": text }).to_string();
            let short: Value = serde_json::from_str(&shortened(&frame)).expect("JSON");
            let kept = short["text"].as_str().expect("a string");
            let (kept, _) = kept.split_once('…').expect("cut");
            prop_assert!(text.starts_with(kept));
            prop_assert!(kept.len() + 12 > STRING_KEPT / 6);
        }
    }
}
