//! A line with delay, loss, a rate and holes: through the kernel's own TCP, which a proxy would hide it from.

use crate::bed::proc::Proc;
use crate::bed::{Result, free_port};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

static NEXT: AtomicU8 = AtomicU8::new(1);

/// A running line; dropping it takes it down. Needs a network namespace of its own, or at least root.
#[derive(Debug)]
pub struct Line {
    proc: Proc,
    number: u8,
    port: u16,
}

impl Line {
    /// A line without fault, to a port of its own.
    ///
    /// # Errors
    /// There is no `/dev/net/tun`, or this is not root.
    pub async fn start(dir: &Path) -> Result<Self> {
        let (number, port) = (NEXT.fetch_add(1, Ordering::Relaxed), free_port()?);
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bed/field/line.py");
        let mut command = Command::new("python3");
        command.arg(program).args([number.to_string(), port.to_string()]);
        let mut proc = Proc::start(&format!("line-{number}"), &command, dir)?;
        proc.wait_for("ready", Duration::from_secs(10)).await?;
        Ok(Self { proc, number, port })
    }

    /// Where a sink at its end listens.
    pub fn end(&self) -> SocketAddr {
        SocketAddr::from(([10, 77, self.number, 1], self.port))
    }

    /// What leads there through the line.
    pub fn start_of(&self) -> SocketAddr {
        SocketAddr::from(([10, 77, self.number, 2], self.port))
    }

    /// Delay one way, ms.
    ///
    /// # Errors
    /// It has ended.
    pub fn delay(&mut self, ms: u32) -> Result<()> {
        self.proc.type_in(&format!("delay {ms}\n"))
    }

    /// So many of 1000 packets are lost.
    ///
    /// # Errors
    /// It has ended.
    pub fn loss(&mut self, of_1000: u32) -> Result<()> {
        self.proc.type_in(&format!("loss {}\n", f64::from(of_1000) / 1000.0))
    }

    /// Bytes a second towards the end; 0: any.
    ///
    /// # Errors
    /// It has ended.
    pub fn rate(&mut self, bytes: u32) -> Result<()> {
        self.proc.type_in(&format!("rate {bytes}\n"))
    }

    /// Nothing passes, either way, and nobody is told.
    ///
    /// # Errors
    /// It has ended.
    pub fn hole(&mut self, open: bool) -> Result<()> {
        self.proc.type_in(&format!("hole {}\n", u8::from(open)))
    }
}
