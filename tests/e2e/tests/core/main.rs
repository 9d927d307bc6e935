//! The managed core, from nothing to an account that is online and stays so: a real node, real bot
//! frameworks, and a stand-in for Lagrange.OneBot that fails in all the ways of the real one.

mod bots;
mod install;
mod login;
mod scene;
mod signer;
mod sources;
mod survival;
mod update;
