//! `perpetuad say`, `watch` and `reconnect`: telling a running node what to do, and watching it.

use std::ops::ControlFlow;

use perpetua_schema::{Event, Reconnect, Say, Status, Topic, Topics};
use perpetua_words::cli;

use crate::{
    arguments::{PlaceArguments, SayArguments},
    failure::Failure,
    place,
    remote::Remote,
    terminal::{Terminal, print},
};

/// The kind of an upstream that connects to the node, as the settings call it.
const DIALS_US: &str = "onebot-reverse";

pub(crate) fn say(
    terminal: &Terminal,
    place: &PlaceArguments,
    arguments: SayArguments,
) -> Result<(), Failure> {
    let remote = Remote::find(&place::folders(place)?)?;
    let said = remote.call(&Say {
        account: arguments.account,
        chat: arguments.chat,
        speaker: arguments.speaker,
        text: arguments.text,
    })?;
    terminal.say(cli::Said {
        id: said.message_id,
    })
}

pub(crate) fn reconnect(
    terminal: &Terminal,
    place: &PlaceArguments,
    account: String,
) -> Result<(), Failure> {
    let remote = Remote::find(&place::folders(place)?)?;
    remote.call(&Reconnect {
        account: account.clone(),
    })?;
    let status = remote.call(&Status {})?;
    let mut accounts = status.accounts.iter();
    let dials_us = accounts.any(|one| one.name == account && one.upstream.kind == DIALS_US);
    if dials_us {
        terminal.say(cli::ReconnectWaits { account })
    } else {
        terminal.say(cli::Reconnecting { account })
    }
}

/// Prints a line for each thing that happens, until the node ends.
pub(crate) fn watch(
    terminal: &Terminal,
    place: &PlaceArguments,
    account: Option<&str>,
) -> Result<(), Failure> {
    let remote = Remote::find(&place::folders(place)?)?;
    let topics = Topics::from(Topic::Simulator(account.map(str::to_owned)));
    let begun = || terminal.note(cli::Watching);
    remote.follow(&topics, begun, |event| {
        match line(terminal, &event, account) {
            Some(line) if print(&format!("{line}\n")).is_err() => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    })?;
    terminal.note(cli::WatchEnded);
    Ok(())
}

fn line(terminal: &Terminal, event: &Event, only: Option<&str>) -> Option<String> {
    match event {
        Event::Shown { account, shown } if only.is_none_or(|only| only == account) => {
            let mark = if shown.by_bot { "←" } else { "→" };
            Some(format!("{mark} {}", shown.in_language(terminal.language())))
        }
        Event::Missed { count } => Some(terminal.text(cli::WatchMissed { count: *count })),
        _ => None,
    }
}
