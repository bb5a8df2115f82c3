//! Where the stream is taken from when no encoder publishes, and who may play it. In private only, but for a retry.

use super::{Done, Stop};
use crate::chat::desk::{Desk, Talk};
use crate::chat::dialogue::{Dialogue, Step};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, SourceDeed};
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, copy, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Encoder, Played, PullCheck, Pulled, Screen};
use crate::chat::view::PullFailureView;
use crate::domain::access::{Caller, Right};
use crate::domain::rtmp_url::{PushPoint, UrlFault};
use crate::domain::status::PullState;
use crate::service::{PlayAddress, PullTrial};
use std::sync::Arc;

impl Desk {
    pub(super) async fn source_deed(self: &Arc<Self>, talk: &Talk, deed: SourceDeed) -> Result<Toast, Stop> {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        match deed {
            SourceDeed::Pull => match self.service.pull(caller).await? {
                Some(info) => {
                    let screen = Pulled::Is { from: Said::address(&info.shown), studio: self.foreign(talk) };
                    self.turn(talk, pull_page(screen, talk));
                }
                None => self.ask_url(talk).await?,
            },
            SourceDeed::AskUrl => self.ask_url(talk).await?,
            SourceDeed::StopPull => {
                self.service.stop_pull(caller).await?;
                self.turn(talk, Page::new(Screen::Pulled(Pulled::Stopped)).row([back()]).only(talk.user()));
            }
            SourceDeed::Retry => {
                self.service.retry_pull(caller).await?;
                return Ok(Toast::FetchingNow);
            }
            SourceDeed::Play => match self.service.sharing(caller).await? {
                Some(address) => self.show_played(talk, &address, false),
                None => self.show_off(talk, false),
            },
            SourceDeed::Share => {
                let address = self.service.share(caller).await?;
                self.show_played(talk, &address, false);
            }
            SourceDeed::Unshare => {
                self.service.unshare(caller).await?;
                self.show_off(talk, true);
            }
            SourceDeed::RenewAsk => {
                let row =
                    [tap(Label::RenewKeyNow, deed_of(SourceDeed::Renew)), tap(Label::Back, deed_of(SourceDeed::Play))];
                self.turn(talk, Page::new(Screen::Played(Played::RenewAsk)).row(row).only(talk.user()));
            }
            SourceDeed::Renew => {
                let address = self.service.renew_read_key(caller).await?;
                self.show_played(talk, &address, true);
            }
        }
        Ok(Toast::Silent)
    }

    async fn ask_url(&self, talk: &Talk) -> Done {
        let (_, studio) = self.admit(talk, Right::Operate).await?;
        self.set_dialogue(talk, &Dialogue::new(studio.id, Step::Pull)).await?;
        let page = Page::new(Screen::Pulled(Pulled::Ask { studio: self.foreign(talk) }));
        self.turn(talk, page.row([tap(Label::Cancel, Action::Cancel)]).only(talk.user()));
        Ok(())
    }

    /// An address was sent. It is taken as it is, and tried: a stream that is not there yet may come.
    pub(super) async fn url_given(self: &Arc<Self>, talk: &Talk, text: &str) -> Done {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let point = match PushPoint::from_url(address_in(text)) {
            Ok(point) => point,
            Err(fault) => {
                // It may hold a key all the same; a web page is harmless.
                if fault != UrlFault::WebPage {
                    self.erase(talk).await;
                }
                let page = Page::new(Screen::Pulled(Pulled::Fault(fault)));
                self.say(talk, page.row([tap(Label::Cancel, Action::Cancel)]).only(talk.user()));
                return Ok(());
            }
        };
        let info = self.service.set_pull(caller, point.clone()).await?;
        self.forget_dialogue(talk).await?;
        let deleted = self.erase(talk).await;
        let pull = self.service.panel(studio.id).and_then(|panel| panel.pull);
        let live = pull.is_some_and(|pull| pull.state != PullState::Resting);
        let check = if live { PullCheck::Live } else { PullCheck::Pending };
        let shown = Pulled::Saved { from: Said::address(&info.shown), deleted, check };
        let post = self.drawn(talk, &pull_page(shown.clone(), talk));
        if live {
            self.outbox.send(talk.chat, Urgency::Reply, post);
            return Ok(());
        }
        let number = self.outbox.send_numbered(talk.chat, Urgency::Reply, post);
        let (desk, talk) = (Arc::clone(self), talk.clone());
        let check = async move {
            let Some(check) = desk.checked(&talk, caller, &point).await else { return };
            let Pulled::Saved { from, deleted, .. } = shown else { return };
            let post = desk.drawn(&talk, &pull_page(Pulled::Saved { from, deleted, check }, &talk));
            if let Ok(number) = number.await {
                desk.outbox.edit(talk.chat, Urgency::Reply, number, post);
            }
        };
        self.spawn(check);
        Ok(())
    }

