//! The handshake (RTMP 1.0, §5.2), simple or with digests, in either role.

use super::fault::Fault;
use super::link::Link;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use tokio::io::{AsyncRead, AsyncWrite};

/// Shakes hands as the server; returns what came behind the handshake.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(link: &mut Link<S>) -> Result<Vec<u8>, Fault> {
    run(Handshake::new(PeerType::Server), link).await
}

/// Shakes hands as the client; returns what came behind the handshake.
pub(super) async fn dial<S: AsyncRead + AsyncWrite + Unpin>(link: &mut Link<S>) -> Result<Vec<u8>, Fault> {
    let mut handshake = Handshake::new(PeerType::Client);
    link.out.raw(&handshake.generate_outbound_p0_and_p1().map_err(|_| Fault::Handshake)?);
    run(handshake, link).await
}

async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    mut handshake: Handshake,
    link: &mut Link<S>,
) -> Result<Vec<u8>, Fault> {
    let mut buf = [0; 2048];
    loop {
        let count = link.read(&mut buf).await?;
        if count == 0 {
            return Err(Fault::Closed);
        }
        match handshake.process_bytes(&buf[..count]).map_err(|_| Fault::Handshake)? {
            HandshakeProcessResult::InProgress { response_bytes } => link.out.raw(&response_bytes),
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                link.out.raw(&response_bytes);
                return Ok(remaining_bytes);
            }
        }
    }
}
