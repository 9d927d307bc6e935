//! From sources to installed versions, over real sockets and on a real disk.

mod archives;
mod bench;
mod download;
mod full_disk;
mod hostile;
mod in_use;
mod killed;
mod refusals;
mod server;
mod sources;
mod trust;
mod versions;
