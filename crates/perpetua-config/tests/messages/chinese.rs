//! Whether a problem is said in Chinese, the whole of it.

use perpetua_config::{Problem, Problems, decode, edit::EditError};
use perpetua_words::{Language, Message, Param};

/// Asserts that each problem is a Chinese sentence, apart from what it quotes.
#[track_caller]
pub(crate) fn check(problems: &Problems) {
    problems.messages().iter().for_each(check_message);
    let lines = problems.in_language(Language::Chinese);
    assert_eq!(lines.lines().count(), problems.as_slice().len(), "{lines}");
}

#[track_caller]
fn check_message(message: &Message) {
    let said = message.in_language(Language::Chinese);
    assert!(!said.contains("{{"), "a parameter is missing: {said}");
    let own = without_quotes(&said.replace(&words_of_the_parser(message), ""));
    assert!(own.contains(is_chinese), "not Chinese: {said}");
    assert!(!has_english(&own), "English in it: {said}");
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// What `config.toml` repeats of the parser, which speaks English only.
fn words_of_the_parser(message: &Message) -> String {
    let mut found = String::new();
    for (name, param) in &message.params {
        match param {
            Param::Text(text) if message.code == "config.toml" && name == "text" => {
                found.clone_from(text);
            }
            Param::Message(inner) if found.is_empty() => found = words_of_the_parser(inner),
            _ => {}
        }
    }
    found
}

/// The text without what stands in backticks.
fn without_quotes(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

/// Whether two English words follow each other. Single ones are names: `TOML`, `HTTP`.
fn has_english(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphabetic());
    let words: Vec<&str> = text.split(' ').collect();
    words
        .windows(2)
        .any(|pair| pair.iter().all(|word| is_word(word)))
}

#[test]
fn english_is_seen_outside_of_quotes_only() {
    assert!(has_english("应为：a whole number"));
    assert!(!has_english(&without_quotes(
        "应为：`a whole number`，HTTP 代理"
    )));
}

#[test]
fn errors_of_edits_are_said_in_both_languages() {
    let name = |text: &str| text.parse().expect("a name");
    let problem = perpetua_config::parse("[api").expect_err("broken");
    let problem: Problem = problem.into_iter().next().expect("one");
    for (error, english) in [
        (
            EditError::Syntax(problem),
            "`perpetua.toml` must be repaired before it can be changed: \
             line 1, column 5: `]` is missing",
        ),
        (
            EditError::UnknownAccount(name("a")),
            "`perpetua.toml` has no account `a`",
        ),
        (
            EditError::UnknownClient {
                account: name("a"),
                client: name("b"),
            },
            "account `a` has no client `b` in `perpetua.toml`",
        ),
        (
            EditError::AccountTaken(name("a")),
            "`perpetua.toml` already has an account `a`; choose another name",
        ),
        (
            EditError::SignerTaken(name("a")),
            "`perpetua.toml` already has a signer `a`; choose another name",
        ),
        (
            EditError::NotTables("signers"),
            "`signers` in `perpetua.toml` is not a list of tables; repair it before adding to it",
        ),
    ] {
        assert_eq!(error.to_string(), english);
        check_message(&Message::from(&error));
    }
}

#[test]
fn encodings_that_are_not_read_are_named_in_both_languages() {
    for (bytes, english) in [
        (
            b"# \xd6\xd0\xce\xc4\n".as_slice(),
            "the file appears to be encoded as GBK (ANSI); save it as UTF-8",
        ),
        (
            b"\xff\xfea\0\x00\xdcb\0",
            "the file is encoded as UTF-16 LE and is damaged; restore or rewrite it, and save it as UTF-8",
        ),
        (
            b"# \xe4\xb8",
            "the file ends in the middle of a character; save it again, as UTF-8",
        ),
        (
            b"\0\0\0\0",
            "the file is not text in a known encoding; save it as UTF-8, or rewrite it",
        ),
    ] {
        let error = decode(bytes).expect_err(english);
        assert_eq!(error.to_string(), english);
        check_message(&Message::from(&error));
    }
}
