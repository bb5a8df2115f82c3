//! /addtarget, once server and key are known: what was understood, whether the server answers, and which of the
//! platform's servers it is to be.

use super::Stop;
use super::servers::server_rows;
use crate::chat::desk::{Desk, Talk};
use crate::chat::dialogue::{Dialogue, Draft, Step, Tested};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, DraftDeed};
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Add, Check, Expiry, NoteView, OddKey, PasteFaultView, Screen, Target as View, Understood};
use crate::chat::view::coarse;
use crate::domain::access::{Caller, Right};
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::platform::paste::{PasteFault, PasteNote};
use crate::platform::{FREE_NAME, Part, expiry};
use crate::service::Preflight;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long the answer waits for the server: most answer sooner, and then one message says it all.
const AT_ONCE: Duration = Duration::from_millis(700);
/// An expiry farther away than this is not worth a word.
const EXPIRES_SOON: Duration = Duration::from_secs(7 * 86_400);

impl Desk {
    pub(super) fn understood(
        &self,
        talk: &Talk,
        draft: &Draft,
        point: &PushPoint,
        notes: &[PasteNote],
        deleted: bool,
    ) -> Understood {
        let platform = self.service.catalogue().get_or_custom(&draft.platform);
        let expiry = soon_over(expiry::expires_at(&point.key));
        let ended = platform.closed.as_ref();
        let odd = platform.key_fits(&point.key) == Some(false) && !platform.free_name;
        let odd_key = odd.then(|| OddKey {
            hint: Said::address(platform.key.hint.of(talk.lang)),
            sure: !platform.guesses(Part::Key),
        });
        // A new key is for the server that is there.
        let others = if draft.rekey.is_some() { 0 } else { platform.servers.len().saturating_sub(1) };
        let made_up = platform.free_name && point.key.expose() == FREE_NAME;
        Understood {
            platform: Said::name(platform.name.of(talk.lang)),
            server: Said::address(&point.server.shown()),
            key: if made_up { Said::name(FREE_NAME) } else { Said::address(&point.key.masked()) },
            made_up,
            name: Said::name(&draft.name),
            notes: notes.iter().map(note_view).collect(),
            deleted,
            check: Check::Pending,
            expiry,
            odd_key,
            others,
            ended: ended.map(|closed| Said::address(closed.say.of(talk.lang))),
            rekey: draft.rekey.is_some(),
        }
    }

    /// Shows what was understood, and whether the server answers. In a task of its own: servers may take their time.
    pub(super) fn show(
        self: &Arc<Self>,
        talk: &Talk,
        caller: Caller,
        draft: Draft,
        point: PushPoint,
        understood: Understood,
    ) {
        let (desk, talk) = (Arc::clone(self), talk.clone());
        self.spawn(async move { desk.check(&talk, caller, draft, point, understood).await });
    }

    async fn check(&self, talk: &Talk, caller: Caller, draft: Draft, point: PushPoint, mut shown: Understood) {
        let mut preflight = std::pin::pin!(self.service.preflight(caller, &draft.platform, &point));
        // The message whose button was tapped, or the new one's number where it was sent before the server answered.
        let (mut result, mut number) = (None, None);
        if talk.tapped {
            self.turn(talk, page(talk, &shown));
        } else if let Ok(answered) = tokio::time::timeout(AT_ONCE, &mut preflight).await {
            result = Some(answered);
        } else {
            let post = self.drawn(talk, &page(talk, &shown));
            number = Some(self.outbox.send_numbered(talk.chat, Urgency::Reply, post));
        }
        let at_once = result.is_some();
        let result = match result {
            Some(result) => result,
            None => preflight.await,
        };
        let found = match result {
            Ok(found) => found,
            Err(refused) => return self.refuse(talk, refused.into(), None),
        };
        shown.check = Check::of(&found);
        // Whoever has saved or cancelled meanwhile is not asked again.
        let waits = self.note_tested(talk, &draft, &found).await;
        let post = self.drawn(talk, &page(talk, &shown));
        if at_once {
            return self.outbox.send(talk.chat, Urgency::Reply, post);
        }
        let number = match number {
            Some(number) => number.await,
            None => Ok(talk.message),
        };
        let Ok(number) = number else { return };
        if waits {
            self.outbox.edit(talk.chat, Urgency::Reply, number, post);
        }
    }

    /// Keeps what a test of a draft found, for when it is saved; says whether the draft still waits for that.
    async fn note_tested(&self, talk: &Talk, draft: &Draft, found: &Preflight) -> bool {
        let Some(before) = self.service.dialogue::<Dialogue>(talk.user()) else { return false };
        if before.step != Step::Confirm(draft.clone()) {
            return false;
        }
        let tested = Some(Tested { flaw: found.flaw() });
        let mut after = before.clone();
        after.step = Step::Confirm(Draft { tested, ..draft.clone() });
        match self.service.replace_dialogue(talk.user(), &before, &after).await {
            Ok(waits) => waits,
            Err(refused) => {
                tracing::error!(%refused, "what a test found was not kept");
                true
            }
        }
    }

