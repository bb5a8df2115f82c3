//! Films that are made while their stream comes, judged as files are: whole wherever they end.

use super::{APART, X264, encoded, packets, peer, run, shown};
use crate::bed::encoder::ffmpeg_9;
use bytes::Bytes;
use std::path::Path;
use std::time::Duration;
use telecast::media::mp4::{Fragment, Fragments, Unfit, clip, whole};
use telecast::media::packet::{Kind, Packet, Role};

fn headers(all: &[Packet]) -> Vec<Packet> {
    all.iter().filter(|packet| packet.role == Role::SequenceHeader).cloned().collect()
}

/// Head and pieces of a stream that comes a few packets at a time.
fn made(all: &[Packet], at_once: usize) -> (Fragments, Vec<Fragment>) {
    let mut film = Fragments::new(&headers(all)).unwrap();
    let mut pieces: Vec<Fragment> = all.chunks(at_once).flat_map(|some| film.pieces(some)).collect();
    pieces.push(Fragment { begins: false, bytes: film.finish() });
    (film, pieces)
}

fn write(file: &Path, film: &Fragments, pieces: &[Fragment]) {
    let all: Vec<u8> =
        [film.init()].into_iter().chain(pieces.iter().map(|piece| piece.bytes.as_slice())).flatten().copied().collect();
    std::fs::write(file, all).unwrap();
}

/// What a decoder says of it.
fn said(file: &Path) -> String {
    let decoded = run(&ffmpeg_9().unwrap(), &["-v", "warning", "-i", file.to_str().unwrap(), "-f", "null", "-"]);
    String::from_utf8_lossy(&decoded.stderr).into_owned()
}

/// All packets of a kind, in the order in which they are decoded.
fn of(file: &Path, picture: bool) -> Vec<(f64, u64)> {
    shown(file).into_iter().filter(|one| one.0 == picture).map(|one| (one.1, one.2)).collect()
}

fn judge(name: &str, source: &Path, at_once: usize) {
    let (film, pieces) = made(&packets(source), at_once);
    let file = source.with_extension("mp4");
    let peer = peer(source);
    write(&file, &film, &pieces);
    assert_eq!(said(&file), "", "{name} decodes without a word");
    for picture in [true, false] {
        let (ours, mut theirs) = (of(&file, picture), of(&peer, picture));
        // What sounds before the first picture is not of it.
        theirs.retain(|their| their.0 > ours[0].0 - APART);
        assert!(ours.len() >= theirs.len(), "{name}: nothing is left out, picture {picture}");
        for (our, their) in ours.iter().zip(&theirs) {
            let near = (our.0 - their.0).abs() <= APART && our.1 == their.1;
            assert!(near, "{name}: {our:?} is {their:?} in the source, picture {picture}");
        }
    }
}

#[test]
fn whatever_comes_in_whatever_portions_plays_as_it_was() {
    for (rate, at_once) in [("25", 1), ("30", 7), ("60", 40), ("30000/1001", 10_000)] {
        let source = encoded(&format!("pieces-{}", rate.replace('/', "-")), rate, &X264);
        judge(rate, &source, at_once);
    }
    let x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=50:bframes=3"];
    let svt = ["-c:v", "libsvtav1", "-preset", "12", "-g", "50", "-svtav1-params", "lookahead=0"];
    for (name, video, audio) in [("hevc", &x265[..], "aac"), ("av1", &svt[..], "aac"), ("opus", &X264[..8], "libopus")]
    {
        let source = encoded(&format!("pieces-{name}"), "25", &[video, &["-c:a", audio]].concat());
        judge(name, &source, 9);
        let mime = made(&packets(&source), 9).0.mime().to_owned();
        // ffmpeg leaves HEVC's out: Main, level 2, as annex E of ISO/IEC 14496-15 writes it.
        let told =
            if name == "hevc" { "video/mp4; codecs=\"hvc1.1.6.L60.90,mp4a.40.2\"".into() } else { told(&source) };
        assert_eq!(mime, told);
    }
}

/// The media type by what ffmpeg's DASH manifest says of the same stream.
fn told(source: &Path) -> String {
    let manifest = source.with_extension("mpd");
    let (from, to) = (source.to_str().unwrap(), manifest.to_str().unwrap());
    let make = ["-nostdin", "-v", "error", "-y", "-i", from, "-c", "copy", "-strict", "-2", "-f", "dash", to];
    run(&ffmpeg_9().unwrap(), &make);
    let text = std::fs::read_to_string(&manifest).unwrap();
    let codecs: Vec<&str> = text.split("codecs=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    format!("video/mp4; codecs=\"{}\"", codecs.join(","))
}

#[test]
fn a_film_is_whole_wherever_it_ends_and_begins_with_any_piece_that_says_so() {
    let source = encoded("ends", "25", &["-c:v", "libx264", "-bf", "2", "-g", "25", "-c:a", "aac"]);
    let (film, pieces) = made(&packets(&source), 8);
    let file = source.with_extension("mp4");
    for end in (1..pieces.len()).step_by(11) {
        write(&file, &film, &pieces[..end]);
        assert_eq!(said(&file), "", "{end} of {} pieces", pieces.len());
    }
    let begins: Vec<usize> = (0..pieces.len()).filter(|at| pieces[*at].begins).collect();
    assert_eq!(begins.len(), 5, "one each second");
    for at in begins {
        write(&file, &film, &pieces[at..]);
        assert_eq!(said(&file), "", "from piece {at} on");
    }
}

