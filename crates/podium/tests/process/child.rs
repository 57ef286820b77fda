//! A running program: listened to, signalled, and killed at the latest with its test.

use std::process::{ChildStdin, Command};

use crate::stream::{Stream, within};

pub(crate) struct Child {
    process: std::process::Child,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    /// Kept open, and never written to.
    _stdin: Option<ChildStdin>,
}

/// How a program ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Child {
    pub(crate) fn of(mut process: std::process::Child) -> Self {
        let stdout = Stream::of(process.stdout.take().expect("it is piped"));
        let stderr = Stream::of(process.stderr.take().expect("it is piped"));
        let stdin = process.stdin.take();
        Self { process, stdout, stderr, _stdin: stdin }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Waits until the program ends by itself.
    pub(crate) async fn ended(mut self) -> Ended {
        within("the end of the program", async {
            self.stdout.closed().await;
            self.stderr.closed().await;
        })
        .await;
        self.wait()
    }

    /// SIGKILL: it has no chance to tidy up.
    pub(crate) fn kill(mut self) -> Ended {
        self.process.kill().expect("it can be killed");
        self.wait()
    }

    fn wait(&mut self) -> Ended {
        let status = self.process.wait().expect("it was not waited for before");
        Ended { code: status.code(), stdout: self.stdout.text(), stderr: self.stderr.text() }
    }

    /// Sends `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("/bin/sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", name, &process])
            .status()
            .expect("a shell");
        assert!(sent.success(), "the program is gone already: {}", self.stderr.text());
    }

    /// Waits until it says `words` on standard error.
    pub(crate) async fn complains(&self, words: &str) {
        let heard = self.stderr.line(|line| line.contains(words).then_some(())).await;
        assert!(heard.is_some(), "it never said {words:?}: {}", self.stderr.text());
    }
}

impl Drop for Child {
    #[expect(clippy::print_stderr, reason = "what it said helps when its test fails")]
    fn drop(&mut self) {
        // Both fail where it has ended, which is what they are for.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("the program said:\n{}{}", self.stdout.text(), self.stderr.text());
        }
    }
}
