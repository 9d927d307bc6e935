//! Arguments that the grammar refuses, in the language that the program speaks.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use perpetua_words::{Message, cli, io};

use crate::arguments::InvalidClientName;

/// What is wrong with the arguments.
pub(crate) fn refusal(error: &Error) -> Message {
    let argument = || listed(error, ContextKind::InvalidArg, "`, `");
    let value = || context(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument if !argument().starts_with('-') => {
            extra(argument(), &usage_of(error).unwrap_or_default())
        }
        ErrorKind::UnknownArgument => suggesting(
            cli::UnknownArgument {
                argument: argument(),
            },
            nearest(error, ContextKind::SuggestedArg),
        ),
        ErrorKind::InvalidSubcommand => suggesting(
            cli::UnknownCommand {
                command: context(error, ContextKind::InvalidSubcommand),
            },
            nearest(error, ContextKind::SuggestedSubcommand),
        ),
        ErrorKind::MissingRequiredArgument => cli::MissingArgument {
            argument: argument(),
        }
        .into(),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            cli::MissingCommand.into()
        }
        ErrorKind::InvalidValue if value().is_empty() => cli::MissingValue {
            argument: argument(),
        }
        .into(),
        ErrorKind::InvalidValue => cli::ValueNotListed {
            argument: argument(),
            value: value(),
            allowed: context(error, ContextKind::ValidValue),
        }
        .into(),
        ErrorKind::ValueValidation => cli::ValueInvalid {
            argument: argument(),
            value: value(),
            cause: cause(error),
        }
        .into(),
        ErrorKind::ArgumentConflict => cli::ArgumentTwice {
            argument: argument(),
        }
        .into(),
        // What this command line has no rules for.
        _ => io::Other {
            text: error.kind().to_string(),
        }
        .into(),
    }
}

/// How the command is to be called, where the grammar knows it.
pub(crate) fn usage(error: &Error) -> Option<Message> {
    let usage = usage_of(error)?;
    Some(cli::HintUsage { usage }.into())
}

fn usage_of(error: &Error) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return None;
    };
    let usage = usage.to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    (!usage.is_empty()).then(|| usage.to_owned())
}

/// What stands where the command takes nothing more. Behind the name of a secret it most likely is the secret, which is
/// not repeated.
fn extra(argument: String, usage: &str) -> Message {
    if usage.contains("secret set") {
        return cli::SecretAsArgument.into();
    }
    cli::ExtraArgument { argument }.into()
}

fn suggesting(message: impl Into<Message>, suggestion: String) -> Message {
    let message = message.into();
    if suggestion.is_empty() {
        return message;
    }
    cli::DidYouMean {
        message,
        suggestion,
    }
    .into()
}

/// Why a value was refused, by the one who read it.
fn cause(error: &Error) -> Message {
    match error.source() {
        Some(cause) => match cause.downcast_ref::<InvalidClientName>() {
            Some(cause) => cause.into(),
            None => io::Other {
                text: cause.to_string(),
            }
            .into(),
        },
        None => io::Other { text: "" }.into(),
    }
}

/// The most likely of what may have been meant, which clap puts last.
fn nearest(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.last().cloned().unwrap_or_default(),
        _ => context(error, kind),
    }
}

fn context(error: &Error, kind: ContextKind) -> String {
    listed(error, kind, ", ")
}

fn listed(error: &Error, kind: ContextKind, separator: &str) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(separator),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use perpetua_words::Language::{Chinese, English};

    use super::{refusal, usage};
    use crate::{arguments::Arguments, help::localised};

    #[test]
    fn what_is_wrong_is_said_in_both_languages() {
        for (line, expected) in [
            (
                "--data",
                "unknown option `--data`; did you mean `--data-dir`?",
            ),
            ("statsu", "unknown command `statsu`; did you mean `status`?"),
            ("token main/bot more", "`more` is one argument too many"),
            (
                "secret set ok mytoken",
                "a secret is not written on the command line, where other users can see it; leave it out, and type it when asked",
            ),
            ("token", "`<ACCOUNT[/CLIENT]>` is missing"),
            ("say", "`<GROUP|USER>`, `<TEXT>` is missing"),
            ("core", "a command is missing"),
            ("log main --lines", "`--lines <LINES>` needs a value"),
            (
                "log main --lines many",
                "`many` cannot be used for `--lines <LINES>`: invalid digit found in string",
            ),
            (
                "--lang fr check",
                "`fr` cannot be used for `--lang <LANGUAGE>`; possible values: zh-CN, en",
            ),
            (
                "token main/",
                "`main/` cannot be used for `<ACCOUNT[/CLIENT]>`: it is not of the form ACCOUNT/CLIENT, for example `main/bot`",
            ),
            (
                "check --lang en --lang en",
                "`--lang <LANGUAGE>` is given more than once",
            ),
        ] {
            let words = ["perpetuad"].into_iter().chain(line.split_whitespace());
            let error = localised(Arguments::command(), English)
                .try_get_matches_from(words)
                .expect_err(line);
            let message = refusal(&error);
            assert_eq!(message.in_language(English), expected, "{line}");
            assert_ne!(message.in_language(Chinese), expected, "{line}");
            if let Some(usage) = usage(&error) {
                let usage = usage.to_string();
                assert!(usage.starts_with("usage: perpetuad "), "{usage}");
            }
        }
    }
}
