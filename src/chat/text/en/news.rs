//! What is told without being asked, and why platforms fail.

use super::{forewarn, panel::source, refusal, rights, show::listed, show::report, span, stream};
use crate::chat::advice::Meaning;
use crate::chat::said::Said;
use crate::chat::screen::{News, TroubleView};
use crate::chat::view::FailureView;
use crate::domain::status::{Barred, LoginFault};

pub(super) fn news(news: &News) -> String {
    match news {
        News::SourceSeen { source: seen, studio } => {
            format!("<b>📷 Your picture is here{}.</b>\n\n{}\nNobody sees it yet. Go live?", of(studio), source(seen))
        }
        News::Held { clean: true, hold, studio, .. } => format!(
            "<b>⏸ Your camera or OBS was stopped{}.</b>\n\nI keep you on air for {}, then the show ends.",
            of(studio),
            span(*hold)
        ),
        News::SourceUnstable { studio } => format!(
            "<b>🟠 Your picture comes and goes{}: three times in five minutes.</b>\n\nI keep you on air each time, and tell you once it has been there for five minutes. Check the network of your camera or OBS; a lower bitrate may help.",
            of(studio)
        ),
        News::Kept { hold, studio } => format!(
            "<b>🟠 I keep you on air for another {}{}.</b>\n\nThe show goes on as soon as your picture is back. If it is not back by then, the show is paused.",
            span(*hold),
            of(studio)
        ),
        News::NotRecorded { full, studio } => {
            let why = if *full { "the place for recordings is full" } else { "the server’s disk does not take it" };
            format!(
                "<b>⏺ I stopped recording{}: {why}.</b>\n\nThe show goes on, and what was recorded until now is kept. To go on recording, delete old recordings, then switch it off and on again: /recordings.",
                of(studio)
            )
        }
        News::HoldEnding { hold, studio } => format!(
            "<b>⚠️ Your picture is still gone{}: in one minute the show is paused.</b>\n\nI then disconnect the platforms. Shall I keep you on air for another {}?",
            of(studio),
            span(*hold)
        ),
        News::Held { clean: false, hold, sound_only, studio } => {
            let mut text = format!(
                "<b>⚠️ Your picture is gone{}.</b>\n\nI keep you on air for {} and go on as soon as it is back. Check your camera or OBS and its network.",
                of(studio),
                span(*hold)
            );
            if *sound_only {
                text += "\n\nUntil then I can’t repeat your last picture, and a platform may end the show sooner. For the next time, set in your camera or OBS: keyframe interval 2 s, closed GOP, no intra refresh.";
            }
            text
        }
        News::HeldPulled { hold, sound_only, studio } => {
            let mut text = format!(
                "<b>⚠️ Your picture is gone{}.</b>\n\nI keep you on air for {} and go on as soon as it is back. Meanwhile I keep trying the URL. Check the server behind it, or your camera or OBS if that was on.",
                of(studio),
                span(*hold)
            );
            if *sound_only {
                text += "\n\nUntil then I can’t repeat your last picture, and a platform may end the show sooner.";
            }
            text
        }
        News::Resumed { after, studio } => {
            format!("<b>✅ Your picture is back after {}{}.</b>", span(*after), of(studio))
        }
        News::Paused { left, new, maybe, studio } => {
            let mut text = format!(
                "<b>⏸ The show is paused{}: there is no picture.</b>\n\nI disconnected the platforms. When your camera or OBS is back within {}, the show goes on.",
                of(studio),
                span(*left)
            );
            if !new.is_empty() {
                text += &format!("\nA new video will begin on: {}", listed(new));
            }
            if !maybe.is_empty() {
                text += &format!("\nA new video may begin on: {}", listed(maybe));
            }
            text
        }
        News::Trouble { name, trouble, meaning, others, studio } => {
            self::trouble(name, trouble, meaning.as_ref(), *others, studio)
        }
        News::Recovered { name, after, studio } => {
            format!("<b>✅ {name} is back after {}{}.</b>", span(*after), of(studio))
        }
        News::Stream { finding, studio } => stream::found(*finding, &of(studio)),
        News::Withdrawn { name, by, others } => rights::withdrawn(name, by.as_ref(), *others),
        News::LostRight { who, cut } => rights::lost(who.as_ref(), *cut),
        News::YourRightLost { cut, studio } => rights::yours_lost(*cut, studio.as_ref()),
        News::ThrownOut { studio } => rights::thrown_out(studio.as_ref()),
        News::OnDuty { on: true, studio } => format!(
            "<b>🔔 You are on duty{}.</b>\n\nWhen something must be done about a show there, I tell you here, with a sound. You can mute that for an hour at any time.",
            of(studio)
        ),
        News::OnDuty { on: false, studio } => format!(
            "<b>You are off duty{}.</b>\n\nI still tell you what must be done about shows that you start yourself.",
            of(studio)
        ),
        News::NobodyCalled => "<b>🔔 This show needs somebody, and I can reach nobody in private.</b>\n\nWhoever started it has not written to me, or is no longer an operator. Will one of you take over? Tap below: I then tell you in private what must be done. Here I say it without a sound.".to_owned(),
        News::NotAnnounced { place } => format!(
            "<b>📣 I can no longer announce your shows in “{place}”: I was removed there, may not post, or its admins do not want it.</b>\n\nTo go on, add me there again, as an admin who may post where it is a channel: /announce in private shows the way."
        ),
        News::Changed { who, change } => rights::changed(who.as_ref(), change),
        News::Forewarned { cautions, studio } => forewarn::forewarned(cautions, &of(studio)),
        News::StaleKey { studio } => format!(
            "<b>⚠️ A camera or OBS is trying an old or incomplete key of yours{}.</b>\n\nI did not let it in. If that is you, copy the whole key again.",
            of(studio)
        ),
        News::Contested { studio } => format!(
            "<b>⚠️ Two cameras or OBS are fighting over your stream{}.</b>\n\nI keep the one that is on now and turn the other away for as long as it sends. Stop the one that you don’t want. If it isn’t yours, make a new key.",
            of(studio)
        ),
        News::WaitExpired { studio } => {
            format!(
                "<b>I stopped waiting{}: no picture came.</b>\n\nSend /golive when your camera or OBS is ready.",
                of(studio)
            )
        }
        News::Ended { report: view } => report(view),
        News::EndedByHost { report: view } => format!(
            "<b>⏹ The host of this server has ended your show.</b>\n\n{}\n\nAsk them if you don’t know why.",
            report(view)
        ),
        News::ResumeAsked { still, studio } => format!(
            "<b>I was restarted, and your show{} has stood still for {}.</b>\n\nGo on with it?",
            of(studio),
            span(*still)
        ),
    }
}

