//! Who comes in at a node's ports, and what its owner is told of those who do not.

mod browser;
mod paths;
// Reverse proxies stand on servers; the packages that bring them here are those of Linux.
#[cfg(target_os = "linux")]
mod reverse_proxy;
mod revoked;
mod roles;
mod tokens;
mod words;
