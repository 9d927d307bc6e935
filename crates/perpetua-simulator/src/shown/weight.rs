//! How much memory something that was shown takes.

use super::{Deed, Piece, Quote, Shown, Who};

/// What a line takes beside its texts, roughly.
const LINE: usize = 256;
/// What a piece of a message takes beside its texts, roughly.
const PIECE: usize = 64;

impl Shown {
    /// In bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        LINE + self.place.name.len() + self.by.name.len() + self.deed.weight()
    }
}

impl Deed {
    fn weight(&self) -> usize {
        let name = |who: &Who| who.name.len();
        match self {
            Self::Message { text, pieces, .. } => {
                text.len() + pieces.iter().map(Piece::weight).sum::<usize>()
            }
            Self::Banned { target, .. } | Self::Unbanned { target } => {
                target.as_ref().map_or(0, name)
            }
            Self::Poked { target }
            | Self::Kicked { target }
            | Self::AdminSet { target, .. }
            | Self::Liked { target, .. }
            | Self::RequestAnswered { target, .. } => name(target),
            Self::GroupNamed { name } | Self::Uploaded { name } => name.len(),
            Self::CardSet { target, card } => name(target) + card.len(),
            Self::TitleSet { target, title } => name(target) + title.len(),
            Self::FriendRequested { flag, comment }
            | Self::GroupRequested { flag, comment }
            | Self::GroupInvited { flag, comment } => flag.len() + comment.len(),
            Self::Recalled { .. }
            | Self::Joined
            | Self::Left
            | Self::Dismissed
            | Self::Befriended => 0,
        }
    }
}

impl Piece {
    fn weight(&self) -> usize {
        let texts = match self {
            Self::Text(text) | Self::Face(text) => text.len(),
            Self::At(who) => who.as_ref().map_or(0, |who| who.name.len()),
            Self::Reply { quoted, .. } => quoted.as_ref().map_or(0, Quote::weight),
            Self::Image { link, .. } => link.as_ref().map_or(0, String::len),
            Self::Other { kind, code } => kind.len() + code.len(),
        };
        PIECE + texts
    }
}

impl Quote {
    fn weight(&self) -> usize {
        self.by.name.len() + self.text.len()
    }
}
