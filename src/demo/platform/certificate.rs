//! Certificates of a CA that nobody knows but who is told.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// A server's certificate for this machine, and the CA that vouches for it.
#[derive(Clone)]
pub struct Certificate {
    /// The CA, to be trusted by clients. PEM.
    pub ca_pem: String,
    /// What the server shows. PEM.
    pub chain_pem: String,
    /// The server's private key. PEM.
    pub key_pem: String,
}

impl Certificate {
    /// Makes a CA named `authority` and a certificate for 127.0.0.1 and localhost.
    ///
    /// # Errors
    /// The generator of the operating system failed.
    pub fn issue(authority: &str) -> Result<Self, rcgen::Error> {
        Self::issue_for(authority, ["127.0.0.1".to_owned(), "localhost".to_owned()])
    }

    /// The same for other hosts.
    ///
    /// # Errors
    /// One of them is no host's name, or see [`Certificate::issue`].
    pub fn issue_for(authority: &str, hosts: impl Into<Vec<String>>) -> Result<Self, rcgen::Error> {
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, authority);
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_key = KeyPair::generate()?;
        let ca_pem = ca.self_signed(&ca_key)?.pem();
        let issuer = Issuer::new(ca, ca_key);
        let key = KeyPair::generate()?;
        let server = CertificateParams::new(hosts)?;
        let chain_pem = server.signed_by(&key, &issuer)?.pem();
        Ok(Self { ca_pem, chain_pem, key_pem: key.serialize_pem() })
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate(•••)")
    }
}
