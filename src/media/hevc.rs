//! The size of the picture in an HEVC decoder configuration (ISO/IEC 14496-15 §8.3.3.1, H.265 §7.3.2.2).

use super::bits::{Bits, unescape};

const SPS: u8 = 33;
/// Where the arrays of parameter sets begin.
const ARRAYS: usize = 22;
/// The longest SPS that is looked into, in bytes.
const LONGEST: usize = 1024;

/// Width and height in pixels, as they are shown.
pub(super) fn size(config: &[u8]) -> Option<(u32, u32)> {
    let unit = unescape(sps(config)?);
    let mut bits = Bits::new(&unit);
    bits.skip(16 + 4)?; // NAL unit header, sps_video_parameter_set_id
    let layers = bits.take(3)?;
    bits.skip(1)?;
    profile_tier_level(&mut bits, layers)?;
    bits.exp_golomb()?; // sps_seq_parameter_set_id
    let chroma = bits.exp_golomb()?;
    if chroma == 3 {
        bits.skip(1)?;
    }
    let coded = (bits.exp_golomb()?, bits.exp_golomb()?);
    bits.shown(coded, chroma, 1)
}

/// H.265 §7.3.3, with general_profile_tier_level present.
fn profile_tier_level(bits: &mut Bits<'_>, layers: u32) -> Option<()> {
    bits.skip(88 + 8)?;
    let mut below = 0;
    for _ in 0..layers {
        below += 88 * bits.take(1)? as usize;
        below += 8 * bits.take(1)? as usize;
    }
    if layers > 0 {
        bits.skip(2 * (8 - layers as usize))?;
    }
    bits.skip(below)
}

/// The first SPS.
fn sps(config: &[u8]) -> Option<&[u8]> {
    let (&arrays, mut rest) = config.get(ARRAYS..)?.split_first()?;
    for _ in 0..arrays {
        let &[kind, a, b] = rest.first_chunk()?;
        rest = &rest[3..];
        for _ in 0..u16::from_be_bytes([a, b]) {
            let len = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
            let unit = rest.get(2..2 + len)?;
            if kind & 0x3f == SPS {
                return Some(unit).filter(|unit| unit.len() <= LONGEST);
            }
            rest = &rest[2 + len..];
        }
    }
    None
}
