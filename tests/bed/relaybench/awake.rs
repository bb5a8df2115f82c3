//! Windows on processors that never halt.
//!
//! A host takes a virtual processor away when it halts, and gives it back late: of a system that waits often a tenth of the time
//! and more is stolen so, and its delay is the host's. So a thread of the lowest class turns on either processor that relaybench
//! uses. Everything else displaces it at once. Flat out nothing halts, and nothing needs it.

use super::{Bench, Row};
use crate::bed::{Result, fault};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Instant;

/// The relay's processor, and that of what loads it.
const PROCESSORS: [&str; 2] = ["0", "1"];

impl Bench {
    /// `rounds` windows of `paced` for each load and each system, which take turns. What others used is counted from the start
    /// of a load to its end, without the threads that turn.
    ///
    /// # Errors
    /// See [`Bench::run`]; the threads can't be bound.
    pub fn paced(&self, systems: &[&str], loads: &[&str], options: &[&str], rounds: usize) -> Result<Vec<Row>> {
        let awake = Awake::new()?;
        let mut rows = Vec::new();
        for (load, system) in
            (0..rounds).flat_map(|_| loads.iter().flat_map(|load| systems.iter().map(move |it| (load, it))))
        {
            let options = [&["--load", load, "--rounds", "1", "--retries", "0"], options].concat();
            let (before, began) = (awake.others()?, Instant::now());
            let mut window = self.run("paced", &[system], &options)?;
            let others = (awake.others()? - before) / began.elapsed().as_secs_f64();
            for Row(row) in &mut window {
                row["other_cpu"] = others.into();
            }
            rows.append(&mut window);
        }
        Ok(rows)
    }
}

/// The threads that turn; dropping it ends them.
struct Awake {
    /// Their ids.
    threads: Vec<String>,
    done: Arc<AtomicBool>,
}

impl Awake {
    fn new() -> Result<Self> {
        let mut awake = Self { threads: Vec::new(), done: Arc::default() };
        for processor in PROCESSORS {
            let (done, (told, id)) = (Arc::clone(&awake.done), mpsc::channel());
            std::thread::spawn(move || {
                let _ = told.send(std::fs::read_link("/proc/thread-self"));
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
            let path = id.recv()??;
            let id = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for bind in [["chrt", "--idle", "--pid", "0"], ["taskset", "--cpu-list", "--pid", processor]] {
                let bound = Command::new(bind[0]).args(&bind[1..]).arg(&id).output()?;
                if !bound.status.success() {
                    return fault(format!("{}: {}", bind[0], String::from_utf8_lossy(&bound.stderr)));
                }
            }
            awake.threads.push(id);
        }
        Ok(awake)
    }

    /// Processor time so far, s, of all that is neither one of these threads nor a program that this one has waited for.
    fn others(&self) -> Result<f64> {
        let ticks = |text: &str, fields: &[usize]| -> f64 {
            let words: Vec<&str> = text.split_whitespace().collect();
            let read = |at: &usize| words.get(*at).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
            fields.iter().map(read).sum::<f64>() / rustix::param::clock_ticks_per_second() as f64
        };
        // proc_stat(5): user, nice, system, irq, softirq; proc_pid_stat(5), behind the name: utime, stime; cutime, cstime.
        let all = ticks(&std::fs::read_to_string("/proc/stat")?, &[1, 2, 3, 6, 7]);
        let of = |path: &str, fields: &[usize]| -> Result<f64> {
            let text = std::fs::read_to_string(path)?;
            Ok(ticks(text.rsplit(')').next().unwrap_or_default(), fields))
        };
        let mut ours = of("/proc/self/stat", &[13, 14])?;
        for id in &self.threads {
            ours += of(&format!("/proc/self/task/{id}/stat"), &[11, 12])?;
        }
        Ok(all - ours)
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
    }
}
