//! Peeking and splicing against models: the pieces a frame was written in, and `serde_json::Value`.

use std::collections::BTreeMap;

use perpetua_onebot::{FrameKind, FrameLimits, Peek, find_echo, find_echo_in_pieces, peek};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, value::RawValue};

use crate::frame::{any_frame, any_value};
use crate::{with_echo, without_echo};

fn read(text: &str) -> Peek<'_> {
    peek(text, &FrameLimits::default()).expect(text)
}

fn members(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).expect(text)
}

/// The integer that a member is or spells. A tree shows no difference between `7.0` and `0.7e1`.
fn integer(text: &str, name: &str) -> Option<i64> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).expect(text);
    let raw = members.get(name)?.get();
    match serde_json::from_str::<String>(raw) {
        Ok(spelled) if spelled.starts_with('+') => None,
        Ok(spelled) => spelled.parse().ok(),
        Err(_) => match raw.split_once('.') {
            Some((whole, zeros)) if zeros.replace('0', "").is_empty() => whole.parse().ok(),
            _ => raw.parse().ok(),
        },
    }
}

/// The kind by way of a tree; a `retcode` that is no integer is as good as none.
fn kind(text: &str, members: &Map<String, Value>) -> FrameKind {
    let is_string = |name| members.get(name).is_some_and(Value::is_string);
    if is_string("post_type") {
        FrameKind::Event
    } else if is_string("action") {
        FrameKind::Action
    } else if members.contains_key("echo")
        || members.contains_key("status")
        || integer(text, "retcode").is_some()
    {
        FrameKind::Response
    } else {
        FrameKind::Other
    }
}

