//! Telecast's own program, as its users meet it: settings in the environment, a chat, an encoder's address.

use super::proc::Proc;
use super::{Fault, Result, fault, free_port};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use telecast::demo::bot_api::{Action, BotApi, OLIVIA, Phone, Setup, Stuck, World};
use telecast::domain::id::ChatId;

/// How long an answer in chat may take before something is wrong. No figure of its own.
const ANSWERS: Duration = Duration::from_secs(10);

/// A running Telecast that Olivia owns, with a Bot API beside it.
#[derive(Debug)]
pub struct Studio {
    /// The program.
    pub telecast: Proc,
    /// Everybody's phone.
    pub phone: Phone,
    api: BotApi,
    port: u16,
    dir: PathBuf,
    wishes: Wishes,
}

/// What a studio may be told beyond what it needs.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Trusted for RTMPS targets, PEM.
    pub authority: Option<PathBuf>,
    /// What it knows of platforms beside ours, TOML.
    pub catalogue: Option<PathBuf>,
    /// What is logged.
    pub log: &'static str,
    /// More of its environment.
    pub env: Vec<(&'static str, PathBuf)>,
    /// What stands before its command: a group that it is put into.
    pub wrap: Vec<String>,
    /// What is in its world beside the demo's.
    pub world: fn(&mut World),
    /// Where its token is put, in place of its environment.
    pub token_file: Option<PathBuf>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            authority: None,
            catalogue: None,
            log: "info,telecast=debug",
            env: Vec::new(),
            wrap: Vec::new(),
            world: |_| {},
            token_file: None,
        }
    }
}

/// Server and key for an encoder, as /ingest gives them.
#[derive(Clone, Debug)]
pub struct IngestAddress {
    /// The server.
    pub server: String,
    /// The key.
    pub key: String,
}

impl IngestAddress {
    /// Both in one, as ffmpeg wants them.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.key)
    }
}

impl Studio {
    /// Starts both in `dir` and makes Olivia the owner.
    ///
    /// # Errors
    /// Telecast does not start, or does not answer.
    pub async fn start(dir: &Path, wishes: Wishes) -> Result<Self> {
        let journals = std::env::var_os("TELECAST_JOURNALS").map(PathBuf::from);
        let journal = journals.and_then(|journals| Some(journals.join(dir.file_name()?).with_extension("jsonl")));
        let mut world = World::demo();
        (wishes.world)(&mut world);
        let api = BotApi::start(world, Setup { journal, ..Setup::default() }).await?;
        let port = free_port()?;
        if let Some(path) = &wishes.token_file {
            std::fs::write(path, api.token())?;
        }
        let telecast = Proc::start("telecast", &command(&api, port, dir, &wishes), dir)?;
        let mut studio = Self { telecast, phone: api.phone(), api, port, dir: dir.into(), wishes };
        let link = studio.claim_link().await?;
        let said = studio.phone.open_link(OLIVIA, &link)?;
        studio.answer(said, "This Telecast is yours now").await?;
        Ok(studio)
    }

    async fn claim_link(&mut self) -> Result<String> {
        let link = |telecast: &Proc| {
            let log = telecast.log();
            let (_, rest) = log.split_once("To own it, open")?;
            rest.contains('\n').then(|| rest.split_whitespace().next().unwrap_or_default().to_owned())
        };
        self.telecast.wait("the claim link", ANSWERS, link).await
    }

