//! Addresses that must not be dialled, in every form, and names that change what they stand for: packets counted.

mod forms;
mod names;
mod plays;

use super::Figure;
use crate::bed::proc::Proc;
use crate::bed::{Fault, Result, fault, place};
use names::Names;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::StudioId;
use telecast::domain::rtmp_url::PushPoint;
use telecast::domain::status::{Barred, Loss, PushFailure};
use telecast::relay::dial::{Dialler, Seat, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::rtmp::Offer;
use telecast::rtmp::transport::ClientTls;
use tokio::time::{sleep, timeout};

/// Nobody answers here: who may be dialled has sent its packet by then.
const SENT: Duration = Duration::from_millis(250);
/// A public address of this Telecast's own.
const OWN: ([u8; 4], u16) = ([203, 0, 114, 7], 1935);
const STUDIO: StudioId = StudioId(1);

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) forms: usize,
    pub(super) refused: usize,
    pub(super) plays: usize,
    pub(super) held: usize,
    /// Packets where none may be.
    pub(super) packets: usize,
    /// Packets of the controls: a counter that counts nothing proves nothing.
    pub(super) control: usize,
    /// Ways by which each form was dialled.
    pub(super) ways: usize,
    /// What went wrong, in words.
    pub(super) wrong: Vec<String>,
}

impl Found {
    pub(super) fn holds(&self) -> bool {
        self.wrong.is_empty() && self.refused == self.forms && self.held == self.plays && self.packets == 0
    }
}

pub(super) async fn measure() -> Result<Figure> {
    apart()?;
    let found = Box::pin(play()).await?;
    let Found { forms, refused, plays, held, packets, control, ways, wrong } = &found;
    for words in wrong {
        println!("{words}");
    }
    Ok(Figure {
        measured: format!(
            "{refused} of {forms} forms refused by each of {ways} ways, {held} of {plays} rebinding plays, {packets} \
             packets seen; {control} of 4 controls seen"
        ),
        goal: "all of ≥ 60 forms and ≥ 10 plays, 0 packets, all controls",
        holds: found.holds() && *forms >= 60 && *plays >= 10 && *control == 4,
    })
}

/// Runs this program again in a network namespace of its own, where names are asked of [`Names`].
pub(super) fn apart() -> Result<()> {
    let inside = "--apart".to_owned();
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.contains(&inside) {
        return Ok(());
    }
    arguments.push(inside);
    let file = place("names")?.join("resolv.conf");
    std::fs::write(&file, "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")?;
    let script =
        format!("ip link set lo up && mount --bind '{}' /etc/resolv.conf && exec \"$0\" \"$@\"", file.display());
    let mut command = Command::new("unshare");
    command.args(["-n", "-m", "sh", "-c", &script]).arg(std::env::current_exe()?).args(arguments);
    std::process::exit(command.status()?.code().unwrap_or(1));
}

/// Packets that leave this network namespace, and what its kernel says of connections begun.
pub(super) struct Counter(Proc);

impl Counter {
    /// Begins to count.
    ///
    /// # Errors
    /// There is no `/dev/net/tun`, or this is not root.
    pub(super) async fn start() -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/figure/ssrf/counter.py");
        let mut command = Command::new("python3");
        command.arg(script);
        let mut proc = Proc::start("counter", &command, &place("ssrf")?)?;
        proc.wait_for("ready", Duration::from_secs(10)).await?;
        Ok(Self(proc))
    }

    /// How many packets of TCP have left so far, by where to. Answers of this machine to itself are none.
    pub(super) async fn seen(&self) -> Result<BTreeMap<SocketAddr, usize>> {
        sleep(Duration::from_millis(100)).await;
        let mut seen = BTreeMap::new();
        for line in self.0.log().lines() {
            let words: Vec<&str> = line.split(' ').collect();
            if let ["tcp", address, port] = words[..] {
                *seen.entry(SocketAddr::new(address.parse()?, port.parse()?)).or_default() += 1;
            }
        }
        Ok(seen)
    }
}

/// Connections that this namespace's kernel has begun, by its own count.
fn begun() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/net/snmp")?;
    let mut lines = text.lines().filter(|line| line.starts_with("Tcp:"));
    let (Some(names), Some(values)) = (lines.next(), lines.next()) else { return fault("no count of connections") };
    let at = names.split(' ').position(|name| name == "ActiveOpens");
    let count = at.and_then(|at| values.split(' ').nth(at)?.parse().ok());
    count.ok_or_else(|| Fault("no count of connections".into()))
}

/// Plays everything. Nothing else may speak TCP in this namespace meanwhile.
///
/// # Errors
/// It could not be played.
pub(super) async fn play() -> Result<Found> {
    let (names, counter) = (Names::start().await?, Counter::start().await?);
    let gate = AddressGate { own: vec![OWN.into()], ..AddressGate::default() };
    let dialler = Dialler::new(Arc::new(SystemResolver), gate, ClientTls::new(None)?);
    let mut found = Found { ways: WAYS.len(), ..Found::default() };
    let before = begun()?;
    forms(&dialler, &names, &mut found).await;
    let dialled = begun()? - before;
    if dialled > 0 {
        found.wrong.push(format!("{dialled} connections were begun"));
    }
    found.packets += counter.seen().await?.values().sum::<usize>();
    rebinding(&dialler, &names, &counter, &mut found).await?;
    controls(&counter, &mut found).await?;
    Ok(found)
}

