use super::*;
use crate::platform::{Tls, VideoCodec, viewer};
use std::collections::BTreeMap;

fn recognised(server: &str, key: &str, chosen: Option<&str>) -> String {
    let catalogue = Catalogue::builtin();
    let chosen = chosen.map(|id| catalogue.get(id).unwrap());
    let (server, key) = (ServerUrl::parse(server).unwrap(), StreamKey::parse(key).unwrap());
    catalogue.recognise(&server, &key, chosen).id.clone()
}

#[test]
fn a_server_is_recognised_by_its_host_whatever_the_key() {
    for (server, id) in [
        ("rtmp://bdy.live-push.bilivideo.com/live-bvc", "bilibili"),
        ("rtmps://abc.global-contribute.live-video.net/app", "kick"),
        ("rtmps://jfk50.contribute.live-video.net/app", "twitch"),
        ("rtmp://live-fra.twitch.tv/app", "twitch"),
        ("rtmps://DC4-1.rtmp.t.me/s/", "telegram"),
        ("rtmps://x.channel.media.azure.net:2935/live/0a", "azure"),
        ("rtmp://1.livepush.myqcloud.com/live", "tencent-css"),
        ("rtmp://evil-twitch.tv/app", "custom"),
        ("rtmp://live.twitch.tv.evil.example/app", "custom"),
        ("rtmp://127.0.0.1/live", "custom"),
    ] {
        assert_eq!(recognised(server, "live_1_abc", None), id, "{server}");
    }
}

#[test]
fn where_hosts_are_shared_the_choice_decides_and_then_the_key() {
    let ivs = "sk_us-west-2_abcdefgh1234_abcdefghijklmnopqrstuvwxyz0123";
    let twitch = "live_123456_abcdefghijklmnopqrstuvwxyz0123";
    let contribute = "rtmps://fra05.contribute.live-video.net/app";
    assert_eq!(recognised(contribute, ivs, None), "aws-ivs");
    assert_eq!(recognised(contribute, twitch, None), "twitch");
    assert_eq!(recognised(contribute, ivs, Some("twitch")), "twitch");
    let global = "rtmps://a1b2.global-contribute.live-video.net:443/app";
    assert_eq!(recognised(global, ivs, None), "kick");
    assert_eq!(recognised(global, ivs, Some("aws-ivs")), "aws-ivs");
    let vk = "rtmp://vsu.mycdn.me/input/";
    assert_eq!(recognised(vk, "1_2_3_abc", None), "vk-video");
    assert_eq!(recognised(vk, "1_2_3_abc", Some("ok-ru")), "ok-ru");
}

#[test]
fn who_chose_a_product_keeps_it_on_a_carriers_host_and_on_an_unknown_one_but_not_on_anothers() {
    let css = "rtmp://1.livepush.myqcloud.com/live";
    assert_eq!(recognised(css, "a?txSecret=1&txTime=2", Some("lexiang")), "lexiang");
    assert_eq!(recognised("rtmp://push.example.cn/live", "a", Some("lexiang")), "lexiang");
    assert_eq!(recognised("rtmp://live.twitch.tv/app", "a", Some("lexiang")), "twitch");
    assert_eq!(recognised(css, "a?txSecret=1&txTime=2", Some("custom")), "tencent-css");
}

#[test]
fn what_is_left_out_is_filled_in_only_where_the_platform_has_it() {
    let catalogue = Catalogue::builtin();
    let key = StreamKey::parse("?streamname=live_1_2&key=3").unwrap();
    let point = catalogue.get("bilibili").unwrap().compose(None, Some(key)).unwrap();
    assert_eq!(point.server.tc_url(), "rtmp://live-push.bilivideo.com/live-bvc");
    assert_eq!(point.key.expose(), "?streamname=live_1_2&key=3");
    let azure = ServerUrl::parse("rtmp://e.channel.media.azure.net:1935/live/token").unwrap();
    assert_eq!(catalogue.get("azure").unwrap().compose(Some(azure), None).unwrap().key.expose(), "telecast");
    assert_eq!(catalogue.get("bilibili").unwrap().compose(None, None), None);
    assert_eq!(catalogue.get("custom").unwrap().compose(None, StreamKey::parse("k").ok()), None);
}

