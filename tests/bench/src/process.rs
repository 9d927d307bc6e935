//! What a process has used, read from `/proc`; other systems are not measured.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};

/// What Linux counts processor time in, whatever the kernel's own clock (`proc(5)`, `sysconf(_SC_CLK_TCK)`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time and memory of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// In the program and in the system on its behalf.
    pub(crate) processor: Duration,
    /// Resident memory.
    pub(crate) resident_bytes: u64,
}

impl Usage {
    /// What a process has used so far; `None` where the system has no `/proc`.
    pub(crate) fn of(process: u32) -> Result<Option<Self>> {
        if !cfg!(target_os = "linux") {
            return Ok(None);
        }
        let read = |name| {
            let path = format!("/proc/{process}/{name}");
            fs::read_to_string(&path)
                .with_context(|| format!("cannot read `{path}`; has the process ended?"))
        };
        let usage = parse(&read("stat")?, &read("status")?);
        usage
            .context("`/proc` has another form than `proc(5)` says")
            .map(Some)
    }
}

/// The memory of a process's children in bytes, what they share with other processes counted in parts (PSS);
/// `None` where the system has no `/proc`. Their own children do not count.
pub(crate) fn children_bytes(process: u32, wanted: impl Fn(u32) -> bool) -> Result<Option<u64>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let mut bytes = 0;
    for entry in fs::read_dir("/proc").context("cannot list `/proc`")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // Any process may end while we look.
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        if parent(&stat) == Some(process) && wanted(id) {
            bytes += proportional_bytes(id)?;
        }
    }
    Ok(Some(bytes))
}

/// The memory of one process in bytes, what it shares with other processes counted in parts (PSS). Linux only.
pub(crate) fn proportional_bytes(process: u32) -> Result<u64> {
    let path = format!("/proc/{process}/smaps_rollup");
    let rollup = fs::read_to_string(&path)
        .with_context(|| format!("cannot read `{path}`; has the process ended?"))?;
    let kib = kib(&rollup, "Pss:").with_context(|| format!("`{path}` has no `Pss`"))?;
    Ok(kib * 1024)
}

fn parent(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(1)?.parse().ok()
}

/// A field of those files that count in `kB`.
fn kib(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

/// Processor time between two moments, in seconds.
pub(crate) fn seconds_between(before: Option<Usage>, after: Option<Usage>) -> Option<f64> {
    Some(
        after?
            .processor
            .saturating_sub(before?.processor)
            .as_secs_f64(),
    )
}

/// For tables.
#[expect(
    clippy::cast_precision_loss,
    reason = "no memory of ours needs 53 bits"
)]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn parse(stat: &str, status: &str) -> Option<Usage> {
    // The name in parentheses may hold anything; field 3 of `proc(5)` follows it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let user: f64 = fields.nth(11)?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(Usage {
        processor: Duration::from_secs_f64((user + system) / TICKS_PER_SECOND),
        resident_bytes: kib(status, "VmRSS:")? * 1024,
    })
}

/// How long a process has been running. Linux only.
#[cfg(target_os = "linux")]
pub(crate) fn age(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let stat = fs::read_to_string(&path)
        .with_context(|| format!("cannot read `{path}`; has the process ended?"))?;
    let uptime = fs::read_to_string("/proc/uptime").context("cannot read `/proc/uptime`")?;
    let up: Option<f64> = uptime
        .split(' ')
        .next()
        .and_then(|seconds| seconds.parse().ok());
    let age = up.zip(begun(&stat)).map(|(up, begun)| up - begun);
    let age = age.context("`/proc` has another form than `proc(5)` says")?;
    Ok(Duration::from_secs_f64(age.max(0.0)))
}

/// When a process was started, in seconds since the system was.
#[cfg(target_os = "linux")]
fn begun(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks: f64 = fields.split(' ').nth(19)?.parse().ok()?;
    Some(ticks / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_a_name_with_spaces_and_parentheses() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 90 0 0 0 150 25 0 0 20 0 3 0 100 2000 300 18446744073709551615";
        let usage =
            parse(stat, "Name:\ta) b\nVmRSS:\t    5120 kB\nThreads:\t3\n").expect("well formed");
        assert_eq!(usage.processor, Duration::from_millis(1750));
        assert_eq!(usage.resident_bytes, 5 << 20);
        assert_eq!(parent(stat), Some(1));
        #[cfg(target_os = "linux")]
        assert_eq!(begun(stat), Some(1.0));
    }
}
