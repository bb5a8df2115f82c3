//! What is said of who operates, who changed what, and who no longer may.

use super::samples::{group, minutes, name};
use crate::chat::screen::{ChangeView, News, OperatorsView, Screen};
use crate::domain::access::Policy;
use crate::domain::lang::Lang;
use std::time::Duration;

pub(super) fn screens() -> Vec<Screen> {
    let operators = |policy, named: &[&str]| {
        let named = named.iter().map(|text| name(text)).collect();
        Screen::Operators(OperatorsView { policy, named })
    };
    let mut all = vec![
        operators(Policy::Any, &[]),
        operators(Policy::Video, &[]),
        operators(Policy::Named, &[]),
        operators(Policy::Named, &["阿明 Ming", "Olivia"]),
    ];
    let who = || Some(name("阿明 Ming"));
    let news = [
        News::LostRight { who: who(), cut: true },
        News::LostRight { who: who(), cut: false },
        News::LostRight { who: None, cut: true },
        News::YourRightLost { cut: true, studio: group() },
        News::YourRightLost { cut: false, studio: None },
        News::ThrownOut { studio: group() },
        News::OnDuty { on: true, studio: group() },
        News::OnDuty { on: false, studio: group() },
        News::NobodyCalled,
        News::NotAnnounced { place: name("Fans") },
        News::Changed { who: None, change: ChangeView::Stopped },
    ];
    let changed = changes().into_iter().map(|change| News::Changed { who: who(), change });
    all.extend(news.into_iter().chain(changed).map(Screen::News));
    all
}

fn changes() -> Vec<ChangeView> {
    let target = || name("Bilibili");
    vec![
        ChangeView::Started,
        ChangeView::TookIn(vec![target()]),
        ChangeView::Stopped,
        ChangeView::TookOut(vec![target(), name("YouTube")]),
        ChangeView::KeptOnAir,
        ChangeView::Added(target()),
        ChangeView::Removed(target()),
        ChangeView::Restored(target()),
        ChangeView::Switched(target(), true),
        ChangeView::Switched(target(), false),
        ChangeView::Renamed { from: target(), to: name("B站 主号") },
        ChangeView::Rekeyed(target()),
        ChangeView::Moved(target()),
        ChangeView::Reordered(target(), true),
        ChangeView::Reordered(target(), false),
        ChangeView::Linked(target(), true),
        ChangeView::Linked(target(), false),
        ChangeView::Hold(minutes(10)),
        ChangeView::Hold(Duration::ZERO),
        ChangeView::Language(Lang::En),
        ChangeView::Language(Lang::Zh),
        ChangeView::Policy(Policy::Any),
        ChangeView::Policy(Policy::Video),
        ChangeView::Policy(Policy::Named),
        ChangeView::Named(Some(name("Sam")), true),
        ChangeView::Named(Some(name("Sam")), false),
        ChangeView::Named(None, true),
        ChangeView::Named(None, false),
        ChangeView::Pulled(true),
        ChangeView::Pulled(false),
        ChangeView::Shared(true),
        ChangeView::Shared(false),
        ChangeView::ReadKeyRenewed,
        ChangeView::WatchPage(true),
        ChangeView::WatchPage(false),
        ChangeView::WatchPageRenewed,
        ChangeView::Duty(true),
        ChangeView::Duty(false),
        ChangeView::Pinned(true),
        ChangeView::Pinned(false),
        ChangeView::Weekly(Some(super::weekly::sunday())),
        ChangeView::Recorded(true),
        ChangeView::Recorded(false),
        ChangeView::RecordingDeleted,
        ChangeView::Weekly(None),
        ChangeView::Announces(name("粉丝群"), true),
        ChangeView::Announces(name("粉丝群"), false),
    ]
}