fn go_on(others: bool) -> &'static str {
    if others { "The other platforms go on. " } else { "" }
}

fn of(studio: &Option<Said>) -> String {
    studio.as_ref().map(|studio| format!(" in “{studio}”")).unwrap_or_default()
}

fn trouble(
    name: &Said,
    trouble: &TroubleView,
    meaning: Option<&Meaning>,
    others: bool,
    studio: &Option<Said>,
) -> String {
    let (studio, go_on) = (of(studio), go_on(others));
    let trying = if others { "I keep trying; the other platforms go on." } else { "I keep trying." };
    match trouble {
        TroubleView::Refused { words } => refusal::refused(name, words, meaning, go_on, &studio),
        TroubleView::Codec(codec) => format!(
            "<b>🔴 {name} does not take {codec}{studio}: I send nothing there.</b>\n\nViewers would see no picture. {go_on}In OBS, Settings → Output → Video Encoder: choose H.264. As soon as that comes, I send it there too."
        ),
        TroubleView::KeyOver => format!(
            "<b>🔴 The stream key for {name} has expired{studio}: I send nothing there.</b>\n\n{go_on}Get a new key there, then tap “New key” and send it to me."
        ),
        TroubleView::Login(fault) => login(name, *fault, go_on, &studio),
        TroubleView::Lost(Some(why)) => {
            let say = meaning.map(|meaning| format!(" {}", refusal::cure(meaning))).unwrap_or_default();
            format!("<b>🟠 I can’t get through to {name}{studio}.</b>\n\n{}. {trying}{say}", failure(why))
        }
        TroubleView::Lost(None) => {
            format!("<b>🟠 I can’t get through to {name}{studio}.</b>\n\n{trying}")
        }
        TroubleView::Slow => format!(
            "<b>🟠 {name} can’t keep up with your stream{studio}.</b>\n\nI skip frames there{}. A lower bitrate would help.",
            if others { "; the other platforms get everything" } else { "" }
        ),
        TroubleView::Unstable(Some(why)) => format!(
            "<b>🟠 {name} is unstable{studio}: three interruptions in five minutes.</b>\n\n{}. I keep trying, and tell you once it has been fine for five minutes.",
            failure(why)
        ),
        TroubleView::Unstable(None) => format!(
            "<b>🟠 {name} is unstable{studio}: three interruptions in five minutes.</b>\n\nI keep trying, and tell you once it has been fine for five minutes."
        ),
    }
}

