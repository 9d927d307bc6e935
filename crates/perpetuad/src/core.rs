//! `perpetuad core`: the installed versions of the core.

use std::{fmt::Write as _, path::Path};

use perpetua_schema::{
    CoreCheck, CoreInstall, CoreJob, CoreList, CoreRemove, CoreUse, CoreVerify, CoreVersion,
    ListCores,
};

use perpetua_words::Message;

use crate::{
    arguments::{CoreCommand, PlaceArguments, Unavailable},
    install, output,
    way::Way,
};

/// The usual way to a core.
const INSTALL: &str = "core install";

pub(crate) fn core(place: &PlaceArguments, command: CoreCommand) -> anyhow::Result<()> {
    let way = Way::find(place)?;
    match command {
        CoreCommand::List { json, check } => list(&way, json, check),
        CoreCommand::Install { from, accept } => {
            let command = match &from {
                Some(from) => format!("core install --from \"{from}\""),
                None => INSTALL.to_owned(),
            };
            install::install(&way, &CoreInstall { from, accept }, &command)
        }
        CoreCommand::Import { path, accept } => {
            let from = absolute(&path)?;
            let command = format!("core import \"{from}\"");
            let from = Some(from);
            install::install(&way, &CoreInstall { from, accept }, &command)
        }
        CoreCommand::Use { version } => sentences(&way.call(&CoreUse { version })?.changes),
        CoreCommand::Remove { version } => sentences(&way.call(&CoreRemove { version })?.changes),
        CoreCommand::Verify { version } => verify(&way, version),
    }
}

/// The node may work in another folder than this command.
fn absolute(path: &Path) -> anyhow::Result<String> {
    Ok(std::path::absolute(path)?.display().to_string())
}

fn list(way: &Way, json: bool, check: bool) -> anyhow::Result<()> {
    let list = if check {
        way.call(&CoreCheck {})?
    } else {
        way.call(&ListCores {})?
    };
    let page = if json {
        serde_json::to_string_pretty(&list)? + "\n"
    } else {
        render(&list)?
    };
    Ok(output::print(&page)?)
}

fn render(list: &CoreList) -> Result<String, std::fmt::Error> {
    let mut page = String::new();
    if list.installed.is_empty() {
        writeln!(
            page,
            "no core is installed; `perpetuad core install` downloads one"
        )?;
    }
    for version in &list.installed {
        render_version(&mut page, version)?;
    }
    if let Some(available) = &list.available {
        let sha256 = available.sha256.as_deref().unwrap_or("unknown");
        writeln!(
            page,
            "a newer one is there: {} (SHA-256 {sha256}); `perpetuad core install` installs it",
            available.tag
        )?;
    }
    match &list.job {
        CoreJob::Idle | CoreJob::Done { .. } => {}
        CoreJob::Running(progress) => writeln!(page, "{}", install::progress_line(progress))?,
        CoreJob::Unconfirmed { name, sha256 } => {
            writeln!(page, "{}", install::unconfirmed(name, sha256, INSTALL))?;
        }
        CoreJob::Failed { problem } => writeln!(page, "! the last installation failed: {problem}")?,
    }
    Ok(page)
}

fn render_version(page: &mut String, version: &CoreVersion) -> std::fmt::Result {
    let mark = match (version.current, version.previous) {
        (true, _) => "current",
        (_, true) => "previous",
        _ => "",
    };
    writeln!(
        page,
        "{:<20} {mark:<9} {:>4} MB  {}",
        version.id,
        version.size.div_ceil(1_000_000),
        version.installed_at
    )?;
    writeln!(page, "    from {}", version.origin)?;
    writeln!(page, "    SHA-256 {}", version.sha256)?;
    if let Some(commit) = &version.commit {
        writeln!(page, "    commit {commit}")?;
    }
    if !version.in_use_by.is_empty() {
        writeln!(page, "    in use by {}", version.in_use_by.join(", "))?;
    }
    Ok(())
}

fn verify(way: &Way, version: Option<String>) -> anyhow::Result<()> {
    let verified = way.call(&CoreVerify { version })?;
    let mut page = String::new();
    for version in &verified {
        let found = version.problem.as_ref();
        let found = found.map_or("as it was installed".into(), Message::to_string);
        writeln!(page, "{}: {found}", version.id)?;
    }
    output::print(&page)?;
    let changed = verified
        .iter()
        .filter(|version| version.problem.is_some())
        .count();
    if changed > 0 {
        let words = format!("{changed} of the installed versions cannot be trusted");
        return Err(Unavailable(words).into());
    }
    Ok(())
}

fn sentences(changes: &[Message]) -> anyhow::Result<()> {
    for change in changes {
        output::print(&format!("{change}\n"))?;
    }
    Ok(())
}