    /// Starts Telecast again, after [`Proc::kill`]: the same settings, the same port, the same data.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        self.telecast = Proc::start("telecast", &self.command(), &self.dir)?;
        self.telecast.wait_for_port(self.port, ANSWERS).await
    }

    /// Its program, with its settings.
    pub fn command(&self) -> Command {
        command(&self.api, self.port, &self.dir, &self.wishes)
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        self.api.token()
    }

    /// Where it keeps everything.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Olivia's private chat.
    pub fn chat(&self) -> ChatId {
        Phone::private(OLIVIA)
    }

    /// Olivia writes; the number of her message.
    ///
    /// # Errors
    /// The stand-in does not take it.
    pub fn say(&self, text: &str) -> Result<i32> {
        Ok(self.phone.say(OLIVIA, self.chat(), text)?)
    }

    /// Olivia taps the newest such button, once it is there.
    ///
    /// # Errors
    /// It does not come.
    pub async fn press(&self, after: i32, label: &str) -> Result<()> {
        let fits = |phone: &Phone| {
            let all = phone.messages(self.chat());
            all.into_iter().rev().find(|m| m.by_bot && m.id > after && m.has_button(label))
        };
        let message = self.phone.wait(label, ANSWERS, fits).await?;
        self.phone.tap(OLIVIA, self.chat(), message.id, label)?;
        Ok(())
    }

    /// Waits until the bot has said `words` after message `after`; its text.
    ///
    /// # Errors
    /// It did not.
    pub async fn answer(&self, after: i32, words: &str) -> Result<String> {
        let message = self.phone.wait_for_text(self.chat(), after, words, ANSWERS).await;
        message.map(|message| message.text().to_owned()).or_else(|stuck| self.stuck(stuck))
    }

    fn stuck<T>(&self, stuck: Stuck) -> Result<T> {
        let log = self.telecast.log();
        let lines: Vec<&str> = log.lines().collect();
        fault(format!("{stuck}\n--- log ---\n{}", lines[lines.len().saturating_sub(30)..].join("\n")))
    }

    /// Adds a target by /addtarget, as “Other RTMP server”, under a name of its own.
    ///
    /// # Errors
    /// The dialogue goes another way.
    pub async fn add_target(&self, name: &str, server: &str, key: &str) -> Result<()> {
        let said = self.say("/addtarget")?;
        self.press(said, "Other RTMP server").await?;
        self.answer(said, "send me").await?;
        let pasted = self.say(&format!("{server}\n{key}"))?;
        self.press(pasted, "Change name").await?;
        self.answer(pasted, "be called").await?;
        let named = self.say(name)?;
        self.answer(named, "is saved").await?;
        Ok(())
    }

    /// What /ingest gives.
    ///
    /// # Errors
    /// The answer holds no server or key.
    pub async fn ingest(&self) -> Result<IngestAddress> {
        let said = self.say("/ingest")?;
        let look = |phone: &Phone| {
            let all = phone.messages(self.chat()).into_iter().filter(|m| m.by_bot && m.id > said);
            let copied: Vec<String> = all
                .flat_map(|message| message.keyboard.into_iter().flatten())
                .filter_map(|button| if let Action::Copy(text) = button.action { Some(text) } else { None })
                .collect();
            let [server, key] = copied.as_slice() else { return None };
            Some(IngestAddress { server: server.clone(), key: key.clone() })
        };
        self.phone.wait("server and key", ANSWERS, look).await.or_else(|stuck| self.stuck(stuck))
    }

    /// Has the studio take its stream from this URL; it is tried, and whatever comes of that is told later.
    ///
    /// # Errors
    /// The dialogue goes another way.
    pub async fn pull(&self, url: &str) -> Result<()> {
        let asked = self.say("/ingest")?;
        self.press(asked, "Take it from a URL").await?;
        self.answer(asked, "Which URL should I take the stream from?").await?;
        let pasted = self.say(url)?;
        self.answer(pasted, "Saved. Trying the URL").await?;
        Ok(())
    }

    /// Lets others play the stream: the read key.
    ///
    /// # Errors
    /// The dialogue goes another way.
    pub async fn let_play(&self) -> Result<String> {
        let asked = self.say("/ingest")?;
        self.press(asked, "📺 Let others play it").await?;
        self.press(asked, "✅ Let others play it").await?;
        let shared = self.answer(asked, "Others can play the stream.").await?;
        let key = shared.split_whitespace().find_map(|word| word.split_once("/live/")).map(|(_, key)| key.to_owned());
        key.map_or_else(|| fault(format!("no read key in:\n{shared}")), Ok)
    }

    /// Waits until the newest panel satisfies `test`; its text.
    ///
    /// # Errors
    /// It did not `within` the time.
    pub async fn panel(&self, what: &str, within: Duration, test: impl Fn(&str) -> bool) -> Result<String> {
        let look = |phone: &Phone| panel(phone, self.chat()).filter(|text| test(text));
        self.phone.wait(what, within, look).await.or_else(|stuck| self.stuck(stuck))
    }

    /// /golive, and waits until the panel says that it is live. The encoder is there.
    ///
    /// # Errors
    /// It does not become live.
    pub async fn go_live(&self) -> Result<()> {
        self.say("/golive")?;
        self.panel("a live show", ANSWERS, |text| text.contains("Live for")).await?;
        Ok(())
    }

    /// /stoplive now; the report.
    ///
    /// # Errors
    /// There is none.
    pub async fn stop_live(&self) -> Result<String> {
        let said = self.say("/stoplive now")?;
        let over = |text: &str| text.contains("The show is over") || text.contains("Stopped.");
        let fits = |phone: &Phone| {
            let all = phone.messages(self.chat()).into_iter().filter(|m| m.by_bot && m.id > said);
            all.map(|m| m.text().to_owned()).find(|text| over(text))
        };
        self.phone.wait("a report", ANSWERS, fits).await.or_else(|stuck| self.stuck(stuck))
    }

    /// Waits until the source is seen in chat.
    ///
    /// # Errors
    /// It is not.
    pub async fn source_seen(&self) -> Result<()> {
        self.answer(0, "Your picture is here").await.map(drop)
    }
}

/// The newest panel: its second line or a later one tells of the source.
fn panel(phone: &Phone, chat: ChatId) -> Option<String> {
    let is_panel = |text: &str| text.lines().skip(1).any(|line| line.starts_with("📷"));
    phone.messages(chat).into_iter().rev().map(|m| m.text().to_owned()).find(|text| is_panel(text))
}

/// The part of a panel that is about one target.
pub fn about<'a>(panel: &'a str, name: &str) -> &'a str {
    let Some(at) = panel.find(&format!("{name} · ")) else { return "" };
    let rest = &panel[at..];
    let lines = rest.match_indices('\n').find(|(at, _)| !rest[at + 1..].starts_with(' '));
    &rest[..lines.map_or(rest.len(), |(at, _)| at)]
}

fn command(api: &BotApi, port: u16, dir: &Path, wishes: &Wishes) -> Command {
    let program = env!("CARGO_BIN_EXE_telecast").to_owned();
    let words: Vec<&String> = wishes.wrap.iter().chain([&program]).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    for (name, _) in telecast::config::SETTINGS {
        command.env_remove(name);
    }
    command.current_dir(dir).env("TELECAST_DATA", dir.join("data")).env("TELECAST_TOKEN", api.token());
    command.env("TELECAST_API_URL", api.url());
    command.env("TELECAST_LISTEN", format!("127.0.0.1:{port}"));
    command.env("TELECAST_PUBLIC_ADDRESS", format!("rtmp://127.0.0.1:{port}/live"));
    command.env("TELECAST_ALLOW_PRIVATE", "127.0.0.0/8").env("TELECAST_LOG", wishes.log);
    if let Some(authority) = &wishes.authority {
        command.env("TELECAST_EXTRA_CA", authority);
    }
    command.envs(wishes.env.iter().map(|(name, value)| (name, value)));
    if let Some(catalogue) = &wishes.catalogue {
        command.env("TELECAST_CATALOGUE", catalogue);
    }
    command
}
