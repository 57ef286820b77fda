//! Writes lines in a thread of its own. Whoever has something to say never waits: what comes faster
//! than it is read is kept up to a bound, and dropped beyond it, which is told once there is room.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Lines that wait have so many bytes at most.
const MOST_BYTES: usize = 1 << 20;
/// Lines of the access log leave so much to the others.
const MOST_MINOR_BYTES: usize = MOST_BYTES / 2;

/// Where lines go. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct Writer(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// Something waits.
    filled: Condvar,
    /// Nothing waits and nothing is being written.
    idle: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    dropped: u64,
    is_writing: bool,
}

impl Writer {
    /// Writes to `to` from now on. Without a thread, nothing is logged.
    pub(super) fn start(to: impl Write + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let of_thread = Arc::clone(&shared);
        let _ =
            std::thread::Builder::new().name("log".to_owned()).spawn(move || of_thread.write(to));
        Self(shared)
    }

    /// Adds a line, or drops it where there is no room.
    pub(super) fn push(&self, line: &str, is_minor: bool) {
        let most = if is_minor { MOST_MINOR_BYTES } else { MOST_BYTES };
        let mut waiting = self.0.lock();
        if waiting.bytes.len() + line.len() > most {
            waiting.dropped += 1;
            return;
        }
        waiting.bytes.extend_from_slice(line.as_bytes());
        drop(waiting);
        self.0.filled.notify_one();
    }

    /// Waits until everything is written, for so long at most.
    pub(super) fn finish(&self, most: Duration) {
        let is_busy = |waiting: &mut Waiting| waiting.is_writing || !waiting.bytes.is_empty();
        let _ = self.0.idle.wait_timeout_while(self.0.lock(), most, is_busy);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut to: impl Write) {
        let mut lines = Vec::new();
        loop {
            let mut waiting = self.lock();
            while waiting.bytes.is_empty() {
                waiting.is_writing = false;
                self.idle.notify_all();
                waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            std::mem::swap(&mut waiting.bytes, &mut lines);
            waiting.is_writing = true;
            let dropped = std::mem::take(&mut waiting.dropped);
            drop(waiting);
            // A reader that is gone cannot be told so.
            let _ = to.write_all(&lines).and_then(|()| to.flush());
            lines.clear();
            if dropped > 0 {
                tracing::warn!(
                    dropped,
                    "lines of the log were dropped; whoever reads them is slow"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc;

    use super::*;

    /// Takes what is written only once it is told to.
    struct Slow {
        begun: mpsc::Sender<()>,
        go_on: mpsc::Receiver<()>,
        taken: mpsc::Sender<usize>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let broken = io::ErrorKind::BrokenPipe;
            self.begun.send(()).map_err(|_| broken)?;
            self.go_on.recv().map_err(|_| broken)?;
            self.taken.send(bytes.len()).map_err(|_| broken)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_speaks_never_waits_and_what_is_too_much_is_dropped() {
        let ((begin, begun), (go_on, gone_on)) = (mpsc::channel(), mpsc::channel());
        let (taken, taking) = mpsc::channel();
        let writer = Writer::start(Slow { begun: begin, go_on: gone_on, taken });
        let line = "x".repeat(1_000) + "\n";
        writer.push(&line, false);
        begun.recv().expect("the first line is being written");
        let waiting = || writer.0.lock().bytes.len();
        for _ in 0..1_000 {
            writer.push(&line, true);
        }
        assert!((MOST_MINOR_BYTES - line.len()..=MOST_MINOR_BYTES).contains(&waiting()));
        for _ in 0..1_000 {
            writer.push(&line, false);
        }
        let all = waiting();
        assert!((MOST_BYTES - line.len()..=MOST_BYTES).contains(&all));
        assert_eq!(writer.0.lock().dropped, 2_000 - (all / line.len()) as u64);
        go_on.send(()).expect("it is written");
        go_on.send(()).expect("the rest is written");
        assert_eq!([taking.recv(), taking.recv()], [Ok(line.len()), Ok(all)]);
        // Who is gone keeps nobody.
        drop(go_on);
        writer.push(&line, false);
        writer.finish(Duration::from_secs(60));
        assert_eq!(waiting(), 0);
    }
}
