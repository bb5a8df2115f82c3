//! Which addresses may be dialled.

use ipnet::IpNet;
use std::net::SocketAddr;

/// Judges every address at every dial.
#[derive(Clone, Debug, Default)]
pub struct AddressGate {
    /// Networks that are private or local, and that the host opened nevertheless.
    pub private_allowed: Vec<IpNet>,
    /// Telecast's own listeners and public addresses.
    pub own: Vec<SocketAddr>,
}
