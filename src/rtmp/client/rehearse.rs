//! A session without a socket, for the fuzzers.

use super::approach::Approach;
use super::connect::Request;
use super::login::Account;
use super::play::{Playing, Progress};
use super::session::{Event, Session};
use super::words::{MAX_CHARS, Secrets};
use crate::domain::status::PushFailure;
use crate::rtmp::command::{info, object, text};
use crate::rtmp::message::Message;
use crate::rtmp::outbound::Outbound;
use crate::rtmp::server::SourceEnd;

const REQUEST: Request<'_> =
    Request { app: "live/app-token", tc_url: "rtmp://a.example/live/app-token", name: "stream-key?x=1" };

/// Takes `bytes` as a server's that is published to, `split` (at least 1) at a time; a refusal or a fault ends the connection.
/// What it said, and whether a refusal's words are [fit].
pub(in crate::rtmp) fn rehearse(bytes: &[u8], split: usize) -> (Vec<Event>, bool) {
    let (mut session, mut out) = (Session::new(&REQUEST, &Approach::default()), Outbound::new());
    let mut events = Vec::new();
    let end = bytes.chunks(split).try_for_each(|part| {
        session.read(part, &mut out, |event| events.push(event))?;
        out.clear();
        Ok(())
    });
    let fit =
        if let Err(PushFailure::Refused { words }) = end { fit(&words, &["stream-key", "app-token"]) } else { true };
    (events, fit)
}

/// The same of one that is played from, and its media.
pub(in crate::rtmp) fn rehearse_play(bytes: &[u8], split: usize) -> (Vec<Message>, bool) {
    let (mut playing, mut out) = (Playing::new(&REQUEST, &Approach::default()), Outbound::new());
    let mut media = Vec::new();
    let end = bytes.chunks(split).try_for_each(|part| {
        playing.read(part, &mut out, |progress| {
            if let Progress::Media(message) = progress {
                media.push(message);
            }
            true
        })?;
        out.clear();
        Ok(())
    });
    let fit =
        if let Err(SourceEnd::Refused { words }) = end { fit(&words, &["stream-key", "app-token"]) } else { true };
    (media, fit)
}

/// Takes `words` as those of a server in each place where they may stand; whether what people would be told of them is [fit].
pub(in crate::rtmp) fn rehearse_words(app: &str, name: &str, password: &str, words: &str) -> bool {
    let approach = Approach::new(Some(Account { user: "anna", password }));
    let secrets = Secrets::new(app, name).and(approach.secrets());
    let moved = object([("ex", object([("redirect", text(words))]))]);
    [text(words), info("error", "NetStream.Failed", words), info("error", words, ""), moved]
        .iter()
        .all(|info| fit(&secrets.words(info), &[name, password]))
}

/// Whether words of a server are of one line, short, and without these secrets. What is too short to be one, or holds the
/// mark that stands in its place, is none.
fn fit(words: &str, secrets: &[&str]) -> bool {
    let told = |secret: &&str| secret.len() >= 4 && !secret.contains('•') && words.contains(*secret);
    words.chars().count() <= MAX_CHARS && !words.chars().any(char::is_control) && !secrets.iter().any(told)
}

#[cfg(test)]
mod tests {
    use super::*;
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
            prop_assert!(rehearse(&answers, usize::MAX).1 && rehearse_play(&answers, usize::MAX).1);
        }
    }
}
