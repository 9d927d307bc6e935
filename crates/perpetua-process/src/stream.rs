//! Where the bytes of a child come from.

use std::io;
use std::pin::Pin;
use std::process::Child;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStderr, ChildStdout};

use crate::OutputStream;

/// How much is read at once: what fits in a page or two, because logs come in small portions.
pub(crate) const CHUNK: usize = 8 * 1024;

/// One open end of what a child prints.
pub(crate) struct Stream {
    /// What the child takes it for.
    pub(crate) source: OutputStream,
    bytes: Bytes,
}

enum Bytes {
    Pipe(Pin<Box<dyn AsyncRead + Send>>),
    /// Read by a thread, because a pseudo-console knows no other way.
    #[cfg(windows)]
    Console(tokio::sync::mpsc::Receiver<Vec<u8>>),
}

impl Stream {
    /// Both pipes of a child.
    pub(crate) fn of(child: &mut Child) -> io::Result<Vec<Self>> {
        let mut streams = Vec::with_capacity(2);
        if let Some(pipe) = child.stdout.take() {
            streams.push(Self::pipe(
                OutputStream::Stdout,
                ChildStdout::from_std(pipe)?,
            ));
        }
        if let Some(pipe) = child.stderr.take() {
            streams.push(Self::pipe(
                OutputStream::Stderr,
                ChildStderr::from_std(pipe)?,
            ));
        }
        Ok(streams)
    }

    /// Any source of bytes.
    pub(crate) fn pipe(source: OutputStream, pipe: impl AsyncRead + Send + 'static) -> Self {
        Self {
            source,
            bytes: Bytes::Pipe(Box::pin(pipe)),
        }
    }

    /// A console, which does not tell the two apart.
    #[cfg(windows)]
    pub(crate) fn console(chunks: tokio::sync::mpsc::Receiver<Vec<u8>>) -> Self {
        Self {
            source: OutputStream::Stdout,
            bytes: Bytes::Console(chunks),
        }
    }

    /// Appends what has come to `target`; 0 bytes mean the end, which an error is too.
    pub(crate) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        target: &mut Vec<u8>,
    ) -> Poll<usize> {
        match &mut self.bytes {
            Bytes::Pipe(pipe) => {
                let mut space = [0; CHUNK];
                let mut chunk = ReadBuf::new(&mut space);
                let result = ready!(pipe.as_mut().poll_read(context, &mut chunk));
                let bytes = if result.is_ok() { chunk.filled() } else { &[] };
                target.extend_from_slice(bytes);
                Poll::Ready(bytes.len())
            }
            #[cfg(windows)]
            Bytes::Console(chunks) => {
                let chunk = ready!(chunks.poll_recv(context)).unwrap_or_default();
                target.extend_from_slice(&chunk);
                Poll::Ready(chunk.len())
            }
        }
    }
}
