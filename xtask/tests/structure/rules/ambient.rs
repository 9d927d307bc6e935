//! Time, chance, and what belongs to the process or the machine are arguments in a pure crate.

use crate::names::Read;

/// Modules of the standard library that reach outside, and functions that draw from a global generator.
const TAKEN: [&str; 12] = [
    "std::env",
    "std::fs",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::os",
    "std::process",
    "std::thread",
    "fastrand::Rng::new",
    "fastrand::Rng::default",
    "uuid::Uuid::new_v4",
];

/// Whatever a crate calls it.
const CLOCKS: [&str; 2] = ["now", "now_v7"];

/// Lines that take what they should be given.
pub(crate) fn taken(read: &Read<'_>) -> Vec<usize> {
    let paths = read.paths.iter().filter(|meaning| {
        let path = &*meaning.path;
        let last = path.rsplit("::").next().unwrap_or_default();
        if meaning.is_method {
            return matches!(last, "elapsed" | "to_socket_addrs");
        }
        let is_below = |taken: &str| *path == *taken || path.starts_with(&format!("{taken}::"));
        let is_clock = path.contains("::") && CLOCKS.contains(&last);
        let draws = path.strip_prefix("fastrand::");
        let draws = draws.is_some_and(|rest| !rest.starts_with("Rng"));
        let is_everything = matches!(path, "std::*" | "std::net::*" | "core::*");
        TAKEN.iter().any(|taken| is_below(taken)) || is_clock || draws || is_everything
    });
    paths.map(|meaning| meaning.line).collect()
}

#[test]
fn whatever_a_pure_crate_takes_is_found_in_every_spelling() {
    for text in [
        "use std::{fs, env};",
        "use std::fs as disk;",
        "use std::*;",
        "use std::{io, collections::BTreeMap, thread::{self, JoinHandle}};",
        "fn f() { use std::net::TcpStream; }",
        "fn f() -> Instant { std::time::Instant::now() }",
        "use std::time::{Instant as Clock}; fn f() { Clock::now(); }",
        "use std::time::Instant; type Clock = Instant; fn f() { Clock::now(); }",
        "use std::time::Instant; fn f() { <Instant>::now(); }",
        "use std::time::Instant; fn f(a: Option<Instant>) { a.unwrap_or_else(Instant::now); }",
        "use std::time::Instant; fn f() { vec![Instant::now()]; }",
        "fn f(begun: Instant) { begun.elapsed(); }",
        "fn f() { jiff::Timestamp::now(); }",
        "fn f() { fastrand::u8(..); }",
        "use fastrand as dice; fn f() { dice::shuffle(&mut all); }",
        "fn f() { fastrand::Rng::new(); }",
        "use uuid::Uuid; fn f() { Uuid::new_v4(); }",
        "macro_rules! m { () => { std::process::id() } }",
    ] {
        assert!(!crate::tried(text, taken).is_empty(), "not found: {text}");
    }
}

#[test]
fn what_is_given_to_a_pure_crate_is_not_found() {
    for text in [
        "fn draw(rng: &mut fastrand::Rng, now: Instant) { later(now); }",
        "use std::net::{IpAddr, SocketAddr};",
        "use std::{fmt, time::Duration};",
        "fn f(rng: &mut fastrand::Rng) { fastrand::Rng::with_seed(1); rng.u8(..); }",
        "#[cfg(test)] mod tests { use std::fs; }",
        "/// Not as `std::env` does.\nfn f() { let now = 1; }",
    ] {
        assert!(crate::tried(text, taken).is_empty(), "found: {text}");
    }
}
