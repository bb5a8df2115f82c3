//! What relays between the field's encoder and platforms: Telecast's example relay, nginx-rtmp, ffmpeg's tee with fifo.

use crate::bed::proc::Proc;
use crate::bed::{Result, fault, free_port};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Telecast,
    Nginx,
    Tee,
}

/// A running one, with one ingest and its targets.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) proc: Proc,
    pub(crate) ingest: SocketAddr,
    kind: Kind,
}

/// What Telecast said of one target at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    pub(crate) dropped: u64,
    pub(crate) reconnects: u64,
}

impl Subject {
    /// Starts one that takes `key` and sends on to `targets`; `wrap` is put before its command: limits, clocks. Telecast
    /// also takes `others`, keys and targets of other studios.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn start(
        kind: Kind,
        key: &str,
        targets: &[String],
        others: &[(String, String)],
        wrap: &[String],
        dir: &Path,
    ) -> Result<Self> {
        let port = free_port()?;
        let line = match kind {
            Kind::Telecast => telecast(port, key, targets, others, dir)?,
            Kind::Nginx => nginx(port, targets, dir)?,
            Kind::Tee => tee(port, key, targets),
        };
        let words: Vec<&String> = wrap.iter().chain(&line).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(dir);
        let mut proc = Proc::start("subject", &command, dir)?;
        if kind == Kind::Telecast {
            proc.wait_for("ready", SOON).await?;
        }
        // The others are asked until they listen: ffmpeg takes but one connection.
        Ok(Self { proc, ingest: SocketAddr::from(([127, 0, 0, 1], port)), kind })
    }

    /// Ends it in order; what it said of its targets, Telecast only.
    ///
    /// # Errors
    /// It does not end.
    pub(crate) async fn finish(&mut self, targets: usize) -> Result<Vec<Told>> {
        if self.kind != Kind::Telecast {
            self.proc.kill();
            return Ok(Vec::new());
        }
        self.proc.signal("INT")?;
        let status = self.proc.wait_for_end(SOON).await?;
        if !status.success() {
            return fault(format!("the relay ended with {status}"));
        }
        let log = self.proc.log();
        (1..=targets).map(|number| told(&log, number)).collect()
    }
}

fn told(log: &str, target: usize) -> Result<Told> {
    let start = format!("route 1 target {target}: sent ");
    let line = log.lines().find_map(|line| line.strip_prefix(&start));
    let Some(line) = line else { return fault(format!("the relay said nothing of target {target}")) };
    let words: Vec<&str> = line.split_whitespace().collect();
    Ok(Told { dropped: words[2].parse()?, reconnects: words[4].parse()? })
}

/// The relay that was built beside this program.
pub(crate) fn program() -> Result<PathBuf> {
    let program = crate::bed::example_relay();
    if program.exists() { Ok(program) } else { fault("no example relay: cargo build --examples makes it") }
}

fn telecast(port: u16, key: &str, targets: &[String], others: &[(String, String)], dir: &Path) -> Result<Vec<String>> {
    let program = program()?.display().to_string();
    let mut line = vec![program, "--listen".into(), format!("127.0.0.1:{port}")];
    let routes = others.iter().map(|(key, target)| format!("{key}={target}"));
    let routes = std::iter::once(format!("{key}={}", targets.join(","))).chain(routes);
    line.extend(routes.flat_map(|route| ["--route".into(), route]));
    let authority = dir.join("authority.pem");
    if authority.exists() {
        line.extend(["--extra-ca".into(), authority.display().to_string()]);
    }
    Ok(line)
}

fn nginx(port: u16, targets: &[String], dir: &Path) -> Result<Vec<String>> {
    let push: String = targets.iter().map(|target| format!("      push {target};\n")).collect();
    let home = dir.display();
    let text = format!(
        "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; master_process off; pid {home}/nginx.pid; error_log stderr info;
events {{ worker_connections 256; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port}; chunk_size 4096; max_message 8M;
    application live {{
      live on;
{push}    }}
  }}
}}
"
    );
    let config = dir.join("nginx.conf");
    std::fs::write(&config, text)?;
    let line = ["/usr/sbin/nginx", "-p", &home.to_string(), "-c", &config.display().to_string(), "-e", "stderr"];
    Ok(line.map(str::to_owned).to_vec())
}

/// ffmpeg ends with its encoder: a loop starts it again, as people have it run.
fn tee(port: u16, key: &str, targets: &[String]) -> Vec<String> {
    let options = "f=flv:onfail=ignore:use_fifo=1:fifo_options=attempt_recovery=1\\\\:drop_pkts_on_overflow=1\\\\:\
                   recover_any_error=1\\\\:recovery_wait_time=1";
    let slaves: Vec<String> = targets.iter().map(|target| format!("[{options}]{target}")).collect();
    let script = format!(
        "while :; do setpriv --pdeathsig KILL -- ffmpeg -nostdin -hide_banner -v error -listen 1 \
         -i 'rtmp://127.0.0.1:{port}/live/{key}' -map 0 -c copy -f tee '{}'; sleep 0.2; done",
        slaves.join("|")
    );
    vec!["sh".into(), "-c".into(), script]
}
