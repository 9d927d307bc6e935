//! The event that an operation is about. Each member is looked for only where it is used: what a framework sends along
//! may be no more than the ids.

use std::borrow::Cow;

use super::QuickFault;
use crate::raw::not_null;
use crate::scan::{self, MAX_DEPTH_OF_ONE};

/// The members of an event that operations use; ids and flags raw, as they go on.
#[derive(Debug, Default)]
pub(super) struct Context<'a> {
    post_type: Option<Cow<'a, str>>,
    message_type: Option<Cow<'a, str>>,
    request_type: Option<Cow<'a, str>>,
    sub_type: Option<&'a str>,
    group_id: Option<&'a str>,
    user_id: Option<&'a str>,
    message_id: Option<&'a str>,
    flag: Option<&'a str>,
    anonymous: Option<&'a str>,
    sender: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// Reads an event. Of a member that comes twice the last one counts.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, QuickFault> {
        let fault = QuickFault::NotAnObject { what: "context" };
        let Ok(text) = std::str::from_utf8(json) else {
            return Err(fault);
        };
        let mut context = Self::default();
        let read = scan::members(text, MAX_DEPTH_OF_ONE, |key, value| {
            let raw = not_null(value.json(text));
            match key.string(text).as_deref() {
                Some("post_type") => context.post_type = value.string(text),
                Some("message_type") => context.message_type = value.string(text),
                Some("request_type") => context.request_type = value.string(text),
                Some("sub_type") => context.sub_type = raw.filter(|raw| raw.starts_with('"')),
                Some("group_id") => context.group_id = raw.filter(is_id),
                Some("user_id") => context.user_id = raw.filter(is_id),
                Some("message_id") => context.message_id = raw.filter(is_id),
                Some("flag") => context.flag = raw.filter(is_id),
                Some("anonymous") => context.anonymous = raw.filter(|raw| raw.starts_with('{')),
                Some("sender") => context.sender = raw.filter(|raw| raw.starts_with('{')),
                _ => {}
            }
        });
        read.map(|()| context).map_err(|_| fault)
    }

    pub(super) fn post_type(&self) -> Result<&str, QuickFault> {
        needed("post_type", self.post_type.as_deref())
    }

    /// Whether the message was said in a group.
    pub(super) fn is_in_group(&self) -> Result<bool, QuickFault> {
        match self.message_type.as_deref() {
            Some("group") => Ok(true),
            Some("private") => Ok(false),
            _ => Err(QuickFault::Lacks {
                name: "message_type",
            }),
        }
    }

    /// Whether somebody asks about a group.
    pub(super) fn is_of_group(&self) -> Result<bool, QuickFault> {
        match self.request_type.as_deref() {
            Some("group") => Ok(true),
            Some("friend") => Ok(false),
            _ => Err(QuickFault::Lacks {
                name: "request_type",
            }),
        }
    }

    /// Whether nobody knows who said it.
    pub(super) fn is_anonymous(&self) -> bool {
        self.anonymous.is_some() || self.sub_type == Some("\"anonymous\"")
    }

    /// The group through which a stranger speaks who is no friend.
    pub(super) fn group_between(&self) -> Option<&'a str> {
        if self.sub_type != Some("\"group\"") {
            return None;
        }
        self.group_id.or_else(|| {
            let sender = self.sender?;
            let mut group_id = None;
            let read = scan::members(sender, MAX_DEPTH_OF_ONE, |key, value| {
                if key.string(sender).as_deref() == Some("group_id") {
                    group_id = not_null(value.json(sender)).filter(is_id);
                }
            });
            read.ok().and(group_id)
        })
    }

    pub(super) fn sub_type(&self) -> Result<&'a str, QuickFault> {
        needed("sub_type", self.sub_type)
    }

    pub(super) fn group_id(&self) -> Result<&'a str, QuickFault> {
        needed("group_id", self.group_id)
    }

    pub(super) fn user_id(&self) -> Result<&'a str, QuickFault> {
        needed("user_id", self.user_id)
    }

    pub(super) fn message_id(&self) -> Result<&'a str, QuickFault> {
        needed("message_id", self.message_id)
    }

    pub(super) fn flag(&self) -> Result<&'a str, QuickFault> {
        needed("flag", self.flag)
    }

    pub(super) fn anonymous(&self) -> Result<&'a str, QuickFault> {
        needed("anonymous", self.anonymous)
    }
}

fn needed<T>(name: &'static str, member: Option<T>) -> Result<T, QuickFault> {
    member.ok_or(QuickFault::Lacks { name })
}

/// Ids are numbers or strings.
fn is_id(raw: &&str) -> bool {
    raw.starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit())
}
