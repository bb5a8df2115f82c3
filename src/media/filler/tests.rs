//! What the filler promises.

use super::*;
use proptest::prelude::*;

const AVC: &[u8] = &[0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 0];
const STEREO_48: &[u8] = &[0xaf, 0, 0x11, 0x90];

fn header(kind: Kind, payload: &[u8]) -> Packet {
    Packet { kind, role: Role::SequenceHeader, timestamp: 0, payload: Bytes::copy_from_slice(payload) }
}

/// A keyframe of one NAL unit of a kind, with so many bytes in it.
fn keyframe(head: &[u8], unit: u8, size: u32) -> Packet {
    let mut payload = [head, &size.to_be_bytes(), &[unit]].concat();
    payload.resize(head.len() + 4 + size as usize, 0);
    Packet { kind: Kind::Video, role: Role::Keyframe, timestamp: 0, payload: payload.into() }
}

fn stock(packets: &[Packet]) -> Stock {
    let mut stock = Stock::default();
    packets.iter().for_each(|packet| stock.note(packet));
    stock
}

fn whole(size: u32) -> Stock {
    let keyframe = keyframe(&[0x17, 1, 0, 0, 66], 0x65, size);
    stock(&[header(Kind::Video, AVC), header(Kind::Audio, STEREO_48), keyframe])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Ten minutes from any time on, asked at any pace: sound without a gap or a drift, both kinds in order, the picture
    /// never more often than once a second nor above the stream's own rate.
    #[test]
    fn ten_minutes_are_filled_without_gap_or_drift(
        start in any::<u32>(), size in 100_u32..2_000_000, mean in 20_000_u64..2_000_000, pace in 1_u32..900,
        rate in prop_oneof![Just((STEREO_48, 48_000_u64)), Just((&[0xaf, 0, 0x12, 0x08][..], 44_100))],
    ) {
        let mut stock = whole(size);
        stock.note(&header(Kind::Audio, rate.0));
        let still = stock.still(start, None, mean);
        let mut filler = Filler { still, silence: stock.silence(start.wrapping_sub(7)) };
        let (mut out, mut asked) = (Vec::new(), 0);
        while asked < 600_000 {
            asked += pace;
            filler.fill(start.wrapping_add(asked), &mut out);
            prop_assert!(step(filler.due().unwrap(), start.wrapping_add(asked)) > 0, "nothing due is kept back");
        }
        let since: Vec<u32> = out.iter().map(|packet| packet.timestamp.wrapping_sub(start.wrapping_sub(7))).collect();
        prop_assert!(since.is_sorted());
        let sound: Vec<u32> =
            out.iter().zip(&since).filter(|(packet, _)| packet.kind == Kind::Audio).map(|(_, at)| *at).collect();
        prop_assert!(sound.windows(2).all(|pair| (21..=24).contains(&(pair[1] - pair[0]))));
        let exact = (sound.len() as u64 * 1024 * 1000 / rate.1) as u32;
        prop_assert_eq!(*sound.last().unwrap(), exact, "no drift");
        prop_assert!(exact + 24 > asked + 7);
        let pictures: Vec<u32> =
            out.iter().zip(&since).filter(|(packet, _)| packet.kind == Kind::Video).map(|(_, at)| *at).collect();
        prop_assert!(pictures[0] == 7 && pictures.windows(2).all(|pair| pair[1] - pair[0] >= 1_000));
        let bytes: u64 = out.iter().map(|packet| packet.payload.len() as u64).sum();
        let allowed = mean * u64::from(asked) / 1_000 + u64::from(size) + 100;
        prop_assert!(bytes <= allowed, "{} of {} bytes", bytes, allowed);
    }
}

#[test]
fn a_small_keyframe_comes_once_a_second() {
    let mut filler = Filler { still: whole(5_000).still(0, None, 100_000), silence: None };
    let mut out = Vec::new();
    (0..=10_000).for_each(|now| filler.fill(now, &mut out));
    let times: Vec<u32> = out.iter().map(|packet| packet.timestamp).collect();
    assert_eq!(times, (0..=10).map(|second| second * 1_000).collect::<Vec<u32>>());
}

#[test]
fn no_repeat_is_shown_before_the_last_picture_and_the_first_is_given_at_once() {
    let mut filler = Filler { still: whole(5_000).still(1_000, Some(1_200), 100_000), silence: None };
    let mut out = Vec::new();
    filler.fill(1_000, &mut out);
    assert_eq!(
        out.iter().map(|packet| packet.timestamp).collect::<Vec<_>>(),
        [1_184],
        "shown 66 ms later, 50 ms behind it"
    );
}

