//! One cell: its button is drawn, its person becomes what they are, they do it, and what came of it is judged by what
//! they see, by the store, and by what the group reads.

use super::cast::{Cast, TOPIC};
use super::judge::{Later, letter, words};
use super::table::Cell;
use super::ways::{self, Need, Step, Way};
use crate::bed::field::Publisher;
use crate::bed::house::{House, OWNER};
use crate::bed::{Fault, Result, fault};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{Action, Message, Phone, Role, Tapped, Toast};
use telecast::domain::access::{Operators, Policy};
use telecast::domain::announce::{Announces, Spot};
use telecast::domain::id::{ChatId, StudioId, UserId};
use telecast::domain::target::Target;
use telecast::service::Applicant;
use telecast::store::{Studio, StudioKind};

/// How long something may take to be seen.
pub(super) const SOON: Duration = Duration::from_secs(40);

/// A cell that is played.
pub(super) struct Stage<'a> {
    pub(super) house: &'a House,
    pub(super) cell: &'a Cell,
    pub(super) cast: Cast,
    /// The group, as it is numbered now.
    pub(super) group: ChatId,
    /// The studio that it is about; nothing where there is none.
    pub(super) studio: Option<StudioId>,
    /// What was said before counts for nothing.
    after: i32,
    publisher: Option<Publisher>,
}

impl<'a> Stage<'a> {
    /// Everybody in their places, nobody changed yet.
    pub(super) async fn set(house: &'a House, cell: &'a Cell, cast: Cast) -> Result<Self> {
        let mut stage = Self { house, cell, cast, group: cast.group, studio: None, after: 0, publisher: None };
        let (own, rio) = (Phone::private(cast.rio), cast.rio);
        if cell.place == "own" {
            stage.after = house.phone.messages(own).last().map_or(0, |message| message.id);
            if cell.role == "stranger" {
                return Ok(stage);
            }
            if cell.role == "operator" {
                let studio = house.studio(cast.group, StudioKind::Group, Operators::default()).await?;
                house.add_target(studio, rio).await?;
                stage.studio = Some(studio);
                return Ok(stage);
            }
            let studio = house.studio(own, StudioKind::Private, Operators::default()).await?;
            // The owner has one studio for all the cells.
            house.relay.stop(studio).await;
            house.store.set_broadcast(studio, None).await?;
            house.store.drop_pull(studio).await?;
            house.store.set_dialogue::<u8>(rio, None).await?;
            house.store.update_person(rio, |person| person.language = None).await?;
            for target in house.store.targets(studio) {
                house.store.delete_target(studio, target.id).await?;
            }
            house.add_target(studio, rio).await?;
            house.store.ingest_key(studio, rio).await?;
            stage.studio = Some(studio);
            if cell.role != "owner" && cell.row != "AskAccess" {
                house.service.approve(OWNER, Applicant::Person(rio), true).await?;
            }
            return Ok(stage);
        }
        if cell.place == "unlet" {
            house.phone.add_bot(cast.keeper, cast.group)?;
            house.phone.wait_for_text(cast.group, 0, "private Telecast", SOON).await?;
            stage.after = house.phone.messages(cast.group).last().map_or(0, |message| message.id);
            return Ok(stage);
        }
        let studio = house.studio(cast.group, StudioKind::Group, cast.operators(cell)).await?;
        house.add_target(studio, cast.keeper).await?;
        house.store.ingest_key(studio, cast.keeper).await?;
        // Who does not operate has no key.
        let never = matches!(&*cell.role, "member" | "owner" | "hidden");
        let not_now = matches!((&*cell.place, &*cell.role), ("video" | "named", "admin"));
        if !never && (!not_now || cell.row.starts_with("encoder")) {
            house.store.ingest_key(studio, rio).await?;
        }
        stage.studio = Some(studio);
        if cell.place == "topic" {
            house.store.update_studio(studio, |studio| studio.topic = Some(TOPIC)).await?;
        }
        if cell.place == "via" {
            // Who has been given a key has spoken with the bot.
            house.phone.say(rio, own, "/cancel")?;
        }
        if matches!(&*cell.role, "hidden" | "seen") {
            house.phone.set_anonymous(cast.group, rio, true);
        }
        if cell.place == "moved" {
            house.phone.migrate(cast.group)?;
            stage.group = cast.moved;
            stage.until("the studio has moved along", || house.store.studio_of(cast.moved).is_some()).await?;
        }
        Ok(stage)
    }

