//! The bot frameworks that are known by name, and where in their settings is what they refuse us for.

/// A bot framework that waits for us in a way of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameworkKind {
    /// `NoneBot2`.
    Nonebot,
    /// Koishi.
    Koishi,
    /// `AstrBot`, which stands on aiocqhttp.
    Astrbot,
}

impl FrameworkKind {
    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nonebot => "NoneBot",
            Self::Koishi => "Koishi",
            Self::Astrbot => "AstrBot",
        }
    }

    /// Its own setting of the token.
    pub(crate) fn token_setting(self) -> &'static str {
        match self {
            Self::Nonebot => "ONEBOT_ACCESS_TOKEN",
            Self::Koishi => "token",
            Self::Astrbot => "ws_reverse_token",
        }
    }

    /// Its own setting of the account's id; `None`: it serves every account.
    pub(crate) fn account_setting(self) -> Option<&'static str> {
        match self {
            Self::Koishi => Some("selfId"),
            Self::Nonebot | Self::Astrbot => None,
        }
    }

    /// Whether it takes a connection for actions beside one for events.
    pub(crate) fn takes_halves(self) -> bool {
        match self {
            Self::Astrbot => true,
            Self::Nonebot | Self::Koishi => false,
        }
    }

    /// Its own setting of the path, if it closes whatever comes at another one without a word.
    pub(crate) fn path_setting(self) -> Option<&'static str> {
        match self {
            Self::Koishi => Some("path"),
            Self::Nonebot | Self::Astrbot => None,
        }
    }

    /// Where it waits for us; `None` where its settings say so.
    pub(crate) fn path(self) -> Option<&'static str> {
        match self {
            Self::Nonebot => Some("/onebot/v11/ws"),
            Self::Koishi => None,
            Self::Astrbot => Some("/ws"),
        }
    }
}
