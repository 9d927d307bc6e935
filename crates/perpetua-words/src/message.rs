//! A message: a code, and the parameters of its sentence.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt, io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{Language, catalogue, causes::told_by_library};

/// How many characters of somebody else's words a sentence quotes: twice what a chat shows of a message, and
/// more than a path has. Nobody reads more, and a frame may hold megabytes.
const LONGEST_QUOTE: usize = 8_000;

/// Something to say to a person, in no language yet: `{"code": "port.in_use", "params": {…}}`.
///
/// Made from the type of its code: `Message::from(port::Forbidden { address })`.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// What is said, as `namespace.name`. Programs choose a button by it.
    pub code: Cow<'static, str>,
    /// The parameters of the sentence by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(
        feature = "typescript",
        ts(optional, as = "Option<BTreeMap<String, Param>>")
    )]
    pub params: BTreeMap<Cow<'static, str>, Param>,
}

/// A parameter of a sentence.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Param {
    /// A number, which may also choose between singular and plural.
    Number(i64),
    /// A name, an address, or somebody else's words, which are quoted as they are.
    Text(String),
    /// Another message: a cause, a step.
    Message(Box<Message>),
    /// Several messages, said one after the other.
    Messages(Vec<Message>),
}

impl Message {
    /// Used by the types of the codes.
    pub(crate) fn of<const N: usize>(
        code: &'static str,
        params: [(&'static str, Param); N],
    ) -> Self {
        let params = params
            .into_iter()
            .map(|(name, value)| (Cow::Borrowed(name), value));
        Self {
            code: Cow::Borrowed(code),
            params: params.collect(),
        }
    }

    /// The sentence in a language. A code that this program does not know, from a newer one, is
    /// shown as it is, with its parameters.
    pub fn in_language(&self, language: Language) -> String {
        catalogue::render(self, language)
    }
}

/// In English, for logs.
impl std::error::Error for Message {}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.in_language(Language::English))
    }
}

impl From<Message> for Param {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

impl From<Vec<Message>> for Param {
    fn from(messages: Vec<Message>) -> Self {
        Self::Messages(messages)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl From<$number> for Param {
            fn from(number: $number) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
numbers!(u8 u16 u32 u64 usize i32 i64);

macro_rules! texts {
    ($($text:ty)*) => {$(
        impl From<$text> for Param {
            fn from(text: $text) -> Self {
                Self::Text(quoted(text.to_string()))
            }
        }
    )*};
}
texts!(&str String &String char SocketAddr IpAddr Cow<'_, str>);

/// A text, cut where it is longer than anybody reads.
fn quoted(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_QUOTE) {
        text.truncate(end);
        text.push('…');
    }
    text
}

impl From<&Path> for Param {
    fn from(path: &Path) -> Self {
        Self::Text(quoted(path.display().to_string()))
    }
}

impl From<&PathBuf> for Param {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

/// What a system says of files and sockets, where it has a name for it; else in its own words.
impl From<&io::Error> for Message {
    fn from(error: &io::Error) -> Self {
        use crate::io as words;
        use io::ErrorKind;
        // Some are ours.
        if let Some(words) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Self>())
        {
            return words.clone();
        }
        match error.kind() {
            ErrorKind::IsADirectory => words::NotRegular.into(),
            ErrorKind::NotFound => words::NotFound.into(),
            ErrorKind::PermissionDenied => words::PermissionDenied.into(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => words::DiskFull.into(),
            ErrorKind::FileTooLarge => words::TooLarge.into(),
            ErrorKind::ReadOnlyFilesystem => words::ReadOnly.into(),
            ErrorKind::ConnectionRefused => words::ConnectionRefused.into(),
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                words::ConnectionBroken.into()
            }
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => words::Unreachable.into(),
            ErrorKind::TimedOut => words::TimedOut.into(),
            ErrorKind::AddrInUse => words::AddressInUse.into(),
            // What Windows says of a name that nobody knows (`WSAHOST_NOT_FOUND`, `WSANO_DATA`).
            _ if matches!(error.raw_os_error(), Some(11_001 | 11_004)) => words::UnknownHost.into(),
            _ => {
                let text = error.to_string();
                told_by_library(&text).unwrap_or_else(|| words::Other { text }.into())
            }
        }
    }
}

impl From<&io::Error> for Param {
    fn from(error: &io::Error) -> Self {
        Message::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{LONGEST_QUOTE, Message, Param};
    use crate::Language;

    #[test]
    fn nobody_is_quoted_endlessly() {
        let quoted = |text: String| crate::io::Other { text }.into();
        let whole: Message = quoted("名".repeat(LONGEST_QUOTE));
        assert!(!whole.to_string().contains('…'));
        let cut: Message = quoted("名".repeat(1 << 20));
        assert_eq!(cut.to_string(), whole.to_string() + "…");
    }

    #[test]
    fn it_crosses_a_boundary_as_code_and_parameters() {
        let cause = Message::from(&io::Error::from(io::ErrorKind::StorageFull));
        let message = Message::from(crate::file::CannotWrite {
            cause,
            path: "a.toml",
        });
        let json = serde_json::to_value(&message).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({
                "code": "file.cannot_write",
                "params": { "path": "a.toml", "cause": { "code": "io.disk_full" } },
            })
        );
        let back: Message = serde_json::from_value(json).expect("the same");
        assert_eq!(back, message);
    }

    #[test]
    fn numbers_and_texts_stay_what_they_are() {
        let read = |json: &str| serde_json::from_str::<Param>(json).expect("valid");
        assert_eq!(read("5"), Param::Number(5));
        assert_eq!(read("\"5\""), Param::Text("5".into()));
    }

    #[test]
    fn an_error_of_the_system_has_words_in_both_languages() {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        let message = Message::from(&error);
        assert_ne!(
            message.in_language(Language::English),
            message.in_language(Language::Chinese)
        );
    }
}
