//! What people type. Whom it is for and what is asked; nothing is done here.

use super::text;
use serde::{Deserialize, Serialize};

/// A command, with what was typed after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Command {
    /// With the payload of a `?start=` link.
    Start(String),
    Help,
    AddTarget,
    Targets,
    /// Tries what would happen on each target.
    Check,
    MyKeys,
    Forget,
    /// A part of a studio's name, or nothing for all.
    Admin(String),
    Ingest,
    /// Names, or nothing for all.
    GoLive(String),
    StopLive {
        now: bool,
        names: String,
    },
    Status,
    /// Shows what goes out.
    Look,
    /// Shows what went out; how many seconds of it, or nothing.
    Clip(String),
    /// Shows that were recorded.
    Recordings,
    Links,
    /// The studio's own page.
    Watch,
    Cancel,
    Language,
    Settings,
    Announce,
}

/// A command that Telegram lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    GoLive,
    StopLive,
    Status,
    Look,
    Clip,
    Recordings,
    Links,
    Watch,
    AddTarget,
    Targets,
    Check,
    Ingest,
    MyKeys,
    Announce,
    Settings,
    Admin,
    Language,
    Help,
    Cancel,
}

impl Listed {
    /// Those offered in a private chat.
    pub(super) const PRIVATE: &'static [Self] = &[
        Self::GoLive,
        Self::StopLive,
        Self::Status,
        Self::Look,
        Self::Clip,
        Self::AddTarget,
        Self::Targets,
        Self::Check,
        Self::Ingest,
        Self::Links,
        Self::Watch,
        Self::MyKeys,
        Self::Announce,
        Self::Recordings,
        Self::Settings,
        Self::Language,
        Self::Help,
        Self::Cancel,
    ];
    /// Those offered to every member of a group.
    pub(super) const MEMBERS: &'static [Self] = &[Self::Status, Self::Links, Self::Help];
    /// Those offered to a group's admins.
    pub(super) const ADMINS: &'static [Self] = &[
        Self::GoLive,
        Self::StopLive,
        Self::Status,
        Self::Look,
        Self::Clip,
        Self::AddTarget,
        Self::Targets,
        Self::Check,
        Self::Ingest,
        Self::Links,
        Self::Watch,
        Self::Announce,
        Self::Recordings,
        Self::Settings,
        Self::Language,
        Self::Help,
    ];

    /// Those offered in the owner's private chat.
    pub(super) fn owners() -> Vec<Self> {
        [Self::PRIVATE, &[Self::Admin]].concat()
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GoLive => "golive",
            Self::StopLive => "stoplive",
            Self::Status => "status",
            Self::Look => "look",
            Self::Clip => "clip",
            Self::Recordings => "recordings",
            Self::Links => "links",
            Self::Watch => "watch",
            Self::AddTarget => "addtarget",
            Self::Targets => "targets",
            Self::Check => "check",
            Self::Ingest => "ingest",
            Self::MyKeys => "mykeys",
            Self::Announce => "announce",
            Self::Settings => "settings",
            Self::Admin => "admin",
            Self::Language => "language",
            Self::Help => "help",
            Self::Cancel => "cancel",
        }
    }
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A command for this bot.
    Command(Command),
    /// A command for this bot that it does not know.
    Unknown,
    /// A command for another bot.
    Others,
    /// Anything else.
    Text,
}

impl Command {
    /// Reads a message. `bot` is this bot's user name, as far as it is known; words of other languages are commands in
    /// `private`.
    pub(super) fn read(text: &str, bot: Option<&str>, private: bool) -> Typed {
        let (first, rest) = split(text);
        let Some(name) = first.strip_prefix('/') else {
            let word = if private { worded(first, rest) } else { None };
            return word.map_or(Typed::Text, Typed::Command);
        };
        let (name, to) = name.split_once('@').map_or((name, None), |(name, to)| (name, Some(to)));
        if let (Some(to), Some(bot)) = (to, bot)
            && !to.eq_ignore_ascii_case(bot)
        {
            // Nobody else is spoken to in private.
            return if private { Typed::Unknown } else { Typed::Others };
        }
        Self::named(&name.to_ascii_lowercase(), rest).map_or(Typed::Unknown, Typed::Command)
    }

