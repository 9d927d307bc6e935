//! How many tests ran, counted from what their runners print.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;

/// The sum over all runs so far.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "tests: {} passed, {} failed",
            self.passed, self.failed
        )
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// Runs a test runner with its output passed through, and counts.
    ///
    /// # Errors
    /// A run that ends badly without a failed test did not compile, or never began.
    pub(crate) fn of(runner: &mut Command) -> Result<Self> {
        let line = process::describe(runner);
        eprintln!("$ {line}");
        let mut child = runner
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{line}` could not be started"))?;
        let stdout = child
            .stdout
            .take()
            .context("the runner's output is piped")?;
        let stderr = child
            .stderr
            .take()
            .context("the runner's output is piped")?;
        // `cargo test` sums up on standard output, nextest on standard error.
        let tally = std::thread::scope(|scope| {
            let errors = scope.spawn(|| Self::read(stderr, std::io::stderr()));
            let mut tally = Self::read(stdout, std::io::stdout())?;
            let errors = errors
                .join()
                .map_err(|_| anyhow::anyhow!("the reader of `{line}` panicked"))?;
            tally += errors?;
            anyhow::Ok(tally)
        })?;
        let status = child.wait().with_context(|| format!("`{line}` was lost"))?;
        if !status.success() && tally.failed == 0 {
            bail!("`{line}` failed: {status}");
        }
        Ok(tally)
    }

    fn read(from: impl Read, mut to: impl Write) -> Result<Self> {
        let mut from = BufReader::new(from);
        let mut tally = Self::default();
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line)? > 0 {
            to.write_all(&line)?;
            tally += Self::from_line(&String::from_utf8_lossy(&line)).unwrap_or_default();
            line.clear();
        }
        Ok(tally)
    }

    /// Reads a runner's closing line:
    /// `test result: ok. 3 passed; 0 failed; …` of `cargo test`, or
    /// `Summary [ 0.1s] 3 tests run: 2 passed (1 slow), 1 timed out, 0 skipped` of nextest.
    ///
    /// nextest shows the former too, indented, where a test failed.
    fn from_line(line: &str) -> Option<Self> {
        let line = line.trim_end();
        let counts = match line.strip_prefix("test result: ") {
            Some(result) => result.split_once(". ")?.1,
            None => {
                line.trim_start()
                    .strip_prefix("Summary [")?
                    .split_once("run: ")?
                    .1
            }
        };
        let mut tally = Self::default();
        for part in counts.split([',', ';']) {
            let Some((count, what)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(count) = count.parse::<u64>() else {
                continue;
            };
            match what.split(" (").next() {
                Some("passed") => tally.passed += count,
                Some("failed" | "timed out" | "exec failed") => tally.failed += count,
                _ => {}
            }
        }
        Some(tally)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tally(passed: u64, failed: u64) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn the_closing_line_of_cargo_test_is_read() {
        let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s\n";
        assert_eq!(Tally::from_line(line), Some(tally(12, 0)));
        assert_eq!(
            Tally::from_line(&line.replace("ok. 12 passed; 0", "FAILED. 10 passed; 2")),
            Some(tally(10, 2))
        );
    }

    #[test]
    fn the_closing_line_of_nextest_is_read() {
        let line = "     Summary [   0.163s] 17 tests run: 17 passed, 0 skipped\n";
        assert_eq!(Tally::from_line(line), Some(tally(17, 0)));
        let line = "     Summary [  9.1s] 9/10 tests run: 5 passed (2 slow, 1 flaky), 3 failed, 1 timed out, 4 skipped";
        assert_eq!(Tally::from_line(line), Some(tally(5, 4)));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in [
            "running 3 tests",
            "test result",
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored",
            "Summary",
            "3 passed",
            "",
        ] {
            assert_eq!(Tally::from_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_runner_that_cannot_begin_is_an_error() {
        let error = Tally::of(process::cargo().args(["test", "--no-such-option"]))
            .expect_err("no such option");
        assert!(
            error.to_string().contains("cargo test --no-such-option"),
            "{error}"
        );
    }
}
