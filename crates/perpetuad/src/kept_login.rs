//! What became of the files of a login, and what to type to have the last one back.

use std::time::{SystemTime, UNIX_EPOCH};

use perpetua_schema::SetAsideFile;
use perpetua_words::{Message, cli, duration};

use crate::terminal::Terminal;

/// A line for each file that is not what it was, at this time in seconds since 1970.
pub(crate) fn lines(
    terminal: &Terminal,
    account: &str,
    files: &[SetAsideFile],
    now: i64,
) -> Vec<String> {
    let age = |time_ms: i64| {
        let age = now.saturating_sub(time_ms.div_euclid(1000)).max(0);
        duration(age.unsigned_abs())
    };
    let line = |one: &SetAsideFile| {
        let text: Message = match &one.aside {
            Some(aside) => cli::StatusSetAside {
                aside: &aside.name,
                file: &one.file,
                time: age(aside.time_ms),
                why: aside.why.clone(),
            }
            .into(),
            None => cli::StatusSessionGone {
                file: &one.file,
                time: age(one.copy_ms.unwrap_or_default()),
            }
            .into(),
        };
        format!("  ! {}", terminal.text(text))
    };
    let mut lines: Vec<_> = files.iter().map(line).collect();
    if files.iter().any(|one| one.copy_ms.is_some()) {
        let command = terminal.command(&format!("login {account} --restore"));
        let hint = terminal.text(cli::HintRun { command });
        lines.push(format!("    {hint}"));
    }
    lines
}

/// Now, in seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
