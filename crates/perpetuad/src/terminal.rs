//! Where a command prints, and in which language.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use perpetua_lagrange::qr::QrInk;
use perpetua_words::{Language, Message, cli, harmless, harmless_json, unit};
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

/// How a command line of this program begins in a sentence.
const COMMAND: &str = "`perpetuad ";

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

    /// A message as text. The commands in it, which the catalogue knows without a folder, are those for the node that
    /// the arguments mean.
    pub(crate) fn text(&self, message: impl Into<Message>) -> String {
        let text = message.into().in_language(self.language);
        let mut parts = text.split(COMMAND);
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // One that names its options already is a command of ours.
            if part.starts_with('-') {
                shown.push_str(COMMAND);
            } else {
                shown.push('`');
                shown.push_str(&self.program);
                shown.push(' ');
            }
            shown.push_str(part);
        }
        shown
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
        print_error(&format!("perpetuad: {}", self.text(message)));
    }

    /// A message on standard error that belongs to the one before.
    pub(crate) fn note_beside(&self, message: impl Into<Message>) {
        print_error(&format!("  {}", self.text(message)));
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

/// Prints a text at once; whatever is in it, it drives no terminal and only its line ends begin a line.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    draw(&shown(text))
}

/// Prints JSON on lines of its own; it stays the same and drives no terminal either.
pub(crate) fn print_json(json: &str) -> Result<(), Failure> {
    draw(&format!("{}\n", harmless_json(json)))
}

/// Prints a line on standard error, made harmless like everything here.
pub(crate) fn print_error(line: &str) {
    eprintln!("{}", shown(line));
}

fn shown(text: &str) -> String {
    let letters = text.chars();
    letters
        .map(|letter| match letter {
            '\n' => letter,
            other => harmless(other),
        })
        .collect()
}

/// Prints what was drawn here, with its colours only where they are seen, also in a console of Windows that knows
/// none. When whoever read us has gone, as in `perpetuad watch | head`, that is no fault.
pub(crate) fn draw(text: &str) -> Result<(), Failure> {
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

/// How many columns the terminal has to which standard output goes; `None` where it goes elsewhere.
pub(crate) fn columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0)).filter(|columns| *columns > 0)
}

/// What a QR code is drawn with on standard output. Without colours nobody knows the terminal's own; most are light
/// on dark, and some say in `COLORFGBG` that they are not.
pub(crate) fn ink() -> QrInk {
    let colours = AutoStream::choice(&io::stdout());
    ink_of(colours, std::env::var("COLORFGBG").ok().as_deref())
}

fn ink_of(colours: ColorChoice, own: Option<&str>) -> QrInk {
    // `foreground;background`, numbers of the palette: white and its light shade are the light ones.
    let background = own.and_then(|own| own.rsplit(';').next());
    match (colours, background) {
        (ColorChoice::Never, Some("7" | "15")) => QrInk::DarkOnLight,
        (ColorChoice::Never, _) => QrInk::LightOnDark,
        _ => QrInk::Colours,
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
    use perpetua_words::{Language, Message, cli, refused};

    use anstream::ColorChoice;
    use perpetua_lagrange::qr::QrInk;

    use super::{Terminal, ink_of, not_printed, padded, quoted, shown};
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
    fn what_is_printed_drives_no_terminal() {
        for hostile in [
            "\u{1b}[2J",
            "\u{1b}]0;title\u{7}",
            "\u{9b}2J",
            "\r",
            "\u{8}\u{7f}",
            "\u{202e}gpj.exe",
            "\u{2028}\u{2029}",
            "\u{200b}\u{feff}\u{e0041}",
        ] {
            let text = shown(&format!("机器人 {hostile}\nnext\n"));
            let (first, rest) = text.split_once('\n').expect("lines");
            assert!(first.starts_with("机器人 "), "{text:?}");
            let is_harmless = |letter: char| perpetua_words::harmless(letter) == letter;
            assert!(first.chars().all(is_harmless), "{hostile:?}: {text:?}");
            assert_eq!(rest, "next\n");
        }
    }

    #[test]
    fn a_code_without_colours_is_not_inverted() {
        for (colours, own, ink) in [
            (ColorChoice::Always, None, QrInk::Colours),
            (ColorChoice::AlwaysAnsi, Some("0;15"), QrInk::Colours),
            (ColorChoice::Never, None, QrInk::LightOnDark),
            (ColorChoice::Never, Some("15;0"), QrInk::LightOnDark),
            (ColorChoice::Never, Some("0;15"), QrInk::DarkOnLight),
            (ColorChoice::Never, Some("0;default;7"), QrInk::DarkOnLight),
        ] {
            assert_eq!(ink_of(colours, own), ink, "{colours:?} {own:?}");
        }
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
    fn a_command_in_a_sentence_is_one_for_the_node_that_was_meant() {
        let place = |data_dir: Option<&str>| PlaceArguments {
            data_dir: data_dir.map(Into::into),
            config: None,
        };
        let refused = refused::WrongToken {
            peer: "127.0.0.1",
            account: "main",
            client: "bot",
        };
        for (data_dir, command) in [
            (None, "`perpetuad token main/bot`"),
            (Some("a"), "`perpetuad --data-dir a token main/bot`"),
        ] {
            for language in [Language::English, Language::Chinese] {
                let terminal = Terminal::new(language, &place(data_dir));
                let text = terminal.text(Message::from(refused));
                assert!(text.contains(command), "{text}");
                let command = terminal.command("token main/bot");
                let text = terminal.text(cli::StatusMore { command, count: 2 });
                assert_eq!(text.matches("--data-dir").count(), data_dir.iter().count());
            }
        }
    }

    #[test]
    fn only_what_a_shell_would_split_is_quoted() {
        assert_eq!(quoted("C:\\bots\\a.toml"), "C:\\bots\\a.toml");
        assert_eq!(quoted("a b"), "\"a b\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
