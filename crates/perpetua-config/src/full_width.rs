//! Full-width punctuation, which Chinese input methods type where a settings file needs ASCII. Pure.

use std::ops::Range;

use perpetua_words::{Message, config as words};

/// What stands in a text in its full-width form, and what it has to be.
#[derive(Debug)]
pub(crate) struct FullWidth {
    /// Where the first of it stands.
    pub(crate) first: Range<usize>,
    found: Vec<char>,
    plain: Vec<char>,
}

impl FullWidth {
    /// In a value that should be ASCII.
    pub(crate) fn in_value(value: &str) -> Option<Self> {
        Self::of(value.char_indices().filter_map(|(place, letter)| {
            let plain = ascii_of(letter)?;
            Some((place, letter, plain))
        }))
    }

    /// In a line of TOML: outside of its texts and its comment, or at the end of a text that nothing closes.
    pub(crate) fn in_line(line: &str) -> Option<Self> {
        let mut quote = None;
        let mut outside = Vec::new();
        let mut inside = Vec::new();
        for (place, letter) in line.char_indices() {
            match (quote, letter) {
                (None, '#') => break,
                (None, '"' | '\'') => {
                    quote = Some(letter);
                    inside.clear();
                }
                (None, _) => {
                    let plain = if letter == '：' {
                        Some('=')
                    } else {
                        ascii_of(letter)
                    };
                    outside.extend(plain.map(|plain| (place, letter, plain)));
                }
                (Some(open), _) if letter == open => quote = None,
                (Some(open), _) if ascii_of(letter) == Some(open) => {
                    inside.push((place, letter, open));
                }
                (Some(_), _) => {}
            }
        }
        if quote.is_some() {
            outside.extend(inside);
        }
        Self::of(outside)
    }

    fn of(letters: impl IntoIterator<Item = (usize, char, char)>) -> Option<Self> {
        let mut letters = letters.into_iter();
        let (place, letter, plain) = letters.next()?;
        let mut this = Self {
            first: place..place + letter.len_utf8(),
            found: vec![letter],
            plain: vec![plain],
        };
        for (_, letter, plain) in letters {
            if !this.found.contains(&letter) {
                this.found.push(letter);
                this.plain.push(plain);
            }
        }
        Some(this)
    }
}

impl From<&FullWidth> for Message {
    fn from(full: &FullWidth) -> Self {
        let found = spaced(&full.found);
        let mut plain = full.plain.clone();
        plain.dedup();
        words::FullWidth {
            found,
            plain: spaced(&plain),
        }
        .into()
    }
}

fn spaced(letters: &[char]) -> String {
    let letters: Vec<String> = letters.iter().map(char::to_string).collect();
    letters.join(" ")
}

/// What an input method would have typed in its other state.
fn ascii_of(letter: char) -> Option<char> {
    /// From a full-width form of Unicode to its ASCII letter.
    const DISTANCE: u32 = 0xfee0;
    match letter {
        '“' | '”' | '„' | '「' | '」' => Some('"'),
        '‘' | '’' => Some('\''),
        '【' => Some('['),
        '】' => Some(']'),
        '。' => Some('.'),
        '、' => Some(','),
        '\u{3000}' => Some(' '),
        // Letters and digits may be those of a token, and are not repeated.
        '！'..='～' => {
            char::from_u32(u32::from(letter) - DISTANCE).filter(char::is_ascii_punctuation)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use perpetua_words::Message;

    use super::FullWidth;

    fn said(full: Option<&FullWidth>) -> Option<String> {
        full.map(|full| Message::from(full).to_string())
    }

    #[test]
    fn only_what_the_parser_sees_is_named() {
        for (line, found) in [
            ("name = “bot”", Some("“ ”")),
            ("name ＝ \"bot\"", Some("＝")),
            ("name： \"bot\" # 注：好", Some("：")),
            ("name = \"bot”", Some("”")),
            ("names = [\"a\"，\"b\"]", Some("，")),
            ("name = \"机器人：“小”\"", None),
            ("name = 'a “b” c'", None),
            ("name = bot # “注”", None),
            ("name = bot", None),
        ] {
            let full = FullWidth::in_line(line);
            let said = said(full.as_ref());
            assert_eq!(said.is_some(), found.is_some(), "{line}: {said:?}");
            if let (Some(said), Some(found)) = (said, found) {
                assert!(said.starts_with(&format!("`{found}` ")), "{line}: {said}");
            }
        }
    }

    #[test]
    fn a_value_says_what_it_has_to_be() {
        let full = FullWidth::in_value("ws：／／127．0．0．1");
        let said = said(full.as_ref()).expect("full-width");
        assert!(
            said.contains("`： ／ ．`") && said.contains("`: / .`"),
            "{said}"
        );
        assert!(FullWidth::in_value("ws://机器人.example").is_none());
    }
}
