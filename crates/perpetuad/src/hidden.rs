//! A line that somebody types at a terminal, which does not show it.

use std::io;

/// Reads one line. `told` says what is to be typed, once nothing is shown any more.
#[cfg(unix)]
pub(crate) fn line(told: impl FnOnce()) -> io::Result<String> {
    use rustix::process::{Signal, getpid, kill_process};
    let typed = {
        let _hidden = unix::Hidden::begin()?;
        told();
        unix::typed()?
    };
    if let Some(line) = typed {
        return Ok(line);
    }
    // The terminal is as it was: Ctrl+C does what it always does.
    kill_process(getpid(), Signal::INT)?;
    Ok(String::new())
}

/// Reads one line. `told` says what is to be typed.
#[cfg(windows)]
pub(crate) fn line(told: impl FnOnce()) -> io::Result<String> {
    told();
    rpassword::read_password()
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Read, stdin};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    const CTRL_C: u8 = 0x03;
    const CTRL_D: u8 = 0x04;
    const CTRL_U: u8 = 0x15;
    const BACKSPACE: [u8; 2] = [0x08, 0x7f];

    /// The terminal shows nothing and takes Ctrl+C for a key, until this is dropped.
    pub(super) struct Hidden {
        before: Termios,
    }

    impl Hidden {
        /// What was typed before was shown already, and is not taken.
        pub(super) fn begin() -> io::Result<Self> {
            let before = tcgetattr(stdin())?;
            let mut hidden = before.clone();
            let shown = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
            hidden.local_modes.remove(shown);
            hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
            hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(stdin(), OptionalActions::Flush, &hidden)?;
            Ok(Self { before })
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
        }
    }

    /// What is typed up to Enter, Ctrl+D or the end; `None` for Ctrl+C.
    pub(super) fn typed() -> io::Result<Option<String>> {
        let mut line = Vec::new();
        for byte in stdin().lock().bytes() {
            match byte? {
                CTRL_C => return Ok(None),
                b'\r' | b'\n' | CTRL_D => break,
                CTRL_U => line.clear(),
                byte if BACKSPACE.contains(&byte) => {
                    line.pop();
                }
                byte => line.push(byte),
            }
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }
}