/// A tag can say that its picture is shown 2 h 20 min later; silence up to then would be 400,000 frames.
#[test]
fn a_picture_that_is_said_to_be_shown_hours_later_is_not_waited_for() {
    for (later, due) in [(10_000 - APART, 11_000), (10_001, 1_000), (8_388_607, 1_000)] {
        let stock = whole(5_000);
        let still = stock.still(1_000, Some(1_000 + later + 66), 100_000);
        let mut filler = Filler { still, silence: stock.silence(1_000) };
        let mut out = Vec::new();
        filler.fill(1_000, &mut out);
        let picture = out.iter().find(|packet| packet.kind == Kind::Video).map(|packet| packet.timestamp);
        assert_eq!(picture, Some(due), "{later}");
        assert!(out.len() < 480, "{} packets", out.len());
    }
}

#[test]
fn open_gop_and_garbage_give_no_picture() {
    let hvcc = [&[0x1c, 0, 0, 0, 0][..], &[0; 21], &[3, 0]].concat();
    let enhanced = [&[0x90, b'h', b'v', b'c', b'1'][..], &hvcc[5..]].concat();
    let hevc = |head: &[u8], unit: u8| keyframe(head, unit << 1, 100);
    for (header_of, frame, repeated) in [
        (&hvcc[..], hevc(&[0x1c, 1, 0, 0, 0], 19), true),
        (&hvcc, hevc(&[0x1c, 1, 0, 0, 0], 21), false),
        (&enhanced, hevc(b"\x91hvc1\0\0\x42", 20), true),
        (&enhanced, hevc(b"\x93hvc1", 19), true),
        (&enhanced, hevc(b"\x93hvc1", 21), false),
        (&enhanced, hevc(&[0x1c, 1, 0, 0, 0], 19), false),
        (AVC, keyframe(&[0x17, 1, 0, 0, 0], 0x41, 100), false),
        (AVC, keyframe(&[0x17, 1, 0, 0, 0, 9, 9], 0x65, 100), false),
    ] {
        let stock = stock(&[header(Kind::Video, header_of), header(Kind::Audio, STEREO_48), frame.clone()]);
        assert_eq!(stock.still(0, None, 9_000).is_some(), repeated, "{:02x?}", &frame.payload[..12]);
        assert!(stock.silence(0).is_some(), "sound in any case");
    }
}

#[test]
fn a_keyframe_is_forgotten_with_its_header_and_not_when_that_is_only_said_again() {
    let mut stock = whole(100);
    stock.note(&header(Kind::Video, AVC));
    assert!(stock.still(0, None, 9_000).is_some());
    stock.note(&header(Kind::Video, &[AVC, &[1]].concat()));
    assert!(stock.still(0, None, 9_000).is_none());
}

#[test]
fn silence_is_given_for_aac_lc_alone_in_the_streams_own_words() {
    let silence = |header_of: &[u8]| {
        let mut out = Vec::new();
        stock(&[header(Kind::Audio, header_of)]).silence(100)?.fill(130, &mut out);
        Some(out[0].payload.to_vec())
    };
    let stereo = b"\x21\x00\x49\x90\x02\x19\x00\x23\x80";
    assert_eq!(silence(STEREO_48), Some([b"\xaf\x01", &stereo[..]].concat()));
    assert_eq!(silence(b"\xaf\x00\x12\x10\x56\xe5\x00"), Some([b"\xaf\x01", &stereo[..]].concat()));
    assert_eq!(silence(b"\x90mp4a\x11\x90"), Some([b"\x91mp4a", &stereo[..]].concat()));
    assert_eq!(silence(b"\xae\x00\x11\x88").as_deref(), Some(&b"\xae\x01\x00\xc8\x00\x80\x23\x80"[..]));
    for other in [
        &b"\xaf\x00\x2b\x11\x88\x00"[..], // HE-AAC
        b"\xaf\x00\x13\x90",              // 22.05 kHz
        b"\xaf\x00\x11\xb0",              // 5.1
        b"\xaf\x00\x11\x94",              // frames of 960
        b"\xaf\x00\x11",
        b"\xaf\x00",
        b"\x90OpusOpusHead\x01\x02",
    ] {
        assert_eq!(silence(other), None, "{other:02x?}");
    }
}

#[test]
fn whoever_slept_makes_up_for_nothing_older_than_ten_seconds() {
    let stock = whole(100);
    let mut filler = Filler { still: stock.still(0, None, 9_000), silence: stock.silence(0) };
    let mut out = Vec::new();
    filler.fill(3_600_000, &mut out);
    assert_eq!(out.len(), 2);
    assert!(out.iter().all(|packet| packet.timestamp == 3_600_000));
}
