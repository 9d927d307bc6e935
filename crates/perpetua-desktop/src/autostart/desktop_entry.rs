//! The entry of a freedesktop session: a file in its folder `autostart`.

use super::{Entry, Program};

/// The whole file; `None` where the program's path is no text.
pub(super) fn text(program: &Program) -> Option<String> {
    let words = program.words()?;
    // A session leaves an entry alone whose program is gone.
    let program = escaped(words.first()?);
    let line: Vec<_> = words.into_iter().map(quoted).collect();
    Some(format!(
        "[Desktop Entry]\nType=Application\nName=perpetua\nTryExec={program}\nExec={}\nIcon=perpetua\nTerminal=false\nX-GNOME-Autostart-enabled=true\n",
        line.join(" ")
    ))
}

/// What a file says.
pub(super) fn read(text: &str) -> Entry {
    let value = |key: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let mut found = lines.filter(|(name, _)| name.trim() == key);
        found.next().map(|(_, value)| value.trim())
    };
    let hidden = value("Hidden") == Some("true");
    let disabled = value("X-GNOME-Autostart-enabled") == Some("false");
    if hidden || disabled {
        Entry::SwitchedOff
    } else {
        Entry::Starts(text.to_owned())
    }
}

/// A value by the rules of any string. Who reads it takes away white space that it begins with; a path has none there.
fn escaped(value: &str) -> String {
    let value = value.replace('\\', r"\\");
    value
        .replace('\n', r"\n")
        .replace('\t', r"\t")
        .replace('\r', r"\r")
}

/// One argument by the rules of the key `Exec`: quotes where a character is reserved, a backslash before
/// those that quotes do not hold, doubled percent signs; then once more the backslashes of any string.
fn quoted(argument: &str) -> String {
    const RESERVED: &str = " \t\n\"'\\><~|&;$*?#()`";
    let fields = argument.replace('%', "%%");
    if !argument.is_empty() && !argument.contains(|letter| RESERVED.contains(letter)) {
        return escaped(&fields);
    }
    let mut inner = String::new();
    for letter in fields.chars() {
        if matches!(letter, '"' | '`' | '$' | '\\') {
            inner.push('\\');
        }
        inner.push(letter);
    }
    format!("\"{}\"", escaped(&inner))
}

#[cfg(test)]
mod tests {
    use super::{quoted, read, text};
    use crate::autostart::{Entry, Program};

    #[test]
    fn arguments_are_quoted_by_the_rules_of_the_specification() {
        for (argument, written) in [
            ("/opt/perpetua", "/opt/perpetua"),
            ("/tmp/a b/p.AppImage", "\"/tmp/a b/p.AppImage\""),
            ("/tmp/机器人/p", "/tmp/机器人/p"),
            ("/tmp/50%/p", "/tmp/50%%/p"),
            ("/tmp/$x/p", r#""/tmp/\\$x/p""#),
            (r#"a"b"#, r#""a\\"b""#),
            (r"a\b", r#""a\\\\b""#),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(argument), written, "{argument}");
        }
    }

    #[test]
    fn a_session_is_told_which_program_has_to_be_there() {
        for (path, written) in [
            ("/opt/perpetua", "/opt/perpetua"),
            (
                "/tmp/a b/机器人 50%.AppImage",
                "/tmp/a b/机器人 50%.AppImage",
            ),
            ("/tmp/$x/a\\b\nc", r"/tmp/$x/a\\b\nc"),
        ] {
            let program = Program {
                path: path.into(),
                arguments: vec!["--minimised".into()],
            };
            let text = text(&program).expect("text");
            let line = text.lines().find(|line| line.starts_with("TryExec="));
            assert_eq!(line, Some(&*format!("TryExec={written}")), "{text}");
            assert_eq!(text.lines().count(), 8, "{text}");
        }
    }

    #[test]
    fn an_entry_is_read_as_it_is_written_and_may_be_switched_off() {
        let program = Program {
            path: "/tmp/a b/p.AppImage".into(),
            arguments: vec!["--minimised".into()],
        };
        let text = text(&program).expect("text");
        assert!(
            text.contains("\nExec=\"/tmp/a b/p.AppImage\" --minimised\n"),
            "{text}"
        );
        assert_eq!(read(&text), Entry::Starts(text.clone()));
        let off = text.replace("enabled=true", "enabled=false");
        assert_eq!(read(&off), Entry::SwitchedOff);
        assert_eq!(read(&format!("{text}Hidden=true\n")), Entry::SwitchedOff);
    }
}
