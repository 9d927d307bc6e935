//! Events as they are posted over HTTP (OneBot v11, "HTTP POST"): one form of each, and its signature.

mod canonical;
mod number;
mod signature;

pub use canonical::canonical;
pub use signature::signature;
