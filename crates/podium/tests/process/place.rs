//! A directory in which a child runs, and how one is started there.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gateway_sim::Simulator;
use tempfile::TempDir;

use crate::child::{Child, Ended};

/// A working directory, a home and a place for data, gone with this value.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        for directory in ["work", "home", "tmp"] {
            std::fs::create_dir(root.path().join(directory)).expect("a new directory");
        }
        Self(root)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Every file below, sorted.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut directories = vec![self.0.path().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { &mut directories } else { &mut files }.push(path);
            }
        }
        files.sort();
        files
    }

    /// The one database file below.
    #[track_caller]
    pub(crate) fn database(&self) -> PathBuf {
        let is_database = |path: &&PathBuf| path.extension() == Some(OsStr::new("sqlite3"));
        let files = self.files();
        let databases: Vec<&PathBuf> = files.iter().filter(is_database).collect();
        let [database] = databases.as_slice() else { panic!("not one database: {files:?}") };
        (*database).clone()
    }

    /// The program, in the working directory and with an empty environment.
    pub(crate) fn podium(&self, arguments: &[&str]) -> Launch {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podium"));
        command.args(arguments);
        self.launch(command)
    }

    /// The program with a closed standard input, which only a shell can arrange.
    pub(crate) fn podium_without_stdin(&self, arguments: &[&str]) -> Launch {
        self.shell("exec \"$0\" \"$@\" <&-").arguments(arguments)
    }

    /// A script of a shell, with the program as `$0`.
    pub(crate) fn shell(&self, script: &str) -> Launch {
        let mut command = Command::new("/bin/bash");
        command.args(["-c", script, env!("CARGO_BIN_EXE_podium")]);
        self.launch(command)
    }

    fn launch(&self, mut command: Command) -> Launch {
        command
            .current_dir(self.path("work"))
            .env_clear()
            .envs(clock())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            // Open and silent: who reads it waits until the watchdog barks.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Launch(command)
    }

    /// `serve` in front of `gateway`, on a port that the system chooses, reading nothing
    /// without being asked but the last three days.
    pub(crate) fn serve(&self, gateway: &Simulator) -> Launch {
        self.podium(&["serve", "--port", "0"])
            .in_front_of(gateway)
            .with("PODIUM_BACKFILL_DAYS", "0")
            .with("PODIUM_DATA_DIR", self.path("data"))
            // Whoever listens further is warned.
            .with("PODIUM_LISTEN", "127.0.0.1")
    }
}

/// What sets the tests' own clock to another hour (`make test-at`), for what they start with an
/// environment that is empty otherwise.
pub(crate) fn clock() -> impl Iterator<Item = (&'static str, OsString)> {
    ["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// A program that is about to start.
pub(crate) struct Launch(Command);

impl Launch {
    pub(crate) fn with(mut self, variable: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(variable, value);
        self
    }

    pub(crate) fn without(mut self, variable: &str) -> Self {
        self.0.env_remove(variable);
        self
    }

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn inside(mut self, directory: &Path) -> Self {
        self.0.current_dir(directory);
        self
    }

    /// With the address of `gateway` and its admin's key.
    pub(crate) fn in_front_of(self, gateway: &Simulator) -> Self {
        self.with("LITELLM_BASE_URL", gateway.url()).with("LITELLM_API_KEY", gateway.api_key())
    }

    pub(crate) fn start(mut self) -> Child {
        Child::of(self.0.spawn().expect("the program starts"))
    }

    /// Starts it with its log going elsewhere.
    pub(crate) fn start_saying_to(mut self, to: impl Into<Stdio>) -> std::process::Child {
        self.0.stdout(Stdio::null()).stderr(to).spawn().expect("the program starts")
    }

    /// Starts it and waits for its own end.
    pub(crate) async fn run(self) -> Ended {
        self.start().ended().await
    }
}
