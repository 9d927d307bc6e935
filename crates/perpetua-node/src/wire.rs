//! How installed cores become types of the schema.

mod install;

pub(crate) use self::install::{
    available_release, core_source, install_job, installed_version, refused_job, unix_ms,
};
