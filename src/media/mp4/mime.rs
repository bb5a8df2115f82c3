//! How a browser is asked whether it can play something (RFC 6381).

use mp4_atom::{Av1c, Codec, Esds, Hvcc};

/// What stands for a sample entry in the `codecs` of a media type.
pub(super) fn codec(entry: &Codec) -> Option<String> {
    Some(match entry {
        Codec::Avc1(entry) => {
            let avcc = &entry.avcc;
            let (profile, level) = (avcc.avc_profile_indication, avcc.avc_level_indication);
            format!("avc1.{profile:02x}{:02x}{level:02x}", avcc.profile_compatibility)
        }
        Codec::Hvc1(entry) => hevc(&entry.hvcc),
        Codec::Av01(entry) => av1(&entry.av1c),
        Codec::Mp4a(entry) => format!("mp4a.40.{}", object(&entry.esds)?),
        Codec::Opus(_) => "opus".to_owned(),
        _ => return None,
    })
}

/// ISO/IEC 14496-15 annex E.3.
fn hevc(config: &Hvcc) -> String {
    let space = ["", "A", "B", "C"][usize::from(config.general_profile_space & 3)];
    let compatible = u32::from_be_bytes(config.general_profile_compatibility_flags).reverse_bits();
    let tier = if config.general_tier_flag { 'H' } else { 'L' };
    let (profile, level) = (config.general_profile_idc, config.general_level_idc);
    let constraints = &config.general_constraint_indicator_flags;
    let told = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let constraints: String = constraints[..told].iter().map(|byte| format!(".{byte:x}")).collect();
    format!("hvc1.{space}{profile}.{compatible:x}.{tier}{level}{constraints}")
}

/// AV1 in ISOBMFF §5.
fn av1(config: &Av1c) -> String {
    let depth = match (config.high_bitdepth, config.twelve_bit) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    let tier = if config.seq_tier_0 { 'H' } else { 'M' };
    format!("av01.{}.{:02}{tier}.{depth:02}", config.seq_profile, config.seq_level_idx_0)
}

/// The audio object type (ISO/IEC 14496-3 §1.6.2.1).
fn object(esds: &Esds) -> Option<u8> {
    let config = &esds.es_desc.dec_config.dec_specific.as_ref()?.raw;
    match config.first()? >> 3 {
        31 => Some(32 + ((config[0] & 7) << 3 | config.get(1)? >> 5)),
        object => Some(object),
    }
}
