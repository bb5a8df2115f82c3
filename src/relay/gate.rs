//! Which addresses may be dialled. People type the hosts, so every address is judged at every dial.

use crate::domain::status::Barred;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Ports below 1024 where platforms take RTMP and RTMPS.
const PUSH_PORTS: [u16; 2] = [80, 443];

/// Ports from 1024 on where something else is known to listen: databases, caches, control planes, mail, remote desktops.
const SERVICE_PORTS: &[u16] = &[
    1080, 1099, 1433, 1434, 1521, 1723, 1883, 2049, 2181, 2222, 2375, 2376, 2377, 2379, 2380, 3128, 3260, 3268, 3306,
    3389, 4369, 4444, 4505, 4506, 5000, 5060, 5061, 5269, 5432, 5433, 5601, 5671, 5672, 5900, 5901, 5984, 5985, 5986,
    6000, 6379, 6380, 6443, 6667, 7000, 7001, 7077, 8005, 8009, 8086, 8125, 8161, 8200, 8300, 8301, 8500, 8600, 8883,
    9000, 9042, 9090, 9092, 9100, 9160, 9200, 9300, 9418, 9999, 10250, 10255, 11211, 15672, 16379, 25565, 26257, 27017,
    27018, 28017,
];

/// Judges every address at every dial.
#[derive(Clone, Debug, Default)]
pub struct AddressGate {
    /// Private or local networks that the host opened nevertheless.
    pub private_allowed: Vec<IpNet>,
    /// Telecast's own listeners and public addresses. An unspecified address stands for every local one.
    pub own: Vec<SocketAddr>,
    /// Ports of the catalogue's servers: never another service's.
    pub ports: Vec<u16>,
}

/// Why an address is not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// This machine.
    #[error("loopback address")]
    Loopback,
    /// RFC 1918, RFC 4193.
    #[error("private address")]
    Private,
    /// RFC 3927, RFC 4291 §2.5.6.
    #[error("link-local address")]
    LinkLocal,
    /// The metadata services of clouds.
    #[error("cloud metadata address")]
    Metadata,
    /// RFC 6598.
    #[error("carrier-grade NAT address")]
    CarrierNat,
    /// To many.
    #[error("multicast or broadcast address")]
    Multicast,
    /// `0.0.0.0/8`, `::`.
    #[error("unspecified address")]
    Unspecified,
    /// RFC 5737, RFC 3849, benchmarking and reserved blocks: nobody's.
    #[error("reserved address")]
    Reserved,
    /// An IPv4 address within an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo): a way around the other rules.
    #[error("IPv4 address in disguise")]
    Disguised,
    /// Telecast itself.
    #[error("Telecast's own address")]
    Own,
    /// Something else is known to listen on that port.
    #[error("port of another service")]
    ServicePort,
}

impl From<Blocked> for Barred {
    fn from(why: Blocked) -> Self {
        match why {
            Blocked::Own => Self::Own,
            Blocked::ServicePort => Self::Port,
            _ => Self::Inside,
        }
    }
}

impl AddressGate {
    /// A gate that lets everything on ports for pushes through, this machine included: for benches and trials.
    #[must_use]
    pub fn open() -> Self {
        let everything = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
        Self {
            private_allowed: everything.into_iter().filter_map(|ip| IpNet::new(ip, 0).ok()).collect(),
            ..Self::default()
        }
    }

    /// Judges one address that a name stands for just now.
    ///
    /// # Errors
    /// Why it must not be dialled.
    pub fn check(&self, address: SocketAddr) -> Result<(), Blocked> {
        let (ip, port) = (address.ip(), address.port());
        let foreign = (port < 1024 && !PUSH_PORTS.contains(&port)) || SERVICE_PORTS.contains(&port);
        if foreign && !self.ports.contains(&port) {
            return Err(Blocked::ServicePort);
        }
        if self.own.iter().any(|own| own.port() == port && own.ip() == ip) {
            return Err(Blocked::Own);
        }
        match judge(ip) {
            Err(Blocked::Loopback | Blocked::Unspecified) if self.is_own_port(port) => Err(Blocked::Own),
            Err(_) if self.opened(ip) => Ok(()),
            verdict => verdict,
        }
    }

