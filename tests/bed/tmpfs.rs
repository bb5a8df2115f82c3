//! A small file system, to be filled.

use super::{Result, fault};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tmpfs; gone with this.
pub struct Tmpfs(PathBuf);

impl Tmpfs {
    /// Mounts one of so many MiB at this directory, which is made.
    ///
    /// # Errors
    /// It takes root.
    pub fn mount(at: PathBuf, mib: u32) -> Result<Self> {
        std::fs::create_dir_all(&at)?;
        let options = format!("size={mib}m,mode=700");
        let made = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).status()?;
        if made.success() { Ok(Self(at)) } else { fault("no tmpfs can be mounted: root is needed") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
