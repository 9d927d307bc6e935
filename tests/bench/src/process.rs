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

fn parse(stat: &str, status: &str) -> Option<Usage> {
    // The name in parentheses may hold anything; field 3 of `proc(5)` follows it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let user: f64 = fields.nth(11)?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident_kib: u64 = resident.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(Usage {
        processor: Duration::from_secs_f64((user + system) / TICKS_PER_SECOND),
        resident_bytes: resident_kib * 1024,
    })
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
    }
}
