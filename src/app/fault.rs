//! Why Telecast does not start, each with its cure.

use crate::platform::CatalogueFault;
use crate::store::{MasterKeyError, OpenError};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why [`App::start`](super::App::start) gave up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be made.
    #[error("the data directory {path} cannot be made: {cause}. Make it, or set TELECAST_DATA to another one")]
    Data {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// A file that a setting names was there a moment ago.
    #[error("the file that {setting} names cannot be read: {cause}. Mend its permissions, or name another one")]
    File {
        /// The setting.
        setting: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// The certificate or its key.
    #[error(
        "RTMPS cannot be offered ({0}). TELECAST_TLS_CERT must hold the certificate chain and TELECAST_TLS_KEY its \
         private key, both PEM"
    )]
    Certificate(String),
    /// The extra certificate authorities.
    #[error("TELECAST_EXTRA_CA cannot be used ({0}). It must hold certificates in PEM")]
    ExtraCa(String),
    /// What the host adds to the catalogue of platforms.
    #[error(
        "the file that TELECAST_CATALOGUE names has faults. docs/add-a-platform.md says what it holds:{}",
        lines(.0)
    )]
    Catalogue(Vec<CatalogueFault>),
    /// A listener.
    #[error("{setting}: cannot listen on {address}: {}", cure(cause))]
    Listen {
        /// The setting that names the address.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The operating system refuses what every program needs.
    #[error("the system refuses what Telecast needs: {0}")]
    System(io::Error),
    /// More than one of these.
    #[error("{}", .0.iter().map(|fault| format!("\n  {fault}")).collect::<Vec<_>>().join("."))]
    Several(Vec<Self>),
}

impl StartError {
    /// Both, or what is wrong with either, in this order.
    pub(super) fn all<A, B>(one: Result<A, Self>, other: Result<B, Self>) -> Result<(A, B), Self> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(fault), Ok(_)) | (Ok(_), Err(fault)) => Err(fault),
            (Err(one), Err(other)) => {
                let faults = [one, other].into_iter().flat_map(|fault| match fault {
                    Self::Several(faults) => faults,
                    fault => vec![fault],
                });
                Err(Self::Several(faults.collect()))
            }
        }
    }
}

fn lines(faults: &[CatalogueFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

fn cure(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "another program has that port. Stop it, or set another port".into(),
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege. Set one from 1024 on, such as 1935".into()
        }
        io::ErrorKind::AddrNotAvailable => "this host has no such address. Set 0.0.0.0 for all of its addresses".into(),
        _ => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_told_with_its_cure() {
        let cause = io::Error::from(io::ErrorKind::AddrInUse);
        let error = StartError::Listen { setting: "TELECAST_LISTEN", address: ([0, 0, 0, 0], 1935).into(), cause };
        let words = "TELECAST_LISTEN: cannot listen on 0.0.0.0:1935: another program has that port. Stop it, or set \
                     another port";
        assert_eq!(error.to_string(), words);
    }
}
