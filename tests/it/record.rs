//! Recordings on a real disk, judged by ffmpeg: they play by themselves, also where writing was cut off anywhere.

use crate::bed::encoder::ffmpeg_9;
use crate::bed::film::complaints;
use crate::mp4::{X264, encoded, packets};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use telecast::domain::id::StudioId;
use telecast::domain::recording::Container;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::record::{Archive, Recording};

const STUDIO: StudioId = StudioId(7);
const WEEK: Duration = Duration::from_secs(7 * 86_400);

struct Shelf {
    dir: tempfile::TempDir,
    archive: Arc<Archive>,
    now: SystemTime,
}

impl Shelf {
    fn of(most: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let archive = Arc::new(Archive::new(dir.path().to_owned(), most, WEEK));
        Self { dir, archive, now: SystemTime::now() }
    }

    fn new() -> Self {
        Self::of(1 << 30)
    }

    /// Portions of a quarter of a second or so.
    fn record(&self, recording: &mut Recording, packets: &[Packet]) {
        packets.chunks(20).for_each(|some| recording.write(self.now, some).unwrap());
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.dir.path().join("7")).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.collect();
        files.sort();
        files
    }

    /// The one file, which may be no more than half written.
    fn file(&self) -> PathBuf {
        let [file] = self.files().try_into().unwrap();
        file
    }
}

/// What a player is told, in seconds.
fn lasts(file: &Path) -> f64 {
    let arguments = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"];
    let told = Command::new("ffprobe").args(arguments).arg(file).output().unwrap();
    String::from_utf8(told.stdout).unwrap().trim().parse().unwrap()
}

fn frames(file: &Path, kind: &str) -> u64 {
    let arguments = [
        "-v",
        "error",
        "-select_streams",
        kind,
        "-count_packets",
        "-show_entries",
        "stream=nb_read_packets",
        "-of",
        "csv=p=0",
    ];
    let told = Command::new("ffprobe").args(arguments).arg(file).output().unwrap();
    String::from_utf8(told.stdout).unwrap().trim().trim_end_matches(',').parse().unwrap_or_default()
}

fn pictures(packets: &[Packet]) -> u64 {
    // The end of a sequence has nothing in it.
    let is_picture = |packet: &&Packet| {
        packet.kind == Kind::Video && matches!(packet.role, Role::Keyframe | Role::Frame) && packet.payload.len() > 5
    };
    packets.iter().filter(is_picture).count() as u64
}

#[test]
fn a_recording_plays_tells_its_length_and_holds_every_picture() {
    let (shelf, all) = (Shelf::new(), packets(&encoded("recorded", "25", &X264)));
    let mut recording = shelf.archive.recording(STUDIO, Vec::new());
    shelf.record(&mut recording, &all);
    assert!(shelf.archive.list(STUDIO).is_empty(), "what is written is not offered");
    recording.finish().unwrap();
    let [kept] = shelf.archive.list(STUDIO)[..] else { panic!("{:?}", shelf.files()) };
    assert_eq!((kept.name.container, (4..=5).contains(&kept.name.seconds)), (Container::Mp4, true), "{kept:?}");
    let file = shelf.archive.path(STUDIO, kept.name).unwrap();
    assert_eq!((complaints(&file).unwrap(), file.metadata().unwrap().len()), (String::new(), kept.bytes));
    assert!((lasts(&file) - 5.0).abs() < 0.1, "{}", lasts(&file));
    assert_eq!(frames(&file, "v"), pictures(&all));
    assert!(shelf.archive.delete(STUDIO, kept.name).unwrap() && !shelf.archive.delete(STUDIO, kept.name).unwrap());
    assert!(shelf.files().is_empty());
}

#[test]
fn wherever_writing_is_cut_off_what_was_whole_plays_after_the_next_start() {
    let all = packets(&encoded("cut", "30", &X264));
    let whole = Shelf::new();
    let mut recording = whole.archive.recording(STUDIO, Vec::new());
    whole.record(&mut recording, &all);
    let written = fs::read(whole.file()).unwrap();
    let name = whole.file();
    let mut longest = 0.0_f64;
    for cut in (0..=40).map(|part| written.len() * part / 40) {
        let shelf = Shelf::new();
        let file = shelf.dir.path().join("7").join(name.file_name().unwrap());
        fs::create_dir(file.parent().unwrap()).unwrap();
        fs::write(&file, &written[..cut]).unwrap();
        shelf.archive.open();
        let Some(kept) = shelf.archive.list(STUDIO).first().copied() else {
            assert!(cut < written.len() / 4 && shelf.files().is_empty(), "{cut} of {}", written.len());
            continue;
        };
        let file = shelf.archive.path(STUDIO, kept.name).unwrap();
        assert!(kept.bytes as usize + written.len() / 4 > cut, "only what was not whole is cut off");
        assert!(lasts(&file) >= longest, "{} after {longest}", lasts(&file));
        longest = lasts(&file);
        if cut % 5 == 0 {
            assert_eq!(complaints(&file).unwrap(), "", "{cut} of {}", written.len());
        }
    }
    assert!(longest > 4.5, "{longest}");
}

