//! What a platform takes of a stream: part of the schema of `platforms.toml`.

use crate::domain::status::Profile;
use serde::{Deserialize, Deserializer, de};

/// What a platform takes. What is left out is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Most of the picture, in kbit/s.
    pub v_kbps: Option<u32>,
    /// Most of the sound, in kbit/s.
    pub a_kbps: Option<u32>,
    /// A keyframe at least so often is wanted, in seconds.
    pub keyint_s: Option<u32>,
    /// More seconds than this between keyframes are trouble.
    pub keyint_max_s: Option<u32>,
    /// Most pictures a second.
    pub fps: Option<u32>,
    /// The largest picture.
    pub max_res: Option<Size>,
    /// Most B-frames in a row.
    pub bframes: Option<u32>,
    /// The highest H.264 profile: those below it are taken too.
    #[serde(deserialize_with = "profile")]
    pub profile: Option<Profile>,
    /// Codecs of the picture.
    pub v_codecs: Vec<VideoCodec>,
    /// Codecs of the sound.
    pub a_codecs: Vec<AudioCodec>,
    /// Most of the picture for its size, from the smallest.
    pub rungs: Vec<Rung>,
    /// What exceeds `v_kbps` is cut off.
    pub cuts: bool,
}

/// Most of a picture of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Lines.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
    /// Most of the picture, in kbit/s.
    pub v_kbps: u32,
}

/// A picture's width and height, `1920x1080`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Lines.
    pub height: u32,
}

impl TryFrom<String> for Size {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let size = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        size.map(|(width, height)| Self { width, height }).ok_or("a size is written like 1920x1080")
    }
}

/// Codecs of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// H.264.
    H264,
    /// H.265, by its FourCC `hvc1` (E-RTMP v1).
    Hevc,
    /// AV1, by its FourCC `av01` (E-RTMP v1).
    Av1,
}

/// Codecs of the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioCodec {
    /// AAC.
    Aac,
}

impl VideoCodec {
    /// As people call it, and [`VideoInfo`](crate::domain::status::VideoInfo) too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::H264 => "H.264",
            Self::Hevc => "HEVC",
            Self::Av1 => "AV1",
        }
    }
}

impl AudioCodec {
    /// As people call it, and [`AudioInfo`](crate::domain::status::AudioInfo) too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "AAC",
        }
    }
}

/// `baseline`, `main` or `high`, as encoders call them.
fn profile<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Profile>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "baseline" => Ok(Some(Profile::Baseline)),
        "main" => Ok(Some(Profile::Main)),
        "high" => Ok(Some(Profile::High)),
        _ => Err(de::Error::custom("a profile is one of baseline, main, high")),
    }
}
