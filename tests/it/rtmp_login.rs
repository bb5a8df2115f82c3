//! Logins and redirects before a connection is taken: the stand-in lets in ffmpeg and librtmp, and then Telecast.

use crate::bed::encoder::{clip, ffmpeg_9};
use crate::bed::field::{Door, LetIn, Method, Recorder};
use crate::bed::librtmp;
use crate::bed::proc::Proc;
use crate::bed::scratch;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use telecast::demo::platform::{Platform, Setup};
use telecast::domain::id::StudioId;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::status::{LoginFault, Loss, PushFailure};
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::rtmp::Offer;
use telecast::rtmp::transport::ClientTls;

const WITHIN: Duration = Duration::from_secs(20);
const KEY: &str = "a-stream-name?x=1";

fn account(app: &str) -> LetIn {
    LetIn { app: app.into(), user: "anna".into(), password: "s3c-ret!".into() }
}

fn dialler(gate: AddressGate) -> Dialler {
    Dialler::new(Arc::new(SystemResolver), gate, ClientTls::new(None).unwrap())
}

fn point(server: &str) -> PushPoint {
    PushPoint { server: ServerUrl::parse(server).unwrap(), key: StreamKey::parse(KEY).unwrap() }
}

/// Dials, publishes and hangs up.
async fn publish(dialler: &Dialler, server: &str) -> Result<(), PushFailure> {
    let client = dialler.open(&point(server), Offer::default(), &dialler.seat(StudioId(1))).await?;
    client.publish().await?.goodbye().await;
    Ok(())
}

/// A program that publishes to `app` of `server` as `anna`.
#[derive(Clone, Copy, Debug)]
enum Peer {
    Ffmpeg,
    Ffmpeg9,
    Librtmp,
    Rtmp2Sink,
}

impl Peer {
    async fn start(self, server: SocketAddr, app: &str, password: &str, dir: &Path) -> Proc {
        let ffmpeg = |program: PathBuf, clip: &Path| {
            let mut command = Command::new(program);
            command.args(["-nostdin", "-re", "-i"]).arg(clip).args(["-t", "30", "-c", "copy", "-f", "flv"]);
            command.arg(format!("rtmp://anna:{password}@{server}/{app}/{KEY}"));
            command
        };
        let gstreamer = |sink: String| {
            let pipeline = "videotestsrc is-live=true ! video/x-raw,width=160,height=90,framerate=10/1 \
                            ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! h264parse \
                            ! flvmux streamable=true !";
            let mut command = Command::new("gst-launch-1.0");
            command.arg("--no-position").args(pipeline.split_whitespace()).args(sink.split('\n'));
            command
        };
        let command = match self {
            Self::Ffmpeg => ffmpeg("ffmpeg".into(), &clip().await.unwrap()),
            Self::Ffmpeg9 => ffmpeg(ffmpeg_9().unwrap(), &clip().await.unwrap()),
            Self::Librtmp => {
                let login = format!("pubUser=anna pubPasswd={password}");
                let mut command = gstreamer(format!("rtmpsink\nlocation=rtmp://{server}/{app}/{KEY} {login} live=1"));
                command.env("LD_PRELOAD", librtmp::mended(dir).unwrap());
                command
            }
            Self::Rtmp2Sink => {
                let url = format!("rtmp://{server}/{app}/{KEY}");
                gstreamer(format!("rtmp2sink\nlocation={url}\nusername=anna\npassword={password}\nauthmod=auto"))
            }
        };
        Proc::start(&format!("{self:?}"), &command, dir).unwrap()
    }
}

