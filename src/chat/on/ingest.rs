//! /ingest: what an encoder is given, in private only.

use super::Done;
use super::start::in_private;
use crate::chat::desk::{Desk, Talk};
use crate::chat::label::Label;
use crate::chat::menu::{Action, Errand, SourceDeed};
use crate::chat::page::{Does, Page, copy, open, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Encoder, Group, Ingest, Screen};
use crate::domain::access::Right;
use crate::service::IngestAddress;
use std::sync::Arc;

impl Desk {
    pub(super) async fn ingest(&self, talk: &Talk) -> Done {
        if !talk.private() {
            self.admit_to_private(talk).await?;
            let page = Page::new(Screen::Group(Group::IngestInPrivate));
            self.say(talk, page.row([in_private(Label::OpenPrivate, Errand::Ingest)]));
            return Ok(());
        }
        self.ingest_for(talk, Encoder::Obs).await
    }

    /// In the words of one encoder.
    pub(super) async fn ingest_for(&self, talk: &Talk, encoder: Encoder) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let address = self.service.ingest(caller).await?;
        let page = self.service.set_up_link(caller, talk.lang).await?;
        self.show_address(talk, &address, encoder, false, page);
        Ok(())
    }

    pub(super) async fn renew_ask(&self, talk: &Talk) -> Done {
        self.admit(talk, Right::Operate).await?;
        let page = Page::new(Screen::Ingest(Ingest::RenewAsk));
        let row = [tap(Label::RenewKeyNow, Action::Renew), tap(Label::Back, Action::Encoder(Encoder::Obs))];
        self.turn(talk, page.row(row).only(talk.user()));
        Ok(())
    }

    pub(super) async fn renew(&self, talk: &Talk) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let address = self.service.renew_ingest(caller).await?;
        let page = self.service.set_up_link(caller, talk.lang).await?;
        self.show_address(talk, &address, Encoder::Obs, true, page);
        Ok(())
    }

    /// What of it is secret is behind the copy buttons, so that it is not left lying in the chat.
    fn show_address(
        &self,
        talk: &Talk,
        address: &IngestAddress,
        encoder: Encoder,
        renewed: bool,
        page: Option<String>,
    ) {
        let screen = Screen::Ingest(Ingest::Address {
            encoder,
            server: Said::address(&address.server),
            tls_server: address.tls_server.as_deref().map(Said::address),
            key: Said::address(&address.key.masked()),
            studio: self.foreign(talk),
            renewed,
        });
        let (key, whole) = (address.key.expose().to_owned(), whole(address));
        let copies = match encoder {
            Encoder::Larix => vec![copy(Label::CopyUrl, whole)],
            Encoder::Obs | Encoder::TencentMeeting => {
                vec![copy(Label::CopyServer, address.server.clone()), copy(Label::CopyKey, key)]
            }
        };
        // Telegram copies up to 256 characters; longer ones can still be shown, marked and copied.
        let copies = copies.into_iter().filter(|button| match &button.does {
            Does::Copy(text) => text.chars().count() <= 256,
            Does::Tap(_) | Does::Open(_) => true,
        });
        let all = [
            (Encoder::Obs, Label::Obs),
            (Encoder::Larix, Label::Larix),
            (Encoder::TencentMeeting, Label::TencentMeeting),
        ];
        let others = all.into_iter().filter(|(other, _)| *other != encoder);
        let set_up = page.map(|url| open(Label::SetUpCamera, url));
        let page = Page::new(screen)
            .row(copies)
            .row(set_up)
            .row(others.map(|(other, label)| tap(label, Action::Encoder(other))))
            .row([tap(Label::ShowKey, Action::ShowKey), tap(Label::RenewKey, Action::RenewAsk)])
            .row([
                tap(Label::PullFrom, Action::Source(SourceDeed::Pull)),
                tap(Label::LetPlay, Action::Source(SourceDeed::Play)),
            ]);
        self.turn(talk, page.only(talk.user()));
    }

    /// The key in clear, in a message that cannot be passed on and goes by itself.
    pub(super) async fn show_key(self: &Arc<Self>, talk: &Talk) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let address = self.service.ingest(caller).await?;
        let (key, url) = (Said::address(address.key.expose()), Said::address(&whole(&address)));
        let mut post = self.drawn(talk, &Page::new(Screen::Ingest(Ingest::Key { key, url })));
        post.protected = true;
        self.say_for_a_while(talk.chat, post);
        Ok(())
    }
}

/// Server and key in one.
fn whole(address: &IngestAddress) -> String {
    format!("{}/{}", address.server.trim_end_matches('/'), address.key.expose())
}
