//! What is wrong with a signer, in words that say what to do next.

use crate::CoreProtocol;

/// Why a signer cannot be used. No text holds its address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerFault {
    /// Nothing answered in time; seconds.
    #[error("it did not answer within {0} s; try again later, or use another signer")]
    Silent(u64),
    /// No connection came about.
    #[error("it cannot be reached ({0}); check its address, the proxy, and this machine's network")]
    Unreachable(String),
    /// It, or what stands before it, is down: HTTP status 500 to 599.
    #[error("it is out of order (HTTP status {0}); try again later, or use another signer")]
    OutOfOrder(u16),
    /// It does not let us in: HTTP status 401 or 403.
    #[error("it refuses us (HTTP status {0}); it may be for certain users only: ask who runs it")]
    Refused(u16),
    /// Nothing is at its address: HTTP status 404.
    #[error(
        "nothing signs at its address (HTTP status 404); it was switched off or moved: use another signer"
    )]
    Gone,
    /// Something answers, and it is no signer.
    #[error("what answers at its address is no signer ({0}); check the address, path included")]
    NoSigner(String),
    /// It signs for another kind of client.
    #[error(
        "it signs for `{theirs}`, and this account uses `{ours}`; use another signer, or set the account's `protocol`"
    )]
    OtherPlatform {
        /// The system that it signs for.
        theirs: String,
        /// The account's.
        ours: CoreProtocol,
    },
    /// Its address or its proxy's could not be used by this machine's HTTP client.
    #[error("it cannot be asked: {0}")]
    NotAsked(String),
}
