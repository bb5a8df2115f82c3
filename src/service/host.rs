//! What the owner of the instance does as the host of its server: who is on it, what they use, and their limits.

use super::access::private_chat;
use super::{Applicant, Notice, Refused, Service, lock};
use crate::domain::access::{Caller, Standing};
use crate::domain::id::{StudioId, UserId};
use crate::domain::quota::{Limit, Load, Quota, month_of};
use crate::domain::status::Phase;
use crate::relay::memory::Memory;
use crate::store::{Guest, Invite, Studio, StudioKind};
use std::time::{Duration, SystemTime};

/// The whole instance, for its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct HostOverview {
    /// Every studio in a show, the one that sends most first.
    pub live: Vec<HostStudio>,
    /// How many studios there are.
    pub studios: usize,
    /// How many people and groups wait to be let in.
    pub requests: usize,
    /// What goes out, kbit/s.
    pub kbps: u64,
    /// What the host can send, kbit/s, where it is known.
    pub cap_kbps: Option<u32>,
    /// Bytes that went out this month.
    pub bytes: u64,
    /// No new shows begin.
    pub draining: bool,
}

/// A studio, as its host may know it: how much it uses, never its keys or what it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct HostStudio {
    /// Which.
    pub id: StudioId,
    /// Its title. Untrusted.
    pub title: String,
    /// A group's, not a person's.
    pub group: bool,
    /// Whether it may be used.
    pub let_in: bool,
    /// It is the owner's own.
    pub own: bool,
    /// A show is on, or waits for its encoder.
    pub on: bool,
    /// There is a picture on air, its own or the one that is kept.
    pub live: bool,
    /// Since when.
    pub live_since: Option<SystemTime>,
    /// Targets of its show, or all that it has.
    pub targets: usize,
    /// What it sends, kbit/s.
    pub kbps: u32,
    /// Bytes that it sent this month.
    pub bytes: u64,
    /// How long it was live this month.
    pub live_this_month: Duration,
    /// Its limits.
    pub quota: Quota,
}

impl Service {
    /// How the whole instance is: shows first, the one that sends most first among them.
    ///
    /// # Errors
    /// [`Refused::OwnerOnly`], [`Refused::Unclaimed`].
    pub fn overview(&self, owner: UserId) -> Result<HostOverview, Refused> {
        self.only_owner(owner)?;
        let month = month_of(SystemTime::now());
        let studios = self.0.store.studios();
        let bytes = studios.iter().map(|studio| self.0.store.usage(studio.id).in_month(month).bytes).sum();
        let shows = self.0.store.broadcasts().into_iter();
        let mut live: Vec<_> =
            shows.filter_map(|(id, _)| self.0.store.studio(id)).map(|studio| self.host_studio(&studio)).collect();
        live.sort_by(|a, b| (b.kbps, &a.title).cmp(&(a.kbps, &b.title)));
        Ok(HostOverview {
            kbps: live.iter().map(|studio| u64::from(studio.kbps)).sum(),
            live,
            studios: studios.len(),
            bytes,
            requests: self.requests().len(),
            cap_kbps: self.0.settings.uplink_kbps,
            draining: self.0.store.is_draining(),
        })
    }

    /// The studios whose title holds `search`, in any case, by title: those of one page, and how many there are.
    ///
    /// # Errors
    /// See [`Service::overview`].
    pub fn studios_of_host(
        &self,
        owner: UserId,
        search: &str,
        skip: usize,
        most: usize,
    ) -> Result<(Vec<HostStudio>, usize), Refused> {
        self.only_owner(owner)?;
        let wanted = search.trim().to_lowercase();
        let mut found: Vec<_> =
            self.0.store.studios().into_iter().map(|studio| (studio.title.to_lowercase(), studio)).collect();
        found.retain(|(title, _)| title.contains(&wanted));
        found.sort_by(|(a, left), (b, right)| (a, left.id).cmp(&(b, right.id)));
        let page = found.iter().skip(skip).take(most).map(|(_, studio)| self.host_studio(studio));
        Ok((page.collect(), found.len()))
    }

    /// One studio, as its host may know it.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`] without such a studio; see [`Service::overview`].
    pub fn studio_of_host(&self, owner: UserId, studio: StudioId) -> Result<HostStudio, Refused> {
        self.only_owner(owner)?;
        let studio = self.0.store.studio(studio).ok_or(Refused::NoSuchTarget)?;
        Ok(self.host_studio(&studio))
    }

