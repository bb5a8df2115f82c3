//! Room on a disk.

use std::io;
use std::path::Path;

/// What is left free for all else, in bytes: shows go on without clips and recordings, but not without a store.
const SPARE: u64 = 1 << 30;

/// Bytes that may be written to the disk of `dir`, beyond what is left free for all else.
///
/// # Errors
/// The system cannot say.
fn free(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize).saturating_sub(SPARE))
}

/// Whether so many bytes have room.
///
/// # Errors
/// [`io::ErrorKind::StorageFull`], or the system cannot say.
pub(super) fn claim(dir: &Path, bytes: u64) -> io::Result<()> {
    if free(dir)? < bytes { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}
