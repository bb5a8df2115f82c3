//! What is heard and seen of a stream as it goes out: shown on its panel, and told where something is wrong with it.

use super::{Notice, Service, lock};
use crate::domain::id::StudioId;
use crate::domain::monitor::{Fault, Finding, Hearing, Monitor, Second};
use crate::domain::status::Phase;
use crate::media::{picture, sound};
use crate::relay::Batch;
use std::time::{Duration, Instant};

/// What comes is measured so often.
const EVERY: Duration = Duration::from_millis(900);

/// Of one stream. Costs some 50 µs a second.
#[derive(Debug, Default)]
pub(super) struct Senses {
    sound: sound::Meter,
    picture: picture::Meter,
    monitor: Monitor,
    /// When it was measured last.
    since: Option<Instant>,
}

/// What came of a second.
#[derive(Debug, Default)]
pub(super) struct Sensed {
    findings: Vec<Finding>,
    hearing: Option<Hearing>,
}

impl Senses {
    /// None before a second is over.
    pub(super) fn take(&mut self, now: Instant, batch: &Batch, phase: Phase) -> Option<Sensed> {
        self.sound.note(&batch.packets);
        self.picture.note(&batch.packets);
        let since = *self.since.get_or_insert(now);
        // What is sent in an encoder's absence says nothing of it, and neither does what was passed over.
        let absent = batch.filler || batch.gap || matches!(phase, Phase::Held { .. } | Phase::Paused { .. });
        if !absent && now.saturating_duration_since(since) < EVERY {
            return None;
        }
        self.since = Some(now);
        let second = Second { sound: self.sound.second(), picture: self.picture.second() };
        if absent {
            self.monitor.pause();
            return Some(Sensed::default());
        }
        let findings = self.monitor.second(now, &second, matches!(phase, Phase::Live { .. }));
        Some(Sensed { findings, hearing: self.monitor.hearing(now) })
    }
}

impl Service {
    /// Shows and tells it.
    pub(super) fn note_sensed(&self, studio: StudioId, sensed: Sensed) {
        if let Some(stage) = lock(&self.0.stages).get_mut(&studio) {
            stage.hearing = sensed.hearing;
        }
        for finding in sensed.findings {
            // What was said before the show is not said twice.
            let rare = matches!(finding, Finding::Found(Fault::RareKeyframes { .. }, _));
            if !(rare && self.is_forewarned_of_keyframes(studio)) {
                self.tell(Notice::Stream { studio, finding });
            }
        }
    }

    /// How the studio's stream sounds now, where that is known.
    pub(super) fn hearing(&self, studio: StudioId) -> Option<Hearing> {
        lock(&self.0.stages).get(&studio).and_then(|stage| stage.hearing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packet::{Kind, Packet};
    use crate::media::tag;
    use bytes::Bytes;

    /// AAC-LC, 44.1 kHz, stereo, and half a second of its silence.
    fn silence(filler: bool) -> Batch {
        let packet = |payload: &'static [u8]| {
            let payload = Bytes::from_static(payload);
            Packet { kind: Kind::Audio, role: tag::role(Kind::Audio, &payload), timestamp: 0, payload }
        };
        let mut packets = vec![packet(b"\xaf\x00\x12\x10")];
        packets.extend(vec![packet(b"\xaf\x01\x21\x00\x49\x90\x02\x19\x00\x23\x80"); 22]);
        Batch { packets, filler, gap: false }
    }

    /// So many seconds of it, in halves: what is found, and how it sounds then.
    fn hears(senses: &mut Senses, now: &mut Instant, seconds: u32, phase: Phase, filler: bool) -> Sensed {
        let mut all = Sensed::default();
        for _ in 0..2 * seconds {
            *now += Duration::from_millis(500);
            if let Some(sensed) = senses.take(*now, &silence(filler), phase) {
                all.findings.extend(sensed.findings);
                all.hearing = sensed.hearing;
            }
        }
        all
    }

    #[test]
    fn silence_is_shown_before_a_show_and_told_in_it_and_silence_of_ours_is_neither() {
        let (mut senses, mut now) = (Senses::default(), Instant::now());
        let since = now;
        let before = hears(&mut senses, &mut now, 60, Phase::Idle, false);
        assert!(before.findings.is_empty() && matches!(before.hearing, Some(Hearing::Silent(_))), "{before:?}");
        let live = Phase::Live { since };
        for _ in 0..4 {
            let told = hears(&mut senses, &mut now, 15, live, false);
            assert!(told.findings.is_empty(), "{told:?}");
            let held = hears(&mut senses, &mut now, 60, Phase::Held { since, until: since, clean: false }, true);
            assert!(held.findings.is_empty() && held.hearing.is_none(), "{held:?}");
        }
        let told = hears(&mut senses, &mut now, 60, live, false);
        assert!(matches!(told.findings[..], [Finding::Found(Fault::Silent { ever: false }, _)]), "{told:?}");
    }
}
