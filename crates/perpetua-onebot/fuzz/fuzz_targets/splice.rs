//! The splices on any text: what parsed still parses and has the wanted echo, and nothing else has changed.
//!
//! Run like the target `peek`; see there.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks/splice.rs"]
mod check;

fuzz_target!(|text: &str| check::check(text));
