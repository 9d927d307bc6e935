//! `perpetuad start`, `stop`, `restart` and `log`: one managed account of the running node.

use std::ops::ControlFlow;

use perpetua_schema::{CoreStatus, Event, Method, ReadCoreLog, Topic, Topics};

use crate::{arguments::PlaceArguments, output, place, remote::Remote};

/// Asks for a start, a stop or a restart, and prints where the core stands then.
pub(crate) fn lead<M: Method<Reply = CoreStatus>>(
    place: &PlaceArguments,
    call: &M,
) -> anyhow::Result<()> {
    let status = Remote::find(&place::folders(place)?)?.call(call)?;
    Ok(output::print(&format!("{}\n", status.message))?)
}

/// Prints the core's latest lines, and then, if wanted, each new one.
pub(crate) fn log(
    place: &PlaceArguments,
    account: &str,
    lines: usize,
    follow: bool,
) -> anyhow::Result<()> {
    let remote = Remote::find(&place::folders(place)?)?;
    let call = ReadCoreLog {
        account: account.to_owned(),
        lines: Some(lines),
    };
    for line in remote.call(&call)?.lines {
        output::print(&format!("{}\n", line.text))?;
    }
    if follow {
        let topics = Topics::from(Topic::Log(Some(account.to_owned())));
        remote.follow(
            &topics,
            || (),
            |event| match event {
                Event::CoreLine { account: of, line } if of == account => {
                    match output::print(&format!("{}\n", line.text)) {
                        Ok(()) => ControlFlow::Continue(()),
                        Err(_closed) => ControlFlow::Break(()),
                    }
                }
                _ => ControlFlow::Continue(()),
            },
        )?;
    }
    Ok(())
}
