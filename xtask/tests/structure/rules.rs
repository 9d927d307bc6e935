//! The rules, each with what breaks it.

pub(crate) mod ambient;
pub(crate) mod calls;
pub(crate) mod codes;
pub(crate) mod modules;
pub(crate) mod pages;
pub(crate) mod sentences;
pub(crate) mod statics;
pub(crate) mod twice;
pub(crate) mod type_names;
pub(crate) mod writes;
