//! Lines without colours and other control sequences.

use perpetua_words::harmless;

/// A pseudo-console draws runs of spaces by moving its cursor; more than this many are no indentation.
const MOST_SPACES: usize = 400;

/// The visible text of a line: no escape sequences, nothing that drives a terminal, turns a line or hides in it;
/// white space at its end is gone.
pub(crate) fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_sequence(&mut characters, &mut text),
            '\t' => text.push('\t'),
            // Among them the byte order mark that starts the stream on some systems.
            other if harmless(other) != other => {}
            other => text.push(other),
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Skips what follows an escape character; a move to the right is as many spaces.
fn skip_sequence(characters: &mut std::str::Chars<'_>, text: &mut String) {
    match characters.next() {
        Some('[') => {
            let mut parameters = String::new();
            for character in characters.by_ref() {
                if ('\u{40}'..='\u{7e}').contains(&character) {
                    if character == 'C' {
                        let spaces = parameters.parse().unwrap_or(1_usize).min(MOST_SPACES);
                        text.extend(std::iter::repeat_n(' ', spaces));
                    }
                    return;
                }
                parameters.push(character);
            }
        }
        // A title: it ends with a bell or an escaped backslash.
        Some(']') => {
            while let Some(character) = characters.next() {
                if character == '\u{7}' {
                    return;
                }
                if character == '\u{1b}' {
                    characters.next();
                    return;
                }
            }
        }
        // One more character names a character set.
        Some('(' | ')') => {
            characters.next();
        }
        _ => {}
    }
}
