//! How this node's own types become those of the schema.

mod core;
mod core_state;
mod core_words;
mod install;
mod signer;

pub(crate) use self::{
    core::{core_line, core_status},
    core_words::{offline_reason, state_words},
    install::{available_release, install_job, installed_version, refused_job},
    signer::signer_report,
};
