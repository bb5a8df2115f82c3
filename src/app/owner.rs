//! Root may look after data that another user has, as the service of systemd: what a command leaves there becomes theirs, or the
//! next start could not read it.

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, chownat, fstat, open, openat, statat};
use rustix::io::Result;
use rustix::process::{Gid, Uid, geteuid};
use std::os::fd::AsFd;
use std::path::Path;

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// What root has in the data directory `data` becomes that of the directory's owner, where that is somebody else.
///
/// # Errors
/// It cannot be listed or given away.
pub(super) fn hand_over(data: &Path) -> Result<()> {
    let dir = open(data, DIRECTORY, Mode::empty())?;
    let owner = fstat(&dir)?;
    let user = Uid::from_raw(owner.st_uid);
    if geteuid().is_root() && !user.is_root() {
        give(dir, user, Gid::from_raw(owner.st_gid))?;
    }
    Ok(())
}

/// By descriptors, not by paths: who has the directory could change a path meanwhile, and be given what lies elsewhere.
fn give(dir: impl AsFd, user: Uid, group: Gid) -> Result<()> {
    for entry in Dir::read_from(&dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let what = statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(what.st_mode).is_dir() {
            give(openat(&dir, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?, user, group)?;
        }
        if Uid::from_raw(what.st_uid).is_root() {
            chownat(&dir, name, Some(user), Some(group), AtFlags::SYMLINK_NOFOLLOW)?;
        }
    }
    Ok(())
}
