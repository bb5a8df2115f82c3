//! Where payloads lie while somebody lags.

use super::*;

/// A GOP of so many frames, each filled with its number.
fn gop(from: u32, frames: u32) -> Vec<Packet> {
    let frame = |number: u32| {
        let role = if number == from { Role::Keyframe } else { Role::Frame };
        Packet { payload: vec![number as u8; 10_000].into(), ..packet(Kind::Video, role, number * 40, 0) }
    };
    (from..from + frames).map(frame).collect()
}

/// Where the payloads lie: in how many places, each filled without a gap.
fn places(packets: &[Packet]) -> usize {
    packets.chunk_by(|a, b| a.payload.as_ptr_range().end == b.payload.as_ptr()).count()
}

fn held(log: &Log) -> Vec<Packet> {
    log.entries.iter().map(|entry| entry.packet.clone()).collect()
}

/// Sent one by one, 40 ms apart.
fn send(log: &mut Log, start: Instant, packets: Vec<Packet>) -> Instant {
    let at = |packet: &Packet| start + Duration::from_millis(packet.timestamp.into());
    let last = packets.last().map_or(start, at);
    packets.into_iter().for_each(|packet| log.append(at(&packet), [packet]));
    last
}

#[test]
fn what_a_laggard_has_yet_to_take_lies_together_but_for_the_last_moment_and_is_what_came() {
    let (mut log, start) = (Log::default(), Instant::now());
    let reader = log.join();
    send(&mut log, start, gop(0, 1));
    assert_eq!(taken(&mut log, reader, start).len(), 1);
    let came: Vec<_> = [1, 76, 151].into_iter().flat_map(|from| gop(from, 75)).collect();
    send(&mut log, start, came.clone());
    let out = held(&log);
    assert_eq!(out, came[..]);
    // All but the last second is 199 packets.
    assert_eq!(places(&out[..189]), 7, "27 packets in each");
    assert_eq!(places(&out[199..]), out.len() - 199);
}

#[test]
fn small_packets_are_not_looked_at_again_and_again() {
    let (mut log, start) = (Log::default(), Instant::now());
    let reader = log.join();
    send(&mut log, start, gop(0, 1));
    assert_eq!(taken(&mut log, reader, start).len(), 1);
    let sound = (41..6_000).map(|t| packet(Kind::Audio, Role::Frame, t, 10));
    send(&mut log, start, gop(1, 1).into_iter().chain(sound).chain(gop(150, 1)).collect());
    assert!(log.shelved > log.end() - 1_000 - 1_100, "{} of {}", log.shelved, log.end());
}

#[test]
fn what_is_only_a_moment_old_stays_where_it_is_however_much_it_is() {
    let (mut log, now) = (Log::default(), Instant::now());
    let reader = log.join();
    log.append(now, gop(0, 1));
    assert_eq!(taken(&mut log, reader, now).len(), 1);
    let packets: Vec<_> = [100, 200].into_iter().flat_map(|from| gop(from, 100)).collect();
    let places: Vec<_> = packets.iter().map(|p| p.payload.as_ptr()).collect();
    log.append(now, packets);
    assert_eq!(taken(&mut log, reader, now).iter().map(|p| p.payload.as_ptr()).collect::<Vec<_>>(), places);
}

#[test]
fn while_everybody_keeps_up_payloads_stay_where_they_are() {
    let (mut log, start) = (Log::default(), Instant::now());
    let reader = log.join();
    let mut all = [0, 75, 150, 225].into_iter().flat_map(|from| gop(from, 75));
    send(&mut log, start, all.by_ref().take(2).collect());
    for packet in all {
        // One, so that one is left.
        log.take(reader, start, 0, &mut Vec::new());
        send(&mut log, start, vec![packet]);
        assert_eq!(places(&held(&log)), log.entries.len(), "none was moved");
    }
}
