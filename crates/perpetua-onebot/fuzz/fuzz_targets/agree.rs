//! Our reader against `serde_json`: the same texts are JSON, and every field of the peek is what a tree shows.
//!
//! Run like the target `peek`; see there.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks/agree.rs"]
mod check;

fuzz_target!(|text: &str| check::check(text));
