//! The log, so made that no filter can bring a secret into it.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

/// Crates whose fine logs hold whole requests: the bot's token in URLs, what people typed, headers, handshakes. Telecast
/// itself logs no secret at any level, so these alone are kept at warnings, whatever the filter says.
const CAPPED: &[&str] =
    &["teloxide", "teloxide_core", "reqwest", "hyper", "hyper_util", "h2", "rustls", "tokio_rustls"];

/// Crates that complain of whatever a stranger sends to be decoded. It is a stranger's fault, and no line of ours.
const MUTE: &[&str] = &["symphonia_codec_aac", "symphonia_common", "symphonia_core"];

/// Begins to log to the standard error, by the host's `filter`.
pub fn init(filter: &str) {
    use tracing_subscriber::util::SubscriberInitExt as _;
    // A second call, as tests make it, changes nothing.
    let _ = subscriber(filter, std::io::stderr).try_init();
}

fn subscriber<W>(filter: &str, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let wanted = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let capped = filter_fn(|meta| {
        let krate = meta.target().split("::").next().unwrap_or_default();
        !MUTE.contains(&krate) && (*meta.level() <= LevelFilter::WARN || !CAPPED.contains(&krate))
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    tracing_subscriber::registry().with(lines.with_filter(wanted.and(capped)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_filter_opens_what_third_parties_know() {
        let page = Page::default();
        let writer = page.clone();
        let log = subscriber("trace,teloxide_core::net=trace,hyper=trace", move || writer.clone());
        tracing::subscriber::with_default(log, || {
            tracing::trace!(target: "teloxide_core::net", "planted");
            tracing::debug!(target: "reqwest::connect", "planted");
            tracing::info!(target: "hyper", "planted");
            tracing::error!(target: "symphonia_codec_aac::aac::ics", "planted");
            tracing::warn!(target: "teloxide", "a warning");
            tracing::trace!("our own");
        });
        let page = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert!(page.contains("a warning") && page.contains("our own") && !page.contains("planted"), "{page}");
    }
}
