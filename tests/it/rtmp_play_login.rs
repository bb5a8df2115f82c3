//! Who plays logs in as who publishes does, goes once to the server that another one names, and cuts URLs as ffmpeg does.

use crate::bed::encoder::{Encoder, ffmpeg_9};
use crate::bed::field::{Door, Heard, LetIn, Method, Recorder};
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::scratch;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::StudioId;
use telecast::domain::rtmp_url::PushPoint;
use telecast::domain::status::{Barred, LoginFault, Loss, PushFailure};
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::rtmp::Source;
use telecast::rtmp::transport::{ClientTls, Stream};

const WITHIN: Duration = Duration::from_secs(20);

fn dialler(gate: AddressGate) -> Dialler {
    Dialler::new(Arc::new(SystemResolver), gate, ClientTls::new(None).unwrap())
}

async fn play(dialler: &Dialler, url: &str) -> Result<Source<Stream>, PushFailure> {
    let point = PushPoint::from_url(url).unwrap();
    tokio::time::timeout(WITHIN, dialler.play(&point, &dialler.seat(StudioId(1)))).await.expect("an answer")
}

#[tokio::test]
async fn a_server_that_asks_ffmpeg_for_a_login_gets_it_from_telecast_too_and_the_password_is_never_sent() {
    let dir = scratch().unwrap();
    for method in [Method::Adobe, Method::Limelight] {
        let account = LetIn { app: "live".into(), user: "anna".into(), password: "s3c-ret!".into() };
        let recorder = Recorder::start(Door::Login(method, account)).await.unwrap();
        let url = |login: &str| format!("rtmp://{login}{}/live/room?x=1", recorder.address());
        for (name, program) in [("ffmpeg", PathBuf::from("ffmpeg")), ("ffmpeg9", ffmpeg_9().unwrap())] {
            recorder.forget();
            let mut command = Command::new(program);
            command.args(["-nostdin", "-i", &url("anna:s3c-ret!@"), "-f", "null", "-"]);
            let mut player = Proc::start(name, &command, dir.path()).unwrap();
            let heard = recorder.until("a player", WITHIN, |heard| heard.with("play").is_some()).await.unwrap();
            assert_eq!(heard.with("play").unwrap()[0], "room?x=1", "{name}");
            player.kill();
        }
        recorder.forget();
        let dialler = dialler(AddressGate::open());
        play(&dialler, &url("anna:s3c-ret!@")).await.unwrap();
        let heard = recorder.heard();
        assert_eq!(heard.len(), 3);
        assert_eq!(heard[2].with("play").unwrap()[0], "room?x=1");
        assert!(!format!("{heard:?}").contains("s3c-ret!"));
        for (login, fault) in [
            ("anna:wrong@", LoginFault::WrongPassword),
            ("bob:s3c-ret!@", LoginFault::NoSuchUser),
            ("", LoginFault::Needed),
        ] {
            assert_eq!(play(&dialler, &url(login)).await.err(), Some(PushFailure::Login(fault)), "{login}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_another_server_has_is_played_from_there_once_and_through_the_gate() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let nginx = Nginx::start("nginx", &[], dir).await.unwrap();
    let mut encoder = Encoder::ffmpeg("encoder", &format!("{}/room", nginx.server()), 60, dir).await.unwrap();
    encoder.sends().await.unwrap();
    let first = Recorder::start(Door::Elsewhere(Some(nginx.server()), None)).await.unwrap();
    let url = |recorder: &Recorder| format!("rtmp://{}/live/room", recorder.address());
    let open = dialler(AddressGate::open());
    let (mut source, mut packets) = (play(&open, &url(&first)).await.unwrap(), Vec::new());
    while packets.len() < 20 {
        tokio::time::timeout(WITHIN, source.read(&mut packets)).await.expect("media").unwrap();
    }

    let second =
        Recorder::start(Door::Elsewhere(Some(format!("rtmp://{}/live", first.address())), None)).await.unwrap();
    let told = play(&open, &url(&second)).await.err();
    assert!(matches!(told, Some(PushFailure::Refused { .. })), "{told:?}");
    let gate = AddressGate { private_allowed: vec!["127.0.0.1/32".parse().unwrap()], ..AddressGate::default() };
    let hidden = Recorder::start(Door::Elsewhere(Some("rtmp://10.0.0.1/live".into()), None)).await.unwrap();
    assert_eq!(play(&dialler(gate), &url(&hidden)).await.err(), Some(PushFailure::Lost(Loss::Blocked(Barred::Inside))));
}

#[tokio::test]
async fn a_url_whose_path_has_one_part_is_played_as_ffmpeg_cuts_it() {
    let dir = scratch().unwrap();
    let dir = dir.path();
    let recorder = Recorder::start(Door::Open).await.unwrap();
    let url = format!("rtmp://{}/room", recorder.address());
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-i", &url, "-f", "null", "-"]);
    let mut player = Proc::start("ffmpeg", &command, dir).unwrap();
    let plays = |heard: &Heard| heard.with("play").is_some();
    let asked = |heard: &Heard| {
        let field = |name| heard.field(name).unwrap_or_default().to_owned();
        (field("app"), field("tcUrl"), heard.with("play").unwrap()[0].clone())
    };
    let ffmpegs = asked(&recorder.until("ffmpeg", WITHIN, plays).await.unwrap());
    player.kill();
    assert_eq!(ffmpegs, ("room".to_owned(), url.clone(), String::new()));
    recorder.forget();
    let open = dialler(AddressGate::open());
    play(&open, &url).await.unwrap();
    assert_eq!(asked(&recorder.until("Telecast", WITHIN, plays).await.unwrap()), ffmpegs);

    // And nginx has it under that name, published by ffmpeg with the same URL.
    let nginx = Nginx::start("nginx", &[], dir).await.unwrap();
    let mut encoder = Encoder::ffmpeg("encoder", &nginx.server(), 60, dir).await.unwrap();
    encoder.sends().await.unwrap();
    let (mut source, mut packets) = (play(&open, &nginx.server()).await.unwrap(), Vec::new());
    while packets.len() < 20 {
        tokio::time::timeout(WITHIN, source.read(&mut packets)).await.expect("media").unwrap();
    }
}
