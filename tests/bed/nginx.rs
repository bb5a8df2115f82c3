//! nginx with its RTMP module, as a platform: takes a publish with a right key, records what it receives.

use super::proc::Proc;
use super::{Result, free_port};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A running nginx. It records every stream in `record/<key>.flv`, a later connection behind an earlier one.
#[derive(Debug)]
pub struct Nginx {
    /// The program.
    pub proc: Proc,
    port: u16,
    record: PathBuf,
}

impl Nginx {
    /// Starts one that takes a publish with one of `keys`, or with any where there is none, and closes the connection
    /// of everyone else.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(name: &str, keys: &[&str], dir: &Path) -> Result<Self> {
        Self::start_at(free_port()?, name, keys, dir).await
    }

    /// The same on a port that is known: a platform that was down comes up.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_at(port: u16, name: &str, keys: &[&str], dir: &Path) -> Result<Self> {
        Self::start_with(port, name, keys, "", dir).await
    }

    /// Starts one that plays `url` by itself and records it under `key`.
    ///
    /// # Errors
    /// It does not start.
    pub async fn pulling(name: &str, url: &str, key: &str, dir: &Path) -> Result<Self> {
        Self::start_with(free_port()?, name, &[], &format!("      pull {url} name={key} static;\n"), dir).await
    }

    async fn start_with(port: u16, name: &str, keys: &[&str], more: &str, dir: &Path) -> Result<Self> {
        let home = dir.join(name);
        let record = home.join("record");
        std::fs::create_dir_all(&record)?;
        let config = home.join("nginx.conf");
        let desk = free_port()?;
        std::fs::write(&config, text(port, desk, keys, more, &home))?;
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-p").arg(&home).arg("-c").arg(&config).args(["-e", "stderr"]);
        let mut proc = Proc::start(name, &command, dir)?;
        proc.wait_for_port(port, Duration::from_secs(10)).await?;
        Ok(Self { proc, port, record })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's address, as a platform gives it beside the key.
    pub fn server(&self) -> String {
        format!("rtmp://127.0.0.1:{}/live", self.port)
    }

    /// What it received with a key: an FLV file, once the first keyframe is there.
    pub fn recording(&self, key: &str) -> PathBuf {
        self.record.join(format!("{key}.flv"))
    }
}

/// One process, no daemon, nothing outside of `home`.
fn text(port: u16, desk: u16, keys: &[&str], more: &str, home: &Path) -> String {
    let home = home.display();
    let known: String =
        keys.iter().map(|key| format!("      if ($arg_name = \"{key}\") {{ return 200; }}\n")).collect();
    let (check, verdict) = match keys {
        [] => (String::new(), 200),
        _ => (format!("      notify_method get; on_publish http://127.0.0.1:{desk}/publish;\n"), 403),
    };
    format!(
        "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; master_process off; pid {home}/nginx.pid; error_log stderr info;
events {{ worker_connections 256; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port}; chunk_size 4096; max_message 8M;
    application live {{
      live on; wait_key on; record all; record_path {home}/record; record_append on;
{check}{more}    }}
  }}
}}
http {{
  access_log off;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  server {{
    listen 127.0.0.1:{desk};
    location /publish {{
{known}      return {verdict};
    }}
  }}
}}
"
    )
}
