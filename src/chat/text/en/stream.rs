//! How the stream itself is: its sound on the panel, and what is wrong with it.

use super::span;
use crate::domain::monitor::{Ailment, Fault, Finding, Hearing};
use std::time::Duration;

/// A line of the panel.
pub(super) fn hearing(hearing: Hearing) -> String {
    match hearing {
        Hearing::Fine(db) => format!("🔊 Sound: fine ({})", decibels(db)),
        Hearing::Quiet(db) => format!("🔉 Sound: very quiet ({})", decibels(db)),
        Hearing::TooLoud => "📢 Sound: too loud, it distorts".to_owned(),
        Hearing::Silent(lasts) => format!("🔇 Sound: silent for {}", span(lasts)),
        Hearing::Missing => "🔇 Sound: none comes with the picture".to_owned(),
    }
}

fn decibels(db: i32) -> String {
    if db < 0 { format!("−{} dB", db.unsigned_abs()) } else { format!("{db} dB") }
}

/// `studio`: where, behind a space, or nothing.
pub(super) fn found(finding: Finding, studio: &str) -> String {
    match finding {
        Finding::Found(fault, lasted) => trouble(fault, lasted, studio),
        Finding::Over(ailment, lasted) => recovered(ailment, lasted, studio),
    }
}

fn trouble(fault: Fault, lasted: Duration, studio: &str) -> String {
    let for_so_long = span(lasted);
    match fault {
        Fault::Silent { ever: true } => format!(
            "<b>🔇 Your sound is gone{studio}: nothing has been heard for {for_so_long}.</b>\n\nViewers see your picture and hear nothing. I tell you here when the sound is back.\n\n{UNMUTE}"
        ),
        Fault::Silent { ever: false } => format!(
            "<b>🔇 Viewers hear nothing{studio}: your show has been silent from its beginning.</b>\n\nThe picture goes out as it should. I tell you here when there is sound.\n\n{UNMUTE}"
        ),
        Fault::NoSound => format!(
            "<b>🔇 Your stream has no sound at all{studio}.</b>\n\nThe picture goes out alone, and some platforms do not show a stream without sound.\n\n{UNMUTE}"
        ),
        Fault::NoPicture => format!(
            "<b>⚠️ Your picture has stopped{studio}: for {for_so_long} only sound has come.</b>\n\nViewers see a picture that stands still. I keep you on air and tell you here when it moves again.\n\n• OBS: if it says that encoding is overloaded, choose a smaller resolution or another video encoder; see that the camera is still there.\n• Camera app: keep it open, with the screen on.\n• Meeting: share again."
        ),
        Fault::Frozen => format!(
            "<b>🟡 Your picture looks frozen{studio}: nothing seems to have moved for {for_so_long}.</b>\n\nI can only judge by how little data comes. If you are showing a slide or a break, all is well. If not, tap “Look”; then switch the camera off and on, choose its source again in OBS, or share again in the meeting."
        ),
        Fault::Blank { ever } => {
            let since = if ever { format!("for {for_so_long}") } else { "since your show began".to_owned() };
            format!(
                "<b>⚫ Your picture looks empty{studio}: {since} it seems to be black, or all of one colour.</b>\n\nI can only judge by how little data comes; tap “Look” to be sure. If it is not meant to be so:\n\n• OBS: choose the right scene, and see that its sources are shown.\n• Camera: take the cap off, allow the app to use it.\n• Meeting: start sharing."
            )
        }
        Fault::RareKeyframes { every_s } => format!(
            "<b>🟡 Your keyframes come each {every_s} s{studio}; platforms want one each 2 s.</b>\n\nThe show goes on, but viewers wait longer for the picture, and a platform may complain. In OBS, Settings → Output → Keyframe Interval: set 2; in a camera app, set the keyframe interval or GOP to 2 s. It counts from the next time that you start streaming there."
        ),
        Fault::Starved { kbps, usual_kbps } => format!(
            "<b>🟠 Much less comes from your camera or OBS{studio}: {kbps} kbit/s instead of about {usual_kbps}.</b>\n\nIts network is probably too slow just now, so that viewers see a blurred or jerky picture. I send on all that comes. Go closer to the Wi-Fi, use a cable or another network, or set a lower bitrate."
        ),
    }
}

const UNMUTE: &str = "• OBS: does the meter in the mixer move? Unmute the source, or choose your microphone in it again.\n• Camera app: allow it to use the microphone, and unmute it.\n• Tencent Meeting: unmute, and when you share the screen, share the computer’s sound too.";

fn recovered(ailment: Ailment, after: Duration, studio: &str) -> String {
    let after = span(after);
    match ailment {
        Ailment::Sound => format!("<b>✅ There is sound again after {after}{studio}.</b>"),
        Ailment::Picture => format!("<b>✅ Your picture moves again after {after}{studio}.</b>"),
        Ailment::Keyframes => format!("<b>✅ Your keyframes come often enough now{studio}.</b>"),
        Ailment::Rate => {
            format!("<b>✅ As much as usual comes from your camera or OBS again after {after}{studio}.</b>")
        }
    }
}
