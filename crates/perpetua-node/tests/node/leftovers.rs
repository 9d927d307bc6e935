//! What a process holds: tasks, descriptors, threads and children.

use std::time::Duration;

use tokio::{runtime::Handle, time::timeout};

/// How long what was cancelled may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(15);

/// What this process holds at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    tasks: usize,
    descriptors: usize,
    children: usize,
    threads: usize,
}

impl Held {
    pub(crate) fn now() -> Self {
        Self {
            tasks: Handle::current().metrics().num_alive_tasks(),
            descriptors: system::descriptors(),
            children: system::children(),
            threads: system::threads(),
        }
    }

    /// Whether nothing is held that was not held before.
    fn is_no_more_than(self, before: Self) -> bool {
        self.tasks <= before.tasks
            && self.descriptors <= before.descriptors
            && self.children <= before.children
            && self.threads <= before.threads
    }
}

/// Waits until nothing is held that was not held before.
pub(crate) async fn gone_since(before: Held) {
    let gone = timeout(GONE_WITHIN, async {
        while !Held::now().is_no_more_than(before) {
            // Nothing tells of a thread that has ended.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let is_gone = gone.await.is_ok();
    assert!(
        is_gone,
        "left behind: {:?}, before: {before:?}",
        Held::now()
    );
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;

    pub(super) fn descriptors() -> usize {
        fs::read_dir("/proc/self/fd").expect("Linux").count()
    }

    pub(super) fn threads() -> usize {
        fs::read_dir("/proc/self/task").expect("Linux").count()
    }

    pub(super) fn children() -> usize {
        let threads = fs::read_dir("/proc/self/task").expect("Linux").flatten();
        let of_each = threads.map(|thread| {
            let children = fs::read_to_string(thread.path().join("children"));
            children.unwrap_or_default().split_whitespace().count()
        });
        of_each.sum()
    }
}

/// Elsewhere the tasks are what counts.
#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn descriptors() -> usize {
        0
    }

    pub(super) fn threads() -> usize {
        0
    }

    pub(super) fn children() -> usize {
        0
    }
}
