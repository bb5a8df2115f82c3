//! The size of the picture in an AVC decoder configuration (ISO/IEC 14496-15 §5.3.3.1, H.264 §7.3.2.1.1).

use super::bits::{Bits, unescape};

/// Where the number of SPS is.
const COUNT: usize = 5;
/// The longest SPS that is looked into, in bytes.
const LONGEST: usize = 1024;

/// Width and height in pixels, as they are shown.
pub(super) fn size(config: &[u8]) -> Option<(u32, u32)> {
    let unit = unescape(sps(config)?);
    let mut bits = Bits::new(&unit);
    bits.skip(8)?; // NAL unit header
    let profile = bits.take(8)?;
    bits.skip(8 + 8)?; // constraint flags, level_idc
    bits.exp_golomb()?; // seq_parameter_set_id
    let chroma = if HAS_CHROMA.contains(&profile) { chroma(&mut bits)? } else { 1 };
    bits.exp_golomb()?; // log2_max_frame_num_minus4
    order_count(&mut bits)?;
    bits.exp_golomb()?; // max_num_ref_frames
    bits.skip(1)?;
    let (columns, rows) = (bits.exp_golomb()? + 1, bits.exp_golomb()? + 1);
    let is_interlaced = bits.take(1)? == 0;
    if is_interlaced {
        bits.skip(1)?; // mb_adaptive_frame_field_flag
    }
    bits.skip(1)?;
    let fields = 1 + u32::from(is_interlaced);
    bits.shown((columns.checked_mul(16)?, rows.checked_mul(16 * fields)?), chroma, fields)
}

/// The first SPS.
fn sps(config: &[u8]) -> Option<&[u8]> {
    let (&count, rest) = config.get(COUNT..)?.split_first()?;
    let len = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
    rest.get(2..2 + len).filter(|_| count & 0x1f > 0 && len <= LONGEST)
}

/// The profiles whose SPS tells the format of chroma; all others are 4:2:0.
const HAS_CHROMA: [u32; 13] = [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244];

