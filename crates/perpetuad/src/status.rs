//! `perpetuad status`: how the running node stands, for people or programs.

use std::fmt::Write;

use perpetua_schema::{AccountStatus, ClientStatus, CoreStatus, NodeStatus, Status};

use crate::{arguments::PlaceArguments, output, place, remote::Remote};

pub(crate) fn status(place: &PlaceArguments, json: bool) -> anyhow::Result<()> {
    let status = Remote::find(&place::folders(place)?)?.call(&Status {})?;
    let page = if json {
        serde_json::to_string_pretty(&status)? + "\n"
    } else {
        render(&status)?
    };
    Ok(output::print(&page)?)
}

fn render(status: &NodeStatus) -> Result<String, std::fmt::Error> {
    let mut page = String::new();
    writeln!(
        page,
        "perpetua {} at {}, running for {}",
        status.version,
        status.api,
        duration(status.uptime_s)
    )?;
    for problem in &status.problems {
        writeln!(page, "  ! {problem}")?;
    }
    for account in &status.accounts {
        render_account(&mut page, account)?;
    }
    Ok(page)
}

fn render_account(page: &mut String, account: &AccountStatus) -> std::fmt::Result {
    let state = match (account.enabled, account.online) {
        (false, _) => "disabled",
        (true, true) => "online",
        (true, false) => "offline",
    };
    let id = account
        .self_id
        .map_or_else(String::new, |id| format!(" ({id})"));
    let address = account.upstream.address.as_deref().unwrap_or_default();
    writeln!(
        page,
        "\n{}{id}  {state}  {} {address}",
        account.name, account.upstream.kind
    )?;
    if let Some(core) = &account.core {
        render_core(page, core)?;
    }
    if let Some(problem) = &account.problem {
        writeln!(page, "  ! {problem}")?;
    }
    if let Some(seconds) = account.upstream.retry_in_s.filter(|seconds| *seconds > 0) {
        writeln!(page, "    next attempt in {seconds} s")?;
    }
    for client in &account.clients {
        render_client(page, client)?;
    }
    Ok(())
}

fn render_core(page: &mut String, core: &CoreStatus) -> std::fmt::Result {
    writeln!(page, "  core: {}", core.message)?;
    if let Some(process) = &core.process {
        let version = core.version.as_deref().unwrap_or("unknown version");
        write!(page, "    {version}, process {}", process.pid)?;
        if let (Some(memory), Some(cpu)) = (process.memory_bytes, process.cpu_percent) {
            write!(page, ", {} MB, {cpu:.0} % CPU", memory.div_ceil(1_000_000))?;
        }
        writeln!(page)?;
    }
    match &core.notice {
        Some(notice) => writeln!(page, "  ! {notice}"),
        None => Ok(()),
    }
}

fn render_client(page: &mut String, client: &ClientStatus) -> std::fmt::Result {
    let listen = client.listen.as_deref().unwrap_or("-");
    let state = match (client.enabled, client.connections.len()) {
        (false, _) => "disabled".to_owned(),
        (true, 0) => "not connected".to_owned(),
        (true, 1) => "connected".to_owned(),
        (true, several) => format!("{several} connections"),
    };
    write!(
        page,
        "  {:<16} {listen:<21} {state:<15} sent {}",
        client.name, client.sent
    )?;
    if client.dropped > 0 {
        write!(page, ", missed {} events", client.dropped)?;
    }
    if client.refusals > 0 {
        write!(page, ", {} actions refused", client.refusals)?;
    }
    writeln!(page)?;
    match &client.problem {
        Some(problem) => writeln!(page, "  ! {problem}"),
        None => Ok(()),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
