//! `framework` of a client.

/// A bot framework that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framework {
    /// `NoneBot2`.
    Nonebot,
    /// Koishi.
    Koishi,
    /// `AstrBot`.
    Astrbot,
}

impl Framework {
    /// What the settings call each.
    pub(crate) const WORDS: [(&'static str, Self); 3] = [
        ("nonebot", Self::Nonebot),
        ("koishi", Self::Koishi),
        ("astrbot", Self::Astrbot),
    ];

    /// What the settings call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nonebot => "nonebot",
            Self::Koishi => "koishi",
            Self::Astrbot => "astrbot",
        }
    }
}
