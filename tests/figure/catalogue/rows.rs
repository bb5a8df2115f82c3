//! What people paste, understood, put together and published.

use crate::bed::field::{Door, Heard, Recorder};
use crate::bed::{Result, fault};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use telecast::demo::platform::Certificate;
use telecast::domain::id::StudioId;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::platform::{Catalogue, paste};
use telecast::relay::dial::{Dialler, Resolve};
use telecast::relay::gate::AddressGate;
use telecast::rtmp::Offer;
use telecast::rtmp::transport::ClientTls;

const WITHIN: Duration = Duration::from_secs(15);

/// A paste, and what must come of it: see `expected.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) id: String,
    paste: String,
    /// Its platform was chosen before.
    #[serde(default)]
    tile: bool,
    port: u16,
    pub(super) app: String,
    pub(super) tc_url: String,
    pub(super) name: String,
    /// One letter, or a letter and `?`, for each of app, tcUrl and name.
    pub(super) evidence: String,
    pub(super) from: String,
}

/// A case, and what the platform would have heard.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) case: Case,
    /// What of it is not as expected.
    differences: Vec<String>,
}

impl Row {
    pub(super) fn wrong(&self) -> impl Iterator<Item = String> {
        self.differences.iter().map(|difference| format!("{}: {difference}", self.case.id))
    }
}

/// Every name is this machine's; remembers what was asked for.
#[derive(Default)]
pub(super) struct Here {
    pub(super) address: Mutex<Option<SocketAddr>>,
    asked: Mutex<Vec<(String, u16)>>,
}

impl Resolve for Here {
    fn resolve(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        self.asked.lock().expect("no panic under it").push((host, port));
        let address = *self.address.lock().expect("no panic under it");
        Box::pin(async move { Ok(address.into_iter().collect()) })
    }
}

pub(super) async fn run(catalogue: &Catalogue) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct File {
        case: Vec<Case>,
    }
    let File { case: cases } = toml::from_str(include_str!("expected.toml"))?;
    let host = |case: &Case| ServerUrl::parse(&case.tc_url).map(|server| server.host().to_owned());
    let hosts =
        cases.iter().filter(|case| case.tc_url.starts_with("rtmps:")).map(host).collect::<Result<Vec<_>, _>>()?;
    let certificate = Certificate::issue_for("The platforms' CA", hosts)?;
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    let plain = Recorder::start(Door::Open).await?;
    let secure = Recorder::start_at(here, Door::Open, Some(&certificate)).await?;
    let names = Arc::new(Here::default());
    let tls = ClientTls::new(Some(certificate.ca_pem.as_bytes()))?;
    let dialler = Dialler::new(names.clone(), AddressGate::open(), tls);
    let mut rows = Vec::new();
    for case in cases {
        let recorder = if case.tc_url.starts_with("rtmps:") { &secure } else { &plain };
        recorder.forget();
        *names.address.lock().expect("no panic under it") = Some(recorder.address());
        names.asked.lock().expect("no panic under it").clear();
        let differences = match published(&case, catalogue, &dialler, recorder).await {
            Ok(heard) => {
                let mut differences = compare(&case, &heard);
                let host = host(&case)?;
                let asked = names.asked.lock().expect("no panic under it").clone();
                if asked != [(host.clone(), case.port)] {
                    differences.push(format!("dialled {asked:?}, not {host}:{}", case.port));
                }
                if case.tc_url.starts_with("rtmps:") && heard.sni.as_deref() != Some(host.as_str()) {
                    differences.push(format!("asked for {:?} in TLS, not for {host}", heard.sni));
                }
                differences
            }
            Err(why) => vec![why.0],
        };
        rows.push(Row { case, differences });
    }
    Ok(rows)
}

/// From the paste to the publish, through what the product has for it.
async fn published(case: &Case, catalogue: &Catalogue, dialler: &Dialler, recorder: &Recorder) -> Result<Heard> {
    let chosen = if case.tile { catalogue.get(&case.id) } else { None };
    let read = paste::understand(&case.paste, catalogue, chosen);
    if let Some(mistake) = read.fault {
        return fault(format!("the paste was not understood: {mistake}"));
    }
    let Some((platform, point)) = catalogue.compose(read.server, read.key, chosen) else {
        return fault("server or key is missing");
    };
    if platform.id != case.id {
        return fault(format!("taken for {}", platform.id));
    }
    if platform.key_fits(&point.key) == Some(false) {
        return fault("the key is not of the shape that the catalogue has for it");
    }
    publish(dialler, &point).await?;
    recorder.until("a publish", WITHIN, |heard| heard.with("publish").is_some()).await
}

async fn publish(dialler: &Dialler, point: &PushPoint) -> Result<()> {
    dialler.open(point, Offer::default(), &dialler.seat(StudioId(1))).await?.publish().await?.goodbye().await;
    Ok(())
}

fn compare(case: &Case, heard: &Heard) -> Vec<String> {
    let said = |command: &str| heard.with(command).and_then(|with| with.first()).map(String::as_str);
    let fields = [
        ("app", heard.field("app"), &case.app),
        ("tcUrl", heard.field("tcUrl"), &case.tc_url),
        ("swfUrl", heard.field("swfUrl"), &case.tc_url),
        ("publish", said("publish"), &case.name),
        ("releaseStream", said("releaseStream"), &case.name),
        ("FCPublish", said("FCPublish"), &case.name),
    ];
    let differ = fields.into_iter().filter(|(_, heard, wanted)| *heard != Some(wanted.as_str()));
    differ.map(|(field, heard, wanted)| format!("{field} is {heard:?}, not {wanted:?}")).collect()
}
