//! TLS without a proxy.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use podium::access::Mode;
use podium::app::BuildError;
use podium::config::TlsFiles;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{settings, start, world};
use crate::harness::{Podium, Setup, gateway_of};

const HOST: &str = "podium.example";

/// A certificate and its key, in files that Podium reads.
struct Pair {
    made: CertifiedKey<KeyPair>,
}

impl Pair {
    fn new() -> Self {
        let made = generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
        Self { made }
    }

    fn certificate(&self) -> &CertificateDer<'static> {
        self.made.cert.der()
    }

    /// Writes both; each writing has a time of its own, as if the last one was long ago.
    fn write(&self, directory: &Path, age: u64) -> TlsFiles {
        let written_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 - age);
        let write = |name: &str, text: String| {
            let path = directory.join(name);
            std::fs::write(&path, text).expect("it is written");
            let file = std::fs::File::options().append(true).open(&path).expect("it is there");
            file.set_modified(written_at).expect("it has a time");
            path
        };
        TlsFiles {
            certificate: write("tls.crt", self.made.cert.pem()),
            key: write("tls.key", self.made.signing_key.serialize_pem()),
        }
    }

    /// One who trusts this certificate alone.
    fn client(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate().clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    /// The answer to a request by TLS, with its head.
    async fn ask(&self, podium: &Podium, request: &str) -> std::io::Result<String> {
        let stream = TcpStream::connect(podium.address()).await?;
        let name = ServerName::try_from(HOST).expect("a name");
        let mut stream = self.client().connect(name, stream).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        // Not everybody says goodbye in TLS's own way.
        let _ = stream.read_to_end(&mut answer).await;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n")
}

fn sign_in(origin: &str) -> String {
    let body = r#"{"key":"sk-alpha"}"#;
    format!(
        "POST /api/v1/sign-in HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\
         Origin: {origin}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn speaks(files: TlsFiles) -> Setup {
    Setup { tls: Some(files), access: settings(Mode::Board), ..Setup::default() }
}

#[tokio::test]
async fn podium_speaks_tls_with_its_certificate() {
    let directory = tempfile::tempdir().expect("a directory");
    let pair = Pair::new();
    let (_gateway, podium) = start(speaks(pair.write(directory.path(), 0))).await;
    let answer = pair.ask(&podium, &get("/livez")).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.to_lowercase().contains("strict-transport-security"), "{answer}");
    let entered = pair.ask(&podium, &sign_in(&format!("https://{HOST}"))).await.expect("an answer");
    assert!(entered.starts_with("HTTP/1.1 200"), "{entered}");
    let cookie = entered.lines().find(|line| line.starts_with("set-cookie: ")).expect("a cookie");
    assert!(cookie.starts_with("set-cookie: __Host-podium="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    let foreign = pair.ask(&podium, &sign_in(&format!("http://{HOST}"))).await.expect("an answer");
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
    let stranger = Pair::new().ask(&podium, &get("/livez")).await;
    assert!(stranger.is_err(), "it is another certificate");
}

#[tokio::test]
async fn browsers_are_told_to_come_by_https_alone_if_that_is_wished() {
    let directory = tempfile::tempdir().expect("a directory");
    let pair = Pair::new();
    let setup = Setup { hsts: true, ..speaks(pair.write(directory.path(), 0)) };
    let (_gateway, podium) = start(setup).await;
    for path in ["/livez", "/", "/tokens", "/nothing"] {
        let answer = pair.ask(&podium, &get(path)).await.expect("an answer").to_lowercase();
        assert!(answer.contains("strict-transport-security: max-age=31536000"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn who_does_not_speak_tls_harms_nobody() {
    let directory = tempfile::tempdir().expect("a directory");
    let pair = Pair::new();
    let (_gateway, podium) = start(speaks(pair.write(directory.path(), 0))).await;
    let silent = TcpStream::connect(podium.address()).await.expect("connected");
    for words in [get("/livez").as_bytes(), b"\x16\x03\x01\xff\xff", b"\0", &[0xff; 4_096]] {
        let mut stream = TcpStream::connect(podium.address()).await.expect("connected");
        stream.write_all(words).await.expect("written");
        stream.shutdown().await.expect("said");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
    }
    let answer = pair.ask(&podium, &get("/livez")).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(silent);
}

#[tokio::test]
async fn files_that_do_not_fit_together_are_refused_in_words() {
    let gateway = gateway_of(world(), gateway_sim::Version::CURRENT).await;
    let directory = tempfile::tempdir().expect("a directory");
    let files = Pair::new().write(directory.path(), 0);
    let other = tempfile::tempdir().expect("a directory");
    let others = Pair::new().write(other.path(), 0);
    let empty = directory.path().join("empty");
    std::fs::write(&empty, "").expect("it is written");
    let refusal = |certificate: &Path, key: &Path| {
        let files = TlsFiles { certificate: certificate.to_owned(), key: key.to_owned() };
        match Podium::build(&gateway, speaks(files)) {
            Err(error @ BuildError::Tls(_)) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refusal(&files.certificate, &others.key),
        "the key in PODIUM_TLS_KEY is not that of the certificate in PODIUM_TLS_CERT"
    );
    let no_certificate = "PODIUM_TLS_CERT names no file with a certificate (PEM) that can be read";
    for certificate in [&empty, &files.key, &directory.path().join("nothing")] {
        assert_eq!(refusal(certificate, &files.key), no_certificate, "{certificate:?}");
    }
    let no_key = "PODIUM_TLS_KEY names no file with a private key (PEM) that can be read";
    for key in [&empty, &files.certificate, &directory.path().join("nothing")] {
        assert_eq!(refusal(&files.certificate, key), no_key, "{key:?}");
    }
}

/// The files are looked at every few seconds; those pass at once here.
async fn a_while_passes() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(6)).await;
    tokio::time::resume();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_new_certificate_is_used_without_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let (old, new) = (Pair::new(), Pair::new());
    let files = old.write(directory.path(), 100);
    let key = std::fs::read(&files.key).expect("the key");
    let (_gateway, podium) = start(speaks(files.clone())).await;
    assert!(old.ask(&podium, &get("/livez")).await.is_ok());
    new.write(directory.path(), 50);
    let new_key = std::fs::read(&files.key).expect("the key");
    std::fs::write(&files.key, key).expect("it is written");
    a_while_passes().await;
    assert!(old.ask(&podium, &get("/livez")).await.is_ok(), "half of a pair is none");
    std::fs::write(&files.key, new_key).expect("it is written");
    a_while_passes().await;
    let answer = new.ask(&podium, &get("/livez")).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(old.ask(&podium, &get("/livez")).await.is_err());
}
