//! With which certificate Podium speaks TLS itself.

use std::path::PathBuf;

use super::faults::Faults;

/// Where a certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with those that vouch for it, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

pub(super) fn tls(faults: &mut Faults<'_>) -> Option<TlsFiles> {
    let [certificate, key] =
        ["PODIUM_TLS_CERT", "PODIUM_TLS_KEY"].map(|name| faults.sources.get(name));
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Some(TlsFiles { certificate: certificate.into(), key: key.into() })
        }
        (None, None) => None,
        (None, Some(_)) => {
            faults.add("PODIUM_TLS_CERT", "is missing beside PODIUM_TLS_KEY");
            None
        }
        (Some(_), None) => {
            faults.add("PODIUM_TLS_KEY", "is missing beside PODIUM_TLS_CERT");
            None
        }
    }
}