proptest! {
    #[test]
    fn a_peek_sees_what_a_tree_shows(frame in any_frame()) {
        let text = frame.text();
        let peek = read(&text);
        let members = members(&text);
        let string = |name| members.get(name).and_then(Value::as_str);
        prop_assert_eq!(peek.post_type.as_deref(), string("post_type"));
        prop_assert_eq!(peek.meta_event_type.as_deref(), string("meta_event_type"));
        prop_assert_eq!(peek.notice_type.as_deref(), string("notice_type"));
        prop_assert_eq!(peek.sub_type.as_deref(), string("sub_type"));
        prop_assert_eq!(peek.action.as_deref(), string("action"));
        prop_assert_eq!(peek.stream.as_deref(), string("stream"));
        for (name, seen) in [("self_id", peek.self_id), ("group_id", peek.group_id), ("user_id", peek.user_id), ("retcode", peek.retcode)] {
            prop_assert_eq!(seen, integer(&text, name), "{}", name);
        }
        for (name, raw) in [("status", peek.status), ("params", peek.params), ("data", peek.data)] {
            let seen: Option<Value> = raw.map(|raw| serde_json::from_str(raw).expect("a raw value is JSON"));
            prop_assert_eq!(seen.as_ref(), members.get(name), "{}", name);
        }
        prop_assert_eq!(peek.echo(), frame.echoes().next_back());
        prop_assert_eq!(peek.kind(), kind(&text, &members));
    }

    #[test]
    fn with_echo_changes_the_echo_only(frame in any_frame(), echo in any_value()) {
        let text = frame.text();
        let spliced = with_echo(&text, &read(&text), &echo);
        let mut expected = members(&text);
        expected.insert("echo".to_owned(), serde_json::from_str(&echo).expect("a value"));
        prop_assert_eq!(members(&spliced), expected);
        if frame.echoes().next().is_some() {
            prop_assert_eq!(&spliced, &frame.text_with_echo(&echo));
        }
        prop_assert_eq!(read(&spliced).echo(), Some(echo.as_str()));
    }

    #[test]
    fn without_echo_takes_the_echo_only(frame in any_frame()) {
        let text = frame.text();
        let spliced = without_echo(&text, &read(&text));
        let mut expected = members(&text);
        expected.remove("echo");
        prop_assert_eq!(members(&spliced), expected);
        let model = frame.text_without_echo();
        prop_assert_eq!(without_space(&spliced), without_space(&model));
        prop_assert_eq!(spliced.len(), model.len());
    }

    #[test]
    fn an_added_echo_goes_without_a_trace(frame in any_frame(), echo in any_value()) {
        let text = frame.text();
        let bare = without_echo(&text, &read(&text));
        let spliced = with_echo(&bare, &read(&bare), &echo);
        prop_assert_eq!(without_echo(&spliced, &read(&spliced)), bare);
    }

    #[test]
    fn a_frame_cut_anywhere_gives_whole_echoes_only(frame in any_frame()) {
        let text = frame.text();
        let end = text.trim_end().len();
        for (cut, _) in text.char_indices().take_while(|(at, _)| *at < end) {
            let malformed = peek(&text[..cut], &FrameLimits::default()).expect_err("a part is no frame");
            if let Some(echo) = malformed.echo {
                prop_assert!(frame.echoes().any(|whole| whole == echo), "{} of {}", echo, text);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "([{}\\[\\]\",:0-9.\\\\ ]|\"echo\":|\"a\":|\\\\u|true|.){0,40}", max_depth in 0_usize..6) {
        let is_object = serde_json::from_str::<&RawValue>(&text).is_ok() && text.trim_start().starts_with('{');
        let read = peek(&text, &FrameLimits { max_bytes: 1000, max_depth });
        prop_assert!(read.is_err() || is_object);
        let read = peek(&text, &FrameLimits::default());
        prop_assert_eq!(read.is_ok(), is_object);
    }

    #[test]
    fn a_changed_byte_breaks_what_it_breaks_for_serde_json(
        frame in any_frame(),
        place in any::<prop::sample::Index>(),
        put in r#"[\[\]{},:"\\0-9.eE+tfnu/ \n\x00-\x1f]|你|\PC"#,
        removed in 0_usize..3,
    ) {
        let mut characters: Vec<char> = frame.text().chars().collect();
        let place = place.index(characters.len());
        let behind = (place + removed).min(characters.len());
        characters.splice(place..behind, put.chars());
        let text: String = characters.into_iter().collect();
        let is_json = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        let begins = text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{');
        prop_assert_eq!(peek(&text, &FrameLimits::default()).is_ok(), is_json && begins, "{:?}", text);
    }

    #[test]
    fn an_echo_that_is_found_in_any_bytes_is_a_value(
        text in "([{}\\[\\]\",:0-9.\\\\ ]|\"echo\":|\"a\":|null|.){0,40}",
        noise in prop::collection::vec(any::<u8>(), 0..3),
        place in any::<prop::sample::Index>(),
    ) {
        let mut bytes = text.into_bytes();
        let place = place.index(bytes.len() + 1);
        bytes.splice(place..place, noise);
        let (head, tail) = bytes.split_at(place);
        for echo in [find_echo(&bytes), find_echo_in_pieces(head, tail)].into_iter().flatten() {
            prop_assert!(serde_json::from_str::<&RawValue>(echo).is_ok(), "{echo}");
        }
    }

    /// What breaks a frame stands in one member; its echo is found all the same.
    #[test]
    fn the_echo_of_a_frame_with_one_broken_member_is_its_own(
        frame in any_frame(),
        fault in prop::sample::select(&["NaN", "\"\n\"", "'x'", "01", "{\"echo\":1,}", "\"say \"hi\"\"", "\"\\x\"", "1 2"][..]),
        echo in any_value(),
    ) {
        let members = frame.text_without_echo();
        let members = members.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let members = members.expect("an object");
        let comma = if members.trim().is_empty() { "" } else { "," };
        let text = format!("{{{members}{comma}\"x\":{fault},\"echo\":{echo}}}");
        prop_assert_eq!(find_echo(text.as_bytes()), Some(&*echo), "{}", text);
        let malformed = peek(&text, &FrameLimits::default()).expect_err("it is broken");
        prop_assert_eq!(malformed.echo.as_deref(), Some(&*echo));
    }

    #[test]
    fn any_bytes_that_are_text_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let text = String::from_utf8_lossy(&bytes);
        for text in [text.to_string(), format!("{{\"echo\":{text}}}"), format!("{{{text}")] {
            if let Ok(peek) = peek(&text, &FrameLimits::default()) {
                prop_assert!(read(&without_echo(&text, &peek)).echo().is_none());
            }
        }
    }
}

/// Drops the whitespace outside strings, for on which side of a comma it stands depends on which comma was taken.
fn without_space(text: &str) -> String {
    let (mut in_string, mut after_backslash) = (false, false);
    text.chars()
        .filter(|&character| {
            let kept = in_string || !character.is_ascii_whitespace();
            in_string ^= character == '"' && !after_backslash;
            after_backslash = character == '\\' && !after_backslash;
            kept
        })
        .collect()
}
