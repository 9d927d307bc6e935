//! `perpetuad client test`: does a framework take us?

use perpetua_node::ExitCode;
use perpetua_proxy::TRIAL_LIMIT;
use perpetua_schema::{ClientTest, TargetTested, TestOutcome};
use perpetua_words::{Message, cli};

use crate::{
    arguments::{ClientCommand, PlaceArguments},
    failure::Failure,
    place,
    remote::Remote,
    terminal::Terminal,
};

pub(crate) fn client(
    terminal: &Terminal,
    place: &PlaceArguments,
    command: ClientCommand,
) -> Result<(), Failure> {
    let ClientCommand::Test { client } = command;
    let remote = Remote::find(&place::folders(place)?)?;
    let (name, seconds) = (client.to_string(), TRIAL_LIMIT.as_secs());
    terminal.note(cli::ClientTesting { name, seconds });
    let tested = remote.call(&ClientTest {
        account: client.account,
        client: client.client,
    })?;
    let (failed, others): (Vec<_>, Vec<_>) = tested
        .into_iter()
        .partition(|target| target.outcome == TestOutcome::Fails);
    for target in others {
        terminal.say(row(target))?;
    }
    let mut failed = failed.into_iter().map(row);
    match failed.next() {
        None => Ok(()),
        Some(first) => {
            let exit = ExitCode::Unavailable;
            Err(Failure::with_details(exit, first, failed.collect()))
        }
    }
}

/// An address, and what came of it.
fn row(target: TargetTested) -> Message {
    cli::RowOf {
        name: target.address,
        value: target.message,
    }
    .into()
}
