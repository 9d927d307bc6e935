//! One module a command; each is a list of steps over the modules beside this one.

pub(crate) mod bench;
pub(crate) mod check_macos;
pub(crate) mod check_windows;
pub(crate) mod lint;
pub(crate) mod pictures;
pub(crate) mod run;
pub(crate) mod test;
