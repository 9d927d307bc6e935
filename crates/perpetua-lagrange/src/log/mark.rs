//! The word that tells the core's own records from what people write.

use std::fmt;

use perpetua_secrets::SecretError;

/// A word that starts each record of one run of the core, made anew for each start.
///
/// Messages may hold line ends, and on Windows their second line starts at the left edge; without a
/// word that nobody outside knows, anyone in a group could write log records. .NET prints it
/// because it is given as the format of the time stamp, see [`LagrangeSettings::environment`](crate::LagrangeSettings::environment).
#[derive(Clone, PartialEq, Eq)]
pub struct LogMark(String);

impl LogMark {
    /// A mark that nobody can guess, from the randomness of the operating system.
    pub fn generate() -> Result<Self, SecretError> {
        let random = getrandom::u64().map_err(|error| SecretError::Random {
            reason: error.to_string(),
        })?;
        Ok(Self::new(random))
    }

    /// A mark from eight random bytes.
    pub fn new(random: u64) -> Self {
        Self(format!("{random:016x}"))
    }

    /// The format of a time stamp that prints the mark and a space, as a literal of .NET.
    pub(crate) fn time_stamp_format(&self) -> String {
        format!("'{} '", self.0)
    }

    /// What stands before and after the mark in a line; `None` if it is not there.
    ///
    /// The mark need not come first: a pseudo-console may put two lines into one.
    pub(crate) fn split<'line>(&self, line: &'line str) -> Option<(&'line str, &'line str)> {
        let (before, after) = line.split_once(&self.0)?;
        Some((before, after.strip_prefix(' ').unwrap_or(after)))
    }
}

impl fmt::Debug for LogMark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogMark([redacted])")
    }
}
