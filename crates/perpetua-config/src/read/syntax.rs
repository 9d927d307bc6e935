//! What the TOML parser says of a text, in sentences of ours.

use perpetua_words::{Message, config as words};

/// How the parser begins what one of our sentences says, in its version 1.1.
const KNOWN: [(Fault, &[&str]); 7] = [
    (
        Fault::Quote,
        &[
            "missing opening quote",
            "invalid basic string",
            "invalid literal string",
            "invalid multi-line",
        ],
    ),
    (
        Fault::Bracket,
        &[
            "unclosed ",
            "missing array opening",
            "missing inline table opening",
        ],
    ),
    (Fault::Comma, &["missing comma"]),
    (
        Fault::Equals,
        &[
            "key with no value",
            "missing assignment",
            "missing value for key",
            "extra `=`",
        ],
    ),
    (
        Fault::Key,
        &[
            "invalid unquoted key",
            "unquoted keys",
            "invalid key-value pair",
        ],
    ),
    (
        Fault::Unexpected,
        &[
            "unexpected key or value",
            "unexpected content",
            "unexpected `=`",
            "extra ",
        ],
    ),
    (
        Fault::Value,
        &[
            "string values must be quoted",
            "missing value",
            "invalid value",
            "invalid boolean",
            "invalid float",
            "invalid integer",
            "unexpected leading zero",
            "`_` may only go",
        ],
    ),
];

/// What is to be mended.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Quote,
    Bracket,
    Comma,
    Equals,
    Key,
    Unexpected,
    Value,
}

/// A fault of the syntax, or the words of its parser where none of our sentences says it.
pub(crate) fn not_toml(parser: &str) -> Message {
    let (what, expected) = parser.split_once(", expected ").unwrap_or((parser, ""));
    if what.contains("escape") || what == "too few unicode value digits" {
        return words::TomlEscape.into();
    }
    let mut known = KNOWN.iter();
    let known = known.find(|(_, begins)| begins.iter().any(|begin| what.starts_with(begin)));
    match known {
        Some((Fault::Quote, _)) => words::TomlQuote.into(),
        Some((Fault::Bracket, _)) => {
            let bracket = expected.trim_matches('`');
            words::TomlBracket { bracket }.into()
        }
        Some((Fault::Comma, _)) => words::TomlComma.into(),
        Some((Fault::Equals, _)) => words::TomlEquals.into(),
        Some((Fault::Key, _)) => words::TomlKey.into(),
        Some((Fault::Unexpected, _)) => words::TomlUnexpected.into(),
        Some((Fault::Value, _)) => words::TomlValue.into(),
        None => {
            let text = parser.replace('\n', "; ");
            words::Toml { text }.into()
        }
    }
}