/// Every form, by every way that leads out.
async fn forms(dialler: &Dialler, names: &Names, found: &mut Found) {
    for (name, address) in forms::NAMES {
        names.set(name, &[address]);
    }
    for (scheme, host) in forms::HOSTS.iter().flat_map(|host| [("rtmp", host), ("rtmps", host)]) {
        found.forms += 1;
        let url = format!("{scheme}://{host}/live/key");
        let Ok(point) = PushPoint::from_url(&url) else {
            // No address at all, in whatever form it was meant.
            found.refused += 1;
            continue;
        };
        let mut refused = true;
        for way in WAYS {
            match dial(dialler, *way, &point, &dialler.seat(STUDIO), SENT).await {
                Err(PushFailure::Lost(Loss::Blocked(_))) => {}
                other => {
                    refused = false;
                    found.wrong.push(format!("{url} by {way:?}: {other:?}"));
                }
            }
        }
        found.refused += usize::from(refused);
    }
}

/// What leads out.
#[derive(Clone, Copy, Debug)]
enum Way {
    Test,
    Rehearse,
    Push,
    Pull,
}

const WAYS: &[Way] = &[Way::Test, Way::Rehearse, Way::Push, Way::Pull];

/// Nobody answers: what is not refused is a time-out.
async fn dial(
    dialler: &Dialler,
    way: Way,
    point: &PushPoint,
    seat: &Seat,
    patience: Duration,
) -> Result<(), PushFailure> {
    let dialled = async {
        match way {
            Way::Test => dialler.check(point, seat).await,
            Way::Rehearse => dialler.rehearse(point, seat).await,
            Way::Push => dialler.open(point, Offer::default(), seat).await.map(drop),
            Way::Pull => dialler.play(point, seat).await.map(drop),
        }
    };
    timeout(patience, Box::pin(dialled)).await.unwrap_or(Err(PushFailure::Lost(Loss::Timeout)))
}

/// Every play: packets go to public addresses alone, and each dial asks once.
async fn rebinding(dialler: &Dialler, names: &Names, counter: &Counter, found: &mut Found) -> Result<()> {
    let public: Vec<IpAddr> = ["8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9", "8.8.8.9", "8.8.4.5"]
        .iter()
        .filter_map(|ip| ip.parse().ok())
        .collect();
    for play in plays::PLAYS {
        found.plays += 1;
        play.begin(names);
        let before = counter.seen().await?;
        let point = PushPoint::from_url(&format!("rtmp://{}/live/key", play.name)).map_err(|f| Fault(f.to_string()))?;
        let seat = dialler.seat(STUDIO);
        let mut barred = false;
        for _ in 0..play.dials {
            let answer = dial(dialler, Way::Push, &point, &seat, SENT.max(Duration::from_secs(play.patience))).await;
            barred |= answer == Err(PushFailure::Lost(Loss::Blocked(Barred::Inside)))
                || answer == Err(PushFailure::Lost(Loss::Blocked(Barred::Own)));
        }
        let mut after = counter.seen().await?;
        after.retain(|to, count| {
            *count -= before.get(to).copied().unwrap_or(0);
            *count > 0
        });
        let astray: Vec<_> = after.keys().filter(|to| !public.contains(&to.ip())).collect();
        let expects_public = play.answers.iter().any(|answer| public.iter().any(|ip| answer.contains(&ip.to_string())));
        let went_out = after.keys().any(|to| public.contains(&to.ip()));
        let asked = names.asked(play.name);
        found.packets += astray.len();
        let held = astray.is_empty() && asked == play.dials && went_out == expects_public && (barred || went_out);
        found.held += usize::from(held);
        if !held {
            found.wrong.push(format!("{}: went to {after:?}, asked {asked} times, barred {barred}", play.what));
        }
    }
    Ok(())
}

/// What may be dialled is, and seen: on the device and on the loopback, in both families.
async fn controls(counter: &Counter, found: &mut Found) -> Result<()> {
    let dialler = Dialler::new(Arc::new(SystemResolver), AddressGate::open(), ClientTls::new(None)?);
    let controls = ["8.8.8.8:1935", "[2606:4700::1]:443", "127.0.0.1:1935", "[::1]:1935"];
    let before = counter.seen().await?;
    for to in controls {
        let point = PushPoint::from_url(&format!("rtmp://{to}/live/key")).map_err(|fault| Fault(fault.to_string()))?;
        let _ = dial(&dialler, Way::Push, &point, &dialler.seat(STUDIO), SENT).await;
    }
    let after = counter.seen().await?;
    for to in controls {
        let to: SocketAddr = to.parse()?;
        found.control += usize::from(after.get(&to) > before.get(&to));
    }
    Ok(())
}
