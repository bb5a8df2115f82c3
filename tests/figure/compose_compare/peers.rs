//! The programs that push, each with what it is told.

use super::cases::Case;
use super::obs::{self, Display};
use crate::bed::encoder::{clip, ffmpeg_9};
use crate::bed::proc::Proc;
use crate::bed::{Result, fault};
use std::path::PathBuf;
use std::process::Command;
use telecast::domain::rtmp_url::ServerUrl;

/// Who pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    Ffmpeg,
    Ffmpeg9,
    Librtmp,
    Rtmp2Sink,
    Obs,
}

impl Peer {
    pub(super) const ALL: [Self; 5] = [Self::Ffmpeg, Self::Ffmpeg9, Self::Librtmp, Self::Rtmp2Sink, Self::Obs];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ffmpeg => "ffmpeg 5",
            Self::Ffmpeg9 => "ffmpeg 9",
            Self::Librtmp => "librtmp",
            Self::Rtmp2Sink => "rtmp2sink",
            Self::Obs => "OBS 29",
        }
    }

    /// How it can be told where to: OBS has two boxes and no other way.
    pub(super) fn forms(self) -> &'static [Form] {
        if self == Self::Obs { &[Form::Apart] } else { &[Form::Url, Form::Apart] }
    }
}

/// How it is told where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Server and key in one URL, which it takes apart itself.
    Url,
    /// Server and key apart, by whatever options it has for that.
    Apart,
}

/// What the programs run in.
#[derive(Debug)]
pub(super) struct Place {
    /// For their logs and settings.
    pub(super) dir: PathBuf,
    /// The certificate authority that those trust which look at certificates.
    pub(super) ca: PathBuf,
    pub(super) display: std::sync::Arc<Display>,
}

/// Begins to push.
///
/// # Errors
/// There is no such program.
pub(super) async fn push(peer: Peer, form: Form, case: &Case, name: &str, place: &Place) -> Result<Proc> {
    let server = case.server.trim_end_matches('/');
    let url = format!("{server}/{}", case.key);
    let command = match (peer, form) {
        (Peer::Ffmpeg | Peer::Ffmpeg9, _) => {
            let program = if peer == Peer::Ffmpeg { PathBuf::from("ffmpeg") } else { ffmpeg_9()? };
            let mut command = Command::new(program);
            command.args(["-nostdin", "-re", "-i"]).arg(clip().await?).args(["-t", "20", "-c", "copy", "-f", "flv"]);
            // ffmpeg 9 looks at certificates; its RTMPS has no option for that.
            if peer == Peer::Ffmpeg9 && server.starts_with("rtmps:") {
                command.env("SSL_CERT_FILE", &place.ca);
            }
            match form {
                Form::Url => command.arg(url),
                Form::Apart => command.args(["-rtmp_app", case.app, "-rtmp_playpath", case.key, server]),
            };
            command
        }
        (Peer::Obs, _) => obs::command(case, &place.dir.join(format!("{name}-home")), &place.display)?,
        (Peer::Librtmp, Form::Url) => gstreamer(&["rtmpsink", &format!("location={url} live=1")]),
        (Peer::Librtmp, Form::Apart) => {
            let location = format!("location={server} app={} playpath={} live=1", case.app, case.key);
            gstreamer(&["rtmpsink", &location])
        }
        (Peer::Rtmp2Sink, Form::Url) => gstreamer(&["rtmp2sink", "tls-validation-flags=0", &format!("location={url}")]),
        (Peer::Rtmp2Sink, Form::Apart) => {
            let Ok(server) = ServerUrl::parse(case.server) else { return fault(case.server) };
            gstreamer(&[
                "rtmp2sink",
                "tls-validation-flags=0",
                if server.tls() { "scheme=rtmps" } else { "scheme=rtmp" },
                &format!("host={}", server.host()),
                &format!("port={}", server.port()),
                &format!("application={}", case.app),
                &format!("stream={}", case.key),
            ])
        }
    };
    Proc::start(name, &command, &place.dir)
}

fn gstreamer(sink: &[&str]) -> Command {
    let pipeline = "videotestsrc is-live=true ! video/x-raw,width=160,height=90,framerate=10/1 \
                    ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! h264parse \
                    ! flvmux streamable=true !";
    let mut command = Command::new("gst-launch-1.0");
    command.arg("--no-position").args(pipeline.split_whitespace()).args(sink);
    command
}
