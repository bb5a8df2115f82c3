//! What is told of a stream from its headers, as ffmpeg (libx264, libx265, libsvtav1, libaom, libvpx, AAC, LAME, Opus) made
//! them. Whole payloads of FLV tags, in hexadecimal.

use proptest::prelude::*;
use telecast::domain::status::Profile;
use telecast::media::format;
use telecast::media::packet::{Kind, Role};
use telecast::media::tag::role;

const X264_BASELINE_1080: &str =
    "17000000000142c028ffe100196742c028da01e0089f970110000003001000000303c0f1832a01000468ce0fc8";
const X264_BASELINE_854X480: &str =
    "17000000000142c01fffe100196742c01fda0360f79bc044000003000400000300f03c60ca8001000468ce0fc8";
const X264_HIGH_640X360: &str = "17000000000164001effe1001a6764001eacd940a02ff970110000030001000003003c0f162d9601\
     000668ebe3cb22c0fdf8f800";
const X264_INTERLACED_422_10_BIT: &str = "1700000000017a001effe1001a677a001eb6cd940b424d808800000300080000030190f8\
     a14cb001000668fba3cb22c0fefafa00";
const X264_SECOND_TRACK: &str = "960061766331010164000dffe1001a6764000dacd941419f9f0110000003001000000303c0f14299\
     6001000668ebe3cb22c0fdf8f800";
const X264_HIGH_444_1365X767: &str = "170000000001f40020ffe1001b67f40020919b280ac0c3c6560220000003002000000641e30632c0";
/// Decoder configurations; a tag's head goes in front.
const X265_1280X718: &str = "0101600000009000000000005df000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003005d95\
     9809a10001002c42010101600000030090000003000003005da00280802d1f596566924caf016808000003000800000300f0\
     40a2000100074401c172b46240";
const X265_642X362_10_BIT: &str = "0102200000009000000000003ff000fcfdfafa00000f03a00001001840010c01ffff02200000030090000003000003003f95\
     9809a10001002c42010102200000030090000003000003003fa005120171c92365959a4932bc05a020000003002000000303\
     c1a2000100074401c172b46240";
const SVTAV1: &str = "906176303181010c000a0c0200000d6627fb3805f00080";
const AOM: &str = "906176303181010c000a0b0000000cc4ff6736be4010";
const VP9: &str = "9076703039010000000015820202020000";
const OPUS: &str = "904f7075734f707573486561640101380180bb0000000000";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Codec and size, of what must be a sequence header.
fn picture(hex: &str) -> (&'static str, u32, u32) {
    let payload = bytes(hex);
    assert_eq!(role(Kind::Video, &payload), Role::SequenceHeader, "{hex}");
    let info = format::video(&payload).unwrap();
    (info.codec, info.width, info.height)
}

fn profile(hex: &str) -> Option<Profile> {
    format::video(&bytes(hex)).unwrap().profile
}

fn sound(hex: &str) -> Option<(&'static str, u32, u8)> {
    format::audio(&bytes(hex)).map(|info| (info.codec, info.sample_rate, info.channels))
}

#[test]
fn h264s_profile_is_told_from_headers_of_real_encoders() {
    assert_eq!(profile(X264_BASELINE_1080), Some(Profile::Baseline));
    assert_eq!(profile(X264_HIGH_640X360), Some(Profile::High));
    assert_eq!(profile(X264_INTERLACED_422_10_BIT), Some(Profile::High422));
    assert_eq!(profile(&format!("1c00000000{X265_1280X718}")), None);
    assert_eq!(profile(SVTAV1), None);
}

#[test]
fn the_picture_is_told_from_headers_of_real_encoders() {
    assert_eq!(picture(X264_BASELINE_1080), ("H.264", 1920, 1080));
    assert_eq!(picture(X264_BASELINE_854X480), ("H.264", 854, 480));
    assert_eq!(picture(X264_HIGH_640X360), ("H.264", 640, 360));
    assert_eq!(picture(X264_INTERLACED_422_10_BIT), ("H.264", 720, 576));
    assert_eq!(picture(X264_HIGH_444_1365X767), ("H.264", 1365, 767));
    assert_eq!(picture(&X264_HIGH_640X360.replacen("1700000000", "9061766331", 1)), ("H.264", 640, 360));
    for head in ["1c00000000", "9068766331"] {
        assert_eq!(picture(&format!("{head}{X265_1280X718}")), ("HEVC", 1280, 718));
        assert_eq!(picture(&format!("{head}{X265_642X362_10_BIT}")), ("HEVC", 642, 362));
    }
    assert_eq!(picture(SVTAV1), ("AV1", 640, 360));
    assert_eq!(picture(&SVTAV1.replacen("9061763031", "1d00000000", 1)), ("AV1", 640, 360));
    assert_eq!(picture(AOM), ("AV1", 640, 360));
    assert_eq!(picture(VP9), ("VP9", 0, 0));
}

#[test]
fn a_header_that_cannot_be_read_still_tells_its_codec() {
    for len in 11..X264_HIGH_640X360.len() / 2 - 15 {
        assert_eq!(picture(&X264_HIGH_640X360[..2 * len]), ("H.264", 0, 0), "{len} bytes");
    }
    assert_eq!(picture("90687663310102"), ("HEVC", 0, 0));
    assert_eq!(picture("906176303181010c00"), ("AV1", 0, 0));
}

