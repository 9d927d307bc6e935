//! `perpetuad say`, `watch` and `reconnect`: telling a running node what to do, and watching it.

use std::ops::ControlFlow;

use perpetua_schema::{Event, Reconnect, Say, Topic, Topics};

use crate::{
    arguments::{PlaceArguments, SayArguments},
    output, place,
    remote::Remote,
};

pub(crate) fn say(place: &PlaceArguments, arguments: SayArguments) -> anyhow::Result<()> {
    let remote = Remote::find(&place::folders(place)?)?;
    let said = remote.call(&Say {
        account: arguments.account,
        chat: arguments.chat,
        speaker: arguments.speaker,
        text: arguments.text,
    })?;
    Ok(output::print(&format!("message_id {}\n", said.message_id))?)
}

pub(crate) fn reconnect(place: &PlaceArguments, account: String) -> anyhow::Result<()> {
    Remote::find(&place::folders(place)?)?.call(&Reconnect { account })?;
    Ok(output::print("dialling\n")?)
}

/// Prints a line for each thing that happens, until the node ends.
pub(crate) fn watch(place: &PlaceArguments, account: Option<&str>) -> anyhow::Result<()> {
    let remote = Remote::find(&place::folders(place)?)?;
    let topics = Topics::from(Topic::Simulator(account.map(str::to_owned)));
    let begun = || eprintln!("perpetuad: watching; Ctrl+C ends it");
    remote.follow(&topics, begun, |event| match line(&event, account) {
        Some(line) if output::print(&format!("{line}\n")).is_err() => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })?;
    eprintln!("perpetuad: the node has ended");
    Ok(())
}

fn line(event: &Event, only: Option<&str>) -> Option<String> {
    match event {
        Event::Shown { account, shown } if only.is_none_or(|only| only == account) => {
            let mark = if shown.by_bot { "←" } else { "→" };
            Some(format!("{mark} {shown}"))
        }
        Event::Missed { count } => Some(format!("… {count} lines were missed")),
        _ => None,
    }
}
