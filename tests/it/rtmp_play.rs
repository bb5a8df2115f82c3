//! Playing, in either role: ours with one another, with rml_rtmp's sessions, and with raw peers.

use crate::rtmp_peers::shake;
use crate::rtmp_raw::{Peer, object, text};
use crate::rtmp_session::{KEY, REQUEST, body, packet};
use bytes::Bytes;
use rml_amf0::Amf0Value;
use rml_rtmp::handshake::PeerType;
use rml_rtmp::messages::{RtmpMessage, UserControlEventType};
use rml_rtmp::sessions::{
    ClientSession, ClientSessionConfig, ClientSessionEvent, ClientSessionResult, ServerSession, ServerSessionConfig,
    ServerSessionEvent, ServerSessionResult,
};
use rml_rtmp::time::RtmpTimestamp;
use telecast::domain::status::{Loss, PushFailure};
use telecast::media::packet::{Kind, Packet};
use telecast::rtmp::{Asks, Play, Sink, Source, SourceEnd, play, receive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};

const NULL: Amf0Value = Amf0Value::Null;
/// Metadata as encoders send it, and as players know it.
const FRAMED: &[u8] = b"\x02\0\x0d@setDataFrame\x02\0\x0aonMetaData\x08\0\0\0\0\0\0\x09";
const BARE: &[u8] = b"\x02\0\x0aonMetaData\x08\0\0\0\0\0\0\x09";

async fn asked<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> Play<S> {
    match receive(stream).await.unwrap() {
        Asks::Play(play) => play,
        Asks::Publish(publish) => panic!("{publish:?}"),
    }
}

async fn send<S: AsyncRead + AsyncWrite + Unpin>(sink: &mut Sink<S>, packets: &[Packet]) {
    sink.queue(&mut packets.to_vec());
    while !sink.is_empty() {
        sink.step().await.unwrap();
    }
}

async fn received<S: AsyncRead + AsyncWrite + Unpin>(mut source: Source<S>) -> (Vec<Packet>, SourceEnd) {
    let mut packets = Vec::new();
    loop {
        if let Err(end) = source.read(&mut packets).await {
            return (packets, end);
        }
    }
}

fn stream() -> Vec<Packet> {
    let mut sent = vec![packet(Kind::Data, 0, FRAMED.to_vec())];
    for (at, len) in [1, 4096, 60_000, 60_001, 200_000].into_iter().enumerate() {
        let time = 0xff_fff0 + 8 * at as u32;
        sent.extend([packet(Kind::Video, time, body(len)), packet(Kind::Audio, time, body(200))]);
    }
    sent
}

#[tokio::test(start_paused = true)]
async fn what_is_played_arrives_as_it_was_sent_and_ends_in_order_however_the_pipe_cuts_it() {
    for pipe in [7, 4096, 1 << 20] {
        let (near, far) = duplex(pipe);
        let server = async {
            let play = asked(far).await;
            assert_eq!(play.name(), KEY);
            assert!(!format!("{play:?}").contains(KEY));
            let mut sink = play.begin().await.unwrap();
            send(&mut sink, &stream()).await;
            sink.goodbye().await;
        };
        let player = async { received(play(near, &REQUEST).await.unwrap()).await };
        let ((), (packets, end)) = tokio::join!(server, player);
        assert!(packets == stream(), "pipe of {pipe}");
        assert_eq!(end, SourceEnd::Clean);
    }
}

#[tokio::test(start_paused = true)]
async fn a_no_is_read_in_the_servers_words_and_a_player_that_leaves_is_noticed() {
    let (near, far) = duplex(1 << 16);
    let server = async { asked(far).await.reject("Nothing is played with this key. 请检查地址。").await };
    let (failure, ()) = tokio::join!(play(near, &REQUEST), server);
    let words = "NetStream.Play.Failed: Nothing is played with this key. 请检查地址。".to_owned();
    assert_eq!(failure.unwrap_err(), PushFailure::Refused { words });

    let (near, far) = duplex(1 << 16);
    let (source, sink) = tokio::join!(play(near, &REQUEST), async { asked(far).await.begin().await.unwrap() });
    drop(source);
    let mut sink = sink;
    assert_eq!(sink.step().await, Err(PushFailure::Lost(Loss::Closed)));
}