#[test]
fn a_server_that_is_pasted_out_of_the_blue_gets_what_its_platform_fills_in() {
    let catalogue = Catalogue::builtin();
    let server = ServerUrl::parse("rtmp://e.channel.media.azure.net:1935/live/token").unwrap();
    let (platform, point) = catalogue.compose(Some(server), None, catalogue.get("custom")).unwrap();
    assert_eq!((platform.id.as_str(), point.key.expose()), ("azure", "telecast"));
    let server = ServerUrl::parse("rtmp://push.example.cn/live").unwrap();
    assert!(catalogue.compose(Some(server), None, None).is_none());
    assert!(catalogue.compose(None, StreamKey::parse("k").ok(), None).is_none());
}

#[test]
fn tiles_are_those_of_open_platforms_each_once_the_most_used_first() {
    let catalogue = Catalogue::builtin();
    for lang in [Lang::En, Lang::Zh] {
        let tiles = catalogue.tiles(lang);
        let open = catalogue.all().iter().filter(|platform| platform.has_tile()).count();
        assert_eq!(tiles.len() + 1, open, "custom has no tile among them");
        assert!(tiles.iter().all(|tile| tile.closed.is_none() && tile.role != Role::Encoder));
        assert_eq!(catalogue.first_tiles(lang).len(), 20);
    }
    assert_eq!(catalogue.tiles(Lang::Zh)[0].id, "bilibili");
    assert_eq!(catalogue.tiles(Lang::En)[0].id, "youtube");
}

/// A name as the platform might give it, for each name in its link.
const NAMES: &[&str] = &[
    "12345678901234567",
    "abc123def",
    "0123456789abcdef0123456789abcdef",
    "dQw4w9WgXcQ",
    "lv123456",
    "v1abcd-some-title.html",
    "live123",
    "live.example.org",
    "1022:2321325001234",
];

#[test]
fn a_viewer_link_that_is_filled_in_is_read_back_to_the_same_names() {
    for platform in Catalogue::builtin().all() {
        let Some(link) = &platform.viewer.link else { continue };
        let names: Vec<_> = viewer::placeholders(link).collect();
        // Every choice of names for up to two places.
        let choices = NAMES.iter().flat_map(|first| NAMES.iter().map(move |second| [*first, *second]));
        let found = choices.into_iter().any(|values| {
            let given: BTreeMap<String, String> =
                names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect();
            let filled = viewer::fill(link, &given).unwrap();
            viewer::names(platform, &filled).as_ref() == Some(&given)
        });
        assert!(found, "{}: {link}", platform.id);
    }
}

#[test]
fn every_viewer_page_is_on_a_known_host_of_its_platform() {
    let catalogue = Catalogue::builtin();
    for platform in catalogue.all().iter().filter(|platform| platform.role != Role::Generic) {
        let Some(link) = &platform.viewer.link else { continue };
        let link = link.replace(['{', '}'], "");
        let owner = catalogue.of_page(&link).map(|owner| owner.id.as_str());
        assert_eq!(owner, Some(platform.id.as_str()), "{link}");
    }
}

#[test]
fn words_are_native_in_both_languages() {
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for platform in Catalogue::builtin().all() {
        for words in sound::words(platform).filter(|words| **words != platform.name) {
            assert!(han(&words.zh), "{}: {}", platform.id, words.zh);
            assert!(!words.zh.contains(", ") && !words.zh.contains("。 "), "{}: {}", platform.id, words.zh);
        }
    }
}

#[test]
fn what_is_known_of_some_platforms() {
    let catalogue = Catalogue::builtin();
    let of = |id: &str| catalogue.get(id).unwrap().clone();
    assert!(catalogue.all().len() >= 59);
    assert_eq!(of("facebook").tls, Tls::Only);
    assert_eq!(of("twitch").settle().as_secs(), 35);
    assert_eq!(of("youtube").limits.v_codecs, [VideoCodec::H264, VideoCodec::Hevc, VideoCodec::Av1]);
    for id in ["azure", "kakaotv", "trovo"] {
        assert!(of(id).closed.is_some() && !of(id).has_tile(), "{id}");
    }
    let none = |id: &str| of(id).default_server().is_none();
    assert!(none("tencent-meeting") && none("zhihu") && none("showroom"));
}

#[test]
fn whatever_an_owner_must_press_has_the_address_of_its_page() {
    let catalogue = Catalogue::builtin();
    let presses = catalogue.all().iter().filter_map(|platform| Some((&platform.id, platform.owner_press.as_ref()?)));
    let without: Vec<_> = presses.clone().filter(|(_, press)| press.link.is_none()).collect();
    assert!(presses.count() >= 10 && without.is_empty(), "{without:?}");
}

