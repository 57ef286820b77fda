//! `podium check --live`: whether the server beside it answers, for whoever supervises a container.
//!
//! It asks the server's own `/livez` where the configuration says that it listens, and needs neither
//! the gateway nor its key. It starts no runtime: a supervisor asks every few seconds.

mod tls;

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use rustls::StreamOwned;

use super::say;
use crate::config::Config;

/// How long the server may be silent before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first line of an answer is shorter.
const FIRST_LINE_BYTES: u64 = 256;

/// Says in one line whether the server is alive.
pub(super) fn run(config: &Config) -> ExitCode {
    match ask(config) {
        Ok(url) => {
            say(&format!("ok    live: {url} answers"));
            ExitCode::SUCCESS
        }
        Err(fault) => {
            say(&format!("FAIL  live: {fault}"));
            ExitCode::FAILURE
        }
    }
}

/// Asks at each address at which the server may be found; returns the URL that answered.
fn ask(config: &Config) -> Result<String, String> {
    if config.listen.port() == 0 {
        return Err("the system chooses the port (0), so nobody knows where to ask; set a port \
                    in PODIUM_LISTEN"
            .to_owned());
    }
    let mut fault = String::new();
    for address in addresses(config.listen) {
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}{}/livez", config.base_path);
        match first_line(address, &config.base_path, config.tls.is_some()) {
            Ok(line) if is_success(&line) => return Ok(url),
            Ok(line) if line.starts_with("HTTP/") => {
                return Err(format!("{url} answers {}", line.trim_end()));
            }
            Ok(_) => return Err(format!("what listens at {address} is not Podium")),
            Err(error) => fault = explain(&url, &error),
        }
    }
    Err(fault)
}

/// Who listens everywhere is asked on this machine, by version 4 first: it is there nearly always.
fn addresses(listen: SocketAddr) -> Vec<SocketAddr> {
    let here: &[IpAddr] = match listen.ip() {
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
            &[IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
        }
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => &[IpAddr::V4(Ipv4Addr::LOCALHOST)],
        _ => return vec![listen],
    };
    here.iter().map(|ip| SocketAddr::new(*ip, listen.port())).collect()
}

fn is_success(line: &str) -> bool {
    line.split_ascii_whitespace().nth(1) == Some("200")
}

fn explain(url: &str, error: &io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => format!("nothing listens at {url}; is the server running?"),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            format!("{url} did not answer within {PATIENCE:?}")
        }
        _ => format!("{url} cannot be asked: {error}"),
    }
}

/// The first line of the answer about `/livez`.
fn first_line(address: SocketAddr, base_path: &str, tls: bool) -> io::Result<String> {
    let socket = TcpStream::connect_timeout(&address, PATIENCE)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    if tls {
        exchange(StreamOwned::new(tls::client()?, socket), base_path)
    } else {
        exchange(socket, base_path)
    }
}

fn exchange(mut stream: impl Read + Write, base_path: &str) -> io::Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let request = format!(
        "GET {base_path}/livez HTTP/1.1\r\nHost: localhost\r\nUser-Agent: podium-check/{version}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut line = Vec::new();
    BufReader::new(stream.take(FIRST_LINE_BYTES)).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}
