//! What is to be done.

use std::borrow::Cow;

use serde_json::Value;

use super::QuickFault;
use crate::raw::{between_quotes, not_null};
use crate::scan::{self, MAX_DEPTH_OF_ONE};

/// The members that operations have.
const NAMES: [&str; 11] = [
    "reply",
    "auto_escape",
    "at_sender",
    "delete",
    "kick",
    "reject_add_request",
    "ban",
    "ban_duration",
    "approve",
    "remark",
    "reason",
];

/// The operation, each of its members raw; what is `null` is as good as absent.
#[derive(Debug, Default)]
pub(super) struct Operation<'a> {
    members: [Option<&'a str>; NAMES.len()],
}

impl<'a> Operation<'a> {
    /// Reads an operation. Of a member that comes twice the last one counts, and others than are known say nothing.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, QuickFault> {
        let fault = QuickFault::NotAnObject { what: "operation" };
        let Ok(text) = std::str::from_utf8(json) else {
            return Err(fault);
        };
        let mut operation = Self::default();
        let read = scan::members(text, MAX_DEPTH_OF_ONE, |key, value| {
            let name = key.string(text);
            if let Some(place) = place_of(name.as_deref().unwrap_or_default()) {
                operation.members[place] = not_null(value.json(text));
            }
        });
        read.map(|()| operation).map_err(|_| fault)
    }

    /// A member as it came.
    pub(super) fn get(&self, name: &'static str) -> Option<&'a str> {
        place_of(name).and_then(|place| self.members[place])
    }

    /// A member that says yes or no, in any of the ways in which languages write that; absent it is no.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, QuickFault> {
        let Some(raw) = self.get(name) else {
            return Ok(false);
        };
        match between_quotes(raw).unwrap_or(raw) {
            "true" | "1" | "yes" => Ok(true),
            "false" | "0" | "no" | "" => Ok(false),
            _ => Err(QuickFault::Wrong { name }),
        }
    }

    /// A whole number of seconds, also one that is spelled in a string; raw.
    pub(super) fn seconds(&self, name: &'static str) -> Result<Option<String>, QuickFault> {
        let Some(raw) = self.get(name) else {
            return Ok(None);
        };
        let spelled = between_quotes(raw).unwrap_or(raw);
        let whole = spelled.strip_suffix(".0").unwrap_or(spelled);
        match whole.parse::<u32>() {
            Ok(seconds) => Ok(Some(seconds.to_string())),
            Err(_) => Err(QuickFault::Wrong { name }),
        }
    }

    /// Some words for a person, as a raw string; a number as its digits.
    pub(super) fn words(&self, name: &'static str) -> Result<Option<Cow<'a, str>>, QuickFault> {
        let Some(raw) = self.get(name) else {
            return Ok(None);
        };
        if raw.starts_with('"') {
            return Ok(Some(Cow::Borrowed(raw)));
        }
        if is_number(raw) {
            return Ok(Some(Cow::Owned(Value::from(raw).to_string())));
        }
        Err(QuickFault::Wrong { name })
    }
}

fn place_of(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}

pub(super) fn is_number(raw: &str) -> bool {
    raw.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}