    /// What came of the cell's command or button: its letter, what is wrong besides, and what is to be looked at later.
    pub(super) async fn play(&mut self) -> Result<(char, Vec<String>, Option<Later>)> {
        if self.cell.row.starts_with('/') {
            return self.command().await;
        }
        let Some(way) = ways::to(self.cell) else { return Ok(('-', Vec::new(), None)) };
        let (chat, message, data) = self.walk(&way).await?;
        self.become_so().await?;
        let before = self.kept().await?;
        let lines = if self.cell.place == "via" { way.lines() } else { 0 };
        let query = self.house.phone.forge_tap(self.cast.rio, chat, message, &data)?;
        let toast = self.house.phone.wait_for_toast(&Tapped::Asked(query), SOON).await?;
        let letter = letter(&toast);
        let changed = self.kept().await? != before;
        let mut wrong = Vec::new();
        if letter == '?' {
            wrong.push(format!("answered {:?}", toast.text));
        }
        if changed != (letter == 'D' && ways::changes(&self.cell.row)) {
            wrong.push(format!("the store has {}changed", if changed { "" } else { "not " }));
        }
        let told = letter == 'D' && ways::is_told(&self.cell.row);
        Ok((letter, wrong, self.later(lines + usize::from(told), None)))
    }

    async fn command(&mut self) -> Result<(char, Vec<String>, Option<Later>)> {
        if self.cell.place == "via" {
            return Ok(('-', Vec::new(), None));
        }
        self.become_so().await?;
        let before = self.kept().await?;
        let chat = self.here();
        let said = if matches!(&*self.cell.role, "hidden" | "seen") {
            self.hide(self.cast.rio, &self.cell.row)?
        } else {
            self.say(self.cast.rio, chat, &self.cell.row)?
        };
        if self.cell.expected == '.' {
            return Ok(('.', Vec::new(), self.later(0, Some(said))));
        }
        let fits = |m: &&Message| m.by_bot && m.id > said && !m.text().starts_with('👤');
        let look = |phone: &Phone| phone.messages(chat).iter().find(fits).cloned();
        let answer = self.house.phone.wait(&self.cell.row, SOON, look).await?;
        let letter = match words(answer.text()) {
            'D' if answer.has_button("Go on in private") => 'P',
            letter => letter,
        };
        let changed = self.kept().await? != before;
        let does = letter == 'D' && ways::changes(&self.cell.row);
        let mut wrong = Vec::new();
        if changed != does {
            wrong.push(format!("the store has {}changed", if changed { "" } else { "not " }));
        }
        Ok((letter, wrong, self.later(usize::from(does), None)))
    }

    fn later(&self, lines: usize, silent_after: Option<i32>) -> Option<Later> {
        let is_group = !matches!(&*self.cell.place, "own" | "unlet" | "out") && self.cell.role != "out";
        let who = if self.cell.role == "seen" { "An anonymous admin" } else { "Rio" };
        let (group, in_topic) = (self.group, self.cell.place == "topic");
        Some(Later { group, lines: is_group.then_some(lines), silent_after, in_topic, who })
    }

    /// What must be, the way to the button, and the button: its chat, message and data.
    pub(super) async fn walk(&mut self, way: &Way) -> Result<(ChatId, i32, String)> {
        let (house, cast) = (self.house, self.cast);
        let walker = if matches!(&*self.cell.place, "own" | "via") { cast.rio } else { cast.keeper };
        for need in &way.needs {
            self.provide(*need, walker).await?;
        }
        let mut chat = self.here();
        for step in &way.steps {
            match step {
                Step::Say(text) => drop(self.say(walker, chat, text)?),
                Step::Hide(text) => drop(self.hide(walker, text)?),
                Step::Tap(label) => drop(self.tap(walker, chat, label).await?),
                Step::Door("") => chat = Phone::private(walker),
                Step::Door(label) => {
                    let link = self.tap(walker, chat, label).await?.url.ok_or(Fault("no link".into()))?;
                    house.phone.open_link(walker, &link)?;
                    chat = Phone::private(walker);
                }
                Step::Stop => {
                    let studio = self.studio.ok_or(Fault("no studio".into()))?;
                    self.until("live", || house.relay.status(studio).source.is_some_and(|s| s.video.is_some())).await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    if let Some(publisher) = &self.publisher {
                        publisher.goodbye().await;
                    }
                }
            }
        }
        let (message, data) = self.button(chat, way.label).await?;
        if way.needs.contains(&Need::Named)
            && let Some(studio) = self.studio
        {
            let operators = cast.operators(self.cell);
            house.store.update_studio(studio, move |studio| studio.operators = operators).await?;
        }
        Ok((chat, message, data))
    }

