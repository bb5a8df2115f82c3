//! Keeps a studio's log going while its publisher is gone or silent, and takes the publisher back. Pure: knows no lock,
//! no task and no clock but its arguments.
//!
//! While a publisher is there, its headers and its last keyframe are remembered, and nothing else is done. A [`Spell`]
//! lasts from the filler's first packet until sound and picture are the publisher's own again.

use crate::media::filler::{self, Filler, Silence, Stock};
use crate::media::packet::{Kind, Packet, Role};
use crate::media::timeline::{Timeline, step};
use crate::relay::log::Log;
use std::time::{Duration, Instant};

/// From the last media on an open connection to the first silence.
const SOUND_AFTER: Duration = Duration::from_secs(1);
/// And to the first repeat of the picture.
const PICTURE_AFTER: Duration = Duration::from_millis(3_500);
/// Reads that lie further apart than this bring a burst: its first frame, not its last, says what time it is.
const APART: Duration = Duration::from_millis(500);
/// The next burst may be late by this much before anything is made up for. Milliseconds.
const SLACK: u32 = 1_000;
/// The most that a publisher's lead counts for, in milliseconds: what was sent ahead is played out before the filler
/// begins, and a target must not take that for silence.
const LEAD: i32 = 2_000;
/// How long a burst says what time it is, and for how long a publisher's lead is looked for: clocks drift.
const BELIEVED: Duration = Duration::from_secs(10);
/// Media that is no later than this has caught up. Milliseconds.
const ON_TIME: i32 = 200;
/// Over how long it is seen whether late media still comes faster than it was made.
const CALM: Duration = Duration::from_millis(500);
/// A returning publisher without sound is given silence for so long.
const SOUNDLESS: Duration = Duration::from_secs(2);
/// A gap before real sound that is shorter is not filled: half a frame. Milliseconds.
const SHORT: u32 = 12;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Hold {
    stock: Stock,
    /// There is somebody to be fed.
    fed: bool,
    /// The publisher's connection has ended.
    gone: bool,
    /// When media last came.
    heard: Option<Instant>,
    /// When the publisher's first media came, and what had come in before.
    begun: Option<(Instant, u64)>,
    /// The time of its first frame, and by how many milliseconds what followed in its first seconds ran ahead of that.
    lead: Option<(u32, i32)>,
    /// What time it was when the last burst came.
    paced: Option<(u32, Instant)>,
    spell: Option<Spell>,
}

#[derive(Debug)]
struct Spell {
    /// What time it is at some instant.
    anchor: (u32, Instant),
    /// The latest time that the publisher's media reached.
    reached: u32,
    filler: Filler,
    /// The silence up to which the publisher's sound, which has come, lies too early.
    bridge: Option<Silence>,
    /// Whether the picture can be repeated, once that was asked; then the publisher's goes on with a keyframe.
    pictured: Option<bool>,
    /// When it was last repeated.
    repeated: Option<u32>,
    /// What comes has times of its own, or is up to date.
    fresh: bool,
    /// When media came again.
    returned: Option<Instant>,
    /// Since when, and from which of its times on, the pace of late media is watched.
    watched: Option<(Instant, u32)>,
}

/// What is known of media that comes on a connection that had fallen silent.
#[derive(PartialEq)]
enum Pace {
    /// Up to date.
    OnTime,
    /// A burst of what was held up.
    Burst,
    /// No burst: its clock stood still meanwhile.
    Behind,
}

impl Hold {
    /// Whether anybody is to be fed.
    pub(super) fn feed(&mut self, fed: bool) {
        self.fed = fed;
        if !fed {
            self.spell = None;
        }
    }

    /// When media last came, of whatever publisher.
    pub(super) fn heard(&self) -> Option<Instant> {
        self.heard
    }

    /// The publisher's connection has ended.
    pub(super) fn lose_source(&mut self) {
        self.gone = true;
    }

    /// Another publisher follows.
    pub(super) fn begin_source(&mut self) {
        (self.gone, self.begun, self.lead, self.paced) = (false, None, None, None);
        // Where the last one was being taken back, it is silent from now on.
        self.spell = self.spell.take().filter(|spell| spell.returned.is_none());
        if let Some(spell) = &mut self.spell {
            spell.fresh = true;
        }
    }

    /// Media comes: whether it is as ever, to be only [`Hold::note`]d, or each packet must be [`Hold::readmit`]ted.
    pub(super) fn hear(&mut self, now: Instant, packets: &[Packet], timeline: &Timeline, log: &Log) -> bool {
        if packets.is_empty() {
            return self.spell.is_none();
        }
        let apart = self.heard.is_none_or(|heard| now.saturating_duration_since(heard) >= APART);
        self.heard = Some(now);
        self.note_lead(timeline);
        if apart || self.begun.is_none() {
            let first = packets.iter().find(|packet| !packet.role.is_header() && packet.kind != Kind::Data);
            let slack = if self.begun.is_some() { SLACK } else { 0 };
            let shown = self.spell.as_ref().is_none_or(|spell| spell.pictured != Some(true));
            if shown && !timeline.is_open() {
                self.paced = first.map(|packet| (timeline.expect(packet).wrapping_sub(slack), now));
            }
            if let Some(first) = first.filter(|_| self.begun.is_none()) {
                self.begun = Some((now, log.entered_bytes()));
                self.lead = Some((timeline.foresee(first, now), 0));
            }
        }
        self.spell.is_none()
    }

