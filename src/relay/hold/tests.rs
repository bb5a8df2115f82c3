//! What becomes of a broadcast whose publisher goes, falls silent, and comes back.

use super::*;
use crate::relay::fanout::{Fanout, Reader};
use bytes::Bytes;
use std::sync::Arc;

mod codec;
const VIDEO: &[u8] = &[0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 0];
const SOUND: &[u8] = &[0xaf, 0, 0x11, 0x90];
const IDR: u8 = 0x65;
const RECOVERY_POINT: u8 = 0x41;
/// The encoder sends what it has every so many milliseconds, as far as it is not held up.
const READ: u32 = 20;

/// The longest step between two sounds: a frame and a half, where silence meets the publisher's own.
const JOINT: u32 = 34;

fn ms(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}

/// 25 pictures a second, the first of each second a keyframe, and AAC of 48 kHz, of times `from..to` by the encoder's
/// clock; each payload is told apart by its time.
fn media(unit: u8, from: u32, to: u32) -> Vec<Packet> {
    let picture = |at: u32| {
        let key = at.is_multiple_of(1_000);
        let head = if key { [0x17, 1, 0, 0, 0] } else { [0x27, 1, 0, 0, 0] };
        let body = [&head[..], &[0, 0, 7, 208, if key { unit } else { 0x41 }], &at.to_be_bytes(), &[0; 1995]].concat();
        let role = if key { Role::Keyframe } else { Role::Frame };
        Packet { kind: Kind::Video, role, timestamp: at, payload: body.into() }
    };
    let sound = |at: u32| {
        let payload = [&[0xaf, 1][..], &at.to_be_bytes(), &[0; 200]].concat().into();
        Packet { kind: Kind::Audio, role: Role::Frame, timestamp: at, payload }
    };
    let pictures = (from.div_ceil(40)..to.div_ceil(40)).map(|frame| picture(frame * 40));
    let sounds =
        (0..).map(|frame: u32| frame * 64 / 3).skip_while(|at| *at < from).take_while(|at| *at < to).map(sound);
    let mut all: Vec<Packet> = pictures.chain(sounds).collect();
    all.sort_by_key(|packet| packet.timestamp);
    all
}

fn headers() -> Vec<Packet> {
    let header =
        |kind, payload| Packet { kind, role: Role::SequenceHeader, timestamp: 0, payload: Bytes::from_static(payload) };
    vec![header(Kind::Video, VIDEO), header(Kind::Audio, SOUND)]
}

/// A fed studio with one target that takes everything at once, and its driver.
struct Studio {
    fanout: Arc<Fanout>,
    target: Reader,
    unit: u8,
    source: u64,
    start: Instant,
    /// Milliseconds since `start`.
    now: u32,
    fill_at: Option<Instant>,
    got: Vec<(u32, Packet)>,
}

impl Studio {
    fn new(unit: u8) -> Self {
        let fanout = Arc::<Fanout>::default();
        let target = fanout.join();
        fanout.feed(true);
        let mut studio =
            Self { fanout, target, unit, source: 0, start: Instant::now(), now: 0, fill_at: None, got: Vec::new() };
        studio.connect();
        studio
    }

    fn connect(&mut self) {
        self.source = self.fanout.begin_source();
        self.send(headers());
    }

    fn lose(&mut self) {
        self.fanout.lose_source();
        self.fill();
    }

    fn instant(&self) -> Instant {
        self.start + ms(self.now)
    }

    fn send(&mut self, mut packets: Vec<Packet>) {
        assert!(self.fanout.append(self.source, self.instant(), &mut packets));
        self.take();
    }

    fn fill(&mut self) {
        self.fill_at = self.fanout.fill(self.instant());
        assert!(self.fill_at.is_none_or(|at| at > self.instant()), "a driver must not spin");
        self.take();
    }

    fn take(&mut self) {
        let mut out = Vec::new();
        let ledger = self.target.take(self.instant(), usize::MAX, &mut out).ledger;
        let mut sum = ledger.sent;
        sum += ledger.dropped;
        sum += ledger.queued;
        assert_eq!(sum, ledger.entered);
        self.got.extend(out.into_iter().map(|packet| (self.now, packet)));
    }