    async fn provide(&mut self, need: Need, walker: UserId) -> Result<()> {
        let house = self.house;
        if need == Need::Stranger {
            let (stranger, chat) = (self.cast.stranger, Phone::private(self.cast.stranger));
            house.phone.say(stranger, chat, "/start")?;
            let (message, data) = self.button(chat, "Ask for access").await?;
            house.phone.forge_tap(stranger, chat, message, &data)?;
            return Ok(());
        }
        if need == Need::Guest {
            let (stranger, chat) = (self.cast.stranger, Phone::private(self.cast.stranger));
            house.service.approve(OWNER, Applicant::Person(stranger), true).await?;
            let studio = house.studio(chat, StudioKind::Private, Operators::default()).await?;
            house.store.update_studio(studio, |studio| studio.title = "Sasha".into()).await?;
            return Ok(());
        }
        let Some(studio) = self.studio else { return fault("no studio") };
        let target = house.store.targets(studio).first().map(|target| target.id);
        let target = target.ok_or(Fault("no target".into()))?;
        match need {
            Need::Many => {
                for name in ["B", "C", "D", "E", "F", "G"] {
                    house.add_target_named(studio, walker, name).await?;
                }
            }
            Need::Two => house.add_target_named(studio, walker, "Beta").await?,
            Need::Off => drop(house.store.update_target(studio, target, |target| target.enabled = false).await?),
            Need::Linked => {
                let link = Some("https://example.com/watch".to_owned());
                house.store.update_target(studio, target, move |target| target.viewer_link = link).await?;
            }
            Need::Pull => drop(house.store.set_pull(studio, house.nowhere()?, walker).await?),
            Need::Own => {
                house.store.rekey_target(studio, target, house.nowhere()?, walker).await?;
            }
            Need::Announced => {
                let topic = (self.cell.place == "topic").then_some(TOPIC);
                let change = move |studio: &mut Studio| {
                    let spot = Spot { chat: studio.chat, topic };
                    studio.announces.push(Announces { spot, title: "Matrix".into() });
                };
                house.store.update_studio(studio, change).await?;
            }
            Need::Recorded => house.record(studio)?,
            Need::Watched => drop(house.store.open_watch_page(studio).await?),
            Need::Shared => drop(house.store.share(studio).await?),
            Need::Publisher => self.publisher = Some(house.publish(studio, walker).await?),
            Need::Named => {
                let mut operators = self.cast.operators(self.cell);
                operators.policy = Policy::Named;
                operators.named.insert(walker);
                house.store.update_studio(studio, move |studio| studio.operators = operators).await?;
            }
            Need::Stranger | Need::Guest => {}
        }
        Ok(())
    }

