//! What is to be started.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// How wide a pseudo-console is, in columns: wider than what a core logs, so that its lines stay whole.
#[cfg(windows)]
const WIDE: u16 = 1000;

/// A program, and how it is to be started.
#[derive(Clone)]
pub struct Launch {
    /// The program's file, as an absolute path.
    pub program: PathBuf,
    /// Its arguments. Anyone on the machine can read them: no secrets.
    pub arguments: Vec<OsString>,
    /// The folder that it works in, as an absolute path.
    pub folder: PathBuf,
    /// All variables that it sees: nothing is inherited, for this process may hold secrets in its own.
    pub environment: Vec<(OsString, OsString)>,
    /// What it writes to.
    pub console: Console,
}

impl fmt::Debug for Launch {
    /// Values of the environment are secrets, so only the names are shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("Launch")
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .field("folder", &self.folder)
            .field("environment", &names)
            .field("console", &self.console)
            .finish()
    }
}

/// What a program writes to. There is nothing to read for it in either case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Console {
    /// Two pipes. On Windows such a program cannot be asked to end, only killed.
    Pipes,
    /// A pseudo-console (`ConPTY`) on Windows, for programs that do not start without one. No other
    /// system needs one: pipes are used there.
    Pseudo {
        /// How wide it is. A longer line is put together again from its rows.
        columns: u16,
    },
}

impl Console {
    /// What Lagrange.OneBot needs: it asks for the width of its console (`Program.cs`), which on
    /// Windows ends it at once where there is none.
    pub const fn for_core() -> Self {
        #[cfg(windows)]
        return Self::Pseudo { columns: WIDE };
        #[cfg(not(windows))]
        Self::Pipes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_the_environment_is_shown() {
        let launch = Launch {
            program: "/srv/core".into(),
            arguments: Vec::new(),
            folder: "/srv".into(),
            environment: vec![("TOKEN".into(), "hunter2".into())],
            console: Console::Pipes,
        };
        let shown = format!("{launch:?}");
        assert!(shown.contains("TOKEN"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
