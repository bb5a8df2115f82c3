//! What is said before the show: of the stream against what each platform takes, of all streams against the host's
//! uplink, of keys that end soon. Each is said once in a show.

use super::notice::{Caution, Warning};
use super::{Notice, Service, lock};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::Phase;
use crate::domain::target::Target;
use crate::platform::fit::{self, Misfit};
use crate::platform::{Part, expiry};
use std::mem::Discriminant;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// After so long a stream has been measured: encoders by default send a keyframe each 8 to 10 s.
pub(super) const MEASURED: Duration = Duration::from_secs(12);
/// What was said of a preview is said again to who goes live later than this.
const REMINDED: Duration = Duration::from_secs(30 * 60);
/// A key that ends sooner may not last for a show.
const ENDS_SOON: Duration = Duration::from_secs(6 * 60 * 60);
/// TCP, IP and TLS carry so much beside the media, in percent.
const OVERHEAD: u64 = 5;

/// What was said when, in one studio.
#[derive(Debug, Default)]
pub(super) struct Said(Vec<(Matter, Instant)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matter {
    Fit(TargetId, Discriminant<Misfit>),
    Key(TargetId),
    Uplink,
    Quota,
}

impl Said {
    /// Whether it was not said before.
    fn is_news(&mut self, matter: Matter, now: Instant) -> bool {
        let news = self.0.iter().all(|(said, _)| *said != matter);
        if news {
            self.0.push((matter, now));
        }
        news
    }
}

impl Service {
    /// Says what there is to say now of the studio's show, or of the one that it would be.
    pub(super) fn forewarn(&self, studio: StudioId) {
        let status = self.0.relay.status(studio);
        let record = self.0.store.broadcast(studio);
        let mut targets = self.0.store.targets(studio);
        targets.retain(|target| match &record {
            Some(record) => record.targets.contains(&target.id),
            None => target.enabled,
        });
        let mut cautions = Vec::new();
        for target in &targets {
            if let Some(left) = record.as_ref().and_then(|_| self.key_left(studio, target)) {
                cautions.push((Matter::Key(target.id), Some(target), Caution::KeyEnds { left }));
            }
            let platform = self.0.catalogue.get_or_custom(&target.platform);
            for misfit in status.source.iter().flat_map(|source| fit::misfits(source, &platform.limits)) {
                let matter = Matter::Fit(target.id, std::mem::discriminant(&misfit));
                let guess = platform.guesses(Part::Limits);
                cautions.push((matter, Some(target), Caution::Misfit { misfit, guess }));
            }
        }
        let kbps = status.source.as_ref().map_or(0, |source| source.kbps);
        cautions.extend(self.uplink(studio, kbps, targets.len()).map(|caution| (Matter::Uplink, None, caution)));
        cautions.extend(self.over_quota(studio, kbps, targets.len()).map(|caution| (Matter::Quota, None, caution)));
        let mut warnings: Vec<Warning> = Vec::new();
        {
            let (mut all, now) = (lock(&self.0.forewarned), Instant::now());
            let said = all.entry(studio).or_default();
            for (_, target, caution) in cautions.into_iter().filter(|(matter, ..)| said.is_news(*matter, now)) {
                let names = target.map(|target| target.name.clone());
                match warnings.iter_mut().find(|warning| warning.caution == caution) {
                    Some(warning) => warning.names.extend(names),
                    None => warnings.push(Warning { names: names.into_iter().collect(), caution }),
                }
            }
        }
        if warnings.is_empty() {
            return;
        }
        let publisher = || lock(&self.0.publishers).get(&studio).copied();
        let user = record.map(|record| record.started_by).or_else(publisher);
        self.tell(Notice::Forewarned { studio, user, warnings });
    }

    /// A show begins: what was said long ago is said again.
    pub(super) fn forewarn_anew(&self, studio: StudioId) {
        let now = Instant::now();
        if let Some(said) = lock(&self.0.forewarned).get_mut(&studio) {
            said.0.retain(|(_, at)| now.saturating_duration_since(*at) < REMINDED);
        }
        self.forewarn(studio);
    }

    /// Whether it was said of a platform that keyframes are too rare for it.
    pub(super) fn is_forewarned_of_keyframes(&self, studio: StudioId) -> bool {
        let keyframes = std::mem::discriminant(&Misfit::Keyframes { every_s: 0, wanted_s: 0 });
        let is_it = |(matter, _): &(Matter, Instant)| matches!(matter, Matter::Fit(_, misfit) if *misfit == keyframes);
        lock(&self.0.forewarned).get(&studio).is_some_and(|said| said.0.iter().any(is_it))
    }

    /// For how long the key of `target` holds, where that is short.
    fn key_left(&self, studio: StudioId, target: &Target) -> Option<Duration> {
        let at = expiry::expires_at(&self.0.store.push_point(studio, target.id)?.key)?;
        at.duration_since(SystemTime::now()).ok().filter(|left| *left < ENDS_SOON)
    }

    /// Whether a stream of `kbps` to so many targets is more than the host lets the studio send.
    fn over_quota(&self, studio: StudioId, kbps: u32, targets: usize) -> Option<Caution> {
        let mbps = self.0.store.studio(studio)?.quota.mbps?;
        let needed = u64::from(kbps) * targets as u64 * (100 + OVERHEAD) / 100;
        let needed_kbps = u32::try_from(needed).unwrap_or(u32::MAX);
        (needed > u64::from(mbps) * 1000).then_some(Caution::Quota { kbps, targets, needed_kbps, mbps })
    }

    /// Whether a stream of `kbps` to so many targets, and all that is on air beside it, is more than the host can send.
    fn uplink(&self, studio: StudioId, kbps: u32, targets: usize) -> Option<Caution> {
        let most_kbps = self.0.settings.uplink_kbps?;
        let others = self.0.store.broadcasts().into_iter().filter(|(other, _)| *other != studio);
        let others: u64 = others
            .map(|(other, record)| {
                let status = self.0.relay.status(other);
                let kbps = status.source.filter(|_| status.phase != Phase::Idle).map_or(0, |source| source.kbps);
                u64::from(kbps) * record.targets.len() as u64
            })
            .sum();
        let own = u64::from(kbps) * targets as u64;
        let needed = (own + others) * (100 + OVERHEAD) / 100;
        let too_much = own > 0 && needed > u64::from(most_kbps);
        let needed_kbps = u32::try_from(needed).unwrap_or(u32::MAX);
        too_much.then_some(Caution::Uplink { kbps, targets, needed_kbps, most_kbps, others: others > 0 })
    }
}
