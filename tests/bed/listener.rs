//! ffmpeg as a listening server: takes one publisher and keeps what it sends.

use super::Result;
use super::encoder::ffmpeg_9;
use super::proc::Proc;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// An ffmpeg that listens for one connection.
#[derive(Debug)]
pub struct Listener {
    /// The program. It ends with the connection.
    pub proc: Proc,
    file: PathBuf,
}

impl Listener {
    /// Starts one. Whoever connects first is its publisher, so a target must be checked before.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(port: u16, name: &str, key: &str, dir: &Path) -> Result<Self> {
        Self::of("ffmpeg".into(), Ipv4Addr::LOCALHOST, port, name, key, dir).await
    }

    /// The same with ffmpeg 9, which knows Enhanced RTMP.
    ///
    /// # Errors
    /// It does not start.
    pub async fn enhanced(port: u16, name: &str, key: &str, dir: &Path) -> Result<Self> {
        Self::enhanced_at(Ipv4Addr::LOCALHOST, port, name, key, dir).await
    }

    /// The same at another address of this machine.
    ///
    /// # Errors
    /// It does not start.
    pub async fn enhanced_at(host: Ipv4Addr, port: u16, name: &str, key: &str, dir: &Path) -> Result<Self> {
        Self::of(ffmpeg_9()?, host, port, name, key, dir).await
    }

    async fn of(ffmpeg: PathBuf, host: Ipv4Addr, port: u16, name: &str, key: &str, dir: &Path) -> Result<Self> {
        let file = dir.join(format!("{name}.flv"));
        let mut command = Command::new(ffmpeg);
        command.args(["-nostdin", "-loglevel", "verbose", "-listen", "1"]);
        command.args(["-i", &format!("rtmp://{host}:{port}/live/{key}")]);
        command.args(["-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "flv"]).arg(&file);
        let mut proc = Proc::start(name, &command, dir)?;
        // It takes the first connection that comes, so its port is looked up, not tried.
        let local = format!("{:08X}:{port:04X}", u32::from_le_bytes(host.octets()));
        let listens = |_: &Proc| {
            let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
            table.lines().any(|line| line.contains(&format!(" {local} ")) && line.contains(" 0A ")).then_some(())
        };
        proc.wait("a listening port", Duration::from_secs(10), listens).await?;
        Ok(Self { proc, file })
    }

    /// The address of one, as a platform gives it beside the key.
    pub fn server(port: u16) -> String {
        format!("rtmp://127.0.0.1:{port}/live")
    }

    /// What it received, an FLV file.
    pub fn recording(&self) -> &Path {
        &self.file
    }
}