    async fn checked(&self, talk: &Talk, caller: Caller, point: &PushPoint) -> Option<PullCheck> {
        match self.service.try_pull(caller, point).await {
            Ok(PullTrial::Plays) => Some(PullCheck::Plays),
            Ok(PullTrial::Failed(failure)) => Some(PullCheck::Failed(PullFailureView::of(&failure))),
            Err(refused) => {
                self.refuse(talk, refused.into(), None);
                None
            }
        }
    }

    /// The key is for those whom its studio's operators choose, and this is a private chat.
    fn show_played(&self, talk: &Talk, address: &PlayAddress, renewed: bool) {
        let url = |server: &str| format!("{}/{}", server.trim_end_matches('/'), address.key.expose());
        let whole = url(&address.server);
        let screen = Screen::Played(Played::On {
            url: Said::address(&whole),
            tls_url: address.tls_server.as_deref().map(|server| Said::address(&url(server))),
            studio: self.foreign(talk),
            renewed,
        });
        // Telegram copies up to 256 characters; longer ones can still be marked and copied in the text.
        let copies = (whole.chars().count() <= 256).then(|| copy(Label::CopyUrl, whole));
        let row = [
            tap(Label::RenewReadKey, deed_of(SourceDeed::RenewAsk)),
            tap(Label::Unshare, deed_of(SourceDeed::Unshare)),
        ];
        self.turn(talk, Page::new(screen).row(copies).row(row).row([back()]).only(talk.user()));
    }

    fn show_off(&self, talk: &Talk, cut: bool) {
        let page = Page::new(Screen::Played(Played::Off { studio: self.foreign(talk), cut }));
        self.turn(talk, page.row([tap(Label::Share, deed_of(SourceDeed::Share))]).row([back()]).only(talk.user()));
    }
}

fn deed_of(deed: SourceDeed) -> Action {
    Action::Source(deed)
}

fn back() -> crate::chat::page::Button {
    tap(Label::Back, Action::Encoder(Encoder::Obs))
}

fn pull_page(screen: Pulled, talk: &Talk) -> Page {
    let row = [tap(Label::OtherUrl, deed_of(SourceDeed::AskUrl)), tap(Label::StopPull, deed_of(SourceDeed::StopPull))];
    Page::new(Screen::Pulled(screen)).row(row).row([back()]).only(talk.user())
}

/// The address in what was sent: whatever begins like one, up to the next blank; without any, all of it.
fn address_in(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let starts = ["rtmp://", "rtmps://"].iter().filter_map(|scheme| lower.find(scheme));
    let rest = starts.min().map_or(text, |start| &text[start..]);
    rest.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_what_people_paste() {
        for text in [
            "rtmp://a.example/live/x?k=1",
            "URL：rtmp://a.example/live/x?k=1\nthanks",
            " 拉流地址 rtmp://a.example/live/x?k=1 ",
        ] {
            assert_eq!(address_in(text), "rtmp://a.example/live/x?k=1");
        }
        assert_eq!(address_in("RTMPS://A/live/x y"), "RTMPS://A/live/x");
        assert_eq!((address_in("https://a.example/x"), address_in(" ")), ("https://a.example/x", ""));
    }
}
