//! Messages in the other format, of any text: what comes out is JSON, does not change any more, and says
//! what the parser says that makes a tree.
//!
//! Run like the target `peek`; see there.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks/reshape.rs"]
mod check;

fuzz_target!(|text: &str| check::check(text));
