//! Panics in the log: what a task died of is otherwise only on a stderr that nobody may keep.

use std::panic;
use std::thread;

use tracing::error;

/// Has each panic logged with its place and its words, before it is reported as before.
pub(crate) fn log_panics() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let location = panic.location().map(ToString::to_string);
        let thread = thread::current();
        error!(
            location,
            thread = thread.name(),
            reason = panic.payload_as_str(),
            "panic"
        );
        report(panic);
    }));
}
