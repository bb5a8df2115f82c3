//! Where people watch.

use super::{Access, Platform};
use crate::domain::rtmp_url::PushPoint;
use std::collections::BTreeMap;
use url::Url;

/// Longest viewer link taken, in characters.
pub const MAX_LINK: usize = 500;

/// What is wrong with a text that should be a viewer link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// More than [`MAX_LINK`] characters.
    #[error("the link is longer than {MAX_LINK} characters")]
    TooLong,
    /// Not `http://` or `https://`, or not readable as a link.
    #[error("a watch link begins with https:// or http://")]
    NotALink,
}

/// The link in `text`, as a browser would open it.
///
/// # Errors
/// [`LinkFault`] names what a person should mend.
pub fn check_link(text: &str) -> Result<String, LinkFault> {
    let text = text.trim();
    if text.chars().count() > MAX_LINK {
        return Err(LinkFault::TooLong);
    }
    let url = Url::parse(text).map_err(|_| LinkFault::NotALink)?;
    let web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| host.contains('.'));
    let clean = url.username().is_empty() && url.password().is_none() && !text.contains(char::is_whitespace);
    if !web || !clean {
        return Err(LinkFault::NotALink);
    }
    // Percent-encoding may make it longer.
    Some(String::from(url)).filter(|link| link.chars().count() <= MAX_LINK).ok_or(LinkFault::TooLong)
}

/// The watch link that `text` means for `platform`: a link, one without its `https://`, or the one name that the
/// platform's links differ by, `someone` or `@someone`.
///
/// # Errors
/// [`LinkFault`] names what a person should mend.
pub fn link_of(platform: &Platform, text: &str) -> Result<String, LinkFault> {
    let fault = match check_link(text) {
        Ok(link) => return Ok(link),
        Err(fault) => fault,
    };
    let text = text.trim();
    let short = Some(format!("https://{text}")).filter(|link| platform.viewer.pages.iter().any(|p| p.matches(link)));
    let own = || {
        let name = text.strip_prefix('@').unwrap_or(text);
        let template = platform.viewer.link.as_deref()?;
        let mut all = placeholders(template);
        let (Some(only), None) = (all.next(), all.next()) else { return None };
        let link = fill(template, &BTreeMap::from([(only.to_owned(), name.to_owned())]))?;
        // The page's own pattern knows what such a name may be.
        let whole = names(platform, &link)?.get(only).is_some_and(|found| found == name);
        whole.then_some(link)
    };
    short.or_else(own).map_or(Err(fault), |link| check_link(&link))
}

/// What a key tells by itself: the viewer link, and the platform's own names for the place of the show.
#[must_use]
pub fn link(platform: &Platform, point: &PushPoint) -> (Option<String>, Option<String>) {
    let Some(names) = platform.viewer.key.as_ref().and_then(|key| key.named(point.key.expose())) else {
        return (None, None);
    };
    // Bilibili's key names the person; their room is asked for later (`LiveCheck::look`).
    let link = platform.viewer.link.as_deref().and_then(|link| fill(link, &names)).and_then(|l| check_link(&l).ok());
    (link, place(&names))
}

/// The platform's own names for the place of the show, from the page that people watch.
#[must_use]
pub fn status_id(platform: &Platform, link: &str) -> Option<String> {
    place(&names(platform, link)?)
}

/// The names that the link of a viewer page tells.
#[must_use]
pub fn names(platform: &Platform, link: &str) -> Option<BTreeMap<String, String>> {
    platform.viewer.pages.iter().find_map(|page| page.named(link))
}

/// `template` with `names` in place of `{name}`; `None` where one is missing.
#[must_use]
pub fn fill(template: &str, names: &BTreeMap<String, String>) -> Option<String> {
    let mut filled = template.to_owned();
    for name in placeholders(template) {
        filled = filled.replace(&format!("{{{name}}}"), names.get(name)?);
    }
    Some(filled)
}

/// Whether the viewer link will be known of a place, `uid:123`: from its names alone, or by asking the platform, for
/// which nothing must be had.
#[must_use]
pub fn leads_to_link(platform: &Platform, place: &str) -> bool {
    let given: Vec<_> = place.split(';').filter_map(|pair| Some(pair.split_once(':')?.0)).collect();
    let open = platform.lookups.iter().filter(|lookup| lookup.access == Access::Open);
    let found: Vec<_> = open.filter(|l| given.contains(&l.from.as_str())).map(|lookup| lookup.to.as_str()).collect();
    let known = |name| given.contains(&name) || found.contains(&name);
    platform.viewer.link.as_deref().is_some_and(|link| placeholders(link).all(known))
}

/// The names in braces in `template`.
pub(super) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let inside = template.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    inside.map(|(name, _)| name).filter(move |name| plain(name))
}

/// Names as they are kept with a target: `room:77`, more of them with `;` between.
fn place(names: &BTreeMap<String, String>) -> Option<String> {
    let sound = |value: &str| value.len() <= 100 && !value.contains(';');
    let pairs = names.iter().filter(|(_, value)| sound(value)).map(|(name, value)| format!("{name}:{value}"));
    Some(pairs.collect::<Vec<_>>().join(";")).filter(|place| !place.is_empty())
}

