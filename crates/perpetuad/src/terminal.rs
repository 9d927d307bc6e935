//! Where a command prints, and in which language.

use std::io::{self, Write};

use perpetua_words::{Language, Message, cli, unit};
use unicode_width::UnicodeWidthStr;

use crate::{arguments::PlaceArguments, failure::Failure};

/// Prints what a command was asked for on standard output, and what a person should know beside it
/// on standard error, all in one language.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    language: Language,
    /// How this program was called, up to its command: `perpetuad --data-dir /srv/bot`.
    program: String,
}

impl Terminal {
    /// For one language; hints repeat which node the arguments mean.
    pub(crate) fn new(language: Language, place: &PlaceArguments) -> Self {
        let mut program = "perpetuad".to_owned();
        for (option, path) in [("--data-dir", &place.data_dir), ("--config", &place.config)] {
            if let Some(path) = path {
                let path = quoted(&path.display().to_string());
                program = format!("{program} {option} {path}");
            }
        }
        Self { language, program }
    }

    /// The language of the person.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// A message as text.
    pub(crate) fn text(&self, message: impl Into<Message>) -> String {
        message.into().in_language(self.language)
    }

    /// Several texts in one line, with commas between them.
    pub(crate) fn joined(&self, parts: Vec<String>) -> String {
        let joined = parts
            .into_iter()
            .reduce(|first, rest| self.text(cli::Comma { first, rest }));
        joined.unwrap_or_default()
    }

    /// A message on standard output, on a line of its own.
    pub(crate) fn say(&self, message: impl Into<Message>) -> Result<(), Failure> {
        print(&(self.text(message) + "\n"))
    }

    /// A message on standard error, where it is in the way of no other program.
    pub(crate) fn note(&self, message: impl Into<Message>) {
        eprintln!("perpetuad: {}", self.text(message));
    }

    /// How to call this program for the node that the arguments mean.
    pub(crate) fn program(&self) -> &str {
        &self.program
    }

    /// A command line of this program to show to a person, for the node that the arguments mean.
    pub(crate) fn command(&self, rest: &str) -> String {
        format!("{} {rest}", self.program)
    }
}

/// Prints a text at once; its colours only where they are seen, also in a console of Windows that knows
/// none. When whoever read us has gone, as in `perpetuad watch | head`, that is no fault.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(not_printed)
}

/// A reader that has gone has read enough; a file on a full disk has not all of it.
fn not_printed(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => error.into(),
    }
}

/// A number of seconds, with its unit.
pub(crate) fn seconds(count: u64) -> Message {
    unit::Seconds { count }.into()
}

/// A text with spaces after it up to a width in columns of the terminal, of which Chinese letters
/// take two each.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// An argument as a shell has to read it; quotes work in every shell of the three systems.
pub(crate) fn quoted(argument: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:\\~=+@,".contains(letter);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("\"{argument}\"")
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use perpetua_node::ExitCode;
    use perpetua_words::Language;

    use super::{Terminal, not_printed, padded, quoted};
    use crate::{arguments::PlaceArguments, failure::Failure};

    #[test]
    fn a_reader_that_has_gone_is_no_fault_and_a_full_disk_is_told() {
        let gone = not_printed(io::ErrorKind::BrokenPipe.into());
        assert!(matches!(gone, Failure::OutputClosed), "{gone:?}");
        let full = not_printed(io::ErrorKind::StorageFull.into());
        assert!(
            matches!(
                full,
                Failure::Told {
                    exit: ExitCode::Unavailable,
                    ..
                }
            ),
            "{full:?}"
        );
    }

    #[test]
    fn columns_stay_in_line_with_chinese_names() {
        assert_eq!(padded("群", 4), "群  ");
        assert_eq!(padded("ab", 4), "ab  ");
        assert_eq!(padded("longer", 4), "longer");
    }

    #[test]
    fn a_hint_repeats_which_node_was_meant() {
        let place = PlaceArguments {
            data_dir: Some("/srv/my bots".into()),
            config: Some("a.toml".into()),
        };
        let terminal = Terminal::new(Language::English, &place);
        assert_eq!(
            terminal.command("core list"),
            "perpetuad --data-dir \"/srv/my bots\" --config a.toml core list"
        );
    }

    #[test]
    fn only_what_a_shell_would_split_is_quoted() {
        assert_eq!(quoted("C:\\bots\\a.toml"), "C:\\bots\\a.toml");
        assert_eq!(quoted("a b"), "\"a b\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
