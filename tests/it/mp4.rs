//! Files of what was sent, judged by ffmpeg: they decode, begin with a keyframe, and show and sound when the stream did.

mod fragments;

use crate::bed::encoder::ffmpeg_9;
use crate::bed::{flv, place};
use bytes::Bytes;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use telecast::media::mp4::{Unfit, clip};
use telecast::media::packet::{Kind, Packet, Role};
use telecast::media::tag;

/// How far sound may be from its picture, in ms.
const APART: f64 = 2.0;

fn run(program: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Five seconds of a picture and a tone, encoded so, as FLV.
pub(crate) fn encoded(name: &str, rate: &str, codecs: &[&str]) -> PathBuf {
    let file = place(&format!("mp4-{name}")).unwrap().join("source.flv");
    let picture = format!("testsrc2=s=320x180:r={rate}");
    let mut arguments = vec!["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", &picture];
    arguments.extend(["-f", "lavfi", "-i", "sine=r=44100", "-t", "5", "-pix_fmt", "yuv420p"]);
    arguments.extend(codecs);
    arguments.extend(["-flags", "+global_header", "-f", "flv", file.to_str().unwrap()]);
    run(&ffmpeg_9().unwrap(), &arguments);
    file
}

pub(crate) fn packets(file: &Path) -> Vec<Packet> {
    let tags = flv::read(file).unwrap();
    let packet = |tag: flv::Tag| {
        let kind = match tag.kind {
            flv::Kind::Audio => Kind::Audio,
            flv::Kind::Video => Kind::Video,
            flv::Kind::Data => Kind::Data,
        };
        let payload = Bytes::from(tag.payload);
        Packet { kind, role: tag::role(kind, &payload), timestamp: tag.timestamp, payload }
    };
    tags.into_iter().map(packet).collect()
}

/// When each packet of a stream is shown, in ms behind the first picture, and its length.
fn shown(file: &Path) -> Vec<(bool, f64, u64)> {
    let arguments = ["-v", "error", "-show_packets", "-of", "json", file.to_str().unwrap()];
    let probed: Value = serde_json::from_slice(&run(Path::new("ffprobe"), &arguments).stdout).unwrap();
    let number = |packet: &Value, name: &str| packet[name].as_str().unwrap().parse::<f64>().unwrap();
    let all = probed["packets"].as_array().unwrap();
    let is_picture = |packet: &Value| packet["codec_type"] == "video";
    let first = all.iter().find(|packet| is_picture(packet)).map(|packet| number(packet, "pts_time")).unwrap();
    let seen = |packet: &Value| {
        (is_picture(packet), (number(packet, "pts_time") - first) * 1_000.0, number(packet, "size") as u64)
    };
    all.iter().map(seen).collect()
}

/// What ffmpeg makes of the same FLV.
fn peer(source: &Path) -> PathBuf {
    let peer = source.with_extension("peer.mp4");
    let (from, to) = (source.to_str().unwrap(), peer.to_str().unwrap());
    run(&ffmpeg_9().unwrap(), &["-nostdin", "-v", "error", "-y", "-i", from, "-c", "copy", to]);
    peer
}

/// Makes a file of `packets` and has ffmpeg judge it beside what ffmpeg makes of the same FLV.
fn judge(name: &str, source: &Path, packets: &[Packet]) {
    let made = clip(packets).unwrap();
    let file = source.with_extension("mp4");
    std::fs::write(&file, &made.bytes).unwrap();
    let decoded = run(&ffmpeg_9().unwrap(), &["-v", "warning", "-i", file.to_str().unwrap(), "-f", "null", "-"]);
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "", "{name} decodes without a word");
    let (ours, theirs) = (shown(&file), shown(&peer(source)));
    for picture in [true, false] {
        let of = |all: &[(bool, f64, u64)]| all.iter().filter(|one| one.0 == picture).copied().collect::<Vec<_>>();
        let (ours, mut theirs) = (of(&ours), of(&theirs));
        // What sounds before the first picture came is not of it.
        theirs.retain(|their| their.1 > ours[0].1 - APART);
        assert!(ours.len() >= theirs.len(), "{name}: nothing is left out, picture {picture}");
        for (our, their) in ours.iter().zip(&theirs) {
            assert!((our.1 - their.1).abs() <= APART && our.2 == their.2, "{name}: {our:?} is {their:?} in the source");
        }
    }
    assert_eq!((made.width, made.height), (320, 180));
    assert!((4_900..5_100).contains(&made.duration.as_millis()), "{name}: {:?}", made.duration);
}

