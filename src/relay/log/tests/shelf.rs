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

#[test]
fn what_a_laggard_has_yet_to_take_lies_in_one_place_and_is_what_came() {
    let (mut log, now) = (Log::default(), Instant::now());
    let reader = log.join();
    log.append(now, gop(0, 1));
    assert_eq!(taken(&mut log, reader, now).len(), 1);
    let came = || [100, 200, 300].into_iter().flat_map(|from| gop(from, 100));
    for packet in came() {
        let now = now + Duration::from_millis(packet.timestamp.into()) / 5;
        log.append(now, [packet]);
    }
    let out = taken(&mut log, reader, now);
    assert_eq!(out, came().collect::<Vec<_>>());
    for old in [&out[..100], &out[100..200]] {
        assert!(old.windows(2).all(|two| two[0].payload.as_ptr_range().end == two[1].payload.as_ptr()));
    }
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
    let (mut log, now) = (Log::default(), Instant::now());
    let reader = log.join();
    for from in [0, 100, 200] {
        let packets = gop(from, 100);
        let places: Vec<_> = packets.iter().map(|p| p.payload.as_ptr()).collect();
        log.append(now, packets);
        assert_eq!(taken(&mut log, reader, now).iter().map(|p| p.payload.as_ptr()).collect::<Vec<_>>(), places);
    }
}
