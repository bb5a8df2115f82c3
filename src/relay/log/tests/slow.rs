//! A reader that is too slow.

use super::*;

#[test]
fn a_slow_reader_loses_video_to_the_newest_keyframe_and_old_sound_and_nothing_else() {
    let (mut log, start) = (Log::default(), Instant::now());
    log.append(start, headers());
    log.append(start, [key(0)]);
    let (slow, quick) = (log.join(), log.join());
    assert_eq!(shape(&taken(&mut log, slow, start)), "mVAK");
    let mut seen = taken(&mut log, quick, start).len() - 3;
    for second in 1..=7_u32 {
        let now = start + Duration::from_secs(second.into());
        let mut packets = vec![frame(second * 1000), audio(second * 1000 + 1)];
        if second == 2 {
            packets.insert(0, header(Kind::Video, 2000, 50));
        }
        if second % 2 == 0 {
            packets.push(key(second * 1000 + 2));
        }
        seen += packets.iter().filter(|p| !p.role.is_header()).count();
        log.append(now, packets);
        taken(&mut log, quick, now);
    }
    let now = start + Duration::from_secs(7);
    let mut out = Vec::new();
    let took = log.take(slow, now, usize::MAX, &mut out);
    assert!(took.overflowed && took.behind, "told, though its picture goes on already");
    assert_eq!(shape(&out), "VaaaaKva", "sound younger than 4 s, the header, the newest keyframe");
    let Ledger { entered, sent, dropped, queued, .. } = took.ledger;
    assert_eq!((entered.frames as usize, sent.frames, queued.frames), (seen, 8, 0));
    assert_eq!(entered.frames, sent.frames + dropped.frames);
    assert_eq!(log.take(quick, now, usize::MAX, &mut Vec::new()).ledger.dropped.frames, 0);
}

#[test]
fn a_slow_reader_is_behind_until_its_picture_goes_on_and_where_there_is_none_until_sound_comes_in_time() {
    let (mut log, start) = (Log::default(), Instant::now());
    let at = |second: u64| start + Duration::from_secs(second);
    let behind = |log: &mut Log, reader, second| log.take(reader, at(second), usize::MAX, &mut Vec::new()).behind;
    log.append(start, headers());
    log.append(start, [key(0)]);
    let reader = log.join();
    assert!(!behind(&mut log, reader, 0));
    log.append(start, [frame(40), audio(41)]);
    // Too late for these, and in time for everything that follows.
    let told = (5..13).map(|second| {
        let time = second as u32 * 1000;
        log.append(at(second), if second == 11 { vec![key(time)] } else { vec![frame(time), audio(time)] });
        behind(&mut log, reader, second)
    });
    assert_eq!(told.collect::<Vec<_>>(), [true, true, true, true, true, true, true, false]);

    let mut log = Log::default();
    log.append(start, [header(Kind::Audio, 0, 4), audio(0)]);
    let reader = log.join();
    log.append(start, [audio(20)]);
    assert!(behind(&mut log, reader, 5), "there is no picture whose loss would tell");
    log.append(at(5), [audio(5_000)]);
    assert!(!behind(&mut log, reader, 5));

    // Another encoder, without a picture, behind one that had it.
    let mut log = Log::default();
    log.append(start, headers());
    log.append(start, [key(0)]);
    let reader = log.join();
    behind(&mut log, reader, 0);
    log.begin_source();
    log.append(start, [audio(20)]);
    assert!(behind(&mut log, reader, 5));
    log.append(at(20), [audio(20_000)]);
    assert!(!behind(&mut log, reader, 20), "the keyframe is long gone");
}

#[test]
fn a_reader_that_was_left_behind_gets_new_headers_again_before_the_keyframe_that_needs_them() {
    let (mut log, start) = (Log::default(), Instant::now());
    log.append(start, headers());
    log.append(start, [key(0)]);
    let reader = log.join();
    taken(&mut log, reader, start);
    log.append(start, [header(Kind::Video, 10, 60), frame(20)]);
    let later = start + Duration::from_secs(20);
    log.append(later, [key(20_000), frame(20_040)]);
    let out = taken(&mut log, reader, later);
    assert_eq!((shape(&out).as_str(), out[0].payload.len()), ("VKv", 60));
    assert!(out[0].timestamp >= 20_000, "never back in time");
}

#[test]
fn where_memory_is_short_a_reader_that_keeps_up_gets_keyframes_larger_than_what_may_be_held() {
    let (mut log, start) = (Log::default(), Instant::now());
    log.append(start, headers());
    log.append(start, [key(0)]);
    let reader = log.join();
    taken(&mut log, reader, start);
    log.bound(1000);
    let (mut got, mut most) = (String::new(), 0);
    for second in 1..=4_u32 {
        let now = start + Duration::from_secs(second.into());
        log.append(now, [packet(Kind::Video, Role::Keyframe, second * 1000, 50_000), frame(second * 1000 + 40)]);
        got += &shape(&taken(&mut log, reader, now));
        most = most.max(log.bytes);
    }
    assert_eq!(got, "KvKvKvKv");
    assert!(most < 2 * 60_000, "{most}: of what is older than a second nothing is held");
}
