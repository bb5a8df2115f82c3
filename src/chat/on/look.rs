//! /look and /clip: a short film of what goes out, or of what went out.

use super::{Done, Stop};
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::Action;
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, Pictures, Video, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Announce, LookView, No, Screen};
use crate::chat::text;
use crate::chat::view::{coarse, links};
use crate::domain::access::{Caller, Right};
use crate::domain::announce::Spot;
use crate::service::{Clip, Look, Panel, Refused, Scene, Shown};
use std::sync::Arc;
use std::time::Duration;

/// Places to post a clip to that are offered at most.
const PLACES: usize = 5;
/// How long a clip is where nothing is said.
const CLIP: u64 = 30;
/// The shortest and the longest, in seconds.
const CLIPS: std::ops::RangeInclusive<u64> = 5..=60;

impl Desk {
    pub(super) async fn look(self: &Arc<Self>, talk: &Talk) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let desk = Arc::clone(self);
        self.film(talk, caller, Command::Look, async move { desk.service.look(caller).await });
        Ok(())
    }

    /// `time`: so many seconds, in whatever words.
    pub(super) async fn clip(self: &Arc<Self>, talk: &Talk, time: &str) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let time = seconds(time);
        let desk = Arc::clone(self);
        let made = async move { desk.service.clip(caller, Duration::from_secs(time)).await };
        self.film(talk, caller, Command::Clip(time.to_string()), made);
        Ok(())
    }

    /// A second of the show may have to be waited for, or a disk, so it is done in a task of its own.
    fn film(
        self: &Arc<Self>,
        talk: &Talk,
        caller: Caller,
        command: Command,
        made: impl Future<Output = Result<Look, Refused>> + Send + 'static,
    ) {
        let (desk, talk) = (Arc::clone(self), talk.clone());
        self.spawn(async move {
            let view = match made.await {
                Ok(Look::Clip(clip)) => return desk.show_clip(&talk, caller, command, clip).await,
                Ok(Look::NoSource) => LookView::NoSource,
                Ok(Look::NoPicture) => LookView::NoPicture,
                Ok(Look::SoundOnly) => LookView::SoundOnly,
                Ok(Look::SilenceOnly) => LookView::SilenceOnly,
                Ok(Look::Codec(codec)) => LookView::Codec(codec),
                Ok(Look::TooLong) => LookView::TooLong,
                Ok(Look::UnderWay) => LookView::UnderWay,
                Ok(Look::NotOn) => LookView::NotOn,
                Ok(Look::Disk { full }) => LookView::Disk { full },
                Err(refused) => return desk.refuse(&talk, refused.into(), None),
            };
            desk.say(&talk, Screen::Look(view));
        });
    }

    async fn show_clip(&self, talk: &Talk, caller: Caller, command: Command, clip: Clip) {
        let Clip { file, width, height, lasts, sound, scene, turn } = clip;
        let size = (width > 0 && height > 0).then_some((width, height));
        let label = if command == Command::Look { Label::LookAgain } else { Label::ClipAgain };
        let on_air = matches!(scene, Scene::OnAir | Scene::Held);
        let cut = on_air.then(|| tap(Label::Clip, again(Command::Clip(CLIP.to_string()))));
        let view = LookView::Clip { scene, lasts, size, sound };
        let row = [Some(tap(label, again(command))), cut].into_iter().flatten();
        let page = Page::new(Screen::Look(view)).row(row).only_if(talk);
        let studio = self.service.studio_of(talk.about).filter(|_| scene == Scene::Past);
        let places = studio.into_iter().flat_map(|studio| studio.announces).take(PLACES);
        let page = places.fold(page, |page, place| {
            page.row([tap(Label::PostIn(Said::name(&place.title)), Action::PostClip { spot: place.spot, film: None })])
        });
        let mut post = self.drawn(talk, &page);
        // Telegram counts in whole seconds.
        let seconds = u32::try_from((lasts.as_millis() + 500) / 1_000).unwrap_or(0).max(1);
        post.video = Some(Video { file, width, height, seconds });
        let sent = self.outbox.send_numbered(talk.chat, Urgency::Reply, post);
        let sent = async {
            let number = sent.await;
            drop(turn);
            number
        };
        // Nothing of this waits for a platform but what is told of it.
        let shown = async { if on_air { self.service.shown(caller).await.unwrap_or_default() } else { Vec::new() } };
        match tokio::join!(sent, shown) {
            (Ok(number), shown) if !shown.is_empty() => self.show_pictures(talk, number, shown),
            (Ok(_), _) => {}
            (Err(_), _) => self.say(talk, Screen::Look(LookView::NotSent)),
        }
    }

    /// Beside what is sent, what platforms show of it: under the film, which was message `film`.
    fn show_pictures(&self, talk: &Talk, film: i32, shown: Vec<Shown>) {
        let told = |shown: &Shown| (Said::from(&shown.name), shown.picture.age.map(coarse));
        let view = LookView::Shown(shown.iter().map(told).collect());
        let mut post = self.drawn(talk, &Page::new(Screen::Look(view)));
        post.reply_to = Some(film);
        post.pictures = Pictures(shown.into_iter().map(|shown| shown.picture.file).collect());
        self.outbox.send(talk.chat, Urgency::Reply, post);
    }
}

impl Desk {
    /// The clip in message `film` goes to a place where shows are announced. It lies with Telegram.
    pub(super) async fn post_clip(&self, talk: &Talk, spot: Spot, film: i32) -> Result<Toast, Stop> {
        let (_, studio) = self.admit(talk, Right::Operate).await?;
        let place = studio.announces.iter().find(|place| place.spot == spot).ok_or(No::UnknownTarget)?;
        let name = Said::name(&place.title);
        let panel = self.service.panel(studio.id).filter(Panel::is_live);
        let found = panel.map(|panel| panel.links()).unwrap_or_default();
        let view = Announce::Clip { title: Said::name(&studio.title), links: links(&found) };
        let text = text::caption(self.studio_lang(&studio), &Screen::Announce(view));
        let posted = self.telegram.copy(talk.chat, film, spot, &text).await;
        Ok(if posted.is_ok() { Toast::Posted(name) } else { Toast::NotPosted(name) })
    }
}

/// The first number in it, within bounds.
fn seconds(time: &str) -> u64 {
    let digits = time.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 {
        return CLIP;
    }
    // What is beyond all numbers is beyond the longest, too.
    digits[..end].parse().unwrap_or(u64::MAX).clamp(*CLIPS.start(), *CLIPS.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_as_long_as_is_said_within_bounds() {
        let said = ["", "45", "45s", "45 秒", "last 10", "1", "600", "99999999999999999999999", "soon"];
        assert_eq!(said.map(seconds), [30, 45, 45, 45, 10, 5, 60, 60, 30]);
    }
}
