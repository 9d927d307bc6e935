//! Keeps frames that are too large away from a WebSocket's reader, and reports them: one such frame is
//! then the loss of one frame. For the reader alone it would be the end of the connection.

mod scanner;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
};
use tokio_util::sync::PollSender;

use scanner::{MAX_HEADER_BYTES, Scanner};

pub(crate) use scanner::{GateRules, SkippedFrame};

/// Reports that wait for their reader. Each stands for a frame beyond the limit, so a few are seconds of
/// a fast line; while they wait, nothing more is read.
const WAITING_REPORTS: usize = 4;

/// The frames that a gate has skipped, as they are skipped.
pub(crate) type SkippedFrames = mpsc::Receiver<SkippedFrame>;

/// A stream without its frames that are too large.
#[derive(Debug)]
pub(crate) struct FrameGate<S> {
    stream: S,
    /// What was read from the stream before.
    read_ahead: Bytes,
    scanner: Scanner,
    reports: PollSender<SkippedFrame>,
}

impl<S> FrameGate<S> {
    /// A gate on a stream that carries frames, after these that were read before.
    pub(crate) fn of_frames(
        stream: S,
        read_ahead: Vec<u8>,
        rules: GateRules,
    ) -> (Self, SkippedFrames) {
        Self::new(stream, read_ahead.into(), Scanner::of_frames(rules))
    }

    /// A gate on a stream on which the answer to a WebSocket handshake comes before the frames.
    pub(crate) fn of_answer(stream: S, rules: GateRules) -> (Self, SkippedFrames) {
        Self::new(stream, Bytes::new(), Scanner::of_answer(rules))
    }

    fn new(stream: S, read_ahead: Bytes, scanner: Scanner) -> (Self, SkippedFrames) {
        let (reports, skipped) = mpsc::channel(WAITING_REPORTS);
        let gate = Self {
            stream,
            read_ahead,
            scanner,
            reports: PollSender::new(reports),
        };
        (gate, skipped)
    }

    /// The stream behind the gate.
    pub(crate) fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Hands out the reports of the frames that were skipped. One whose reader has left is lost.
    fn poll_report(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.scanner.has_skipped() {
            let has_reader = ready!(self.reports.poll_reserve(context)).is_ok();
            if let Some(frame) = self.scanner.next_skipped()
                && has_reader
            {
                let _reader_left = self.reports.send_item(frame);
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> FrameGate<S> {
    /// Reads what comes next, past the gate.
    fn poll_stream(
        &mut self,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read_ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buf);
        }
        let len = self.read_ahead.len().min(buf.remaining());
        buf.put_slice(&self.read_ahead[..len]);
        self.read_ahead.advance(len);
        Poll::Ready(Ok(()))
    }

    /// Reads on in a header that is held back: its bytes alone, so that it comes out before all else.
    fn poll_header(&mut self, context: &mut Context<'_>, missing: usize) -> Poll<io::Result<()>> {
        let mut room = [0; MAX_HEADER_BYTES];
        let mut part = ReadBuf::new(&mut room[..missing]);
        ready!(self.poll_stream(context, &mut part))?;
        if part.filled().is_empty() {
            self.scanner.end();
        } else {
            self.scanner.scan(part.filled_mut());
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FrameGate<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        loop {
            ready!(gate.poll_report(context));
            if gate.scanner.has_released() {
                let released = gate.scanner.release(buf.initialize_unfilled());
                buf.advance(released);
                return Poll::Ready(Ok(()));
            }
            let missing = gate.scanner.missing();
            if missing > 0 {
                ready!(gate.poll_header(context, missing))?;
                continue;
            }
            let before = buf.filled().len();
            ready!(gate.poll_stream(context, buf))?;
            let read = &mut buf.filled_mut()[before..];
            if read.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let kept = gate.scanner.scan(read);
            buf.set_filled(before + kept);
            if kept > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FrameGate<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
