//! The heads of records: .NET's header and the core's own stamp.

use crate::log::{Header, Level, Stamp, StampLevel};

/// The class through which the core itself logs; its texts start with a [`Stamp`].
pub(crate) const CORE_CATEGORY: &str = "Lagrange.Core.BotContext";

/// Reads `info: Category[0]` and what follows on the same line (`SingleLine`).
pub(crate) fn header(line: &str) -> Option<(Header, &str)> {
    let (level, rest) = line.split_once(": ")?;
    let level = match level {
        "trce" => Level::Trace,
        "dbug" => Level::Debug,
        "info" => Level::Information,
        "warn" => Level::Warning,
        "fail" => Level::Error,
        "crit" => Level::Critical,
        _ => return None,
    };
    let (category, rest) = rest.split_once('[')?;
    if category.is_empty() || category.contains(char::is_whitespace) {
        return None;
    }
    let (event_id, rest) = rest.split_once(']')?;
    let header = Header {
        level,
        category: category.to_owned(),
        event_id: event_id.parse().ok()?,
        stamp: None,
    };
    match rest.strip_prefix(' ') {
        Some(message) => Some((header, message)),
        None if rest.is_empty() => Some((header, "")),
        None => None,
    }
}

/// Reads the core's stamp, `[2025-11-04 10:11:31] [Tag] [LEVEL]: `, and what follows.
pub(crate) fn stamp(text: &str) -> Option<(Stamp, &str)> {
    let (time, rest) = text.trim_start().strip_prefix('[')?.split_once("] [")?;
    let (tag, rest) = rest.split_once("] [")?;
    let (level, rest) = rest.split_once("]:")?;
    let is_time = time.len() == 19
        && time
            .chars()
            .all(|character| character.is_ascii_digit() || "-: ".contains(character));
    if !is_time || tag.is_empty() || !tag.chars().all(char::is_alphanumeric) {
        return None;
    }
    let level = match level {
        "DEBUG" => StampLevel::Debug,
        "VERBOSE" => StampLevel::Verbose,
        "INFORMATION" => StampLevel::Information,
        "WARNING" => StampLevel::Warning,
        "EXCEPTION" => StampLevel::Exception,
        "FATAL" => StampLevel::Fatal,
        _ => return None,
    };
    let stamp = Stamp {
        time: time.to_owned(),
        tag: tag.to_owned(),
        level,
    };
    Some((stamp, rest.strip_prefix(' ').unwrap_or(rest)))
}
