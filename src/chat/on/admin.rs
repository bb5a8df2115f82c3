//! /admin: what the owner does as the host of the server. In the private chat only, and elsewhere it is not heard.

use super::{Done, Stop};
use crate::chat::desk::{Desk, Talk};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, HostDeed};
use crate::chat::page::{Button, Page, copy, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Access, Host, InviteLine, Overview, Screen, StudioLine};
use crate::chat::view::coarse;
use crate::domain::access::Right;
use crate::domain::quota::Limit;
use crate::service::{Applicant, HostStudio, Refused};
use std::time::{Duration, SystemTime};

/// Studios on one page.
const PAGE: usize = 6;
/// Limits to choose from.
const TARGETS: [u32; 5] = [1, 3, 5, 10, 20];
const MBPS: [u32; 5] = [5, 10, 20, 50, 100];
const HOURS: [u32; 5] = [10, 30, 60, 120, 300];
/// Invitations to choose from: for how many, for how many days.
const INVITES: [(u32, u32); 4] = [(1, 1), (1, 7), (10, 7), (100, 30)];
const DAY: Duration = Duration::from_secs(86_400);

impl Desk {
    pub(super) async fn admin(&self, talk: &Talk, search: &str) -> Done {
        if !talk.private() {
            return Ok(());
        }
        if self.service.owner() != Some(talk.user()) {
            self.admit(talk, Right::View).await?;
            return Err(Refused::OwnerOnly.into());
        }
        if search.is_empty() { self.host_home(talk) } else { self.host_studios(talk, search, 0) }
    }

    pub(super) async fn host_deed(&self, talk: &Talk, deed: HostDeed) -> Result<Toast, Stop> {
        let owner = talk.user();
        match deed {
            HostDeed::Home => self.host_home(talk)?,
            HostDeed::Studios { search, page } => self.host_studios(talk, &search, page)?,
            HostDeed::Studio(studio) => {
                let studio = self.service.studio_of_host(owner, studio)?;
                self.host_studio(talk, &studio);
            }
            HostDeed::StopAsk(id) => {
                let studio = self.service.studio_of_host(owner, id)?;
                let screen = Host::StopAsk { name: Said::name(&studio.title), targets: studio.targets };
                let row = [host(Label::StopNow, HostDeed::Stop(id)), host(Label::Back, HostDeed::Studio(id))];
                self.host_page(talk, screen, |page| page.row(row));
            }
            HostDeed::Stop(id) => {
                let name = Said::name(&self.service.studio_of_host(owner, id)?.title);
                if !self.service.stop_as_host(owner, id).await? {
                    return Ok(Toast::NotLive);
                }
                self.host_page(talk, Host::Stopped { name }, |page| page.row([host(Label::Back, HostDeed::Home)]));
            }
            HostDeed::Drain(yes) => {
                self.service.drain(owner, yes).await?;
                self.host_home(talk)?;
            }
            HostDeed::Invites => self.host_invites(talk)?,
            HostDeed::Invite { uses, days } => self.host_invite(talk, uses, days).await?,
            HostDeed::Revoke(code) => {
                self.service.revoke_invite(owner, &code).await?;
                self.host_invites(talk)?;
            }
            HostDeed::Requests => self.host_requests(talk)?,
            HostDeed::Request(applicant) => {
                let name = Said::name(&self.service.name_of(applicant));
                let group = matches!(applicant, Applicant::Group(_));
                let answer = |label, yes| tap(label, Action::Admit { applicant, yes });
                let page = Page::new(Screen::Access(Access::Question { name, group }))
                    .row([answer(Label::LetIn, true), answer(Label::Decline, false)])
                    .row([host(Label::Block, HostDeed::Block(applicant)), host(Label::Back, HostDeed::Requests)]);
                self.service.requests_of_host(owner)?;
                self.turn(talk, page.only(owner));
            }
            HostDeed::Block(applicant) => {
                let name = Said::name(&self.service.name_of(applicant));
                self.service.block(owner, applicant, true).await?;
                self.host_page(talk, Host::Blocked { name }, |page| page.row([host(Label::Back, HostDeed::Home)]));
            }
            HostDeed::BlockStudio(id, yes) => {
                let studio = self.service.block_studio(owner, id, yes).await?;
                self.host_studio(talk, &studio);
            }
            HostDeed::Limits(id, limit) => {
                let studio = self.service.studio_of_host(owner, id)?;
                let now = studio.quota.of(limit);
                let steps = match limit {
                    Limit::Targets => TARGETS,
                    Limit::Mbps => MBPS,
                    Limit::Hours => HOURS,
                };
                let choice = |value: Option<u32>| {
                    let label = Label::Limit { limit, value, chosen: value == now };
                    host(label, HostDeed::SetLimit(id, limit, value))
                };
                let choices = std::iter::once(None).chain(steps.map(Some)).map(choice);
                let screen = Host::LimitAsk { name: Said::name(&studio.title), limit };
                let back = host(Label::Back, HostDeed::Studio(id));
                self.host_page(talk, screen, |page| page.grid(3, choices).row([back]));
            }
            HostDeed::SetLimit(id, limit, value) => {
                let studio = self.service.set_quota(owner, id, limit, value).await?;
                self.host_studio(talk, &studio);
            }
        }
        Ok(Toast::Silent)
    }