#[test]
fn another_picture_goes_on_in_a_file_of_its_own_and_what_mp4_cannot_hold_in_flv() {
    let shelf = Shelf::new();
    let first = packets(&encoded("first", "25", &X264));
    let second = packets(&encoded("second", "25", &["-s", "160x90", "-c:v", "libx264", "-c:a", "libmp3lame"]));
    let mut recording = shelf.archive.recording(STUDIO, Vec::new());
    shelf.record(&mut recording, &first);
    shelf.record(&mut recording, &second);
    drop(recording);
    let kept = shelf.archive.list(STUDIO);
    let mut containers: Vec<_> = kept.iter().map(|kept| kept.name.container).collect();
    containers.sort();
    assert_eq!(containers, [Container::Mp4, Container::Flv], "{kept:?}");
    for kept in kept {
        let file = shelf.archive.path(STUDIO, kept.name).unwrap();
        assert_eq!(complaints(&file).unwrap(), "");
        let sent = if kept.name.container == Container::Mp4 { &first } else { &second };
        assert_eq!(frames(&file, "v"), pictures(sent));
        assert!(frames(&file, "a") > 100, "it sounds");
    }
}

#[test]
fn where_recordings_may_take_no_more_they_end_and_what_was_recorded_plays() {
    let all = packets(&encoded("full", "25", &X264));
    let size: u64 = all.iter().map(|packet| packet.payload.len() as u64).sum();
    let shelf = Shelf::of(size / 2);
    let mut recording = shelf.archive.recording(STUDIO, Vec::new());
    let failed = all.chunks(20).map(|some| recording.write(shelf.now, some)).find_map(Result::err).unwrap();
    assert_eq!(failed.kind(), ErrorKind::StorageFull);
    recording.finish().unwrap();
    let [kept] = shelf.archive.list(STUDIO)[..] else { panic!("{:?}", shelf.files()) };
    let file = shelf.archive.path(STUDIO, kept.name).unwrap();
    assert_eq!(complaints(&file).unwrap(), "");
    assert!(kept.bytes <= size / 2 && frames(&file, "v") > pictures(&all) / 4);
}

#[test]
fn a_recording_that_begins_where_recordings_are_full_leaves_no_file() {
    let (shelf, all) = (Shelf::of(1), packets(&encoded("nothing", "25", &X264)));
    let mut recording = shelf.archive.recording(STUDIO, Vec::new());
    let failed = all.chunks(20).map(|some| recording.write(shelf.now, some)).find_map(Result::err).unwrap();
    assert_eq!(failed.kind(), ErrorKind::StorageFull);
    recording.finish().unwrap();
    assert!(shelf.files().is_empty(), "{:?}", shelf.files());
}

#[test]
fn a_recording_goes_when_its_time_is_over_and_with_its_studio() {
    let (shelf, all) = (Shelf::new(), packets(&encoded("old", "25", &X264)));
    for studio in [STUDIO, StudioId(8)] {
        let mut recording = shelf.archive.recording(studio, Vec::new());
        shelf.record(&mut recording, &all);
        recording.finish().unwrap();
    }
    shelf.archive.tidy(shelf.now + WEEK);
    assert_eq!((shelf.archive.list(STUDIO).len(), shelf.archive.list(StudioId(8)).len()), (1, 1));
    shelf.archive.forget(StudioId(8)).unwrap();
    shelf.archive.forget(StudioId(9)).unwrap();
    assert_eq!((shelf.archive.list(STUDIO).len(), shelf.archive.list(StudioId(8)).len()), (1, 0));
    shelf.archive.tidy(shelf.now + WEEK + Duration::from_secs(10));
    assert!(shelf.archive.list(STUDIO).is_empty());
}

#[test]
fn ffmpeg_of_today_reads_it_too() {
    let (shelf, all) = (Shelf::new(), packets(&encoded("today", "60", &X264)));
    let mut recording = shelf.archive.recording(STUDIO, Vec::new());
    shelf.record(&mut recording, &all);
    recording.finish().unwrap();
    let file = shelf.file();
    let arguments = ["-v", "warning", "-i", file.to_str().unwrap(), "-f", "null", "-"];
    let decoded = Command::new(ffmpeg_9().unwrap()).args(arguments).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "");
}
