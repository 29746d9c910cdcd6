//! The certificate of `--tls`: made at start and signed by itself, or read from files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What TLS is spoken with.
#[derive(Clone)]
pub struct Identity {
    certificate_pem: String,
    config: Arc<ServerConfig>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Made(#[from] rcgen::Error),
    /// A file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: no PEM with a {what}: {error}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// `certificate` or `private key`.
        what: &'static str,
        /// Why.
        error: pem::Error,
    },
    /// Certificate and key do not go together.
    #[error("TLS: {0}")]
    Config(#[from] tokio_rustls::rustls::Error),
}

impl Identity {
    /// A new certificate for these names and addresses, signed by itself.
    ///
    /// # Errors
    /// A name that is none.
    pub fn self_signed(names: impl IntoIterator<Item = String>) -> Result<Self, TlsError> {
        let names: Vec<String> = names.into_iter().collect();
        let made = rcgen::generate_simple_self_signed(names)?;
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        Self::of(made.cert.pem(), vec![made.cert.der().clone()], key)
    }

    /// A certificate (with its chain) and its key from PEM files.
    ///
    /// # Errors
    /// Files that cannot be read, hold no such thing, or do not go together.
    pub fn files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| TlsError::Read { path: path.to_owned(), error })
        };
        let wrong = |path: &Path, what| {
            let path = path.to_owned();
            move |error| TlsError::Pem { path: path.clone(), what, error }
        };
        let text = read(certificate)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let chain = chain.map_err(wrong(certificate, "certificate"))?;
        let private =
            PrivateKeyDer::from_pem_slice(&read(key)?).map_err(wrong(key, "private key"))?;
        Self::of(String::from_utf8_lossy(&text).into_owned(), chain, private)
    }

    fn of(
        certificate_pem: String,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { certificate_pem, config: Arc::new(config) })
    }

    /// The certificate, for clients that are to trust it.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}
