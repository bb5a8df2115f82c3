//! The server and the client of `rtmp` with rml_rtmp's sessions as peers, and with raw ones.

use crate::rtmp_raw::{Peer, object, text};
use crate::rtmp_session::{KEY, REQUEST, body, packet};
use bytes::Bytes;
use rml_amf0::Amf0Value;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::messages::RtmpMessage;
use rml_rtmp::sessions::{
    ClientSession, ClientSessionConfig, ClientSessionEvent, ClientSessionResult, PublishRequestType, ServerSession,
    ServerSessionConfig, ServerSessionEvent, ServerSessionResult,
};
use rml_rtmp::time::RtmpTimestamp;
use telecast::domain::status::{Loss, PushFailure};
use telecast::media::packet::Kind;
use telecast::rtmp::{SourceEnd, Step, accept, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

const NULL: Amf0Value = Amf0Value::Null;

/// Shakes hands by rml_rtmp's own means; returns what came behind.
pub(crate) async fn shake(stream: &mut DuplexStream, role: PeerType) -> Vec<u8> {
    let client = role == PeerType::Client;
    let mut handshake = Handshake::new(role);
    if client {
        stream.write_all(&handshake.generate_outbound_p0_and_p1().unwrap()).await.unwrap();
    }
    loop {
        let mut buf = [0; 4096];
        let count = stream.read(&mut buf).await.unwrap();
        match handshake.process_bytes(&buf[..count]).unwrap() {
            HandshakeProcessResult::InProgress { response_bytes } => stream.write_all(&response_bytes).await.unwrap(),
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                stream.write_all(&response_bytes).await.unwrap();
                return remaining_bytes;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rml_rtmps_client_publishes_to_the_server_at_any_chunk_size() {
    for chunk_size in [2, 128, 4096, 65_536] {
        let (mut near, far) = duplex(1 << 20);
        let sent = [(0, 10), (40, 5000), (0xff_fff0, 200), (0xff_ffff, 70_000), (0x100_0040, 1)];
        let client = async {
            let mut rest = shake(&mut near, PeerType::Client).await;
            let config = ClientSessionConfig { chunk_size, ..ClientSessionConfig::new() };
            let (mut session, mut results) = ClientSession::new(config).unwrap();
            results.push(session.request_connection("live".to_owned()).unwrap());
            loop {
                let mut done = false;
                results.extend(session.handle_input(&rest).unwrap());
                for result in std::mem::take(&mut results) {
                    match result {
                        ClientSessionResult::OutboundResponse(packet) => near.write_all(&packet.bytes).await.unwrap(),
                        ClientSessionResult::RaisedEvent(ClientSessionEvent::ConnectionRequestAccepted) => {
                            let request = session.request_publishing(KEY.to_owned(), PublishRequestType::Live).unwrap();
                            results.push(request);
                        }
                        ClientSessionResult::RaisedEvent(ClientSessionEvent::PublishRequestAccepted) => done = true,
                        _ => {}
                    }
                }
                if done {
                    break;
                }
                rest.clear();
                if results.is_empty() {
                    assert!(near.read_buf(&mut rest).await.unwrap() > 0);
                }
            }
            for (time, len) in sent {
                let time = RtmpTimestamp::new(time);
                let video = session.publish_video_data(Bytes::from(body(len)), time, false).unwrap();
                let ClientSessionResult::OutboundResponse(packet) = video else { panic!("{video:?}") };
                near.write_all(&packet.bytes).await.unwrap();
            }
            for result in session.stop_publishing().unwrap() {
                let ClientSessionResult::OutboundResponse(packet) = result else { panic!("{result:?}") };
                near.write_all(&packet.bytes).await.unwrap();
            }
            near
        };
        let server = async {
            let publish = accept(far).await.unwrap();
            assert_eq!((publish.app(), publish.name()), ("live", KEY));
            let mut source = publish.begin().await.unwrap();
            let mut packets = Vec::new();
            loop {
                if let Err(end) = source.read(&mut packets).await {
                    return (packets, end);
                }
            }
        };
        let (_near, (packets, end)) = tokio::join!(client, server);
        let expected: Vec<_> = sent.map(|(time, len)| packet(Kind::Video, time, body(len))).into();
        assert!(packets == expected, "chunk size {chunk_size}");
        assert_eq!(end, SourceEnd::Clean);
    }
}

#[tokio::test(start_paused = true)]
async fn the_client_publishes_to_rml_rtmps_server() {
    let (near, mut far) = duplex(1 << 20);
    let sent: Vec<_> = [(0, 10), (40, 5000), (0xff_ffff, 150_000), (0x100_0040, 1)].into();
    let client = async {
        let mut sink = connect(near, &REQUEST).await.unwrap().publish().await.unwrap();
        sink.queue(&mut sent.iter().map(|(time, len)| packet(Kind::Video, *time, body(*len))).collect());
        while !sink.is_empty() {
            sink.step().await.unwrap();
        }
        sink.goodbye().await;
    };
    let server = async {
        let mut rest = shake(&mut far, PeerType::Server).await;
        let (mut session, mut results) = ServerSession::new(ServerSessionConfig::new()).unwrap();
        let (mut received, mut name) = (Vec::new(), String::new());
        loop {
            results.extend(session.handle_input(&rest).unwrap());
            while !results.is_empty() {
                match results.remove(0) {
                    ServerSessionResult::OutboundResponse(packet) => far.write_all(&packet.bytes).await.unwrap(),
                    ServerSessionResult::RaisedEvent(event) => match event {
                        ServerSessionEvent::ConnectionRequested { request_id, .. } => {
                            results.extend(session.accept_request(request_id).unwrap());
                        }
                        ServerSessionEvent::PublishStreamRequested { request_id, stream_key, .. } => {
                            name = stream_key;
                            results.extend(session.accept_request(request_id).unwrap());
                        }
                        ServerSessionEvent::VideoDataReceived { data, timestamp, .. } => {
                            received.push((timestamp.value, data));
                        }
                        ServerSessionEvent::PublishStreamFinished { .. } => return (received, name),
                        _ => {}
                    },
                    ServerSessionResult::UnhandleableMessageReceived(_) => {}
                }
            }
            rest.clear();
            assert!(far.read_buf(&mut rest).await.unwrap() > 0);
        }
    };
    let ((), (received, name)) = tokio::join!(client, server);
    assert_eq!(name, KEY);
    assert!(received == sent.into_iter().map(|(time, len)| (time, Bytes::from(body(len)))).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn encoders_get_the_answers_that_they_wait_for_and_may_send_enhanced_rtmp() {
    let (near, far) = duplex(1 << 16);
    let server = async { accept(far).await.map(|publish| publish.name().to_owned()) };
    let client = async {
        let mut peer = Peer::client(near).await;
        let codecs = Amf0Value::StrictArray(vec![text("hvc1"), text("av01"), text("too long")]);
        let asked = [
            ("app", text("live")),
            ("fourCcList", codecs),
            ("videoFourCcInfoMap", object([("*", Amf0Value::Number(7.0))])),
            ("capsEx", Amf0Value::Number(15.0)),
        ];
        peer.call("connect", 1.0, object(asked), vec![]).await;
        let properties = loop {
            if let Some(RtmpMessage::Amf0Command { command_object, .. }) = peer.hear().await {
                break command_object.get_object_properties().unwrap();
            }
        };
        let known = Amf0Value::StrictArray(vec![text("hvc1"), text("av01")]);
        assert_eq!(properties["fourCcList"], known);
        assert_eq!(properties["videoFourCcInfoMap"], object([("*", Amf0Value::Number(4.0))]));
        assert_eq!(properties["capsEx"], Amf0Value::Number(14.0), "all but to ask for another connection");
        for (name, transaction, answers) in [
            ("releaseStream", 2.0, vec![("_result", 2.0, "Some(Undefined)")]),
            (
                "FCPublish",
                3.0,
                vec![("onFCPublish", 0.0, "NetStream.Publish.Start"), ("_result", 3.0, "Some(Undefined)")],
            ),
            ("madeUpByMe", 8.0, vec![]),
            ("createStream", 4.0, vec![("_result", 4.0, "Some(Number(1.0))")]),
            ("_checkbw", 5.0, vec![("_result", 5.0, "Some(Undefined)")]),
            ("getStreamLength", 6.0, vec![("_result", 6.0, "Some(Number(0.0))")]),
            ("play", 7.0, vec![("onStatus", 0.0, "NetStream.Play.Failed")]),
            ("FCUnpublish", 9.0, vec![]),
        ] {
            peer.call(name, transaction, NULL, vec![text(KEY)]).await;
            for (answer, id, said) in answers {
                assert_eq!(peer.hear_command().await.unwrap(), (answer.to_owned(), id, said.to_owned()));
            }
        }
        peer.call("publish", 0.0, NULL, vec![text(KEY)]).await;
    };
    assert_eq!(tokio::join!(server, client).0, Ok(KEY.to_owned()));
}

/// Answers a client of ours up to `publish`, which is left to the test.
async fn serve_until_publish(stream: DuplexStream) -> Peer {
    let mut peer = Peer::server(stream).await;
    loop {
        let Some((name, transaction, _)) = peer.hear_command().await else { panic!("the client hung up") };
        match name.as_str() {
            "connect" => peer.call("_result", transaction, NULL, vec![]).await,
            "releaseStream" | "FCPublish" => {
                let no = object([("code", text("NetConnection.Call.Failed")), ("level", text("error"))]);
                peer.call("_error", transaction, NULL, vec![no]).await;
            }
            "createStream" => peer.call("_result", transaction, NULL, vec![Amf0Value::Number(1.0)]).await,
            "publish" => return peer,
            other => panic!("{other}"),
        }
    }
}

fn status(level: &str, code: &str, description: &str) -> Vec<Amf0Value> {
    vec![object([("level", text(level)), ("code", text(code)), ("description", text(description))])]
}

#[tokio::test(start_paused = true)]
async fn errors_of_calls_that_servers_need_not_know_are_ignored_and_a_later_no_is_heard_without_the_key() {
    let (near, far) = duplex(1 << 16);
    let client = async { connect(near, &REQUEST).await.unwrap().publish().await.unwrap() };
    let server = async {
        let mut peer = serve_until_publish(far).await;
        peer.call("onStatus", 0.0, NULL, status("status", "NetStream.Publish.Start", "")).await;
        peer
    };
    let (mut sink, mut peer) = tokio::join!(client, server);
    peer.say(0, RtmpMessage::Acknowledgement { sequence_number: 7 }).await;
    assert_eq!(sink.step().await, Ok(Step::Acknowledged));
    peer.call("onStatus", 0.0, NULL, status("status", "NetStream.Publish.Start", "once more")).await;
    peer.call("onStatus", 0.0, NULL, vec![]).await;
    assert_eq!(sink.step().await, Ok(Step::Heard));
    let no = status("error", "NetStream.Publish.BadName", &format!("{KEY} is in use"));
    peer.call("onStatus", 0.0, NULL, no).await;
    let words = "NetStream.Publish.BadName: ••• is in use".to_owned();
    assert_eq!(sink.step().await, Err(PushFailure::Refused { words }));
}

#[tokio::test(start_paused = true)]
async fn a_no_to_connect_is_told_in_the_servers_words_and_silence_then_an_end_as_closed() {
    let (near, far) = duplex(1 << 16);
    let server = async {
        let mut peer = Peer::server(far).await;
        peer.hear_command().await.unwrap();
        peer.call("_error", 1.0, NULL, status("error", "NetConnection.Connect.Rejected", "[ code=403 ]")).await;
    };
    let words = "NetConnection.Connect.Rejected: [ code=403 ]".to_owned();
    assert_eq!(tokio::join!(connect(near, &REQUEST), server).0.unwrap_err(), PushFailure::Refused { words });

    let (near, far) = duplex(1 << 16);
    let client = async { connect(near, &REQUEST).await.unwrap().publish().await.unwrap_err() };
    let server = async { drop(serve_until_publish(far).await) };
    assert_eq!(tokio::join!(client, server).0, PushFailure::Lost(Loss::Closed));
}