/// chroma_format_idc.
fn chroma(bits: &mut Bits<'_>) -> Option<u32> {
    let format = bits.exp_golomb()?;
    if format == 3 {
        bits.skip(1)?; // separate_colour_plane_flag
    }
    bits.exp_golomb()?; // bit_depth_luma_minus8
    bits.exp_golomb()?; // bit_depth_chroma_minus8
    bits.skip(1)?;
    if bits.take(1)? == 1 {
        for list in 0..if format == 3 { 12 } else { 8 } {
            if bits.take(1)? == 1 {
                scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(format)
}

/// §7.3.2.1.1.1: it ends early where the next scale is 0.
fn scaling_list(bits: &mut Bits<'_>, len: usize) -> Option<()> {
    let mut scale = 8_u8;
    for _ in 0..len {
        // Modulo 256, where only the parity of the code tells the sign (§9.1.1).
        let code = bits.exp_golomb()?;
        let delta = code.div_ceil(2) as u8;
        scale = if code % 2 == 1 { scale.wrapping_add(delta) } else { scale.wrapping_sub(delta) };
        if scale == 0 {
            break;
        }
    }
    Some(())
}

/// What tells the order in which pictures are shown.
fn order_count(bits: &mut Bits<'_>) -> Option<()> {
    match bits.exp_golomb()? {
        0 => bits.exp_golomb().map(drop), // log2_max_pic_order_cnt_lsb_minus4
        1 => {
            bits.skip(1)?;
            bits.exp_golomb()?; // offset_for_non_ref_pic
            bits.exp_golomb()?; // offset_for_top_to_bottom_field
            for _ in 0..bits.exp_golomb()? {
                bits.exp_golomb()?;
            }
            Some(())
        }
        _ => Some(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes a decoder configuration bit by bit.
    #[derive(Default)]
    struct Writer(Vec<bool>);

    impl Writer {
        fn put(&mut self, value: u32, count: u32) {
            self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        }

        fn exp_golomb(&mut self, value: u32) {
            let len = (value + 1).ilog2();
            self.put(0, len);
            self.put(value + 1, len + 1);
        }

        /// With the stop bit, and escaped.
        fn config(mut self) -> Vec<u8> {
            self.put(1, 1);
            let mut unit = Vec::new();
            for bits in self.0.chunks(8) {
                let byte = bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at));
                if byte < 4 && unit.ends_with(&[0, 0]) {
                    unit.push(3);
                }
                unit.push(byte);
            }
            [&[1, 100, 0, 31, 0xff, 0xe1][..], &(unit.len() as u16).to_be_bytes(), &unit].concat()
        }
    }

    proptest! {
        /// Whatever else stands in an SPS, the size is found behind it. `lists` of scales begin with as many steps of 1, and
        /// then end early.
        #[test]
        fn the_size_is_found(profile in prop::sample::select(vec![66, 77, 88, 100, 110, 122, 244]),
                             format in 0_u32..4, order in 0_u32..3,
                             lists in prop::option::of(prop::collection::vec(prop::option::of(0_usize..80), 12)),
                             others in prop::collection::vec(0_u32..70_000, 0..9), interlaced in any::<bool>(),
                             blocks in (0_u32..600, 0_u32..600), crop in prop::option::of((0_u32..4, 0_u32..4))) {
            let mut sps = Writer::default();
            sps.put(0x67, 8);
            sps.put(profile, 8);
            sps.put(31, 16);
            sps.exp_golomb(0);
            let format = if profile < 100 { 1 } else { format };
            if profile >= 100 {
                sps.exp_golomb(format);
                if format == 3 {
                    sps.put(1, 1);
                }
                sps.exp_golomb(2);
                sps.exp_golomb(2);
                sps.put(0, 1);
                sps.put(lists.is_some().into(), 1);
                let count = if format == 3 { 12 } else { 8 };
                for (at, list) in lists.iter().flatten().take(count).enumerate() {
                    sps.put(list.is_some().into(), 1);
                    let Some(steps) = *list else { continue };
                    let len = if at < 6 { 16 } else { 64 };
                    (0..steps.min(len)).for_each(|_| sps.exp_golomb(1));
                    if steps < len {
                        sps.exp_golomb(2 * (8 + steps as u32)); // down to 0
                    }
                }
            }
            sps.exp_golomb(4);
            sps.exp_golomb(order);
            match order {
                0 => sps.exp_golomb(2),
                1 => {
                    sps.put(0, 1);
                    sps.exp_golomb(7);
                    sps.exp_golomb(8);
                    sps.exp_golomb(others.len() as u32);
                    others.iter().for_each(|other| sps.exp_golomb(*other));
                }
                _ => {}
            }
            sps.exp_golomb(3);
            sps.put(0, 1);
            sps.exp_golomb(blocks.0);
            sps.exp_golomb(blocks.1);
            sps.put((!interlaced).into(), 1);
            if interlaced {
                sps.put(1, 1);
            }
            sps.put(1, 1);
            sps.put(crop.is_some().into(), 1);
            let mut shown = [(blocks.0 + 1) * 16, (blocks.1 + 1) * if interlaced { 32 } else { 16 }];
            if let Some((sides, ends)) = crop {
                for edge in [0, sides, ends, 0] {
                    sps.exp_golomb(edge);
                }
                shown[0] -= sides * if (1..3).contains(&format) { 2 } else { 1 };
                shown[1] -= ends * if format == 1 { 2 } else { 1 } * if interlaced { 2 } else { 1 };
            }
            prop_assert_eq!(size(&sps.config()), Some((shown[0], shown[1])));
        }

        #[test]
        fn garbage_is_no_panic(start in 0_usize..9, bytes in prop::collection::vec(any::<u8>(), 0..90)) {
            let high = [1, 100, 0, 31, 0xff, 0xe1, 0, 80, 0x67, 100, 0, 31];
            size(&[&high[..start], &bytes].concat());
            size(&[&high[..], &bytes].concat());
        }
    }
}