    fn host_page(&self, talk: &Talk, screen: Host, rows: impl FnOnce(Page) -> Page) {
        self.turn(talk, rows(Page::new(Screen::Host(screen))).only(talk.user()));
    }

    fn host_home(&self, talk: &Talk) -> Done {
        let all = self.service.overview(talk.user())?;
        let shown = &all.live[..all.live.len().min(PAGE)];
        let overview = Overview {
            live: shown.iter().map(line).collect(),
            more: all.live.len() - shown.len(),
            studios: all.studios,
            kbps: all.kbps,
            cap_kbps: all.cap_kbps,
            bytes: all.bytes,
            draining: all.draining,
        };
        let names = shown.iter().map(|studio| host(name(studio), HostDeed::Studio(studio.id)));
        let requests = (all.requests > 0).then(|| host(Label::Requests(all.requests), HostDeed::Requests));
        let drain = if all.draining { Label::TakeShows } else { Label::Drain };
        self.host_page(talk, Host::Overview(overview), |page| {
            page.grid(2, names)
                .row(requests)
                .row([host(Label::AllStudios, studios("", 0)), host(Label::Invites, HostDeed::Invites)])
                .row([host(drain, HostDeed::Drain(!all.draining)), host(Label::Refresh, HostDeed::Home)])
        });
        Ok(())
    }

    fn host_studios(&self, talk: &Talk, search: &str, page: usize) -> Done {
        let (_, count) = self.service.studios_of_host(talk.user(), search, 0, 0)?;
        let pages = count.div_ceil(PAGE).max(1);
        let page = page.min(pages - 1);
        let (found, _) = self.service.studios_of_host(talk.user(), search, page * PAGE, PAGE)?;
        let screen = Host::Studios {
            rows: found.iter().map(line).collect(),
            search: (!search.is_empty()).then(|| Said::name(search)),
            page: page + 1,
            pages,
            count,
        };
        let names = found.iter().map(|studio| host(name(studio), HostDeed::Studio(studio.id)));
        let turns = [
            (page > 0).then(|| host(Label::Previous, studios(search, page - 1))),
            (page + 1 < pages).then(|| host(Label::Next, studios(search, page + 1))),
        ];
        let back = host(Label::Back, HostDeed::Home);
        self.host_page(talk, screen, |page| page.grid(2, names).row(turns.into_iter().flatten()).row([back]));
        Ok(())
    }