#[test]
fn the_sound_is_told_from_headers_of_real_encoders() {
    assert_eq!(sound("af00121056e500"), Some(("AAC", 44_100, 2)));
    assert_eq!(sound("af0011b056e500"), Some(("AAC", 48_000, 6)));
    assert_eq!(sound("af00140856e500"), Some(("AAC", 16_000, 1)));
    assert_eq!(sound("906d703461121056e500"), Some(("AAC", 44_100, 2)));
    assert_eq!(sound("af002b0988"), Some(("AAC", 48_000, 1)), "explicit SBR: 24 kHz doubled");
    assert_eq!(sound("af00eb0988"), Some(("AAC", 48_000, 2)), "explicit SBR and PS");
    assert_eq!(sound(OPUS), Some(("Opus", 48_000, 1)));
    assert_eq!(sound("2ffffb90640000026b"), Some(("MP3", 44_100, 2)));
    assert_eq!(sound("2efffb54c40000091c"), Some(("MP3", 48_000, 1)));
    assert_eq!(sound("af01de02004c"), None, "a frame of AAC tells nothing");
    assert_eq!(sound("914f707573f87249"), None, "nor does one of Opus");
}

#[test]
fn roles_are_those_of_the_specifications() {
    let video = [
        ("17010000430000", Role::Keyframe),
        ("27010000430000", Role::Frame),
        ("1702000000", Role::Frame),     // end of sequence
        ("57010000000000", Role::Frame), // command
        ("5700", Role::Frame),
        ("1c010000000000", Role::Keyframe), // HEVC by its old number
        ("14aabb", Role::Keyframe),         // VP6
        ("24aabb", Role::Frame),
        ("9168766331000043aa", Role::Keyframe), // CodedFrames
        ("9368766331aa", Role::Keyframe),       // CodedFramesX
        ("a368766331aa", Role::Frame),
        ("9268766331", Role::Frame),                  // SequenceEnd
        ("d46876633102000963", Role::Detail),         // colorInfo, by ffmpeg
        ("8468766331020009", Role::Detail),           // and by OBS
        ("d06876633100", Role::Frame),                // a command, whatever its packet type
        ("9061763031", Role::Frame),                  // libaom begins with a header that has nothing in it
        ("956176303147", Role::SequenceHeader),       // MPEG2TSSequenceStart
        ("970201020301617663310102", Role::Keyframe), // ModEx of 3 bytes, then CodedFrames
        ("97ff00000001617663310102", Role::Keyframe), // ModEx that tells its size in 16 bits
        ("97020102030161766331", Role::Keyframe),
        (X264_SECOND_TRACK, Role::ExtraHeader),
        ("960161766331010000430000", Role::Extra),  // another track's keyframe
        ("9601617663310000004300", Role::Keyframe), // OneTrack, track 0
        ("961161766331000000020102", Role::Keyframe), // ManyTracks, track 0 first
    ];
    for (hex, expected) in video {
        assert_eq!(role(Kind::Video, &bytes(hex)), expected, "{hex}");
    }
    // Each of one byte.
    let many = |count: usize| format!("97{}000001617663310102", "000007".repeat(count - 1));
    let chains = [1, 16, 17, 10_000].map(|count| role(Kind::Video, &bytes(&many(count))));
    assert_eq!(chains, [Role::Keyframe, Role::Keyframe, Role::Frame, Role::Frame], "none is read without end");
    let audio = [
        ("af00121056e500", Role::SequenceHeader),
        ("af00", Role::Frame),
        ("af01de02", Role::Frame),
        ("2ffffb9064", Role::Frame),
        (OPUS, Role::SequenceHeader),
        ("914f707573f8", Role::Frame),
        ("944f707573010100000004", Role::Detail),  // MultichannelConfig
        ("9500664c6143010400", Role::ExtraHeader), // another track's header
        ("9500664c6143000400", Role::SequenceHeader),
    ];
    for (hex, expected) in audio {
        assert_eq!(role(Kind::Audio, &bytes(hex)), expected, "{hex}");
    }
}

#[test]
fn metadata_is_told_with_and_without_set_data_frame() {
    let bare = b"\x02\x00\x0aonMetaData\x08\x00\x00\x00\x00\x00\x00\x09";
    let set = [b"\x02\x00\x0d@setDataFrame", &bare[..]].concat();
    assert_eq!(role(Kind::Data, bare), Role::Metadata);
    assert_eq!(role(Kind::Data, &set), Role::Metadata);
    for other in [&b""[..], &set[..16], &set[..20], b"\x02\x00\x0aonTextData", b"\x02\x00\x0bonMetaDataX"] {
        assert_eq!(role(Kind::Data, other), Role::Frame);
    }
}

/// Any bytes, or a real header that was damaged or cut.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let hevc = [X265_1280X718, X265_642X362_10_BIT].map(|config| bytes(&format!("1c00000000{config}")));
    let real = [X264_BASELINE_1080, X264_HIGH_640X360, X264_INTERLACED_422_10_BIT, X264_SECOND_TRACK, SVTAV1, OPUS];
    let real: Vec<_> = real.into_iter().map(bytes).chain(hevc).collect();
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..10);
    let damaged = (prop::sample::select(real), damage, any::<prop::sample::Index>());
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (0x90_u8..0xa0, prop::collection::vec(0_u8..8, 0..20)).prop_map(|(head, rest)| [vec![head], rest].concat()),
        4 => damaged.prop_map(|(mut payload, damage, cut)| {
            for (at, byte) in damage {
                let at = at.index(payload.len());
                payload[at] = byte;
            }
            let rest = payload.split_off(cut.index(payload.len()));
            if rest.len() % 2 == 0 { [payload, rest].concat() } else { payload }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_payload_has_a_role_and_no_payload_panics(payload in payload()) {
        for kind in [Kind::Audio, Kind::Video, Kind::Data] {
            role(kind, &payload);
        }
        if role(Kind::Video, &payload) == Role::Keyframe {
            prop_assert_eq!(format::video(&payload), None);
        }
        format::video(&payload);
        format::audio(&payload);
    }
}
