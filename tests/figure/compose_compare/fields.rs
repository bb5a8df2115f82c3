//! What was said, field by field, and in what the programs differ among themselves: each with whom Telecast follows.

use super::peers::{Form, Peer};
use crate::bed::field::Heard;
use std::collections::BTreeMap;
use telecast::domain::rtmp_url::ServerUrl;

/// A field's name to what was said; nothing where it was not said.
pub(super) type Fields = BTreeMap<&'static str, String>;

/// The commands whose order counts.
const COMMANDS: [&str; 5] = ["connect", "releaseStream", "FCPublish", "createStream", "publish"];

/// All that a platform can judge by.
pub(super) fn of(heard: &Heard) -> Fields {
    let connect = |name| heard.field(name).unwrap_or_default().to_owned();
    let with = |name, at: usize| heard.with(name).and_then(|with| with.get(at)).cloned().unwrap_or_default();
    let order: Vec<_> = heard.said.iter().map(|(name, _)| &**name).filter(|name| COMMANDS.contains(name)).collect();
    let keys: Vec<_> = heard.connect.iter().map(|(name, _)| &**name).collect();
    BTreeMap::from([
        ("app", connect("app")),
        ("tcUrl", connect("tcUrl")),
        ("type", connect("type")),
        ("flashVer", connect("flashVer")),
        ("swfUrl", connect("swfUrl")),
        ("other fields", keys.iter().filter(|key| !KNOWN.contains(key)).copied().collect::<Vec<_>>().join(" ")),
        (
            "order of fields",
            keys.iter().filter(|key| **key != "swfUrl" && **key != "flashVer").copied().collect::<Vec<_>>().join(" "),
        ),
        ("order of commands", order.join(" ")),
        ("releaseStream", with("releaseStream", 0)),
        ("FCPublish", with("FCPublish", 0)),
        ("publish", with("publish", 0)),
        ("publish as", with("publish", 1)),
        ("SNI", heard.sni.clone().unwrap_or_default()),
        ("SetChunkSize", with("SetChunkSize", 0)),
    ])
}

const KNOWN: [&str; 5] = ["app", "type", "flashVer", "swfUrl", "tcUrl"];

/// One thing in which programs differ.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) field: &'static str,
    /// Who does what.
    pub(super) what: &'static str,
    /// What Telecast does, and why.
    pub(super) ours: &'static str,
    is: fn(&Other<'_>) -> bool,
}

/// A program's word beside Telecast's.
pub(super) struct Other<'a> {
    pub(super) peer: Peer,
    pub(super) form: Form,
    pub(super) server: &'a str,
    pub(super) key: &'a str,
    pub(super) theirs: &'a str,
    pub(super) ours: &'a str,
}

/// Whether this is it.
impl Difference {
    pub(super) fn explains(&self, field: &str, other: &Other<'_>) -> bool {
        self.field == field && (self.is)(other)
    }
}

/// `tc_url` with this port in it.
fn with_port(server: &str, tc_url: &str, port: Option<u16>) -> String {
    let Ok(url) = ServerUrl::parse(server) else { return String::new() };
    let host = url.host();
    let (head, tail) = tc_url.split_once(host).unwrap_or_default();
    let tail = tail.find('/').map_or(tail, |at| &tail[at..]);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{head}{host}{port}{tail}")
}

fn port(other: &Other<'_>) -> Option<u16> {
    ServerUrl::parse(other.server).ok().map(|url| url.port())
}

fn is_cut_otherwise(other: &Other<'_>) -> bool {
    other.form == Form::Url && other.key.contains('/')
}

/// OBS reads a key as librtmp reads the end of a URL.
fn is_read_otherwise(other: &Other<'_>) -> bool {
    is_cut_otherwise(other) || other.peer == Peer::Obs && (other.key.contains('%') || other.key.contains(".flv"))
}

pub(super) const DIFFERENCES: &[Difference] = &[
    Difference {
        field: "tcUrl",
        what: "ffmpeg always writes the port, and librtmp where it puts the URL together itself; librtmp else, rtmp2sink and OBS leave out one that nobody typed",
        ours: "as typed, as OBS: platforms know its form best",
        is: |other| other.theirs == with_port(other.server, other.ours, port(other)),
    },
    Difference {
        field: "tcUrl",
        what: "rtmp2sink leaves out a port that was typed, where it is the scheme's own",
        ours: "as typed, as OBS and librtmp",
        is: |other| other.peer == Peer::Rtmp2Sink && other.theirs == with_port(other.server, other.ours, None),
    },
    Difference {
        field: "tcUrl",
        what: "librtmp with its option `app` writes port 0 where none was typed: a fault of its own",
        ours: "nobody’s example",
        is: |other| {
            (other.peer, other.form) == (Peer::Librtmp, Form::Apart)
                && other.theirs == with_port(other.server, other.ours, Some(0))
        },
    },
    Difference {
        field: "flashVer",
        what: "ffmpeg says FMLE/3.0 (compatible; Lavf…), rtmp2sink LNX 10,0,32,18, librtmp nothing; OBS says FMLE/3.0 (compatible; FMSc/1.0)",
        ours: "OBS’s: it is what platforms see most",
        is: |other| other.ours == "FMLE/3.0 (compatible; FMSc/1.0)",
    },
    Difference {
        field: "swfUrl",
        what: "OBS sends what is in tcUrl, and nobody else sends it",
        ours: "OBS’s",
        is: |other| other.theirs.is_empty(),
    },
    Difference {
        field: "SNI",
        what: "Debian’s librtmp names no host in TLS; all others do",
        ours: "named: YouTube demands it",
        is: |other| other.peer == Peer::Librtmp && other.theirs.is_empty(),
    },
    Difference {
        field: "SetChunkSize",
        what: "ffmpeg and librtmp keep 128 bytes, rtmp2sink says so; OBS says 4096",
        ours: "60000 after connect: a picture in few pieces",
        is: |other| ["", "128", "4096"].contains(&other.theirs),
    },
    Difference {
        field: "app",
        what: "in one URL, a key with slashes is cut: ffmpeg takes its first part for the application, librtmp and rtmp2sink all but the last",
        ours: "never cut: server and key stay apart, as in OBS",
        is: is_cut_otherwise,
    },
    Difference { field: "tcUrl", what: "the same", ours: "the same", is: is_cut_otherwise },
    Difference {
        field: "publish",
        what: "the same; librtmp also decodes %2F and takes off .flv, and OBS does so wherever they stand in a key",
        ours: "verbatim, as ffmpeg and as librtmp’s own options",
        is: is_read_otherwise,
    },
    Difference { field: "releaseStream", what: "the same", ours: "the same", is: is_read_otherwise },
    Difference { field: "FCPublish", what: "the same", ours: "the same", is: is_read_otherwise },
    Difference {
        field: "other fields",
        what: "OBS says supportsGoAway",
        ours: "not said: it knows ReconnectRequest of Enhanced RTMP, and no GoAway",
        is: |other| other.peer == Peer::Obs && other.theirs == "supportsGoAway",
    },
    Difference {
        field: "order of fields",
        what: "the same",
        ours: "the same",
        is: |other| other.peer == Peer::Obs && other.theirs.replace(" supportsGoAway", "") == other.ours,
    },
];
