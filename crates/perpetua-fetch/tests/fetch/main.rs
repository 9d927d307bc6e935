//! From sources to installed versions, over real sockets and on a real disk.

mod archive_bounds;
mod archives;
mod bench;
mod calls;
mod changed_files;
mod damaged_record;
mod download;
mod full_disk;
mod hostile;
mod in_use;
mod killed;
mod overdue;
mod planted;
mod proven;
mod refusals;
mod refusing_disk;
mod server;
mod sources;
mod trust;
mod versions;
