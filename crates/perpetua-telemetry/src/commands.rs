//! Commands of `perpetuad` in a line: the sentences of the catalogue know them without a folder, and whoever copies one
//! from a log means the node that wrote it.

/// How a command begins in a sentence.
const COMMAND: &[u8] = b"`perpetuad ";

/// The line with each command beginning like this; `None` if there is none. One with options of its own stays.
pub(crate) fn completed(line: &[u8], program: &str) -> Option<Vec<u8>> {
    let mut completed = Vec::new();
    let mut rest = line;
    while let Some(place) = rest.windows(COMMAND.len()).position(|part| part == COMMAND) {
        let (before, after) = (&rest[..place], &rest[place + COMMAND.len()..]);
        completed.extend_from_slice(before);
        if after.first() == Some(&b'-') {
            completed.extend_from_slice(COMMAND);
        } else {
            completed.push(b'`');
            completed.extend_from_slice(program.as_bytes());
            completed.push(b' ');
        }
        rest = after;
    }
    if completed.is_empty() {
        return None;
    }
    completed.extend_from_slice(rest);
    Some(completed)
}

#[cfg(test)]
mod tests {
    use super::completed;

    #[test]
    fn each_command_is_completed_and_nothing_else() {
        let program = "perpetuad --data-dir x";
        let done = |line: &str| {
            let done = completed(line.as_bytes(), program);
            done.map(|line| String::from_utf8(line).expect("text"))
        };
        assert_eq!(done("perpetuad token is a command"), None);
        assert_eq!(done("`perpetuad`"), None);
        assert_eq!(
            done("a `perpetuad token 账号` and `perpetuad ui`; `perpetuad --help`").as_deref(),
            Some(
                "a `perpetuad --data-dir x token 账号` and `perpetuad --data-dir x ui`; `perpetuad --help`"
            )
        );
    }
}