#[tokio::test]
async fn the_stand_in_for_wowza_lets_ffmpeg_librtmp_and_then_telecast_log_in_and_nobody_with_another_password() {
    let dir = scratch().unwrap();
    for (method, peers) in [
        (Method::Adobe, &[Peer::Ffmpeg, Peer::Ffmpeg9, Peer::Librtmp, Peer::Rtmp2Sink][..]),
        // rtmp2sink knows Adobe's alone.
        (Method::Limelight, &[Peer::Ffmpeg, Peer::Ffmpeg9, Peer::Librtmp]),
    ] {
        let recorder = Recorder::start(Door::Login(method, account("live"))).await.unwrap();
        for peer in peers {
            for (password, let_in) in [("wrong", false), ("s3c-ret!", true)] {
                recorder.forget();
                let mut program = peer.start(recorder.address(), "live", password, dir.path()).await;
                if let_in {
                    let heard = recorder.until("a login", WITHIN, |heard| heard.media > 3).await;
                    let heard = heard.unwrap_or_else(|fault| panic!("{peer:?}: {} {}", fault.0, program.log()));
                    assert_eq!(heard.with("publish").unwrap(), [KEY, "live"], "{peer:?}");
                    assert_eq!(recorder.heard().len(), 3, "{peer:?} came three times");
                } else {
                    let judged = |heard: &crate::bed::field::Heard| {
                        heard.field("app").is_some_and(|app| app.contains("response="))
                    };
                    recorder.until("an answer", WITHIN, judged).await.unwrap();
                    // librtmp's sink goes on as if nothing were the matter; ffmpeg ends.
                    if matches!(peer, Peer::Ffmpeg | Peer::Ffmpeg9) {
                        assert!(!program.wait_for_end(WITHIN).await.unwrap().success());
                    }
                    assert!(recorder.heard().iter().all(|heard| !heard.admitted), "{peer:?}");
                }
                program.kill();
            }
        }
        recorder.forget();
        let dialler = dialler(AddressGate::open());
        let seat = dialler.seat(StudioId(1));
        let server = |user: &str, password: &str| format!("rtmp://{user}:{password}@{}/live", recorder.address());
        publish(&dialler, &server("anna", "s3c-ret!")).await.unwrap();
        let heard = recorder.heard();
        assert_eq!(heard.len(), 3);
        assert_eq!(heard[2].with("publish").unwrap(), [KEY, "live"]);
        for heard in &heard {
            assert!(!format!("{heard:?}").contains("s3c-ret!"), "the password is never sent");
        }
        let named = if method == Method::Adobe { "adobe" } else { "llnw" };
        assert_eq!(heard[0].field("app"), Some("live"));
        let fields: Vec<_> = heard[0].connect.iter().map(|(name, _)| &**name).collect();
        assert_eq!(fields, ["app", "type", "flashVer", "swfUrl", "tcUrl"], "in the order of encoders");
        assert_eq!(heard[1].field("app").unwrap(), format!("live?authmod={named}&user=anna"));
        assert_eq!(dialler.check(&point(&server("anna", "s3c-ret!")), &seat).await, Ok(()));
        assert_eq!(recorder.heard()[5].said.last().unwrap().0, "connect", "a check only connects");
        let wrong = Err(PushFailure::Login(LoginFault::WrongPassword));
        assert_eq!(dialler.check(&point(&server("anna", "wrong")), &seat).await, wrong);
        for (server, fault) in [
            (server("anna", "wrong"), LoginFault::WrongPassword),
            (server("bob", "s3c-ret!"), LoginFault::NoSuchUser),
            (format!("rtmp://{}/live", recorder.address()), LoginFault::Needed),
        ] {
            assert_eq!(publish(&dialler, &server).await, Err(PushFailure::Login(fault)));
        }
        let other = publish(&dialler, &server("anna", "s3c-ret!").replace("/live", "/other")).await;
        assert!(matches!(other, Err(PushFailure::Refused { words }) if words.contains("no such application")));
    }
}

#[tokio::test]
async fn errors_of_calls_that_a_server_need_not_know_stop_neither_the_others_nor_telecast() {
    let (dir, recorder) = (scratch().unwrap(), Recorder::start(Door::Grumpy).await.unwrap());
    for peer in [Peer::Ffmpeg, Peer::Ffmpeg9, Peer::Librtmp, Peer::Rtmp2Sink] {
        recorder.forget();
        let program = peer.start(recorder.address(), "live", "unasked", dir.path()).await;
        let heard = recorder.until("media", WITHIN, |heard| heard.media > 3).await;
        let heard = heard.unwrap_or_else(|fault| panic!("{peer:?}: {} {}", fault.0, program.log()));
        assert!(heard.with("releaseStream").is_some() && heard.with("FCPublish").is_some(), "{peer:?}");
    }
    recorder.forget();
    publish(&dialler(AddressGate::open()), &format!("rtmp://{}/live", recorder.address())).await.unwrap();
    assert_eq!(recorder.heard()[0].with("publish").unwrap(), [KEY, "live"]);
}

#[tokio::test]
async fn the_demos_wowza_lets_in_ffmpeg_and_librtmp_with_its_password_and_with_no_other() {
    let dir = scratch().unwrap();
    let LetIn { app, user, password } = account("live");
    let login = Some((user, password.clone()));
    let setup = Setup { name: "Wowza".into(), app, key: Some(KEY.into()), tls: None, login, listen: None };
    let wowza = Platform::start(setup).await.unwrap();
    let point = wowza.point().unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, point.server.port()));
    let nobody = publish(&dialler(AddressGate::open()), &wowza.server()).await;
    assert_eq!(nobody, Err(PushFailure::Login(LoginFault::Needed)));
    let wrong = Peer::Ffmpeg.start(address, "live", "wrong", dir.path()).await.wait_for_end(WITHIN).await;
    assert!(!wrong.unwrap().success());
    assert!(wowza.received().connections.is_empty(), "who does not log in publishes nothing");
    for peer in [Peer::Ffmpeg, Peer::Ffmpeg9, Peer::Librtmp] {
        let mut program = peer.start(address, "live", &password, dir.path()).await;
        let picture =
            wowza.wait("a picture", WITHIN, |received| received.live().filter(|live| live.keyframes > 0).map(drop));
        picture.await.unwrap_or_else(|missed| panic!("{peer:?}: {missed} {}", program.log()));
        program.kill();
        wowza.wait("the end", WITHIN, |received| received.live().is_none().then_some(())).await.unwrap();
    }
    assert_eq!(wowza.received().refused, 0);
    wowza.stop().await;
}