    /// Whoever begins with a burst is that much ahead as long as they send. Were it forgotten, each return would add to it.
    fn note_lead(&mut self, timeline: &Timeline) {
        let (Some((begun, _)), Some((first, lead)), Some((last, at))) = (self.begun, &mut self.lead, timeline.last())
        else {
            return;
        };
        let passed = at.saturating_duration_since(begun);
        if passed <= BELIEVED {
            let ahead = i64::from(step(last, *first)) - i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
            *lead = (*lead).max(i32::try_from(ahead).unwrap_or(0).min(LEAD));
        }
    }

    /// Remembers what of the publisher can be sent again.
    pub(super) fn note(&mut self, packet: &Packet) {
        if packet.role != Role::Frame || packet.kind == Kind::Audio {
            self.stock.note(packet);
        }
    }

    /// Takes one packet of a publisher that is back into the log, at its place in time; passes it over where the filler
    /// has taken its place or nobody could decode it.
    pub(super) fn readmit(&mut self, now: Instant, mut packet: Packet, timeline: &mut Timeline, log: &mut Log) {
        self.note(&packet);
        let Some(spell) = &mut self.spell else {
            packet.timestamp = timeline.place(&packet, now);
            return log.append(now, [packet]);
        };
        if packet.role.is_header() {
            spell.renew(&self.stock, packet.kind);
        } else if packet.kind != Kind::Data && !spell.admits(now, &packet, timeline) {
            return log.pass_over(&packet);
        }
        if timeline.is_open() {
            self.paced = None;
        }
        packet.timestamp = timeline.place(&packet, now);
        match (packet.kind, packet.role) {
            (Kind::Audio, Role::Frame) => {
                if spell.fresh {
                    spell.bridge = spell.filler.silence.take().or(spell.bridge.take());
                }
                let silence = spell.bridge.as_mut().or(spell.filler.silence.as_mut());
                if let Some(silence) = silence {
                    if step(packet.timestamp, silence.last()) <= 0 {
                        timeline.fill(Kind::Audio, silence.last(), now);
                        return log.pass_over(&packet);
                    }
                    let mut gap = Vec::new();
                    silence.fill(packet.timestamp.wrapping_sub(SHORT), &mut gap);
                    log.fill(now, gap);
                    (spell.bridge, spell.filler.silence) = (None, None);
                }
            }
            (Kind::Video, Role::Keyframe) => {
                spell.filler.still = None;
                if let Some(last) = spell.repeated.take() {
                    let late = step(last.wrapping_add(filler::APART), packet.timestamp).max(0).cast_unsigned();
                    if late > 0 {
                        timeline.shift(late);
                        packet.timestamp = packet.timestamp.wrapping_add(late);
                        timeline.fill(Kind::Video, packet.timestamp, now);
                        // What of the sound comes later by this is filled as well.
                        if spell.filler.silence.is_none() && spell.bridge.is_none() {
                            spell.bridge = self.stock.silence(timeline.sounded().unwrap_or(last));
                        }
                    }
                    // Silence that comes before this picture is sent before it.
                    if let Some(silence) = spell.filler.silence.as_mut().or(spell.bridge.as_mut()) {
                        let mut before = Vec::new();
                        silence.fill(packet.timestamp.wrapping_sub(1), &mut before);
                        timeline.fill(Kind::Audio, silence.last(), now);
                        log.fill(now, before);
                    }
                }
            }
            _ => {}
        }
        log.append(now, [packet]);
        self.spell.take_if(|spell| spell.returned.is_some() && spell.has_nothing());
    }

    /// Appends what is due; whether anything was, and when to ask again: `None` while nobody is to be fed.
    pub(super) fn fill(&mut self, now: Instant, timeline: &mut Timeline, log: &mut Log) -> (bool, Option<Instant>) {
        let Some(heard) = self.heard.filter(|_| self.fed) else { return (false, None) };
        let quiet = now.saturating_duration_since(heard);
        let absent = self.gone || quiet >= SOUND_AFTER;
        self.spell.take_if(|spell| spell.is_over(now, absent));
        if absent && self.spell.is_none() {
            self.spell = self.begin_spell(now, timeline);
        }
        let ask = if absent { now } else { heard } + SOUND_AFTER;
        let Some(spell) = &mut self.spell else { return (false, Some(ask)) };
        let time = spell.time(now);
        let picture_due = self.gone || quiet >= PICTURE_AFTER && step(time, spell.reached) >= 0;
        if picture_due && spell.pictured.is_none() && spell.returned.is_none() {
            let (begun, before) = self.begun.unwrap_or((heard, 0));
            let span = heard.saturating_duration_since(begun).max(Duration::from_secs(1)).as_millis();
            let mean = u128::from(log.entered_bytes().saturating_sub(before)) * 1_000 / span;
            spell.filler.still = self.stock.still(time, log.shown(), u64::try_from(mean).unwrap_or(u64::MAX));
            spell.pictured = Some(spell.filler.still.is_some());
        }
        let mut due = Vec::new();
        spell.filler.fill(time.wrapping_sub(spell.patience()), &mut due);
        let filled = !due.is_empty();
        for packet in &due {
            timeline.fill(packet.kind, packet.timestamp, now);
            if packet.kind == Kind::Video {
                spell.repeated = Some(packet.timestamp);
            }
        }
        if filled {
            // The publisher's return is placed from here on.
            timeline.fill(Kind::Data, time, now);
            log.fill(now, due);
        }
        let picture = (spell.pictured.is_none() && quiet < PICTURE_AFTER).then_some(heard + PICTURE_AFTER);
        let next = spell.filler.due().map(|due| spell.instant(due.wrapping_add(spell.patience())));
        (filled, [Some(ask), picture, next].into_iter().flatten().min())
    }

