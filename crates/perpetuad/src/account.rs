//! `perpetuad start`, `stop`, `restart` and `log`: one managed account of the running node.

use std::ops::ControlFlow;

use perpetua_schema::{CoreStatus, Event, Method, ReadCoreLog, Topic, Topics};

use crate::{
    arguments::PlaceArguments,
    failure::Failure,
    hint, place,
    remote::Remote,
    terminal::{Terminal, print},
};

/// Asks for a start, a stop or a restart, and prints where the core stands then.
pub(crate) fn change<M: Method<Reply = CoreStatus>>(
    terminal: &Terminal,
    place: &PlaceArguments,
    account: &str,
    call: &M,
) -> Result<(), Failure> {
    let status = Remote::find(&place::folders(place)?)?.call(call)?;
    terminal.say(status.message)?;
    for hint in hint::for_core(terminal, account, &status.state) {
        terminal.say(hint)?;
    }
    Ok(())
}

/// Prints the core's latest lines, and then, if wanted, each new one.
pub(crate) fn log(
    place: &PlaceArguments,
    account: &str,
    lines: usize,
    follow: bool,
) -> Result<(), Failure> {
    let remote = Remote::find(&place::folders(place)?)?;
    let call = ReadCoreLog {
        account: account.to_owned(),
        lines: Some(lines),
    };
    for line in remote.call(&call)?.lines {
        print(&format!("{}\n", line.text))?;
    }
    if follow {
        let topics = Topics::from(Topic::Log(Some(account.to_owned())));
        remote.follow(
            &topics,
            || (),
            |event| match event {
                Event::CoreLine { account: of, line } if of == account => {
                    match print(&format!("{}\n", line.text)) {
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
