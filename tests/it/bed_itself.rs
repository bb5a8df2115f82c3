//! The bed proves itself before it judges Telecast: the peers understand each other, and a planted fault is found.

use crate::bed::encoder::Encoder;
use crate::bed::flv::{self, Comparison, Kind, Role, Tag};
use crate::bed::listener::Listener;
use crate::bed::nginx::Nginx;
use crate::bed::studio::{Studio, Wishes, about};
use crate::bed::stunnel::Stunnel;
use crate::bed::{Fault, film, free_port, scratch, until};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

async fn compared(sent: &Path, received: &Path) -> Comparison {
    let (sent, of) = (flv::read(sent).unwrap(), |path: &Path| flv::read(path).unwrap_or_default());
    let whole = until("all of it", SOON, || flv::compare(&sent, &of(received)).holds().then_some(())).await;
    let result = flv::compare(&sent, &of(received));
    assert_eq!(whole.is_ok(), result.holds());
    result
}

#[tokio::test]
async fn nginx_records_what_ffmpeg_sends_plainly_and_through_stunnel() -> Result<(), Fault> {
    let dir = scratch()?;
    let nginx = Nginx::start("nginx", &["planted-plain", "planted-tls"], dir.path()).await?;
    let stunnel = Stunnel::start("stunnel", nginx.port(), dir.path()).await?;
    let plain = format!("{}/planted-plain", nginx.server());
    let tls = format!("{}/planted-tls", stunnel.server());
    let mut plain = Encoder::ffmpeg("plain", &plain, 4, dir.path()).await?;
    let mut tls = Encoder::ffmpeg("tls", &tls, 4, dir.path()).await?;
    for (encoder, key) in [(&mut plain, "planted-plain"), (&mut tls, "planted-tls")] {
        encoder.sends().await?;
        encoder.finishes(SOON * 2).await?;
        let result = compared(encoder.sent(), &nginx.recording(key)).await;
        assert!(result.holds() && result.video >= 100 && result.audio > 150, "{key}: {result}");
    }
    Ok(())
}

#[tokio::test]
async fn nginx_turns_a_wrong_key_away() -> Result<(), Fault> {
    let dir = scratch()?;
    let nginx = Nginx::start("nginx", &["planted"], dir.path()).await?;
    let url = format!("{}/other", nginx.server());
    let mut encoder = Encoder::ffmpeg("encoder", &url, 4, dir.path()).await?;
    assert!(encoder.finishes(SOON).await.is_err());
    assert!(!nginx.recording("other").exists());
    Ok(())
}

#[tokio::test]
async fn ffmpeg_listens_and_keeps_what_ffmpeg_sends() -> Result<(), Fault> {
    let dir = scratch()?;
    let port = free_port()?;
    let mut listener = Listener::start(port, "listener", "planted", dir.path()).await?;
    let url = format!("{}/planted", Listener::server(port));
    let mut encoder = Encoder::ffmpeg("encoder", &url, 4, dir.path()).await?;
    encoder.finishes(SOON * 2).await?;
    listener.proc.wait_for_end(SOON).await?;
    let result = compared(encoder.sent(), listener.recording()).await;
    assert!(result.holds() && result.video >= 100, "{result}");
    Ok(())
}

#[tokio::test]
async fn gstreamer_sends_what_it_keeps() -> Result<(), Fault> {
    let dir = scratch()?;
    let nginx = Nginx::start("nginx", &[], dir.path()).await?;
    let mut encoder = Encoder::gstreamer("gst", &format!("{}/planted", nginx.server()), 4, dir.path())?;
    encoder.finishes(SOON * 2).await?;
    let result = compared(encoder.sent(), &nginx.recording("planted")).await;
    assert!(result.holds() && result.video >= 95, "{result}");
    Ok(())
}

#[tokio::test]
async fn ffmpeg_9_sends_hevc_as_enhanced_rtmp() -> Result<(), Fault> {
    let dir = scratch()?;
    // Debian's nginx takes any body, though it can't read this one.
    let nginx = Nginx::start("nginx", &[], dir.path()).await?;
    let url = format!("{}/planted", nginx.server());
    let mut encoder = Encoder::enhanced("enhanced", &url, 3, dir.path()).await?;
    encoder.finishes(SOON * 2).await?;
    let sent = flv::read(encoder.sent())?;
    let header = sent.iter().find(|tag| tag.kind == Kind::Video).unwrap();
    assert_eq!(header.payload[1..5], *b"hvc1");
    assert_eq!(header.role(), Role::Header);
    assert!(sent.iter().any(|tag| tag.role() == Role::Keyframe));
    Ok(())
}

fn stream() -> Vec<Tag> {
    let tag = |kind, timestamp, payload: &[u8]| Tag { kind, timestamp, payload: payload.to_vec() };
    let mut tags = vec![tag(Kind::Video, 0, &[0x17, 0, 1]), tag(Kind::Audio, 0, &[0xAF, 0, 2])];
    for at in 0..100_u8 {
        let first = if at % 10 == 0 { 0x17 } else { 0x27 };
        tags.push(tag(Kind::Video, u32::from(at) * 40, &[first, 1, at]));
        tags.push(tag(Kind::Audio, u32::from(at) * 40, &[0xAF, 1, at]));
    }
    tags
}

#[test]
fn a_whole_stream_compares_as_whole_from_any_keyframe_on() {
    let sent = stream();
    assert!(flv::compare(&sent, &sent).holds());
    let late: Vec<Tag> = sent[..2].iter().chain(&sent[42..]).cloned().collect();
    let result = flv::compare(&sent, &late);
    assert_eq!((result.holds(), result.video, result.audio), (true, 80, 80));
}

