//! F45: a limit of memory, by a control group.

use super::Outcome;
use crate::bed::field::{Behaviour, Clip, Options, Publisher, Sink};
use crate::bed::proc::Proc;
use crate::bed::studio::Wishes;
use crate::bed::{Result, example_relay, fault, free_port, until};
use crate::faults::program::Show;
use crate::faults::scene::{Ground, SOON, pause, s};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use telecast::demo::bot_api::OLIVIA;

/// A control group of its own; gone with this.
struct Group {
    dir: PathBuf,
    second: bool,
}

impl Group {
    fn make(name: &str) -> Result<Self> {
        let first = Path::new("/sys/fs/cgroup/memory");
        let second = !first.is_dir();
        let root = if second { Path::new("/sys/fs/cgroup") } else { first };
        let dir = root.join(format!("telecast-{name}-{}", std::process::id()));
        std::fs::create_dir(&dir)?;
        Ok(Self { dir, second })
    }

    fn limit(&self, bytes: u64) -> Result<()> {
        let name = if self.second { "memory.max" } else { "memory.limit_in_bytes" };
        Ok(std::fs::write(self.dir.join(name), bytes.to_string())?)
    }

    /// Without what the kernel gives back when it needs it.
    fn used(&self) -> u64 {
        let name = if self.second { "memory.current" } else { "memory.usage_in_bytes" };
        let read = |name: &str| std::fs::read_to_string(self.dir.join(name)).unwrap_or_default();
        let stat = read("memory.stat");
        let cached =
            if self.second { ["active_file", "inactive_file"] } else { ["total_active_file", "total_inactive_file"] };
        let lines = stat.lines().filter_map(|line| line.split_once(' ')).filter(|(name, _)| cached.contains(name));
        let cached: u64 = lines.filter_map(|(_, bytes)| bytes.parse::<u64>().ok()).sum();
        read(name).trim().parse::<u64>().unwrap_or(0).saturating_sub(cached)
    }

    /// Puts what follows into it.
    fn wrap(&self) -> Vec<String> {
        let script = format!("echo $$ > {}/cgroup.procs && exec \"$@\"", self.dir.display());
        ["sh".to_owned(), "-c".to_owned(), script, "sh".to_owned()].to_vec()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for _ in 0..100 {
            if std::fs::remove_dir(&self.dir).is_ok() {
                return;
            }
            std::thread::sleep(s(1) / 50);
        }
    }
}

pub(super) async fn short(g: &Ground) -> Result<Outcome> {
    let group = Group::make("short")?;
    group.limit(1 << 30)?;
    let (show, publisher) = Show::live_as(g, Wishes { wrap: group.wrap(), ..Wishes::default() }).await?;
    let id = show.studio.telecast.id();
    let said = show.studio.say("/settings")?;
    let _ = show.studio.answer(said, "Settings").await;
    let missed = |show: &Show| show.sinks[0].look(|ledger| ledger.missing().0.frames);
    let before = missed(&show);
    let short = async |percent: u64| -> Result<()> {
        let log = show.studio.telecast.log().len();
        group.limit(group.used() * 100 / percent)?;
        let word = |words: &str| show.studio.telecast.log()[log..].contains(words).then_some(());
        let _ = until("memory to be short", SOON, || word("memory is short")).await;
        Ok(())
    };
    short(85).await?;
    // An encoder of a show that runs is let in again.
    publisher.reset().await;
    let again = show.publish(&g.clip, 2).await?;
    let back = show.sinks[0].until("it", SOON, |ledger| ledger.account(2, 0).is_some()).await.is_ok();
    // No new show: this one is ended, and may not begin again.
    short(93).await?;
    pause(s(3)).await;
    let lost = missed(&show) - before;
    show.studio.stop_live().await?;
    let said = show.studio.say("/golive")?;
    let denied = show.studio.answer(said, "this server is short of memory").await.is_ok();
    again.close().await;
    let refused = match Publisher::start(show.ingest, &show.key, &g.clip, Options::of(3)).await {
        Ok(_) => "let in".to_owned(),
        Err(error) => error.0,
    };
    group.limit(1 << 30)?;
    until("memory to be enough", SOON, || show.studio.telecast.log().contains("memory is enough again").then_some(()))
        .await?;
    let _last = show.publish(&g.clip, 4).await?;
    show.studio.go_live().await?;
    let same = show.studio.telecast.id() == id && show.studio.phone.toasts(OLIVIA).len() < 1000;
    Ok(Outcome {
        measured: format!(
            "at 85 % the live show’s encoder is let in again: {back}; at 93 % {lost} frames lost in 3 s, /golive is \
             refused with the reason: {denied}, an encoder without a show: {}; live again when there is enough: true",
            refused.lines().next().unwrap_or_default()
        ),
        good: back && lost == 0 && denied && refused.contains("short of memory") && same,
    })
}

pub(super) async fn shed(g: &Ground) -> Result<Outcome> {
    const STREAMS: usize = 12;
    const LIMIT: u64 = 44 << 20;
    let group = Group::make("shed")?;
    group.limit(LIMIT)?;
    let clip = Clip::new(4_000)?;
    let sinks: Vec<Sink> = (0..=STREAMS).map(|_| Sink::start(&clip)).collect::<Result<_>>()?;
    let ingest = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let mut command = Command::new("sh");
    command.args(&group.wrap()[1..]).arg(example_relay()).args(["--listen", &ingest.to_string()]);
    for (number, sink) in sinks.iter().enumerate() {
        command.args(["--route", &format!("stream-{number}={}", sink.url("key"))]);
    }
    let mut relay = Proc::start("relay", &command, &g.dir)?;
    relay.wait_for("ready", SOON).await?;
    let mut publishers = Vec::new();
    for number in 0..=STREAMS {
        publishers.push(Publisher::start(ingest, &format!("stream-{number}"), &clip, Options::of(1)).await?);
    }
    for sink in &sinks {
        sink.until("frames", SOON, |ledger| ledger.received.frames > 30).await?;
    }
    let before = sinks[0].look(|ledger| ledger.missing().0.frames);
    sinks[1..].iter().for_each(|sink| sink.behave(Behaviour::Deaf));
    let mut most = 0;
    for _ in 0..100 {
        most = most.max(group.used());
        pause(s(1) / 5).await;
    }
    let lost = sinks[0].look(|ledger| ledger.missing().0.frames) - before;
    let alive = relay.ended().is_none();
    let noticed = relay.log().contains("memory is short");
    let let_in = Publisher::start(ingest, "stream-0", &clip, Options::of(2)).await;
    let answers = let_in.is_ok();
    if !alive {
        return fault(format!("it was killed; at most {most} bytes"));
    }
    Ok(Outcome {
        measured: format!(
            "{STREAMS} of {} platforms read nothing for 20 s at 4 Mbit/s each; at most {} of {} MiB used, noticed: {noticed}; \
             alive: {alive}, answers: {answers}; {lost} frames lost at the one that reads",
            STREAMS + 1,
            most >> 20,
            LIMIT >> 20
        ),
        good: alive && answers && lost == 0 && noticed,
    })
}
