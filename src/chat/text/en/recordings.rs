//! /recordings.

use super::{many, span, weekly::zone};
use crate::chat::screen::{RecordingView, RecordingsView, Way};
use crate::chat::view::size;

pub(super) fn recordings(screen: &RecordingsView) -> String {
    match screen {
        RecordingsView::List { on, keeps, count } => {
            let mut text = if *on {
                "<b>⏺ I record your shows.</b>\n\nWhat goes out is kept as it is, in the quality that you send."
                    .to_owned()
            } else {
                "<b>Your shows are not recorded.</b>\n\nSwitch it on below, also in the middle of a show. What goes out is then kept as it is, in the quality that you send.".to_owned()
            };
            text += &format!(" Each recording stays for {}, then I delete it.", span(*keeps));
            text += &match count {
                0 => "\n\nThere is none yet.".to_owned(),
                _ => format!("\n\nYou have {}:", many(*count, "recording", "recordings")),
            };
            text
        }
        RecordingsView::One { recording, way } => {
            let mut text = format!("<b>🎞 {}</b>\n\n{}", when(recording), facts(recording));
            match way {
                Way::Here => {}
                Way::Link => {
                    text += "\n\nIt is too large for a chat, so I give you a link: whoever has it can load the video for a week."
                }
                Way::Disk => {
                    text += &format!(
                        "\n\nIt is too large for a chat. Whoever runs this Telecast finds it in the folder “recordings” as <code>{}</code>.",
                        recording.name
                    );
                }
            }
            text
        }
        RecordingsView::Film(recording) => format!("<b>🎞 {}</b>\n{}", when(recording), facts(recording)),
        RecordingsView::Deleted(recording) => format!("<b>🗑 Deleted: the recording of {}.</b>", when(recording)),
        RecordingsView::Gone => "<b>That recording is not there any more.</b>".into(),
        RecordingsView::NotHere => "<b>This server keeps no recordings.</b>\n\nWhoever runs it can change that. /clip gives you the last minute all the same.".into(),
        RecordingsView::Unfit => {
            "<b>That recording does not fit into a chat.</b>\n\nGo back and take its link, if there is one.".into()
        }
    }
}

fn when(recording: &RecordingView) -> String {
    format!("{} ({})", recording.at, zone(&recording.zone))
}

fn facts(recording: &RecordingView) -> String {
    format!("{} · {}", span(recording.name.lasts()), size(recording.bytes))
}

/// On a button: the day without its year, and no more than has room.
pub(super) fn short(recording: &RecordingView) -> String {
    format!("{} · {}", recording.at.get(5..).unwrap_or_default(), span(recording.name.lasts()))
}
