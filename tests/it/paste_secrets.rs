//! Nothing that the paste parser says of a paste holds its key: a planted one is looked for in all that it says.

use crate::pastes as judge;
use proptest::prelude::*;
use std::sync::LazyLock;
use telecast::platform::paste::understand;
use telecast::platform::rest::rest_of;
use telecast::platform::{Catalogue, fuzz};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

static PASTES: LazyLock<Vec<String>> =
    LazyLock::new(|| judge::blind().into_iter().chain(judge::own()).map(|paste| paste.text).collect());

const MARK: &str = "CANARY";

/// Pastes with `{s}` for a server, `{k}` for the key, in the shapes and mistakes that people make.
const SHAPES: &[&str] = &[
    "{s}\n{k}",
    "{s} {k}",
    "{s}/{k}",
    "服务器地址：{s} 串流密钥：{k}",
    "Server: {s}\nKey: {k}\n",
    "推流地址：{k}\n推流密钥：{s}",
    "server={s}/{k} key={k}",
    "{\"server\":\"{s}\",\"key\":\"{k}\"}",
    "ffmpeg -re -i a.mp4 -c copy -f flv \"{s}/{k}\"",
    "our key is {k}, the server {s} thanks",
    "{k}",
    "key hall A: {k}\nkey hall B: {k}2\n{s}",
    "https://www.youtube.com/watch?v={k}\n{s}",
    "https://example.com/?key={k} key: {k}",
    "srt://192.0.2.1:9000?streamid={k}",
    "rtmp://192.0.2.1:99999/live/{k}",
    "rtmp://push.example.cn/{k}",
    "rtmp://push.example.cn/{k} {k}",
    "rtmp://push.example.cn {k}",
    "Server {s}\nStream name: hall\nUsername: anna\nPassword: {k}",
    "rtmp://anna:{k}@push.example.cn/live/hall",
    "rtmp://e.channel.media.azure.net:1935/live/{k}",
    "{s}\nkey: {k} {k}3\n{k}4",
    "[f=flv]{s}/{k}|[f=flv]rtmp://b.example/live/{k}9",
    "{s}?token={k}",
];

fn key() -> impl Strategy<Value = String> {
    let around = prop::sample::select(vec![
        ("", ""),
        ("live_1_", ""),
        ("sk_us-west-2_Qm3vT8zKpLxa_", ""),
        ("?streamname=live_1_2&key=", "&schedule=rtmp&pflag=1"),
        ("streamname=live_1_2&key=", "&schedule=rtmp"),
        ("room?txSecret=", "&txTime=65A0B0C0"),
        ("FB-1-0-", ""),
        ("123456:", ""),
    ]);
    (around, "[A-Za-z0-9]{10,30}[0-9]").prop_map(|((before, after), rest)| format!("{before}{MARK}{rest}{after}"))
}

/// What copying does to a text.
fn worn(text: String, wear: usize, at: prop::sample::Index) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let place = at.index(chars.len());
    match wear {
        0 => return text,
        1 => return text.replace('&', "&amp;"),
        2 => return text.replace(':', "：").replace('/', "／"),
        3 => chars.insert(place, '\u{200b}'),
        4 => chars.insert(place, '\n'),
        5 => chars.insert(place, ' '),
        6 => chars.insert(place, '"'),
        7 => chars.truncate(place),
        // Not within the mark, or there would be nothing to look for.
        _ if !MARK.contains(chars[place]) => drop(chars.remove(place)),
        _ => {}
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn nothing_that_is_said_of_a_paste_holds_its_key(
        shape in prop::sample::select(SHAPES),
        server in any::<prop::sample::Index>(),
        key in key(),
        tile in prop::option::of(any::<prop::sample::Index>()),
        wear in 0..9usize,
        at in any::<prop::sample::Index>(),
    ) {
        let catalogue = &*CATALOGUE;
        let servers: Vec<_> = catalogue.all().iter().flat_map(|p| &p.servers).map(|s| s.url.as_str()).collect();
        let server = servers[server.index(servers.len())].trim_end_matches('/');
        // A piece of a key in the app's place is a word like any.
        let wear = if shape.starts_with("rtmp://push.example.cn/{k}") { wear % 4 } else { wear };
        let text = worn(shape.replace("{s}", server).replace("{k}", &key), wear, at);
        let tile = tile.map(|tile| &catalogue.all()[tile.index(catalogue.all().len())]);
        let found = understand(&text, catalogue, tile);
        let fault = found.fault.map(|fault| fault.to_string());
        let said = format!("{found:?} {fault:?} {:?} {:?}", found.notes, found.server.as_ref().map(|server| server.shown()));
        prop_assert!(!said.contains(MARK), "{text}\n{said}");
        // What is given back of a message that was understood.
        let rest = rest_of(&text, &found).filter(|_| found.fault.is_none()).unwrap_or_default();
        prop_assert!(!rest.contains(MARK), "{text}\n{rest}");
        prop_assert!(!found.key.is_some_and(|key| key.masked().contains(MARK)), "{text}");
    }

    #[test]
    fn no_worn_paste_is_a_panic_or_a_leak(
        paste in any::<prop::sample::Index>(),
        wears in prop::collection::vec((0..9usize, any::<prop::sample::Index>()), 0..6),
    ) {
        let mut text = PASTES[paste.index(PASTES.len())].clone();
        for (wear, at) in wears {
            if !text.is_empty() {
                text = worn(text, wear, at);
            }
        }
        prop_assert!(fuzz::paste(&text), "{text}");
    }
}

#[test]
fn every_paste_holds() {
    for text in PASTES.iter() {
        assert!(fuzz::paste(text), "{text}");
    }
}
