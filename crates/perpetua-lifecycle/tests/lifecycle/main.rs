//! The machine through its public API: scenarios by name, and any order of events against a small world.

mod bench;
mod failing;
mod installing;
mod login;
mod machine;
mod model;
mod online;
mod outage;
mod restarts;
mod step;
mod time;
mod unsigned;
mod versions;
mod wishes;
mod world;
