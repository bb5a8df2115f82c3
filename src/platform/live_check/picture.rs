//! The picture of a show on a platform's public page, and how old it is.

use super::ask::url_of;
use super::pace::Turn;
use super::read;
use super::web::{Form, Question};
use super::{LiveCheck, viewer};
use crate::domain::target::Target;
use crate::platform::Platform;
use bytes::Bytes;
use reqwest::header::{AGE, DATE, HeaderMap, HeaderName, LAST_MODIFIED};
use std::fmt;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;
use url::Url;

/// What a platform shows of a show.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// A JPEG or PNG, at most 1 MiB.
    pub file: Bytes,
    /// How old it is by the clock of the server that has it, where that tells.
    pub age: Option<Duration>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} bytes, {:?})", self.file.len(), self.age)
    }
}

impl LiveCheck {
    /// The picture that `platform` shows of `target`'s show now, where it has one that everybody can see. A channel's is
    /// asked for each 30 s at most; in between there is none.
    pub async fn picture(&self, platform: &Platform, target: &Target) -> Option<Picture> {
        let (thumbnail, place) = (platform.thumbnail.as_ref()?, target.status_id.as_deref()?);
        let channel = format!("{} {place}", platform.id);
        let mut names = self.pace().found(&channel);
        names.extend(viewer::names_of(place));
        if thumbnail.lower_case {
            names.values_mut().for_each(|name| *name = name.to_lowercase());
        }
        let url = url_of(&thumbnail.url, &names)?;
        let turn = self.pace().turn(&format!("picture: {channel}"), Instant::now().into_std());
        if matches!(turn, Turn::Wait(..)) {
            return None;
        }
        let ask = |url, form, fixed| Question { url, body: None, secret: None, form, fixed, platform: &platform.id };
        let (file, headers) = match &thumbnail.pointer {
            None => self.put(ask(url, Form::Picture, true)).await.ok()?,
            Some(pointer) => {
                let (page, _) = self.put(ask(url, Form::Json, true)).await.ok()?;
                let found = read::name(&page, pointer, &thumbnail.only_if)?;
                self.put(ask(secure(&found)?, Form::Picture, false)).await.ok()?
            }
        };
        is_picture(&file).then(|| Picture { file: file.into(), age: age(&headers) })
    }
}

/// The URL that a page tells: some write it as of the time before HTTPS.
fn secure(url: &str) -> Option<Url> {
    let rest = ["http:", "https:", ""].iter().find_map(|scheme| url.strip_prefix(scheme)?.strip_prefix("//"))?;
    Url::parse(&format!("https://{rest}")).ok()
}

/// By its first bytes: what a server calls it says less.
fn is_picture(file: &[u8]) -> bool {
    file.starts_with(&[0xff, 0xd8, 0xff]) || file.starts_with(b"\x89PNG\r\n\x1a\n")
}

/// From when it was made to now, by one clock: that of its server, and for how long it has lain in a cache since.
fn age(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let time = |name| httpdate::parse_http_date(text(name)?).ok();
    let (made, sent): (SystemTime, SystemTime) = (time(LAST_MODIFIED)?, time(DATE)?);
    let cached = text(AGE).and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or_default();
    // Of a picture that has a time to come, none is known.
    Some(sent.duration_since(made).ok()? + Duration::from_secs(cached.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_age_is_told_by_its_servers_own_clock_and_only_where_that_tells() {
        let told = |pairs: &[(HeaderName, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
            age(&pairs.collect()).map(|age| age.as_secs())
        };
        let made = (LAST_MODIFIED, "Thu, 26 Nov 2026 22:00:00 GMT");
        let sent = (DATE, "Thu, 26 Nov 2026 22:00:40 GMT");
        assert_eq!(told(&[made.clone(), sent.clone()]), Some(40));
        assert_eq!(told(&[made.clone(), sent.clone(), (AGE, "7")]), Some(47));
        assert_eq!(told(&[made.clone(), sent.clone(), (AGE, "99999999999999")]), Some(40));
        assert_eq!(told(&[(LAST_MODIFIED, sent.1), (DATE, made.1)]), None, "it is of a time to come");
        for lacks in [vec![], vec![made.clone()], vec![sent.clone()], vec![(LAST_MODIFIED, "soon"), sent.clone()]] {
            assert_eq!(told(&lacks), None, "{lacks:?}");
        }
    }

    #[test]
    fn a_picture_is_known_by_its_bytes_and_is_fetched_over_https() {
        assert!(is_picture(b"\xff\xd8\xff\xe0\0\x10JFIF") && is_picture(b"\x89PNG\r\n\x1a\n\0"));
        for other in [&b""[..], b"\xff\xd8", b"<html>", b"GIF89a", b"RIFF\0\0\0\0WEBP"] {
            assert!(!is_picture(other), "{other:?}");
        }
        for url in ["http://i0.hdslb.com/a.jpg", "https://i0.hdslb.com/a.jpg", "//i0.hdslb.com/a.jpg"] {
            assert_eq!(secure(url).unwrap().as_str(), "https://i0.hdslb.com/a.jpg");
        }
        for no in ["file:///etc/passwd", "/a.jpg", "", "data:image/png;base64,AA"] {
            assert_eq!(secure(no), None, "{no}");
        }
    }
}