#[tokio::test(start_paused = true)]
async fn rml_rtmps_client_plays_from_the_server() {
    let (mut near, far) = duplex(1 << 20);
    let server = async {
        let mut sink = asked(far).await.begin().await.unwrap();
        send(&mut sink, &stream()).await;
        sink
    };
    let player = async {
        let mut rest = shake(&mut near, PeerType::Client).await;
        rest.reserve(1 << 20);
        let (mut session, mut results) = ClientSession::new(ClientSessionConfig::new()).unwrap();
        results.push(session.request_connection("live".to_owned()).unwrap());
        let (mut got, mut metadata) = (Vec::new(), 0);
        while got.len() < stream().len() - 1 {
            results.extend(session.handle_input(&rest).unwrap());
            for result in std::mem::take(&mut results) {
                match result {
                    ClientSessionResult::OutboundResponse(packet) => near.write_all(&packet.bytes).await.unwrap(),
                    ClientSessionResult::RaisedEvent(event) => match event {
                        ClientSessionEvent::ConnectionRequestAccepted => {
                            results.push(session.request_playback(KEY.to_owned()).unwrap());
                        }
                        ClientSessionEvent::StreamMetadataReceived { .. } => metadata += 1,
                        ClientSessionEvent::VideoDataReceived { data, timestamp } => {
                            got.push((Kind::Video, timestamp.value, data));
                        }
                        ClientSessionEvent::AudioDataReceived { data, timestamp } => {
                            got.push((Kind::Audio, timestamp.value, data));
                        }
                        _ => {}
                    },
                    ClientSessionResult::UnhandleableMessageReceived(_) => {}
                }
            }
            rest.clear();
            if results.is_empty() && got.len() < stream().len() - 1 {
                assert!(near.read_buf(&mut rest).await.unwrap() > 0);
            }
        }
        (got, metadata)
    };
    let (_sink, (got, metadata)) = tokio::join!(server, player);
    let sent = stream().into_iter().skip(1).map(|packet| (packet.kind, packet.timestamp, packet.payload));
    assert!(got == sent.collect::<Vec<_>>());
    assert_eq!(metadata, 1, "metadata is bare, as players know it");
}

#[tokio::test(start_paused = true)]
async fn the_client_plays_from_rml_rtmps_server() {
    let (near, mut far) = duplex(1 << 20);
    let sent = [(0, 10), (40, 5000), (0xff_ffff, 150_000), (0x100_0040, 1)];
    let server = async {
        let mut rest = shake(&mut far, PeerType::Server).await;
        let (mut session, mut results) = ServerSession::new(ServerSessionConfig::new()).unwrap();
        loop {
            results.extend(session.handle_input(&rest).unwrap());
            while !results.is_empty() {
                match results.remove(0) {
                    ServerSessionResult::OutboundResponse(packet) => far.write_all(&packet.bytes).await.unwrap(),
                    ServerSessionResult::RaisedEvent(ServerSessionEvent::ConnectionRequested {
                        request_id, ..
                    }) => results.extend(session.accept_request(request_id).unwrap()),
                    ServerSessionResult::RaisedEvent(ServerSessionEvent::PlayStreamRequested {
                        request_id,
                        stream_key,
                        stream_id,
                        ..
                    }) => {
                        assert_eq!(stream_key, KEY);
                        for result in session.accept_request(request_id).unwrap() {
                            let ServerSessionResult::OutboundResponse(packet) = result else { continue };
                            far.write_all(&packet.bytes).await.unwrap();
                        }
                        for (time, len) in sent {
                            let (data, time) = (Bytes::from(body(len)), RtmpTimestamp::new(time));
                            let packet = session.send_video_data(stream_id, data, time, false).unwrap();
                            far.write_all(&packet.bytes).await.unwrap();
                        }
                        let end = session.finish_playing(stream_id).unwrap();
                        far.write_all(&end.bytes).await.unwrap();
                        return far;
                    }
                    _ => {}
                }
            }
            rest.clear();
            assert!(far.read_buf(&mut rest).await.unwrap() > 0);
        }
    };
    let player = async { received(play(near, &REQUEST).await.unwrap()).await };
    let (_far, (packets, end)) = tokio::join!(server, player);
    assert!(packets == sent.map(|(time, len)| packet(Kind::Video, time, body(len))));
    assert_eq!(end, SourceEnd::Clean);
}

fn status(level: &str, code: &str, description: &str) -> Vec<Amf0Value> {
    vec![object([("level", text(level)), ("code", text(code)), ("description", text(description))])]
}

