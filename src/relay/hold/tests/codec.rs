//! An absence behind a change of codec.

use super::*;

#[test]
fn no_silence_in_another_codec_follows_sound_that_has_no_header() {
    let mut studio = Studio::new(IDR);
    studio.play(0, 1_000);
    studio.lose();
    studio.wait(500);
    // A camera with MP3 takes over.
    studio.source = studio.fanout.begin_source();
    for at in (0..2_000).step_by(READ as usize) {
        let sound = Bytes::from_static(b"\x2f\xff\xfb\x90\x64");
        studio.send(vec![Packet { kind: Kind::Audio, role: Role::Frame, timestamp: at, payload: sound }]);
        studio.wait(READ);
    }
    let gone = studio.got.len();
    studio.target.follow();
    studio.lose();
    studio.wait(2_000);
    let silence = studio.of(Kind::Audio, gone).into_iter().filter(|sound| sound.payload[0] == 0xaf).count();
    assert_eq!(silence, 0, "AAC among MP3");
}
