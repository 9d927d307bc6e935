//! The attacks.

use std::{fmt, time::Duration};

use clap::ValueEnum;

/// What somebody does who means no good. Each goes on for as long as it is let: what is closed comes again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Attack {
    /// Nothing: the measure of the others.
    Peace,
    /// Requests without their end, at the honest client's port.
    HalfRequests,
    /// The same at the API.
    HalfRequestsOfTheApi,
    /// Connections that say nothing, at both.
    SilentSockets,
    /// Header lines without end.
    EndlessHeaders,
    /// Leased ports from many addresses of this machine, again and again.
    Leases,
    /// Frames of 59 MB without their end.
    UnfinishedFrames,
    /// The same at leased ports, where no token is asked for.
    LeasedFrames,
    /// Names of 40 MB.
    HugeNames,
    /// Actions with an echo of 20 MB that the upstream does not answer.
    UnansweredEchoes,
    /// Actions with an echo of 30 MB whose answers are not read.
    UnreadEchoes,
    /// Connections that read nothing while large events come.
    Jam,
}

/// Events that come meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Events {
    /// How large each is.
    pub(crate) bytes: usize,
    /// The time between two.
    pub(crate) every: Duration,
}

impl Attack {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied()
    }

    /// What the upstream sends meanwhile.
    pub(crate) fn events(self) -> Option<Events> {
        (self == Self::Jam).then_some(Events {
            bytes: 40_000,
            every: Duration::from_millis(5),
        })
    }

    /// Whether the upstream answers nothing meanwhile.
    pub(crate) fn wants_silence(self) -> bool {
        self == Self::UnansweredEchoes
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}