#[test]
fn the_comparison_finds_what_was_lost_changed_swapped_or_made_up() {
    let sent = stream();
    let with = |change: fn(&mut Vec<Tag>)| {
        let mut received = stream();
        change(&mut received);
        let result = flv::compare(&sent, &received);
        assert!(!result.holds() && result.first.is_some(), "{result}");
        (result.lost, result.changed)
    };
    assert_eq!(with(|tags| drop(tags.remove(50))), (1, 0));
    assert_eq!(with(|tags| tags.truncate(200)), (2, 0));
    assert_eq!(with(|tags| tags[50].payload[2] ^= 1), (1, 1));
    assert_eq!(with(|tags| tags.swap(50, 52)), (1, 1));
    assert_eq!(with(|tags| tags.insert(50, tags[50].clone())), (0, 1));
    assert_eq!(with(|tags| tags[0].payload[2] = 9), (0, 1));
    assert_eq!(with(|tags| drop(tags.remove(2))), (0, 0), "it begins without a keyframe");
    assert_eq!(with(|tags| tags.retain(|tag| tag.kind == Kind::Audio)), (0, 0));
    assert_eq!(with(|tags| tags.retain(|tag| tag.kind == Kind::Video)), (100, 1));
}

#[test]
fn a_file_that_is_still_written_is_read_as_far_as_it_goes() -> Result<(), Fault> {
    let dir = scratch()?;
    let path = dir.path().join("a.flv");
    let mut bytes = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
    bytes.extend(b"\x09\0\0\x02\x01\x02\x03\x04\0\0\0\x17\x01\0\0\0\x0D");
    bytes.extend(b"\x08\0\0\x02\0\0");
    std::fs::write(&path, &bytes)?;
    let tags = flv::read(&path)?;
    assert_eq!(tags, [Tag { kind: Kind::Video, timestamp: 0x0401_0203, payload: vec![0x17, 1] }]);
    bytes[28] = 9;
    std::fs::write(&path, &bytes)?;
    assert!(flv::read(&path).is_err());
    Ok(())
}

#[tokio::test]
async fn a_studio_is_run_by_chat() -> Result<(), Fault> {
    let dir = scratch()?;
    let nginx = Nginx::start("nginx", &["planted"], dir.path()).await?;
    let mut studio = Studio::start(dir.path(), Wishes::default()).await?;
    studio.add_target("Alpha TV", &nginx.server(), "planted").await?;
    let ingest = studio.ingest().await?;
    assert!(ingest.server.starts_with("rtmp://127.0.0.1:") && ingest.key.len() > 20, "{ingest:?}");
    studio.telecast.kill();
    studio.start_again().await?;
    assert_eq!(studio.ingest().await?.url(), ingest.url());
    let said = studio.say("/targets")?;
    assert!(studio.answer(said, "Tap one").await?.contains("Alpha TV"));
    studio.telecast.signal("TERM")?;
    assert!(studio.telecast.wait_for_end(SOON).await?.success());
    Ok(())
}

#[test]
fn a_panel_is_read_target_by_target() {
    let panel = "🔴 Live for 2 min\n📷 640×360\n\n🟢 Alpha · sending\n     900 kbit/s\n🔴 Beta · refused\n     It is down\n\nWatch";
    assert_eq!(about(panel, "Alpha"), "Alpha · sending\n     900 kbit/s");
    assert_eq!(about(panel, "Beta"), "Beta · refused\n     It is down");
    assert_eq!(about(panel, "Gamma"), "");
}

#[test]
fn a_film_that_is_cut_or_sounds_late_is_found_out() -> Result<(), Fault> {
    let dir = scratch()?;
    let make = |name: &str, arguments: &[&str]| {
        let film = dir.path().join(name);
        let ended =
            Command::new("ffmpeg").args(["-nostdin", "-v", "error", "-y"]).args(arguments).arg(&film).output()?;
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        Ok::<_, Fault>(film)
    };
    let picture = "color=black:s=320x180:r=25,drawbox=t=fill:w=iw:h=ih:color=white:enable='lt(mod(n,10),3)'";
    let sound = "aevalsrc='if(lt(mod(t+0.00001,0.4),0.1),0.8*sin(2*PI*1000*t),0)':s=44100";
    let inputs = ["-t", "3", "-f", "lavfi", "-i", picture, "-t", "3", "-f", "lavfi", "-i", sound];
    let whole = make("whole.mp4", &[&inputs[..], &["-pix_fmt", "yuv420p", "-g", "50"]].concat())?;
    let path = whole.to_str().unwrap();
    assert!(film::complaints(&whole)?.is_empty() && film::begins_with_keyframe(&whole)?);
    assert!(film::apart(&whole)? <= 5.0, "{}", film::apart(&whole)?);
    let shifted = ["-i", path, "-itsoffset", "0.08", "-i", path, "-map", "0:v", "-map", "1:a", "-c", "copy"];
    let late = film::apart(&make("late.mp4", &shifted)?)?;
    assert!((75.0..85.0).contains(&late), "{late}");
    let mut bytes = std::fs::read(&whole)?;
    let mdat = bytes.windows(4).position(|name| name == b"mdat").ok_or(Fault("no media".into()))?;
    bytes[mdat + 400..mdat + 2_000].fill(0xa5);
    let broken = dir.path().join("broken.mp4");
    std::fs::write(&broken, bytes)?;
    assert!(!film::complaints(&broken)?.is_empty());
    Ok(())
}
