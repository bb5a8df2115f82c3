//! What is heard and seen of a stream, and what may be wrong with it.

use std::time::Duration;

/// How loud a moment is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The mean of all channels (RMS) in dB below full scale; never under [`Level::FLOOR`].
    pub db: f32,
    /// It is too loud: many samples are at full scale.
    pub clips: bool,
}

impl Level {
    /// Nothing at all.
    pub const FLOOR: f32 = -120.0;
    /// Below this nobody hears anything, however far they turn it up: a microphone that is off, not a quiet one.
    const SILENCE: f32 = -60.0;

    /// Nobody hears it.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.db < Self::SILENCE
    }

    /// Of some moments, by their power; none of none.
    #[must_use]
    pub fn mean(moments: &[Self]) -> Option<Self> {
        let power: f32 = moments.iter().map(|level| 10.0_f32.powf(level.db / 10.0)).sum();
        let db = 10.0 * (power / moments.len() as f32).log10();
        (!moments.is_empty()).then(|| Self { db: db.max(Self::FLOOR), clips: moments.iter().any(|level| level.clips) })
    }
}

/// The sound of a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sound {
    /// None came.
    Missing,
    /// There is some, and how loud it is cannot be known: of its codec, or for a frame that is broken.
    Unknown,
    /// The mean of what was listened to.
    Level(Level),
}

impl Sound {
    pub(super) fn level(&self) -> Option<&Level> {
        if let Self::Level(level) = self { Some(level) } else { None }
    }
}

/// The pictures of a second. Sizes are in bytes, without what encoders fill them up with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// How many came.
    pub frames: u32,
    /// All of them together.
    pub bytes: u32,
    /// The size that a quarter of them are below, keyframes not counted; none where there are only those. Behind a keyframe
    /// some are large in any case: an encoder betters what it has to repeat.
    pub small: Option<u32>,
    /// The last keyframe's.
    pub key: Option<u32>,
    /// The longest time between two keyframes that ended now, by the encoder's clock.
    pub gap: Option<Duration>,
    /// Since the last keyframe.
    pub since_key: Duration,
    /// Blocks of 16 × 16 pixels; 0 where the size is not known.
    pub blocks: u32,
    /// They are of another stream than those before: their header is another one.
    pub anew: bool,
}

/// What a second brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Second {
    /// To be heard.
    pub sound: Sound,
    /// To be seen; none where no picture came.
    pub picture: Option<Picture>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Sound comes, and there is nothing to be heard in it.
    Silent {
        /// Something was heard in the show before.
        ever: bool,
    },
    /// Pictures come without any sound.
    NoSound,
    /// Sound comes without new pictures.
    NoPicture,
    /// Pictures come that differ in nothing, as far as their sizes tell.
    Frozen,
    /// Pictures of one colour come, as far as their sizes tell.
    Blank {
        /// Something else was seen in the show before.
        ever: bool,
    },
    /// Keyframes are too far apart.
    RareKeyframes {
        /// Whole seconds from one to the next.
        every_s: u32,
    },
    /// Much less comes than is usual for this encoder.
    Starved {
        /// What comes, in kbit/s.
        kbps: u32,
        /// What is usual.
        usual_kbps: u32,
    },
}

/// A [`Fault`] without its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ailment {
    /// [`Fault::Silent`] and [`Fault::NoSound`].
    Sound,
    /// [`Fault::NoPicture`], [`Fault::Frozen`] and [`Fault::Blank`].
    Picture,
    /// [`Fault::RareKeyframes`].
    Keyframes,
    /// [`Fault::Starved`].
    Rate,
}

impl Fault {
    /// What it is of: of each there is one at a time.
    #[must_use]
    pub fn ailment(&self) -> Ailment {
        match self {
            Self::Silent { .. } | Self::NoSound => Ailment::Sound,
            Self::NoPicture | Self::Frozen | Self::Blank { .. } => Ailment::Picture,
            Self::RareKeyframes { .. } => Ailment::Keyframes,
            Self::Starved { .. } => Ailment::Rate,
        }
    }
}

/// What is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Something is wrong, for so long already.
    Found(Fault, Duration),
    /// It is no more; it was for so long.
    Over(Ailment, Duration),
}