    /// Whether the picture is missed that cannot be repeated: its group is open, or its codec is not known.
    pub(super) fn lacks_still(&self) -> bool {
        self.stock.has_picture() && self.spell.as_ref().is_some_and(|spell| spell.pictured == Some(false))
    }

    fn begin_spell(&self, now: Instant, timeline: &Timeline) -> Option<Spell> {
        let (reached, at) = timeline.last()?;
        let paced = self.paced.filter(|(_, at)| now.saturating_duration_since(*at) <= BELIEVED);
        let silence = self.stock.silence(timeline.sounded().unwrap_or(reached));
        let lead = self.lead.map_or(0, |(_, lead)| lead);
        Some(Spell {
            anchor: paced.unwrap_or((reached.wrapping_sub(lead.unsigned_abs()), at)),
            reached,
            filler: Filler { still: None, silence },
            bridge: None,
            pictured: None,
            repeated: None,
            fresh: timeline.is_open(),
            returned: None,
            watched: None,
        })
    }
}

impl Spell {
    /// What time it is.
    fn time(&self, now: Instant) -> u32 {
        let (time, at) = self.anchor;
        // Modulo 2^32, as all times are.
        time.wrapping_add(now.saturating_duration_since(at).as_millis() as u32)
    }

    /// How late the filler is: what a publisher sends who is back must not find its place taken, though it be a little late
    /// itself. Milliseconds.
    fn patience(&self) -> u32 {
        if self.returned.is_some() { ON_TIME.unsigned_abs() } else { 0 }
    }

    /// When it is that time, one that lies ahead of the anchor.
    fn instant(&self, time: u32) -> Instant {
        let (from, at) = self.anchor;
        at + Duration::from_millis(u64::try_from(step(time, from)).unwrap_or(0))
    }

    /// Whether the publisher, who was back, is missing again, or has its picture back and no sound to come.
    fn is_over(&self, now: Instant, absent: bool) -> bool {
        let soundless =
            |at| self.fresh && self.filler.still.is_none() && now.saturating_duration_since(at) >= SOUNDLESS;
        self.returned.is_some_and(|at| absent || soundless(at))
    }

    /// Whether sound and picture are the publisher's own.
    fn has_nothing(&self) -> bool {
        self.filler.still.is_none() && self.filler.silence.is_none() && self.bridge.is_none()
    }

    /// A header came: what belongs to another one is not repeated any more.
    fn renew(&mut self, stock: &Stock, kind: Kind) {
        match kind {
            Kind::Video if !stock.has_keyframe() => self.filler.still = None,
            Kind::Audio => {
                for silence in [&mut self.filler.silence, &mut self.bridge] {
                    *silence = silence.take().and_then(|silence| stock.silence(silence.last()));
                }
            }
            _ => {}
        }
    }

    /// Whether a frame is to be placed. What was held up on its way is not, once its picture was made up for.
    fn admits(&mut self, now: Instant, packet: &Packet, timeline: &mut Timeline) -> bool {
        self.returned.get_or_insert(now);
        if self.fresh {
            return true;
        }
        match self.pace(now, packet, timeline) {
            Pace::OnTime => self.fresh = true,
            Pace::Behind => {
                timeline.restart();
                self.fresh = true;
            }
            Pace::Burst => return self.pictured != Some(true),
        }
        true
    }

    fn pace(&mut self, now: Instant, packet: &Packet, timeline: &Timeline) -> Pace {
        if step(self.time(now), timeline.expect(packet)) <= ON_TIME {
            return Pace::OnTime;
        }
        let (since, from) = *self.watched.get_or_insert((now, packet.timestamp));
        let passed = now.saturating_duration_since(since);
        if passed < CALM {
            return Pace::Burst;
        }
        self.watched = Some((now, packet.timestamp));
        let made = i64::from(step(packet.timestamp, from));
        if i128::from(made) * 5 <= passed.as_millis().cast_signed() * 6 { Pace::Behind } else { Pace::Burst }
    }
}

#[cfg(test)]
mod tests;