    /// The person becomes what the cell says that they are by now.
    pub(super) async fn become_so(&self) -> Result<()> {
        let (house, cast, rio) = (self.house, self.cast, self.cast.rio);
        match (&*self.cell.place, &*self.cell.role) {
            ("own", "shut") => {
                house.service.approve(OWNER, Applicant::Person(rio), true).await?;
                house.service.approve(OWNER, Applicant::Person(rio), false).await?;
            }
            ("shut", _) => house.service.approve(OWNER, Applicant::Group(self.group), false).await?,
            (_, role @ ("former" | "gone")) => {
                let to = if role == "gone" { Role::Kicked } else { Role::Member };
                house.phone.set_role(cast.keeper, self.group, rio, to);
                if !self.cell.row.starts_with("encoder") {
                    let studio = self.studio.ok_or(Fault("no studio".into()))?;
                    let lost = || !house.store.ingest_holders(studio).contains(&rio);
                    self.until("the right is lost", lost).await?;
                }
            }
            ("out", _) | (_, "out") => {
                house.phone.set_bot_role(cast.keeper, self.group, Role::Kicked);
                // Nobody sees that the bot has heard of it.
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            _ => {}
        }
        Ok(())
    }

    /// Where the cell's commands are said.
    pub(super) fn here(&self) -> ChatId {
        if self.cell.place == "own" { Phone::private(self.cast.rio) } else { self.group }
    }

    pub(super) fn say(&self, user: UserId, chat: ChatId, text: &str) -> Result<i32> {
        if self.cell.place == "topic" && chat == self.group {
            return Ok(self.house.phone.say_in(user, chat, TOPIC, text, false)?);
        }
        Ok(self.house.phone.say(user, chat, text)?)
    }

    fn hide(&self, user: UserId, text: &str) -> Result<i32> {
        if self.cell.place == "topic" {
            return Ok(self.house.phone.say_in(user, self.group, TOPIC, text, true)?);
        }
        Ok(self.house.phone.say_anonymously(user, self.group, text)?)
    }

    pub(super) async fn tap(&self, user: UserId, chat: ChatId, label: &str) -> Result<Toast> {
        let (message, data) = self.button(chat, label).await?;
        let query = self.house.phone.forge_tap(user, chat, message, &data)?;
        Ok(self.house.phone.wait_for_toast(&Tapped::Asked(query), SOON).await?)
    }

    /// The newest button that says `label`, or else that holds it.
    async fn button(&self, chat: ChatId, label: &str) -> Result<(i32, String)> {
        let look = |phone: &Phone| {
            let messages = phone.messages(chat);
            let found = |exact: bool| {
                messages.iter().rev().filter(|m| m.by_bot && m.id > self.after || self.cell.place == "unlet").find_map(
                    |m| {
                        let fits = |said: &str| if exact { said == label } else { said.contains(label) };
                        let button = m.keyboard.iter().flatten().find(|button| fits(&button.label))?;
                        if let Action::Data(data) = &button.action { Some((m.id, data.clone())) } else { None }
                    },
                )
            };
            found(true).or_else(|| found(false))
        };
        let found = self.house.phone.wait(label, SOON, look).await;
        found.map_err(|_| Fault(format!("no button {label:?} in\n{}", self.house.phone.transcript(chat))))
    }

    pub(super) async fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + SOON;
        while !is_so() {
            if Instant::now() > deadline {
                return fault(format!("waited in vain: {what}"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Everything in the store that the cell may be about, but where dialogues are and what goes by time.
    pub(super) async fn kept(&self) -> Result<String> {
        let (store, rio) = (&self.house.store, self.cast.rio);
        let mut kept = String::new();
        let mut chats = vec![self.group];
        let mut people = vec![self.cast.stranger];
        // The owner's own affairs are other cells'.
        if self.cell.role != "owner" || self.cell.place == "own" {
            chats.push(Phone::private(rio));
            people.push(rio);
        }
        for studio in chats.iter().filter_map(|chat| store.studio_of(*chat)) {
            let id = studio.id;
            let known = telecast::store::Studio { title: String::new(), panel: None, topic: None, ..studio };
            // What a test found is nobody's change.
            let targets = store.targets(id).into_iter().map(|target| Target { flaw: None, ..target });
            kept += &format!("{known:?}\n{:?}\n{:?}\n", targets.collect::<Vec<_>>(), store.pull(id));
            for user in store.ingest_holders(id) {
                kept += &format!("{user} {}\n", store.ingest_key(id, user).await?.expose());
            }
            kept += &store.read_key(id).await?.map(|key| key.expose().to_owned()).unwrap_or_default();
            kept += &store.watch_key(id).map(|key| key.expose().to_owned()).unwrap_or_default();
            kept += &format!("{:?}\n", store.broadcast(id).map(|record| (record.started_by, record.targets)));
        }
        for user in people {
            // Whether somebody was told whose server it is changes nothing.
            let person = telecast::store::Person { name: String::new(), told_host: false, ..store.person(user) };
            kept += &format!("{person:?} {}\n", store.lent_by(user).len());
        }
        if self.cell.row.starts_with("Host.") {
            kept += &format!("{} {:?}\n", store.is_draining(), store.invites());
        }
        Ok(kept)
    }
}
