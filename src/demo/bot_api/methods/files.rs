//! Files: uploads of `sendPhoto`, `sendVideo`, `sendDocument`, `sendMediaGroup` and `editMessageMedia`, and `getFile`.

use crate::demo::bot_api::entities::Marked;
use crate::demo::bot_api::message::{Content, File};
use crate::demo::bot_api::params::{Params, Upload};
use crate::demo::bot_api::refusal::{Answer, Refusal};
use crate::demo::bot_api::world::World;

/// Largest photo, bytes.
const MAX_PHOTO: usize = 10 << 20;
/// Largest file that `getFile` gives, bytes.
const MAX_DOWNLOAD: usize = 20 << 20;

/// Bytes of files that are kept; the oldest go, and messages stay without them.
const KEPT: usize = 128 << 20;

/// How a file is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Photo,
    Video,
    Document,
}

impl Kind {
    const fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Document => "document",
        }
    }

    /// A message of it.
    pub(super) fn content(self, file: File, caption: Marked) -> Content {
        match self {
            Self::Photo => Content::Photo(file, caption),
            Self::Video => Content::Video(file, caption),
            Self::Document => Content::Document(file, caption),
        }
    }
}

/// The file of `sendPhoto`, `sendVideo` or `sendDocument`: an upload, or the `file_id` of one before.
pub(super) fn take(world: &mut World, params: &mut Params, kind: Kind) -> Result<File, Refusal> {
    let named = params.text(kind.field()).unwrap_or_default();
    match params.upload(kind.field()) {
        Some(upload) => store(world, upload, kind),
        None => again(world, &named, kind),
    }
}

/// The same, where the upload is named by `attach://`.
pub(super) fn take_named(world: &mut World, params: &Params, kind: Kind, media: String) -> Result<File, Refusal> {
    match media.strip_prefix("attach://").and_then(|name| params.attached(name)) {
        Some(upload) => store(world, upload, kind),
        None => again(world, &media, kind),
    }
}

fn again(world: &World, id: &str, kind: Kind) -> Result<File, Refusal> {
    if id.is_empty() {
        return Err(Refusal::bad(format!("there is no {} in the request", kind.field())));
    }
    let known = world.files.get(id).map(|(file, _)| file.clone());
    known.ok_or_else(|| Refusal::bad("wrong remote file identifier specified: Wrong string length"))
}

fn store(world: &mut World, upload: Upload, kind: Kind) -> Result<File, Refusal> {
    let size = upload.bytes.len();
    let pixels = dimensions(&upload.bytes);
    if size == 0 {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if kind == Kind::Photo {
        if size > MAX_PHOTO {
            return Err(Refusal::bad("file is too big"));
        }
        if pixels.is_none() {
            return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
        }
    }
    // Telegram would make a document of it.
    if kind == Kind::Video && !is_mp4(&upload.bytes) {
        return Err(Refusal::plain(501, "the stand-in takes MP4 files as videos only"));
    }
    let id = format!("file{:020}", world.fresh_id());
    let file = File { id: id.clone(), name: upload.name, size, pixels: pixels.unwrap_or_default(), seconds: 0 };
    world.files.insert(id, (file.clone(), upload.bytes));
    while world.files.len() > 1 && world.files.values().map(|(file, _)| file.size).sum::<usize>() > KEPT {
        world.files.pop_first();
    }
    Ok(file)
}

/// ISO/IEC 14496-12 §4.3: a file begins with its type.
pub(in crate::demo::bot_api) fn is_mp4(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
}

/// Width and height of a PNG or JPEG.
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        return Some((word(16)?, word(20)?));
    }
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    loop {
        let &[0xff, marker, high, low] = bytes.get(at..at + 4)? else { return None };
        if matches!(marker, 0xc0..=0xc3) {
            let word = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
            return Some((word(at + 7)?, word(at + 5)?));
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
}

pub(super) fn file(world: &mut World, params: &mut Params) -> Answer {
    let id = params.text("file_id").ok_or_else(|| Refusal::bad("file_id not specified"))?;
    let (file, _) = world.files.get(&id).ok_or_else(|| Refusal::bad("invalid file_id"))?;
    if file.size > MAX_DOWNLOAD {
        return Err(Refusal::bad("file is too big"));
    }
    Ok(file.download_json())
}