#[test]
fn nothing_but_the_last_sample_of_each_track_is_held_back() {
    let all = packets(&encoded("held", "25", &X264));
    let mut film = Fragments::new(&headers(&all)).unwrap();
    let bytes = |packets: &[Packet]| packets.iter().map(|packet| packet.payload.len()).sum::<usize>();
    let (mut came, mut went) = (0, 0);
    for some in all.chunks(2) {
        came += bytes(some);
        went += film.push(some).len();
        let largest = all.iter().map(|packet| packet.payload.len()).max().unwrap();
        assert!(came < went + 2 * largest + 10_000, "{came} bytes came, {went} went");
    }
    assert!(!film.finish().is_empty());
    assert!(film.finish().is_empty());
}

#[test]
fn in_one_piece_it_is_what_it_would_have_been_from_the_beginning() {
    for rate in ["25", "30000/1001"] {
        let source = encoded(&format!("whole-{}", rate.replace('/', "-")), rate, &X264);
        let all = packets(&source);
        let (film, pieces) = made(&all, 30);
        let pieces = pieces.iter().map(|piece| piece.bytes.as_slice());
        let film = [film.init()].into_iter().chain(pieces).flatten().copied().collect::<Vec<_>>();
        let (ours, theirs) = (whole(&film).unwrap(), clip(&all).unwrap());
        assert_eq!((ours.width, ours.height, ours.sound), (320, 180, true));
        assert!(ours.duration.abs_diff(theirs.duration) < Duration::from_millis(50), "{:?}", ours.duration);
        let (one, other) = (source.with_extension("one.mp4"), source.with_extension("other.mp4"));
        std::fs::write(&one, &ours.bytes).unwrap();
        std::fs::write(&other, &theirs.bytes).unwrap();
        assert_eq!((said(&one), of(&one, true)), (String::new(), of(&other, true)));
        assert!(of(&one, false).len().abs_diff(of(&other, false).len()) <= 2);
        assert_eq!(whole(&film[..film.len() - 1]), None, "half a film is none");
    }
    assert_eq!(whole(b"no film"), None);
}

#[test]
fn its_clock_begins_with_it_and_goes_across_the_wrap_of_theirs() {
    let source = encoded("wraps", "25", &X264);
    let all = packets(&source);
    let late = |packet: &Packet| Packet { timestamp: packet.timestamp.wrapping_sub(2_500), ..packet.clone() };
    let wrapped: Vec<Packet> = all.iter().map(late).collect();
    let bytes = |all: &[Packet]| made(all, 10).1;
    assert_eq!(bytes(&wrapped), bytes(&all));
}

#[test]
fn another_header_begins_another_film_and_the_same_one_does_not() {
    let all = packets(&encoded("changes", "25", &X264));
    let other =
        headers(&packets(&encoded("changed", "25", &["-c:v", "libx264", "-bf", "0", "-c:a", "aac", "-ac", "2"])));
    let film = Fragments::new(&headers(&all)).unwrap();
    assert!(!all.iter().any(|packet| film.changes(packet)));
    assert_eq!(other.iter().map(|packet| film.changes(packet)).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn sound_alone_is_a_film_and_so_is_a_picture_with_sound_that_has_no_place() {
    let source = encoded("alone", "25", &X264);
    let all = packets(&source);
    let without = |kind| all.iter().filter(|packet| packet.kind != kind).cloned().collect::<Vec<_>>();
    let file = source.with_extension("mp4");
    let (film, pieces) = made(&without(Kind::Video), 20);
    assert!(pieces[..pieces.len() - 1].iter().all(|piece| piece.begins));
    assert_eq!(film.mime(), "video/mp4; codecs=\"mp4a.40.2\"");
    write(&file, &film, &pieces);
    assert_eq!(said(&file), "");
    // FLAC, of which nothing is known here.
    let mut strange = all.clone();
    for packet in strange.iter_mut().filter(|packet| packet.kind == Kind::Audio) {
        let kind = u8::from(packet.role == Role::Frame);
        packet.payload = Bytes::from([&[0x90 | kind], &b"fLaC"[..], &packet.payload[2..]].concat());
    }
    let (film, _) = made(&strange, 20);
    assert_eq!(film.mime(), made(&without(Kind::Audio), 20).0.mime());
    assert!(!strange.iter().any(|packet| film.changes(packet)));
    assert_eq!(Fragments::new(&[]).unwrap_err(), Unfit::NoPicture);
    assert_eq!(Fragments::new(&headers(&strange)[1..]).unwrap_err(), Unfit::NoPicture);
    let mut broken = headers(&all);
    broken[0].payload = Bytes::from_static(b"\x17\0\0\0\0\x01\x64");
    assert_eq!(Fragments::new(&broken).unwrap_err(), Unfit::Codec);
}
