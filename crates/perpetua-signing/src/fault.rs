//! What is wrong with a signer, in words that say what to do next.

use perpetua_lagrange::CoreProtocol;
use perpetua_words::{Message, signer as words};

/// Why a signer cannot be used, or has not signed. No text holds its address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum SignerFault {
    /// Nothing answered in time; seconds.
    Silent(u64),
    /// No connection came about.
    Unreachable(Message),
    /// It, or what stands before it, is down: HTTP status 500 to 599.
    OutOfOrder(u16),
    /// It does not let us in: HTTP status 401 or 403.
    Refused(u16),
    /// It answers something else than a signature: any other HTTP status than 200.
    Declined(u16),
    /// Nothing is at its address: HTTP status 404.
    Gone,
    /// It sends us on to another server, or to another question: `https://host`, as it names it.
    Redirects(String),
    /// It answers, and says why it does not sign.
    Said(String),
    /// Something answers, and it is no signer.
    NoSigner(Message),
    /// Its `/appinfo` lacks fields without which the core ends at each start; their names.
    Incomplete(String),
    /// It signs for another kind of client.
    OtherPlatform {
        /// The system that it signs for.
        theirs: String,
        /// The account's.
        ours: CoreProtocol,
    },
    /// It signs for another version of QQ.
    OtherVersion {
        /// The version that it signs for.
        theirs: String,
        /// The one that this start of the core was told.
        ours: String,
    },
    /// So many requests wait for it that another one would be answered too late.
    Crowded(usize),
    /// Its address or its proxy's could not be used by this machine's HTTP client.
    NotAsked(String),
}

impl From<&SignerFault> for Message {
    fn from(fault: &SignerFault) -> Self {
        match fault {
            SignerFault::Silent(seconds) => {
                let seconds = *seconds;
                words::Silent { seconds }.into()
            }
            SignerFault::Unreachable(cause) => {
                let text = cause.clone();
                words::Unreachable { text }.into()
            }
            SignerFault::OutOfOrder(status) => {
                let status = *status;
                words::OutOfOrder { status }.into()
            }
            SignerFault::Refused(status) => {
                let status = *status;
                words::Refused { status }.into()
            }
            SignerFault::Declined(status) => {
                let status = *status;
                words::Declined { status }.into()
            }
            SignerFault::Gone => words::Gone.into(),
            SignerFault::Redirects(host) => words::Redirects { host }.into(),
            SignerFault::Said(text) => words::Said { text }.into(),
            SignerFault::NoSigner(cause) => {
                let cause = cause.clone();
                words::NoSigner { cause }.into()
            }
            SignerFault::Incomplete(fields) => words::Incomplete { fields }.into(),
            SignerFault::OtherPlatform { theirs, ours } => {
                let ours = ours.name();
                words::OtherPlatform { theirs, ours }.into()
            }
            SignerFault::OtherVersion { theirs, ours } => {
                words::OtherVersion { theirs, ours }.into()
            }
            SignerFault::Crowded(count) => {
                let count = *count;
                words::Crowded { count }.into()
            }
            SignerFault::NotAsked(text) => words::NotAsked { text }.into(),
        }
    }
}
