//! What it costs to look after a core: a node that manages one, and beside it, at the same time, a node that
//! dials one which was started by hand. All else is the same, so the difference is the supervising.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result};
use fake_core::{Qq, Report, RunningCore};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    measures::IDLE_AFTER,
    process::{Usage, children_bytes, megabytes, seconds_between},
    subject::{Node, Running, Subject},
};

use super::{
    Managed,
    account::Account,
    by_hand::{ByHand, Started},
    outside::Way,
};

/// How often someone writes when the core is busy; it logs each message with a line.
pub(super) const MESSAGES_PER_SECOND: u32 = 500;

/// Of the node whose core runs by hand, and of the one that manages its core.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// The core has nothing to say.
    pub(super) quiet: Use,
    /// It writes many lines.
    pub(super) busy: Use,
    /// The watcher of the managed core, with its share of what it has in common with other processes.
    pub(super) watcher_mb: Option<f64>,
}

/// What both have used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    /// Processor time in percent of one processor.
    pub(super) percent: [Option<f64>; 2],
    /// Resident memory, that of the watcher included.
    pub(super) resident_mb: [Option<f64>; 2],
}

/// A node and its core.
struct Side<'a> {
    node: &'a Running,
    core: &'a mut RunningCore,
}

/// Watches both when nothing happens, and when people write.
pub(super) async fn round(managed: &Managed) -> Result<Cost> {
    let by_hand = ByHand::set_up().await?;
    let mut core = by_hand.start(&managed.core, Way::QrCode).await?;
    let folder = TempDir::new()?;
    let node = dial(managed, folder.path(), &mut core).await?;

    let mut account = Account::set_up(managed).await?;
    let measured = beside(&node, &mut core.core, &mut account, managed.effort.watched).await;
    node.end().await?;
    core.end().await?;
    account.clear(measured).await
}

/// A node with the core as an upstream of the kind `onebot`.
async fn dial(managed: &Managed, folder: &Path, core: &mut Started) -> Result<Running> {
    let node = Subject::Node(Node::by_default(managed.node.clone()));
    let running = node.start(folder, core.address).await?;
    let asked = |report: &Report| matches!(report, Report::Called { action, .. } if action == "get_login_info");
    let linked = core.core.reported("the node's first call", asked).await;
    linked.with_context(|| running.last_words())?;
    Ok(running)
}

async fn beside(
    node: &Running,
    core: &mut RunningCore,
    account: &mut Account,
    time: Duration,
) -> Result<Cost> {
    let (mut managed_core, _times) = account.log_in(Way::QrCode).await?;
    let mut sides = [
        Side { node, core },
        Side {
            node: &account.running,
            core: &mut managed_core,
        },
    ];
    sleep(IDLE_AFTER).await;
    let quiet = used(&sides, time).await?;
    let watcher_mb = sides[1].children()?.map(megabytes);
    for side in &mut sides {
        side.talk(time).await?;
    }
    let busy = used(&sides, time).await?;
    Ok(Cost {
        quiet,
        busy,
        watcher_mb,
    })
}

/// What both use within this time.
async fn used(sides: &[Side<'_>; 2], time: Duration) -> Result<Use> {
    let usages = || -> Result<[Option<Usage>; 2]> {
        let [by_hand, managed] = sides;
        Ok([by_hand.node.usage()?, managed.node.usage()?])
    };
    let before = usages()?;
    sleep(time).await;
    let after = usages()?;
    let watcher = sides[1].children()?.unwrap_or_default();
    Ok(Use {
        percent: [0, 1].map(|side| {
            let seconds = seconds_between(before[side], after[side])?;
            Some(100.0 * seconds / time.as_secs_f64())
        }),
        resident_mb: [(after[0], 0), (after[1], watcher)]
            .map(|(usage, watcher)| Some(megabytes(usage?.resident_bytes + watcher))),
    })
}

impl Side<'_> {
    /// Has people write for this time.
    async fn talk(&mut self, time: Duration) -> Result<()> {
        let order = Qq::Say {
            text: "明天下午的例会改到四点,还是二楼的小会议室,收到请回复。{n}".to_owned(),
            count: u32::try_from(time.as_secs())? * MESSAGES_PER_SECOND,
            per_second: MESSAGES_PER_SECOND,
        };
        self.core.qq(order).await
    }

    /// The memory of the node's children but for the core.
    fn children(&self) -> Result<Option<u64>> {
        let core = self.core.pid();
        children_bytes(self.node.id()?, |child| child != core)
    }
}
