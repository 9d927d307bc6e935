//! How managed cores and signers become types of the schema.

mod core;
mod core_state;
mod core_words;
mod signer;

pub(crate) use self::core_words::{offline_reason, state_words};
pub use self::{
    core::{core_line, core_status},
    core_state::install_progress,
    signer::signer_report,
};
