//! TCP, with or without TLS: what an RTMP or RTMPS connection runs on.

use super::tcp::Tcp;
use crate::domain::status::{Loss, PushFailure};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// A connection. Over TLS, written bytes leave for certain only when flushed.
pub enum Stream {
    /// RTMP.
    Plain(Tcp),
    /// RTMPS.
    Tls(Box<TlsStream<Tcp>>),
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Tls(_) => "Tls",
        })
    }
}

impl From<TcpStream> for Stream {
    fn from(tcp: TcpStream) -> Self {
        Self::Plain(tcp.into())
    }
}

impl Stream {
    /// For a second hand that writes; over TLS there can be none.
    pub(super) fn shared(&self) -> Option<Arc<TcpStream>> {
        match self {
            Self::Plain(tcp) => tcp.share(),
            Self::Tls(_) => None,
        }
    }

    pub(super) fn tcp(&mut self) -> &mut Tcp {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_mut().0,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

/// What is wrong with certificates or keys that were given as PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// Not PEM, or no certificate in it.
    #[error("no certificate in the PEM file, or it is damaged")]
    Certificate,
    /// Not PEM, or no private key in it.
    #[error("no private key in the PEM file, or it is damaged")]
    Key,
    /// The key is of another certificate, or of a kind that is not supported.
    #[error("the private key does not belong to the certificate")]
    Mismatch,
    /// The TLS library refuses its own defaults.
    #[error("TLS is not available")]
    Unavailable,
}

/// TLS towards targets: the roots of the web and, where the host gave some, further ones. Verification is never off.
#[derive(Clone)]
pub struct ClientTls(TlsConnector);

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientTls")
    }
}

impl ClientTls {
    /// Trusts the web's roots and those in `extra_ca_pem`.
    ///
    /// # Errors
    /// [`TlsFault::Certificate`] where `extra_ca_pem` has none that can be read.
    pub fn new(extra_ca_pem: Option<&[u8]>) -> Result<Self, TlsFault> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for root in extra_ca_pem.map(certificates).transpose()?.unwrap_or_default() {
            roots.add(root).map_err(|_| TlsFault::Certificate)?;
        }
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|_| TlsFault::Unavailable)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// The TLS handshake with `host`, whose name the certificate must bear. Has no timer of its own.
    ///
    /// # Errors
    /// [`Loss::Tls`] with the reason in plain words.
    pub async fn connect(&self, host: &str, tcp: TcpStream) -> Result<Stream, PushFailure> {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let tls_failure = |words: &str| PushFailure::Lost(Loss::Tls(words.to_owned()));
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| tls_failure("the host name is not valid"))?;
        match self.0.connect(name, tcp.into()).await {
            Ok(tls) => Ok(Stream::Tls(Box::new(tls.into()))),
            Err(error) => Err(tls_failure(words(&error).unwrap_or(match error.kind() {
                io::ErrorKind::UnexpectedEof => "the server closed the connection during the TLS handshake",
                _ => "the connection broke during the TLS handshake",
            }))),
        }
    }
}

/// TLS towards encoders: RTMPS in.
#[derive(Clone)]
pub struct ServerTls(TlsAcceptor);

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls")
    }
}

