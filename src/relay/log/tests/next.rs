//! What becomes of a GOP once the next keyframe has begun to come.

use super::*;

#[test]
fn what_all_have_taken_goes_when_the_next_keyframe_begins_to_come_and_a_late_joiner_begins_with_that() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    let (early, behind) = (log.join(), log.join());
    log.append(now, [key(0), frame(40), audio(41)]);
    taken(&mut log, early, now);
    log.await_keyframe(now);
    let late = log.join();
    assert_eq!(shape(&taken(&mut log, behind, now)), "mVAKva", "who has not taken it still gets it");
    log.append(now, [audio(62)]);
    assert_eq!(log.entries.len(), 1, "what nobody needs is let go of");
    log.append(now, [key(80), frame(120)]);
    for (reader, gets) in [(early, "aKv"), (behind, "aKv"), (late, "mVAaKv")] {
        assert_eq!(shape(&taken(&mut log, reader, now)), gets);
    }
}

#[test]
fn the_last_picture_shown_is_known_when_its_gop_is_gone() {
    let (mut log, now) = (Log::default(), Instant::now());
    let picture = |role, timestamp, later: u8| {
        let head = if role == Role::Keyframe { 0x17 } else { 0x27 };
        Packet { payload: vec![head, 1, 0, 0, later].into(), ..packet(Kind::Video, role, timestamp, 0) }
    };
    let frames = [picture(Role::Keyframe, 0, 40), picture(Role::Frame, 40, 120), picture(Role::Frame, 80, 0)];
    log.append(now, frames);
    log.await_keyframe(now);
    assert_eq!((log.entries.len(), log.shown()), (0, Some(160)));
    log.append(now, [picture(Role::Keyframe, 120, 0)]);
    assert_eq!(log.shown(), Some(120), "what was shown before a keyframe is of no concern");
}

#[test]
fn who_lags_goes_on_also_where_every_frame_is_a_keyframe_and_the_next_has_always_begun() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    let reader = log.join();
    for at in [0, 40, 80] {
        log.append(now, [key(at)]);
        log.await_keyframe(now);
        assert_eq!(shape(&taken(&mut log, reader, now)), if at == 0 { "mVAK" } else { "K" });
    }
}
