//! What is said to people stands in the catalogue, in both languages; not as a text in the code.

use crate::names::Read;
use crate::tokens::Text;

/// Who may be given a sentence: the log, and what only a programmer ever sees.
const MACROS: [&str; 22] = [
    "assert!",
    "assert_eq!",
    "assert_ne!",
    "compile_error!",
    "debug!",
    "debug_assert!",
    "debug_assert_eq!",
    "debug_assert_ne!",
    "debug_span!",
    "error!",
    "error_span!",
    "event!",
    "info!",
    "info_span!",
    "panic!",
    "todo!",
    "trace!",
    "trace_span!",
    "unimplemented!",
    "unreachable!",
    "warn!",
    "warn_span!",
];
const METHODS: [&str; 2] = ["expect", "expect_err"];
/// Attributes whose texts are for readers of the code. `#[error("…")]` is none of them.
const ATTRIBUTES: [&str; 6] = [
    "allow",
    "cfg_attr",
    "deprecated",
    "doc",
    "expect",
    "must_use",
];

/// Fewer words and parameters are a name, a key or a label.
const WORDS: usize = 3;
/// Two words beside a parameter make a sentence; one is a separator.
const WORDS_BESIDE_PARAMETERS: usize = 2;
/// The same for Chinese, which is written without spaces.
const HAN: usize = 4;

/// The sentences of a file that are not for programmers.
pub(crate) fn found<'a>(read: &'a Read<'_>) -> impl Iterator<Item = &'a Text> {
    let texts = read.texts.iter();
    texts.filter(|text| is_sentence(&text.value) && !is_for_programmers(text))
}

fn is_for_programmers(text: &Text) -> bool {
    let within: Vec<_> = text.within.iter().map(String::as_str).collect();
    if let Some(attribute) = within.iter().position(|giver| *giver == "#") {
        // `#[doc = "…"]`, which a comment is too, has its text directly in the brackets.
        let mut names = within[..attribute].iter();
        return names.all(|name| ATTRIBUTES.contains(name));
    }
    let mut given_to = within.iter();
    given_to.any(|giver| MACROS.contains(giver) || METHODS.contains(giver))
}

/// Whether a person would read this as words and not as a name, a pattern or a piece of a protocol.
pub(crate) fn is_sentence(text: &str) -> bool {
    let (bare, parameters) = without_parameters(text);
    let words = bare.split_whitespace().filter(|word| is_word(word)).count();
    let is_han = |letter: &char| ('\u{4e00}'..='\u{9fff}').contains(letter);
    (words >= WORDS_BESIDE_PARAMETERS && words + parameters >= WORDS)
        || bare.chars().filter(is_han).count() >= HAN
}

fn is_word(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| ".,;:!?()'\"`".contains(letter));
    let is_name = word.chars().skip(1).any(char::is_uppercase);
    let mut letters = word.chars();
    !word.is_empty() && !is_name && letters.all(|letter| letter.is_alphabetic() || letter == '-')
}

/// Without `{…}`, and how many of these there are.
fn without_parameters(text: &str) -> (String, usize) {
    let (mut bare, mut depth, mut parameters) = (String::new(), 0_usize, 0);
    for letter in text.chars() {
        match letter {
            '{' => {
                depth += 1;
                parameters += usize::from(depth == 1);
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(letter),
            _ => {}
        }
    }
    (bare, parameters)
}

fn lines(read: &Read<'_>) -> Vec<usize> {
    found(read).map(|text| text.line).collect()
}

#[test]
fn sentences_are_found_wherever_a_person_may_get_them() {
    for text in [
        "fn f() { say(\"the port is in use\"); }",
        "fn f() -> String { format!(\"`{port}` is in use by {holder}\") }",
        "#[derive(Error)] #[error(\"cannot read the file\")] struct E;",
        "#[derive(Error)] enum E { #[error(\"cannot read {0}: {1}\")] A(String, String) }",
        "const WHY: &str = \"nobody has scanned the code\";",
        "fn f() { bail!(\"no such account\"); }",
        "fn f() { x.context(\"cannot read the settings\")?; }",
        "fn f() { println!(r#\"the port is in use\"#); }",
        "const WHY: &str = \"端口被占用了\";",
        "fn f() { format!(\"cannot read {}\", path) }",
        "macro_rules! m { () => { \"the port is in use\" } }",
        "fn f() { warn!(\"a\"); say(\"the port is in use\"); }",
    ] {
        assert!(!crate::tried(text, lines).is_empty(), "not found: {text}");
    }
}

#[test]
fn names_logs_and_notes_for_programmers_are_not_found() {
    for text in [
        "fn f() { warn!(%error, \"the settings file was refused\"); }",
        "fn f() { tracing::info!(\"the port is {}\", named(\"the port of it\")); }",
        "fn f() { x.expect(\"a lock is never poisoned\"); }",
        "fn f() { unreachable!(\"only numbers come here\"); }",
        "#[expect(clippy::a, reason = \"there is no other way\")] fn f() {}",
        "/// The port is in use.\nfn f() {}",
        "calls! { /// Says that the port is in use.\n Call }",
        "#[must_use = \"it does nothing by itself\"] struct A;",
        "const NAME: &str = \"application/json; charset=utf-8\";",
        "const KEYS: &str = \"accounts.upstream.listen\";",
        "fn f() { say(\"get_group_list\", \"Content-Type\", \"HTTP/1.1 101\"); }",
        "#[cfg(test)] mod tests { fn f() { say(\"the port is in use\"); } }",
    ] {
        assert!(crate::tried(text, lines).is_empty(), "found: {text}");
    }
}
