//! What is inside a stream: heads and headers of messages, what can be repeated of them, and their times.

use arbitrary::{Result, Unstructured};
use std::time::{Duration, Instant};
use telecast::domain::monitor::{Level, Monitor, Second, Sound};
use telecast::media::filler::{Filler, Stock, shown};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::media::timeline::{Timeline, step};
use telecast::media::{format, mp4 as film, picture, sound, tag};

const KINDS: [Kind; 3] = [Kind::Audio, Kind::Video, Kind::Data];

/// A stranger's audio, video and data payloads.
pub fn media(payload: &[u8]) {
    for kind in KINDS {
        let (role, track) = (tag::role(kind, payload), tag::track(kind, payload));
        assert!(track == 0 || matches!(role, Role::Extra | Role::ExtraHeader), "an extra track as {role:?}");
        assert!(track == 0 || tag::codec(kind, payload).is_none(), "an extra track's codec");
        assert!(role != Role::Keyframe || kind == Kind::Video);
    }
    // Only where a header or a frame was understood is anything known of it.
    if format::video(payload).is_some() {
        assert!(matches!(
            tag::role(Kind::Video, payload),
            Role::SequenceHeader | Role::ExtraHeader | Role::Frame | Role::Extra
        ));
    }
    format::audio(payload);
}

/// Packets of a stranger's: a film of them is no larger than they are and their tables, and its boxes fill it. So it is with one that is made
/// while they come.
pub fn mp4(bytes: &[u8]) {
    let packets = packets(bytes);
    let all: usize = packets.iter().map(|packet| packet.payload.len()).sum();
    let most = 2 * all + 256 * packets.len() + 4_096;
    if let Ok(made) = film::clip(&packets) {
        assert!(made.bytes.len() <= most, "{} bytes of {all}", made.bytes.len());
        assert_eq!(boxes(&made.bytes), ["ftyp", "moov", "mdat"], "nothing else, and nothing behind them");
    }
    // Nobody's film at all.
    let _ = film::whole(bytes);
    let Ok(mut made) = film::Fragments::new(&packets) else { return };
    assert_eq!(boxes(made.init()), ["ftyp", "moov"]);
    assert!(made.mime().is_ascii());
    let mut pieces: Vec<Vec<u8>> =
        packets.chunks(3).flat_map(|some| made.pieces(some)).map(|piece| piece.bytes).collect();
    pieces.extend(Some(made.finish()).filter(|rest| !rest.is_empty()));
    assert!(pieces.iter().all(|piece| boxes(piece) == ["moof", "mdat"]));
    assert!(pieces.concat().len() <= most, "{} bytes of {all}", pieces.concat().len());
    assert!(pieces.iter().all(|piece| film::end_of(piece).is_some()), "each piece says when it ends");
    let whole = film::whole(&[made.init(), &pieces.concat()].concat());
    assert_eq!(whole.is_some(), !pieces.is_empty(), "a film of pieces is a film");
    assert!(whole.is_none_or(|whole| boxes(&whole.bytes) == ["ftyp", "moov", "mdat"]));
}

/// Each by its kind, how much later it is than the one before, its length in two bytes, and its bytes.
fn packets(mut bytes: &[u8]) -> Vec<Packet> {
    let (mut packets, mut time) = (Vec::new(), 0_u32);
    while let [kind, later, a, b, rest @ ..] = bytes {
        let len = usize::from(u16::from_be_bytes([*a, *b])).min(rest.len());
        let payload = bytes::Bytes::copy_from_slice(&rest[..len]);
        bytes = &rest[len..];
        let kind = KINDS[usize::from(*kind) % KINDS.len()];
        time = time.wrapping_add_signed(i32::from((*later).cast_signed()) << (later & 7));
        packets.push(Packet { kind, role: tag::role(kind, &payload), timestamp: time, payload });
    }
    packets
}

/// Packets of a stranger's, as those of a film, five in each second: how loud they are is a number that can be shown, and
/// pictures are no larger than what came.
pub fn sound(bytes: &[u8]) {
    let (mut ear, mut eye, mut monitor) = (sound::Meter::default(), picture::Meter::default(), Monitor::default());
    let mut now = Instant::now();
    for packets in packets(bytes).chunks(5) {
        now += Duration::from_secs(1);
        ear.note(packets);
        eye.note(packets);
        let second = Second { sound: ear.second(), picture: eye.second() };
        if let Sound::Level(level) = second.sound {
            assert!((Level::FLOOR..1_000.0).contains(&level.db), "{} dB", level.db);
        }
        let all: usize = packets.iter().map(|packet| packet.payload.len()).sum();
        assert!(second.picture.is_none_or(|picture| picture.bytes as usize <= all && picture.frames <= 5));
        monitor.second(now, &second, true);
        let _ = monitor.hearing(now);
    }
}

