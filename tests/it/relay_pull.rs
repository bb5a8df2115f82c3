//! Playing in either role with real peers: what `examples/relay` pulls from nginx and ffmpeg, also over TLS, and what
//! ffmpeg, nginx and GStreamer play from it.

use crate::bed::encoder::{Encoder, clip, ffmpeg_9};
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::stunnel::Stunnel;
use crate::bed::{flv, free_port, scratch, until};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// `examples/relay`.
struct Relay {
    proc: Proc,
    port: u16,
}

impl Relay {
    async fn start(arguments: &[&str], dir: &Path) -> Self {
        Self::named("relay", arguments, dir).await
    }

    async fn named(name: &str, arguments: &[&str], dir: &Path) -> Self {
        let port = free_port().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_telecast")).with_file_name("examples").join("relay");
        assert!(program.exists(), "plain `cargo test` builds the examples first; so does `cargo build --examples`");
        let mut command = Command::new(program);
        command.args(["--listen", &format!("127.0.0.1:{port}")]).args(arguments);
        let mut proc = Proc::start(name, &command, dir).unwrap();
        proc.wait_for("ready", SOON).await.unwrap();
        Self { proc, port }
    }

    fn url(&self, key: &str) -> String {
        format!("rtmp://127.0.0.1:{}/live/{key}", self.port)
    }
}

/// Waits until the file holds all that was sent.
async fn arrives(what: &str, sent: &[flv::Tag], received: &Path, relay: &Relay) {
    let compare = || {
        let mut got = flv::read(received).unwrap_or_default();
        // ffmpeg 9 writes what it knows of the colours before the first picture.
        got.retain(|tag| tag.role() != flv::Role::Other);
        flv::compare(sent, &got)
    };
    let arrived = until(what, SOON, || compare().holds().then_some(())).await;
    assert!(arrived.is_ok(), "{what}: {}\n{}", compare(), relay.proc.log());
}

/// How often a key was published at nginx.
fn publishes(nginx: &Nginx, key: &str) -> usize {
    nginx.proc.log().matches(&format!("publish: name='{key}'")).count()
}

#[tokio::test]
async fn what_is_published_at_nginx_is_pulled_sent_on_whole_and_pulled_again_over_the_same_target_connection() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let upstream = Nginx::start("upstream", &[], dir).await.unwrap();
    let target = Nginx::start("target", &["k1"], dir).await.unwrap();
    let (route, pull) = (format!("secret={}/k1", target.server()), format!("secret={}/room", upstream.server()));
    let relay = Relay::start(&["--route", &route, "--pull", &pull], dir).await;
    let url = format!("{}/room", upstream.server());
    let mut one = Encoder::ffmpeg("one", &url, 6, dir).await.unwrap();
    one.finishes(SOON * 2).await.unwrap();
    let mut sent = flv::read(one.sent()).unwrap();
    arrives("the first", &sent, &target.recording("k1"), &relay).await;
    // Its end is no end here; another encoder there, with other times and another picture, goes on.
    let mut other = Encoder::late("other", &url, 30.0, 4, dir).unwrap();
    other.finishes(SOON * 2).await.unwrap();
    sent.extend(flv::read(other.sent()).unwrap());
    arrives("the second", &sent, &target.recording("k1"), &relay).await;
    assert_eq!(publishes(&target, "k1"), 1, "{}", target.proc.log());
}

#[tokio::test]
async fn a_server_that_dies_and_returns_is_pulled_again_over_tls_and_the_target_notices_nothing() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let port = free_port().unwrap();
    let mut upstream = Nginx::start_at(port, "upstream", &[], dir).await.unwrap();
    let tls = Stunnel::start("stunnel", port, dir).await.unwrap();
    let target = Nginx::start("target", &["k1"], dir).await.unwrap();
    let (route, pull) = (format!("secret={}/k1", target.server()), format!("secret={}/room", tls.server()));
    let ca = tls.authority().display().to_string();
    let relay = Relay::start(&["--route", &route, "--pull", &pull, "--extra-ca", &ca], dir).await;
    let mut one = Encoder::ffmpeg("one", &format!("{}/room", upstream.server()), 60, dir).await.unwrap();
    one.sends().await.unwrap();
    let frames = || flv::frames(&target.recording("k1"));
    until("frames", SOON, || (frames() > 100).then_some(())).await.unwrap();
    upstream.proc.kill();
    let before = frames();
    one.proc.kill();
    upstream = Nginx::start_at(port, "again", &[], dir).await.unwrap();
    let mut other = Encoder::late("other", &format!("{}/room", upstream.server()), 0.0, 5, dir).unwrap();
    other.finishes(SOON * 2).await.unwrap();
    let mut sent = flv::read(other.sent()).unwrap();
    sent.retain(|tag| tag.role() != flv::Role::Header);
    // What came from the second encoder, wherever it begins behind the first one's.
    let later = || {
        let got = flv::without_filler(flv::read(&target.recording("k1")).unwrap_or_default());
        let known = |tag: &flv::Tag| sent.iter().any(|sent| sent.payload == tag.payload);
        let from = got.iter().position(|tag| tag.role() == flv::Role::Keyframe && known(tag)).unwrap_or(got.len());
        flv::compare(&sent, &got[from..])
    };
    let arrived = until("the second", SOON, || later().holds().then_some(())).await;
    assert!(arrived.is_ok(), "{}\n{}", later(), relay.proc.log());
    assert!(frames() > before);
    assert_eq!(publishes(&target, "k1"), 1, "{}", target.proc.log());
}

