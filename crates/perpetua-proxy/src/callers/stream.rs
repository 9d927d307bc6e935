//! A caller's stream as the HTTP library sees it: request lines are mended on the way in, a peer that takes nothing is
//! given up, and one that still sends when it is refused may read why.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};
use tokio_util::io::poll_read_buf;

use super::{
    desk::{Desk, SideEnded},
    request_line::mended,
};
use crate::{opening::Rewound, socket::WRITE_LIMIT};

/// The longest request line that is looked at, which is longer than any that the library takes.
const LONGEST_LINE: usize = 64 << 10;
/// How long a peer that was refused may go on sending. Closing on unread bytes would reset the connection, and the answer
/// might be lost with it.
const FAREWELL_LIMIT: Duration = Duration::from_secs(1);
/// What the library was given of a request is looked at within so many turns of its task.
const MOST_LOOKS: u8 = 64;
/// What is read and thrown away at a time.
const LEFT_OVER: usize = 16 << 10;

/// The stream of one caller.
#[derive(Debug)]
pub(super) struct CallerStream {
    stream: Rewound,
    desk: Arc<Desk>,
    /// What was read until the end of a line.
    line: BytesMut,
    /// That line is not whole yet.
    reads_line: bool,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
    /// Runs once our side is closed.
    farewell: Option<Pin<Box<Sleep>>>,
    /// How often its end is still kept from the HTTP library, while it is not known what that means.
    looks_left: u8,
}

impl CallerStream {
    pub(super) fn new(stream: Rewound, desk: Arc<Desk>) -> Self {
        Self {
            stream,
            desk,
            line: BytesMut::new(),
            reads_line: false,
            waiting: None,
            farewell: None,
            looks_left: MOST_LOOKS,
        }
    }

    /// The peer has ended its side. The HTTP library would take that for the end of all of it, and looks again by itself
    /// when it has written its answer.
    fn poll_end(&mut self, context: &Context<'_>) -> Poll<()> {
        match self.desk.side_ended() {
            SideEnded::Gone => Poll::Ready(()),
            SideEnded::Listens => Poll::Pending,
            SideEnded::Undecided if self.looks_left == 0 => Poll::Ready(()),
            SideEnded::Undecided => {
                self.looks_left -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    /// Reads on until the line that begins here is whole, and mends it.
    fn poll_line(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.reads_line {
            let before = self.line.len();
            let read = ready!(poll_read_buf(
                Pin::new(&mut self.stream),
                context,
                &mut self.line
            ))?;
            let end = self.line[before..].iter().position(|byte| *byte == b'\n');
            if let Some(end) = end {
                let rest = self.line.split_off(before + end + 1);
                if let Some(mended) = mended(&self.line) {
                    self.line = BytesMut::from(&*mended);
                }
                self.line.extend_from_slice(&rest);
            }
            self.reads_line = end.is_none() && read > 0 && self.line.len() < LONGEST_LINE;
        }
        Poll::Ready(Ok(()))
    }

    /// What a write came to: one that waits may wait so long.
    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        came: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if came.is_ready() {
            self.waiting = None;
            return came;
        }
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(sleep(WRITE_LIMIT)));
        ready!(waiting.as_mut().poll(context));
        self.desk.is_stuck();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads what still comes, and throws it away.
    fn poll_left_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut thrown_away = [0; LEFT_OVER];
        loop {
            let mut buffer = ReadBuf::new(&mut thrown_away);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for CallerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.is_empty() && self.desk.takes_line() {
            self.reads_line = true;
        }
        ready!(self.poll_line(context))?;
        let before = buffer.filled().len();
        if self.line.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
            if buffer.filled().len() == before && buffer.remaining() > 0 {
                ready!(self.poll_end(context));
            }
        } else {
            let count = self.line.len().min(buffer.remaining());
            buffer.put_slice(&self.line[..count]);
            self.line.advance(count);
        }
        self.desk.gives(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for CallerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let came = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, came)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let came = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.watch(context, came)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let came = Pin::new(&mut self.stream).poll_flush(context);
        if matches!(came, Poll::Ready(Ok(()))) {
            self.desk.flushed();
        }
        self.watch(context, came)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.farewell.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        let over = self
            .farewell
            .get_or_insert_with(|| Box::pin(sleep(FAREWELL_LIMIT)));
        if over.as_mut().poll(context).is_pending() {
            ready!(self.poll_left_over(context));
        }
        Poll::Ready(Ok(()))
    }
}
