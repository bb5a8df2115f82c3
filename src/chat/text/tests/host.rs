//! What the host of the server is told.

use super::samples::{minutes, name};
use crate::chat::said::Said;
use crate::chat::screen::*;
use crate::domain::quota::{Limit, Quota};

pub(super) fn screens() -> Vec<Screen> {
    let idle = StudioLine {
        name: name("Sam"),
        group: false,
        let_in: true,
        on: false,
        live_for: None,
        targets: 1,
        kbps: 0,
        bytes: 0,
        hours: 1,
        quota: Quota::default(),
    };
    let live = StudioLine {
        name: name("周末直播 Weekend Show"),
        group: true,
        on: true,
        live_for: Some(minutes(64)),
        targets: 4,
        kbps: 18_240,
        bytes: 212_345_678_901,
        hours: 31,
        quota: Quota { targets: Some(5), mbps: Some(20), hours: Some(60) },
        ..idle.clone()
    };
    let waiting = StudioLine { on: true, kbps: 3_900, bytes: 2_440_000_000, ..idle.clone() };
    let out = StudioLine { let_in: false, ..idle.clone() };
    let quiet = Overview { live: vec![], more: 0, studios: 1, kbps: 0, cap_kbps: None, bytes: 0, draining: false };
    let busy = Overview {
        live: vec![live.clone(), waiting.clone()],
        more: 3,
        studios: 1000,
        kbps: 42_300,
        cap_kbps: Some(50_000),
        bytes: 812_345_678_901,
        draining: false,
    };
    let rows = vec![live.clone(), waiting.clone(), idle.clone(), out.clone()];
    let line = |left, lasts| InviteLine { left, lasts };
    let link =
        |start: &str| Said::address(&format!("https://t.me/telecast_bot?{start}=i0123456789abcdef0123456789abcdef"));
    let invited = |uses, lasts| Host::Invited { link: link("start"), group_link: link("startgroup"), uses, lasts };
    [
        Host::Overview(quiet.clone()),
        Host::Overview(Overview { live: vec![waiting.clone()], kbps: 3_900, ..quiet.clone() }),
        Host::Overview(busy.clone()),
        Host::Overview(Overview { draining: true, ..busy }),
        Host::Overview(Overview { draining: true, ..quiet }),
        Host::Studios { rows: rows.clone(), search: None, page: 2, pages: 167, count: 1000 },
        Host::Studios { rows: vec![idle.clone()], search: Some(name("sam")), page: 1, pages: 1, count: 1 },
        Host::Studio(Box::new(live)),
        Host::Studio(Box::new(idle)),
        Host::Studio(Box::new(out)),
        Host::StopAsk { name: name("Sam"), targets: 2 },
        Host::Stopped { name: name("Sam") },
        Host::LimitAsk { name: name("Sam"), limit: Limit::Targets },
        Host::LimitAsk { name: name("Sam"), limit: Limit::Mbps },
        Host::LimitAsk { name: name("Sam"), limit: Limit::Hours },
        Host::Invites { rows: vec![] },
        Host::Invites { rows: vec![line(1, minutes(60)), line(9, minutes(7 * 1440))] },
        invited(1, minutes(2 * 1440 + 180)),
        invited(10, minutes(7 * 1440)),
        Host::Requests { count: 0 },
        Host::Requests { count: 2 },
        Host::Blocked { name: name("Sam") },
        Host::Drained,
    ]
    .map(Screen::Host)
    .into()
}

/// Who is let in.
pub(super) fn access() -> Vec<Access> {
    vec![
        Access::Asked,
        Access::AskedBefore,
        Access::LetIn,
        Access::Question { name: name("Sam"), group: false },
        Access::Question { name: name("周末直播"), group: true },
        Access::Answered { name: name("Sam"), yes: true },
        Access::Answered { name: name("Sam"), yes: false },
        Access::Declined,
        Access::Welcome,
        Access::InviteOver,
    ]
}