    fn host_studio(&self, studio: &Studio) -> HostStudio {
        let status = self.0.relay.status(studio.id);
        let record = self.0.store.broadcast(studio.id);
        let usage = self.0.store.usage(studio.id).in_month(month_of(SystemTime::now()));
        HostStudio {
            id: studio.id,
            title: studio.title.clone(),
            group: studio.kind == StudioKind::Group,
            let_in: self.is_let_in(studio),
            own: private_chat(self.0.store.owner().unwrap_or(UserId(0))) == Some(studio.chat),
            on: record.is_some(),
            live: matches!(status.phase, Phase::Live { .. } | Phase::Held { .. }),
            live_since: record.as_ref().and_then(|record| record.live_since),
            targets: record.map_or_else(|| self.0.store.targets(studio.id).len(), |record| record.targets.len()),
            kbps: status.targets.values().map(|target| target.kbps).sum(),
            bytes: usage.bytes,
            live_this_month: Duration::from_secs(usage.live_s),
            quota: studio.quota,
        }
    }

    /// Ends somebody's show. They are told that it was the host.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`] without such a studio; see [`Service::overview`].
    pub async fn stop_as_host(&self, owner: UserId, studio: StudioId) -> Result<bool, Refused> {
        self.only_owner(owner)?;
        self.0.store.studio(studio).ok_or(Refused::NoSuchTarget)?;
        let _show = self.show(studio).await;
        Ok(self.end_by_host(studio).await)
    }

    /// Ends the studio's show for the host, and says whether there was one. Under the show's lock.
    pub(super) async fn end_by_host(&self, studio: StudioId) -> bool {
        let stored = self.0.store.broadcast(studio);
        if stored.is_none() && self.0.relay.phase(studio) == Phase::Idle {
            return false;
        }
        self.note_end(studio).await;
        let summary = self.0.relay.stop(studio).await;
        if summary.is_some() {
            *lock(&self.0.answered_ends).entry(studio).or_default() += 1;
        }
        let report = self.report(studio, stored.as_ref(), summary.unwrap_or_default());
        tracing::info!(%studio, "the host ended a show");
        self.tell(Notice::EndedByHost { studio, report });
        self.tell(Notice::PanelChanged(studio));
        self.drained();
        true
    }

    /// No new shows from now on, or again. Those that run go on.
    ///
    /// # Errors
    /// [`Refused::Store`]; see [`Service::overview`].
    pub async fn drain(&self, owner: UserId, yes: bool) -> Result<(), Refused> {
        self.only_owner(owner)?;
        self.0.store.set_draining(yes).await?;
        Ok(())
    }

    /// The last show is over while the host is being emptied: its owner can upgrade it.
    pub(super) fn drained(&self) {
        if self.0.store.is_draining()
            && self.0.store.broadcasts().is_empty()
            && let Some(owner) = self.0.store.owner()
        {
            self.tell(Notice::Drained { owner });
        }
    }

    /// A start without a show is what the host was emptied for.
    pub(super) async fn filled_again(&self) {
        if self.0.store.is_draining()
            && self.0.store.broadcasts().is_empty()
            && let Err(error) = self.0.store.set_draining(false).await
        {
            tracing::error!(%error, "new shows stay refused: /admin");
        }
    }

    /// Sets a limit of a studio, or takes it away. A show that runs goes on.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`] without such a studio, [`Refused::Store`]; see [`Service::overview`].
    pub async fn set_quota(
        &self,
        owner: UserId,
        studio: StudioId,
        limit: Limit,
        value: Option<u32>,
    ) -> Result<HostStudio, Refused> {
        self.only_owner(owner)?;
        let studio = self.0.store.update_studio(studio, move |studio| studio.quota.set(limit, value)).await?;
        Ok(self.host_studio(&studio))
    }

    /// Shuts a studio out, its show too, and hears no more of it; or lets it in again.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`] without such a studio, [`Refused::NotYours`] for the owner's own, [`Refused::Store`]; see
    /// [`Service::overview`].
    pub async fn block_studio(&self, owner: UserId, studio: StudioId, yes: bool) -> Result<HostStudio, Refused> {
        self.only_owner(owner)?;
        let known = self.0.store.studio(studio).ok_or(Refused::NoSuchTarget)?;
        let applicant = match (known.kind, u64::try_from(known.chat.0)) {
            (StudioKind::Private, Ok(user)) => Applicant::Person(UserId(user)),
            _ => Applicant::Group(known.chat),
        };
        self.block(owner, applicant, yes).await?;
        self.studio_of_host(owner, studio)
    }

