//! A line on a terminal that is written over while something goes on.

use std::io::IsTerminal as _;

/// Shown on standard error. Where nobody sees it change, as in a log, each new step is a line.
#[derive(Debug, Default)]
pub(crate) struct StatusLine {
    step: String,
    shown: String,
}

impl StatusLine {
    /// Shows a text that counts nothing, in place of the one before.
    pub(crate) fn show(&mut self, text: &str) {
        self.show_step(text, text);
    }

    /// Shows how far a step is, in place of the text before.
    pub(crate) fn show_step(&mut self, step: &str, text: &str) {
        if self.shown == text {
            return;
        }
        if std::io::stderr().is_terminal() {
            anstream::eprint!("\r\x1b[2K{text}");
        } else if step != self.step {
            eprintln!("{text}");
        }
        step.clone_into(&mut self.step);
        text.clone_into(&mut self.shown);
    }

    /// Whatever comes next begins on a line of its own.
    pub(crate) fn end(&mut self) {
        if std::io::stderr().is_terminal() && !self.shown.is_empty() {
            anstream::eprint!("\r\x1b[2K");
        }
        self.step.clear();
        self.shown.clear();
    }
}
