//! What the program says to people: messages as codes with parameters, and the one catalogue that
//! makes sentences of them, in Chinese and in English.
//!
//! Pure. The sentences stand in `locales/<language>/<namespace>.json`, in the format of i18next, so
//! that a web page says the same. Each code is a type: [`port::InUse`] is `port.in_use`, and its
//! fields are the parameters of the sentence. Whatever crosses a boundary (RPC, an event, a
//! webhook) is a [`Message`]; who shows it chooses the [`Language`]. Logs are English, which is
//! what `Display` gives.

mod catalogue;
mod causes;
mod duration;
mod harmless;
mod language;
mod message;

pub use catalogue::{codes, sentence};
pub use causes::{cause, with_causes};
pub use duration::duration;
pub use harmless::{harmless, harmless_json};
pub use language::Language;
pub use message::{Message, Param};

include!(concat!(env!("OUT_DIR"), "/codes.rs"));
