//! The panel.

use super::{many, news::failure, show::listed, sources, span, stream::hearing};
use crate::chat::view::{PageView, PanelView, PhaseView, PullView, Reach, SourceView, StateView, TargetView};

/// Platforms named in one line at most.
const NAMED: usize = 2;

pub(super) fn panel(view: &PanelView) -> String {
    let mut text = match view.phase {
        PhaseView::Idle => "<b>⚪ Not live</b>".to_owned(),
        PhaseView::Waiting { left, again: false } if view.pull.is_some() => {
            format!(
                "<b>🟡 Waiting for the picture</b>\nIt starts by itself when the stream comes. I wait another {}.",
                span(left)
            )
        }
        PhaseView::Waiting { left, again: false } => {
            format!(
                "<b>🟡 Waiting for your camera or OBS</b>\nIt starts by itself when the picture comes. I wait another {}.",
                span(left)
            )
        }
        PhaseView::Waiting { left, again: true } => {
            format!(
                "<b>🟡 I was restarted and am waiting for your camera or OBS</b>\nThe show goes on when it is back. I wait another {}.",
                span(left)
            )
        }
        PhaseView::Live { lasted } => format!("<b>{}</b>", live(&span(lasted), &view.reach())),
        PhaseView::Held { lasted, left } => {
            format!(
                "<b>🟠 Your picture is gone, I keep you on air</b>\nLive for {}. I keep it up for another {}.",
                span(lasted),
                span(left)
            )
        }
        PhaseView::Paused { left } => {
            format!(
                "<b>🟠 Paused: there is no picture</b>\nI disconnected the platforms. If your camera or OBS comes back within {}, the show goes on.",
                span(left)
            )
        }
        PhaseView::Asleep => "<b>🟠 Your show has stood still since I was restarted</b>\nGo on, or end it?".to_owned(),
    };
    let pulled = view.pull.as_ref().and_then(sources::pull);
    text += &match &view.source {
        Some(source) if view.pull == Some(PullView::Receiving) => {
            format!("\n📷 From the URL: {}", self::source(source))
        }
        Some(source) => {
            let whose = view.publisher.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            format!("\n📷 {whose}{}", self::source(source))
        }
        None => format!("\n{}", pulled.unwrap_or_else(|| "📷 No camera or OBS connected".to_owned())),
    };
    // That there is none at all stands in the line above.
    let sounds = view.source.as_ref().is_some_and(|source| source.audio.is_some());
    text += &view.hearing.filter(|_| sounds).map(|heard| format!("\n{}", hearing(heard))).unwrap_or_default();
    if view.viewers > 0 {
        text += &format!("\n👁 Playing it: {}", view.viewers);
    }
    if view.recording {
        text += "\n⏺ Recording";
    }
    if let Some(watching @ 1..) = view.watching {
        text += &format!("\n👀 {watching} on your watch page");
    }
    if !view.on_duty.is_empty() {
        text += &format!("\n🔔 On duty: {}", listed(&view.on_duty));
    }
    text.push('\n');
    for target in &view.targets {
        text += &line(target);
    }
    if view.targets.is_empty() {
        text += "\nNo platform yet: /addtarget";
    }
    if view.targets.iter().any(|target| target.state == StateView::Sending(PageView::Missing)) {
        text += "\n\nℹ️ “Sending” means that the platform takes your stream. I can’t ask it whether viewers see it.";
    }
    if view.targets.iter().any(|target| target.state == StateView::Sending(PageView::Recording)) {
        text += "\n\nℹ️ Where a recording plays, viewers don’t see what I send. End the recording on the platform, or start your live there.";
    }
    if !view.links.is_empty() {
        text += "\n\n<b>Watch</b>";
        for link in &view.links {
            text += &super::link(link);
        }
    }
    text
}

