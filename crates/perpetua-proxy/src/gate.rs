//! Keeps frames that are too large away from a WebSocket's reader, and reports them: one such frame is
//! then the loss of one frame. For the reader alone it would be the end of the connection. Large ones it
//! hands on in pieces, so that the reader's buffer stays small.

mod header;
mod headway;
mod pieces;
mod room;
mod rules;
mod scanner;
mod skipping;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
    time::{Sleep, sleep},
};
use tokio_util::sync::PollSender;

use crate::budget::Meter;
use header::MAX_HEADER_BYTES;
use headway::Headway;
use pieces::Pieces;
use room::Room;
use scanner::Scanner;

pub(crate) use headway::{HEADWAY_LIMIT, LEAST_BYTES, is_stalled_message};
pub(crate) use rules::{GateRules, max_skipped_bytes};
pub(crate) use skipping::SkippedFrame;

/// Reports that wait for their reader. Each stands for a frame beyond the limit, so a few are seconds of
/// a fast line; while they wait, nothing more is read.
const WAITING_REPORTS: usize = 4;

/// How long a frame that is skipped may take. What stands behind it waits, and its bytes look like life.
pub(crate) const SKIP_LIMIT: Duration = Duration::from_mins(1);

/// A frame that is skipped does not come to its end; so the connection does.
#[derive(Clone, Copy, Debug, Error)]
#[error("a frame that is too large does not end")]
struct EndlessFrame;

/// Whether a gate has ended a connection over a frame that did not end.
pub(crate) fn is_endless_frame(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<EndlessFrame>)
}

/// The frames that a gate has skipped, as they are skipped.
pub(crate) type SkippedFrames = mpsc::Receiver<SkippedFrame>;

/// A stream without its frames that are too large.
#[derive(Debug)]
pub(crate) struct FrameGate<S> {
    stream: S,
    /// What was read from the stream before.
    read_ahead: Bytes,
    scanner: Scanner,
    pieces: Pieces,
    /// Until when the frame that is being skipped may take.
    skip_ends: Option<Pin<Box<Sleep>>>,
    headway: Headway,
    room: Room,
    /// Counts what goes on of messages.
    meter: Meter,
    reports: PollSender<SkippedFrame>,
}

impl<S> FrameGate<S> {
    /// A gate on a stream that carries frames, after these that were read before.
    pub(crate) fn of_frames(
        stream: S,
        read_ahead: Vec<u8>,
        rules: GateRules,
        meter: Meter,
    ) -> (Self, SkippedFrames) {
        Self::new(
            stream,
            read_ahead.into(),
            Scanner::of_frames(rules),
            Pieces::of_frames(rules.limits.max_bytes),
            meter,
        )
    }

    /// A gate on a stream on which the answer to a WebSocket handshake comes before the frames.
    pub(crate) fn of_answer(stream: S, rules: GateRules, meter: Meter) -> (Self, SkippedFrames) {
        Self::new(
            stream,
            Bytes::new(),
            Scanner::of_answer(rules),
            Pieces::of_answer(rules.limits.max_bytes),
            meter,
        )
    }

    fn new(
        stream: S,
        read_ahead: Bytes,
        scanner: Scanner,
        pieces: Pieces,
        meter: Meter,
    ) -> (Self, SkippedFrames) {
        let (reports, skipped) = mpsc::channel(WAITING_REPORTS);
        let gate = Self {
            stream,
            read_ahead,
            scanner,
            pieces,
            skip_ends: None,
            headway: Headway::default(),
            room: Room::default(),
            meter,
            reports: PollSender::new(reports),
        };
        (gate, skipped)
    }

    /// The stream behind the gate.
    pub(crate) fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Its reader is gone, with what it had read.
    pub(crate) fn let_go(&mut self) {
        self.room = Room::default();
        self.meter.let_go();
    }

    /// Makes sure that there is room for one more report. A frame that is skipped is larger than what is read
    /// at once, so one is enough for a report to come before what stands behind its frame.
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<()> {
        ready!(self.poll_report(context));
        self.reports.poll_reserve(context).map(drop)
    }

