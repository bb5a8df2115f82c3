//! What a person does in each trial, what the chat may say of it, and how it is found out what holds.

use crate::bed::studio::Studio;
use crate::bed::{Fault, Result};
use std::time::Duration;
use telecast::demo::bot_api::OLIVIA;

const SOON: Duration = Duration::from_secs(15);
const SERVER: &str = "rtmp://127.0.0.1:9/app";
/// The name that a target from [`SERVER`] gets.
const ADDED: &str = "127.0.0.1";

/// A handler with an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handler {
    GoLive,
    StopLive,
    Paste,
    Save,
    SwitchOff,
    Rename,
    Remove,
    Language,
    Hold,
    RenewKey,
}

impl Handler {
    pub(super) const ALL: [Self; 10] = [
        Self::GoLive,
        Self::StopLive,
        Self::Paste,
        Self::Save,
        Self::SwitchOff,
        Self::Rename,
        Self::Remove,
        Self::Language,
        Self::Hold,
        Self::RenewKey,
    ];

    /// Brings about what the handler then changes; what holds before it, in one word.
    pub(super) async fn prepare(self, studio: &Studio) -> Result<String> {
        english(studio).await?;
        if matches!(self, Self::GoLive | Self::StopLive) && Box::pin(Self::SwitchOff.truth(studio)).await? == "off" {
            alpha(studio).await?;
            tap(studio, "Switch on", "Switch off").await?;
        }
        let is = self.truth(studio).await?;
        match self {
            Self::GoLive if is == "live" => drop(ask(studio, "/stoplive now", "over").await?),
            Self::StopLive if is != "live" => drop(ask(studio, "/golive", "Waiting for your camera").await?),
            Self::Paste | Self::Save => {
                while Box::pin(self.truth(studio)).await? == "saved" {
                    ask(studio, "/targets", "Tap one to change it").await?;
                    tap(studio, ADDED, "Remove").await?;
                    tap(studio, "Remove", "is removed").await?;
                }
            }
            Self::SwitchOff if is == "off" => {
                alpha(studio).await?;
                tap(studio, "Switch on", "Switch off").await?;
            }
            Self::Hold if is != "5 min" => {
                ask(studio, "/settings", "5 min").await?;
                tap(studio, "5 min", "✅ 5 min").await?;
            }
            _ => {}
        }
        match self {
            Self::Save => drop(ask(studio, &format!("{SERVER}\nplanted-other-key"), "Save").await?),
            Self::SwitchOff | Self::Remove => alpha(studio).await?,
            Self::Rename => {
                alpha(studio).await?;
                tap(studio, "Rename", "be called").await?;
            }
            Self::Language => drop(ask(studio, "/language", "Which language?").await?),
            Self::Hold => drop(ask(studio, "/settings", "✅ 5 min").await?),
            Self::RenewKey => {
                ask(studio, "/ingest", "Stream Key:").await?;
                tap(studio, "New key", "Make a new key").await?;
            }
            _ => {}
        }
        let is = match self {
            Self::GoLive => "idle".to_owned(),
            Self::StopLive => "live".to_owned(),
            Self::Paste | Self::Save => "not saved".to_owned(),
            Self::SwitchOff => "on".to_owned(),
            Self::Remove => "there".to_owned(),
            Self::Language => "English".to_owned(),
            Self::Hold => "5 min".to_owned(),
            Self::Rename | Self::RenewKey => is,
        };
        Ok(is)
    }

    pub(super) fn act(self, studio: &Studio) -> Result<()> {
        let press = |label: &str| studio.phone.press(OLIVIA, studio.chat(), label).map(drop);
        match self {
            Self::GoLive => drop(studio.say("/golive")?),
            Self::StopLive => drop(studio.say("/stoplive now")?),
            Self::Paste => drop(studio.say(&format!("{SERVER}\nplanted-other-key"))?),
            Self::Save => press("Save")?,
            Self::SwitchOff => press("Switch off")?,
            // Another one each time: the number of messages so far is in it.
            Self::Rename => drop(studio.say(&format!("Alpha {}", studio.phone.messages(studio.chat()).len()))?),
            Self::Remove => press("Remove")?,
            Self::Language => press("中文")?,
            Self::Hold => press("10 min")?,
            Self::RenewKey => press("Make a new key")?,
        }
        Ok(())
    }

    /// What the newest of `said` that speaks of it says.
    pub(super) fn told(self, said: &[String]) -> Option<String> {
        said.iter().find_map(|text| self.says(text))
    }

