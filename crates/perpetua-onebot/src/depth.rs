//! How deep a JSON text nests, found without parsing it.
//!
//! [`peek`](crate::peek()) skips over values without recursion, so depth costs it nothing; the limit
//! guards those behind it, whose parsers do recurse.

/// The byte at which `text` opens its level `limit + 1`, if it nests that deep.
///
/// Exact for valid JSON. For other text the answer may be wrong either way, but that text is refused anyhow.
pub(crate) fn exceeds(text: &str, limit: usize) -> Option<usize> {
    // Counting without regard to strings is a few times faster than reading, and settles most frames.
    let opened = text
        .bytes()
        .filter(|byte| matches!(byte, b'{' | b'['))
        .count();
    if opened <= limit {
        None
    } else {
        exceeds_outside_strings(text.as_bytes(), limit)
    }
}

fn exceeds_outside_strings(bytes: &[u8], limit: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' if depth == limit => return Some(at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => at += string_length(&bytes[at + 1..]),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The bytes of a string from behind its opening quote up to and with its closing one.
fn string_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::exceeds;

    #[test]
    fn the_level_above_the_limit_is_found() {
        assert_eq!(exceeds(r#"{"a":[[1]]}"#, 3), None);
        assert_eq!(exceeds(r#"{"a":[[1]]}"#, 2), Some(6));
        assert_eq!(exceeds("{}", 0), Some(0));
    }

    #[test]
    fn siblings_are_not_depth() {
        assert_eq!(exceeds("[[],[],[],{},{},{}]", 2), None);
    }

    #[test]
    fn brackets_in_strings_are_text() {
        assert_eq!(exceeds(r#"{"[[[[":"{{{{\"[[[[\\"}"#, 1), None);
        assert_eq!(exceeds(r#"{"a":"\\",  "b":[]}"#, 1), Some(16));
    }

    #[test]
    fn more_closed_than_opened_is_no_panic() {
        assert_eq!(exceeds("]]]]{{", 1), Some(5));
        assert_eq!(exceeds("{{\"\\", 2), None);
        assert_eq!(exceeds("{[[\"\\", 2), Some(2));
    }
}
