//! Raw JSON values, looked at and written anew without a tree.

use std::borrow::Cow;

/// What stands between the quotes of a JSON string; `None` for any other value.
pub(crate) fn between_quotes(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"')
}

/// The value, unless it is `null`.
pub(crate) fn not_null(raw: &str) -> Option<&str> {
    (raw != "null").then_some(raw)
}

/// The inside of a JSON string in which every printable ASCII character stands for itself, but the quote and the
/// backslash. All other escapes stay as they are, lone surrogates too.
pub(crate) fn with_plain_ascii(inside: &str) -> Cow<'_, str> {
    if !inside.contains("\\u00") {
        return Cow::Borrowed(inside);
    }
    let mut plain = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(backslash) = rest.find('\\') {
        let (before, escape) = rest.split_at(backslash);
        plain.push_str(before);
        if let Some(letter) = escaped_ascii(escape) {
            plain.push(letter);
            rest = &escape[6..];
        } else {
            // A backslash and what it escapes, which may be another one.
            let (kept, behind) = escape.split_at(2);
            plain.push_str(kept);
            rest = behind;
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The printable ASCII character that the escape stands for with which a text begins.
fn escaped_ascii(text: &str) -> Option<char> {
    let digits = text.strip_prefix("\\u00")?.get(..2)?;
    let letter = char::from(u8::from_str_radix(digits, 16).ok()?);
    let stands_for_itself = matches!(letter, ' '..='~') && letter != '"' && letter != '\\';
    stands_for_itself.then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::with_plain_ascii;

    #[test]
    fn printable_ascii_comes_out_of_its_escapes_and_nothing_else() {
        for (inside, plain) in [
            (r"\u0026amp;\u005Bx\u005d", "&amp;[x]"),
            (
                r"\u0022\u005c\u000a\u007f\u00e9\u4F60",
                r"\u0022\u005c\u000a\u007f\u00e9\u4F60",
            ),
            (r"\\u0041\\\u0041", r"\\u0041\\A"),
            (r"\n\u0041\ud83d", r"\nA\ud83d"),
            (r"\u00", r"\u00"),
        ] {
            assert_eq!(with_plain_ascii(inside), plain, "{inside}");
        }
    }
}
