//! Two ways to carry out a call: through the running node, or on its data folder when no node runs.

use std::{
    future::{pending, poll_fn},
    io,
    ops::ControlFlow,
    pin::Pin,
    task::Poll,
    time::Duration,
};

use perpetua_fs::FolderLock;
use perpetua_node::Offline;
use perpetua_schema::{CallError, Method};
use tokio::runtime::{Builder, Runtime};

use crate::{arguments::PlaceArguments, failure::Failure, place, remote::Remote};

/// One press of Ctrl+C, or why the system does not tell.
type Press = Pin<Box<dyn Future<Output = io::Result<()>>>>;

/// Ctrl+C, from the first pause on; what is pressed between two pauses is not missed.
pub(crate) struct Interrupts {
    press: Box<dyn Fn() -> Press>,
    coming: Option<Press>,
}

impl Default for Interrupts {
    fn default() -> Self {
        Self {
            press: Box::new(|| Box::pin(tokio::signal::ctrl_c())),
            coming: None,
        }
    }
}

impl Interrupts {
    /// The next one. Where the system does not tell, it ends the program as ever.
    async fn next(&mut self) {
        let coming = self.coming.get_or_insert_with(&self.press);
        let pressed = coming.await;
        // The one after it is listened for at once: the system hears of a listener when it is first asked.
        let mut coming = (self.press)();
        let first = poll_fn(|context| Poll::Ready(coming.as_mut().poll(context))).await;
        self.coming = first.is_pending().then_some(coming);
        if pressed.is_err() {
            pending::<()>().await;
        }
    }

    /// What work gives, unless it is pressed before that.
    async fn unless<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            () = self.next() => None,
            done = work => Some(done),
        }
    }
}

/// How a command reaches the data folder.
#[derive(Debug)]
pub(crate) enum Way {
    /// A node runs there and does it.
    Node(Remote),
    /// Nobody runs there: it is done here, under the folder's lock.
    Folder {
        offline: Box<Offline>,
        runtime: Runtime,
    },
}

impl Way {
    /// Through the node if one runs, else on the folder.
    pub(crate) fn find(place: &PlaceArguments) -> Result<Self, Failure> {
        let folders = place::folders(place)?;
        if let Ok(remote) = Remote::find(&folders) {
            return Ok(Self::Node(remote));
        }
        folders.create()?;
        let lock = FolderLock::acquire(&folders)?;
        let settings = place::settings(place, &folders)?;
        let tokens = place::tokens(place, &folders, &settings);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let offline = runtime.block_on(Offline::open(folders, lock, settings, tokens))?;
        Ok(Self::Folder {
            offline: Box::new(offline),
            runtime,
        })
    }

    /// Carries out one call.
    pub(crate) fn call<M: Method>(&self, call: &M) -> Result<M::Reply, CallError> {
        match self {
            Self::Node(remote) => remote.call(call),
            Self::Folder { offline, runtime } => Ok(runtime.block_on(offline.call(call))?),
        }
    }

    /// Carries out one call, unless somebody presses Ctrl+C before it is answered.
    pub(crate) fn call_unless<M: Method>(
        &self,
        call: &M,
        interrupts: &mut Interrupts,
    ) -> Option<Result<M::Reply, CallError>> {
        match self {
            Self::Node(remote) => remote.run(interrupts.unless(remote.answer(call))),
            Self::Folder { offline, runtime } => {
                let answer = async { offline.call(call).await.map_err(CallError::from) };
                runtime.block_on(interrupts.unless(answer))
            }
        }
    }

    /// Lets time pass, unless somebody presses Ctrl+C; what was begun on the folder goes on meanwhile.
    pub(crate) fn pause(&self, duration: Duration, interrupts: &mut Interrupts) -> ControlFlow<()> {
        // The clock is asked for within the runtime.
        let pausing = interrupts.unless(async move { tokio::time::sleep(duration).await });
        let passed = match self {
            Self::Node(remote) => remote.run(pausing),
            Self::Folder { runtime, .. } => runtime.block_on(pausing),
        };
        passed.map_or(ControlFlow::Break(()), ControlFlow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        future::{pending, poll_fn},
        rc::Rc,
        task::Poll,
    };

    use tokio::runtime::Builder;

    use super::{Interrupts, Press};

    /// As the system's own: it hears of what is pressed after it was first asked.
    fn listener(presses: &Rc<Cell<usize>>) -> Press {
        let (presses, mut since) = (Rc::clone(presses), None);
        Box::pin(poll_fn(move |_| {
            let times = presses.get();
            if times > *since.get_or_insert(times) {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            }
        }))
    }

    #[test]
    fn what_is_pressed_between_two_waits_is_heard_the_second_time_as_the_first() {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let presses = Rc::new(Cell::new(0));
        let heard_by = Rc::clone(&presses);
        let mut interrupts = Interrupts {
            press: Box::new(move || listener(&heard_by)),
            coming: None,
        };
        let heard = |interrupts: &mut Interrupts| {
            let work = async { tokio::task::yield_now().await };
            runtime.block_on(interrupts.unless(work)).is_none()
        };
        assert!(!heard(&mut interrupts), "nobody has pressed");
        for round in 0..3 {
            presses.set(presses.get() + 1);
            assert!(heard(&mut interrupts), "{round}");
            assert!(!heard(&mut interrupts), "{round}: it was one press");
        }
        // Work that never ends does not hold it up either.
        presses.set(presses.get() + 1);
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let ended = runtime.block_on(interrupts.unless(pending::<()>()));
        assert_eq!(ended, None);
    }
}
