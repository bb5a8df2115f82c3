//! stunnel in front of a plain server, with an authority of its own: an RTMPS platform.

use super::proc::Proc;
use super::{Result, free_port};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A running stunnel for `localhost`.
#[derive(Debug)]
pub struct Stunnel {
    /// The program.
    pub proc: Proc,
    port: u16,
    authority: PathBuf,
}

impl Stunnel {
    /// Starts one that hands on to `port` of this host what comes in over TLS.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(name: &str, port: u16, dir: &Path) -> Result<Self> {
        let home = dir.join(name);
        std::fs::create_dir_all(&home)?;
        let mut root = CertificateParams::new(Vec::new())?;
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &root)?;
        std::fs::write(home.join("cert.pem"), leaf.pem())?;
        std::fs::write(home.join("key.pem"), key.serialize_pem())?;
        let authority = home.join("authority.pem");
        std::fs::write(&authority, root.pem())?;
        let accept = free_port()?;
        let (config, home) = (home.join("stunnel.conf"), home.display().to_string());
        let text = format!(
            "foreground = yes\npid =\ndebug = info\nsyslog = no\n[rtmps]\naccept = 127.0.0.1:{accept}\n\
             connect = 127.0.0.1:{port}\ncert = {home}/cert.pem\nkey = {home}/key.pem\nTIMEOUTclose = 1\n"
        );
        std::fs::write(&config, text)?;
        let mut command = Command::new("stunnel4");
        command.arg(&config);
        let mut proc = Proc::start(name, &command, dir)?;
        proc.wait_for_port(accept, Duration::from_secs(10)).await?;
        Ok(Self { proc, port: accept, authority })
    }

    /// The server's address, as a platform gives it beside the key.
    pub fn server(&self) -> String {
        format!("rtmps://localhost:{}/live", self.port)
    }

    /// Whom to trust, PEM.
    pub fn authority(&self) -> &Path {
        &self.authority
    }
}
