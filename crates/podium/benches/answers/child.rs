//! Servers in processes of their own, and what the system knows of those.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that said where it listens; ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// The program as its users run it, in front of the gateway at `url`.
pub(crate) fn podium(url: &str, key: &str, data_dir: &str, refresh: &str) -> Server {
    program(env!("CARGO_BIN_EXE_podium").as_ref(), url, key, data_dir, refresh)
}

/// Any build of the program.
pub(crate) fn program(path: &Path, url: &str, key: &str, data_dir: &str, refresh: &str) -> Server {
    Server::start(command(path, url, key, data_dir, refresh))
}

fn command(path: &Path, url: &str, key: &str, data_dir: &str, refresh: &str) -> Command {
    let mut command = Command::new(path);
    command
        .args(["serve", "--port", "0", "--data-dir", data_dir, "--refresh", refresh])
        .env("LITELLM_BASE_URL", url)
        .env("LITELLM_API_KEY", key)
        .env("PODIUM_LOG", "info")
        .env("NO_PROXY", "127.0.0.1");
    command
}

/// This program as the static server of the files in `directory`.
pub(crate) fn static_server(directory: &Path) -> Server {
    let mut command = Command::new(std::env::current_exe().expect("the program has a path"));
    command.env(crate::static_server::DIRECTORY, directory);
    Server::start(command)
}

impl Server {
    /// Waits for the line that tells the port.
    fn start(mut command: Command) -> Server {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let port = loop {
            let line = lines.next().expect("it says where it listens").expect("it writes text");
            let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect();
            let found: Option<String> =
                line.split_once("listening on http://localhost:").map(|(_, rest)| digits(rest));
            if let Some(port) = found.and_then(|digits| digits.parse::<u16>().ok()) {
                break port;
            }
        };
        // A pipe that nobody reads would stop the writer. What it complains of is shown.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains(" WARN ") || line.contains("ERROR ") {
                    eprintln!("{line}");
                }
            }
        });
        Server { child, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) }
    }

    /// Resident memory now, and its highest so far, in bytes.
    pub(crate) fn memory(&self) -> Memory {
        let status = self.proc("status");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            let kilobytes: u64 = line
                .split_whitespace()
                .next()
                .and_then(|text| text.parse().ok())
                .unwrap_or_default();
            kilobytes * 1024
        };
        Memory { now: field("VmRSS:"), highest: field("VmHWM:") }
    }

    /// Processor time used so far, in the system's ticks of 10 ms.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = self.proc("stat");
        // The fields behind the program's name in parentheses; user and system time are the
        // 14th and 15th of all.
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|text| text.parse::<u64>().ok())
            .sum();
        Duration::from_millis(ticks * 10)
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which has been told already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory in bytes; zero where the system has no `/proc`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    pub(crate) highest: u64,
}
