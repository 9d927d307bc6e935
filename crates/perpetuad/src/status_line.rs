//! A line on a terminal that is written over while something goes on.

use std::io::IsTerminal as _;

use unicode_width::UnicodeWidthStr as _;

use crate::terminal::print_error;

/// Shown on standard error. Where nobody sees it change, as in a log, each new step is a line. It is gone when it
/// is dropped, so that an error begins on a line of its own.
#[derive(Debug, Default)]
pub(crate) struct StatusLine {
    step: String,
    shown: String,
}

impl StatusLine {
    /// Shows how far a step is, in place of the text before.
    pub(crate) fn show_step(&mut self, step: &str, text: &str) {
        if self.shown == text {
            return;
        }
        if std::io::stderr().is_terminal() {
            eprint!("{}", written_over(&self.shown, text));
        } else if step != self.step {
            print_error(text);
        }
        step.clone_into(&mut self.step);
        text.clone_into(&mut self.shown);
    }

    /// Whatever comes next begins on a line of its own.
    pub(crate) fn end(&mut self) {
        if std::io::stderr().is_terminal() && !self.shown.is_empty() {
            eprint!("{}\r", written_over(&self.shown, ""));
        }
        self.step.clear();
        self.shown.clear();
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        self.end();
    }
}

/// What writes a text over the one before. Blanks cover the rest of that: a terminal for which nothing is coloured
/// is sent no other way to clear a line.
fn written_over(before: &str, text: &str) -> String {
    let rest = before.width().saturating_sub(text.width());
    format!("\r{text}{}", " ".repeat(rest))
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthChar as _;

    use super::written_over;

    /// The cells of a row after this was written to it; the second cell of a wide character is empty.
    fn write(row: &mut Vec<String>, written: &str) {
        let mut column = 0;
        for letter in written.chars() {
            if letter == '\r' {
                column = 0;
                continue;
            }
            let width = letter.width().unwrap_or_default();
            row.resize(row.len().max(column + width), " ".to_owned());
            row[column] = letter.to_string();
            row[column + 1..column + width].fill(String::new());
            column += width;
        }
    }

    #[test]
    fn nothing_of_a_longer_text_is_left() {
        for (before, text) in [
            ("waiting, 120 seconds left", "waiting, 99 seconds left"),
            ("等待扫码，还有 100 秒", "等待扫码，还有 99 秒"),
            ("正在下载核心", "online"),
            ("online", "正在下载核心"),
            ("正在下载核心", ""),
        ] {
            let mut row = Vec::new();
            write(&mut row, &written_over("", before));
            write(&mut row, &written_over(before, text));
            assert_eq!(row.concat().trim_end(), text);
        }
    }

    #[test]
    fn nothing_is_sent_that_a_plain_terminal_would_show() {
        let written = written_over("waiting, 120 seconds left", "online");
        assert!(!written.contains('\x1b'), "{written:?}");
    }
}