#[tokio::test]
async fn an_ffmpeg_that_listens_is_pulled_from() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let (port, clip) = (free_port().unwrap(), clip().await.unwrap());
    let target = Nginx::start("target", &["k1"], dir).await.unwrap();
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "verbose", "-re", "-i"]).arg(&clip).args(["-t", "5", "-c", "copy"]);
    command.args(["-f", "flv", "-listen", "1"]).arg(format!("rtmp://127.0.0.1:{port}/live/room"));
    let mut server = Proc::start("server", &command, dir).unwrap();
    let (route, pull) = (format!("s={}/k1", target.server()), format!("s=rtmp://127.0.0.1:{port}/live/room"));
    let relay = Relay::start(&["--route", &route, "--pull", &pull], dir).await;
    server.wait_for_end(SOON * 2).await.unwrap();
    let mut sent = flv::read(&clip).unwrap();
    sent.retain(|tag| tag.timestamp < 4_500);
    let received = target.recording("k1");
    let got = || {
        let mut got = flv::without_filler(flv::read(&received).unwrap_or_default());
        got.retain(|tag| sent.iter().any(|sent| sent.payload == tag.payload));
        flv::compare(&sent, &got)
    };
    let arrived = until("what ffmpeg plays", SOON, || got().holds().then_some(())).await;
    assert!(arrived.is_ok(), "{}\n{}\n{}", got(), relay.proc.log(), server.log());
}

/// A player that writes FLV.
fn player(name: &str, url: &str, dir: &Path) -> (Proc, PathBuf) {
    let file = dir.join(format!("{name}.flv"));
    let out = file.display();
    let words = match name {
        "ffmpeg" => format!("ffmpeg -nostdin -loglevel verbose -i {url} -map 0 -c copy -flush_packets 1 -f flv {out}"),
        source => {
            format!("gst-launch-1.0 --no-position {source} location={url} ! filesink buffer-mode=2 location={out}")
        }
    };
    let mut words = words.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    (Proc::start(name, &command, dir).unwrap(), file)
}

#[tokio::test]
async fn ffmpeg_nginx_and_gstreamer_play_what_is_published_whole() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let relay = Relay::start(&["--route", "secret=", "--play", "secret=watch"], dir).await;
    let nginx = Nginx::pulling("nginx", &relay.url("watch"), "pulled", dir).await.unwrap();
    // They come before the encoder.
    let players: Vec<_> =
        ["ffmpeg", "rtmpsrc", "rtmp2src"].map(|name| (name, player(name, &relay.url("watch"), dir))).into();
    until("the players", SOON, || relay.proc.log().matches("a player").count().ge(&4).then_some(())).await.unwrap();
    let mut encoder = Encoder::ffmpeg("encoder", &relay.url("secret"), 8, dir).await.unwrap();
    encoder.sends().await.unwrap();
    encoder.finishes(SOON * 2).await.unwrap();
    let sent = flv::read(encoder.sent()).unwrap();
    for (name, (_, file)) in &players {
        arrives(name, &sent, file, &relay).await;
    }
    arrives("nginx", &sent, &nginx.recording("pulled"), &relay).await;
}

#[tokio::test]
async fn what_is_published_in_enhanced_rtmp_is_played_pulled_and_played_again_unchanged() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let near = Relay::named("near", &["--route", "secret=", "--play", "secret=watch"], dir).await;
    let pull = format!("far={}", near.url("watch"));
    let far = Relay::named("far", &["--route", "far=", "--pull", &pull, "--play", "far=watch"], dir).await;
    let file = dir.join("player.flv");
    let mut command = Command::new(ffmpeg_9().unwrap());
    command.args(["-nostdin", "-loglevel", "verbose", "-i", &far.url("watch"), "-map", "0", "-c", "copy"]);
    command.args(["-flush_packets", "1", "-f", "flv"]).arg(&file);
    let player = Proc::start("player", &command, dir).unwrap();
    until("the player", SOON, || far.proc.log().contains("a player").then_some(())).await.unwrap();
    let mut encoder = Encoder::enhanced("encoder", &near.url("secret"), 6, dir).await.unwrap();
    encoder.finishes(SOON * 2).await.unwrap();
    let sent = flv::read(encoder.sent()).unwrap();
    assert!(sent.iter().any(|tag| tag.payload.get(1..5) == Some(b"hvc1")), "not in Enhanced RTMP");
    arrives("HEVC", &sent, &file, &far).await;
    drop(player);
}

#[tokio::test]
async fn a_stream_key_plays_nothing_a_read_key_publishes_nothing_and_a_guess_neither() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let relay = Relay::start(&["--route", "secret=", "--play", "secret=watch"], dir).await;
    let mut encoder = Encoder::ffmpeg("encoder", &relay.url("secret"), 30, dir).await.unwrap();
    encoder.sends().await.unwrap();
    for key in ["secret", "guess"] {
        let (mut proc, _) = player("ffmpeg", &relay.url(key), dir);
        assert!(!proc.wait_for_end(SOON).await.unwrap().success(), "{key}");
        assert!(proc.log().contains("nothing is played with this key"), "{}", proc.log());
    }
    let mut stranger = Encoder::ffmpeg("stranger", &relay.url("watch"), 2, dir).await.unwrap();
    assert!(!stranger.proc.wait_for_end(SOON).await.unwrap().success());
}