#[test]
fn refusals_are_told_apart_by_platform_word_and_time() {
    let catalogue = Catalogue::builtin();
    let means = |id: &str, words: &str, closes| {
        catalogue.refusal(catalogue.get(id).unwrap(), words, closes).map(|rule| rule.means)
    };
    use crate::platform::Means;
    assert_eq!(means("twitch", "", Some((Closes::Publish, 30))), Some(Means::Key));
    assert_eq!(means("youtube", "", Some((Closes::Connect, 1))), Some(Means::Key));
    assert_eq!(means("facebook", "NetStream.Publish.Failed: init", None), Some(Means::KeyUsed));
    assert_eq!(means("custom", "NetStream.Publish.BadName: already publishing", None), Some(Means::InUse));
    assert_eq!(means("custom", "NetStream.Publish.BadName", None), Some(Means::Key));
    assert_eq!(means("custom", "NetStream.Publish.BadNames", None), None);
    assert_eq!(means("custom", "", Some((Closes::Publish, 36))), None);
    assert_eq!(means("custom", "", None), None);
}

#[test]
fn a_host_changes_fields_adds_platforms_and_orders_tiles() {
    let catalogue = Catalogue::extended(
        r#"
        [tiles]
        en = ["club", "kick"]
        [[platform]]
        id = "kick"
        servers = [{ url = "rtmps://mine.global-contribute.live-video.net:443/app" }]
        [[platform]]
        id = "club"
        name = { en = "Our club", zh = "俱乐部" }
        checked = "2026-11"
        servers = [{ url = "rtmp://push.club.example/live" }]
        hosts = ['^push\.club\.example$']
        key = { kind = "path", hint = { en = "From the board.", zh = "见公告栏。" } }
        "#,
    )
    .unwrap();
    assert_eq!(catalogue.get("kick").unwrap().servers.len(), 1);
    assert_eq!(catalogue.get("kick").unwrap().key.starts.as_deref(), Some("sk_"), "the rest stays");
    assert_eq!(catalogue.by_host("push.club.example", None, None).id, "club");
    let en: Vec<_> = catalogue.tiles(Lang::En).iter().map(|tile| tile.id.clone()).collect();
    assert_eq!(en[..2], ["club", "kick"]);
    assert_eq!(catalogue.tiles(Lang::Zh)[0].id, "bilibili");
    assert_eq!(catalogue.all().last().unwrap().id, "custom");
}

#[test]
fn every_fault_of_a_hosts_file_is_told_at_once_with_its_place() {
    let of = |text: &str| {
        let faults = Catalogue::extended(text).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let told = of(r#"
        [tiles]
        en = ["azure", "nobody"]
        [[platform]]
        id = "kick"
        servers = [{ url = "rtmp://a.global-contribute.live-video.net/app" }]
        [[platform]]
        id = "club"
        name = { en = "Our club", zh = " " }
        checked = "yesterday"
        servers = [{ url = "rtmp://live.twitch.tv/app" }]
        hosts = ['twitch']
        key = { kind = "path", hint = { en = "From the board.", zh = "见公告栏。" } }
        viewer = { link = "https://club.example/{room}" }
        status = [{ access = "application", url = "https://{host}/state?key={app_secret}", pointer = "/on", live = [true] }]
        [[platform]]
        id = "trovo"
        application = { headers = { Authorization = "Bearer {app_token}", "a b" = "{app_id}" }, token_url = "http://trovo.live" }
        [[platform]]
        id = "twitch"
        application = { headers = { Authorization = "Bearer {app_key}" } }
        "#);
    for part in [
        "tiles: azure is closed",
        "tiles: nobody is no platform",
        "kick: rtmp://a.global-contribute.live-video.net/app and tls contradict",
        "club: checked is no month",
        "club: words are missing in a language",
        "club: rtmp://live.twitch.tv/app is one of twitch's hosts too",
        "club: nothing tells {room}",
        "club: a page asks for an application, and none is told of",
        "club: https://{host}/state?key={app_secret} gets what the host was given, and is at no fixed host",
        "trovo: http://trovo.live is not https://",
        "trovo: a b: {app_id} is no header",
        "twitch: Authorization: Bearer {app_key} is no header",
    ] {
        assert!(told.contains(part), "{part} in:\n{told}");
    }
    assert!(of("[[platform]]\nid = \"kick\"\nhosts = ['(']").contains("kick: "));
    assert!(of("[[platform]]\nid = \"kick\"\ntsl = \"no\"").contains("kick: unknown field `tsl`"));
    assert!(of("[[platform]]\nname = 1").contains("[[platform]]: has no id"));
    assert!(of("x = [").contains("the file: "));
    assert!(of("[platforms]\na = 1").contains("platforms: is none of"));
}
