//! What a state means to a person: its tone, its word, its sentence, and the one button that ends a problem.
//!
//! The same vocabulary as the pages' (`ui/src/state`), with the same codes; a state without a row does
//! not compile.

mod account;
mod client;
mod core;
mod headline;

use std::fmt::Write as _;

use perpetua_schema::{AccountStatus, Method, Reconnect, Restart, RetryFailed, Start};
use perpetua_words::{Message, Param, state as words};
use serde_json::{Value, json};

pub use account::standing_of;
pub(crate) use headline::waits_for_scan;
pub use headline::{Headline, headline};

/// How bad it is; the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Stopped until somebody acts.
    Bad,
    /// Waits for somebody, or works less.
    You,
    /// Goes on by itself.
    Busy,
    /// Alive.
    Ok,
    /// Off on purpose, or unknown.
    Idle,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq)]
pub enum ButtonAction {
    /// Opens the window at a path.
    Go(String),
    /// Asks the node.
    Call {
        /// The call's name.
        name: &'static str,
        /// Its parameters.
        params: Value,
    },
}

/// The one button that ends a problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Mend {
    /// What it says.
    pub word: Message,
    /// What it does.
    pub deed: ButtonAction,
}

/// A state in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// How bad it is.
    pub tone: Tone,
    /// It in a word or two.
    pub word: Message,
    /// What happened; absent where the word says all.
    pub sentence: Option<Message>,
    /// What ends it.
    pub mend: Option<Mend>,
}

impl Standing {
    fn new(tone: Tone, word: impl Into<Message>) -> Self {
        Self {
            tone,
            word: word.into(),
            sentence: None,
            mend: None,
        }
    }

    fn saying(mut self, sentence: impl Into<Message>) -> Self {
        self.sentence = Some(sentence.into());
        self
    }

    fn mended_by(mut self, word: impl Into<Message>, deed: ButtonAction) -> Self {
        self.mend = Some(Mend {
            word: word.into(),
            deed,
        });
        self
    }

    fn started(self, word: impl Into<Message>, account: &str) -> Self {
        self.mended_by(word, ButtonAction::start(account))
    }

    /// Whether it needs somebody.
    pub fn needs_somebody(&self) -> bool {
        self.tone <= Tone::You
    }
}

impl ButtonAction {
    pub(crate) fn call<M: Method>(call: &M) -> Self {
        Self::Call {
            name: M::NAME,
            params: serde_json::to_value(call).unwrap_or_default(),
        }
    }

    pub(crate) fn start(account: &str) -> Self {
        Self::call(&Start {
            account: account.to_owned(),
        })
    }

    pub(crate) fn restart(account: &str) -> Self {
        Self::call(&Restart {
            account: account.to_owned(),
        })
    }

    pub(crate) fn login_page(account: &str) -> Self {
        Self::Go(format!("{}/login", account_path(account)))
    }

    fn settings_of(account: &str) -> Self {
        Self::Go(format!("{}?tab=settings", account_path(account)))
    }

    /// The page of signers.
    fn signers() -> Self {
        Self::Go("/signers".to_owned())
    }

    /// The same, with the dialog that adds one.
    fn new_signer() -> Self {
        Self::Go("/signers?add=true".to_owned())
    }

    /// The page of cores.
    fn cores() -> Self {
        Self::Go("/core".to_owned())
    }

    fn install_core() -> Self {
        Self::Call {
            name: "core_install",
            params: json!({}),
        }
    }
}

/// Dials an account's upstream now.
pub(crate) fn reconnect(account: &str) -> ButtonAction {
    ButtonAction::call(&Reconnect {
        account: account.to_owned(),
    })
}

/// Tries again what could not be done.
fn retry_failed() -> ButtonAction {
    ButtonAction::call(&RetryFailed {})
}

/// The page of an account.
pub(crate) fn account_path(account: &str) -> String {
    format!("/accounts/{}", encoded(account))
}

/// A part of a path or of a query. Letters beyond ASCII may stand there as they are.
pub(crate) fn encoded(part: &str) -> String {
    let mut written = String::new();
    for letter in part.chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() && !"-_.~".contains(letter) {
            let _infallible = write!(written, "%{:02X}", u32::from(letter));
        } else {
            written.push(letter);
        }
    }
    written
}

/// What people call an account: its nickname, or its name in the settings.
pub(crate) fn name_of(account: &AccountStatus) -> &str {
    let nickname = account.nickname.as_deref();
    nickname
        .filter(|name| !name.is_empty())
        .unwrap_or(&account.name)
}

/// Whether a message is one of these codes, or has one within it.
fn holds(said: &Message, codes: &[&str]) -> bool {
    codes.contains(&&*said.code)
        || said.params.values().any(|param| match param {
            Param::Message(inner) => holds(inner, codes),
            Param::Messages(several) => several.iter().any(|inner| holds(inner, codes)),
            Param::Number(_) | Param::Text(_) => false,
        })
}

/// The word of an account that is online.
fn online() -> Standing {
    Standing::new(Tone::Ok, words::Online)
}

#[cfg(test)]
mod tests;
