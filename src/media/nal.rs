//! Whether a coded picture can be shown again and again: whether nothing before it is needed, and nothing behind it
//! looks further back. Only an H.264 IDR, a closed-GOP HEVC IDR and an AV1 key frame that is shown are so; a recovery
//! point, a CRA or BLA picture, and what cannot be read, are not.

use super::tag::{self, Codec};

/// H.264 table 7-1: slices, and an IDR's.
const AVC_SLICES: std::ops::RangeInclusive<u8> = 1..=5;
const AVC_IDR: u8 = 5;
/// H.265 table 7-1: slices, and those of an IDR without or with leading pictures that can be decoded.
const HEVC_SLICES: std::ops::RangeInclusive<u8> = 0..=31;
const HEVC_IDR: std::ops::RangeInclusive<u8> = 19..=20;
/// AV1 §6.2.2.
const OBU_FRAME_HEADER: u8 = 3;
const OBU_FRAME: u8 = 6;

/// See the module's head. `config` is the decoder's configuration, `picture` what the codec made of one picture.
pub(super) fn stands_alone(codec: Codec, config: &[u8], picture: &[u8]) -> bool {
    let known = match codec {
        Codec::Old(tag::AVC) => avc(config, picture),
        Codec::Old(tag::HEVC) => hevc(config, picture),
        Codec::Old(tag::AV1) => av1(picture),
        Codec::Old(_) => None,
        Codec::FourCc(name) => match &name {
            b"avc1" => avc(config, picture),
            b"hvc1" => hevc(config, picture),
            b"av01" => av1(picture),
            _ => None,
        },
    };
    known.unwrap_or(false)
}

/// ISO/IEC 14496-15 §5.3.3.1: lengthSizeMinusOne is in the fifth byte.
fn avc(config: &[u8], picture: &[u8]) -> Option<bool> {
    let kinds = kinds(picture, *config.get(4)?, |first| first & 0x1f)?;
    Some(all_are(kinds, AVC_SLICES, AVC_IDR..=AVC_IDR))
}

/// ISO/IEC 14496-15 §8.3.3.1: it is in the 22nd.
fn hevc(config: &[u8], picture: &[u8]) -> Option<bool> {
    let kinds = kinds(picture, *config.get(21)?, |first| first >> 1 & 0x3f)?;
    Some(all_are(kinds, HEVC_SLICES, HEVC_IDR))
}

/// Whether there are slices, and each is of a wanted kind.
fn all_are(kinds: Vec<u8>, slices: std::ops::RangeInclusive<u8>, wanted: std::ops::RangeInclusive<u8>) -> bool {
    let mut slices = kinds.into_iter().filter(|kind| slices.contains(kind)).peekable();
    slices.peek().is_some() && slices.all(|kind| wanted.contains(&kind))
}

/// The kinds of the NAL units in `picture`; see [`units`].
fn kinds(picture: &[u8], size: u8, kind: impl Fn(u8) -> u8) -> Option<Vec<u8>> {
    let mut kinds = Vec::new();
    units(picture, size, |first, _| kinds.push(kind(first)))?;
    Some(kinds)
}

/// The first byte and the length of each NAL unit in `picture`, each behind its length of `size & 3 + 1` bytes; `None` where
/// a length does not fit or a unit is empty.
fn units(picture: &[u8], size: u8, mut each: impl FnMut(u8, usize)) -> Option<()> {
    let size = usize::from(size & 3) + 1;
    let mut rest = picture;
    while !rest.is_empty() {
        let len = rest.get(..size)?.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        rest = &rest[size..];
        each(*rest.get(..len)?.first()?, len);
        rest = &rest[len..];
    }
    Some(())
}

/// How many bytes of a picture are not there only to fill it up: encoders that keep to a rate exactly add as much as is
/// missing (H.264 §7.3.2.7, H.265 §7.3.2.8). What cannot be read is all content.
pub(super) fn content(codec: Codec, config: &[u8], picture: &[u8]) -> usize {
    let without = |size: Option<&u8>, filler: fn(u8) -> bool| {
        let mut bytes = 0;
        units(picture, *size?, |first, len| bytes += if filler(first) { 0 } else { len })?;
        Some(bytes)
    };
    let known = match codec {
        Codec::Old(tag::AVC) | Codec::FourCc([b'a', b'v', b'c', b'1']) => {
            without(config.get(4), |first| first & 0x1f == 12)
        }
        Codec::Old(tag::HEVC) | Codec::FourCc([b'h', b'v', b'c', b'1']) => {
            without(config.get(21), |first| first >> 1 & 0x3f == 38)
        }
        _ => None,
    };
    known.unwrap_or(picture.len())
}

