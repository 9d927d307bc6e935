//! The entry of Windows: a value of the registry's key `Run`, and the switch of the Task Manager beside it.

use super::Program;

/// The command line; `None` where the program's path is no text.
pub(super) fn text(program: &Program) -> Option<String> {
    let words = program.words()?;
    let line: Vec<_> = words.into_iter().map(quoted).collect();
    Some(line.join(" "))
}

/// Whether the Task Manager lets an entry start: the first byte of its value is even.
pub(super) fn is_approved(value: &[u8]) -> bool {
    value.first().is_none_or(|first| first % 2 == 0)
}

/// One argument as `CommandLineToArgvW` reads it. The program's path is always quoted: without quotes,
/// Windows tries what stands before its first space.
fn quoted(argument: &str) -> String {
    let plain = argument.starts_with("--") && !argument.contains([' ', '\t', '"']);
    if plain {
        return argument.to_owned();
    }
    let mut written = String::from("\"");
    let mut backslashes = 0;
    for letter in argument.chars() {
        if letter == '"' {
            written.extend(std::iter::repeat_n('\\', backslashes + 1));
        }
        backslashes = if letter == '\\' { backslashes + 1 } else { 0 };
        written.push(letter);
    }
    written.extend(std::iter::repeat_n('\\', backslashes));
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use super::{is_approved, text};
    use crate::autostart::Program;

    #[test]
    fn a_path_with_spaces_and_chinese_letters_is_quoted() {
        let program = Program {
            path: r"C:\Program Files\机器人\perpetua.exe".into(),
            arguments: vec!["--minimised".into(), "--data-dir".into(), r"D:\a b\".into()],
        };
        assert_eq!(
            text(&program).expect("text"),
            r#""C:\Program Files\机器人\perpetua.exe" --minimised --data-dir "D:\a b\\""#
        );
    }

    #[test]
    fn the_task_managers_switch_is_read() {
        assert!(is_approved(&[]));
        assert!(is_approved(&[2, 0, 0, 0]));
        assert!(!is_approved(&[3, 0, 0, 0, 1]));
    }
}
