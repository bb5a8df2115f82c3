//! What stands beside sequence headers, and how much is kept of them all.

use super::*;
use crate::relay::log::headers::Headers;

/// As OBS sends it, and as ffmpeg does.
const COLOURS: &[u8] = b"\x84hvc1\x02\0\x09colorInfo";
const COLOURS_AGAIN: &[u8] = b"\xd4hvc1\x02\0\x09colorInfo";
const HEADER: &[u8] = b"\x90hvc1\x01";
const KEY: &[u8] = b"\x93hvc1\x01";
const SURROUND: &[u8] = b"\x94mp4a\x01\x06";

fn roles(packets: &[Packet]) -> Vec<(Kind, Role)> {
    packets.iter().map(|packet| (packet.kind, packet.role)).collect()
}

#[test]
fn colours_and_the_order_of_channels_are_on_every_connection_and_not_on_the_next_encoders() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.begin_source();
    let early = log.join();
    let picture = |payload| coded(Kind::Video, 0, payload);
    log.append(now, [coded(Kind::Audio, 0, SURROUND), picture(COLOURS), picture(HEADER), picture(KEY)]);
    let late = log.join();
    let (colours, channels) = ((Kind::Video, Role::Detail), (Kind::Audio, Role::Detail));
    let (header, key) = ((Kind::Video, Role::SequenceHeader), (Kind::Video, Role::Keyframe));
    for reader in [early, late] {
        assert_eq!(roles(&taken(&mut log, reader, now)), [colours, header, channels, key]);
    }
    assert_eq!(log.take(early, now, 1, &mut Vec::new()).ledger.dropped, Count::default());
    log.append(now, [picture(COLOURS_AGAIN), picture(KEY)]);
    assert_eq!(roles(&taken(&mut log, early, now)), [colours, key]);

    log.begin_source();
    log.append(now, [picture(HEADER), picture(KEY)]);
    let next = log.join();
    assert_eq!(roles(&taken(&mut log, next, now)), [header, key]);
}

#[test]
fn colours_that_come_before_the_header_of_another_codec_go_with_it_and_those_of_the_old_one_go() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, [coded(Kind::Video, 0, AVC_HEADER), coded(Kind::Video, 0, AVC_KEY)]);
    log.begin_source();
    log.append(now, [COLOURS, HEADER, KEY].map(|payload| coded(Kind::Video, 0, payload)));
    let late = log.join();
    let roles = |packets: Vec<Packet>| packets.into_iter().map(|packet| packet.role).collect::<Vec<_>>();
    assert_eq!(roles(taken(&mut log, late, now)), [Role::Detail, Role::SequenceHeader, Role::Keyframe]);
    log.append(now, [AVC_HEADER, AVC_KEY].map(|payload| coded(Kind::Video, 0, payload)));
    let next = log.join();
    assert_eq!(roles(taken(&mut log, next, now)), [Role::SequenceHeader, Role::Keyframe]);
}

#[test]
fn however_many_headers_follow_each_other_what_they_take_is_counted() {
    let (mut log, now) = (Log::default(), Instant::now());
    let _nobody_takes_anything = log.join();
    for track in 1..=16_u8 {
        let payload = [b"\x95\x00mp4a", &[track, 1][..]].concat();
        let role = crate::media::tag::role(Kind::Audio, &payload);
        assert_eq!(role, Role::ExtraHeader);
        log.append(now, [Packet { kind: Kind::Audio, role, timestamp: 0, payload: payload.into() }]);
    }
    log.append(now, [key(0)]);
    for _ in 0..100_000 {
        log.append(now, [coded(Kind::Audio, 0, AAC_HEADER)]);
    }
    let each = size_of::<Entry>() + size_of::<Headers>();
    assert!(log.entries.len() > 10_000 && log.entries.len() * each <= MAX_BYTES, "{}", log.entries.len());
    // Nor do keyframes that change the codec each time.
    let mut log = Log::default();
    let _nobody_takes_anything = log.join();
    for number in 0..50_000 {
        log.append(now, [coded(Kind::Video, 0, if number % 2 == 0 { AVC_KEY } else { HEVC_KEY })]);
    }
    assert!(log.entries.len() * each <= MAX_BYTES, "{}", log.entries.len());
}

#[test]
fn a_header_of_absurd_length_is_sent_on_once_and_not_kept_for_those_who_come_later() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [key(0)]);
    let early = log.join();
    taken(&mut log, early, now);
    log.append(now, [header(Kind::Data, 40, 2 << 20), key(80)]);
    let long = |packets: Vec<Packet>| packets.iter().filter(|packet| packet.payload.len() == 2 << 20).count();
    let late = log.join();
    assert_eq!((long(taken(&mut log, early, now)), long(taken(&mut log, late, now))), (1, 0));
}
