//! Reads that are not gathered: whoever publishes alone is read by a thread that waits in the kernel.

use super::hold::silences;
use super::rig::{Platform, Rig, STUDIO, frames, soon};
use super::{live_in, send};
use crate::rtmp_raw::{Peer, text};
use rml_amf0::Amf0Value;
use rml_rtmp::messages::RtmpMessage;
use telecast::relay::RelaySettings;
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
