//! Each way to say no, played by the recorder, and what Telecast makes of it.

use super::rows::Here;
use crate::bed::field::{Door, Recorder, Refusal};
use crate::bed::{Result, fault};
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use telecast::domain::id::StudioId;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::status::{Loss, PushFailure};
use telecast::platform::{Catalogue, Closes, Means};
use telecast::relay::dial::Dialler;
use telecast::relay::gate::AddressGate;
use telecast::rtmp::Offer;
use telecast::rtmp::transport::ClientTls;

/// How a platform says no, and what it means: see `refusals.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) at: Closes,
    #[serde(default)]
    pub(super) starts: bool,
    pub(super) says: Option<(String, String)>,
    pub(super) closes_s: u64,
    pub(super) means: Means,
    pub(super) evidence: String,
    pub(super) from: String,
}

/// A case, and what Telecast took it for.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) case: Case,
    taken_for: Option<Means>,
    /// How it looked from here.
    looked: String,
}

impl Told {
    pub(super) fn wrong(&self) -> Option<String> {
        let Self { case, taken_for, looked } = self;
        let right = *taken_for == Some(case.means);
        (!right).then(|| format!("{}: {looked} means {taken_for:?}, not {:?}", case.id, case.means))
    }
}

pub(super) async fn run(catalogue: &Catalogue) -> Result<Vec<Told>> {
    #[derive(Deserialize)]
    struct File {
        case: Vec<Case>,
    }
    let File { case: cases } = toml::from_str(include_str!("refusals.toml"))?;
    futures_util::future::try_join_all(cases.into_iter().map(|case| told(case, catalogue))).await
}

async fn told(case: Case, catalogue: &Catalogue) -> Result<Told> {
    let closes = Duration::from_secs(case.closes_s);
    let (at_publish, starts, says) = (case.at == Closes::Publish, case.starts, case.says.clone());
    let recorder = Recorder::start(Door::Refuses(Refusal { at_publish, starts, says, closes })).await?;
    let names = Arc::new(Here::default());
    *names.address.lock().expect("no panic under it") = Some(recorder.address());
    let dialler = Dialler::new(names, AddressGate::open(), ClientTls::new(None)?);
    let server = ServerUrl::parse("rtmp://platform.example/live")?;
    let point = PushPoint { server, key: StreamKey::parse("planted-key-0123456789")? };
    let (failure, stage, after) = refused(&dialler, &point).await?;
    let (words, closed) = match &failure {
        PushFailure::Refused { words } => (words.as_str(), None),
        PushFailure::Lost(Loss::Closed) => ("", Some((stage, after.as_secs() as u32))),
        other => return fault(format!("{}: {other}", case.id)),
    };
    let Some(platform) = catalogue.get(&case.id) else { return fault(format!("{}: no such platform", case.id)) };
    let rule = catalogue.refusal(platform, words, closed);
    let looked = format!("{failure} at {stage:?} after {after:?}");
    Ok(Told { case, taken_for: rule.map(|rule| rule.means), looked })
}

/// How it ended, after which command was taken, and how long after.
async fn refused(dialler: &Dialler, point: &PushPoint) -> Result<(PushFailure, Closes, Duration)> {
    let client = match dialler.open(point, Offer::default(), &dialler.seat(StudioId(1))).await {
        Ok(client) => client,
        Err(failure) => return Ok((failure, Closes::Connect, Duration::ZERO)),
    };
    let began = Instant::now();
    let mut sink = match client.publish().await {
        Ok(sink) => sink,
        Err(failure) => return Ok((failure, Closes::Publish, began.elapsed())),
    };
    loop {
        if let Err(failure) = sink.step().await {
            return Ok((failure, Closes::Publish, began.elapsed()));
        }
    }
}
