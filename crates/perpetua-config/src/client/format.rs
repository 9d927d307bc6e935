//! `format` of a client.

/// How a client gets messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientFormat {
    /// As the upstream sends them.
    #[default]
    AsSent,
    /// As an array of segments.
    Array,
    /// As a string with CQ codes.
    String,
}

impl ClientFormat {
    /// What the settings call each.
    pub(crate) const WORDS: [(&'static str, Self); 3] = [
        ("as-sent", Self::AsSent),
        ("array", Self::Array),
        ("string", Self::String),
    ];

    /// What the settings call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::AsSent => "as-sent",
            Self::Array => "array",
            Self::String => "string",
        }
    }
}