    /// Time passes; the driver asks when it was told to.
    fn wait(&mut self, time: u32) {
        let until = self.now + time;
        self.fill();
        while self.now < until {
            self.now += 1;
            if self.fill_at.is_some_and(|at| at <= self.instant()) {
                self.fill();
            }
        }
    }

    /// The encoder sends its times `from..to` as they come to pass.
    fn play(&mut self, from: u32, to: u32) {
        for at in (from..to).step_by(READ as usize) {
            self.send(media(self.unit, at, (at + READ).min(to)));
            self.wait(READ);
        }
    }

    fn of(&self, kind: Kind, from: usize) -> Vec<&Packet> {
        let packets = self.got[from..].iter().map(|(_, packet)| packet);
        packets.filter(|packet| packet.kind == kind && !packet.role.is_header()).collect()
    }

    /// Both kinds' times rise, and sound has no gap.
    fn check(&self, gap: u32) {
        for kind in [Kind::Audio, Kind::Video] {
            let times: Vec<u32> = self.of(kind, 0).iter().map(|packet| packet.timestamp).collect();
            for pair in times.windows(2) {
                assert!(pair[0] < pair[1], "{kind:?}: {} then {}", pair[0], pair[1]);
                assert!(kind == Kind::Video || pair[1] - pair[0] <= gap, "silence from {} to {}", pair[0], pair[1]);
            }
        }
    }
}

fn is_silence(packet: &Packet) -> bool {
    packet.kind == Kind::Audio && packet.payload.len() == 11
}

/// What a frame of [`media`] says of its time.
fn stamp(packet: &Packet) -> u32 {
    let at = if packet.kind == Kind::Video { 10 } else { 2 };
    u32::from_be_bytes(*packet.payload[at..].first_chunk().unwrap())
}

#[test]
fn a_lost_publisher_is_made_up_for_at_once_for_ten_minutes_and_taken_back_on_its_first_keyframe() {
    let mut studio = Studio::new(IDR);
    studio.play(0, 3_700);
    let lost = studio.got.len();
    studio.lose();
    assert_eq!(studio.of(Kind::Video, lost).len(), 1, "a picture at once");
    studio.wait(600_000);
    let pictures = studio.of(Kind::Video, lost);
    assert!((600..=601).contains(&pictures.len()) && pictures.iter().all(|picture| stamp(picture) == 3_000));
    assert!(studio.of(Kind::Audio, lost).iter().all(|sound| is_silence(sound)));
    let back = studio.got.len();
    studio.connect();
    // It comes in the middle of a group, with a clock of its own.
    studio.play(500, 3_000);
    studio.check(JOINT);
    let picture = studio.of(Kind::Video, back).into_iter().find(|picture| stamp(picture) != 3_000).unwrap();
    assert_eq!((stamp(picture), picture.role), (1_000, Role::Keyframe));
    let last = studio.got.last().unwrap();
    assert!(last.0.abs_diff(last.1.timestamp) <= 2 * READ, "no delay after ten minutes: {last:?}");
    let silence = studio.of(Kind::Audio, back).into_iter().filter(|sound| is_silence(sound)).count();
    assert!(silence <= 1, "its own sound is heard before its picture is there");
}

#[test]
fn who_is_lost_while_its_keyframe_comes_is_made_up_for_by_the_one_before() {
    let mut studio = Studio::new(IDR);
    studio.play(0, 4_000);
    let lost = studio.got.len();
    studio.fanout.await_keyframe(studio.source, studio.instant());
    studio.lose();
    let pictures = studio.of(Kind::Video, lost);
    assert_eq!(pictures.iter().map(|picture| stamp(picture)).collect::<Vec<_>>(), [3_000]);
    studio.check(JOINT);
}

