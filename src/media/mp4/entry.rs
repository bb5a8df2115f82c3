//! Sample entries: what a decoder must know, taken from the sequence headers as they are.

use crate::media::format;
use crate::media::packet::Packet;
use crate::media::tag::{self, Codec};
use mp4_atom::esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig};
use mp4_atom::{Atom as _, Audio, Av01, Av1c, Avc1, Avcc, Codec as Entry, Dops, Esds, Hvc1, Hvcc, Mp4a, Opus, Visual};

/// MPEG-4 audio and an audio stream (ISO/IEC 14496-1 tables 5 and 6).
const MPEG4_AUDIO: u8 = 0x40;
const AUDIO_STREAM: u8 = 5;

/// The picture's, from its sequence header.
pub(super) fn video(header: &Packet) -> Option<Entry> {
    let tag = tag::video(&header.payload)?;
    let info = format::video(&header.payload)?;
    let visual = Visual {
        data_reference_index: 1,
        width: u16::try_from(info.width).ok()?,
        height: u16::try_from(info.height).ok()?,
        ..Visual::default()
    };
    let mut config = tag.body;
    Some(match info.codec {
        "H.264" => Entry::Avc1(Avc1 {
            visual,
            avcc: Avcc::decode_body(&mut config).ok()?,
            btrt: None,
            colr: None,
            pasp: None,
            taic: None,
            fiel: None,
            spatial: None,
        }),
        "HEVC" => Entry::Hvc1(Hvc1 { visual, hvcc: Hvcc::decode_body(&mut config).ok()?, ..Hvc1::default() }),
        "AV1" => Entry::Av01(Av01 { visual, av1c: Av1c::decode_body(&mut config).ok()?, ..Av01::default() }),
        _ => return None,
    })
}

/// The sound's, from its sequence header.
pub(super) fn audio(header: &Packet) -> Option<Entry> {
    let tag = tag::audio(&header.payload)?;
    let info = format::audio(&header.payload)?;
    let audio = Audio {
        data_reference_index: 1,
        channel_count: info.channels.max(1).into(),
        sample_size: 16,
        // The field has no room for more; the decoder's own configuration says what it is.
        sample_rate: u16::try_from(info.sample_rate).unwrap_or(0).into(),
    };
    match tag.codec {
        Codec::Old(tag::AAC) | Codec::FourCc([b'm', b'p', b'4', b'a']) => {
            Some(Entry::Mp4a(Mp4a { audio, esds: esds(tag.body), btrt: None, taic: None }))
        }
        Codec::FourCc([b'O', b'p', b'u', b's']) => {
            // Behind the magic and the version, in the other byte order (RFC 7845 §5.1).
            let &[channels, skip0, skip1, a, b, c, d, gain0, gain1, 0] = tag.body.get(9..)?.first_chunk()? else {
                return None;
            };
            let dops = Dops {
                output_channel_count: channels,
                pre_skip: u16::from_le_bytes([skip0, skip1]),
                input_sample_rate: u32::from_le_bytes([a, b, c, d]),
                output_gain: i16::from_le_bytes([gain0, gain1]),
                channel_mapping: None,
            };
            Some(Entry::Opus(Opus { audio, dops, btrt: None }))
        }
        _ => None,
    }
}

fn esds(config: &[u8]) -> Esds {
    let dec_specific = Some(DecoderSpecific { raw: config.to_vec(), ..DecoderSpecific::default() });
    let dec_config = DecoderConfig {
        object_type_indication: MPEG4_AUDIO,
        stream_type: AUDIO_STREAM,
        dec_specific,
        ..DecoderConfig::default()
    };
    Esds { es_desc: EsDescriptor { es_id: 1, dec_config, sl_config: SLConfig::default(), ..EsDescriptor::default() } }
}
