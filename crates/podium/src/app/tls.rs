//! TLS without a proxy: the certificate is read anew when its files change.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::TlsFiles;

/// How often it is looked whether the files changed.
const LOOKS_EVERY: Duration = Duration::from_secs(5);

/// Why a certificate cannot be used. Never repeats what is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The certificate.
    #[error("PODIUM_TLS_CERT names no file with a certificate (PEM) that can be read")]
    Certificate,
    /// The key.
    #[error("PODIUM_TLS_KEY names no file with a private key (PEM) that can be read")]
    Key,
    /// The two together.
    #[error("the key in PODIUM_TLS_KEY is not that of the certificate in PODIUM_TLS_CERT")]
    Mismatch,
}

/// Speaks TLS with the certificate of the moment. Cloning shares it.
#[derive(Clone)]
pub(super) struct Tls {
    files: TlsFiles,
    current: Arc<Current>,
}

#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Tls {
    pub(super) fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let current = Arc::new(Current(ArcSwap::from_pointee(read(&files)?)));
        Ok(Self { files, current })
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has what these versions need")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// Reads the files again whenever they change. Those that cannot be used change nothing.
    pub(super) async fn follow(self) {
        let mut known = changed_at(&self.files);
        loop {
            tokio::time::sleep(LOOKS_EVERY).await;
            let now = changed_at(&self.files);
            if now == known {
                continue;
            }
            match read(&self.files) {
                Ok(pair) => {
                    self.current.0.store(Arc::new(pair));
                    known = now;
                    tracing::info!("the new certificate is in use");
                }
                // One file may have been written, and the other not yet.
                Err(error) => tracing::warn!(%error, "the certificate that was there stays in use"),
            }
        }
    }
}

fn changed_at(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    [changed(&files.certificate), changed(&files.key)]
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| TlsError::Certificate)?;
    if certificates.is_empty() {
        return Err(TlsError::Certificate);
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|_| TlsError::Key)?;
    let key = any_supported_type(&key).map_err(|_| TlsError::Key)?;
    let pair = CertifiedKey::new(certificates, key);
    match pair.keys_match() {
        Ok(()) => Ok(pair),
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(pair),
        Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::Mismatch),
        Err(_) => Err(TlsError::Certificate),
    }
}