#[test]
fn a_silent_connection_is_given_sound_after_1_s_and_a_picture_after_3_5_s() {
    let mut studio = Studio::new(IDR);
    studio.play(0, 2_000);
    let silent = studio.got.len();
    studio.wait(970);
    assert_eq!(studio.got.len(), silent);
    studio.wait(40);
    assert!(studio.of(Kind::Audio, silent).len() >= 45 && studio.of(Kind::Video, silent).is_empty());
    studio.wait(2_460);
    assert!(studio.of(Kind::Video, silent).is_empty());
    studio.wait(40);
    assert_eq!(studio.of(Kind::Video, silent).len(), 1);
    studio.check(JOINT);
    // It speaks again, with what is new.
    studio.play(5_520, 8_000);
    studio.check(JOINT);
    let last = &studio.got.last().unwrap().1;
    assert_eq!(last.timestamp, stamp(last), "as if it had never been away");
}

#[test]
fn media_that_was_held_up_is_skipped_so_that_no_delay_is_left() {
    for stall in [4_200, 9_600, 30_500] {
        let mut studio = Studio::new(IDR);
        studio.play(0, 2_500);
        let silent = studio.got.len();
        studio.wait(stall);
        // Ten times as fast as it was made.
        let mut live = 2_500;
        while studio.now - live > READ {
            let to = (live + 200).min(studio.now);
            studio.send(media(IDR, live, to));
            live = to;
            studio.wait(20);
        }
        studio.play(live, live + 3_000);
        studio.check(JOINT);
        let first = studio.of(Kind::Video, silent).into_iter().find(|picture| stamp(picture) != 2_000).unwrap();
        assert!(stamp(first) + 1_000 > 2_500 + stall, "{stall}: what is older is not shown, but {first:?}");
        let last = &studio.got.last().unwrap().1;
        let delay = last.timestamp - stamp(last);
        assert!(delay <= filler::APART, "{stall}: {delay} ms are left, which no player sees");
    }
}

#[test]
fn who_begins_with_a_burst_is_no_further_ahead_after_each_return() {
    const BURST: u32 = 600;
    let mut studio = Studio::new(IDR);
    for _ in 0..5 {
        studio.send(media(IDR, 0, BURST));
        for at in (BURST..BURST + 12_000).step_by(READ as usize) {
            studio.wait(READ);
            studio.send(media(IDR, at, at + READ));
        }
        let (now, last) = studio.got.last().unwrap();
        let ahead = last.timestamp - now;
        assert!(ahead <= BURST + READ, "{ahead} ms ahead of the clock");
        let lost = studio.got.len();
        studio.lose();
        studio.wait(5_000);
        assert!(studio.of(Kind::Video, lost).len() >= 5, "a picture each second");
        studio.connect();
    }
    studio.check(JOINT);
}

#[test]
fn a_short_stall_costs_no_picture() {
    let mut studio = Studio::new(IDR);
    studio.play(0, 2_500);
    studio.wait(1_600);
    studio.send(media(IDR, 2_500, 4_100));
    studio.play(4_100, 6_000);
    studio.check(JOINT);
    let pictures: Vec<u32> = studio.of(Kind::Video, 0).into_iter().map(stamp).collect();
    assert_eq!(pictures, (0..150).map(|frame| frame * 40).collect::<Vec<u32>>());
    assert!(studio.of(Kind::Video, 0).iter().all(|picture| picture.timestamp == stamp(picture)));
}

#[test]
fn an_encoder_whose_clock_stood_still_is_taken_back_too() {
    for stall in [2_000, 6_000] {
        let mut studio = Studio::new(IDR);
        studio.play(0, 2_500);
        studio.wait(stall);
        studio.play(2_500, 8_000);
        studio.check(JOINT);
        let last = &studio.got.last().unwrap().1;
        assert!(
            (last.timestamp - stamp(last)).abs_diff(stall) <= 2 * READ,
            "{stall}: {}",
            last.timestamp - stamp(last)
        );
        assert!(!is_silence(last));
    }
}

#[test]
fn an_open_gop_is_given_sound_alone_and_nobody_is_fed_when_nobody_is_there() {
    let mut studio = Studio::new(RECOVERY_POINT);
    studio.play(0, 2_000);
    let lost = studio.got.len();
    studio.lose();
    studio.wait(5_000);
    assert!(studio.of(Kind::Video, lost).is_empty() && studio.of(Kind::Audio, lost).len() > 230);
    studio.fanout.feed(false);
    studio.fill();
    assert_eq!(studio.fill_at, None, "no wake-ups either");
    let lost = studio.got.len();
    studio.wait(5_000);
    assert_eq!(studio.got.len(), lost);
}

