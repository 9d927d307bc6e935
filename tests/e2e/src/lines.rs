//! What a program writes, line by line, as it writes it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::watch;
use tokio::time::timeout;

/// Everything a stream has said so far.
#[derive(Default)]
struct Transcript {
    lines: Vec<String>,
    ended: bool,
}

/// One output stream of a program. A line that was waited for is taken and found only once; the others
/// stay, so that tests may wait for things in an order that the program does not promise.
pub struct Lines {
    transcript: watch::Receiver<Transcript>,
    taken: BTreeSet<usize>,
}

impl Lines {
    /// Reads a stream in the background until it ends.
    pub(crate) fn of(stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let (sender, transcript) = watch::channel(Transcript::default());
        tokio::spawn(async move {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while reader
                .read_until(b'\n', &mut line)
                .await
                .is_ok_and(|length| length > 0)
            {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                sender.send_modify(|transcript| transcript.lines.push(text));
                line.clear();
            }
            sender.send_modify(|transcript| transcript.ended = true);
        });
        Self {
            transcript,
            taken: BTreeSet::new(),
        }
    }

    /// Takes the first line that is `wanted`, waiting for it at most for `limit`. `what` names it in the error.
    pub async fn next_where(
        &mut self,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let Self { transcript, taken } = self;
        let found = transcript.wait_for(|transcript| {
            transcript.ended || position(transcript, taken, &wanted).is_some()
        });
        let transcript = timeout(limit, found)
            .await
            .with_context(|| format!("{what}: not within {limit:?}"))?
            .context("the reading task ends only after it has said so")?;
        let Some(index) = position(&transcript, taken, &wanted) else {
            bail!("{what}: the program ended without it");
        };
        taken.insert(index);
        Ok(transcript.lines[index].clone())
    }

    /// Whether a line that is `wanted` has come and has not been taken.
    pub fn has(&self, wanted: impl Fn(&str) -> bool) -> bool {
        position(&self.transcript.borrow(), &self.taken, &wanted).is_some()
    }

    /// All that has been said, with line ends.
    pub fn text(&self) -> String {
        self.transcript.borrow().lines.join("\n")
    }

    /// Waits until the stream ends, which it does when no process holds it any more.
    pub async fn ended(&mut self, limit: Duration) -> Result<()> {
        timeout(
            limit,
            self.transcript.wait_for(|transcript| transcript.ended),
        )
        .await
        .with_context(|| format!("the stream was still open after {limit:?}"))?
        .context("the reading task ends only after it has said so")
        .map(drop)
    }
}

fn position(
    transcript: &Transcript,
    taken: &BTreeSet<usize>,
    wanted: &impl Fn(&str) -> bool,
) -> Option<usize> {
    let mut lines = transcript.lines.iter().enumerate();
    lines
        .find(|(index, line)| !taken.contains(index) && wanted(line))
        .map(|(index, _)| index)
}
