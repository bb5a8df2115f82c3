//! The panel at the side of the chat page: what the demo's platforms receive, and the encoder. The page shows it and
//! reports clicks; it knows nothing of what is behind.

use serde::{Deserialize, Serialize};

/// What the panel shows, top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What the host reads in a terminal, while there is something to read.
    pub terminal: Option<Screen>,
    /// The box with the encoder, when there is one.
    pub encoder: Option<Encoder>,
    /// The platforms.
    pub screens: Vec<Screen>,
}

/// Words of the panel, in the languages of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bilingual {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Bilingual {
    /// The same in both languages of words.
    #[must_use]
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// What needs no words, such as numbers and names.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { en: text.clone(), zh: text }
    }
}

/// A platform as its viewers have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Screen {
    /// Its name: "Alpha TV".
    pub name: Bilingual,
    /// What it is doing, in a few words: "live for 2 min", "waiting for a stream".
    pub state: Bilingual,
    /// The colour of the state.
    pub tone: Tone,
    /// What it shows is to be seen under this name; see [`BotApi::show_film`](super::BotApi::show_film).
    pub film: Option<String>,
    /// Label and value, top to bottom: resolution, kbit/s, frames.
    pub facts: Vec<(Bilingual, Bilingual)>,
    /// What to copy when adding it as a target: label and value. Shown with a copy button.
    pub copy: Vec<(Bilingual, String)>,
}

/// The colour of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Grey.
    #[default]
    Idle,
    /// Green.
    Good,
    /// Red.
    Bad,
}

/// The box with the encoder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Encoder {
    /// What it is doing, in a few words.
    pub state: Bilingual,
    /// Whether it runs: decides which button is shown.
    pub running: bool,
    /// Label and value, each with a copy button: server, key, a line for ffmpeg.
    pub copy: Vec<(Bilingual, String)>,
}

/// A click in the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Click {
    /// [Start test encoder].
    Start,
    /// “Stop”.
    Stop,
}