#[test]
fn media_that_comes_in_bursts_by_nature_is_left_alone() {
    let mut studio = Studio::new(IDR);
    let mut sent = media(IDR, 0, 40);
    studio.send(sent.clone());
    for (burst, late) in [0, 100, 1_000, 200, 500, 900, 100].into_iter().enumerate() {
        let at = burst as u32 * 4_000;
        let burst = media(IDR, at.max(40), at + 4_000);
        sent.extend(burst.clone());
        studio.wait((at + late).saturating_sub(200) - studio.now);
        studio.send(burst);
    }
    let got: Vec<Packet> =
        studio.got.into_iter().map(|(_, packet)| packet).filter(|packet| !packet.role.is_header()).collect();
    let odd = got.iter().zip(&sent).position(|(got, sent)| got != sent);
    assert!(got == sent, "{:?} instead of {:?}", odd.map(|odd| &got[odd]), odd.map(|odd| &sent[odd]));
}

#[test]
fn a_publisher_that_takes_over_or_goes_again_on_its_way_back_leaves_no_gap() {
    let mut studio = Studio::new(IDR);
    studio.play(0, 2_000);
    studio.lose();
    for _ in 0..3 {
        studio.wait(700);
        studio.connect();
        studio.wait(300);
        studio.play(400, 900);
        studio.lose();
        studio.wait(10);
        studio.connect();
        studio.play(0, 1_500);
        // Another one, while this one is still there.
        studio.connect();
        studio.play(7_000, 8_000);
        studio.lose();
    }
    studio.check(50);
}

#[test]
fn a_clock_that_runs_away_is_not_followed_with_silence() {
    const FAR: u32 = 9_990_000;
    for kind in [Kind::Audio, Kind::Video] {
        let mut studio = Studio::new(IDR);
        studio.play(0, 2_000);
        studio.lose();
        studio.wait(500);
        let back = studio.got.len();
        studio.connect();
        // Each picture comes after no more than a gap.
        let picture = |timestamp| Packet {
            kind: Kind::Video,
            role: Role::Frame,
            timestamp,
            payload: Bytes::from_static(&[0x27]),
        };
        studio.send((0..FAR).step_by(10_000).map(picture).collect());
        let mut all = media(IDR, FAR, FAR + 1_000);
        all.retain(|packet| packet.kind == kind);
        studio.send(all);
        let silence = studio.of(Kind::Audio, back).into_iter().filter(|sound| is_silence(sound)).count();
        assert!(silence <= 2, "{kind:?}: {silence} frames");
        assert!(studio.of(kind, back).into_iter().any(|packet| !is_silence(packet) && stamp(packet) >= FAR));
        studio.check(u32::MAX);
    }
}

#[test]
fn no_sound_of_who_is_back_is_lost_to_the_silence_before_it() {
    for away in 100..200 {
        let mut studio = Studio::new(IDR);
        studio.play(0, 2_000);
        studio.lose();
        studio.wait(away);
        let back = studio.got.len();
        studio.connect();
        // Each sound comes a little behind its picture, in a read of its own.
        let late = |packet: Packet| Packet { timestamp: packet.timestamp + 5, ..packet };
        let (sounds, pictures): (Vec<_>, Vec<_>) =
            media(IDR, 0, 400).into_iter().partition(|packet| packet.kind == Kind::Audio);
        let sounds: Vec<_> = sounds.into_iter().map(late).collect();
        for at in 0..420 {
            for sent in [&pictures, &sounds] {
                studio.send(sent.iter().filter(|packet| packet.timestamp == at).cloned().collect());
            }
            studio.wait(1);
        }
        let heard = studio.of(Kind::Audio, back).into_iter().filter(|sound| !is_silence(sound)).count();
        assert_eq!(heard, sounds.len(), "away for {away} ms");
        studio.check(JOINT);
    }
}
