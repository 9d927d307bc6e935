//! What happens by chance on a machine that is busy with other things: it follows from the scenario's seed.

use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;

/// Decides by chance; on a quiet machine never.
#[derive(Clone)]
pub(crate) struct Disorder {
    chance: Option<Arc<Mutex<Rng>>>,
}

impl Disorder {
    /// Without a seed the machine is a quiet one.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self {
            chance: seed.map(|seed| Arc::new(Mutex::new(Rng::with_seed(seed)))),
        }
    }

    /// Whether two neighbours change places.
    pub(crate) fn swaps(&self) -> bool {
        self.draw(Rng::bool).unwrap_or(false)
    }

    /// A place among so many, at which something falls into something else.
    pub(crate) fn place(&self, places: usize) -> Option<usize> {
        self.draw(|chance| chance.usize(..=places))
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> Option<T> {
        let chance = self.chance.as_ref()?;
        Some(draw(
            &mut chance.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}