/// The first frame of a temporal unit (AV1 §5.3, §5.9.2): no older frame shown again, of type KEY_FRAME, and shown.
fn av1(unit: &[u8]) -> Option<bool> {
    let mut rest = unit;
    loop {
        let (&head, after) = rest.split_first()?;
        rest = if head & 4 != 0 { after.get(1..)? } else { after };
        let len = if head & 2 != 0 {
            let (len, after) = leb128(rest)?;
            rest = after;
            len
        } else {
            rest.len()
        };
        let body = rest.get(..len)?;
        if matches!(head >> 3 & 0x0f, OBU_FRAME | OBU_FRAME_HEADER) {
            // show_existing_frame 0, frame_type 00, show_frame 1.
            return Some(body.first()? >> 4 == 0b0001);
        }
        rest = &rest[len..];
    }
}

/// AV1 §4.10.5, of at most four bytes.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(size: usize, kinds: &[u8]) -> Vec<u8> {
        let unit = |kind: &u8| {
            let body = [*kind, 1, 2, 3, 4];
            [&(body.len() as u32).to_be_bytes()[4 - size..], &body].concat()
        };
        kinds.iter().flat_map(unit).collect()
    }

    #[test]
    fn an_idr_of_h264_stands_alone_and_a_recovery_point_does_not() {
        let config = |size: u8| [1, 0x64, 0, 0x1f, 0xfc | (size - 1), 0xe1];
        let known =
            |size: u8, kinds: &[u8]| stands_alone(Codec::FourCc(*b"avc1"), &config(size), &units(size.into(), kinds));
        for size in [1, 2, 4] {
            assert!(known(size, &[0x09, 0x67, 0x68, 0x06, 0x65, 0x65]), "delimiter, parameter sets, SEI, two slices");
            assert!(!known(size, &[0x06, 0x41]), "a recovery point");
            assert!(!known(size, &[0x65, 0x41]), "not all of it");
            assert!(!known(size, &[0x67, 0x68]), "no picture");
        }
        assert!(!stands_alone(Codec::Old(tag::AVC), &config(2), &units(4, &[0x65])), "lengths that do not fit");
        assert!(!stands_alone(Codec::Old(tag::AVC), &config(4)[..4], &units(4, &[0x65])), "a header cut short");
    }

    #[test]
    fn what_only_fills_a_picture_up_is_no_content() {
        let config = [1, 0x64, 0, 0x1f, 0xff, 0xe1];
        let picture = units(4, &[0x09, 0x0c, 0x41, 0x0c]);
        assert_eq!(content(Codec::FourCc(*b"avc1"), &config, &picture), 10);
        assert_eq!(content(Codec::FourCc(*b"avc1"), &config, &picture[1..]), 35, "what cannot be read");
        let mut config = [0; 23];
        config[21] = 3;
        assert_eq!(content(Codec::Old(tag::HEVC), &config, &units(4, &[1 << 1, 38 << 1])), 5);
        assert_eq!(content(Codec::FourCc(*b"av01"), &[], &[7; 9]), 9);
    }

    #[test]
    fn only_an_idr_of_hevc_stands_alone() {
        let mut config = [0; 23];
        config[21] = 3;
        for kind in 0..32_u8 {
            let alone = stands_alone(Codec::Old(tag::HEVC), &config, &units(4, &[32 << 1, 39 << 1, kind << 1]));
            assert_eq!(alone, matches!(kind, 19 | 20), "{kind}: CRA is 21, BLA 16 to 18");
        }
    }

    #[test]
    fn a_key_frame_of_av1_that_is_shown_stands_alone() {
        let unit = |first: u8| [0x12, 0x00, 0x0a, 0x02, 7, 7, 0x32, 0x03, first, 8, 8];
        let alone = |first| stands_alone(Codec::FourCc(*b"av01"), &[], &unit(first));
        assert!(alone(0x10));
        assert!(![0x00, 0x30, 0x50, 0x90].into_iter().any(alone), "hidden, inter, intra-only, shown again");
    }

    proptest! {
        /// Whatever bytes come: no panic, and no picture that is cut short stands alone.
        #[test]
        fn garbage_is_not_repeated(config in prop::collection::vec(any::<u8>(), 0..30), cut in 0_usize..9,
                                   bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for codec in [tag::AVC, tag::HEVC, tag::AV1] {
                stands_alone(Codec::Old(codec), &config, &bytes);
            }
            prop_assert!(!stands_alone(Codec::Old(tag::AVC), &[1, 0, 0, 0, 3], &units(4, &[0x65])[..cut]));
        }
    }
}
