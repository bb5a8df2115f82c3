//! What people really paste.

use crate::pastes as judge;
use proptest::prelude::*;
use telecast::platform::Catalogue;
use telecast::platform::paste::{PasteFault, PasteNote, understand};

const BILI: &str = "?streamname=live_12345_67890&key=0123456789abcdef0123456789abcdef&schedule=rtmp&pflag=1";
const BILI_SERVER: &str = "rtmp://live-push.bilivideo.com/live-bvc";

fn check(text: &str, platform: Option<&str>, server: Option<&str>, key: Option<&str>) -> Vec<PasteNote> {
    let catalogue = Catalogue::builtin();
    let found = understand(text, &catalogue, platform.map(|id| catalogue.get(id).unwrap()));
    assert_eq!(found.fault, None, "{text}");
    assert_eq!(found.server.as_ref().map(|s| s.tc_url()).as_deref(), server, "server of: {text}");
    assert_eq!(found.key.as_ref().map(|k| k.expose()), key, "key of: {text}");
    found.notes
}

#[test]
fn what_must_come_of_each_paste_comes_of_it() {
    let catalogue = Catalogue::builtin();
    let pastes = judge::blind().into_iter().chain(judge::own());
    let wrong: Vec<_> =
        pastes.flat_map(|paste| paste.faults(&catalogue).into_iter().map(move |f| (f, paste.says.clone()))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn both_boxes_in_one_message_in_any_layout() {
    for text in [
        format!("{BILI_SERVER}/\n{BILI}"),
        format!("{BILI_SERVER}/ {BILI}"),
        format!("服务器地址：{BILI_SERVER}/\n串流密钥：{BILI}"),
        format!("服务器地址\n{BILI_SERVER}/\n\n推流码\n{BILI}\n"),
        format!("串流密钥：{BILI}\n服务器：{BILI_SERVER}/"),
        format!("推流地址:{BILI_SERVER}/ 推流密钥:{BILI}"),
        format!("Server: {BILI_SERVER}/\nStream Key: {BILI}"),
        format!("server={BILI_SERVER}/\nkey={BILI}"),
        format!("1. 推流地址(RTMP)：{BILI_SERVER}/\n2. 推流密钥（Stream Key）：{BILI}"),
        format!("【服务器】{BILI_SERVER}/\n【串流密钥】{BILI}"),
        format!("“{BILI_SERVER}/”，\r\n“{BILI}”"),
        format!("\u{feff}{BILI_SERVER}/\u{200b}\n\u{200b}{BILI}\u{3000}"),
        format!("{BILI_SERVER}/\n{}", BILI.replace('&', "&amp;")),
        format!("{BILI_SERVER}/\n{}", BILI.replace('?', "？").replace('=', "＝").replace('&', "＆")),
        format!("直播码 {BILI}\n地址 {BILI_SERVER}/"),
    ] {
        assert_eq!(check(&text, None, Some(BILI_SERVER), Some(BILI)), [], "{text}");
    }
}

#[test]
fn one_url_is_cut_where_its_platform_cuts_it() {
    for (text, server, key) in [
        (format!("{BILI_SERVER}/{BILI}"), BILI_SERVER, BILI),
        (
            "rtmp://a.rtmp.youtube.com/live2/abcd-efgh-ijkl-mnop".into(),
            "rtmp://a.rtmp.youtube.com/live2",
            "abcd-efgh-ijkl-mnop",
        ),
        (
            "rtmps://b.rtmps.youtube.com:443/live2?backup=1/abcd-efgh-ijkl-mnop".into(),
            "rtmps://b.rtmps.youtube.com:443/live2?backup=1",
            "abcd-efgh-ijkl-mnop",
        ),
        (
            "rtmp://1.livepush.myqcloud.com/live/s1?txSecret=ab/cd&txTime=65A0B0C0".into(),
            "rtmp://1.livepush.myqcloud.com/live",
            "s1?txSecret=ab/cd&txTime=65A0B0C0",
        ),
        ("rtmps://dc4-1.rtmp.t.me/s/123456:AbC_d-E".into(), "rtmps://dc4-1.rtmp.t.me/s", "123456:AbC_d-E"),
        ("rtmp://host:1936/v2/pub/name?token=t".into(), "rtmp://host:1936/v2/pub", "name?token=t"),
        (
            "rtmp://e.channel.media.azure.net:1935/live/0123456789abcdef/default".into(),
            "rtmp://e.channel.media.azure.net:1935/live/0123456789abcdef",
            "default",
        ),
    ] {
        assert_eq!(check(&text, None, Some(server), Some(key)), [PasteNote::Split], "{text}");
    }
    check(
        "rtmp://e.channel.media.azure.net:1935/live/0a0b",
        None,
        Some("rtmp://e.channel.media.azure.net:1935/live/0a0b"),
        None,
    );
    check("rtmp://host/live", None, Some("rtmp://host/live"), None);
    check("rtmp://host/live/k1234\nk1234", None, Some("rtmp://host/live"), Some("k1234"));
}

#[test]
fn a_key_alone_or_a_server_alone_is_enough_for_one_answer() {
    check(BILI, Some("bilibili"), None, Some(BILI));
    check("串流密钥：abcd-efgh-ijkl-mnop", Some("youtube"), None, Some("abcd-efgh-ijkl-mnop"));
    check("here you are: live_123_AbCdEfGh", Some("twitch"), None, Some("live_123_AbCdEfGh"));
    check("我的推流码是这个 sk_us-west-2_abc_def", Some("kick"), None, Some("sk_us-west-2_abc_def"));
    check("服务器：rtmp://push.example.cn/live/", Some("lexiang"), Some("rtmp://push.example.cn/live"), None);
}

#[test]
fn mistakes_are_mended_and_said() {
    let notes = check(&format!("服务器：{BILI}\n串流密钥：{BILI_SERVER}/"), None, Some(BILI_SERVER), Some(BILI));
    assert_eq!(notes, [PasteNote::Swapped]);
    let notes = check(&BILI[1..], Some("bilibili"), None, Some(BILI));
    assert_eq!(notes, [PasteNote::QuestionMarkAdded]);
    let notes = check("live-push.bilivideo.com/live-bvc/", None, Some(BILI_SERVER), None);
    assert_eq!(notes, [PasteNote::SchemeAdded]);
    let kick = "rtmps://a1b2.global-contribute.live-video.net";
    let notes = check(&format!("{kick}\nsk_us_1"), Some("kick"), Some(&format!("{kick}/app")), Some("sk_us_1"));
    assert_eq!(notes, [PasteNote::AppAdded]);
    let page = "https://live.bilibili.com/77";
    let notes = check(&format!("{page}\n{BILI_SERVER}/\n{BILI}"), None, Some(BILI_SERVER), Some(BILI));
    assert_eq!(notes, [PasteNote::ViewerPage]);
    let two = "rtmp://a.rtmp.youtube.com/live2\nrtmp://b.rtmp.youtube.com/live2?backup=1\nabcd-efgh-ijkl-mnop";
    let notes = check(two, None, Some("rtmp://a.rtmp.youtube.com/live2"), Some("abcd-efgh-ijkl-mnop"));
    assert_eq!(notes, [PasteNote::MoreServers]);
}

#[test]
fn what_cannot_be_used_has_a_name() {
    use telecast::domain::rtmp_url::UrlFault;
    for (text, fault) in [
        ("", PasteFault::Nothing),
        ("你好，怎么用？", PasteFault::Nothing),
        ("https://live.bilibili.com/77", PasteFault::ViewerPage),
        ("live.bilibili.com/77", PasteFault::ViewerPage),
        ("https://www.youtube.com/watch?v=abcdefghijk", PasteFault::ViewerPage),
        ("srt://host:9000?streamid=a", PasteFault::Protocol),
        ("rtmp://host", PasteFault::Server(UrlFault::NoApp)),
        ("rtmp://host:99999/live", PasteFault::Server(UrlFault::Malformed)),
        ("hello there my friend", PasteFault::Nothing),
        ("key hall A: th-a-90417\nkey hall B: th-b-31826", PasteFault::SeveralKeys),
    ] {
        assert_eq!(understand(text, &Catalogue::builtin(), None).fault, Some(fault), "{text}");
    }
    assert_eq!(understand(&"x".repeat(100_000), &Catalogue::builtin(), None).fault, Some(PasteFault::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_is_a_panic(text in any::<String>(), platform in 0..11usize) {
        let catalogue = Catalogue::builtin();
        let found = understand(&text, &catalogue, catalogue.all().get(platform));
        prop_assert!(found.fault.is_some() || found.server.is_some() || found.key.is_some());
    }

    #[test]
    fn no_pieces_of_pastes_are_a_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "rtmp://", "rtmps://", "https://", "host", "/", "?", "：", ":", "串流密钥", "key", "Server", " ", "\n", "（", ")",
        "&amp;", "live2", "a.rtmp.youtube.com", "live-push.bilivideo.com", "[::1]", "%", "=", "\u{200b}", "【", "😀",
    ]), 0..24)) {
        let _ = understand(&pieces.concat(), &Catalogue::builtin(), None);
    }

    /// Whatever is a key stays it, to the letter, next to its server and under its label.
    #[test]
    fn a_key_is_never_lost_or_changed(
        start in prop::sample::select(vec!["", "key=", "2key=", "1.url:", "?key=", "server:", "-key="]),
        rest in "[A-Za-z0-9?][A-Za-z0-9_=&?:/.%~+-]{6,200}[A-Za-z0-9]",
        layout in 0..5usize,
    ) {
        let key = format!("{start}{rest}");
        prop_assume!(!key.contains("://") && !key.contains("&amp;") && !key.contains("//"));
        let server = "rtmp://push.example.cn/live";
        let text = match layout {
            0 => format!("{server}\nStream key: {key}"),
            1 => format!("服务器：{server}\n串流密钥：{key}"),
            2 => format!("推流密钥:{key}\n推流地址:{server}"),
            3 => format!("Server\n{server}\nStream Key\n{key}"),
            _ => format!("URL: {server}\r\n\r\n\u{200b}推流码\r\n\"{key}\""),
        };
        let found = understand(&text, &Catalogue::builtin(), None);
        prop_assert_eq!(found.fault, None);
        prop_assert_eq!(found.key.as_ref().map(|k| k.expose()), Some(key.as_str()));
        prop_assert_eq!(found.server.map(|s| s.tc_url()), Some(server.to_owned()));
    }
}

#[test]
fn a_login_before_the_host_hides_neither_the_host_nor_itself() {
    for (text, user, password) in [
        ("rtmp://anna:s3cret@live-fra.twitch.tv/app/abcd_0123456789", "anna", "s3cret"),
        ("Server: rtmp://anna:p@ss:word!@live-fra.twitch.tv/app\nKey: abcd_0123456789", "anna", "p@ss:word!"),
    ] {
        let found = understand(text, &Catalogue::builtin(), None);
        let (server, key) = (found.server.unwrap(), found.key.unwrap());
        assert_eq!((server.tc_url().as_str(), key.expose()), ("rtmp://live-fra.twitch.tv/app", "abcd_0123456789"));
        assert_eq!(server.login().unwrap().expose(), (user, password));
        assert_eq!(Catalogue::builtin().recognise(&server, &key, None).id, "twitch");
    }
    // Known by its host, YouTube's second server keeps its query.
    let found =
        understand("rtmp://anna:pw@b.rtmp.youtube.com/live2?backup=1/abcd-efgh-ijkl-mnop", &Catalogue::builtin(), None);
    assert_eq!(found.key.unwrap().expose(), "abcd-efgh-ijkl-mnop");
}