/// The names of a file's boxes, which fill it.
fn boxes(mut rest: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    while let [a, b, c, d, name @ ..] = rest {
        names.push(String::from_utf8_lossy(&name[..4]).into_owned());
        rest = &rest[u32::from_be_bytes([*a, *b, *c, *d]) as usize..];
    }
    names
}

/// Packets of a stranger's, each by its kind, its length and its bytes, and what of them is repeated for ten seconds and a
/// minute: in order, with an end, seldom enough.
pub fn still(bytes: &[u8]) {
    let _ = repeat(&mut Unstructured::new(bytes));
}

fn repeat(u: &mut Unstructured<'_>) -> Result<()> {
    let (start, mean): (u32, u32) = (u.arbitrary()?, u.arbitrary()?);
    let mut stock = Stock::default();
    let mut last = None;
    while !u.is_empty() {
        let kind = *u.choose(&KINDS)?;
        let len = usize::from(u.arbitrary::<u8>()?).min(u.len());
        let payload = bytes::Bytes::copy_from_slice(u.bytes(len)?);
        let packet = Packet { kind, role: tag::role(kind, &payload), timestamp: start, payload };
        stock.note(&packet);
        last = shown(&packet).or(last);
    }
    let (still, silence) = (stock.still(start, last, mean.into()), stock.silence(start));
    assert!(stock.has_picture() || still.is_none(), "a picture out of nothing");
    let first = still.is_some();
    let (mut filler, mut out, mut passed) = (Filler { still, silence }, Vec::new(), 0_u32);
    for wait in [0, 1, 40, 959, 9_000, 50_000] {
        passed += wait;
        let before = out.len();
        filler.fill(start.wrapping_add(passed), &mut out);
        assert!(out.len() - before <= 12 + 12_000 / 21, "{} at once", out.len() - before);
        assert!(filler.due().is_none_or(|due| step(due, start.wrapping_add(passed)) > 0), "what is due is kept back");
    }
    assert!(out.iter().any(|packet| packet.kind == Kind::Video) == first);
    for kind in KINDS {
        let times: Vec<u32> = out.iter().filter(|packet| packet.kind == kind).map(|packet| packet.timestamp).collect();
        let least = if kind == Kind::Video { 1_000 } else { 0 };
        assert!(times.windows(2).all(|pair| step(pair[1], pair[0]) >= least), "{kind:?}: {times:?}");
    }
    Ok(())
}

/// Any times of any encoders: the broadcast's clock never goes back, and stands still for no more than its frames do.
pub fn timeline(bytes: &[u8]) {
    let _ = place(&mut Unstructured::new(bytes));
}

fn place(u: &mut Unstructured<'_>) -> Result<()> {
    let (mut line, mut now) = (Timeline::default(), Instant::now());
    let mut raw: [u32; 3] = [u.arbitrary()?; 3];
    while !u.is_empty() {
        now += Duration::from_millis(u.arbitrary::<u8>()?.into());
        let before = line.last();
        let which = u.choose_index(3)?;
        match u.int_in_range(0..=15)? {
            0 => line.restart(),
            1 => now += Duration::from_millis(u.arbitrary::<u16>()?.into()),
            2 => line.shift(u.arbitrary::<u8>()?.into()),
            3 => line.fill(KINDS[which], u.arbitrary()?, now),
            4 => raw[which] = u.arbitrary()?,
            5 => raw = [u.arbitrary()?; 3],
            6..=8 => raw[which] = raw[which].wrapping_add_signed(u.arbitrary::<i16>()?.into()),
            what => {
                raw[which] = raw[which].wrapping_add(u.arbitrary::<u8>()?.into());
                let role = if what == 9 { Role::SequenceHeader } else { Role::Frame };
                let packet = Packet { kind: KINDS[which], role, timestamp: raw[which], payload: bytes::Bytes::new() };
                let open = line.is_open();
                let time = line.place(&packet, now);
                let frame = role == Role::Frame && packet.kind != Kind::Data;
                match before {
                    Some((last, _)) if !frame => assert!(step(time, last) <= 0, "a header ahead of its frames"),
                    // A clock of its own begins a millisecond behind the last one at least.
                    Some((last, _)) if open => assert!(step(time, last) > 0 && !line.is_open(), "no new clock"),
                    _ => {}
                }
            }
        }
        if let (Some((old, _)), Some((new, _))) = (before, line.last()) {
            assert!(step(new, old) >= 0, "the clock goes back");
        }
    }
    Ok(())
}
