//! How many descriptors this process may have: one for each connection, listener and open file.

/// More than any node needs; some systems allow a thousand million, which programs that we start may count through.
#[cfg(unix)]
const ENOUGH: u64 = 1 << 20;
/// What macOS gives whatever limit it names (`OPEN_MAX` of `sys/syslimits.h`).
#[cfg(unix)]
const ALWAYS_GIVEN: u64 = 10_240;

/// Raises the soft limit of descriptors, usually 1024 or 256, to the hard one; gives what it is from here on. Programs
/// that are started later have it, too.
#[cfg(unix)]
pub fn raise_descriptor_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let soft = limit.current?;
    let hard = limit.maximum.map_or(ENOUGH, |hard| hard.min(ENOUGH));
    for wanted in [hard, hard.min(ALWAYS_GIVEN)] {
        let raised = Rlimit {
            current: Some(wanted),
            maximum: limit.maximum,
        };
        if wanted > soft && setrlimit(Resource::Nofile, raised).is_ok() {
            return Some(wanted);
        }
    }
    Some(soft)
}

/// Windows sets no such limit: there is nothing to raise.
#[cfg(windows)]
pub fn raise_descriptor_limit() -> Option<u64> {
    None
}
