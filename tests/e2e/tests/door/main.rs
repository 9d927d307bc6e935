//! Who comes in at a node's ports, and what its owner is told of those who do not.

mod browser;
mod paths;
mod revoked;
mod roles;
mod tokens;
mod words;
