//! How a browser signs in: what it may show, what it then has, and what becomes of those who guess.

mod codes;
mod guesses;
mod sessions;

pub use codes::{CODE_LIFE, OneTimeCodes, Redeemed};
pub use guesses::{GuessStanding, Guesses};
pub use sessions::{KeptSession, SESSION_KNOWN, SESSION_LIFE, Sessions};
