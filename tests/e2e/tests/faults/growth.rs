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

    /// Waits until the node holds no more than at the baseline, after everybody who came has left.
    pub(crate) async fn is_reached_again(&self, node: &Node) -> Result<()> {
        let Some(before) = self.0 else {
            return Ok(());
        };
        until(
            &format!("the node to let go, down to {before:?}"),
            async || {
                let now = node.footprint()?;
                let settled = now.is_none_or(|now| {
                    now.descriptors <= before.descriptors && now.threads <= before.threads
                });
                Ok(settled.then_some(()))
            },
        )
        .await?;
        let after = node.footprint()?.map_or(0, |now| now.resident_kib);
        let grown = after.saturating_sub(before.resident_kib);
        ensure!(
            grown <= MEMORY_ALLOWANCE_KIB,
            "{grown} KiB more than the {before:?} at first"
        );
        Ok(())
    }
}
