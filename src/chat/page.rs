//! A screen with its buttons, and how that becomes a message.

use super::label::Label;
use super::menu::{Action, Whose};
use super::screen::Screen;
use crate::domain::id::{StudioId, UserId};
use bytes::Bytes;
use std::time::Duration;

/// How long buttons work.
const DAY: Duration = Duration::from_secs(86_400);

/// A screen with its buttons.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) screen: Screen,
    pub(super) rows: Vec<Vec<Button>>,
    pub(super) whose: Whose,
    pub(super) of: Option<StudioId>,
    /// How long its buttons work.
    pub(super) time: Duration,
}

/// A button.
#[derive(Clone, Debug)]
pub(super) struct Button {
    pub(super) label: Label,
    pub(super) does: Does,
}

/// What a button does.
#[derive(Clone, Debug)]
pub(super) enum Does {
    Tap(Action),
    /// Puts this on the clipboard; at most 256 characters.
    Copy(String),
    /// Opens this link.
    Open(String),
}

/// A button that asks the bot.
pub(super) fn tap(label: Label, action: Action) -> Button {
    Button { label, does: Does::Tap(action) }
}

/// A button that copies.
pub(super) fn copy(label: Label, text: String) -> Button {
    Button { label, does: Does::Copy(text) }
}

/// A button that opens a link.
pub(super) fn open(label: Label, link: String) -> Button {
    Button { label, does: Does::Open(link) }
}

impl Page {
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen, rows: Vec::new(), whose: Whose::Anybody, of: None, time: DAY }
    }

    pub(super) fn row(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let row: Vec<_> = buttons.into_iter().collect();
        if !row.is_empty() {
            self.rows.push(row);
        }
        self
    }

    /// Buttons in rows of `width`.
    pub(super) fn grid(mut self, width: usize, buttons: impl IntoIterator<Item = Button>) -> Self {
        let buttons: Vec<_> = buttons.into_iter().collect();
        self.rows.extend(buttons.chunks(width).map(<[Button]>::to_vec));
        self
    }

    /// Its buttons are one person's.
    pub(super) fn only(mut self, user: UserId) -> Self {
        self.whose = Whose::Only(user);
        self
    }

    /// Its buttons mean this studio, whatever chat they are in.
    pub(super) fn of(mut self, studio: StudioId) -> Self {
        self.of = Some(studio);
        self
    }

    /// Its buttons work for so long.
    pub(super) fn within(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }
}

impl From<Screen> for Page {
    fn from(screen: Screen) -> Self {
        Self::new(screen)
    }
}

/// A message as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Post {
    /// Telegram's HTML.
    pub(super) text: String,
    pub(super) keyboard: Vec<Vec<Key>>,
    pub(super) silent: bool,
    pub(super) reply_to: Option<i32>,
    /// The topic of the group that it belongs in.
    pub(super) topic: Option<i32>,
    /// Cannot be forwarded.
    pub(super) protected: bool,
    /// What its text stands under. Such a message is never edited.
    pub(super) video: Option<Video>,
    /// Pictures that it stands under, JPEG or PNG; of more than one it is the album's, which has no buttons.
    pub(super) pictures: Pictures,
}

/// Files of pictures, ten at most.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Pictures(pub(super) Vec<Bytes>);

impl std::fmt::Debug for Pictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(Bytes::len)).finish()
    }
}

/// A film as it is sent, an MP4 file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Video {
    pub(super) file: Bytes,
    /// Pixels, 0 where that is not known.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) seconds: u32,
}

impl std::fmt::Debug for Video {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Video({} bytes)", self.file.len())
    }
}

/// A button as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) label: String,
    pub(super) press: Press,
}

/// What a sent button does.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Press {
    Data(String),
    Copy(String),
    Open(String),
}

impl std::fmt::Debug for Press {
    /// What is copied may be a key, and a page may hold one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Data(_) => "Data",
            Self::Copy(_) => "Copy",
            // Its payload works once.
            Self::Open(_) => "Open",
        })
    }
}
