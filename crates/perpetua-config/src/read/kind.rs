//! Kinds: of upstreams and of clients.

use perpetua_words::{Message, config as words};

use super::choices::either;
use super::item::quotable;
use super::section::Section;

/// The `kind` of a table, one that this version has. One that is planned is told apart from a typing
/// mistake. Without a kind it is not known which other keys belong in the table.
pub(super) fn kind<T: Copy>(
    section: &mut Section<'_>,
    kinds: &[(&'static str, T)],
    later: &[&str],
) -> Option<T> {
    let choices = || either(kinds.iter().map(|(name, _)| *name));
    let Some(item) = section.take("kind") else {
        let (choices, table) = (choices(), section.title());
        section.problem(words::MissingKind { choices, table });
        return None;
    };
    let written = item.string(choices())?;
    if later.contains(&written) {
        let (choices, kind) = (choices(), written);
        return item.problem(words::KindNotYet { choices, kind });
    }
    let has_two_ways = kinds.iter().any(|(name, _)| *name == "forward");
    if has_two_ways && quotable(written).is_some_and(is_websocket) {
        let (advice, word) = (Message::from(words::KindOfWebsocket), written);
        return item.problem(words::UnknownWord { advice, word });
    }
    item.word(kinds)
}

/// Whether it is what other programs call a WebSocket, which does not say who connects to whom.
fn is_websocket(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let begins = ["ws", "websocket", "web-socket"];
    begins.iter().any(|begin| word.starts_with(begin))
}
