//! /watch: the studio's own page, for people to watch its shows on.

use super::{Done, Stop};
use crate::chat::desk::{Desk, Talk};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, WatchDeed};
use crate::chat::page::{Page, copy, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Screen, WatchView};
use crate::domain::access::Right;
use crate::service::WatchPage;

impl Desk {
    pub(super) async fn watch_page(&self, talk: &Talk) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let page = self.service.watch_page(caller).await?;
        self.say(talk, self.drawn_watch_page(talk, page, false));
        Ok(())
    }

    pub(super) async fn watch_deed(&self, talk: &Talk, deed: WatchDeed) -> Result<Toast, Stop> {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let page = match deed {
            WatchDeed::Show => self.drawn_watch_page(talk, self.service.watch_page(caller).await?, false),
            WatchDeed::Open => self.drawn_watch_page(talk, self.service.open_watch_page(caller).await?, false),
            WatchDeed::Close => {
                self.service.close_watch_page(caller).await?;
                closed(WatchView::Closed { studio: self.foreign(talk), now: true })
            }
            WatchDeed::RenewAsk => {
                let row = [tap(Label::RenewWatchLink, does(WatchDeed::Renew)), tap(Label::Back, does(WatchDeed::Show))];
                Page::new(Screen::Watch(WatchView::RenewAsk)).row(row)
            }
            WatchDeed::Renew => self.drawn_watch_page(talk, self.service.renew_watch_page(caller).await?, true),
        };
        self.turn(talk, page.only_if(talk));
        Ok(Toast::Silent)
    }

    /// The link is for an audience, so that it may be read in groups.
    fn drawn_watch_page(&self, talk: &Talk, page: WatchPage, renewed: bool) -> Page {
        let studio = self.foreign(talk);
        let page = match page {
            WatchPage::NoAddress => Page::new(Screen::Watch(WatchView::NoAddress)),
            WatchPage::Closed => closed(WatchView::Closed { studio, now: false }),
            WatchPage::Open(own) => {
                let link = Said::address(&own.link);
                // Telegram copies up to 256 characters; longer ones can still be marked and copied in the text.
                let copies = (own.link.chars().count() <= 256).then(|| copy(Label::CopyLink, own.link));
                let row = [
                    tap(Label::NewWatchLink, does(WatchDeed::RenewAsk)),
                    tap(Label::CloseWatchPage, does(WatchDeed::Close)),
                ];
                Page::new(Screen::Watch(WatchView::Open { link, watching: own.watching, studio, renewed }))
                    .row(copies)
                    .row(row)
            }
        };
        page.only_if(talk)
    }
}

fn closed(view: WatchView) -> Page {
    Page::new(Screen::Watch(view)).row([tap(Label::OpenWatchPage, does(WatchDeed::Open))])
}

fn does(deed: WatchDeed) -> Action {
    Action::Watch(deed)
}
