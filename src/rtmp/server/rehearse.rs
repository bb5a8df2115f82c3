//! A session without a socket, for the fuzzers.

use super::media::append;
use super::session::{Event, Session};
use crate::media::packet::Packet;
use crate::rtmp::fault::Fault;
use crate::rtmp::outbound::Outbound;

/// Takes `bytes` as an encoder's, `split` (at least 1) at a time, and says yes to its publish or play command; returns its
/// packets.
pub(in crate::rtmp) fn rehearse(bytes: &[u8], split: usize) -> Vec<Packet> {
    let (mut session, mut out, mut packets) = (Session::new(), Outbound::new(), Vec::new());
    let mut published = false;
    // A fault ends the connection; what was read before it counts.
    let _: Result<(), Fault> = bytes.chunks(split).try_for_each(|part| {
        let mut part = part;
        if !published {
            if session.await_asked(&mut part, &mut out)?.is_none() {
                return Ok(());
            }
            session.start(&mut out)?;
            published = true;
        }
        session.read(part, &mut out, |event| {
            if let Event::Media(message) = event {
                append(message, &mut packets);
            }
            true
        })?;
        out.clear();
        Ok(())
    });
    packets
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::rtmp::chunk::encode;
    use crate::rtmp::command::{object, text};
    use crate::rtmp::message::Message;
    use bytes::Bytes;
    use proptest::prelude::*;
    use rml_amf0::Amf0Value;

    /// What an encoder sends that publishes three packets.
    pub(in crate::rtmp::server) fn session() -> Vec<u8> {
        let mut out = Outbound::new();
        let (null, key) = (Amf0Value::Null, text("key"));
        let asked = object([("app", text("live")), ("tcUrl", text("rtmp://a.example/live"))]);
        out.command(0, "connect", 1.0, asked, vec![]).unwrap();
        out.set_chunk_size(4096).unwrap();
        out.command(0, "FCPublish", 2.0, null.clone(), vec![key.clone()]).unwrap();
        out.command(0, "createStream", 3.0, null.clone(), vec![]).unwrap();
        out.command(1, "publish", 4.0, null, vec![key, text("live")]).unwrap();
        let mut bytes = out.waiting().to_vec();
        for kind in [18, 9, 8] {
            let message = Message { kind, stream: 1, timestamp: 40, payload: Bytes::from(vec![kind; 5000]) };
            encode(kind, &message, 4096, &mut bytes);
        }
        bytes
    }

    #[test]
    fn a_session_gives_the_same_packets_however_it_is_split() {
        let session = session();
        for split in [usize::MAX, 1, 2, 3, 7, 64, 4096] {
            assert_eq!(rehearse(&session, split).len(), 3, "{split}");
        }
    }

    proptest! {
        #[test]
        fn a_session_with_changed_bytes_never_panics(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            split in 1usize..200,
        ) {
            let mut session = session();
            let head = session.len() - 15_000;
            for (at, byte) in changes {
                // Most changes hit the commands, where there is something to break.
                let at = at.index(session.len() * 4);
                let at = if at < session.len() { at } else { at % head };
                session[at] = byte;
            }
            rehearse(&session, split);
        }

        #[test]
        fn bytes_of_no_meaning_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000), split in 1usize..64) {
            rehearse(&bytes, split);
        }
    }
}
