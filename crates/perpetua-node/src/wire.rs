//! How this node's own types become those of the schema.

mod core;
mod core_message;
mod core_state;
mod install;
mod signer;

pub(crate) use self::{
    core::{core_line, core_status},
    core_message::state_message,
    install::{available_release, install_job, installed_version, refused_job},
    signer::signer_report,
};
