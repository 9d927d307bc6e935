//! How managed cores and signers become types of the schema.

mod core;
mod core_away;
mod core_message;
mod core_state;
mod signer;

pub use self::{
    core::{core_line, core_status},
    core_state::install_progress,
    signer::{signer_report, signer_times},
};
pub(crate) use self::{core_away::away_message, core_message::state_message};
