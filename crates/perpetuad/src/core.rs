//! `perpetuad core`: the installed versions of the core.

use std::path::Path;

use perpetua_schema::{
    CoreCheck, CoreInstall, CoreJob, CoreList, CoreRemove, CoreUse, CoreVerify, CoreVersion,
    ListCores,
};
use perpetua_words::{Message, cli};

use crate::{
    arguments::{CoreCommand, PlaceArguments},
    failure::Failure,
    install,
    terminal::{Terminal, padded, print, print_json, quoted},
    way::Way,
};

/// The usual way to a core.
const INSTALL: &str = "core install";

pub(crate) fn core(
    terminal: &Terminal,
    place: &PlaceArguments,
    command: CoreCommand,
) -> Result<(), Failure> {
    let way = Way::find(place)?;
    match command {
        CoreCommand::List { json, check } => list(terminal, &way, json, check),
        CoreCommand::Install { from, accept } => {
            let command = match &from {
                Some(from) => format!("{INSTALL} --from {}", quoted(from)),
                None => INSTALL.to_owned(),
            };
            install::install(terminal, &way, &CoreInstall { from, accept }, &command)
        }
        CoreCommand::Import { path, accept } => {
            let from = absolute(&path)?;
            let command = format!("core import {}", quoted(&from));
            let from = Some(from);
            install::install(terminal, &way, &CoreInstall { from, accept }, &command)
        }
        CoreCommand::Use { version } => {
            let applied = way.call(&CoreUse { version })?;
            all(terminal, [applied.changes, applied.pending].concat())
        }
        CoreCommand::Remove { version } => {
            all(terminal, way.call(&CoreRemove { version })?.changes)
        }
        CoreCommand::Verify { version } => verify(terminal, &way, version),
    }
}

/// The node may work in another folder than this command.
fn absolute(path: &Path) -> Result<String, Failure> {
    Ok(std::path::absolute(path)?.display().to_string())
}

fn list(terminal: &Terminal, way: &Way, json: bool, check: bool) -> Result<(), Failure> {
    let list = if check {
        way.call(&CoreCheck {})?
    } else {
        way.call(&ListCores {})?
    };
    if json {
        return print_json(&serde_json::to_string_pretty(&list)?);
    }
    print(&table(terminal, &list))?;
    let mut remarks = remarks(terminal, &list).into_iter();
    remarks.try_for_each(|remark| print(&(remark + "\n")))
}

/// Each installed version with where it came from.
fn table(terminal: &Terminal, list: &CoreList) -> String {
    let rows = list.installed.iter();
    rows.map(|version| row(terminal, version)).collect()
}

fn row(terminal: &Terminal, version: &CoreVersion) -> String {
    let mark = match (version.current, version.previous) {
        (true, _) => terminal.text(cli::CoreCurrent),
        (_, true) => terminal.text(cli::CorePrevious),
        _ => String::new(),
    };
    let first = format!(
        "{} {} {:>4} MB  {}\n",
        padded(&version.id, 20),
        padded(&mark, 9),
        version.size.div_ceil(1_000_000),
        version.installed_at
    );
    let mut details = vec![
        terminal.text(cli::CoreOrigin {
            origin: &version.origin,
        }),
        format!("SHA-256 {}", version.sha256),
    ];
    details.extend(
        version
            .commit
            .as_ref()
            .map(|commit| terminal.text(cli::CoreCommit { commit })),
    );
    if !version.in_use_by.is_empty() {
        let accounts = version.in_use_by.join(", ");
        details.push(terminal.text(cli::CoreInUse { accounts }));
    }
    let details = details.into_iter().map(|detail| format!("    {detail}\n"));
    first + &details.collect::<String>()
}

/// What a person should know beside the table.
fn remarks(terminal: &Terminal, list: &CoreList) -> Vec<String> {
    let command = terminal.command(INSTALL);
    let mut remarks = Vec::new();
    if list.installed.is_empty() {
        remarks.push(terminal.text(cli::CoreNone { command: &command }));
    }
    if let Some(available) = &list.available {
        let sha256 = match &available.sha256 {
            Some(sha256) => sha256.clone(),
            None => terminal.text(cli::Unknown),
        };
        let tag = &available.tag;
        remarks.push(match available.rolled_back.clone() {
            Some(cause) => terminal.text(cli::CoreSkipped {
                cause,
                command: &command,
                tag,
            }),
            None => terminal.text(cli::CoreAvailable {
                tag,
                sha256,
                command: &command,
            }),
        });
    }
    match &list.job {
        CoreJob::Idle | CoreJob::Done { .. } => {}
        CoreJob::Running(progress) => remarks.push(install::progress_line(terminal, progress)),
        CoreJob::Unconfirmed {
            name,
            sha256,
            rolled_back,
        } => {
            let why = install::why_unconfirmed(name, rolled_back.as_ref());
            let lines = install::unconfirmed(terminal, why, sha256, INSTALL);
            remarks.extend(lines.map(|line| terminal.text(line)));
        }
        CoreJob::Failed { problem } => {
            let cause = problem.clone();
            remarks.push(terminal.text(cli::CoreLastFailed { cause }));
        }
    }
    remarks
}

fn verify(terminal: &Terminal, way: &Way, version: Option<String>) -> Result<(), Failure> {
    let verified = way.call(&CoreVerify { version })?;
    for version in &verified {
        let found = match &version.problem {
            Some(problem) => problem.clone(),
            None => cli::CoreUnchanged.into(),
        };
        terminal.say(cli::CoreVerified {
            version: &version.id,
            found,
        })?;
    }
    let changed = verified.iter().filter(|version| version.problem.is_some());
    match changed.count() {
        0 => Ok(()),
        count => Err(Failure::unavailable(cli::CoreChanged { count })),
    }
}

fn all(terminal: &Terminal, messages: Vec<Message>) -> Result<(), Failure> {
    messages
        .into_iter()
        .try_for_each(|message| terminal.say(message))
}