    /// Judges a connection that stands: one whose both ends have one address stays on this machine, by whatever
    /// address it went.
    ///
    /// # Errors
    /// [`Blocked::Own`], [`Blocked::Loopback`].
    pub fn check_connected(&self, local: SocketAddr, peer: SocketAddr) -> Result<(), Blocked> {
        if local.ip() != peer.ip() {
            return Ok(());
        }
        if self.is_own_port(peer.port()) {
            return Err(Blocked::Own);
        }
        if self.opened(peer.ip()) { Ok(()) } else { Err(Blocked::Loopback) }
    }

    /// Whether the host opened the network of this address.
    pub(super) fn opened(&self, ip: IpAddr) -> bool {
        self.private_allowed.iter().any(|net| net.contains(&ip))
    }

    fn is_own_port(&self, port: u16) -> bool {
        self.own.iter().any(|own| own.port() == port)
    }
}

fn judge(ip: IpAddr) -> Result<(), Blocked> {
    match ip {
        IpAddr::V4(ip) => judge_v4(ip),
        IpAddr::V6(ip) => judge_v6(ip),
    }
}

fn judge_v4(ip: Ipv4Addr) -> Result<(), Blocked> {
    Err(match ip.octets() {
        [169, 254, 169, 254] | [100, 100, 100, 200] => Blocked::Metadata,
        [0, ..] => Blocked::Unspecified,
        [127, ..] => Blocked::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Blocked::Private,
        [169, 254, ..] => Blocked::LinkLocal,
        [100, 64..=127, ..] => Blocked::CarrierNat,
        [224..=239, ..] | [255, 255, 255, 255] => Blocked::Multicast,
        [192, 0, 0, _]
        | [192, 0, 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [198, 18..=19, ..]
        | [240..=255, ..] => Blocked::Reserved,
        [192, 88, 99, _] => Blocked::Disguised,
        _ => return Ok(()),
    })
}

fn judge_v6(ip: Ipv6Addr) -> Result<(), Blocked> {
    Err(match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Blocked::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Blocked::Loopback,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Blocked::Disguised,
        [0x64, 0xff9b, ..] | [0x2002, ..] | [0x2001, 0, ..] => Blocked::Disguised,
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => Blocked::Metadata,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Blocked::Private,
        [0xfe80..=0xfebf, ..] => Blocked::LinkLocal,
        [0xff00..=0xffff, ..] => Blocked::Multicast,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x100, 0, 0, 0, ..] => Blocked::Reserved,
        [0x2000..=0x3fff, ..] => return Ok(()),
        _ => Blocked::Reserved,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_that_is_not_the_open_internet_is_refused_by_its_name() {
        for (address, why) in [
            ("127.0.0.1:1935", Blocked::Loopback),
            ("127.9.9.9:1935", Blocked::Loopback),
            ("[::1]:1935", Blocked::Loopback),
            ("10.0.0.1:1935", Blocked::Private),
            ("172.16.0.1:1935", Blocked::Private),
            ("172.31.255.255:1935", Blocked::Private),
            ("192.168.1.1:1935", Blocked::Private),
            ("[fd12:3456::1]:1935", Blocked::Private),
            ("[fec0::1]:1935", Blocked::Private),
            ("169.254.1.1:1935", Blocked::LinkLocal),
            ("[fe80::1]:1935", Blocked::LinkLocal),
            ("169.254.169.254:80", Blocked::Metadata),
            ("100.100.100.200:80", Blocked::Metadata),
            ("[fd00:ec2::254]:80", Blocked::Metadata),
            ("100.64.0.1:1935", Blocked::CarrierNat),
            ("100.127.255.255:1935", Blocked::CarrierNat),
            ("224.0.0.1:1935", Blocked::Multicast),
            ("255.255.255.255:1935", Blocked::Multicast),
            ("[ff02::1]:1935", Blocked::Multicast),
            ("0.0.0.0:1935", Blocked::Unspecified),
            ("0.1.2.3:1935", Blocked::Unspecified),
            ("[::]:1935", Blocked::Unspecified),
            ("192.0.2.1:1935", Blocked::Reserved),
            ("198.51.100.1:1935", Blocked::Reserved),
            ("203.0.113.9:1935", Blocked::Reserved),
            ("198.18.0.1:1935", Blocked::Reserved),
            ("240.0.0.1:1935", Blocked::Reserved),
            ("[2001:db8::1]:1935", Blocked::Reserved),
            ("[5f00::1]:1935", Blocked::Reserved),
            ("[::ffff:8.8.8.8]:1935", Blocked::Disguised),
            ("[::ffff:127.0.0.1]:1935", Blocked::Disguised),
            ("[::ffff:0:127.0.0.1]:1935", Blocked::Disguised),
            ("[::7f00:1]:1935", Blocked::Disguised),
            ("[64:ff9b::7f00:1]:1935", Blocked::Disguised),
            ("[64:ff9b:1::a00:1]:1935", Blocked::Disguised),
            ("[2002:7f00:1::]:1935", Blocked::Disguised),
            ("[2001:0:53aa:64c::1]:1935", Blocked::Disguised),
            ("192.88.99.1:1935", Blocked::Disguised),
        ] {
            assert_eq!(AddressGate::default().check(address.parse().unwrap()), Err(why), "{address}");
        }
        for address in ["8.8.8.8:1935", "172.32.0.1:443", "100.128.0.1:80", "169.253.1.1:1935", "[2606:4700::1]:443"] {
            assert_eq!(AddressGate::default().check(address.parse().unwrap()), Ok(()), "{address}");
        }
    }

    #[test]
    fn ports_of_other_services_are_refused_and_the_platforms_ports_are_not() {
        let at = |port| AddressGate::open().check(SocketAddr::from(([8, 8, 8, 8], port)));
        for port in [0, 1, 21, 22, 23, 25, 53, 110, 143, 465, 587, 993, 3306, 5432, 6379, 9200, 11211, 27017] {
            assert_eq!(at(port), Err(Blocked::ServicePort), "{port}");
        }
        for port in [80, 443, 1935, 1936, 1940, 2935, 2936, 4935, 5222, 8080, 8443, 19350, 40000, 65535] {
            assert_eq!(at(port), Ok(()), "{port}");
        }
        let known = AddressGate { ports: vec![5000], ..AddressGate::default() };
        assert_eq!(known.check(SocketAddr::from(([8, 8, 8, 8], 5000))), Ok(()), "the host's own catalogue says so");
        assert_eq!(known.check(SocketAddr::from(([8, 8, 8, 8], 5432))), Err(Blocked::ServicePort));
    }

    #[test]
    fn the_host_opens_private_networks_one_by_one_but_never_telecast_itself() {
        let gate = AddressGate {
            private_allowed: vec!["192.168.0.0/16".parse().unwrap(), "127.0.0.0/8".parse().unwrap()],
            own: vec!["0.0.0.0:1935".parse().unwrap(), "9.9.9.9:1936".parse().unwrap()],
            ..AddressGate::default()
        };
        let check = |address: &str| gate.check(address.parse().unwrap());
        assert_eq!(check("192.168.7.7:1935"), Ok(()));
        assert_eq!(check("10.0.0.1:1935"), Err(Blocked::Private));
        assert_eq!(check("127.0.0.1:1937"), Ok(()));
        assert_eq!(check("127.0.0.1:1935"), Err(Blocked::Own));
        assert_eq!(check("9.9.9.9:1936"), Err(Blocked::Own));
        let connected = |local: &str, peer: &str| gate.check_connected(local.parse().unwrap(), peer.parse().unwrap());
        assert_eq!(connected("192.168.7.7:50000", "192.168.7.7:1935"), Err(Blocked::Own));
        assert_eq!(connected("8.8.8.8:50000", "8.8.8.8:1940"), Err(Blocked::Loopback));
        assert_eq!(connected("192.168.7.6:50000", "192.168.7.7:1935"), Ok(()));
    }
}
