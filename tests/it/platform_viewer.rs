//! Watch links: whose page each is, and which names of the show it tells.

use telecast::platform::{Catalogue, viewer};

/// What people see in the address bar, and what is to be known of it.
const LINKS: &[(&str, &str, &str)] = &[
    ("bilibili", "https://live.bilibili.com/77?live_from=84001", "room:77"),
    ("bilibili", "https://live.bilibili.com/h5/77", "room:77"),
    (
        "lexiang",
        "https://acme.lexiangla.com/lives/0123456789abcdef0123456789abcdef",
        "company:acme;live:0123456789abcdef0123456789abcdef",
    ),
    (
        "lexiang",
        "https://lexiangla.com/lives/0123456789abcdef0123456789abcdef?x=1",
        "live:0123456789abcdef0123456789abcdef",
    ),
    ("douyin", "https://live.douyin.com/123456789012", "room:123456789012"),
    ("kuaishou", "https://live.kuaishou.com/u/3xabc_def-1", "user:3xabc_def-1"),
    (
        "xiaohongshu",
        "https://www.xiaohongshu.com/livestream/569876543210987654?source=share",
        "room:569876543210987654",
    ),
    ("xiaohongshu", "https://www.xiaohongshu.com/livestream/dynpathAbC/569876543210987654", "room:569876543210987654"),
    ("huya", "https://www.huya.com/660000", "room:660000"),
    ("huya", "https://m.huya.com/660000", "room:660000"),
    ("douyu", "https://www.douyu.com/4242", "room:4242"),
    ("douyu", "https://www.douyu.com/topic/abc?rid=4242", "room:4242"),
    ("weibo", "https://weibo.com/l/wblive/p/show/1022:2321325026370190442592", "live:1022:2321325026370190442592"),
    ("zhihu", "https://www.zhihu.com/theater/12345", "theater:12345"),
    ("youtube", "https://www.youtube.com/watch?v=AbCdEfGhIjK&t=1", "video:AbCdEfGhIjK"),
    ("youtube", "https://www.youtube.com/watch?app=desktop&v=AbCdEfGhIjK", "video:AbCdEfGhIjK"),
    ("youtube", "https://youtube.com/live/AbCdEfGhIjK?feature=share", "video:AbCdEfGhIjK"),
    ("youtube", "https://youtu.be/AbCdEfGhIjK", "video:AbCdEfGhIjK"),
    ("youtube", "https://www.youtube.com/channel/UC0123456789abcdefghijAB", "channel:UC0123456789abcdefghijAB"),
    ("youtube", "https://www.youtube.com/@someone/live", "handle:someone"),
    ("twitch", "https://www.twitch.tv/some_one", "login:some_one"),
    ("twitch", "https://m.twitch.tv/some_one?x=1", "login:some_one"),
    ("kick", "https://kick.com/some-one", "slug:some-one"),
    ("facebook", "https://www.facebook.com/watch/live/?ref=x&v=1234567890123456", "video:1234567890123456"),
    ("facebook", "https://www.facebook.com/somepage/videos/a-title/1234567890123456/", "video:1234567890123456"),
    ("instagram", "https://www.instagram.com/some.one/live/", "user:some.one"),
    ("tiktok", "https://www.tiktok.com/@some.one/live", "user:some.one"),
    ("x", "https://x.com/i/broadcasts/1AbCdEfGhIjKl", "broadcast:1AbCdEfGhIjKl"),
    ("x", "https://twitter.com/i/broadcasts/1AbCdEfGhIjKl", "broadcast:1AbCdEfGhIjKl"),
    ("telegram", "https://t.me/some_channel?livestream", "name:some_channel"),
    ("linkedin", "https://www.linkedin.com/events/a-talk-7123456789012345678/", "event:7123456789012345678"),
    ("rumble", "https://rumble.com/v5abcde-a-title.html", "video:v5abcde-a-title.html"),
    ("trovo", "https://trovo.live/s/someone", "user:someone"),
    ("vk-video", "https://live.vkvideo.ru/some-channel", "channel:some-channel"),
    ("ok-ru", "https://ok.ru/live/1234567890123", "video:1234567890123"),
    ("rutube", "https://rutube.ru/video/0123456789abcdef0123456789abcdef/", "video:0123456789abcdef0123456789abcdef"),
    ("odysee", "https://odysee.com/@someone:a/live", "channel:someone:a"),
    ("steam", "https://steamcommunity.com/broadcast/watch/76561190000000001", "user:76561190000000001"),
    ("dlive", "https://dlive.tv/some_one", "user:some_one"),
    ("vimeo", "https://vimeo.com/event/1234567", "event:1234567"),
    (
        "chzzk",
        "https://chzzk.naver.com/live/0123456789abcdef0123456789abcdef",
        "channel:0123456789abcdef0123456789abcdef",
    ),
    ("soop-kr", "https://play.sooplive.co.kr/someone/123456789", "user:someone"),
    ("soop-kr", "https://play.afreecatv.com/someone", "user:someone"),
    ("soop-global", "https://www.sooplive.com/someone", "user:someone"),
    ("niconico", "https://live.nicovideo.jp/watch/lv345678901", "programme:lv345678901"),
    ("showroom", "https://www.showroom-live.com/r/some_room", "room:some_room"),
    ("showroom", "https://www.showroom-live.com/room/profile?room_id=510067", "number:510067"),
    ("openrec", "https://www.openrec.tv/live/abc123", "live:abc123"),
    ("pandatv-kr", "https://www.pandalive.co.kr/live/play/someone", "user:someone"),
    ("nimo", "https://www.nimo.tv/live/1234567", "room:1234567"),
    ("picarto", "https://picarto.tv/Someone", "channel:Someone"),
    ("goodgame", "https://goodgame.ru/channel/Someone", "channel:Someone"),
    ("mixcloud", "https://www.mixcloud.com/live/someone/", "user:someone"),
    (
        "cloudflare-stream",
        "https://customer-abc123.cloudflarestream.com/0123456789abcdef0123456789abcdef/iframe",
        "code:abc123;input:0123456789abcdef0123456789abcdef",
    ),
    ("mux", "https://stream.mux.com/AbCdEf0123.m3u8", "playback:AbCdEf0123"),
    ("apivideo", "https://embed.api.video/live/li400mYKSgQ6xs7taUeSaEKr", "live:li400mYKSgQ6xs7taUeSaEKr"),
    ("owncast", "https://watch.example.org/", "host:watch.example.org"),
    (
        "peertube",
        "https://tube.example.org/w/abcdefghijklmnopqrstuv",
        "host:tube.example.org;video:abcdefghijklmnopqrstuv",
    ),
];

