//! Request lines that were glued together by hand: what HTTP libraries would refuse without a word, or cut off, is
//! escaped before they see it. Pure.

use std::fmt::Write as _;

/// The line with its target escaped; `None` where nothing has to be done. A `#` would end the target: no
/// program sends what stands behind it in an address on purpose, so here it belongs to a text.
pub(super) fn mended(line: &[u8]) -> Option<Vec<u8>> {
    let (method, rest) = split(line, line.iter().position(|byte| *byte == b' ')?);
    let version = rest.windows(6).rposition(|part| part == b" HTTP/")?;
    let (target, version) = rest.split_at(version);
    let is_method = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
    let is_text = std::str::from_utf8(target).is_ok();
    let is_right = |byte: &u8| !has_to_be_escaped(*byte, is_text);
    if !is_method || target.iter().all(is_right) {
        return None;
    }
    let mut mended = [method, b" "].concat();
    for byte in target {
        if has_to_be_escaped(*byte, is_text) {
            let mut escape = String::with_capacity(3);
            let _never_fails = write!(escape, "%{byte:02X}");
            mended.extend_from_slice(escape.as_bytes());
        } else {
            mended.push(*byte);
        }
    }
    mended.extend_from_slice(version);
    Some(mended)
}

/// Before and behind a separator.
fn split(line: &[u8], at: usize) -> (&[u8], &[u8]) {
    (&line[..at], &line[at + 1..])
}

/// UTF-8 may stand in a target as it is; other bytes are told apart when the text is read.
fn has_to_be_escaped(byte: u8, is_text: bool) -> bool {
    matches!(byte, b'#' | b'"' | b'<' | b'>' | b'`') || (!is_text && !byte.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn what_libraries_cut_or_refuse_is_escaped_and_the_rest_left_alone() {
        for (line, expected) in [
            (
                &b"GET /send_msg?message=a#b HTTP/1.1\r\n"[..],
                Some(&b"GET /send_msg?message=a%23b HTTP/1.1\r\n"[..]),
            ),
            (
                b"GET /a?m={\"x\":\"<`>\"} HTTP/1.0\n",
                Some(b"GET /a?m={%22x%22:%22%3C%60%3E%22} HTTP/1.0\n"),
            ),
            (
                b"POST /a?m=\xc4\xe3 HTTP/1.1\r\n",
                Some(b"POST /a?m=%C4%E3 HTTP/1.1\r\n"),
            ),
            ("GET /a?m=100%成功[CQ] HTTP/1.1\r\n".as_bytes(), None),
            (b"GET / HTTP/1.1\r\n", None),
            (b"x-color: #fff HTTP/1.1\r\n", None),
            (b"{\"a\":\"#\"}", None),
            (b"#\n", None),
            (b"\r\n", None),
            (b"", None),
        ] {
            assert_eq!(mended(line).as_deref(), expected, "{line:?}");
        }
    }
}
