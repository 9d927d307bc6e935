//! `peek` on any bytes: it never panics, and takes exactly those texts that are JSON objects within the limits.
//!
//! `cargo xtask test --long` runs each target here for a minute. By hand, in `crates/perpetua-onebot`:
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run peek -- -max_total_time=60` (`cargo install cargo-fuzz` once; it needs a
//! C++ compiler). What fails lands in `fuzz/artifacts`: give the file as the last argument before `--` to run
//! it again, and make a test of it in `scan.rs`, `read.rs` or `spans.rs`. The named files in `fuzz/corpus` are seeds, without
//! which the fuzzer does not come upon an `echo` in a minute.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks/peek.rs"]
mod check;

fuzz_target!(|bytes: &[u8]| check::check(bytes));
