//! /look and /clip.

use super::span;
use crate::chat::said::Said;
use crate::chat::screen::LookView;
use crate::service::{Scene, Sound};
use std::time::Duration;

pub(super) fn look(screen: &LookView) -> String {
    match screen {
        LookView::Clip { scene, lasts, size, sound } => {
            let size = size.map(|(width, height)| format!(", {width}×{height}")).unwrap_or_default();
            let time = lasts.as_secs_f32();
            let facts = format!("the last {time:.1} s{size}");
            let mut text = match scene {
                Scene::OnAir => format!("<b>👁 What you send now</b>: {facts}."),
                Scene::Past => format!("<b>🎬 The last {time:.0} s of your show</b>{size}."),
                Scene::Before => format!("<b>👁 What comes in</b>: {facts}. It is not live; viewers do not see it."),
                Scene::Held => {
                    return format!("<b>👁 Your picture is away, and this is what I keep you on air with</b>: {facts}.");
                }
            };
            text += match sound {
                Sound::There => "",
                Sound::Silent => {
                    "\n\n🔇 <b>Nothing is heard in it.</b> In OBS, see that the meter in the mixer moves; in a camera app or a meeting, unmute."
                }
                Sound::None if *scene == Scene::Past => "\n\n🔇 It has no sound: none came in.",
                Sound::None => {
                    "\n\n🔇 <b>No sound comes with it.</b> In OBS, see that an audio source is there and not muted; in a meeting, share the sound too."
                }
                Sound::LeftOut => "\n\nIt plays without sound only here: a video in this chat takes AAC and Opus. Platforms get your sound as it is.",
            };
            text
        }
        LookView::Shown(shown) => match shown.as_slice() {
            [(name, Some(age))] => format!("<b>📺 {name} shows this</b>: a picture {} old.", old(*age)),
            [(name, None)] => format!("<b>📺 {name} shows this.</b> It does not tell how old the picture is."),
            all => {
                let line = |(at, (name, age)): (usize, &(Said, Option<Duration>))| {
                    let age = age.map_or("age unknown".into(), |age| format!("{} old", old(age)));
                    format!("\n{}. {name}: {age}", at + 1)
                };
                format!("<b>📺 What your platforms show</b>, picture by picture:{}", all.iter().enumerate().map(line).collect::<String>())
            }
        },
        LookView::NoSource => "<b>Nothing comes from your camera or OBS, so there is nothing to look at.</b>\n\nStart streaming there (/ingest has server and key), then send /look again.".into(),
        LookView::NoPicture => "<b>No picture came just now that a video could begin with.</b>\n\nPlease ask for it again in a moment. If it stays like this, set the keyframe interval in your encoder to 2 s: platforms want that too.".into(),
        LookView::SoundOnly => "<b>Only sound comes in, no picture.</b>\n\nIn OBS, see that a video source is there; in a camera app, switch the camera on. Then ask for it again.".into(),
        LookView::SilenceOnly => "<b>Your picture is away, and only silence goes out now.</b>\n\nI can’t repeat your last picture. For the next time, set in your camera or OBS: keyframe interval 2 s, closed GOP, no intra refresh.".into(),
        LookView::Codec(codec) => {
            let codec = codec.map(|codec| format!(" ({codec})")).unwrap_or_default();
            format!("<b>I can’t show you this picture here: a video in this chat can’t hold its codec{codec}.</b>\n\nPlatforms that take it get it as it is. With H.264, HEVC or AV1 you can look at it here.")
        }
        LookView::TooLong => "<b>The newest part of your stream is larger than a message may be.</b>\n\nSet the keyframe interval in your encoder to 2 s, then send /look again.".into(),
        LookView::UnderWay => "<b>Your last video is still on its way.</b>\n\nI send one at a time, so that the show has the line for itself.".into(),
        LookView::NotOn => "<b>No show is on, so there is no clip to cut.</b>\n\nWhile you are live, I keep the last minute: /clip sends you its last 30 s, /clip 60 all of it.".into(),
        LookView::Disk { full } => {
            let why = if *full { "The server’s disk is full" } else { "The server’s disk does not take it" };
            format!("<b>I could not keep the last minute, so there is no clip.</b> {why}. The show is not affected.\n\nTell whoever runs this Telecast. /look works all the same.")
        }
        LookView::NotSent => "<b>Telegram did not take the video.</b> The show is not affected.\n\nPlease ask for it once more. In a group, make me an admin, or let members send videos.".into(),
    }
}

/// `about 40 s`.
fn old(age: Duration) -> String {
    if age.as_secs() < 10 { "a few seconds".into() } else { format!("about {}", span(age)) }
}
