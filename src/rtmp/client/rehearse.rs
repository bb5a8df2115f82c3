//! A session without a socket, for the fuzzers.

use super::approach::Approach;
use super::connect::Request;
use super::play::Playing;
use super::session::Session;
use crate::rtmp::outbound::Outbound;

/// Takes `bytes` as a server's that is published to, and that is played from; a refusal or a fault ends the connection.
pub(in crate::rtmp) fn rehearse(bytes: &[u8]) {
    let request = Request { app: "live/app-token", tc_url: "rtmp://a.example/live/app-token", name: "stream-key?x=1" };
    let (mut session, mut out) = (Session::new(&request, &Approach::default()), Outbound::new());
    let _ = session.read(bytes, &mut out, |_| {});
    let (mut playing, mut out) = (Playing::new(&request, &Approach::default()), Outbound::new());
    let _ = playing.read(bytes, &mut out, |_| true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::command::{info, object, text};
    use proptest::prelude::*;
    use rml_amf0::Amf0Value;

    fn answers() -> Vec<u8> {
        let mut out = Outbound::new();
        let null = Amf0Value::Null;
        out.window(2_500_000).unwrap();
        out.set_chunk_size(4096).unwrap();
        let result = info("status", "NetConnection.Connect.Success", "fine");
        out.command(0, "_result", 1.0, object([("fmsVer", text("x"))]), vec![result]).unwrap();
        out.command(0, "_result", 4.0, null.clone(), vec![Amf0Value::Number(1.0)]).unwrap();
        let started = info("status", "NetStream.Publish.Start", "go");
        out.command(1, "onStatus", 0.0, null.clone(), vec![started]).unwrap();
        out.command(0, "_result", 2.0, null.clone(), vec![Amf0Value::Number(1.0)]).unwrap();
        out.command(1, "onStatus", 0.0, null, vec![info("status", "NetStream.Play.Start", "go")]).unwrap();
        out.data(1, vec![text("onMetaData"), object([("width", Amf0Value::Number(640.0))])]).unwrap();
        out.pong(7).unwrap();
        out.waiting().to_vec()
    }

    proptest! {
        #[test]
        fn answers_with_changed_bytes_never_panic(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        ) {
            let mut answers = answers();
            for (at, byte) in changes {
                let at = at.index(answers.len());
                answers[at] = byte;
            }
            rehearse(&answers);
        }
    }
}
