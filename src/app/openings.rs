//! What a start needs of the host beside the data: ports, the certificate, extra authorities. All are tried, so that all that is
//! wrong is told at once.

use super::{Settings, StartError, Tls};
use crate::relay::ingest;
use crate::rtmp::transport::{ClientTls, ServerTls};
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// What encoders, people and platforms are met with.
pub(super) struct Openings {
    /// RTMP.
    pub(super) plain: TcpListener,
    /// RTMPS.
    pub(super) tls: Option<(TcpListener, ServerTls)>,
    /// Pages.
    pub(super) pages: Option<TcpListener>,
    /// What of platforms' certificates is trusted.
    pub(super) client_tls: ClientTls,
}

impl Openings {
    /// # Errors
    /// [`StartError`], all of them; no port stays taken.
    pub(super) fn of(settings: &Settings) -> Result<Self, StartError> {
        let plain = listen("TELECAST_LISTEN", settings.listen);
        let encrypted =
            |tls: &Tls| StartError::all(listen("TELECAST_LISTEN_TLS", tls.listen), server_tls(tls)).map(Some);
        let tls = settings.tls.as_ref().map_or(Ok(None), encrypted);
        let pages = settings.web.as_ref().map(|web| listen("TELECAST_LISTEN_WEB", web.listen)).transpose();
        let client_tls = client_tls(settings.extra_ca.as_deref());
        let ((plain, tls), (pages, client_tls)) =
            StartError::all(StartError::all(plain, tls), StartError::all(pages, client_tls))?;
        Ok(Self { plain, tls, pages, client_tls })
    }
}

pub(super) fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    ingest::listen(address).map_err(|cause| StartError::Listen { setting, address, cause })
}

pub(super) fn server_tls(tls: &Tls) -> Result<ServerTls, StartError> {
    ServerTls::new(&tls.cert, &tls.key).map_err(|fault| StartError::Certificate(fault.to_string()))
}

pub(super) fn client_tls(extra_ca: Option<&[u8]>) -> Result<ClientTls, StartError> {
    ClientTls::new(extra_ca).map_err(|fault| StartError::ExtraCa(fault.to_string()))
}
