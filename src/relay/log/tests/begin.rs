//! What a reader begins with that joins where no keyframe is at hand.

use super::*;

#[test]
fn who_joins_before_a_keyframe_begins_with_what_was_in_force_there_and_not_with_what_came_behind_it() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    let reader = log.join();
    log.append(now, [key(0), header(Kind::Video, 40, 41)]);
    let sent = taken(&mut log, reader, now);
    assert_eq!(shape(&sent), "mVAKV");
    assert_eq!((sent[1].payload.len(), sent[4].payload.len()), (40, 41));
    // The same where all of it came behind the reader, and where there is no keyframe yet.
    for (rest, gets, size) in [(vec![key(0), header(Kind::Video, 40, 41)], "mVAKV", 40), (vec![], "mVA", 41)] {
        let (mut log, now) = (Log::default(), Instant::now());
        let reader = log.join();
        log.append(now, headers());
        if rest.is_empty() {
            log.append(now, [header(Kind::Video, 40, 41)]);
        }
        log.append(now, rest);
        let sent = taken(&mut log, reader, now);
        assert_eq!((shape(&sent).as_str(), sent[1].payload.len()), (gets, size));
    }
}
