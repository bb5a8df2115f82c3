//! Quick. What Telecast says to a platform before its media, beside ffmpeg, librtmp, rtmp2sink and OBS: field for field.

mod cases;
mod fields;
mod obs;
mod peers;
mod table;

use super::Figure;
use crate::bed::field::{Door, Heard, Recorder};
use crate::bed::{Fault, Result, fault, place};
use cases::{CASES, Case};
use fields::{DIFFERENCES, Fields, Other};
use obs::Display;
use peers::{Form, Peer, Place};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use telecast::demo::platform::Certificate;
use telecast::domain::id::StudioId;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::rtmp::Offer;
use telecast::rtmp::transport::ClientTls;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

const WITHIN: Duration = Duration::from_secs(15);
/// Cases at a time.
const AT_ONCE: usize = 3;

/// One case, as Telecast and the others said it.
struct Said {
    case: &'static Case,
    ours: Fields,
    theirs: BTreeMap<(Peer, Form), Fields>,
}

pub(super) async fn measure() -> Result<Figure> {
    apart()?;
    let dir = place("compose-compare")?;
    let display = Arc::new(Display::open(&dir).await?);
    let (turns, tasks) = (Arc::new(Semaphore::new(AT_ONCE)), TaskTracker::new());
    let runs = CASES.iter().enumerate().map(|(number, case)| {
        let (turns, dir, display) = (Arc::clone(&turns), dir.clone(), Arc::clone(&display));
        tasks.spawn(async move {
            let _turn = turns.acquire().await;
            run(number, case, dir, display).await.map_err(|fault| Fault(format!("{}: {}", case.name, fault.0)))
        })
    });
    let runs: Vec<_> = runs.collect();
    let mut all = Vec::new();
    for run in runs {
        all.push(run.await??);
    }
    let (mut compared, mut equal, mut counts) = (0, 0, vec![0; DIFFERENCES.len()]);
    let mut unexplained = Vec::new();
    for said in &all {
        let Case { app, tc_url, key, .. } = said.case;
        for (field, wanted) in [("app", app), ("tcUrl", tc_url), ("swfUrl", tc_url), ("publish", key)] {
            if said.ours[field] != *wanted {
                unexplained.push(format!("{}: Telecast’s {field} is {}", said.case.name, said.ours[field]));
            }
        }
        for ((peer, form), theirs) in &said.theirs {
            for (field, theirs) in theirs {
                compared += 1;
                let (server, key, ours) = (said.case.server, said.case.key, &said.ours[field]);
                if theirs == ours {
                    equal += 1;
                    continue;
                }
                let other = Other { peer: *peer, form: *form, server, key, theirs, ours };
                match DIFFERENCES.iter().position(|difference| difference.explains(field, &other)) {
                    Some(at) => counts[at] += 1,
                    None => unexplained.push(format!(
                        "{}, {} ({form:?}): {field} is {theirs}, Telecast’s {ours}",
                        said.case.name,
                        peer.name()
                    )),
                }
            }
        }
    }
    unexplained.iter().for_each(|words| println!("{words}"));
    table::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/composition.md"), &all, &counts)?;
    let differ = counts.iter().filter(|count| **count > 0).count();
    Ok(Figure {
        measured: format!(
            "{} platforms, {} programs, {compared} fields: {equal} equal, {} differ in {differ} ways that are listed, {} in others",
            all.len(),
            Peer::ALL.len(),
            counts.iter().sum::<usize>(),
            unexplained.len()
        ),
        goal: "at least 12 platforms, 0 in others",
        holds: unexplained.is_empty() && all.len() >= 12 && differ == DIFFERENCES.len(),
    })
}

async fn run(number: usize, case: &'static Case, dir: PathBuf, display: Arc<Display>) -> Result<Said> {
    let server = ServerUrl::parse(case.server)?;
    let address = SocketAddr::from((ip(number), server.port()));
    let certificate =
        server.tls().then(|| Certificate::issue_for("The platforms’ CA", [server.host().to_owned()])).transpose()?;
    let ca = certificates().join(format!("{number}-ca.pem"));
    if let Some(certificate) = &certificate {
        std::fs::write(&ca, &certificate.ca_pem)?;
    }
    let recorder = Recorder::start_at(address, Door::Open, certificate.as_ref()).await?;
    let published = |heard: &Heard| heard.with("publish").is_some();
    let tls = ClientTls::new(certificate.as_ref().map(|certificate| certificate.ca_pem.as_bytes()))?;
    let dialler = Dialler::new(Arc::new(SystemResolver), AddressGate::open(), tls);
    let point = PushPoint { server, key: StreamKey::parse(case.key)? };
    dialler.open(&point, Offer::default(), &dialler.seat(StudioId(1))).await?.publish().await?.goodbye().await;
    let ours = fields::of(&recorder.until("Telecast's publish", WITHIN, published).await?);
    let mut theirs = BTreeMap::new();
    let place = Place { dir, ca, display };
    for peer in Peer::ALL {
        for &form in peer.forms() {
            recorder.forget();
            let program = peers::push(peer, form, case, &format!("{number}-{peer:?}-{form:?}"), &place).await?;
            match recorder.until("a publish", WITHIN, published).await {
                Ok(heard) => theirs.insert((peer, form), fields::of(&heard)),
                Err(missed) => return fault(format!("{} ({form:?}): {}\n{}", peer.name(), missed.0, program.log())),
            };
        }
    }
    Ok(Said { case, ours, theirs })
}

fn ip(number: usize) -> [u8; 4] {
    [127, 0, 1, number as u8 + 1]
}

/// Stands for the system's certificates in there: OBS trusts no others.
fn certificates() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("compose-certificates")
}

/// Runs this program again where every platform's name stands for this machine, and nobody else is met.
fn apart() -> Result<()> {
    let inside = "--apart".to_owned();
    let mut arguments: Vec<String> = std::env::args().collect();
    if arguments.contains(&inside) {
        return Ok(());
    }
    let mut hosts = String::new();
    for (number, case) in CASES.iter().enumerate() {
        let [a, b, c, d] = ip(number);
        hosts += &format!("{a}.{b}.{c}.{d} {}\n", ServerUrl::parse(case.server)?.host());
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compose-hosts");
    std::fs::write(&file, hosts)?;
    let _ = std::fs::remove_dir_all(certificates());
    std::fs::create_dir_all(certificates())?;
    arguments.remove(0);
    // Resolvers ask whether there is an address beside 127.0.0.1 before they give one.
    let script = "ip link set lo up && ip addr add 192.0.2.1/32 dev lo && mount --bind \"$0\" /etc/hosts \
         && mount --bind \"$1\" /etc/ssl/certs && shift && exec \"$@\"";
    let mut command = std::process::Command::new("unshare");
    // Who is not root is so in there.
    let root = rustix::process::geteuid().is_root();
    command
        .args([if root { "-nm" } else { "-rnm" }, "sh", "-c", script])
        .arg(file)
        .arg(certificates())
        .arg(std::env::current_exe()?)
        .args(arguments)
        .arg(inside);
    std::process::exit(command.status()?.code().unwrap_or(1));
}
