//! The engine without the chat, as `examples/relay` starts it, between real peers.

use crate::bed::encoder::Encoder;
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::{example_relay, flv, free_port, scratch, until};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn for_low_latency_on_one_core_a_thread_reads_the_only_encoder_and_several_are_sent_on_whole() {
    let dir = scratch().unwrap();
    let nginx = Nginx::start("nginx", &["k1", "k2"], dir.path()).await.unwrap();
    let port = free_port().unwrap();
    let mut relay = Command::new("taskset");
    relay.args(["-c", "0"]).arg(example_relay()).arg("--low-latency");
    relay.args(["--listen", &format!("127.0.0.1:{port}")]);
    for key in ["k1", "k2"] {
        relay.args(["--route", &format!("secret-{key}={}/{key}", nginx.server())]);
    }
    let mut relay = Proc::start("relay", &relay, dir.path()).unwrap();
    relay.wait_for("ready", SOON).await.unwrap();
    let tasks = format!("/proc/{}/task", relay.id());
    let threads = || std::fs::read_dir(&tasks).unwrap().count();
    assert_eq!(threads(), 1);
    let url = |key| format!("rtmp://127.0.0.1:{port}/live/secret-{key}");
    let mut first = Encoder::ffmpeg("first", &url("k1"), 10, dir.path()).await.unwrap();
    until("its thread", SOON, || (threads() == 2).then_some(())).await.unwrap();
    // It comes, and goes again, while the first goes on.
    let mut second = Encoder::ffmpeg("second", &url("k2"), 3, dir.path()).await.unwrap();
    second.finishes(SOON * 2).await.unwrap();
    assert!(first.proc.ended().is_none(), "the first has ended before the second");
    first.finishes(SOON * 2).await.unwrap();
    arrives_whole(&nginx, "k1", &first, &relay).await;
    arrives_whole(&nginx, "k2", &second, &relay).await;
}

/// What the encoder sent is recorded byte for byte.
async fn arrives_whole(nginx: &Nginx, key: &str, encoder: &Encoder, relay: &Proc) {
    let (sent, received) = (flv::read(encoder.sent()).unwrap(), nginx.recording(key));
    let whole = || flv::read(&received).is_ok_and(|got| flv::compare(&sent, &got).holds()).then_some(());
    let arrived = until("all that was sent", SOON, whole).await;
    let got = flv::read(&received).unwrap();
    assert!(arrived.is_ok(), "{key}: {}\n{}", flv::compare(&sent, &got), relay.log());
}

#[tokio::test]
async fn the_example_sends_on_what_ffmpeg_publishes_knows_its_routes_and_ends_on_sigterm() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let nginx = Nginx::start("nginx", &["k1", "k2"], dir).await.unwrap();
    let port = free_port().unwrap();
    let program = example_relay();
    assert!(program.exists(), "plain `cargo test` builds the examples first; so does `cargo build --examples`");
    let mut relay = Command::new(program);
    let route = format!("secret={server}/k1,{server}/k2", server = nginx.server());
    relay.args(["--listen", &format!("127.0.0.1:{port}"), "--route", &route]);
    let mut relay = Proc::start("relay", &relay, dir).unwrap();
    relay.wait_for("ready", SOON).await.unwrap();

    let mut stranger =
        Encoder::ffmpeg("stranger", &format!("rtmp://127.0.0.1:{port}/live/guess"), 2, dir).await.unwrap();
    assert!(!stranger.proc.wait_for_end(SOON).await.unwrap().success(), "a key without a route was taken");

    let mut encoder =
        Encoder::ffmpeg("encoder", &format!("rtmp://127.0.0.1:{port}/live/secret"), 6, dir).await.unwrap();
    encoder.finishes(SOON * 2).await.unwrap();
    for key in ["k1", "k2"] {
        arrives_whole(&nginx, key, &encoder, &relay).await;
    }
    relay.signal("TERM").unwrap();
    assert!(relay.wait_for_end(SOON).await.unwrap().success(), "{}", relay.log());
}
