//! What the crew promises.

use super::*;

fn handed(log: &mut Log) -> Vec<Packet> {
    log.hand().map(|handed| std::mem::take(handed.packets)).unwrap_or_default()
}

proptest! {
    /// A reader that is enlisted and dismissed at whatever moments is sent, and counts, what one that goes alone is.
    #[test]
    fn the_crew_reads_for_its_members_as_they_would(steps in prop::collection::vec((0_u8..5, 0_u8..4), 1..60)) {
        let (mut log, now) = (Log::default(), Instant::now());
        log.append(now, headers());
        log.append(now, [key(0)]);
        let alone = log.join();
        let mut sent = taken(&mut log, alone, now);
        // Both were there at its beginning, and each has got the same.
        let mut members: Vec<_> = (0..2).map(|_| (log.join(), None)).collect();
        let mut got: Vec<_> = members.iter().map(|(reader, _)| taken(&mut log, *reader, now)).collect();
        for (time, (kind, deed)) in (1..).map(|step| step * 20).zip(steps) {
            match kind {
                0 => log.append(now, [key(time)]),
                1 => log.append(now, [frame(time)]),
                2 => log.append(now, [audio(time), frame(time)]),
                3 => log.append(now, [header(Kind::Video, time, 40), key(time)]),
                // Clocks step back.
                _ => log.append(now, [audio(time - 20)]),
            }
            sent.extend(taken(&mut log, alone, now));
            let together = handed(&mut log);
            for ((reader, place), got) in members.iter_mut().zip(&mut got) {
                match place {
                    Some(_) => got.extend(together.clone()),
                    None => got.extend(taken(&mut log, *reader, now)),
                }
            }
            if let Some((reader, place)) = members.get_mut(usize::from(deed)) {
                *place = match place.take() {
                    None => Some(log.enlist(*reader).expect("it has taken everything")),
                    Some(place) => {
                        log.dismiss(*reader, place);
                        None
                    }
                };
            }
            if members.iter().all(|(_, place)| place.is_none()) {
                log.disband();
            }
        }
        let ledger = log.take(alone, now, usize::MAX, &mut sent).ledger;
        for ((reader, place), mut got) in members.into_iter().zip(got) {
            if let Some(place) = place {
                log.dismiss(reader, place);
            }
            prop_assert_eq!(log.take(reader, now, usize::MAX, &mut got).ledger, ledger);
            prop_assert_eq!(&got, &sent);
        }
    }
}

/// What a publisher sends before its first keyframe is counted and never held: nobody is woken for it, so that a reader may
/// come to the crew before it has counted it.
#[test]
fn what_was_passed_over_before_a_reader_enlists_is_in_its_ledger() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [key(0)]);
    let (first, second) = (log.join(), log.join());
    taken(&mut log, first, now);
    taken(&mut log, second, now);
    let mut places = vec![(first, log.enlist(first).unwrap())];
    log.begin_source();
    log.append(now, [frame(20)]);
    handed(&mut log);
    assert!(log.enlist(second).is_none(), "it has not counted the frame");
    taken(&mut log, second, now);
    places.push((second, log.enlist(second).unwrap()));
    log.append(now, [frame(40)]);
    handed(&mut log);
    for (reader, place) in places {
        let Ledger { entered, sent, dropped, queued, .. } = log.dismiss(reader, place);
        assert_eq!((entered.frames, sent.frames, dropped.frames, queued.frames), (3, 1, 2, 0), "{reader}");
    }
}

/// The crew is handed what came before another codec, though that came in the same read; what follows is for new connections.
#[test]
fn where_another_codec_begins_each_goes_on_alone() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(
        now,
        [coded(Kind::Video, 0, AVC_HEADER), coded(Kind::Audio, 0, AAC_HEADER), coded(Kind::Video, 0, AVC_KEY)],
    );
    let reader = log.join();
    taken(&mut log, reader, now);
    let place = log.enlist(reader).unwrap();
    log.append(
        now,
        [coded(Kind::Audio, 40, AAC), coded(Kind::Video, 40, HEVC_HEADER), coded(Kind::Video, 40, HEVC_KEY)],
    );
    let Handed { packets, sent, ended, .. } = log.hand().unwrap();
    assert_eq!((shape(packets).as_str(), sent.frames, ended), ("a", 1, true));
    log.dismiss(reader, place);
    log.disband();
    let mut out = Vec::new();
    assert!(log.take(reader, now, usize::MAX, &mut out).ended && out.is_empty(), "{out:?}");
    let follower = log.follow(reader);
    assert_eq!(shape(&taken(&mut log, follower, now)), "VAK");
}