/// The names that are kept with a target.
#[must_use]
pub fn names_of(place: &str) -> BTreeMap<String, String> {
    let pairs = place.split(';').filter_map(|pair| pair.split_once(':')).filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The names with another watch link, which may be none: those of its page, and of the ones from `before` those that a
/// key tells. Each may have one that the other lacks.
#[must_use]
pub fn place_with(platform: &Platform, link: Option<&str>, before: Option<&str>) -> Option<String> {
    let mut names = before.map(names_of).unwrap_or_default();
    names.retain(|name, _| platform.viewer.key.as_ref().is_some_and(|key| key.names().any(|known| known == name)));
    names.extend(link.and_then(|link| self::names(platform, link)).unwrap_or_default());
    place(&names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rtmp_url::ServerUrl;
    use crate::domain::secret::StreamKey;
    use crate::platform::Catalogue;

    #[test]
    fn only_web_links_of_a_sane_length_are_taken() {
        assert_eq!(check_link(" https://live.bilibili.com/1 ").unwrap(), "https://live.bilibili.com/1");
        for bad in
            ["javascript:alert(1)", "ftp://a.b/c", "https://u:p@a.b/", "https://a b.c", "a.b/c", "https://localhost"]
        {
            assert_eq!(check_link(bad), Err(LinkFault::NotALink), "{bad}");
        }
        assert_eq!(check_link(&format!("https://a.b/{}", "x".repeat(500))), Err(LinkFault::TooLong));
        assert_eq!(check_link(&format!("https://a.b/{}", "直".repeat(400))), Err(LinkFault::TooLong));
    }

    #[test]
    fn a_name_or_a_link_without_its_scheme_is_a_link_too_where_the_platforms_pages_say_so() {
        let catalogue = Catalogue::builtin();
        let link = |id: &str, text: &str| link_of(catalogue.get(id).unwrap(), text).ok();
        for (id, text, means) in [
            ("twitch", " some_one ", "https://www.twitch.tv/some_one"),
            ("twitch", "twitch.tv/some_one", "https://twitch.tv/some_one"),
            ("tiktok", "@some.one", "https://www.tiktok.com/@some.one/live"),
            ("bilibili", "77", "https://live.bilibili.com/77"),
            ("bilibili", "live.bilibili.com/77", "https://live.bilibili.com/77"),
            ("bilibili", "https://b23.tv/x", "https://b23.tv/x"),
            ("huya", "660000", "https://www.huya.com/660000"),
            ("owncast", "watch.example.org", "https://watch.example.org/"),
        ] {
            assert_eq!(link(id, text).as_deref(), Some(means), "{id} {text}");
        }
        for (id, text) in [
            ("twitch", "a b"),
            ("twitch", "a/b"),
            ("twitch", "直播"),
            ("bilibili", "my room"),
            ("bilibili", "77/../88"),
            ("facebook", "someone"),
            ("lexiang", "0123456789abcdef0123456789abcdef"),
            ("custom", "someone"),
            ("tiktok", ""),
            ("owncast", "localhost"),
        ] {
            assert_eq!(link(id, text), None, "{id} {text}");
        }
    }

    #[test]
    fn another_page_takes_the_place_of_the_last_one_but_not_of_the_key() {
        let catalogue = Catalogue::builtin();
        let with = |id: &str, link, before| place_with(catalogue.get(id).unwrap(), link, before);
        let place = |text: &str| Some(text.to_owned());
        assert_eq!(with("odysee", Some("https://odysee.com/@a"), Some("claim:0a")), place("channel:a;claim:0a"));
        let room = "https://live.bilibili.com/77";
        assert_eq!(with("bilibili", Some(room), Some("room:5;uid:4321")), place("room:77;uid:4321"));
        assert_eq!(with("bilibili", None, Some("room:5;uid:4321")), place("uid:4321"));
        let video = "https://youtu.be/AbCdEfGhIjK";
        assert_eq!(with("youtube", Some(video), Some("handle:other")), place("video:AbCdEfGhIjK"));
        assert_eq!(with("youtube", Some("https://example.com/"), Some("handle:other")), None);
        let show = "https://weibo.com/l/wblive/p/show/1022:2321";
        let kept = with("weibo", Some(show), None).unwrap();
        assert_eq!(names_of(&kept)["live"], "1022:2321", "a value may hold a colon");
    }

    #[test]
    fn bilibilis_key_and_page_both_tell_whose_show_it_is() {
        let catalogue = Catalogue::builtin();
        let bilibili = catalogue.get("bilibili").unwrap();
        let server = ServerUrl::parse("rtmp://live-push.bilivideo.com/live-bvc/").unwrap();
        let key = StreamKey::parse("?streamname=live_4321_98765&key=0a&schedule=rtmp&pflag=1").unwrap();
        let point = PushPoint { server, key };
        assert_eq!(link(bilibili, &point), (None, Some("uid:4321".into())));
        assert!(leads_to_link(bilibili, "uid:4321") && leads_to_link(bilibili, "room:77"));
        let twitch = catalogue.get("twitch").unwrap();
        assert_eq!(link(twitch, &point), (None, None));
        assert!(!leads_to_link(twitch, "user:4321"), "that needs a token");
        for page in [
            "https://live.bilibili.com/77?a=b",
            "https://live.bilibili.com/h5/77",
            "https://live.bilibili.com/blanc/77",
        ] {
            assert_eq!(status_id(bilibili, page), Some("room:77".into()), "{page}");
        }
        assert_eq!(status_id(bilibili, "https://live.bilibili.com.evil.example/77"), None);
        assert_eq!(status_id(bilibili, "https://live.bilibili.com/p/eden"), None);
    }
}
