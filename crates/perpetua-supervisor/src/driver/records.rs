//! What the core writes: read for the machine, and kept for people.

use perpetua_lagrange::log::{FLUSH_AFTER, LogRecord, RecordKind, Stream};
use perpetua_lifecycle::Generation;
use perpetua_process::{Line, OutputStream};
use tokio::time::Instant;

use super::Driver;
use crate::{CoreLogLine, fold::Fold};

impl Driver {
    pub(super) fn line(&mut self, line: Option<Line>) {
        let Some(run) = &mut self.run else { return };
        let Some(line) = line else {
            run.lines = None;
            return self.conclude_run(Instant::now());
        };
        let stream = match line.source {
            OutputStream::Stdout => Stream::Output,
            OutputStream::Stderr => Stream::Errors,
        };
        let records = run.reader.line(stream, &line.text);
        run.flush_at = run
            .reader
            .is_waiting()
            .then(|| Instant::now() + FLUSH_AFTER);
        let generation = run.generation;
        self.read_all(generation, records);
    }

    /// Takes what the reader holds back: nothing more came, so it is whole.
    pub(super) fn flush_reader(&mut self) {
        if let Some(run) = &mut self.run {
            run.flush_at = None;
            let (generation, records) = (run.generation, run.reader.flush());
            self.read_all(generation, records);
        }
    }

    fn read_all(&mut self, generation: Generation, records: Vec<LogRecord>) {
        for record in records {
            if self.is_kept(&record) {
                self.keep(generation, &record);
            }
            if let Some(reading) = record.reading {
                self.read(generation, reading);
            }
        }
    }

    fn is_kept(&mut self, record: &LogRecord) -> bool {
        let run = self.run.as_mut().filter(|_| record.tells_of_slow_reader());
        run.is_none_or(|run| run.slow_reader.keeps(Instant::now()))
    }

    /// Tells of the records that were counted and not kept.
    pub(super) fn unfold(&mut self, count: impl FnOnce(&mut Fold) -> Option<u64>) {
        let Some(run) = &mut self.run else { return };
        let generation = run.generation;
        if let Some(more) = count(&mut run.slow_reader) {
            let text = format!(
                "(perpetua: {more} more records of the core say `WebService send message failed`, because somebody reads too slowly)"
            );
            self.write(generation, text);
        }
    }

    fn keep(&mut self, generation: Generation, record: &LogRecord) {
        let Some(redacted) = record.redacted() else {
            return;
        };
        let text = match &record.kind {
            RecordKind::Log(_) if self.settings.log_messages => record.with_messages(),
            _ => redacted.clone(),
        };
        if let Some(run) = self.run_of(generation) {
            run.note(redacted);
        }
        self.write(generation, text);
    }

    /// Writes a line for those who look, and into the file.
    fn write(&mut self, generation: Generation, text: String) {
        let line = CoreLogLine {
            time: jiff::Timestamp::now(),
            generation,
            text: text.into(),
        };
        if let Some(log) = &self.log {
            log.write(&format!("{:.3} {}", line.time, line.text));
        }
        self.tail.push(line);
    }
}
