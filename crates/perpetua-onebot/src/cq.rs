//! Strings of text and CQ codes, cut into their pieces. Nothing is copied, and each byte is looked at a few times
//! at most, whatever stands there.
//!
//! Two spellings differ among programs. A `&#44;` in plain text is a comma here: most read it so, and none writes
//! it. A bracket in a value that should be escaped stays a part of the value, as long as the code is whole.

/// What plain characters are written as, `&` first.
const ENTITIES: [(char, &str); 4] = [
    ('&', "&amp;"),
    ('[', "&#91;"),
    (']', "&#93;"),
    (',', "&#44;"),
];

/// What a code begins with.
const OPENING: &str = "[CQ:";

/// One piece of such a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text, its characters still escaped.
    Text(&'a str),
    /// A code.
    Code(Code<'a>),
}

/// One CQ code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code<'a> {
    /// What it is: `at`, `image`, …
    pub(crate) kind: &'a str,
    /// `,name=value` for each argument.
    arguments: &'a str,
}

impl<'a> Code<'a> {
    /// Names and values, these still escaped.
    pub(crate) fn arguments(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let parts = self.arguments.split(',').skip(1);
        parts.filter_map(|part| part.split_once('='))
    }
}

/// The pieces of a string, texts and codes in turns. What is not quite a code is text.
pub(crate) fn pieces(text: &str) -> Pieces<'_> {
    Pieces {
        text,
        at: 0,
        next: None,
        closing: 0,
        no_code_before: 0,
    }
}

/// See [`pieces`].
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    text: &'a str,
    /// Where the next piece begins.
    at: usize,
    /// The code that stands there and where it ends, once it is known.
    next: Option<(Code<'a>, usize)>,
    /// The last bracket that was found to close a code.
    closing: usize,
    /// No code begins before this place: one that did would hold an argument that is none.
    no_code_before: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let start = self.at;
        let mut searched = start;
        while self.next.is_none()
            && let Some(bracket) = self.text[searched..].find('[')
        {
            let place = searched + bracket;
            self.next = self.code_at(place);
            searched = if self.next.is_some() {
                place
            } else {
                place + 1
            };
        }
        match self.next {
            Some(_) if searched > start => {
                self.at = searched;
                Some(Piece::Text(&self.text[start..searched]))
            }
            Some((code, end)) => {
                self.next = None;
                self.at = end;
                Some(Piece::Code(code))
            }
            None => {
                self.at = self.text.len();
                let rest = &self.text[start..];
                (!rest.is_empty()).then_some(Piece::Text(rest))
            }
        }
    }
}

impl<'a> Pieces<'a> {
    /// The code that begins at `start`, and the place behind it.
    fn code_at(&mut self, start: usize) -> Option<(Code<'a>, usize)> {
        if start < self.no_code_before {
            return None;
        }
        self.text[start..].strip_prefix(OPENING)?;
        let inner = start + OPENING.len();
        let closing = self.closing_bracket(inner)?;
        let code = &self.text[inner..closing];
        // A comma before the bracket is let pass, as NoneBot does.
        let code = code.strip_suffix(',').unwrap_or(code);
        let (kind, arguments) = code.split_at(name_length(code));
        if kind.is_empty() || !(arguments.is_empty() || arguments.starts_with(',')) {
            return None;
        }
        let mut place = inner + kind.len();
        for part in arguments.split(',').skip(1) {
            place += 1;
            if !is_argument(part) {
                self.no_code_before = place;
                return None;
            }
            place += part.len();
        }
        Some((Code { kind, arguments }, closing + 1))
    }

    /// The first closing bracket from a place on. The places that are asked for only grow.
    fn closing_bracket(&mut self, from: usize) -> Option<usize> {
        if self.closing < from {
            let Some(bracket) = self.text[from..].find(']') else {
                self.no_code_before = self.text.len();
                return None;
            };
            self.closing = from + bracket;
        }
        Some(self.closing)
    }
}

fn is_argument(part: &str) -> bool {
    let length = name_length(part);
    length > 0 && part[length..].starts_with('=')
}

/// Whether `text` can be the name of a code or of an argument.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

/// How much of `text` can be the beginning of a name.
fn name_length(text: &str) -> usize {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    text.bytes().take_while(is_of_name).count()
}

/// Gives the parts of `text` as they are written where a comma separates (`in_argument`) or not.
pub(crate) fn escaped(text: &str, in_argument: bool) -> impl Iterator<Item = &str> {
    let count = if in_argument { 4 } else { 3 };
    let entities = &ENTITIES[..count];
    let mut rest = text;
    std::iter::from_fn(move || {
        let entity = |text: &str| {
            let first = text.chars().next()?;
            let found = entities.iter().find(|(plain, _)| *plain == first)?;
            Some(found.1)
        };
        if let Some(entity) = entity(rest) {
            rest = &rest[1..];
            return Some(entity);
        }
        let is_special =
            |byte: u8| matches!(byte, b'&' | b'[' | b']') || byte == b',' && in_argument;
        let end = rest.bytes().position(is_special).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at(end);
        rest = behind;
        (!plain.is_empty()).then_some(plain)
    })
}

/// Gives the parts of `text` as they are read. What an entity yields is not read once more.
pub(crate) fn unescaped(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let entity = ENTITIES.iter().find(|(_, entity)| rest.starts_with(entity));
        if let Some((plain, entity)) = entity {
            rest = &rest[entity.len()..];
            return Some(spelled(*plain));
        }
        // An ampersand that begins no entity stands for itself.
        let skipped = usize::from(rest.starts_with('&'));
        let end = rest[skipped..]
            .find('&')
            .map_or(rest.len(), |at| at + skipped);
        let (plain, behind) = rest.split_at(end);
        rest = behind;
        (!plain.is_empty()).then_some(plain)
    })
}

fn spelled(plain: char) -> &'static str {
    match plain {
        '&' => "&",
        '[' => "[",
        ']' => "]",
        _ => ",",
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    /// Takes minutes where each start of a code is looked at up to the end of the text.
    #[test]
    fn a_flood_of_beginnings_is_read_in_one_pass() {
        for (part, end) in [
            ("[CQ:", ""),
            ("[CQ:", "]"),
            ("[CQ:a,b=", ",]x"),
            ("[CQ:a,b=", ",x]"),
            ("[CQ:a,b", "]"),
            ("[", "]"),
        ] {
            let text = part.repeat(400_000) + end;
            let read: String = pieces(&text)
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Code(code) => format!("[CQ:{}{}]", code.kind, code.arguments),
                })
                .collect();
            assert_eq!(
                read.replace(']', ""),
                text.replace(",]", "").replace(']', ""),
                "{part}"
            );
        }
    }

    #[test]
    fn a_bracket_in_a_value_belongs_to_it() {
        let mut pieces = pieces("[CQ:a,b=[CQ:c,d=1]");
        let Some(Piece::Code(code)) = pieces.next() else {
            panic!("it begins with a code");
        };
        assert_eq!(
            code.arguments().collect::<Vec<_>>(),
            [("b", "[CQ:c"), ("d", "1")]
        );
        assert_eq!(pieces.next(), None);
    }

    #[test]
    fn a_code_behind_a_broken_one_is_found() {
        let read: Vec<_> = pieces("[CQ:a,b=1,c[CQ:d][CQ:e,f]x[CQ:g,h=i]").collect();
        let kinds: Vec<_> = read
            .iter()
            .filter_map(|piece| match piece {
                Piece::Code(code) => Some(code.kind),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(kinds, ["d", "g"]);
    }
}
