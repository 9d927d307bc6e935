//! Lines of a log in which foreign text does nothing but be read.
//!
//! A value reaches a line in many ways (`%`, `?`, the message, a span), and the formatter makes few of them harmless,
//! so that the finished line is what is looked at.

use std::borrow::Cow;

use perpetua_words::{harmless, harmless_json};

/// The codes with which the formatter colours a line. None of them hides a text or moves the cursor.
const OWN_CODES: [&str; 9] = ["0", "1", "2", "3", "31", "32", "33", "34", "35"];

/// What the lines of a log are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lines {
    /// Text for everybody.
    Text,
    /// Text for a terminal, with the colours of the formatter.
    ColouredText,
    /// An object in each line.
    Json,
}

impl Lines {
    /// A text as it stands inside such a line.
    pub(crate) fn written(self, text: &str) -> String {
        let harmless_text = || text.chars().map(harmless);
        match self {
            Self::Text | Self::ColouredText => harmless_text().collect(),
            Self::Json => {
                let escaped = |letter| match letter {
                    '"' | '\\' => vec!['\\', letter],
                    other => vec![other],
                };
                harmless_text().flat_map(escaped).collect()
            }
        }
    }

    /// The line, with its own end and colours and without what else could drive a terminal or begin a line.
    pub(crate) fn harmless(self, line: &[u8]) -> Cow<'_, [u8]> {
        if is_plain(line) {
            return Cow::Borrowed(line);
        }
        let text = String::from_utf8_lossy(line);
        let (text, end) = match text.strip_suffix('\n') {
            Some(text) => (text, "\n"),
            None => (&*text, ""),
        };
        let mut safe = match self {
            Self::Text => text.chars().map(harmless).collect(),
            Self::ColouredText => coloured(text),
            Self::Json => harmless_json(text).into_owned(),
        };
        safe.push_str(end);
        Cow::Owned(safe.into_bytes())
    }
}

/// Whether it is one line of visible ASCII, as most are.
fn is_plain(line: &[u8]) -> bool {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

fn coloured(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        if let Some((code, after_code)) = own_code(rest) {
            safe.push_str(code);
            rest = after_code;
        } else {
            safe.push(harmless(letter));
            rest = after;
        }
    }
    safe
}

/// A code of the formatter at the beginning of a text, and what comes after it.
fn own_code(text: &str) -> Option<(&str, &str)> {
    let (parameter, _) = text.strip_prefix("\u{1b}[")?.split_once('m')?;
    let is_own = OWN_CODES.contains(&parameter);
    is_own.then(|| text.split_at("\u{1b}[m".len() + parameter.len()))
}

#[cfg(test)]
mod tests {
    use super::Lines;

    /// What programs, servers and people have tried, and what hides in a line.
    const HOSTILE: [&str; 22] = [
        "\u{1b}[2J",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]8;;http://evil\u{1b}\\",
        "\u{1b}[8mhidden",
        "\u{1b}[31;5mred",
        "\u{1b}[31",
        "\u{1b}c",
        "\u{1b}P1$r\u{1b}\\",
        "\u{9b}2J",
        "\u{9d}0;x\u{9c}",
        "\u{85}",
        "\u{7f}\u{8}\u{8}",
        "\r",
        "\n2026-01-01T00:00:00Z ERROR forged",
        "\u{b}\u{c}",
        "\u{0}",
        "\u{202e}gpj.exe",
        "\u{2066}\u{2069}\u{61c}",
        "\u{2028}\u{2029}",
        "\u{200b}\u{200d}",
        "\u{feff}",
        "\u{e0041}\u{e007f}",
    ];

    fn safe(lines: Lines, line: &str) -> String {
        String::from_utf8(lines.harmless(line.as_bytes()).into_owned()).expect("text")
    }

    fn is_harmless(text: &str) -> bool {
        text.chars()
            .all(|letter| perpetua_words::harmless(letter) == letter)
    }

    #[test]
    fn a_line_of_text_is_one_line_that_drives_no_terminal() {
        for hostile in HOSTILE {
            let line = format!("INFO who=机器人 {hostile} end\n");
            let text = safe(Lines::Text, &line);
            let own = text.strip_suffix(" end\n").expect("its own end");
            assert!(is_harmless(own), "{hostile:?}: {text:?}");
            assert!(own.starts_with("INFO who=机器人 "), "{text:?}");
        }
    }

    #[test]
    fn colours_of_our_own_stay_and_nothing_else_does() {
        let own = "\u{1b}[2m2026\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m \u{1b}[1mspan\u{1b}[0m: \u{1b}[3mwho\u{1b}[0m=";
        for hostile in HOSTILE {
            let text = safe(Lines::ColouredText, &format!("{own}{hostile} end\n"));
            let foreign = text.strip_prefix(own).expect("our own colours");
            let foreign = foreign.strip_suffix(" end\n").expect("its own end");
            assert!(is_harmless(foreign), "{hostile:?}: {text:?}");
        }
    }

    #[test]
    fn an_object_stays_the_same_object() {
        for hostile in HOSTILE {
            let value = serde_json::json!({ "fields": { "reason": hostile } });
            let text = safe(Lines::Json, &format!("{value}\n"));
            let object = text.strip_suffix('\n').expect("its own end");
            assert!(is_harmless(object), "{hostile:?}: {text:?}");
            let read: serde_json::Value = serde_json::from_str(object).expect("JSON");
            assert_eq!(read, value);
        }
    }

    #[test]
    fn a_plain_line_is_not_touched() {
        let line = b"INFO ready account=\"main\"\n";
        let kept = Lines::Text.harmless(line);
        assert!(matches!(kept, std::borrow::Cow::Borrowed(_)));
    }
}
