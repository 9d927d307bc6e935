//! Whether a node's process holds more than before.

use anyhow::{Result, ensure};
use perpetua_e2e::{Footprint, Node, until};

/// Allocators keep freed memory for later, so resident memory goes down late or never. A leak of the
/// tests' thousands of connections and tens of thousands of frames is larger than this.
const MEMORY_ALLOWANCE_KIB: u64 = 24 * 1024;

/// What a node held at a quiet moment.
pub(crate) struct Baseline(Option<Footprint>);

impl Baseline {
    /// What a node holds now. It is to have served what the test serves at least once, so that what it
    /// makes on first use is not taken for a leak.
    pub(crate) fn of(node: &Node) -> Result<Self> {
        node.footprint().map(Self)
    }

    /// Waits until the node holds no more descriptors and threads than at the baseline, after everybody
    /// who came has left.
    pub(crate) async fn is_quiet_again(&self, node: &Node) -> Result<()> {
        let Some(before) = self.0 else {
            return Ok(());
        };
        until(
            &format!("the node to let go, down to {before:?}"),
            async || {
                let settled = node.footprint()?.is_none_or(|now| {
                    now.descriptors <= before.descriptors && now.threads <= before.threads
                });
                Ok(settled.then_some(()))
            },
        )
        .await
    }

    /// As [`is_quiet_again`](Self::is_quiet_again), and it uses no more memory either.
    pub(crate) async fn is_reached_again(&self, node: &Node) -> Result<()> {
        self.is_quiet_again(node).await?;
        let (Some(before), Some(after)) = (self.0, node.footprint()?) else {
            return Ok(());
        };
        let grown = after.resident_kib.saturating_sub(before.resident_kib);
        eprintln!(
            "resident memory: {} KiB, then {} KiB",
            before.resident_kib, after.resident_kib
        );
        ensure!(
            grown <= MEMORY_ALLOWANCE_KIB,
            "{grown} KiB more than the {before:?} at first"
        );
        Ok(())
    }
}
