//! Where the stream is taken from, and who may play it.

use super::news::failure;
use crate::chat::screen::{Played, PullCheck, Pulled};
use crate::chat::view::{FailureView, PullFailureView, PullView};
use crate::domain::rtmp_url::UrlFault;
use crate::domain::status::LoginFault;

const HOW: &str = "I fetch it from /golive until the show ends. A camera or OBS that streams to me takes its place for as long as it does.";

pub(super) fn pulled(screen: &Pulled) -> String {
    match screen {
        Pulled::Ask { studio } => {
            let of = studio.as_ref().map(|studio| format!(" for “{studio}”")).unwrap_or_default();
            format!(
                "<b>Which URL should I take the stream from{of}?</b>\n\nSend me the address that players use. It looks like rtmp://host/live/name, or begins with rtmps://.\n{HOW}\nI delete your message as soon as I have read it."
            )
        }
        Pulled::Is { from, studio } => {
            let of = studio.as_ref().map(|studio| format!(" for “{studio}”")).unwrap_or_default();
            format!("<b>I take the stream{of} from a URL.</b>\n\nURL: <code>{from}</code>\n{HOW}")
        }
        Pulled::Saved { from, deleted, check } => {
            let (head, more) = match check {
                PullCheck::Pending => ("Saved. Trying the URL …", String::new()),
                PullCheck::Plays => ("Saved: there is a stream at the URL.", HOW.to_owned()),
                PullCheck::Failed(why) => (
                    "Saved, but no stream comes from the URL just now.",
                    format!("⚠️ {}. From /golive on I keep trying until it comes.", pull_failure(why)),
                ),
                PullCheck::Live => {
                    ("Saved. I take the stream from there now.", "/status shows how it goes.".to_owned())
                }
            };
            let gone = if *deleted {
                "🗑 I deleted your message with the URL."
            } else {
                "⚠️ I could not delete your message with the URL. If it holds a key, please delete it yourself."
            };
            let more = if more.is_empty() { more } else { format!("{more}\n") };
            format!("<b>{head}</b>\n\nURL: <code>{from}</code>\n{more}\n{gone}")
        }
        Pulled::Fault(fault) => format!("<b>{}</b>\n\nSend it again, or /cancel.", self::fault(*fault)),
        Pulled::Stopped => {
            "<b>I no longer take the stream from a URL.</b>\n\nIt comes from your camera or OBS now: /ingest".into()
        }
    }
}

fn fault(fault: UrlFault) -> &'static str {
    match fault {
        UrlFault::Empty | UrlFault::Scheme => "The URL begins with rtmp:// or rtmps://.",
        UrlFault::TooLong => "That URL is too long.",
        UrlFault::WebPage => "That is a web page. I need the rtmp:// address that players use.",
        UrlFault::Malformed => "I can’t read that URL.",
        UrlFault::NoApp => "Something is missing at the end of the URL. It looks like rtmp://host/live/name.",
    }
}

pub(super) fn played(screen: &Played) -> String {
    match screen {
        Played::Off { cut: true, .. } => {
            "<b>Turned off. Nobody can play the stream any more.</b>\n\nWhoever did was cut off. If you turn it on again, the same address works again.".into()
        }
        Played::Off { studio, cut: false } => {
            let of = studio.as_ref().map(|studio| format!(" of “{studio}”")).unwrap_or_default();
            format!(
                "<b>Let others play the stream{of}?</b>\n\nFor VLC, OBS, ffmpeg or another server: I give you an address with a key of its own. Nobody can stream with it. Up to 10 can play at once."
            )
        }
        Played::On { url, tls_url, studio, renewed } => {
            let of = studio.as_ref().map(|studio| format!(" of “{studio}”")).unwrap_or_default();
            let mut text = if *renewed {
                "<b>Here is the new read key. The old one no longer works.</b>\n\n".to_owned()
            } else {
                format!("<b>Others can play the stream{of}.</b>\n\n")
            };
            text += &format!("URL: <tg-spoiler><code>{url}</code></tg-spoiler>");
            if let Some(tls) = tls_url {
                text += &format!("\nEncrypted: <tg-spoiler><code>{tls}</code></tg-spoiler>");
            }
            text + "\n\nWhoever has it sees the stream whenever there is one, before you go live too. Nobody can stream with it. Up to 10 can play at once."
        }
        Played::RenewAsk => {
            "<b>Make a new read key?</b>\n\nThe old one stops working at once, and whoever plays with it is cut off.".into()
        }
    }
}

/// The panel's line about a stream that is fetched and does not flow.
pub(super) fn pull(view: &PullView) -> Option<String> {
    Some(match view {
        PullView::Connecting => "📷 Getting the stream from its URL: connecting".to_owned(),
        PullView::Waiting => "📷 Connected to the URL, no stream there yet".to_owned(),
        PullView::Retrying { attempt, left, why } => {
            let why = why.as_ref().map(|why| format!("\n     {}", pull_failure(why))).unwrap_or_default();
            format!("📷 No stream from the URL, try {attempt} in {}{why}", super::span(*left))
        }
        PullView::Receiving | PullView::Resting => return None,
    })
}

/// Why no stream comes, without a full stop.
fn pull_failure(why: &PullFailureView) -> String {
    match why {
        PullFailureView::Refused(words) if words.is_empty() => "Its server refuses to play it".into(),
        PullFailureView::Refused(words) => format!("Its server refuses to play it: “{words}”"),
        PullFailureView::Login(LoginFault::Needed) => {
            "It asks for a user name and a password: send me the URL with both, as rtmp://user:password@host/live/name"
                .into()
        }
        PullFailureView::Login(fault) => failure(&FailureView::Login(*fault)),
        PullFailureView::Ended => "Its server says that the stream has ended".into(),
        PullFailureView::Silent => "It is connected, but nothing comes".into(),
        PullFailureView::Lost(loss) => failure(loss),
    }
}
