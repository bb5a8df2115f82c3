//! The server's answers (RTMP 1.0, §7.2; E-RTMP v2, "Enhancing NetConnection connect"). None repeats a name that the
//! encoder sent: it may be a key, and encoders log what they are told.

use crate::rtmp::chunk::CHUNK_SIZE;
use crate::rtmp::command::{Command, field, info, object, text};
use crate::rtmp::fault::Fault;
use crate::rtmp::outbound::Outbound;
use rml_amf0::Amf0Value;

/// The acknowledgement window told to encoders and asked of them, in bytes: ffmpeg's.
const WINDOW: u32 = 2_500_000;

/// The info map's bit for a codec that is forwarded, whatever it holds.
const FORWARD: f64 = 4.0;

/// What of `capsEx` is passed on to the targets that know it: many tracks, `ModEx`, offsets of nanoseconds.
const PASSED_ON: u32 = 2 | 4 | 8;

/// Codecs taken from the list that an encoder offers.
const MAX_FOUR_CC: usize = 32;

/// The call succeeded.
pub(super) fn result(stream: u32, call: &Command, value: Amf0Value, out: &mut Outbound) -> Result<(), Fault> {
    out.command(stream, "_result", call.transaction, Amf0Value::Null, vec![value])
}

/// The call failed.
pub(super) fn error(stream: u32, call: &Command, description: &str, out: &mut Outbound) -> Result<(), Fault> {
    let info = info("error", "NetConnection.Call.Failed", description);
    out.command(stream, "_error", call.transaction, Amf0Value::Null, vec![info])
}

/// The stream may be published. Twitch's and Wowza's encoders wait for it.
pub(super) fn on_fc_publish(stream: u32, out: &mut Outbound) -> Result<(), Fault> {
    let info = info("status", "NetStream.Publish.Start", "Ready.");
    out.command(stream, "onFCPublish", 0.0, Amf0Value::Null, vec![info])
}

/// The stream is published.
pub(super) fn started(stream: u32, out: &mut Outbound) -> Result<(), Fault> {
    out.stream_begin(stream)?;
    status(stream, info("status", "NetStream.Publish.Start", "Publishing."), out)
}

/// The stream is not published: the code that makes OBS stop at once and show `description`.
pub(super) fn denied(stream: u32, description: &str, out: &mut Outbound) -> Result<(), Fault> {
    status(stream, info("error", "NetStream.Publish.Denied", description), out)
}

/// The stream is played. Players wait for one or another of these, and take the rest.
pub(super) fn playing(stream: u32, out: &mut Outbound) -> Result<(), Fault> {
    out.stream_begin(stream)?;
    status(stream, info("status", "NetStream.Play.Reset", "Resetting."), out)?;
    status(stream, info("status", "NetStream.Play.Start", "Playing."), out)?;
    out.data(stream, vec![text("|RtmpSampleAccess"), Amf0Value::Boolean(true), Amf0Value::Boolean(true)])
}

/// The stream is not played, or not any more, for the reason that `description` gives.
pub(super) fn not_played(stream: u32, description: &str, out: &mut Outbound) -> Result<(), Fault> {
    status(stream, info("error", "NetStream.Play.Failed", description), out)
}

/// What is played has ended, in order.
pub(super) fn played(stream: u32, out: &mut Outbound) -> Result<(), Fault> {
    out.stream_eof(stream)?;
    status(stream, info("status", "NetStream.Play.UnpublishNotify", "The stream has ended."), out)
}

fn status(stream: u32, info: Amf0Value, out: &mut Outbound) -> Result<(), Fault> {
    out.command(stream, "onStatus", 0.0, Amf0Value::Null, vec![info])
}

/// There is no connection, for the reason that `description` gives: a login's challenge, where one is asked for.
pub(super) fn rejected(call: &Command, description: &str, out: &mut Outbound) -> Result<(), Fault> {
    let info = info("error", "NetConnection.Connect.Rejected", description);
    out.command(0, "_error", call.transaction, Amf0Value::Null, vec![info])
}

/// The connection stands.
pub(super) fn connected(call: &Command, out: &mut Outbound) -> Result<(), Fault> {
    out.window(WINDOW)?;
    out.peer_bandwidth(WINDOW)?;
    out.set_chunk_size(CHUNK_SIZE)?;
    let mut properties = object([
        ("fmsVer", text("FMS/3,5,7,7009")),
        ("capabilities", Amf0Value::Number(31.0)),
        ("mode", Amf0Value::Number(1.0)),
    ]);
    let mut result = info("status", "NetConnection.Connect.Success", "Connection succeeded.");
    let encoding = match field(&call.object, "objectEncoding") {
        Some(Amf0Value::Number(encoding)) => *encoding,
        _ => 0.0,
    };
    if let (Amf0Value::Object(properties), Amf0Value::Object(result)) = (&mut properties, &mut result) {
        result.insert("objectEncoding".to_owned(), Amf0Value::Number(encoding));
        // Servers differ in which of the two holds them, and so do the encoders that look.
        for (key, value) in enhanced(&call.object) {
            properties.insert(key.to_owned(), value.clone());
            result.insert(key.to_owned(), value);
        }
    }
    out.command(0, "_result", call.transaction, properties, vec![result])
}

/// What makes an encoder send Enhanced RTMP: its own codecs back, forwarding of any, and of the further capabilities
/// those that are passed on.
fn enhanced(asked: &Amf0Value) -> Vec<(&'static str, Amf0Value)> {
    let mut answers = Vec::new();
    if let Some(Amf0Value::StrictArray(offered)) = field(asked, "fourCcList") {
        let is_four_cc = |value: &&Amf0Value| matches!(value, Amf0Value::Utf8String(name) if name.len() <= 4);
        let known = offered.iter().filter(is_four_cc).take(MAX_FOUR_CC).cloned().collect();
        answers.push(("fourCcList", Amf0Value::StrictArray(known)));
    }
    for key in ["videoFourCcInfoMap", "audioFourCcInfoMap"] {
        if field(asked, key).is_some() {
            answers.push((key, object([("*", Amf0Value::Number(FORWARD))])));
        }
    }
    if let Some(caps) = field(asked, "capsEx") {
        // A number that is no mask has no bits.
        let asked = if let Amf0Value::Number(mask) = caps { *mask as u32 } else { 0 };
        answers.push(("capsEx", Amf0Value::Number(f64::from(asked & PASSED_ON))));
    }
    answers
}
