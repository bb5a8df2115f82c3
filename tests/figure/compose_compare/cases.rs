//! What people have in the two boxes, one case for each distinct composition; the keys are made up.

/// Server and key, and the parts that an encoder must make of them, written by hand.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) server: &'static str,
    pub(super) key: &'static str,
    pub(super) app: &'static str,
    pub(super) tc_url: &'static str,
}

macro_rules! case {
    ($name:literal, $server:literal, $key:literal, $app:literal, $tc_url:literal) => {
        Case { name: $name, server: $server, key: $key, app: $app, tc_url: $tc_url }
    };
}

pub(super) const CASES: &[Case] = &[
    case!(
        "Bilibili",
        "rtmp://live-push.bilivideo.com/live-bvc/",
        "?streamname=live_1234_5678&key=0123456789abcdef0123456789abcdef&schedule=rtmp&pflag=1",
        "live-bvc",
        "rtmp://live-push.bilivideo.com/live-bvc"
    ),
    case!(
        "Twitch, a test",
        "rtmp://live-fra.twitch.tv/app",
        "live_1234_abcdefghijklmnopqrstuvwxyz0123?bandwidthtest=true",
        "app",
        "rtmp://live-fra.twitch.tv/app"
    ),
    case!(
        "YouTube",
        "rtmps://a.rtmps.youtube.com:443/live2",
        "abcd-efgh-ijkl-mnop-qrst",
        "live2",
        "rtmps://a.rtmps.youtube.com:443/live2"
    ),
    case!(
        "YouTube, backup",
        "rtmp://b.rtmp.youtube.com/live2?backup=1",
        "abcd-efgh-ijkl-mnop-qrst",
        "live2?backup=1",
        "rtmp://b.rtmp.youtube.com/live2?backup=1"
    ),
    case!(
        "Telegram",
        "rtmps://dc4-1.rtmp.t.me/s/",
        "1234567890:AbCdEf-Gh_IjKlMnOpQrSt",
        "s",
        "rtmps://dc4-1.rtmp.t.me/s"
    ),
    case!(
        "Facebook",
        "rtmps://live-api-s.facebook.com:443/rtmp/",
        "FB-1234567890-0-AbCdEf?s_bl=1&s_psm=1&a=Ab-Cd_Ef",
        "rtmp",
        "rtmps://live-api-s.facebook.com:443/rtmp"
    ),
    case!(
        "Kick",
        "rtmps://fa1234567890.global-contribute.live-video.net:443/app",
        "sk_us-west-2_abcdefghijkl_abcdefghijklmnopqrstuvwxyz0123",
        "app",
        "rtmps://fa1234567890.global-contribute.live-video.net:443/app"
    ),
    case!(
        "Azure style",
        "rtmp://show-account.channel.media.azure.net:1935/live/0123456789abcdef0123456789abcdef",
        "telecast",
        "live/0123456789abcdef0123456789abcdef",
        "rtmp://show-account.channel.media.azure.net:1935/live/0123456789abcdef0123456789abcdef"
    ),
    case!(
        "Azure style, TLS, another port",
        "rtmps://event-account.channel.media.azure.net:2935/live/0123456789abcdef0123456789abcdef",
        "telecast",
        "live/0123456789abcdef0123456789abcdef",
        "rtmps://event-account.channel.media.azure.net:2935/live/0123456789abcdef0123456789abcdef"
    ),
    case!(
        "Tencent CSS, Lexiang",
        "rtmp://12345.livepush.myqcloud.com/live/",
        "meeting?txSecret=0123456789abcdef0123456789abcdef&txTime=6A0B1C2D",
        "live",
        "rtmp://12345.livepush.myqcloud.com/live"
    ),
    case!(
        "Aliyun, Weibo",
        "rtmp://ps.live.weibo.com/alicdn",
        "0123456789abcdef?auth_key=1790000000-0-0-0123456789abcdef0123456789abcdef",
        "alicdn",
        "rtmp://ps.live.weibo.com/alicdn"
    ),
    case!(
        "Huawei, domain in the path",
        "rtmp://edge.huawei-push.example/push.customer.example/live",
        "show?hwSecret=0123456789abcdef&hwTime=6a0b1c2d",
        "push.customer.example/live",
        "rtmp://edge.huawei-push.example/push.customer.example/live"
    ),
    case!(
        "niconico",
        "rtmp://liveorigin.dlive.nicovideo.jp/live/input",
        "nicolive-production-1234",
        "live/input",
        "rtmp://liveorigin.dlive.nicovideo.jp/live/input"
    ),
    case!(
        "CHZZK, another port",
        "rtmp://global-rtmp.lip2.navercorp.com:8080/relay",
        "abcdefgh12345678",
        "relay",
        "rtmp://global-rtmp.lip2.navercorp.com:8080/relay"
    ),
    case!("X, port 80", "rtmp://de.pscp.tv:80/x", "abcdef123456", "x", "rtmp://de.pscp.tv:80/x"),
    case!(
        "Odysee",
        "rtmp://stream.odysee.com/live",
        "0123456789abcdef0123456789abcdef01234567?d=61626364&s=0a0b0c&t=1790000000",
        "live",
        "rtmp://stream.odysee.com/live"
    ),
    case!(
        "Millicast",
        "rtmp://live-rtmp-pub.millicast.com:1935/v2/pub",
        "show?token=0123456789abcdef",
        "v2/pub",
        "rtmp://live-rtmp-pub.millicast.com:1935/v2/pub"
    ),
    case!(
        "Videolinq, login in the query",
        "rtmp://r.videolinq.example/ingest?user=anna:secret",
        "abcdef-123456",
        "ingest?user=anna:secret",
        "rtmp://r.videolinq.example/ingest?user=anna:secret"
    ),
    case!(
        "a key with slashes",
        "rtmp://push.a-cdn.example/live",
        "room/42/camera.flv?sign=a%2Fb",
        "live",
        "rtmp://push.a-cdn.example/live"
    ),
];
