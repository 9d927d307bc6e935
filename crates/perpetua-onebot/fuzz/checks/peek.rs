//! `peek` on any bytes: it never panics, and takes exactly those texts that are JSON objects within the limits.

use std::collections::BTreeMap;

use perpetua_onebot::{
    FrameKind, FrameLimits, MalformedReason, find_echo, find_echo_in_pieces, peek,
};
use serde_json::value::RawValue;

/// Panics where the code is wrong.
pub(crate) fn check(bytes: &[u8]) {
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    for echo in [find_echo(bytes), find_echo_in_pieces(head, tail)] {
        echo.into_iter().for_each(is_value);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let is_object =
        serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get().starts_with('{'));
    match peek(
        text,
        &FrameLimits {
            max_bytes: 4096,
            max_depth: 8,
        },
    ) {
        Ok(peek) => {
            assert!(is_object);
            if let Some(echo) = peek.echo() {
                is_value(echo);
                assert_ne!(peek.kind(), FrameKind::Other);
            }
            agrees_on_keys(text, peek.has_echo());
        }
        Err(malformed) => {
            if let Some(echo) = &malformed.echo {
                is_value(echo);
            }
            let limited = matches!(
                malformed.reason,
                MalformedReason::TooLarge { .. }
                    | MalformedReason::TooDeep { .. }
                    | MalformedReason::TooManyEchoes { .. }
            );
            assert!(limited || !is_object);
        }
    }
}

fn is_value(echo: &str) {
    serde_json::from_str::<&RawValue>(echo).expect("an echo is one JSON value");
}

/// Where `serde_json` can decode every key, both must see the same echo.
fn agrees_on_keys(text: &str, has_echo: bool) {
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        assert_eq!(members.contains_key("echo"), has_echo);
    }
}
