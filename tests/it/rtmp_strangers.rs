//! What strangers and hostile peers do to the server and the client of `rtmp`: each ends alone, and in bounds.

use crate::rtmp_raw::{Peer, command, object, text};
use crate::rtmp_session::{KEY, REQUEST, body, packet, recorded};
use futures_util::FutureExt as _;
use rml_amf0::Amf0Value;
use rml_rtmp::messages::{RtmpMessage, UserControlEventType};
use rml_rtmp::time::RtmpTimestamp;
use std::time::Duration;
use telecast::domain::status::{Barred, Loss, PushFailure};
use telecast::media::packet::Kind;
use telecast::rtmp::{
    Approach, Fault, Marks, Offer, Sink, Source, SourceEnd, accept, connect, connect_offering, receive_others,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

const NULL: Amf0Value = Amf0Value::Null;

fn ping(time: u32) -> RtmpMessage {
    RtmpMessage::UserControl {
        event_type: UserControlEventType::PingRequest,
        stream_id: None,
        buffer_length: None,
        timestamp: Some(RtmpTimestamp::new(time)),
    }
}

/// A raw encoder, and the source that it publishes to.
async fn publisher() -> (Peer, Source<DuplexStream>) {
    let (near, far) = duplex(1 << 16);
    let server = async { accept(far).await.unwrap().begin().await.unwrap() };
    tokio::join!(Peer::encoder(near, KEY), server)
}

/// A sink, and the raw server that it sends to.
async fn target() -> (Sink<DuplexStream>, Peer) {
    let (near, far) = duplex(1 << 16);
    let client = async { connect(near, &REQUEST).await.unwrap().publish().await.unwrap() };
    let server = async {
        let mut peer = Peer::server(far).await;
        peer.hear_command().await.unwrap();
        peer.call("_result", 1.0, NULL, vec![]).await;
        while peer.hear_command().await.unwrap().0 != "createStream" {}
        peer.call("_result", 4.0, NULL, vec![Amf0Value::Number(1.0)]).await;
        while peer.hear_command().await.unwrap().0 != "publish" {}
        let started = object([("level", text("status")), ("code", text("NetStream.Publish.Start"))]);
        peer.call("onStatus", 0.0, NULL, vec![started]).await;
        peer
    };
    tokio::join!(client, server)
}

#[tokio::test(start_paused = true)]
async fn what_is_no_rtmp_is_told_from_a_peer_that_hangs_up() {
    for (hello, fault) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], Fault::Handshake),
        (b"\x16\x03\x01\x02\x00", Fault::Handshake),
        (b"\x06", Fault::Handshake),
        (b"\x03", Fault::Closed),
        (b"", Fault::Closed),
    ] {
        let (mut near, far) = duplex(4096);
        near.write_all(hello).await.unwrap();
        near.shutdown().await.unwrap();
        assert_eq!(accept(far).await.unwrap_err(), fault, "{hello:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_published_or_made_before_connect() {
    let (near, far) = duplex(1 << 16);
    let client = async {
        let mut peer = Peer::client(near).await;
        for name in ["publish", "createStream", "play"] {
            peer.call(name, 5.0, NULL, vec![text(KEY)]).await;
            let answer = peer.hear_command().await.unwrap();
            assert_eq!(answer, ("_error".to_owned(), 5.0, "NetConnection.Call.Failed".to_owned()));
        }
    };
    let (result, ()) = tokio::join!(accept(far), client);
    assert_eq!(result.unwrap_err(), Fault::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_connection_makes_eight_streams_and_a_flood_of_calls_ends_it() {
    let (near, far) = duplex(1 << 16);
    let client = async {
        let mut peer = Peer::client(near).await;
        peer.call("connect", 1.0, object([("app", text("live"))]), vec![]).await;
        peer.hear_command().await.unwrap();
        let mut made = 0;
        for _ in 0..100 {
            peer.call("createStream", 2.0, NULL, vec![]).await;
            made += u32::from(peer.hear_command().await.unwrap().0 == "_result");
        }
        let flood = peer.encode(0, command("createStream", 2.0, NULL, vec![])).repeat(20_000);
        let (mut reader, mut writer) = tokio::io::split(peer.stream);
        let mut answers = Vec::new();
        let (read, written) = tokio::join!(reader.read_to_end(&mut answers), writer.write_all(&flood));
        assert!(read.is_ok() && written.is_err());
        made
    };
    let (result, made) = tokio::join!(async { accept(far).await.map(|_| ()) }, client);
    assert_eq!(made, 8);
    assert!(matches!(result, Err(Fault::Protocol(_))), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn before_an_encoder_asks_it_may_send_32_kib() {
    for (kib, taken) in [(30, true), (33, false)] {
        let (near, far) = duplex(1 << 20);
        let client = async {
            let mut peer = Peer::client(near).await;
            for _ in 0..kib {
                peer.say(0, RtmpMessage::AudioData { data: vec![0; 1000].into() }).await;
            }
            peer.call("connect", 1.0, object([("app", text("live"))]), vec![]).await;
            peer.call("createStream", 2.0, NULL, vec![]).await;
            peer.say(1, command("publish", 3.0, NULL, vec![text(KEY)])).await;
            peer
        };
        let (result, _peer) = tokio::join!(accept(far), client);
        assert_eq!(result.is_ok(), taken, "{kib} KiB");
        assert!(taken || matches!(result, Err(Fault::Protocol(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_never_reads_its_answers_is_cut_and_one_that_does_gets_its_pongs() {
    let (mut peer, mut source) = publisher().await;
    peer.say(0, ping(77)).await;
    source.read(&mut Vec::new()).await.unwrap();
    let mut nothing = Vec::new();
    loop {
        let heard = tokio::select! {
            heard = peer.hear() => heard.unwrap(),
            end = source.read(&mut nothing) => panic!("{end:?}"),
        };
        if let RtmpMessage::UserControl { event_type: UserControlEventType::PingResponse, timestamp, .. } = heard {
            assert_eq!(timestamp, Some(RtmpTimestamp::new(77)));
            break;
        }
    }
    let ping = peer.encode(0, ping(1));
    let end = loop {
        peer.stream.write_all(&ping).await.unwrap();
        if let Err(end) = source.read(&mut Vec::new()).await {
            break end;
        }
    };
    assert!(matches!(end, SourceEnd::Fault(Fault::Protocol(_))), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn fifty_pings_at_once_are_borne_and_more_are_a_flood() {
    for (count, borne) in [(50, true), (51, false)] {
        let (mut peer, mut source) = publisher().await;
        let pings = peer.encode(0, ping(1)).repeat(count);
        peer.stream.write_all(&pings).await.unwrap();
        let _ = source.read(&mut Vec::new()).await;
        assert_eq!(source.end().is_none(), borne, "{count}: {:?}", source.end());
        let (mut sink, mut peer) = target().await;
        peer.stream.write_all(&pings).await.unwrap();
        let failure = std::iter::from_fn(|| sink.step().now_or_never()).find_map(Result::err);
        assert_eq!(failure.is_none(), borne, "{count}: {failure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pings_and_calls_are_answered_at_once_and_bytes_acknowledged_at_the_first_read_a_tenth_of_a_second_later() {
    let (mut peer, mut source) = publisher().await;
    let mut packets = Vec::new();
    assert!(source.read(&mut packets).now_or_never().is_none());
    while peer.hear().now_or_never().is_some() {}
    for (said, user_control) in [(ping(77), true), (command("_checkbw", 5.0, NULL, vec![]), false)] {
        peer.say(0, said).await;
        assert!(source.read(&mut packets).now_or_never().unwrap().is_ok());
        assert!(source.read(&mut packets).now_or_never().is_none());
        let answer = peer.hear().now_or_never().expect("an answer").unwrap();
        assert_eq!(matches!(answer, RtmpMessage::UserControl { .. }), user_control, "{answer:?}");
    }

    peer.say(0, RtmpMessage::WindowAcknowledgement { size: 400_000 }).await;
    let frame = peer.encode(1, RtmpMessage::VideoData { data: body(50_000).into() });
    for _ in 0..5 {
        peer.stream.write_all(&frame).await.unwrap();
        assert!(source.read(&mut packets).now_or_never().unwrap().is_ok());
        assert!(source.read(&mut packets).now_or_never().is_none());
    }
    tokio::time::advance(Duration::from_millis(99)).await;
    assert!(source.read(&mut packets).now_or_never().is_none());
    assert!(peer.hear().now_or_never().is_none());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(source.read(&mut packets).now_or_never().is_none());
    assert!(matches!(peer.hear().now_or_never(), Some(Some(RtmpMessage::Acknowledgement { .. }))));
}

#[tokio::test(start_paused = true)]
async fn however_small_a_window_is_asked_for_it_is_acknowledged_each_64_kib() {
    let (mut peer, mut source) = publisher().await;
    peer.say(0, RtmpMessage::WindowAcknowledgement { size: 1 }).await;
    let video = peer.encode(1, RtmpMessage::VideoData { data: body(100).into() });
    let (total, mut packets, mut sent) = (10_000, Vec::new(), 0);
    let mut acknowledged = Vec::new();
    while packets.len() < total {
        if sent < total {
            peer.stream.write_all(&video).await.unwrap();
            sent += 1;
        }
        source.read(&mut packets).await.unwrap();
    }
    drop(source);
    while let Some(message) = peer.hear().await {
        if let RtmpMessage::Acknowledgement { sequence_number } = message {
            acknowledged.push(sequence_number);
        }
    }
    let expected = total * video.len() / 65_536;
    assert!((expected - 1..=expected).contains(&acknowledged.len()), "{acknowledged:?}");
    assert!(acknowledged.windows(2).all(|pair| pair[1] - pair[0] >= 65_536), "{acknowledged:?}");
}

#[tokio::test(start_paused = true)]
async fn control_messages_and_commands_without_sense_end_nothing() {
    let (mut peer, mut source) = publisher().await;
    for type_id in (0..=255).filter(|kind| !matches!(kind, 1 | 2 | 8 | 9 | 15 | 18 | 22)) {
        for data in [&b""[..], b"\x00", b"\x00\x06", b"\x00\x1a\xff", b"\xff\xff\xff\xff", b"\x02\xff\xffx"] {
            let data = data.to_vec().into();
            // rml_rtmp drops messages without a payload.
            peer.say(1, RtmpMessage::Unknown { type_id, data }).await;
        }
    }
    for (name, arguments) in [
        ("publish", vec![text("another")]),
        ("deleteStream", vec![Amf0Value::Number(2.0)]),
        ("deleteStream", vec![Amf0Value::Number(f64::NAN)]),
        ("FCUnpublish", vec![text("another")]),
        ("closeStream", vec![]),
    ] {
        peer.call(name, 9.0, NULL, arguments).await;
    }
    peer.say(1, RtmpMessage::VideoData { data: body(9).into() }).await;
    let mut packets = Vec::new();
    while packets.is_empty() {
        source.read(&mut packets).await.unwrap();
    }
    assert_eq!(packets, [packet(Kind::Video, 0, body(9))]);
    peer.say(1, command("closeStream", 0.0, NULL, vec![])).await;
    let mut read = source.read(&mut packets).await;
    while read.is_ok() {
        read = source.read(&mut packets).await;
    }
    assert_eq!(read, Err(SourceEnd::Clean));
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_only_unpublishes_ends_clean_within_a_second() {
    let (mut peer, mut source) = publisher().await;
    peer.call("FCUnpublish", 0.0, NULL, vec![text(KEY)]).await;
    let start = tokio::time::Instant::now();
    let mut read = source.read(&mut Vec::new()).await;
    while read.is_ok() {
        read = source.read(&mut Vec::new()).await;
    }
    assert_eq!(read, Err(SourceEnd::Clean));
    assert!(start.elapsed().as_millis() <= 1001);
}

#[tokio::test(start_paused = true)]
async fn a_hostile_server_ends_its_own_connection_only() {
    let (mut sink, mut peer) = target().await;
    // Chunks of one byte, then a message longer than any server has reason to send.
    peer.say(0, RtmpMessage::SetChunkSize { size: 1 }).await;
    assert!(sink.step().await.is_ok());
    peer.stream.write_all(b"\x03\x00\x00\x00\xff\xff\xff\x14\x00\x00\x00\x00x").await.unwrap();
    let failure = sink.step().await.unwrap_err();
    assert!(matches!(failure, PushFailure::Lost(Loss::Protocol(_))), "{failure:?}");

    let (mut sink, mut peer) = target().await;
    let flood = peer.encode(0, ping(1)).repeat(10);
    let failure = loop {
        peer.stream.write_all(&flood).await.unwrap();
        if let Err(failure) = sink.step().await {
            break failure;
        }
    };
    assert!(matches!(failure, PushFailure::Lost(Loss::Protocol(_))), "{failure:?}");

    let (near, mut far) = duplex(1 << 16);
    far.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
    let failure = connect(near, &REQUEST).await.unwrap_err();
    assert_eq!(failure, PushFailure::Lost(Loss::Protocol("no RTMP handshake".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_cut_at_any_byte_ends_on_both_sides() {
    let sent = [packet(Kind::Video, 0, body(300)), packet(Kind::Audio, 20, body(20))];
    let (client, server) = recorded(&sent).await;
    for cut in 0..client.len() {
        let (mut near, far) = duplex(1 << 16);
        near.write_all(&client[..cut]).await.unwrap();
        near.shutdown().await.unwrap();
        let Ok(publish) = accept(far).await else { continue };
        let mut source = publish.begin().await.unwrap();
        let mut packets = Vec::new();
        while source.read(&mut packets).await.is_ok() {}
        assert!(packets == sent[..packets.len()], "cut at {cut}");
    }
    for cut in 0..server.len() {
        let (near, mut far) = duplex(1 << 16);
        far.write_all(&server[..cut]).await.unwrap();
        far.shutdown().await.unwrap();
        let Ok(client) = connect(near, &REQUEST).await else { continue };
        let Ok(mut sink) = client.publish().await else { continue };
        while sink.step().await.is_ok() {}
    }
}

#[tokio::test(start_paused = true)]
async fn who_dials_itself_is_known_on_both_sides_and_nobody_else_is_taken_for_it() {
    let marks = Marks::default();
    let meet = async |server: &Marks| {
        let (near, far) = duplex(1 << 16);
        let approach = Approach::default().marked(&marks);
        let dial = async { connect_offering(near, &REQUEST, Offer::default(), &approach).await.map(|_| ()) };
        let serve = async { receive_others(far, server).await.map(|_| ()) };
        let both = async { tokio::join!(dial, serve) };
        Box::pin(tokio::time::timeout(Duration::from_secs(1), both)).await
    };
    let (dialled, served) = meet(&marks).await.unwrap();
    assert_eq!(dialled.unwrap_err().failure, PushFailure::Lost(Loss::Blocked(Barred::Own)));
    assert_eq!(served.unwrap_err(), Fault::Itself);
    // Another Telecast's marks: the two get on, up to where the client hangs up.
    let (dialled, served) = meet(&Marks::default()).await.unwrap();
    assert!(dialled.is_ok());
    assert_eq!(served.unwrap_err(), Fault::Closed);
}
