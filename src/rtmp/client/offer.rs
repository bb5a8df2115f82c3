//! What a client says of Enhanced RTMP when it connects, and what of the answer matters (E-RTMP v2, "Enhancing
//! `NetConnection` connect"). Servers that know nothing of it are told nothing: some choke on it.

use crate::rtmp::command::{Command, field, object, text};
use rml_amf0::Amf0Value;

/// The info map's bit for a codec that is forwarded.
const FORWARD: f64 = 4.0;
/// `capsEx`: reconnects when asked to, has many tracks, knows `ModEx` and offsets of nanoseconds.
const CAPABILITIES: f64 = 15.0;
const MULTITRACK: u32 = 2;

/// The codecs of a stream that only Enhanced RTMP has names for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Of its picture.
    pub video: Option<[u8; 4]>,
    /// Of its sound.
    pub audio: Option<[u8; 4]>,
    /// It has more tracks than one of each.
    pub tracks: bool,
}

impl Offer {
    /// Whether nothing is to be said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The fields of the connect command.
    pub(super) fn fields(&self) -> Vec<(&'static str, Amf0Value)> {
        if self.is_empty() {
            return Vec::new();
        }
        let name = |four_cc: [u8; 4]| String::from_utf8_lossy(&four_cc).into_owned();
        let all = [self.video, self.audio].into_iter().flatten().map(|four_cc| text(&name(four_cc)));
        let map = |four_cc: Option<[u8; 4]>| match four_cc {
            Some(four_cc) => object([(&*name(four_cc), Amf0Value::Number(FORWARD))]),
            None => object([]),
        };
        vec![
            ("fourCcList", Amf0Value::StrictArray(all.collect())),
            ("videoFourCcInfoMap", map(self.video)),
            ("audioFourCcInfoMap", map(self.audio)),
            ("capsEx", Amf0Value::Number(CAPABILITIES)),
        ]
    }
}

/// Whether a server that answers so takes many tracks. Servers differ in where they say it.
pub(super) fn takes_tracks(answer: &Command) -> bool {
    answer.arguments.iter().chain([&answer.object]).any(|part| match field(part, "capsEx") {
        // A number that is no mask has no bits.
        Some(Amf0Value::Number(mask)) => *mask as u32 & MULTITRACK != 0,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_names_what_the_stream_holds_and_a_plain_stream_offers_nothing() {
        assert!(Offer::default().fields().is_empty());
        let fields = Offer { video: Some(*b"hvc1"), ..Offer::default() }.fields();
        assert_eq!(fields[0], ("fourCcList", Amf0Value::StrictArray(vec![text("hvc1")])));
        assert_eq!(fields[1], ("videoFourCcInfoMap", object([("hvc1", Amf0Value::Number(4.0))])));
        assert_eq!(fields[2], ("audioFourCcInfoMap", object([])));
    }

    #[test]
    fn tracks_are_taken_by_who_says_so() {
        let answer = |object, arguments| Command { name: "_result".into(), transaction: 1.0, object, arguments };
        let caps = |mask| object([("capsEx", Amf0Value::Number(mask))]);
        assert!(takes_tracks(&answer(caps(2.0), vec![])));
        assert!(takes_tracks(&answer(Amf0Value::Null, vec![caps(7.0)])));
        for mask in [0.0, 1.0, 12.0, -2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(takes_tracks(&answer(caps(mask), vec![])), mask == f64::INFINITY, "{mask}");
        }
        assert!(!takes_tracks(&answer(object([("capsEx", text("2"))]), vec![])));
    }
}
