//! The size of the picture in an AV1 decoder configuration (AV1 in ISOBMFF §2.3, AV1 bitstream §5.5).

use super::bits::Bits;

const SEQUENCE_HEADER: u8 = 1;
/// Where the OBUs begin.
const OBUS: usize = 4;

/// Width and height in pixels, at most.
pub(super) fn size(config: &[u8]) -> Option<(u32, u32)> {
    let mut bits = Bits::new(sequence_header(config.get(OBUS..)?)?);
    bits.skip(3 + 1)?; // seq_profile, still_picture
    if bits.take(1)? == 1 {
        bits.skip(5)?; // reduced_still_picture_header: only seq_level_idx
    } else {
        operating_points(&mut bits)?;
    }
    let (across, down) = (bits.take(4)? + 1, bits.take(4)? + 1);
    Some((bits.take(across)? + 1, bits.take(down)? + 1))
}

fn operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay = None;
    if bits.take(1)? == 1 {
        bits.skip(32 + 32)?; // timing_info
        if bits.take(1)? == 1 {
            bits.exp_golomb()?;
        }
        if bits.take(1)? == 1 {
            delay = Some(bits.take(5)? as usize + 1);
            bits.skip(32 + 5 + 5)?; // the rest of decoder_model_info
        }
    }
    let initial_delay = bits.take(1)? == 1;
    for _ in 0..=bits.take(5)? {
        bits.skip(12)?; // operating_point_idc
        if bits.take(5)? > 7 {
            bits.skip(1)?; // seq_tier
        }
        if let Some(delay) = delay
            && bits.take(1)? == 1
        {
            bits.skip(2 * delay + 1)?;
        }
        if initial_delay && bits.take(1)? == 1 {
            bits.skip(4)?;
        }
    }
    Some(())
}

/// The body of the first OBU, where it is a sequence header: the format wants it first.
fn sequence_header(obus: &[u8]) -> Option<&[u8]> {
    let (head, mut rest) = obus.split_first()?;
    if head >> 3 & 0x0f != SEQUENCE_HEADER {
        return None;
    }
    if head & 4 != 0 {
        rest = rest.get(1..)?;
    }
    if head & 2 != 0 {
        // obu_size, leb128: no sequence header needs more than two bytes of it, and what it bounds is read no further.
        rest = rest.get(if *rest.first()? & 0x80 == 0 { 1 } else { 2 }..)?;
    }
    Some(rest)
}
