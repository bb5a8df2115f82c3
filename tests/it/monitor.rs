//! What is told of streams as encoders make them, and above all of which nothing is told.

use crate::bed::scratch;
use crate::bed::signal::{encode, seconds};
use std::path::Path;
use std::time::{Duration, Instant};
use telecast::domain::monitor::{Fault, Finding, Monitor, Second};
use telecast::media::packet::{Packet, Role};
use telecast::media::{picture, sound};

/// So much of each signal goes round, behind as much in which its encoder gets used to it.
const ROUND: usize = 12;

const SPEECH: &str = "aevalsrc='(0.5*random(0)-0.25)*pow(max(0,sin(2*PI*2*t)),2)*lt(mod(t,4),3)':s=44100";
const SILENCE: &str = "anullsrc=r=44100:cl=mono";

/// Something that moves, with the noise of a camera; the same, frozen; a slide; a black picture.
const CAMERA: &str = "mandelbrot=s=640x360:r=15:end_scale=0.1,noise=alls=8:allf=t";
const FROZEN: &str = "mandelbrot=s=640x360:r=15,loop=-1:1:0";
const SLIDE: &str = "color=0xf0f0f0:s=640x360:r=15,drawbox=x=60:y=60:w=300:h=20:color=black:t=fill,drawbox=x=60:y=120:w=420:h=12:color=0x303030:t=fill,drawgrid=w=40:h=40:color=0xd0d0d0,loop=-1:1:0";
const BLACK: &str = "color=black:s=640x360:r=15";

/// As OBS has x264; the same with every second filled up to the rate; as those for low latency have it, which spend the whole
/// rate on what does not move too, so that nobody can know.
const ENCODERS: [&str; 3] = [
    "-c:v libx264 -preset veryfast -g 30 -b:v 600k -maxrate 600k -bufsize 300k",
    "-c:v libx264 -preset veryfast -g 30 -b:v 600k -maxrate 600k -minrate 600k -bufsize 600k -x264-params nal-hrd=cbr",
    "-c:v libx264 -preset ultrafast -tune zerolatency -g 30 -b:v 600k -maxrate 600k -bufsize 300k",
];

/// A show with a clock of seconds, as long as one wants.
struct Show {
    sound: sound::Meter,
    picture: picture::Meter,
    monitor: Monitor,
    now: Instant,
    rounds: u32,
}

impl Show {
    fn new() -> Self {
        let (sound, picture, monitor) = (sound::Meter::default(), picture::Meter::default(), Monitor::default());
        Self { sound, picture, monitor, now: Instant::now(), rounds: 0 }
    }

    fn runs(&mut self, signal: &[Vec<Packet>], lasts: usize) -> Vec<Finding> {
        let mut found = Vec::new();
        for _ in 0..lasts / ROUND {
            let later = self.rounds * ROUND as u32 * 1_000;
            self.rounds += 1;
            for packets in signal {
                let moved = |packet: &Packet| match packet.role {
                    Role::SequenceHeader => packet.clone(),
                    _ => Packet { timestamp: packet.timestamp + later, ..packet.clone() },
                };
                let packets: Vec<Packet> = packets.iter().map(moved).collect();
                self.now += Duration::from_secs(1);
                self.sound.note(&packets);
                self.picture.note(&packets);
                let second = Second { sound: self.sound.second(), picture: self.picture.second() };
                found.extend(self.monitor.second(self.now, &second, true));
            }
        }
        found
    }
}

fn signal(inputs: &[&str], encoder: &str, dir: &Path) -> Vec<Vec<Packet>> {
    let file = dir.join("signal.flv");
    encode(inputs, 2 * ROUND, encoder, &file).unwrap();
    let mut seconds = seconds(&file).unwrap();
    let mut signal = seconds.split_off(ROUND);
    signal.truncate(ROUND);
    let headers = seconds.remove(0).into_iter().filter(|packet| packet.role == Role::SequenceHeader);
    signal[0].splice(..0, headers);
    signal
}

#[test]
fn of_pictures_that_freeze_or_are_black_it_is_told_and_of_slides_it_is_not() {
    let dir = scratch().unwrap();
    for encoder in ENCODERS {
        let [camera, frozen, slide, black] =
            [CAMERA, FROZEN, SLIDE, BLACK].map(|picture| signal(&[picture, SPEECH], encoder, dir.path()));
        let mut show = Show::new();
        assert_eq!(show.runs(&camera, 240), [], "{encoder}");
        let told = (show.runs(&frozen, 180), show.runs(&camera, 60));
        match (&told.0[..], &told.1[..]) {
            ([Finding::Found(Fault::Frozen, _)], [Finding::Over(..)]) if !encoder.contains("zerolatency") => {}
            ([], []) if encoder.contains("zerolatency") => {}
            _ => panic!("{encoder}: {told:?}"),
        }
        let told = Show::new().runs(&black, 60);
        assert!(matches!(told[..], [Finding::Found(Fault::Blank { ever: false }, _)]), "{encoder}: {told:?}");
        let mut show = Show::new();
        assert_eq!(show.runs(&slide, 1_200), [], "{encoder}");
        assert_eq!(show.runs(&camera, 12), [], "{encoder}");
        assert_eq!(show.runs(&slide, 1_200), [], "{encoder}");
    }
}

#[test]
fn of_silence_it_is_told_once_and_of_pauses_it_is_not() {
    let dir = scratch().unwrap();
    let [speech, silence] = [SPEECH, SILENCE].map(|sound| signal(&[CAMERA, sound], ENCODERS[2], dir.path()));
    let mut show = Show::new();
    assert_eq!(show.runs(&speech, 600), []);
    let told = show.runs(&silence, 600);
    assert!(matches!(told[..], [Finding::Found(Fault::Silent { ever: true }, _)]), "{told:?}");
    let told = show.runs(&speech, 60);
    assert!(matches!(told[..], [Finding::Over(..)]), "{told:?}");
}