impl ServerTls {
    /// Shows the chain in `cert_pem`, the server's own certificate first.
    ///
    /// # Errors
    /// See [`TlsFault`].
    pub fn new(cert_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsFault> {
        let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|_| TlsFault::Key)?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|_| TlsFault::Unavailable)?
            .with_no_client_auth()
            .with_single_cert(certificates(cert_pem)?, key)
            .map_err(|_| TlsFault::Mismatch)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// The TLS handshake with an encoder. Has no timer of its own.
    ///
    /// # Errors
    /// Whatever the peer did instead.
    pub async fn accept(&self, tcp: TcpStream) -> io::Result<Stream> {
        Ok(Stream::Tls(Box::new(self.0.accept(tcp.into()).await?.into())))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(default_provider())
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or(TlsFault::Certificate)
}

/// What TLS found wrong, in plain words; `None` where the error is not one of TLS.
pub(super) fn words(error: &io::Error) -> Option<&'static str> {
    use rustls::Error;
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the certificate has expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name"
            }
            CertificateError::UnknownIssuer | CertificateError::BadSignature | CertificateError::Other(_) => {
                "the certificate is not trusted"
            }
            CertificateError::Revoked => "the certificate has been revoked",
            _ => "the certificate is not valid",
        },
        Error::NoCertificatesPresented => "the server showed no certificate",
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => "the server does not speak TLS on this port",
        Error::AlertReceived(_) => "the server refused the TLS handshake",
        Error::PeerIncompatible(_) => "the server supports no TLS version or cipher that is safe",
        _ => "the TLS connection failed",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A certificate for `name`, its own authority, and its key, as PEM.
    fn certificate(name: &str, last_year: i32) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    /// What a client that trusts `trusted` gets of a server that shows `shown`.
    async fn meet(shown: &(String, String), trusted: Option<&str>) -> Result<Stream, PushFailure> {
        let server = ServerTls::new(shown.0.as_bytes(), shown.1.as_bytes()).unwrap();
        let client = ClientTls::new(trusted.map(str::as_bytes)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let serve = async {
            let mut stream = server.accept(listener.accept().await.unwrap().0).await?;
            stream.write_all(b"hello").await?;
            stream.shutdown().await
        };
        tokio::join!(client.connect("localhost", tcp), serve).0
    }

    fn reason(result: Result<Stream, PushFailure>) -> String {
        match result.unwrap_err() {
            PushFailure::Lost(Loss::Tls(words)) => words,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_certificate_of_an_extra_authority_is_trusted_and_bytes_pass() {
        let shown = certificate("localhost", 2090);
        let mut stream = meet(&shown, Some(&shown.0)).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_certificate_is_told_in_plain_words() {
        let good = certificate("localhost", 2090);
        assert_eq!(reason(meet(&good, None).await), "the certificate is not trusted");
        let old = certificate("localhost", 2001);
        assert_eq!(reason(meet(&old, Some(&old.0)).await), "the certificate has expired");
        let other = certificate("elsewhere.example", 2090);
        assert_eq!(reason(meet(&other, Some(&other.0)).await), "the certificate is for another name");
    }

    #[tokio::test]
    async fn a_server_without_tls_is_told_from_one_that_hangs_up() {
        for (answer, words) in [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "the server does not speak TLS on this port"),
            ("", "the server closed the connection during the TLS handshake"),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let client = ClientTls::new(None).unwrap();
            let serve = async {
                let (mut tcp, _) = listener.accept().await.unwrap();
                let mut hello = [0; 16];
                tcp.read_exact(&mut hello).await.unwrap();
                tcp.write_all(answer.as_bytes()).await.unwrap();
                tcp.shutdown().await.unwrap();
                while tcp.read(&mut hello).await.is_ok_and(|n| n > 0) {}
            };
            let (result, ()) = tokio::join!(client.connect("localhost", tcp), serve);
            assert_eq!(reason(result), words);
        }
    }

    #[test]
    fn pem_that_cannot_serve_is_named() {
        let (cert, key) = certificate("a.example", 2090);
        let (_, other_key) = certificate("b.example", 2090);
        let fault = |cert: &str, key: &str| ServerTls::new(cert.as_bytes(), key.as_bytes()).unwrap_err();
        assert_eq!(fault("", &key), TlsFault::Certificate);
        assert_eq!(fault(&cert, ""), TlsFault::Key);
        assert_eq!(fault(&cert, &other_key), TlsFault::Mismatch);
        assert_eq!(ClientTls::new(Some(b"no pem")).unwrap_err(), TlsFault::Certificate);
    }
}