    fn says(self, text: &str) -> Option<String> {
        let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
        let panel = text.lines().any(|line| line.starts_with("📷"));
        let word = match self {
            Self::GoLive | Self::StopLive if panel => {
                if says(&["Not live"]) {
                    "idle"
                } else {
                    "live"
                }
            }
            Self::GoLive | Self::StopLive if says(&["show is over", "no show right now", "never live"]) => "idle",
            Self::Paste | Self::Save if says(&["is saved"]) => "saved",
            Self::Paste | Self::Save if says(&["✅ Save"]) => "not saved",
            Self::Paste | Self::Save if panel => {
                if says(&[ADDED]) {
                    "saved"
                } else {
                    "not saved"
                }
            }
            Self::SwitchOff if says(&["[Switch on]"]) => "off",
            Self::SwitchOff if says(&["[Switch off]"]) => "on",
            Self::SwitchOff if panel => {
                if alpha_line(text)?.contains("off") {
                    "off"
                } else {
                    "on"
                }
            }
            Self::Rename if says(&["It is called"]) => return between(text, "“", "”"),
            Self::Rename if panel => return Some(alpha_line(text)?.split(" · ").next()?.to_owned()),
            Self::Remove if says(&["is removed"]) => "removed",
            Self::Remove if panel => {
                if alpha_line(text).is_some() {
                    "there"
                } else {
                    "removed"
                }
            }
            Self::Language if says(&["以后用中文", "未开播"]) => "Chinese",
            Self::Language if says(&["Not live", "English it is"]) => "English",
            Self::Hold => return between(text, "[✅ ", "]"),
            Self::RenewKey => return between(text, "Stream Key: ", "\n"),
            _ => return None,
        };
        Some(word.to_owned())
    }

    /// Asks what holds.
    pub(super) async fn truth(self, studio: &Studio) -> Result<String> {
        let said = match self {
            Self::GoLive | Self::StopLive => ask(studio, "/status", "📷").await?,
            Self::Language => {
                let answer = ask(studio, "/status", "📷").await?;
                return Ok(if answer.contains("没有") || answer.contains("未") { "Chinese" } else { "English" }.into());
            }
            Self::Hold => ask(studio, "/settings", "✅ ").await?,
            Self::RenewKey => ask(studio, "/ingest", "Stream Key:").await?,
            Self::Paste | Self::Save => {
                let list = ask(studio, "/targets", "[").await?;
                return Ok(if list.contains(ADDED) { "saved" } else { "not saved" }.into());
            }
            Self::SwitchOff => {
                let list = ask(studio, "/targets", "[").await?;
                return Ok(if alpha_button(&list)?.contains("(off)") { "off" } else { "on" }.into());
            }
            Self::Rename => {
                let list = ask(studio, "/targets", "[").await?;
                let button = alpha_button(&list)?;
                return Ok(button
                    .trim_start_matches(|c: char| !c.is_alphabetic())
                    .trim_end_matches(" (off)")
                    .to_owned());
            }
            Self::Remove => {
                let list = ask(studio, "/targets", "[").await?;
                return Ok(if alpha_button(&list).is_ok() { "there" } else { "removed" }.into());
            }
        };
        self.says(&said).ok_or_else(|| Fault(format!("{self:?}: nothing is said in\n{said}")))
    }
}

/// The text from `begin` to `end`.
fn between(text: &str, begin: &str, end: &str) -> Option<String> {
    let (_, rest) = text.split_once(begin)?;
    Some(rest.split(end).next().unwrap_or(rest).trim().to_owned())
}

/// The platform that most handlers are about.
pub(super) async fn add_alpha(studio: &Studio) -> Result<()> {
    studio.add_target("Alpha", SERVER, "planted-alpha-key").await
}

/// What the panel says of Alpha.
fn alpha_line(panel: &str) -> Option<&str> {
    panel.lines().find_map(|line| Some(&line[line.find("Alpha")?..]))
}

/// Its button in the list of platforms.
fn alpha_button(list: &str) -> Result<String> {
    let buttons = list.split(['[', ']']);
    let found = buttons.into_iter().find(|button| button.contains("Alpha") && !button.contains('\n'));
    found.map(str::to_owned).ok_or_else(|| Fault(format!("no Alpha in\n{list}")))
}

/// The answer to `text` that holds `words`, buttons included.
async fn ask(studio: &Studio, text: &str, words: &str) -> Result<String> {
    studio.phone.advance(Duration::from_secs(20));
    let said = studio.say(text)?;
    let fits = |phone: &telecast::demo::bot_api::Phone| {
        let new = phone.messages(studio.chat()).into_iter().rev().filter(|m| m.by_bot && m.id > said);
        let mut new = new.map(|m| format!("{}\n[{}]", m.text(), m.labels().join("] [")));
        new.find(|text| text.contains(words))
    };
    Ok(studio.phone.wait(&format!("{words:?} after {text}"), SOON, fits).await?)
}

/// Taps the newest such button, until something says `words`.
async fn tap(studio: &Studio, label: &str, words: &str) -> Result<()> {
    let before = super::read(studio);
    studio.phone.press(OLIVIA, studio.chat(), label)?;
    let fits = |_: &telecast::demo::bot_api::Phone| {
        let said = super::changed(&before, &super::read(studio));
        said.iter().any(|text| text.contains(words)).then_some(())
    };
    Ok(studio.phone.wait(&format!("{words:?} after [{label}]"), SOON, fits).await?)
}

/// Alpha's own page.
async fn alpha(studio: &Studio) -> Result<()> {
    ask(studio, "/targets", "Tap one to change it").await?;
    tap(studio, "Alpha", "Remove").await
}

async fn english(studio: &Studio) -> Result<()> {
    ask(studio, "/language", "[").await?;
    tap(studio, "English", "English it is").await
}
