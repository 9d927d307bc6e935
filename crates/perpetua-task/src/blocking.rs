//! Work that blocks, on a thread for it.

use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Runs work that blocks on a thread for it, and gives its result. A panic of the work goes on in the
/// caller, as if the work had run there.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // The runtime is ending and has not begun the work: the caller is about to be dropped.
        Err(_cancelled) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::blocking;

    #[tokio::test]
    async fn work_gives_its_result() {
        assert_eq!(blocking(|| 6 * 7).await, 42);
    }

    #[tokio::test]
    #[should_panic(expected = "the disk is on fire")]
    async fn a_panic_goes_on_in_the_caller() {
        blocking(|| panic!("the disk is on fire")).await;
    }
}