fn login(name: &Said, fault: LoginFault, go_on: &str, studio: &str) -> String {
    let (what, cure) = match fault {
        LoginFault::Needed => (
            "asks for a user name and a password",
            "Tap “New key” and send me the server with both in it, <code>rtmp://user:password@server/app</code>, and the stream key.",
        ),
        LoginFault::WrongPassword => (
            "doesn’t accept the user name or the password",
            "Check both there. Then tap “New key” and send me the server with the right ones in it, <code>rtmp://user:password@server/app</code>, and the stream key.",
        ),
        LoginFault::NoSuchUser => (
            "doesn’t know the user name",
            "Check it there. Then tap “New key” and send me the server with the right one in it, <code>rtmp://user:password@server/app</code>, and the stream key.",
        ),
        LoginFault::Unknown => (
            "asks for a login of a kind that I don’t know",
            "Does it also offer an address without a login? Then tap “New key” and send me that one with its stream key.",
        ),
    };
    format!("<b>🔴 {name} {what}{studio}.</b>\n\n{go_on}{cure}")
}

/// Why a platform failed, without a full stop.
pub(super) fn failure(failure: &FailureView) -> String {
    match failure {
        FailureView::Refused(words) if words.is_empty() => "It refuses the stream key".into(),
        FailureView::Refused(words) => format!("It refuses the stream key: “{words}”"),
        FailureView::Login(fault) => match fault {
            LoginFault::Needed => "It asks for a user name and a password".into(),
            LoginFault::WrongPassword => "It doesn’t accept the user name or the password".into(),
            LoginFault::NoSuchUser => "It doesn’t know the user name".into(),
            LoginFault::Unknown => "It asks for a login of a kind that I don’t know".into(),
        },
        FailureView::Codec(codec) => format!("It does not take {codec}, so I send nothing there"),
        FailureView::KeyOver => "Its stream key has expired, so I send nothing there".into(),
        FailureView::Dns => "Its server name does not exist, or could not be looked up".into(),
        FailureView::Blocked(why) => barred(*why).into(),
        FailureView::Down => "Nothing answers at its address: it may be down".into(),
        FailureView::Timeout => "It does not answer".into(),
        FailureView::Tls => "No secure connection: its certificate is not accepted".into(),
        FailureView::Protocol => "Its answer is not proper RTMP".into(),
        FailureView::Closed => "It closed the connection".into(),
        FailureView::Reset => "The connection to it broke".into(),
        FailureView::Stalled => "It is connected, but takes no more data".into(),
        FailureView::Internal => "A fault of mine; it is in the log where Telecast runs".into(),
    }
}

fn barred(why: Barred) -> &'static str {
    match why {
        Barred::Inside => {
            "Its address leads into a private network, where I don’t connect; whoever runs this Telecast can open it"
        }
        Barred::Port => "Its port belongs to another kind of service, so I don’t connect; please check the address",
        Barred::Own => "Its address leads back to this Telecast, and the stream would run in a circle",
        Barred::Crowded => {
            "I don’t know this server, and such a one gets no more than 4 streams of a studio and 20 in all; whoever runs \
             this Telecast can add it to those that I know"
        }
    }
}