/// Answers a player of ours up to `play`.
async fn serve_until_play(stream: DuplexStream) -> Peer {
    let mut peer = Peer::server(stream).await;
    loop {
        let Some((name, transaction, said)) = peer.hear_command().await else { panic!("the player hung up") };
        match name.as_str() {
            "connect" => peer.call("_result", transaction, NULL, vec![]).await,
            "createStream" => peer.call("_result", transaction, NULL, vec![Amf0Value::Number(5.0)]).await,
            "play" => {
                assert_eq!(said, format!("{:?}", Some(text(KEY))));
                return peer;
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_way_to_say_that_a_stream_has_ended_is_understood_and_its_buffer_length_is_told() {
    let eof = RtmpMessage::UserControl {
        event_type: UserControlEventType::StreamEof,
        stream_id: Some(5),
        buffer_length: None,
        timestamp: None,
    };
    let notify = |code| crate::rtmp_raw::command("onStatus", 0.0, NULL, status("status", code, ""));
    for end in [eof, notify("NetStream.Play.UnpublishNotify"), notify("NetStream.Play.Stop")] {
        let (near, far) = duplex(1 << 16);
        let server = async {
            let mut peer = serve_until_play(far).await;
            let Some(RtmpMessage::UserControl { event_type, buffer_length, stream_id, .. }) = peer.hear().await else {
                panic!("no buffer length")
            };
            assert_eq!((event_type, stream_id), (UserControlEventType::SetBufferLength, Some(5)));
            assert_eq!(buffer_length, Some(3000));
            // Media may come before any word.
            peer.say(5, RtmpMessage::AudioData { data: Bytes::from(body(3)) }).await;
            peer.call("onStatus", 0.0, NULL, status("status", "NetStream.Play.Start", "")).await;
            let access = vec![text("|RtmpSampleAccess"), Amf0Value::Boolean(true), Amf0Value::Boolean(true)];
            peer.say(5, RtmpMessage::Amf0Data { values: access }).await;
            let data = vec![text("onStatus"), object([("code", text("NetStream.Data.Start"))])];
            peer.say(5, RtmpMessage::Amf0Data { values: data }).await;
            peer.say(5, RtmpMessage::VideoData { data: Bytes::from(body(9)) }).await;
            peer.say(5, end).await;
            peer
        };
        let player = async { received(play(near, &REQUEST).await.unwrap()).await };
        let (_peer, (packets, end)) = tokio::join!(server, player);
        assert_eq!(packets, [packet(Kind::Audio, 0, body(3)), packet(Kind::Video, 0, body(9))]);
        assert_eq!(end, SourceEnd::Clean);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_there_is_a_refusal_without_the_key_also_when_it_is_said_late() {
    let (near, far) = duplex(1 << 16);
    let server = async {
        let mut peer = serve_until_play(far).await;
        let no = status("status", "NetStream.Play.StreamNotFound", &format!("{KEY} is not here"));
        peer.call("onStatus", 0.0, NULL, no).await;
        peer
    };
    let (failure, _peer) = tokio::join!(play(near, &REQUEST), server);
    let words = "NetStream.Play.StreamNotFound: ••• is not here".to_owned();
    assert_eq!(failure.unwrap_err(), PushFailure::Refused { words });

    let (near, far) = duplex(1 << 16);
    let server = async {
        let mut peer = serve_until_play(far).await;
        peer.call("onStatus", 0.0, NULL, status("status", "NetStream.Play.Start", "")).await;
        peer
    };
    let (source, mut peer) = tokio::join!(play(near, &REQUEST), server);
    peer.call("onStatus", 0.0, NULL, status("error", "NetStream.Play.Failed", "too many viewers")).await;
    let words = "NetStream.Play.Failed: too many viewers".to_owned();
    assert_eq!(received(source.unwrap()).await.1, SourceEnd::Refused { words });
}

#[tokio::test(start_paused = true)]
async fn players_hear_what_they_wait_for_metadata_bare_and_only_one_thing_is_done_over_a_connection() {
    let (near, far) = duplex(1 << 16);
    let server = async {
        let mut sink = asked(far).await.begin().await.unwrap();
        send(&mut sink, &stream()[..2]).await;
        while sink.step().await.is_ok() {}
        sink
    };
    let player = async {
        let mut peer = Peer::client(near).await;
        peer.call("connect", 1.0, object([("app", text("live"))]), vec![]).await;
        peer.call("createStream", 2.0, NULL, vec![]).await;
        peer.call("play", 3.0, NULL, vec![text(KEY)]).await;
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last| last != "video") {
            heard.push(match peer.hear().await.unwrap() {
                RtmpMessage::UserControl { event_type: UserControlEventType::StreamBegin, .. } => "begin".to_owned(),
                RtmpMessage::Amf0Command { additional_arguments, .. } => match &additional_arguments[0] {
                    Amf0Value::Object(fields) => fields["code"].clone().get_string().unwrap(),
                    _ => continue,
                },
                RtmpMessage::Amf0Data { values } => {
                    if values[0] == text("onMetaData") {
                        assert_eq!(rml_amf0::serialize(&vec![values[0].clone()]).unwrap(), BARE[..13]);
                    }
                    values[0].clone().get_string().unwrap()
                }
                RtmpMessage::VideoData { .. } => "video".to_owned(),
                _ => continue,
            });
        }
        let codes = ["NetConnection.Connect.Success", "begin", "NetStream.Play.Reset", "NetStream.Play.Start"];
        assert_eq!(heard, [&codes[..], &["|RtmpSampleAccess", "onMetaData", "video"]].concat());
        for (name, code) in [("play", "NetStream.Play.Failed"), ("publish", "NetStream.Publish.Denied")] {
            peer.call(name, 4.0, NULL, vec![text(KEY)]).await;
            assert_eq!(peer.hear_command().await.unwrap().2, code);
        }
        peer.call("deleteStream", 5.0, NULL, vec![Amf0Value::Number(0.0)]).await;
        peer
    };
    tokio::join!(server, player);
}
