//! The first question of /addtarget: which platform? The most used have their tiles on the first page.

use super::Done;
use super::start::in_private;
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::dialogue::{Dialogue, Paste, Step};
use crate::chat::label::Label;
use crate::chat::menu::{Action, Errand};
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{About, Add, Group, Press, Screen};
use crate::domain::access::Right;
use crate::domain::lang::Lang;
use crate::platform::{Platform, Role, Words};

/// Platforms on one page.
const TILES: usize = 20;

impl Desk {
    pub(super) async fn add_target(&self, talk: &Talk) -> Done {
        if !talk.private() {
            self.admit_to_private(talk).await?;
            let page = Page::new(Screen::Group(Group::AddInPrivate));
            self.say(talk, page.row([in_private(Label::OpenPrivate, Errand::AddTarget)]));
            return Ok(());
        }
        let (_, studio) = self.admit(talk, Right::Operate).await?;
        self.set_dialogue(talk, &Dialogue::new(studio.id, Step::Platform)).await?;
        self.turn(talk, self.tiles(talk, 0));
        Ok(())
    }

    /// Another page of platforms.
    pub(super) async fn tiles_turned(&self, talk: &Talk, page: usize) -> Done {
        self.admit(talk, Right::Operate).await?;
        self.turn(talk, self.tiles(talk, page));
        Ok(())
    }

    /// The most used platforms first; whatever has no tile goes by the last one.
    fn tiles(&self, talk: &Talk, page: usize) -> Page {
        let catalogue = self.service.catalogue();
        let tile = |platform: &Platform| {
            let name = Said::name(platform.name.of(talk.lang));
            tap(Label::Name(name), Action::Platform(platform.id.clone()))
        };
        let all = catalogue.tiles(talk.lang);
        let last = all.len().div_ceil(TILES).saturating_sub(1);
        let page = page.min(last);
        let shown = all.into_iter().skip(page * TILES).take(TILES).map(tile);
        let turns = [
            (page > 0).then(|| tap(Label::Previous, Action::Tiles(page - 1))),
            (page < last).then(|| tap(Label::MorePlatforms, Action::Tiles(page + 1))),
        ];
        Page::new(Screen::Add(Add::Platforms { studio: self.foreign(talk) }))
            .grid(2, shown)
            .row(turns.into_iter().flatten())
            .row([tile(catalogue.get_or_custom("custom")), tap(Label::Cancel, Action::Cancel)])
            .only(talk.user())
    }

    /// A platform was chosen.
    pub(super) async fn platform_chosen(&self, talk: &Talk, id: &str) -> Done {
        let (_, studio) = self.admit(talk, Right::Operate).await?;
        let platform = self.service.catalogue().get_or_custom(id);
        if platform.role == Role::Encoder {
            let About { name, notice, .. } = about(platform, talk.lang);
            let page = Page::new(Screen::Add(Add::Encoder { name, notice }));
            self.say(talk, page.row([tap(Label::Camera, again(Command::Ingest))]).only(talk.user()));
            return Ok(());
        }
        let paste = Paste { platform: Some(platform.id.clone()), ..Paste::default() };
        self.set_dialogue(talk, &Dialogue::new(studio.id, Step::Paste(paste))).await?;
        let screen = Screen::Add(Add::Paste { about: about(platform, talk.lang), rekey: None });
        self.turn(talk, Page::new(screen).row([tap(Label::Cancel, Action::Cancel)]).only(talk.user()));
        Ok(())
    }

    /// The id of the platform that is called so.
    pub(super) fn platform_named(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        let mut all = self.service.catalogue().all().iter();
        all.find(|p| is(&p.id) || is(&p.name.en) || is(&p.name.zh)).map(|p| p.id.clone())
    }
}

/// What a platform is, in the reader's language.
pub(in crate::chat) fn about(platform: &Platform, lang: Lang) -> About {
    let said = |words: Option<&Words>| words.map(|words| Said::address(words.of(lang)));
    About {
        name: Said::name(platform.name.of(lang)),
        key_hint: Said::address(platform.key.hint.of(lang)),
        needs: said(platform.needs.as_ref()),
        notice: said(platform.notice.as_ref()),
        press: press(platform, lang),
        closed: said(platform.closed.as_ref().map(|closed| &closed.say)),
        server: platform.default_server().map(|server| Said::address(&server.shown())),
        free_name: platform.free_name,
    }
}

/// What a platform's owner must press, in the reader's language.
pub(super) fn press(platform: &Platform, lang: Lang) -> Option<Press> {
    let press = platform.owner_press.as_ref()?;
    Some(Press { say: Said::address(press.say.of(lang)), link: press.link.as_deref().map(Said::address) })
}
