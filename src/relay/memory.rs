//! How much memory the host lets this process have, and how near it is to that. Near it, nobody new is let in whose show is
//! not running, and logs hold less: an encoder that is live matters more than one that may come.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked at: forty streams of 3 Mbit/s bring 4 MB in that time.
const LOOK: Duration = Duration::from_millis(250);
/// How often a host without a limit is asked whether it has one by now.
const ASK: Duration = Duration::from_secs(60);
/// Percent of the limit from which nobody new is let in.
const SHORT: u8 = 80;
/// What a log may hold, in bytes, from so many percent of the limit on.
const HELD: [(u8, usize); 2] = [(95, 256 << 10), (90, 1 << 20)];

/// How much of the limit is used. Clones are the same; without a limit there is always enough.
#[derive(Clone, Default)]
pub struct Memory(Arc<AtomicU8>);

impl Memory {
    /// Whether nobody new should be let in.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.percent() >= SHORT
    }

    /// What a log that would hold `most` bytes may hold now.
    pub(super) fn room(&self, most: usize) -> usize {
        let percent = self.percent();
        HELD.iter().find(|(from, _)| percent >= *from).map_or(most, |(_, less)| most.min(*less))
    }

    fn percent(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, used: u64, limit: u64) {
        let percent = used.saturating_mul(100) / limit.max(1);
        let before = self.0.swap(u8::try_from(percent).unwrap_or(u8::MAX), Ordering::Relaxed);
        let (was, is) = (before >= SHORT, percent >= u64::from(SHORT));
        if is && !was {
            tracing::warn!(percent, "memory is short: new encoders and players are refused, shows that are live go on");
        } else if was && !is {
            tracing::info!(percent, "memory is enough again");
        }
    }

    /// Looks until `token` is cancelled; without a limit `set` by the host's owner, at that of the control group, which may
    /// be changed at any time.
    pub(super) async fn watch(self, set: Option<u64>, token: CancellationToken) {
        let gauge = Gauge::of_this_process();
        loop {
            let limit = set.or_else(|| gauge.group.as_ref()?.limit());
            if let Some(limit) = limit {
                let group = gauge.group.as_ref().filter(|_| set.is_none());
                let used = group.and_then(Group::used).or_else(|| gauge.resident());
                self.set(used.unwrap_or(0), limit);
            }
            let pause = if limit.is_some() { LOOK } else { ASK };
            if token.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} %)", self.percent())
    }
}

/// A control group that accounts for memory.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    dir: PathBuf,
    second: bool,
}

impl Group {
    fn of_this_process() -> Option<Self> {
        let text = std::fs::read_to_string("/proc/self/cgroup").ok()?;
        // In a container the path is often that of outside, and the group is mounted as the root.
        Self::candidates(&text).into_iter().find(|group| group.dir.join(group.files().0).exists())
    }

    fn candidates(text: &str) -> Vec<Self> {
        let mut found = Vec::new();
        for line in text.lines() {
            let mut parts = line.splitn(3, ':');
            let (Some(_), Some(kinds), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let root = match kinds {
                "" => Path::new("/sys/fs/cgroup"),
                kinds if kinds.split(',').any(|kind| kind == "memory") => Path::new("/sys/fs/cgroup/memory"),
                _ => continue,
            };
            let dirs = [root.join(path.trim_start_matches('/')), root.to_owned()];
            found.extend(dirs.map(|dir| Self { dir, second: kinds.is_empty() }));
        }
        found
    }

    /// The limit, what is used, and what of it the kernel gives back when it needs it.
    fn files(&self) -> (&'static str, &'static str, &'static [&'static str]) {
        if self.second {
            ("memory.max", "memory.current", &["active_file", "inactive_file"])
        } else {
            ("memory.limit_in_bytes", "memory.usage_in_bytes", &["total_active_file", "total_inactive_file"])
        }
    }

    /// In bytes.
    fn limit(&self) -> Option<u64> {
        let text = std::fs::read_to_string(self.dir.join(self.files().0)).ok()?;
        // The first version says a number that no host has, where there is no limit.
        text.trim().parse().ok().filter(|limit| (1..1 << 50).contains(limit))
    }

    /// In bytes, sockets included.
    fn used(&self) -> Option<u64> {
        let (_, used, cached) = self.files();
        let read = |name| std::fs::read_to_string(self.dir.join(name)).ok();
        let used: u64 = read(used)?.trim().parse().ok()?;
        let stat = read("memory.stat")?;
        let lines = stat.lines().filter_map(|line| line.split_once(' ')).filter(|(name, _)| cached.contains(name));
        Some(used.saturating_sub(lines.filter_map(|(_, bytes)| bytes.parse::<u64>().ok()).sum()))
    }
}

struct Gauge {
    group: Option<Group>,
    page: u64,
}

impl Gauge {
    fn of_this_process() -> Self {
        Self { group: Group::of_this_process(), page: rustix::param::page_size() as u64 }
    }

    fn resident(&self) -> Option<u64> {
        let text = std::fs::read_to_string("/proc/self/statm").ok()?;
        Some(text.split(' ').nth(1)?.parse::<u64>().ok()? * self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_the_limit_nobody_new_is_let_in_and_logs_hold_less() {
        let memory = Memory::default();
        let most = 8 << 20;
        let mut seen = Vec::new();
        for used in [0, 79, 80, 89, 90, 94, 95, 300, 79] {
            memory.set(used, 100);
            seen.push((memory.is_short(), memory.room(most) >> 10));
        }
        let (all, mib) = (8 << 10, 1 << 10);
        let expected = [
            (false, all),
            (false, all),
            (true, all),
            (true, all),
            (true, mib),
            (true, mib),
            (true, 256),
            (true, 256),
            (false, all),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn both_versions_of_control_groups_are_found() {
        let text = "9:name=systemd:/\n4:memory:/docker/abc\n3:cpu,cpuacct:/x\n0::/system.slice/telecast.service\n";
        let dirs: Vec<_> = Group::candidates(text).into_iter().map(|group| (group.dir, group.second)).collect();
        let at = |path: &str, second| (PathBuf::from(path), second);
        assert_eq!(
            dirs,
            [
                at("/sys/fs/cgroup/memory/docker/abc", false),
                at("/sys/fs/cgroup/memory", false),
                at("/sys/fs/cgroup/system.slice/telecast.service", true),
                at("/sys/fs/cgroup", true),
            ]
        );
    }

    #[test]
    fn what_this_process_uses_is_known() {
        assert!(Gauge::of_this_process().resident().is_some_and(|bytes| bytes > 1 << 20));
    }
}