    /// Fails when the frame that is being skipped has taken too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.scanner.is_skipping() {
            self.skip_ends = None;
            return Ok(());
        }
        let limit = || Box::pin(sleep(SKIP_LIMIT));
        let ends = self.skip_ends.get_or_insert_with(limit);
        match ends.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::Error::other(EndlessFrame)),
            Poll::Pending => Ok(()),
        }
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

    /// Reads until something goes on.
    fn poll_past(
        &mut self,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_room(context));
            self.poll_patience(context)?;
            ready!(self.room.poll(&self.meter, context));
            if self.scanner.has_released() {
                let released = self.scanner.release(buf.initialize_unfilled());
                buf.advance(released);
                return Poll::Ready(Ok(()));
            }
            let missing = self.scanner.missing();
            if missing > 0 {
                ready!(self.poll_header(context, missing))?;
                self.note_progress();
                continue;
            }
            let before = buf.filled().len();
            ready!(self.poll_stream(context, buf))?;
            let read = &mut buf.filled_mut()[before..];
            if read.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let kept = self.scanner.scan(read);
            buf.set_filled(before + kept);
            self.note_progress();
            if self.scanner.has_skipped() {
                self.skip_ends = None;
            }
            let _more_in_one_read_than_there_are = self.poll_report(context);
            if kept > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// The same, with large frames in pieces.
    fn poll_pieces(
        &mut self,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while buf.remaining() > 0 {
            let before = buf.filled().len();
            let ready = self.pieces.take_ready(buf.initialize_unfilled());
            buf.advance(ready);
            if ready > 0 {
                break;
            }
            let room = buf.initialize_unfilled();
            let mut read = self.pieces.take_behind(room);
            if read == 0 {
                let len = room.len().min(self.pieces.limit());
                let mut part = ReadBuf::new(&mut room[..len]);
                ready!(self.poll_past(context, &mut part))?;
                read = part.filled().len();
            }
            buf.advance(read);
            let passed = self.pieces.pass(&buf.filled()[before..]);
            buf.set_filled(before + passed);
            let has_ended = read == 0 && !self.pieces.end();
            if passed > 0 || has_ended {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn note_progress(&mut self) {
        let progress = self.scanner.take_progress();
        self.headway.note(progress);
        if progress.announced > 0 {
            self.meter.reads(progress.announced);
            self.room.announce(progress.announced, &self.meter);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FrameGate<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        let read = gate.poll_pieces(context, buf);
        if read.is_pending() {
            let is_amid_message = gate.scanner.is_amid_message();
            gate.headway.poll(is_amid_message, context)?;
        }
        read
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

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::FutureExt as _;
    use perpetua_onebot::FrameLimits;
    use tokio::{
        io::{AsyncRead, AsyncReadExt as _},
        time::Instant,
    };

    use super::{FrameGate, GateRules, SkippedFrame, SkippedFrames, WAITING_REPORTS};
    use crate::budget::{FrameBudget, Meter, ROOM_WITHIN};

    const LIMIT: usize = 200;
    const RULES: GateRules = GateRules {
        limits: FrameLimits {
            max_bytes: LIMIT,
            max_depth: 1,
        },
        text_as_binary: false,
    };

    fn frame(len: u8) -> Vec<u8> {
        let mut frame = vec![0x81, 126, 0, len];
        frame.resize(frame.len() + usize::from(len), b'x');
        frame
    }

    /// Reads to the end in pieces of this size, taking the reports as they come.
    async fn read<S: AsyncRead + Unpin>(
        (mut gate, mut skipped): (FrameGate<S>, SkippedFrames),
        piece: usize,
    ) -> io::Result<(Vec<u8>, Vec<SkippedFrame>)> {
        let (mut out, mut reports, mut buffer) = (Vec::new(), Vec::new(), vec![0; piece]);
        loop {
            tokio::select! {
                Some(report) = skipped.recv() => reports.push(report),
                read = gate.read(&mut buffer) => match read? {
                    0 => break,
                    len => out.extend(&buffer[..len]),
                },
            }
        }
        reports.extend(std::iter::from_fn(|| skipped.try_recv().ok()));
        Ok((out, reports))
    }

    #[tokio::test]
    async fn what_was_read_ahead_comes_first_whatever_room_the_reader_has() -> io::Result<()> {
        let frames = [frame(3), frame(201), frame(200), frame(202), frame(1)];
        let all = frames.concat();
        let passed = [&frames[0][..], &frames[2], &frames[4]].concat();
        for ahead in 0..all.len() {
            let (ahead, rest) = all.split_at(ahead);
            for piece in [1, 3, 1000] {
                let gate = FrameGate::of_frames(rest, ahead.to_vec(), RULES, Meter::default());
                let (out, reports) = read(gate, piece).await?;
                assert!(out == passed, "{} {piece}", ahead.len());
                assert_eq!(reports.len(), 2);
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn nothing_more_is_read_while_too_many_reports_wait() -> io::Result<()> {
        let all = [frame(255).repeat(WAITING_REPORTS), frame(1)].concat();
        let (mut gate, mut skipped) =
            FrameGate::of_frames(&all[..], Vec::new(), RULES, Meter::default());
        let mut piece = [0; 5];
        assert!(gate.read_exact(&mut piece).now_or_never().is_none());
        assert_eq!(skipped.recv().await.map(|frame| frame.bytes), Some(255));
        gate.read_exact(&mut piece).await?;
        assert_eq!(piece[..], frame(1));
        for _ in 1..WAITING_REPORTS {
            skipped.recv().await.expect("it waits");
        }
        Ok(())
    }

    #[tokio::test]
    async fn reports_that_nobody_reads_hold_nothing_up() -> io::Result<()> {
        let all = [frame(255).repeat(50), frame(7)].concat();
        let (mut gate, skipped) =
            FrameGate::of_frames(&all[..], Vec::new(), RULES, Meter::default());
        drop(skipped);
        let mut out = Vec::new();
        gate.read_to_end(&mut out).await?;
        assert_eq!(out, frame(7));
        Ok(())
    }

    /// For frames of which the larger ones wait for their room.
    const LARGE: GateRules = GateRules {
        limits: FrameLimits {
            max_bytes: 1 << 20,
            max_depth: 1,
        },
        text_as_binary: false,
    };

    /// Somebody who gave way and holds something still, and a gate behind which a small frame is followed by a large one.
    fn lacking_room() -> (Meter, Vec<u8>, Meter) {
        let budget = FrameBudget::new(1 << 30);
        let leaving = Meter::new(budget.clone());
        leaving.reads(1000);
        leaving.gives_way();
        let mut large = vec![0x81, 127, 0, 0, 0, 0, 0, 2, 0, 0];
        large.resize(large.len() + (2 << 16), b'x');
        (leaving, [frame(3), large].concat(), Meter::new(budget))
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_frame_is_read_when_those_who_gave_way_have_let_go() -> io::Result<()> {
        for piece in [1, 7, 1000] {
            let (leaving, all, meter) = lacking_room();
            let (mut gate, _skipped) =
                FrameGate::of_frames(&all[..], Vec::new(), LARGE, meter.clone());
            let mut small = [0; 7];
            gate.read_exact(&mut small).await?;
            assert_eq!(small[..], frame(3));
            let mut buffer = vec![0; piece];
            while gate.read(&mut buffer).now_or_never().is_some() {}
            assert_eq!(meter.held().own, 3 + (2 << 16), "it is counted before");
            let before = Instant::now();
            leaving.wrote();
            assert!(gate.read(&mut buffer).now_or_never().is_none());
            drop(leaving);
            let mut rest = Vec::new();
            gate.read_to_end(&mut rest).await?;
            assert!(before.elapsed() < ROOM_WITHIN / 10, "at once");
        }
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_never_lets_go_holds_nobody_up_for_long() -> io::Result<()> {
        let (_leaving, all, meter) = lacking_room();
        let (mut gate, _skipped) = FrameGate::of_frames(&all[..], Vec::new(), LARGE, meter);
        let (mut read, before) = (Vec::new(), Instant::now());
        gate.read_to_end(&mut read).await?;
        assert!((ROOM_WITHIN..2 * ROOM_WITHIN).contains(&before.elapsed()));
        let payload: usize = read.iter().map(|byte| usize::from(*byte == b'x')).sum();
        assert_eq!(payload, 3 + (2 << 16));
        Ok(())
    }
}