    /// Another of the platform's servers, before it is saved.
    pub(super) async fn draft_deed(self: &Arc<Self>, talk: &Talk, deed: DraftDeed) -> Result<Toast, Stop> {
        let Some((talk, Step::Confirm(mut draft))) = self.asked(talk) else { return Ok(Toast::OldDraft) };
        let (caller, studio) = self.admit(&talk, Right::Operate).await?;
        let Some(point) = draft.point() else { return Ok(Toast::OldDraft) };
        let platform = self.service.catalogue().get_or_custom(&draft.platform);
        let deleted = match deed {
            DraftDeed::Servers { deleted } => {
                let rows = server_rows(platform, &point.server.shown(), talk.lang);
                let screen = Screen::Target(View::Servers { name: Said::name(&draft.name), rows });
                let choice = |number| {
                    let label = Label::Name(Said::name(&format!("{}", number + 1)));
                    tap(label, Action::Draft(DraftDeed::Server { number, deleted }))
                };
                let page = Page::new(screen).grid(4, (0..platform.servers.len()).map(choice));
                let back = tap(Label::Back, Action::Draft(DraftDeed::Show { deleted }));
                self.turn(&talk, page.row([back]).only(talk.user()));
                return Ok(Toast::Silent);
            }
            DraftDeed::Server { number, deleted } => {
                let server = platform.servers.get(number).and_then(|server| ServerUrl::parse(&server.url).ok());
                let Some(server) = server else { return Ok(Toast::OldDraft) };
                draft.server = server.expose().to_string();
                draft.tested = None;
                self.set_dialogue(&talk, &Dialogue::new(studio.id, Step::Confirm(draft.clone()))).await?;
                deleted
            }
            DraftDeed::Show { deleted } => deleted,
        };
        let Some(point) = draft.point() else { return Ok(Toast::OldDraft) };
        let understood = self.understood(&talk, &draft, &point, &[], deleted);
        self.show(&talk, caller, draft, point, understood);
        Ok(Toast::Silent)
    }
}

/// What is said of a key that ends then.
pub(super) fn soon_over(ends: Option<SystemTime>) -> Option<Expiry> {
    match ends?.duration_since(SystemTime::now()) {
        Ok(left) => (left < EXPIRES_SOON).then(|| Expiry::In(coarse(left))),
        Err(_) => Some(Expiry::Over),
    }
}

/// With the buttons that there are.
fn page(talk: &Talk, shown: &Understood) -> Page {
    let save = if shown.odd_key.is_some() { Label::SaveAnyway } else { Label::Save };
    let mut row = vec![tap(save, Action::Save)];
    if !shown.rekey {
        row.push(tap(Label::ChangeName, Action::ChangeName));
    }
    row.push(tap(Label::Cancel, Action::Cancel));
    let deleted = shown.deleted;
    let other = (shown.others > 0).then(|| tap(Label::OtherServer, Action::Draft(DraftDeed::Servers { deleted })));
    Page::new(Screen::Add(Add::Understood(Box::new(shown.clone())))).row(row).row(other).only(talk.user())
}

fn note_view(note: &PasteNote) -> NoteView {
    match note {
        PasteNote::Swapped => NoteView::Swapped,
        PasteNote::Split => NoteView::Split,
        PasteNote::QuestionMarkAdded => NoteView::QuestionMark,
        PasteNote::SchemeAdded => NoteView::Scheme,
        PasteNote::AppAdded => NoteView::App,
        PasteNote::KeyRepeated => NoteView::KeyRepeated,
        PasteNote::ViewerPage => NoteView::ViewerPage,
        PasteNote::MoreServers => NoteView::MoreServers,
        PasteNote::Login => NoteView::Login,
        PasteNote::LoginInAddress => NoteView::LoginInAddress,
        PasteNote::OtherPlatform => NoteView::OtherPlatform,
    }
}

pub(super) fn fault_view(fault: PasteFault) -> PasteFaultView {
    match fault {
        PasteFault::Nothing => PasteFaultView::Nothing,
        PasteFault::ViewerPage => PasteFaultView::ViewerPage,
        PasteFault::Protocol => PasteFaultView::Protocol,
        PasteFault::Server(fault) => PasteFaultView::Server(fault),
        PasteFault::Key(fault) => PasteFaultView::Key(fault),
        PasteFault::SeveralKeys => PasteFaultView::SeveralKeys,
        PasteFault::SeveralTargets => PasteFaultView::SeveralTargets,
        PasteFault::TooLong => PasteFaultView::TooLong,
    }
}