#[test]
fn every_platforms_watch_link_tells_whose_it_is_and_which_show() {
    let catalogue = Catalogue::builtin();
    let mut wrong = Vec::new();
    for (id, link, place) in LINKS {
        let platform = catalogue.get(id).unwrap();
        let told = viewer::place_with(platform, Some(link), None);
        if told.as_deref() != Some(place) {
            wrong.push(format!("{id}: {link} tells {told:?}"));
        }
        // Software that anybody runs has no hosts of its own.
        let of = catalogue.of_page(link).map(|platform| platform.id.as_str());
        if !platform.pages.is_empty() && of != Some(id) {
            wrong.push(format!("{link} is {of:?}'s"));
        }
        // The link that is made of what is known leads to the same show.
        let names = told.as_deref().map(viewer::names_of).unwrap_or_default();
        let made = platform.viewer.link.as_deref().and_then(|link| viewer::fill(link, &names));
        if let Some(made) = made.filter(|made| viewer::place_with(platform, Some(made), None) != told) {
            wrong.push(format!("{id}: {link} makes {made}"));
        }
    }
    let linked = catalogue.all().iter().filter(|platform| platform.viewer.link.is_some());
    wrong.extend(linked.filter(|p| !LINKS.iter().any(|(id, ..)| *id == p.id)).map(|p| format!("{} is left out", p.id)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
