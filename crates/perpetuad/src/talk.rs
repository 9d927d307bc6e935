//! `perpetuad say` and `perpetuad watch`: the simulator from the command line.

use std::io::Write;

use perpetua_schema::{Event, Say};

use crate::{
    arguments::{PlaceArguments, SayArguments},
    place,
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
    println!("message_id {}", said.message_id);
    Ok(())
}

/// Prints a line for each thing that happens, until the node ends.
pub(crate) fn watch(place: &PlaceArguments, account: Option<&str>) -> anyhow::Result<()> {
    let remote = Remote::find(&place::folders(place)?)?;
    let mut stdout = std::io::stdout();
    remote.follow(|event| {
        let Some(line) = line(&event, account) else {
            return;
        };
        if writeln!(stdout, "{line}")
            .and_then(|()| stdout.flush())
            .is_err()
        {
            // Whoever read our lines has gone, as in `perpetuad watch | head`.
            #[expect(clippy::exit, reason = "nothing is open that must be closed")]
            std::process::exit(0);
        }
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
        Event::Shown { .. } | Event::Settings { .. } => None,
    }
}
