//! Standard output: what a command was asked for.

use std::io::Write;

/// Prints a text at once; its colours only where they are seen, also in a console of Windows that knows
/// none. When whoever read us has gone, as in `perpetuad watch | head`, that is no fault.
pub(crate) fn print(text: &str) -> Result<(), Closed> {
    let mut stdout = anstream::stdout();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|_| Closed)
}

/// Nobody reads standard output any longer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("nobody reads the output")]
pub(crate) struct Closed;