/// The conclusion, which a preview of the message shows.
fn live(lasted: &str, reach: &Reach) -> String {
    match reach {
        Reach::All(0) => format!("🔴 Live for {lasted}, on no platform"),
        Reach::All(up) => format!("🔴 Live for {lasted} on {}", many(*up, "platform", "platforms")),
        Reach::NotOn(names, _) if names.len() <= NAMED => {
            format!("🟠 Live for {lasted}, but not on {}", listed(names))
        }
        Reach::NotOn(names, of) => {
            format!("🟠 Live for {lasted}, but not on {} of {}", names.len(), many(*of, "platform", "platforms"))
        }
        Reach::OwnPage => format!("🔴 Live for {lasted} on your watch page"),
        Reach::Connecting => format!("🟡 Live for {lasted}, connecting"),
    }
}

/// What is seen of an encoder's stream.
pub(super) fn source(source: &SourceView) -> String {
    let mut parts = Vec::new();
    if let Some((width, height)) = source.size {
        parts.push(format!("{width}×{height}"));
    }
    parts.extend(source.fps.map(|fps| format!("{fps} fps")));
    parts.extend(source.video.map(str::to_owned));
    parts.push(source.audio.map_or("no sound".to_owned(), str::to_owned));
    if source.kbps > 0 {
        parts.push(format!("{} kbit/s", source.kbps));
    }
    parts.join(" · ")
}

fn sending(page: PageView) -> (&'static str, String) {
    let told = match page {
        PageView::Missing => "sending".to_owned(),
        PageView::Soon(Some(usual)) => format!("sending, not visible yet, usually takes up to {}", span(usual)),
        PageView::Soon(None) => "sending, not visible yet, that may take a minute or two".to_owned(),
        PageView::NotSeen => "sending, not seen live on its page yet".to_owned(),
        PageView::Recording => return ("🟠", "sending, but its page plays a recording".to_owned()),
        PageView::Silent => "sending, its page gives no answer, so I can’t tell whether viewers see it".to_owned(),
    };
    ("🟢", told)
}

fn line(target: &TargetView) -> String {
    let name = &target.name;
    let (icon, state) = match target.state {
        StateView::Off => ("⚪", "off".to_owned()),
        StateView::Ready => ("⚪", "ready".to_owned()),
        StateView::Waiting => ("🟡", "waits for the picture".to_owned()),
        StateView::Connecting => ("🟡", "connecting".to_owned()),
        StateView::Accepted => ("🟡", "accepted, sending begins".to_owned()),
        StateView::Sending(page) => sending(page),
        StateView::OnAir => ("🟢", "on air, viewers can see it".to_owned()),
        StateView::Slow => ("🟠", "too slow, skipping frames".to_owned()),
        StateView::Reconnecting { attempt, left } => ("🟠", format!("reconnecting, try {attempt} in {}", span(left))),
        StateView::Refused { retry: Some(left) } if target.turn.is_some() => {
            ("🔵", format!("your turn, next try in {}", span(left)))
        }
        StateView::Refused { retry: Some(left) } => ("🔴", format!("refused, next try in {}", span(left))),
        StateView::Refused { retry: None } => ("🔴", "refused".to_owned()),
    };
    let mut text = format!("\n{icon} <b>{name}</b> · {state}");
    let up = matches!(target.state, StateView::Accepted | StateView::Sending(_) | StateView::OnAir | StateView::Slow);
    let mut figures = Vec::new();
    if up {
        figures.push(format!("{} kbit/s", target.kbps));
        figures.extend((!target.uptime.is_zero()).then(|| span(target.uptime)));
    }
    if target.dropped_frames > 0 {
        figures.push(format!("{} frames dropped", target.dropped_frames));
    }
    if !figures.is_empty() {
        text += &format!("\n     {}", figures.join(" · "));
    }
    if let Some(title) = &target.title {
        text += &format!("\n     “{title}”");
    }
    if let Some(turn) = &target.turn {
        text += &format!("\n     👉 {}", turn.en);
    } else if let Some(why) = &target.failure {
        text += &format!("\n     {}", failure(why));
    }
    text
}