#[tokio::test]
async fn the_application_keeps_its_query_and_its_instance_in_a_login() {
    for (method, app) in [(Method::Adobe, "live/room"), (Method::Limelight, "live/room")] {
        let recorder = Recorder::start(Door::Login(method, account(app))).await.unwrap();
        let server = format!("rtmp://anna:s3c-ret!@{}/{app}", recorder.address());
        publish(&dialler(AddressGate::open()), &server).await.unwrap();
        assert!(recorder.heard()[2].admitted, "{method:?}");
    }
}

#[tokio::test]
async fn the_server_that_another_one_names_is_dialled_once_through_the_gate() {
    let good = Recorder::start(Door::Login(Method::Adobe, account("edge"))).await.unwrap();
    let elsewhere = |server: &str| Door::Elsewhere(Some(server.to_owned()), Some(format!("{server}/{KEY}")));
    let to_good = format!("rtmp://{}/edge", good.address());
    let first = Recorder::start(elsewhere(&to_good)).await.unwrap();
    let server = |recorder: &Recorder| format!("rtmp://anna:s3c-ret!@{}/live", recorder.address());
    let open = dialler(AddressGate::open());
    publish(&open, &server(&first)).await.unwrap();
    assert_eq!(good.heard()[2].with("publish").unwrap(), [KEY, "live"], "logged in there");
    assert_eq!(good.heard()[2].field("tcUrl").unwrap().split('?').next(), Some(&*to_good));
    let only2 = Recorder::start(Door::Elsewhere(None, Some(format!("{to_good}/{KEY}")))).await.unwrap();
    publish(&open, &server(&only2)).await.unwrap();

    // A second one is told, and not followed: here each names the other.
    let ring = Recorder::start(elsewhere(&to_good)).await.unwrap();
    let loops = Recorder::start(elsewhere(&format!("rtmp://{}/live", ring.address()))).await.unwrap();
    good.forget();
    let told = publish(&open, &server(&loops)).await;
    assert!(matches!(told, Err(PushFailure::Refused { words }) if words.contains(&format!("redirect to {to_good}"))));
    assert_eq!((loops.heard().len(), ring.heard().len(), good.heard().len()), (1, 1, 0));
    let itself = SocketAddr::from(([127, 0, 0, 1], crate::bed::free_port().unwrap()));
    let itself = Recorder::start_at(itself, elsewhere(&format!("rtmp://{itself}/live")), None).await.unwrap();
    assert!(matches!(publish(&open, &server(&itself)).await, Err(PushFailure::Refused { .. })));
    assert_eq!(itself.heard().len(), 2);

    // Nothing that could not be a target is one.
    let gate = AddressGate { private_allowed: vec!["127.0.0.1/32".parse().unwrap()], ..AddressGate::default() };
    let narrow = dialler(gate);
    let hidden = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0));
    let hidden = Recorder::start_at(hidden, Door::Open, None).await.unwrap();
    for (to, blocked) in [
        (format!("rtmp://{}/live", hidden.address()), true),
        ("rtmp://10.0.0.1/live".to_owned(), true),
        ("rtmp://169.254.169.254/live".to_owned(), true),
        ("rtmp://[::ffff:10.0.0.1]/live".to_owned(), true),
        ("rtmp://127.0.0.1:22/live".to_owned(), true),
        ("http://example.com/".to_owned(), false),
        ("rtmp://bob:pw@example.com/live".to_owned(), false),
        ("x".repeat(5_000), false),
        (String::new(), false),
    ] {
        let recorder = Recorder::start(Door::Elsewhere(Some(to.clone()), None)).await.unwrap();
        let told = publish(&narrow, &server(&recorder)).await;
        match told {
            Err(PushFailure::Lost(Loss::Blocked(_))) => assert!(blocked, "{to}"),
            Err(PushFailure::Refused { words }) => assert!(!blocked && words.chars().count() <= 200, "{to}: {words}"),
            other => panic!("{to}: {other:?}"),
        }
        assert_eq!(recorder.heard().len(), 1, "{to}");
    }
    assert!(hidden.heard().is_empty(), "nobody knocked");
}
