//! Which of a platform's servers a target is sent to.

use super::Done;
use crate::chat::desk::{Desk, Talk};
use crate::chat::label::Label;
use crate::chat::menu::{Action, Deed};
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Screen, ServerRow, Target as View};
use crate::domain::access::Right;
use crate::domain::id::TargetId;
use crate::domain::lang::Lang;
use crate::domain::rtmp_url::ServerUrl;
use crate::platform::{Platform, Server};

impl Desk {
    pub(super) async fn servers_ask(&self, talk: &Talk, id: TargetId) -> Done {
        let target = self.target(talk, id).await?;
        let platform = self.service.catalogue().get_or_custom(&target.platform);
        let rows = server_rows(platform, &target.shown_server, talk.lang);
        let screen = Screen::Target(View::Servers { name: Said::from(&target.name), rows });
        let choice =
            |number| tap(Label::Name(Said::name(&format!("{}", number + 1))), Action::Target(id, Deed::Server(number)));
        let page = Page::new(screen).grid(4, (0..platform.servers.len()).map(choice));
        self.turn(talk, page.row([tap(Label::Back, Action::Target(id, Deed::Show))]).only_if(talk));
        Ok(())
    }

    pub(super) async fn server_chosen(&self, talk: &Talk, id: TargetId, number: usize) -> Done {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let target = self.service.move_target(caller, id, number).await?;
        let live = target.enabled && self.service.panel(studio.id).is_some_and(|panel| panel.has_broadcast());
        let (name, server) = (Said::from(&target.name), Said::address(&target.shown_server));
        let page = Page::new(Screen::Target(View::Moved { name, server, live }));
        self.turn(talk, page.row([tap(Label::Back, Action::Target(id, Deed::Show))]).only_if(talk));
        Ok(())
    }
}

/// A platform's servers; `shown` is the one in use, as it is shown.
pub(super) fn server_rows(platform: &Platform, shown: &str, lang: Lang) -> Vec<ServerRow> {
    let row = |server: &Server| {
        let url = ServerUrl::parse(&server.url).ok()?.shown();
        let say = server.say.as_ref().map(|say| Said::address(say.of(lang)));
        Some(ServerRow { on: url == shown, server: Said::address(&url), say })
    };
    platform.servers.iter().filter_map(row).collect()
}
