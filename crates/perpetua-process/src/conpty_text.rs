//! From what a pseudo-console draws back to the lines that a program printed.
//!
//! A console does not pass on what it is given: it sends what would draw its screen. Most of that is
//! text and line breaks, as printed; between them stand cursor movements, titles and modes. Here,
//! colours stay, gaps become spaces, a jump elsewhere ends the line, and the rest is left out. A
//! line that filled its row goes on in the next one.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;
use vte::{Params, Parser, Perform};

/// Tab stops are this far apart.
const TAB: usize = 8;

/// Reads what a console draws.
pub(crate) struct Screen {
    parser: Parser,
    row: Row,
}

impl Screen {
    /// For a console of this width.
    pub(crate) fn new(columns: u16) -> Self {
        Self {
            parser: Parser::new(),
            row: Row {
                columns: usize::from(columns),
                column: 0,
                returned: false,
                text: String::new(),
            },
        }
    }

    /// The text in the next portion, with line feeds between the lines.
    pub(crate) fn unroll(&mut self, drawn: &[u8]) -> Vec<u8> {
        self.parser.advance(&mut self.row, drawn);
        std::mem::take(&mut self.row.text).into_bytes()
    }
}

struct Row {
    columns: usize,
    /// Where the next character goes, counted from 0. Equals `columns` when the row is full.
    column: usize,
    /// The cursor went back to the start of the row.
    returned: bool,
    text: String,
}

impl Row {
    fn end_line(&mut self) {
        self.text.push('\n');
        self.column = 0;
        self.returned = false;
    }

    /// The cursor is put somewhere else; what follows is another line.
    fn jump(&mut self) {
        if self.column > 0 {
            self.end_line();
        }
    }

    fn skip(&mut self, columns: usize) {
        let gap = columns.min(self.columns.saturating_sub(self.column));
        self.text.extend(std::iter::repeat_n(' ', gap));
        self.column += gap;
    }

    fn colour(&mut self, params: &Params) {
        self.text.push_str("\x1b[");
        for (index, param) in params.iter().enumerate() {
            for (part, number) in param.iter().enumerate() {
                let before = match (index, part) {
                    (0, 0) => "",
                    (_, 0) => ";",
                    _ => ":",
                };
                // Writing to a `String` cannot fail.
                let _ = write!(self.text, "{before}{number}");
            }
        }
        self.text.push('m');
    }
}

impl Perform for Row {
    fn print(&mut self, character: char) {
        if self.returned {
            self.returned = false;
            self.jump();
        }
        let width = character.width().unwrap_or(0);
        if self.column + width > self.columns {
            self.column = 0;
        }
        self.column += width;
        self.text.push(character);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            // A full row is broken by the console, not by the program.
            b'\n' if self.column >= self.columns => {
                self.column = 0;
                self.returned = false;
            }
            b'\n' => self.end_line(),
            b'\r' => self.returned = true,
            b'\t' => self.skip(TAB - self.column % TAB),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: char) {
        if !intermediates.is_empty() {
            return;
        }
        let number = |index: usize| {
            let given = params.iter().nth(index).and_then(|param| param.first());
            usize::from(given.copied().unwrap_or(0).max(1))
        };
        match action {
            'm' => self.colour(params),
            'C' => self.skip(number(0)),
            'H' | 'f' => {
                self.jump();
                self.skip(number(1) - 1);
            }
            'G' => {
                let column = number(0) - 1;
                if column < self.column {
                    self.jump();
                }
                self.skip(column - self.column);
            }
            'A' | 'B' | 'E' | 'F' | 'd' => self.jump(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the console host of Windows 10 sends around three lines of a program: modes, a clear
    /// screen, a title, colours, a gap of spaces.
    const START: &[u8] = b"\x1b[?9001h\x1b[?1004h\x1b[6n\x1b[?25l\x1b[2J\x1b[m\x1b[H\
        \x1b]0;C:\\core\\Lagrange.OneBot.exe\x07\x1b[?25h\
        \x1b[35mLagrange.OneBot\r\n\x1b[mVersion: 625e9b29\r\n\r\n\
        [Konata]\x1b[4CWtExchangeLogic\x1b[K\r\n";

    fn unroll(columns: u16, portions: &[&[u8]]) -> String {
        let mut conpty_text = Screen::new(columns);
        let bytes: Vec<u8> = portions
            .iter()
            .flat_map(|portion| conpty_text.unroll(portion))
            .collect();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn the_lines_of_a_program_are_what_is_left() {
        let text = unroll(1000, &[START]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "\x1b[0m\x1b[35mLagrange.OneBot",
                "\x1b[0mVersion: 625e9b29",
                "",
                "[Konata]    WtExchangeLogic"
            ]
        );
    }

    #[test]
    fn it_does_not_matter_where_the_portions_are_cut() {
        let whole = unroll(1000, &[START, "群消息\r\n".as_bytes()]);
        let bytes = [START, "群消息\r\n".as_bytes()].concat();
        let single: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(unroll(1000, &single), whole);
    }

    #[test]
    fn a_line_of_several_rows_is_one() {
        assert_eq!(
            unroll(10, &[b"0123456789abc\r\nnext\r\n"]),
            "0123456789abc\nnext\n"
        );
        // The console host before Windows 10 2004 breaks the row itself.
        assert_eq!(
            unroll(10, &[b"0123456789\r\nabc\r\nnext\r\n"]),
            "0123456789abc\nnext\n"
        );
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(
            unroll(10, &["群群群群群\r\nabc\r\n".as_bytes()]),
            "群群群群群abc\n"
        );
        assert_eq!(
            unroll(10, &["群群群群\r\nabc\r\n".as_bytes()]),
            "群群群群\nabc\n"
        );
    }

    #[test]
    fn a_jump_of_the_cursor_ends_the_line() {
        assert_eq!(
            unroll(80, &[b"one\x1b[5;1Htwo\x1b[6;3Hthree\r\n"]),
            "one\ntwo\n  three\n"
        );
        assert_eq!(unroll(80, &[b"10 %\r20 %\r\n"]), "10 %\n20 %\n");
        assert_eq!(
            unroll(80, &[b"one\x1b[9Gtwo\x1b[2Gthree\r\n"]),
            "one     two\n three\n"
        );
    }

    #[test]
    fn no_number_makes_a_gap_wider_than_the_console() {
        assert_eq!(
            unroll(10, &[b"a\x1b[65535Cb\r\n"]).len(),
            "a         b\n".len()
        );
    }
}
