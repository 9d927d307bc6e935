//! `perpetuad status`: how the running node stands, for people or programs.

use perpetua_schema::{AccountStatus, ClientStatus, CoreProcess, CoreStatus, NodeStatus, Status};
use perpetua_words::{Message, cli, unit};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    hint, place,
    remote::Remote,
    terminal::{Terminal, padded, print, seconds},
};

pub(crate) fn status(
    terminal: &Terminal,
    place: &PlaceArguments,
    json: bool,
) -> Result<(), Failure> {
    let status = Remote::find(&place::folders(place)?)?.call(&Status {})?;
    if json {
        return print(&(serde_json::to_string_pretty(&status)? + "\n"));
    }
    print(&(page(terminal, &status).join("\n") + "\n"))
}

/// The lines of the whole page.
fn page(terminal: &Terminal, status: &NodeStatus) -> Vec<String> {
    let mut lines = vec![terminal.text(cli::StatusNode {
        version: &status.version,
        api: &status.api,
        time: duration(status.uptime_s),
    })];
    for problem in &status.problems {
        lines.extend(remark(terminal, problem));
    }
    for account in &status.accounts {
        lines.push(String::new());
        lines.extend(account_lines(terminal, account));
    }
    lines
}

/// A problem, and what to type about it.
fn remark(terminal: &Terminal, problem: &Message) -> Vec<String> {
    let mut lines = vec![format!("  ! {}", terminal.text(problem.clone()))];
    let hint = hint::for_message(terminal, problem);
    lines.extend(hint.map(|hint| format!("    {}", terminal.text(hint))));
    lines
}

fn account_lines(terminal: &Terminal, account: &AccountStatus) -> Vec<String> {
    let state = match (account.enabled, account.online) {
        (false, _) => terminal.text(cli::Disabled),
        (true, true) => terminal.text(cli::Online),
        (true, false) => terminal.text(cli::Offline),
    };
    let id = account.self_id.map(|id| format!(" ({id})"));
    let first = [
        format!("{}{}", account.name, id.unwrap_or_default()),
        state,
        account.upstream.kind.clone(),
        account.upstream.address.clone().unwrap_or_default(),
    ];
    let mut lines = vec![first.join("  ").trim_end().to_owned()];
    if let Some(core) = &account.core {
        lines.extend(core_lines(terminal, &account.name, core));
    }
    if let Some(problem) = &account.problem {
        lines.extend(remark(terminal, problem));
    }
    if let Some(count) = account.upstream.retry_in_s.filter(|count| *count > 0) {
        let time = seconds(count);
        lines.push(format!("    {}", terminal.text(cli::StatusRetry { time })));
    }
    for client in &account.clients {
        lines.extend(client_lines(terminal, client));
    }
    lines
}

fn core_lines(terminal: &Terminal, account: &str, core: &CoreStatus) -> Vec<String> {
    let state = core.message.clone();
    let mut lines = vec![format!("  {}", terminal.text(cli::StatusCore { state }))];
    let hints = hint::for_core(terminal, account, &core.state).into_iter();
    lines.extend(hints.map(|hint| format!("    {}", terminal.text(hint))));
    if let Some(process) = &core.process {
        let version = core.version.as_deref();
        lines.push(format!("    {}", process_line(terminal, version, process)));
    }
    if let Some(notice) = &core.notice {
        lines.extend(remark(terminal, notice));
    }
    lines
}

fn process_line(terminal: &Terminal, version: Option<&str>, process: &CoreProcess) -> String {
    let version = match version {
        Some(version) => version.to_owned(),
        None => terminal.text(cli::StatusNoVersion),
    };
    let mut parts = vec![
        version,
        terminal.text(cli::StatusProcess { pid: process.pid }),
    ];
    if let (Some(memory), Some(cpu)) = (process.memory_bytes, process.cpu_percent) {
        parts.push(format!("{} MB", memory.div_ceil(1_000_000)));
        parts.push(format!("{cpu:.0} % CPU"));
    }
    terminal.joined(parts)
}

fn client_lines(terminal: &Terminal, client: &ClientStatus) -> Vec<String> {
    let state = match (client.enabled, client.connections.len()) {
        (false, _) => terminal.text(cli::Disabled),
        (true, 0) => terminal.text(cli::StatusNotConnected),
        (true, count) => terminal.text(cli::StatusConnections { count }),
    };
    let mut counts = vec![terminal.text(cli::StatusSent { count: client.sent })];
    if client.dropped > 0 {
        let count = client.dropped;
        counts.push(terminal.text(cli::StatusMissed { count }));
    }
    if client.refusals > 0 {
        let count = client.refusals;
        counts.push(terminal.text(cli::StatusRefused { count }));
    }
    let mut lines = vec![format!(
        "  {} {} {} {}",
        padded(&client.name, 16),
        padded(client.listen.as_deref().unwrap_or("-"), 21),
        padded(&state, 15),
        terminal.joined(counts)
    )];
    if let Some(problem) = &client.problem {
        lines.extend(remark(terminal, problem));
    }
    lines
}

/// A time in its largest unit.
fn duration(seconds: u64) -> Message {
    match seconds {
        0..60 => unit::Seconds { count: seconds }.into(),
        60..3600 => unit::Minutes {
            count: seconds / 60,
        }
        .into(),
        3600..172_800 => unit::Hours {
            count: seconds / 3600,
        }
        .into(),
        _ => unit::Days {
            count: seconds / 86_400,
        }
        .into(),
    }
}
