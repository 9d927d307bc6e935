//! How much of a request has been written: the one thing that says whether the other side can have handled it.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is known of a request while it is written; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Written {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    whole: u64,
    taken: AtomicU64,
    is_whole: AtomicBool,
}

impl Written {
    /// Of a request that has so many bytes.
    pub(super) fn new(whole: u64) -> Self {
        Self {
            shared: Arc::new(Shared {
                whole,
                taken: AtomicU64::new(0),
                is_whole: AtomicBool::new(false),
            }),
        }
    }

    /// Whether every byte has left for the system.
    pub(super) fn is_whole(&self) -> bool {
        self.shared.is_whole.load(Ordering::Relaxed)
    }

    fn took(&self, bytes: usize) {
        self.shared.taken.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn flushed(&self) {
        let shared = &self.shared;
        if shared.taken.load(Ordering::Relaxed) >= shared.whole {
            shared.is_whole.store(true, Ordering::Relaxed);
        }
    }
}

/// A stream whose written bytes are counted.
#[derive(Debug)]
pub(super) struct Counted<S> {
    stream: S,
    written: Written,
}

impl<S> Counted<S> {
    pub(super) fn new(stream: S, written: Written) -> Self {
        Self { stream, written }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.written.took(taken);
        Poll::Ready(Ok(taken))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, slices))?;
        self.written.took(taken);
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Under TLS, what was taken is with the system only after this.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.written.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