    fn host_studio(&self, talk: &Talk, studio: &HostStudio) {
        let id = studio.id;
        let stop = studio.on.then(|| host(Label::Stop, HostDeed::StopAsk(id)));
        let limits = [Limit::Targets, Limit::Mbps, Limit::Hours]
            .map(|limit| host(Label::LimitOf(limit), HostDeed::Limits(id, limit)));
        let block = (!studio.own).then(|| {
            let label = if studio.let_in { Label::Block } else { Label::LetIn };
            host(label, HostDeed::BlockStudio(id, studio.let_in))
        });
        let back = host(Label::Back, HostDeed::Home);
        self.host_page(talk, Host::Studio(Box::new(line(studio))), |page| {
            page.row(stop).row(limits).row(block).row([back])
        });
    }

    fn host_invites(&self, talk: &Talk) -> Done {
        let invites = self.service.invites(talk.user())?;
        let lasts = |until: SystemTime| coarse(until.duration_since(SystemTime::now()).unwrap_or_default());
        let rows = invites.iter().map(|invite| InviteLine { left: invite.left, lasts: lasts(invite.until) });
        let new = INVITES
            .map(|(uses, days)| host(Label::InviteFor { uses, lasts: DAY * days }, HostDeed::Invite { uses, days }));
        let revokes = (1..)
            .zip(&invites)
            .map(|(number, invite)| host(Label::Revoke(number), HostDeed::Revoke(invite.code.clone())));
        let screen = Host::Invites { rows: rows.collect() };
        let back = host(Label::Back, HostDeed::Home);
        self.host_page(talk, screen, |page| page.grid(2, new).grid(2, revokes.take(10)).row([back]));
        Ok(())
    }

    async fn host_invite(&self, talk: &Talk, uses: u32, days: u32) -> Done {
        let lasts = DAY * days;
        let invite = self.service.invite(talk.user(), uses, lasts).await?;
        let link = self.link(&format!("i{}", invite.code));
        let group_link = link.replacen("?start=", "?startgroup=", 1);
        let screen = Host::Invited { link: Said::address(&link), group_link: Said::address(&group_link), uses, lasts };
        let row = [copy(Label::CopyLink, link), host(Label::Back, HostDeed::Invites)];
        self.host_page(talk, screen, |page| page.row(row));
        Ok(())
    }

    fn host_requests(&self, talk: &Talk) -> Done {
        let requests = self.service.requests_of_host(talk.user())?;
        let names = requests
            .iter()
            .take(2 * PAGE)
            .map(|(applicant, name)| host(Label::Name(Said::name(name)), HostDeed::Request(*applicant)));
        let back = host(Label::Back, HostDeed::Home);
        let screen = Host::Requests { count: requests.len() };
        self.host_page(talk, screen, |page| page.grid(2, names).row([back]));
        Ok(())
    }
}

fn host(label: Label, deed: HostDeed) -> Button {
    tap(label, Action::Host(deed))
}

fn studios(search: &str, page: usize) -> HostDeed {
    HostDeed::Studios { search: search.to_owned(), page }
}

fn name(studio: &HostStudio) -> Label {
    let sign = if studio.on {
        "🔴"
    } else if studio.let_in {
        ""
    } else {
        "🚫"
    };
    Label::Name(Said::name(format!("{sign} {}", shown(studio)).trim()))
}

/// A title, or a number where there is none.
fn shown(studio: &HostStudio) -> String {
    if studio.title.trim().is_empty() { format!("#{}", studio.id) } else { studio.title.clone() }
}

fn line(studio: &HostStudio) -> StudioLine {
    let since = |at: SystemTime| coarse(SystemTime::now().duration_since(at).unwrap_or_default());
    StudioLine {
        name: Said::name(&shown(studio)),
        group: studio.group,
        let_in: studio.let_in,
        on: studio.on,
        live_for: studio.live_since.filter(|_| studio.live).map(since),
        targets: studio.targets,
        kbps: studio.kbps,
        bytes: studio.bytes,
        hours: studio.live_this_month.as_secs() / 3600,
        quota: studio.quota,
    }
}
