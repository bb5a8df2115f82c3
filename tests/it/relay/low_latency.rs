//! Reads that are not gathered: whoever publishes alone is read by a thread that waits in the kernel.

use super::hold::silences;
use super::rig::{Encoder, Platform, Rig, STUDIO, frames, soon};
use super::{live_in, send};
use crate::rtmp_raw::{Peer, text};
use crate::rtmp_session::{REQUEST, tls_streams};
use rml_amf0::Amf0Value;
use rml_rtmp::messages::RtmpMessage;
use telecast::relay::RelaySettings;
use telecast::rtmp::{accept, connect};
use tokio::net::TcpStream;

#[tokio::test]
async fn an_encoder_alone_that_is_silent_is_closed_as_it_is_taken_over_and_one_that_is_cut_off_is_heard_no_more() {
    let platforms = [Platform::new().await];
    let rig = Rig::with(RelaySettings::LOW_LATENCY).await;
    let (rig, mut first, mut viewers, mut sent) = live_in(rig, &platforms).await;
    send(&mut first, &mut viewers, &mut sent, 2, 100_000).await;
    let mut second = rig.encoder().await;
    soon("the first to be closed", first.closed()).await;
    second.number_from(1_000);
    second.headers().await;
    send(&mut second, &mut viewers, &mut sent, 2, 100_000).await;
    rig.relay.detach(STUDIO).await;
    let late = &sent[..2];
    soon("the second to be closed", second.sends_in_vain(late)).await;
    silences(&mut viewers[0]).await;
    assert!(viewers[0].frames() == frames(&sent), "what came after its end was sent on");
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_alone_over_tls_is_not_kept_until_a_buffer_is_full() {
    let platform = Platform::new().await;
    let rig = Rig::with(RelaySettings::LOW_LATENCY).await;
    rig.go_live(vec![platform.target(1)]).await;
    let (near, far) = tls_streams().await;
    let publish = async { connect(near, &REQUEST).await.unwrap().publish().await.unwrap() };
    let attach = async { rig.relay.attach(STUDIO, accept(far).await.unwrap()).await };
    let (sink, contested) = tokio::join!(publish, attach);
    assert!(contested.is_none());
    let mut encoder = Encoder::over(sink);
    encoder.headers().await;
    let (mut viewers, mut sent) = ([platform.accept().await], Vec::new());
    send(&mut encoder, &mut viewers, &mut sent, 3, 500).await;
    rig.close().await;
}

#[tokio::test]
async fn an_encoder_alone_that_only_unpublishes_is_not_waited_for() {
    let rig = Rig::with(RelaySettings::LOW_LATENCY).await;
    let mut encoder = Peer::encoder(TcpStream::connect(rig.ingest).await.unwrap(), "key").await;
    soon("the publish to be accepted", async {
        while encoder.hear_command().await.unwrap().2 != "NetStream.Publish.Start" {}
    })
    .await;
    encoder.say(1, RtmpMessage::AudioData { data: vec![0xaf, 1, 0].into() }).await;
    encoder.call("FCUnpublish", 0.0, Amf0Value::Null, vec![text("key")]).await;
    soon("the connection to be closed", async { while encoder.hear().await.is_some() {} }).await;
    rig.close().await;
}
