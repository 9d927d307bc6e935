//! What watchers see, in one line each, so that a test can tell a story by its lines.

use std::fmt;

use perpetua_simulator::{Chat, Deed, Shown, Who};

/// What somebody said or did, as one line.
pub(crate) fn line(shown: &Shown) -> String {
    let private = match shown.place.chat {
        Chat::Group(_) => "",
        Chat::User(_) => "@",
    };
    let (place, by) = (&shown.place.name, &shown.by.name);
    match &shown.deed {
        Deed::Message { text, .. } => format!("[{private}{place}] {by}: {text}"),
        deed => format!("[{private}{place}] * {by} {}", Told(deed)),
    }
}

struct Told<'a>(&'a Deed);

impl fmt::Display for Told<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Deed::Message { text, .. } => write!(formatter, "said: {text}"),
            Deed::Recalled { message_id } => write!(formatter, "recalled message {message_id}"),
            Deed::Poked { target } => write!(formatter, "poked {}", who(target)),
            Deed::Joined => formatter.write_str("joined"),
            Deed::Left => formatter.write_str("left"),
            Deed::Dismissed => formatter.write_str("dismissed the group"),
            Deed::Kicked { target } => write!(formatter, "kicked {}", who(target)),
            Deed::Banned { target, seconds } => {
                write!(formatter, "banned {}", one_or_all(target.as_ref()))?;
                seconds.map_or(Ok(()), |seconds| write!(formatter, " for {seconds} s"))
            }
            Deed::Unbanned { target } => {
                write!(
                    formatter,
                    "lifted the ban of {}",
                    one_or_all(target.as_ref())
                )
            }
            Deed::AdminSet {
                target,
                enable: true,
            } => write!(formatter, "made {} an admin", who(target)),
            Deed::AdminSet {
                target,
                enable: false,
            } => {
                write!(formatter, "made {} a plain member", who(target))
            }
            Deed::GroupNamed { name } => write!(formatter, "named the group `{name}`"),
            Deed::CardSet { target, card } => {
                write!(formatter, "set the card of {} to `{card}`", who(target))
            }
            Deed::TitleSet { target, title } => {
                write!(formatter, "set the title of {} to `{title}`", who(target))
            }
            Deed::Uploaded { name } => write!(formatter, "uploaded `{name}`"),
            Deed::Befriended => formatter.write_str("became a friend"),
            Deed::Liked { target, times } => {
                write!(formatter, "liked {} {times} times", who(target))
            }
            Deed::FriendRequested { flag, comment } => {
                write!(formatter, "asks to be a friend (flag {flag}): {comment}")
            }
            Deed::GroupRequested { flag, comment } => {
                write!(formatter, "asks to join (flag {flag}): {comment}")
            }
            Deed::GroupInvited { flag, comment } => {
                write!(formatter, "invites the bot (flag {flag}): {comment}")
            }
            Deed::RequestAnswered { target, approve } => {
                let answer = if *approve { "approved" } else { "refused" };
                write!(formatter, "{answer} the request of {}", who(target))
            }
        }
    }
}

fn who(who: &Who) -> String {
    format!("{} ({})", who.name, who.user_id)
}

fn one_or_all(target: Option<&Who>) -> String {
    target.map_or_else(|| "everybody".to_owned(), who)
}
