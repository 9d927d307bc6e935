//! What is wrong with a settings file, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use perpetua_words::{Language, Message, config as words};

/// One fault of a settings file.
///
/// The message never repeats a value that may be a secret (invariant 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
    /// The setting's dotted path, such as `accounts[0].clients[1].listen`; empty for a fault of the
    /// TOML text itself.
    pub path: String,
    /// What is wrong and what to do.
    pub message: Message,
}

impl Problem {
    /// A problem at a byte range of the text.
    pub(crate) fn at(text: &str, span: &Range<usize>, path: &str, message: Message) -> Self {
        let (line, column) = line_and_column(text, span.start);
        Self {
            line,
            column,
            path: path.to_owned(),
            message,
        }
    }
}

/// The message with its place before it.
impl From<&Problem> for Message {
    fn from(problem: &Problem) -> Self {
        let (line, column) = (problem.line, problem.column);
        let message = problem.message.clone();
        if problem.path.is_empty() {
            return words::ProblemOfText {
                column,
                line,
                message,
            }
            .into();
        }
        words::Problem {
            column,
            line,
            message,
            path: &problem.path,
        }
        .into()
    }
}

/// In English, for logs.
impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

/// All faults of one settings file: at least one, in the order of the file's lines.
///
/// Its `Display` is one problem per line, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Sorts what was found; `None` when nothing was.
    pub(crate) fn from_found(mut found: Vec<Problem>) -> Option<Self> {
        found.sort_by_key(|problem| (problem.line, problem.column));
        (!found.is_empty()).then_some(Self(found))
    }

    /// The problems, first line first.
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    /// The problems as messages, each with its place, first line first.
    pub fn messages(&self) -> Vec<Message> {
        self.0.iter().map(Message::from).collect()
    }

    /// One problem per line, in a language.
    pub fn in_language(&self, language: Language) -> String {
        let messages = self.messages().into_iter();
        let lines: Vec<String> = messages.map(|line| line.in_language(language)).collect();
        lines.join("\n")
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.in_language(Language::English))
    }
}

impl std::error::Error for Problems {}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The line and column of a byte of the text, both counted from 1, columns in characters.
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let start_of_line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    // A byte order mark, as Windows editors write it, is no column that an editor shows.
    let column = before[start_of_line..]
        .chars()
        .filter(|&character| character != '\u{feff}')
        .count();
    (line, column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_lines_start_at_one() {
        let text = "名 = 1\n# 注\nx = 2\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, "名 ".len()), (1, 3));
        assert_eq!(line_and_column(text, text.find('x').unwrap_or(0)), (3, 1));
        assert_eq!(line_and_column(text, text.len() + 9), (4, 1));
    }

    #[test]
    fn a_byte_inside_a_character_and_a_byte_order_mark_are_survived() {
        assert_eq!(line_and_column("名", 1), (1, 1));
        assert_eq!(line_and_column("\u{feff}x", 3), (1, 1));
    }
}