    fn named(name: &str, rest: &str) -> Option<Self> {
        Some(match name {
            "start" => Self::Start(rest.to_owned()),
            "help" => Self::Help,
            "addtarget" => Self::AddTarget,
            "targets" => Self::Targets,
            "check" => Self::Check,
            "mykeys" => Self::MyKeys,
            "forget" => Self::Forget,
            "admin" => Self::Admin(rest.to_owned()),
            "ingest" => Self::Ingest,
            "golive" => Self::GoLive(rest.to_owned()),
            "stoplive" => Self::stop(rest),
            "status" => Self::Status,
            "look" => Self::Look,
            "clip" => Self::Clip(rest.to_owned()),
            "recordings" => Self::Recordings,
            "links" => Self::Links,
            "watch" => Self::Watch,
            "cancel" => Self::Cancel,
            "language" => Self::Language,
            "settings" => Self::Settings,
            "announce" => Self::Announce,
            _ => return None,
        })
    }

    fn stop(rest: &str) -> Self {
        match rest.split_once(char::is_whitespace) {
            None if text::is_now(rest) => Self::StopLive { now: true, names: String::new() },
            Some((first, names)) if text::is_now(first) => Self::StopLive { now: true, names: names.trim().to_owned() },
            _ => Self::StopLive { now: false, names: rest.to_owned() },
        }
    }

    /// Whether it is sent to begin anew, or to be rid of what was sent.
    pub(super) fn begins_anew(&self) -> bool {
        matches!(self, Self::Start(_) | Self::AddTarget | Self::Forget)
    }

    /// Its name with the slash, where doing it late would surprise.
    pub(super) fn effect(&self) -> Option<&'static str> {
        match self {
            Self::GoLive(_) => Some("/golive"),
            Self::StopLive { .. } => Some("/stoplive"),
            _ => None,
        }
    }
}

/// What stands behind a message's first word.
pub(super) fn behind(text: &str) -> &str {
    split(text).1
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

/// A word that is a command, and what it takes behind it.
fn worded(word: &str, rest: &str) -> Option<Command> {
    let listed = text::command(word)?;
    match listed {
        Listed::GoLive | Listed::StopLive | Listed::Clip => {}
        _ if rest.is_empty() => {}
        _ => return None,
    }
    Command::named(listed.name(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Typed {
        Command::read(text, Some("telecast_bot"), true)
    }

    #[test]
    fn commands_are_read_with_and_without_the_bots_name_in_any_case() {
        assert_eq!(read("/GoLive"), Typed::Command(Command::GoLive(String::new())));
        assert_eq!(read(" /golive@Telecast_Bot  Bilibili 1 "), Typed::Command(Command::GoLive("Bilibili 1".into())));
        assert_eq!(read("/start\nabc"), Typed::Command(Command::Start("abc".into())));
        assert_eq!(read("/golive@other_bot"), Typed::Unknown);
        assert_eq!(Command::read("/golive@other_bot", Some("telecast_bot"), false), Typed::Others);
        assert_eq!(read("/dance"), Typed::Unknown);
        assert_eq!(read("/"), Typed::Unknown);
        assert_eq!(read("golive"), Typed::Text);
        assert_eq!(read(""), Typed::Text);
    }

    #[test]
    fn stop_now_is_a_word_of_its_own() {
        let stop = |now, names: &str| Typed::Command(Command::StopLive { now, names: names.into() });
        assert_eq!(read("/stoplive"), stop(false, ""));
        assert_eq!(read("/stoplive NOW"), stop(true, ""));
        assert_eq!(read("/stoplive now Alpha"), stop(true, "Alpha"));
        assert_eq!(read("/stoplive Now Playing TV"), stop(true, "Playing TV"));
        assert_eq!(read("下播 立即"), stop(true, ""));
        assert_eq!(read("结束直播"), stop(false, ""));
    }

    #[test]
    fn chinese_words_are_commands_in_private_only() {
        for (word, command) in [
            ("开播", Command::GoLive(String::new())),
            ("状态", Command::Status),
            ("画面", Command::Look),
            ("片段", Command::Clip(String::new())),
            ("录像", Command::Recordings),
            ("剪辑 45", Command::Clip("45".into())),
            ("链接", Command::Links),
            ("观看页", Command::Watch),
            ("平台", Command::Targets),
            ("设置", Command::Settings),
            ("帮助", Command::Help),
            ("取消", Command::Cancel),
            ("关播", Command::StopLive { now: false, names: String::new() }),
        ] {
            assert_eq!(read(word), Typed::Command(command));
            assert_eq!(Command::read(word, None, false), Typed::Text);
        }
        assert_eq!(read("开播了吗"), Typed::Text);
        assert_eq!(read("状态 怎么样"), Typed::Text);
    }
}
