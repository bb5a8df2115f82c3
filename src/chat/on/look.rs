//! /look: a short film of what goes out.

use super::Done;
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::label::Label;
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, Video, tap};
use crate::chat::screen::{LookView, Screen};
use crate::domain::access::Right;
use crate::service::{Clip, Look};
use std::sync::Arc;

impl Desk {
    /// A second of the show may have to be waited for, so it is done in a task of its own.
    pub(super) async fn look(self: &Arc<Self>, talk: &Talk) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let (desk, talk) = (Arc::clone(self), talk.clone());
        self.spawn(async move {
            let view = match desk.service.look(caller).await {
                Ok(Look::Clip(clip)) => return desk.show_clip(&talk, clip).await,
                Ok(Look::NoSource) => LookView::NoSource,
                Ok(Look::NoPicture) => LookView::NoPicture,
                Ok(Look::SoundOnly) => LookView::SoundOnly,
                Ok(Look::SilenceOnly) => LookView::SilenceOnly,
                Ok(Look::Codec(codec)) => LookView::Codec(codec),
                Ok(Look::TooLong) => LookView::TooLong,
                Ok(Look::UnderWay) => LookView::UnderWay,
                Err(refused) => return desk.refuse(&talk, refused.into(), None),
            };
            desk.say(&talk, Screen::Look(view));
        });
        Ok(())
    }

    async fn show_clip(&self, talk: &Talk, clip: Clip) {
        let Clip { file, width, height, lasts, sound, scene, turn } = clip;
        let size = (width > 0 && height > 0).then_some((width, height));
        let again = tap(Label::LookAgain, again(Command::Look));
        let page = Page::new(Screen::Look(LookView::Clip { scene, lasts, size, sound })).row([again]).only_if(talk);
        let mut post = self.drawn(talk, &page);
        // Telegram counts in whole seconds.
        let seconds = u32::try_from((lasts.as_millis() + 500) / 1_000).unwrap_or(0).max(1);
        post.video = Some(Video { file, width, height, seconds });
        let sent = self.outbox.send_numbered(talk.chat, Urgency::Reply, post).await;
        drop(turn);
        if sent.is_err() {
            self.say(talk, Screen::Look(LookView::NotSent));
        }
    }
}
