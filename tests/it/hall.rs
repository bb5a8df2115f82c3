//! One film for all who watch a studio: what each is given, whatever comes, and however slow they are.

use bytes::Bytes;
use futures_util::FutureExt as _;
use std::sync::Arc;
use telecast::demo::clip::Clip;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::service::watch::{Air, Hall, Watcher};

/// So many packets of the demo's clip, headers first. A group of pictures is a second of it.
fn packets(count: usize) -> Vec<Packet> {
    Arc::new(Clip::builtin().unwrap()).play().take(count).map(|(_, packet)| packet).collect()
}

fn live() -> Arc<Hall> {
    let hall = Arc::<Hall>::default();
    hall.set_air(Air::Live);
    hall
}

/// What lies ready for one who watches, or has been sent since.
fn heard(watcher: &mut Watcher) -> Vec<Bytes> {
    std::iter::from_fn(|| watcher.next().now_or_never().flatten()).collect()
}

fn kinds(parts: &[Bytes]) -> String {
    parts.iter().map(|part| char::from(part[0])).collect()
}

/// Of a film: the media type, and the bytes behind it.
fn films(parts: &[Bytes]) -> Vec<(String, Vec<u8>)> {
    let mut films: Vec<(String, Vec<u8>)> = Vec::new();
    for part in parts {
        let len = u32::from_be_bytes(part[1..5].try_into().unwrap()) as usize;
        assert_eq!(part.len(), 5 + len);
        match part[0] {
            b'f' => films.push((String::from_utf8(part[5..].to_vec()).unwrap(), Vec::new())),
            b'd' => films.last_mut().unwrap().1.extend_from_slice(&part[5..]),
            _ => {}
        }
    }
    films
}

#[test]
fn who_comes_late_begins_with_the_head_and_the_newest_keyframe() {
    let (hall, all) = (live(), packets(400));
    let mut first = hall.enter(2, None).unwrap();
    all.chunks(50).for_each(|some| hall.show(some));
    let mut late = hall.enter(2, None).unwrap();
    assert!(hall.enter(2, None).is_none(), "there is room for two");
    let (whole, part) = (heard(&mut first), heard(&mut late));
    assert!(kinds(&part).starts_with("sfdd"), "{}", kinds(&part));
    let (whole, part) = (films(&whole), films(&part));
    assert_eq!((whole.len(), part.len()), (1, 1));
    assert!(part[0].1.len() < whole[0].1.len() / 2 && part[0].0 == whole[0].0);
}

#[test]
fn another_header_begins_another_film_and_the_same_one_said_again_does_not() {
    let (hall, mut all) = (live(), packets(300));
    let mut watcher = hall.enter(1, None).unwrap();
    hall.show(&all);
    all.iter_mut().for_each(|packet| packet.timestamp += 10_000);
    hall.show(&all);
    assert_eq!(films(&heard(&mut watcher)).len(), 1);
    // Another level in the picture's header: another picture.
    let header = all.iter_mut().find(|packet| packet.kind == Kind::Video && packet.role == Role::SequenceHeader);
    let header = header.unwrap();
    let mut payload = header.payload.to_vec();
    payload[8] += 1;
    header.payload = payload.into();
    hall.show(&all);
    let parts = heard(&mut watcher);
    let films = films(&parts[parts.iter().position(|part| part[0] == b'f').unwrap()..]);
    assert_eq!(films.len(), 1, "{}", kinds(&parts));
}

#[test]
fn a_film_waits_for_no_sound_that_does_not_come_and_has_it_when_it_does() {
    let (hall, all) = (live(), packets(1_500));
    let mut watcher = hall.enter(1, None).unwrap();
    let end = all.last().unwrap().timestamp;
    let sounds = |packet: &Packet| {
        let silence = (end / 4..end / 2).contains(&packet.timestamp) && packet.role == Role::Frame;
        packet.kind != Kind::Audio || !silence
    };
    let mut parts = Vec::new();
    for packet in all.iter().filter(|packet| sounds(packet)) {
        hall.show(std::slice::from_ref(packet));
        parts.extend(heard(&mut watcher));
    }
    let mimes = films(&parts).into_iter().map(|(mime, _)| mime.contains("mp4a")).collect::<Vec<_>>();
    assert_eq!(mimes, [true, false, true]);
}

#[test]
fn what_browsers_cannot_be_given_is_said() {
    let (hall, all) = (live(), packets(100));
    let strange = |packet: &Packet| match (packet.kind, packet.role) {
        (Kind::Video, Role::SequenceHeader) => {
            Packet { payload: Bytes::from_static(b"\x90vp08\x01"), ..packet.clone() }
        }
        _ => packet.clone(),
    };
    let mut watcher = hall.enter(1, None).unwrap();
    heard(&mut watcher);
    hall.show(&all.iter().map(strange).collect::<Vec<_>>());
    assert_eq!(hall.air(), Air::Codec);
    hall.say(false);
    assert_eq!(kinds(&heard(&mut watcher)), "s");
    hall.show(&all);
    assert_eq!(hall.air(), Air::Live);
}

#[test]
fn who_does_not_take_what_is_sent_costs_little_and_goes_on_with_the_newest_that_can_be_begun_with() {
    let (hall, all) = (live(), packets(3_000));
    let mut slow = hall.enter(2, None).unwrap();
    assert_eq!(kinds(&heard(&mut slow)), "s");
    let bytes: usize = all.iter().map(|packet| packet.payload.len()).sum();
    all.chunks(10).for_each(|some| hall.show(some));
    let parts = heard(&mut slow);
    let kept: usize = parts.iter().map(Bytes::len).sum();
    assert!(kept < bytes / 5, "{kept} of {bytes} bytes were kept for it");
    assert!(kinds(&parts).starts_with("fd"), "it has all that it needs: {}", kinds(&parts));
    // The same film goes on: its beginning is known.
    let later = |packet: &Packet| Packet { timestamp: packet.timestamp + 60_000, ..packet.clone() };
    all.iter().map(later).collect::<Vec<_>>().chunks(10).for_each(|some| hall.show(some));
    let parts = heard(&mut slow);
    assert!(!parts.is_empty() && kinds(&parts).chars().all(|kind| kind == 'd'), "{}", kinds(&parts));
}

#[test]
fn who_is_sent_away_hears_no_more_and_nobody_comes_in() {
    let (hall, all) = (live(), packets(300));
    let mut watcher = hall.enter(2, None).unwrap();
    hall.show(&all);
    hall.close();
    assert_eq!((heard(&mut watcher).len(), hall.watching()), (0, 1));
    assert!(hall.enter(2, None).is_none());
    drop(watcher);
    assert_eq!(hall.watching(), 0);
}
