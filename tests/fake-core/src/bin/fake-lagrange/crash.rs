//! How a .NET program dies.

use std::io::Write as _;

/// An exit code of Windows for an exception that nobody caught.
#[cfg(windows)]
const UNHANDLED: i32 = 0xE043_4352_u32.cast_signed();

/// What the runtime says when the host is stopped while it still starts.
pub(crate) const TASK_CANCELED: &str =
    "System.Threading.Tasks.TaskCanceledException: A task was canceled.";

/// What it says to a program that waits for a key without a keyboard.
pub(crate) const NO_KEYS: &str = "System.InvalidOperationException: Cannot read keys when either application does not have a console or when console input has been redirected. Try Console.Read.";

/// An exception that nobody catches.
pub(crate) fn crash(exception: &str) -> ! {
    crash_at(exception, "Lagrange.OneBot.Program.Main(String[] args)")
}

/// No way to log in is left.
pub(crate) fn all_login_failed() -> ! {
    crash("System.Exception: All login failed!")
}

/// The same, with the place where it was thrown.
pub(crate) fn crash_at(exception: &str, place: &str) -> ! {
    let text = format!(
        "Unhandled exception. {exception}\n   at {place}\n   at Lagrange.OneBot.Program.<Main>(String[] args)\n"
    );
    let mut stderr = std::io::stderr().lock();
    // Nobody may listen any more.
    let _written = stderr.write_all(text.as_bytes());
    let _flushed = stderr.flush();
    die()
}

#[cfg(unix)]
fn die() -> ! {
    std::process::abort()
}

#[cfg(windows)]
#[expect(clippy::exit, reason = "so the runtime ends the process")]
fn die() -> ! {
    std::process::exit(UNHANDLED)
}

/// An end without an exception.
#[expect(
    clippy::exit,
    reason = "the end comes from a task, not from the main function"
)]
pub(crate) fn exit(code: i32) -> ! {
    std::process::exit(code)
}
