//! What a status tells in a trial.

use anyhow::Result;
use perpetua_e2e::sentence;
use perpetua_e2e::world::World;
use serde_json::Value;

/// Its sentence, and the cause behind it where that stands for itself.
pub(crate) fn told(core: &Value) -> String {
    format!(
        "{} {}",
        sentence(&core["message"]),
        sentence(&core["reason"])
    )
}

/// Waits until the status is in this state and tells all of these words.
pub(crate) async fn says(world: &World, state: &str, words: &[&str]) -> Result<Value> {
    let is_it = |core: &Value| {
        let said = told(core);
        core["state"] == state && words.iter().all(|word| said.contains(word))
    };
    let what = format!("`{state}` with {words:?}");
    world.stands(&what, is_it).await
}
