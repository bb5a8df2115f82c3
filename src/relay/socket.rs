//! What is asked of the kernel for every connection.

use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;

/// The kernel takes no more than this ahead of what it can send, so that what waits can still be dropped. Bytes.
const UNSENT: u32 = 128 << 10;
/// How long a peer may be silent before it is probed.
const KEEPALIVE: Duration = Duration::from_secs(10);
const PROBE_EVERY: Duration = Duration::from_secs(5);
const PROBES: u32 = 3;
/// How long what was sent may stay unacknowledged before the connection counts as dead.
const DEAD: Duration = Duration::from_secs(15);

/// A half-open connection is found out, and the kernel has no deep queue. Never a small send buffer: it starves far
/// targets.
pub(super) fn tune(tcp: &TcpStream) {
    if let Err(error) = set(&SockRef::from(tcp)) {
        // A kernel that knows an option not serves nevertheless.
        tracing::debug!(%error, "a socket option was not set");
    }
}

fn set(socket: &SockRef<'_>) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(PROBE_EVERY).with_retries(PROBES);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(DEAD))?;
    socket.set_tcp_notsent_lowat(UNSENT)
}
