//! What the allocator of the programs does with memory that is free again.

use std::hint::black_box;

use tikv_jemalloc_ctl::background_thread;

/// From this size on jemalloc takes a block from an arena of its own (its `oversize_threshold`).
const LARGE: usize = 8 << 20;

/// Has jemalloc give large blocks back to the system as soon as they are free, and what idle heaps hold a while later. To
/// be called before the first large block is asked for; later it changes nothing.
///
/// What it does with large ones it decides at the first of them: while it has no threads of its own, they go back at once.
/// With them they stay for ten seconds, and messages of many megabytes would pile up that nobody has any more.
pub fn give_memory_back() {
    drop(black_box(Vec::<u8>::with_capacity(black_box(LARGE))));
    let _works_without = background_thread::write(true);
}
