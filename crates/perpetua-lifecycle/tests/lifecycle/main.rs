//! The machine through its public API: scenarios by name, and any order of events against a small world.

mod bench;
mod failing;
mod installing;
mod login;
mod model;
mod online;
mod step;
mod time;
mod wishes;
mod world;
