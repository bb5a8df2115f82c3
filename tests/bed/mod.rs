//! Real peers for tests and figures: ffmpeg, nginx with its RTMP module, stunnel, GStreamer, and Telecast's own program.
//!
//! Must not know how Telecast works inside: it starts programs, talks to them as people do, and reads what they wrote.
//! `tests/peers` installs them. Read [`proc::Proc`] first, then [`flv::compare`].
#![allow(dead_code, unreachable_pub, unused_imports)] // each of the two users needs a part of it

pub mod browser;
pub mod disk;
pub mod encoder;
pub mod field;
pub mod film;
pub mod flv;
pub mod house;
pub mod librtmp;
pub mod line;
pub mod listener;
pub mod nginx;
pub mod pages;
pub mod proc;
pub mod relaybench;
pub mod siege;
pub mod signal;
pub mod studio;
pub mod stunnel;
pub mod sweep;
pub mod thin;
pub mod tmpfs;

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What went wrong, in words.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// What went wrong, in words, with the log of the program that is to blame.
#[derive(Debug)]
pub struct Fault(pub String);

impl<E: std::fmt::Display> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// A fault with these words.
pub fn fault<T>(words: impl Into<String>) -> Result<T> {
    Err(Fault(words.into()))
}

/// A directory for what the peers write, gone with the test.
pub fn scratch() -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("bed-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))
}

/// A directory for what the peers write, empty, and kept until the next run: a figure can be looked into.
pub fn place(name: &str) -> io::Result<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures").join(name);
    match std::fs::remove_dir_all(&dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => std::fs::create_dir_all(&dir)?,
    }
    Ok(dir)
}

/// All files in a directory, however deep.
///
/// # Errors
/// It cannot be read.
pub fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() { found.append(&mut files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// A port of the loopback interface that nobody listens on.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A figure's setting from the environment, if it is there and can be read.
#[expect(clippy::disallowed_methods, reason = "the program has its settings from config.rs; this is not the program")]
pub fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The program of `examples/relay`, as it was built beside Telecast's.
pub fn example_relay() -> PathBuf {
    example("relay")
}

/// As [`example_relay`], of another example.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_telecast")).with_file_name("examples").join(name)
}

/// What pip has put into `target/venv`.
fn venv() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("venv")
}

/// Looks every 10 ms until `look` finds something.
///
/// # Errors
/// It was in vain for `within`; the words are `what`.
pub async fn until<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return fault(format!("waited {within:?} in vain for {what}"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