    /// Hears no more of somebody, who is not let in either and whose show ends; or lets them in again.
    ///
    /// # Errors
    /// [`Refused::NotYours`] for the owner, [`Refused::Store`]; see [`Service::overview`].
    pub async fn block(&self, owner: UserId, applicant: Applicant, yes: bool) -> Result<(), Refused> {
        self.only_owner(owner)?;
        if applicant == Applicant::Person(owner) {
            return Err(Refused::NotYours);
        }
        match applicant {
            Applicant::Person(user) => {
                self.0.store.update_person(user, move |person| person.blocked = yes).await?;
            }
            Applicant::Group(group) => {
                let studio = self.0.store.studio_of(group).ok_or(Refused::NoSuchTarget)?.id;
                self.0.store.update_studio(studio, move |studio| studio.blocked = yes).await?;
            }
        }
        self.approve(owner, applicant, !yes).await
    }

    /// Makes an invitation.
    ///
    /// # Errors
    /// [`Refused::Store`]; see [`Service::overview`].
    pub async fn invite(&self, owner: UserId, uses: u32, time: Duration) -> Result<Invite, Refused> {
        self.only_owner(owner)?;
        Ok(self.0.store.invite(uses, SystemTime::now() + time).await?)
    }

    /// The invitations that are still good.
    ///
    /// # Errors
    /// See [`Service::overview`].
    pub fn invites(&self, owner: UserId) -> Result<Vec<Invite>, Refused> {
        self.only_owner(owner)?;
        Ok(self.0.store.invites())
    }

    /// Takes an invitation back. Who came by it stays.
    ///
    /// # Errors
    /// [`Refused::Store`]; see [`Service::overview`].
    pub async fn revoke_invite(&self, owner: UserId, code: &str) -> Result<(), Refused> {
        self.only_owner(owner)?;
        Ok(self.0.store.revoke_invite(code).await?)
    }

    /// Lets the caller, or the caller's group, in by an invitation; says whether they are in.
    ///
    /// # Errors
    /// [`Refused::Unclaimed`], [`Refused::Store`].
    pub async fn accept_invite(&self, caller: Caller, code: &str, title: &str) -> Result<bool, Refused> {
        self.claimed()?;
        if caller.standing == Standing::Private {
            return Ok(
                self.is_approved(caller.user) || self.0.store.redeem_invite(code, Guest::Person(caller.user)).await?
            );
        }
        self.0.store.open_studio(caller.chat, StudioKind::Group, title).await?;
        Ok(self.0.store.redeem_invite(code, Guest::Group(caller.chat)).await?)
    }

    /// Who asks to be let in and waits for an answer.
    pub(super) fn requests(&self) -> Vec<(Applicant, String)> {
        let people = self.0.store.people().into_iter();
        let people = people.filter(|(_, person)| person.asked && !person.approved && !person.blocked);
        let groups = self.0.store.studios().into_iter();
        let groups = groups.filter(|s| s.kind == StudioKind::Group && s.asked && !s.approved && !s.blocked);
        people
            .map(|(user, person)| (Applicant::Person(user), person.name))
            .chain(groups.map(|studio| (Applicant::Group(studio.chat), studio.title)))
            .collect()
    }

    /// The same for the owner.
    ///
    /// # Errors
    /// See [`Service::overview`].
    pub fn requests_of_host(&self, owner: UserId) -> Result<Vec<(Applicant, String)>, Refused> {
        self.only_owner(owner)?;
        Ok(self.requests())
    }

    /// How near Telecast is to what memory it may have.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.0.relay.memory()
    }

    /// What stands against a show of the studio that goes out so many times.
    pub(super) fn load(&self, studio: StudioId, times: usize) -> Load {
        let source = self.0.relay.status(studio).source;
        let (mut others_kbps, mut others_watch_kbps) = (0, 0);
        for (other, record) in self.0.store.broadcasts().into_iter().filter(|(other, _)| *other != studio) {
            let status = self.0.relay.status(other);
            let kbps = status.source.filter(|_| status.phase != Phase::Idle).map_or(0, |source| u64::from(source.kbps));
            others_kbps += kbps * record.targets.len() as u64;
            others_watch_kbps += kbps * self.watching(other) as u64;
        }
        let usage = self.0.store.usage(studio).in_month(month_of(SystemTime::now()));
        Load {
            draining: self.0.store.is_draining(),
            short_of_memory: self.memory().is_short(),
            own_kbps: source.map_or(0, |source| u64::from(source.kbps)) * times as u64,
            others_kbps,
            others_watch_kbps,
            cap_kbps: self.0.settings.uplink_kbps,
            live_this_month: Duration::from_secs(usage.live_s),
        }
    }

    fn only_owner(&self, user: UserId) -> Result<(), Refused> {
        if self.claimed()? == user { Ok(()) } else { Err(Refused::OwnerOnly) }
    }
}