pub(crate) const X264: [&str; 10] = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "300", "-c:a", "aac"];

#[test]
fn whatever_is_sent_at_whatever_rate_with_pictures_out_of_order_plays_as_it_was() {
    for rate in ["24", "25", "30", "60", "30000/1001"] {
        let source = encoded(&format!("avc-{}", rate.replace('/', "-")), rate, &X264);
        judge(rate, &source, &packets(&source));
    }
}

#[test]
fn hevc_av1_and_opus_play_too() {
    let x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=300:bframes=3"];
    let svt = ["-c:v", "libsvtav1", "-preset", "12", "-g", "300", "-svtav1-params", "lookahead=0"];
    for (name, video, audio) in [("hevc", &x265[..], "aac"), ("av1", &svt[..], "aac"), ("opus", &X264[..8], "libopus")]
    {
        let source = encoded(name, "25", &[video, &["-c:a", audio]].concat());
        judge(name, &source, &packets(&source));
    }
}

#[test]
fn a_file_begins_with_a_keyframe_and_its_sound_with_its_picture() {
    let source = encoded("amid", "25", &["-c:v", "libx264", "-bf", "2", "-g", "50", "-c:a", "aac"]);
    let all = packets(&source);
    let keyframe = |packet: &Packet| packet.role == Role::Keyframe;
    let last = all.iter().rposition(keyframe).unwrap();
    let headers = all.iter().filter(|packet| packet.role == Role::SequenceHeader);
    // Behind the wrap of the clock: what counts is how far apart they are.
    let late = |packet: &Packet| Packet { timestamp: packet.timestamp.wrapping_sub(4_100), ..packet.clone() };
    let cut: Vec<Packet> = headers.cloned().chain(all[last..].iter().map(late)).collect();
    let file = source.with_extension("mp4");
    std::fs::write(&file, clip(&cut).unwrap().bytes).unwrap();
    let flags = ["-v", "error", "-select_streams", "v", "-show_entries", "packet=flags", "-of", "csv=p=0"];
    let flags = run(Path::new("ffprobe"), &[&flags[..], &[file.to_str().unwrap()]].concat()).stdout;
    assert!(flags.starts_with(b"K"), "{}", String::from_utf8_lossy(&flags));
    let sound: Vec<f64> = shown(&file).into_iter().filter(|one| !one.0).map(|one| one.1).collect();
    assert!(sound.iter().any(|time| (-24.0..24.0).contains(time)), "sound at {sound:?} ms behind the first picture");
}

#[test]
fn what_cannot_be_shown_is_told_apart() {
    let source = encoded("none", "25", &X264);
    let all = packets(&source);
    assert_eq!(clip(&[]).unwrap_err(), Unfit::NoPicture);
    let without = |kind| all.iter().filter(|packet| packet.kind != kind).cloned().collect::<Vec<_>>();
    assert_eq!(clip(&without(Kind::Video)).unwrap_err(), Unfit::NoPicture);
    let mute = clip(&without(Kind::Audio)).unwrap();
    assert!(!mute.sound && clip(&all).unwrap().sound);
    // A keyframe of which nothing came: what follows cannot be decoded without it.
    let mut hollow = all.clone();
    let keyframe = hollow.iter_mut().find(|packet| packet.role == Role::Keyframe).unwrap();
    keyframe.payload = keyframe.payload.slice(..5);
    assert_eq!(clip(&hollow).unwrap_err(), Unfit::NoPicture);
    let mut strange = all.clone();
    let header = strange.iter_mut().find(|packet| packet.kind == Kind::Video).unwrap();
    header.payload = Bytes::from_static(b"\x17\0\0\0\0\x01\x64");
    assert_eq!(clip(&strange).unwrap_err(), Unfit::Codec);
}
