//! As little HTTP as a load client needs: `GET` over one connection that stays open.
//!
//! Written by hand, so that the client takes a small part of the two processors that it shares
//! with the servers.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One open connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer within a connection's buffer.
pub(crate) struct Reply<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// A request, ready to be sent again and again.
pub(crate) fn request(path_and_query: &str, headers: &str) -> Vec<u8> {
    format!("GET {path_and_query} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(1 << 20) })
    }

    /// Sends a request and reads the whole answer, which must tell its length.
    pub(crate) async fn get(&mut self, request: &[u8]) -> Result<Reply<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            let searched = self.buffer.len().saturating_sub(3);
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = memmem::find(&self.buffer[searched..], b"\r\n\r\n") {
                break searched + end;
            }
        };
        let (status, length) = read_head(&self.buffer[..head_end])
            .ok_or_else(|| Error::new(ErrorKind::InvalidData, "not a head with a length"))?;
        let body = head_end + 4..head_end + 4 + length;
        self.buffer.reserve(body.end.saturating_sub(self.buffer.len()));
        while self.buffer.len() < body.end {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Reply { status, body: &self.buffer[body] })
    }
}

/// The status and the body's length. Nothing else is looked at: what a client does with headers is not
/// what is measured.
fn read_head(head: &[u8]) -> Option<(u16, usize)> {
    const LENGTH: &[u8] = b"\r\ncontent-length: ";
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let status = text(head.get(9..12)?)?.parse().ok()?;
    if status == 304 {
        return Some((status, 0));
    }
    let value = &head[memmem::find(head, LENGTH)? + LENGTH.len()..];
    let end = memmem::find(value, b"\r\n").unwrap_or(value.len());
    Some((status, text(&value[..end])?.parse().ok()?))
}
