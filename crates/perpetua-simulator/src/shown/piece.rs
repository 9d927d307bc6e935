//! A message piece by piece, for those who draw it instead of printing it.

use perpetua_onebot::segment::Segment;
use serde_json::Value;

use super::{TEXT_SHOWN, Who, code, cut, plain, readable, spelled};
use crate::{chat::Chat, world::World};

/// How many pieces of a message are shown.
const PIECES_SHOWN: usize = 200;

/// How much of a message is quoted, in characters: a line.
const QUOTED: usize = 80;

/// The longest address of a picture on the web, in bytes: what browsers and servers take.
const LINK_SHOWN: usize = 2_000;

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A run of text, a very long one cut.
    Text(String),
    /// Mentions somebody, or everybody.
    At(Option<Who>),
    /// Answers a message.
    Reply {
        /// Which one.
        message_id: i32,
        /// What it said, if it can still be read.
        quoted: Option<Quote>,
    },
    /// Shows a picture.
    Image {
        /// Its number, see [`crate::Simulator::picture`].
        picture: Option<u64>,
        /// Its address on the web.
        link: Option<String>,
    },
    /// Shows one of QQ's own faces.
    Face(String),
    /// Anything else.
    Other {
        /// What OneBot calls it.
        kind: String,
        /// Its CQ code, long arguments cut.
        code: String,
    },
}

/// What a message said that another one answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Who said it.
    pub by: Who,
    /// Its beginning.
    pub text: String,
}

/// A message that is said in `chat`, piece by piece. Its pictures are kept.
pub(crate) fn pieces(world: &mut World, chat: Chat, segments: &[Segment]) -> Vec<Piece> {
    let mut room = TEXT_SHOWN;
    let shown = segments.iter().take(PIECES_SHOWN);
    let pieces = shown.map(|segment| piece(world, chat, segment, &mut room));
    pieces.collect()
}

/// One piece, and less room for the text of those behind it.
fn piece(world: &mut World, chat: Chat, segment: &Segment, room: &mut usize) -> Piece {
    let mut fit = |text: &str| {
        let whole = *room;
        *room = whole.saturating_sub(text.chars().take(whole).count());
        cut(text, whole).unwrap_or_else(|| text.to_owned())
    };
    if let Some(text) = plain(segment) {
        return Piece::Text(fit(text));
    }
    let known = match segment.kind.as_str() {
        "at" => mention(world, chat, segment),
        "reply" => reply(world, segment),
        "image" => Some(image(world, segment)),
        "face" => argument(segment, "id").map(Piece::Face),
        _ => None,
    };
    known.unwrap_or_else(|| Piece::Other {
        kind: segment.kind.chars().take(QUOTED).collect(),
        code: fit(&code(segment)),
    })
}

fn mention(world: &World, chat: Chat, segment: &Segment) -> Option<Piece> {
    let whom = argument(segment, "qq")?;
    if whom == "all" {
        return Some(Piece::At(None));
    }
    let user_id = whom.parse().ok()?;
    let name = world.name_in(chat, user_id);
    Some(Piece::At(Some(Who { user_id, name })))
}

fn reply(world: &World, segment: &Segment) -> Option<Piece> {
    let message_id = argument(segment, "id")?.parse().ok()?;
    let message = world.history.get(message_id).filter(|it| !it.recalled);
    let quoted = message.map(|message| {
        let text = readable(&message.segments);
        let user_id = message.sender_id;
        let name = world.name_in(message.chat, user_id);
        Quote {
            by: Who { user_id, name },
            text: text.chars().take(QUOTED).collect(),
        }
    });
    Some(Piece::Reply { message_id, quoted })
}

/// The picture is where `file` or `url` say: in base64, as a data URL, or on the web.
fn image(world: &mut World, segment: &Segment) -> Piece {
    let places = ["file", "url"].map(|name| segment.data.get(name).and_then(Value::as_str));
    let mut places = places.into_iter().flatten();
    let content = places.clone().find_map(|place| {
        let in_url = || place.strip_prefix("data:")?.split_once(";base64,");
        place
            .strip_prefix("base64://")
            .or_else(|| Some(in_url()?.1))
    });
    let on_web = |place: &&str| {
        (place.starts_with("https://") || place.starts_with("http://")) && place.len() <= LINK_SHOWN
    };
    Piece::Image {
        picture: content.and_then(|content| world.pictures.add(content)),
        link: places.find(on_web).map(str::to_owned),
    }
}

/// An argument that is a number or a word.
fn argument(segment: &Segment, name: &str) -> Option<String> {
    let value = segment.data.get(name).filter(|value| !value.is_null())?;
    let text = spelled(value);
    (text.len() <= QUOTED).then(|| text.into_owned())
}
