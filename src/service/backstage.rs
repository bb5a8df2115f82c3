//! Beside a studio's stream: one task as long as there is one, which takes what goes out about once a second, for whatever
//! keeps or measures it. No target waits for it, and a disk that is slow costs nobody anything.

use super::senses::Senses;
use super::stagehand::Job;
use super::{Notice, Service, lock};
use crate::domain::id::StudioId;
use crate::domain::monitor::Hearing;
use crate::domain::status::Phase;
use crate::record::{Archive, Recording, Ring};
use crate::relay::Batch;
use futures_util::FutureExt as _;
use std::collections::HashMap;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How often it takes what has come.
const EVERY: Duration = Duration::from_secs(1);

/// Every studio's that has a stream.
pub(super) type Stages = HashMap<StudioId, Stage>;

/// See [`Stages`].
pub(super) struct Stage {
    backstage: Arc<Mutex<Backstage>>,
    /// A source has come since the task looked whether there is a stream.
    again: bool,
    /// What goes out is being recorded.
    recorded: bool,
    /// How the stream sounds now, where that is known.
    pub(super) hearing: Option<Hearing>,
}

/// What stands beside one stream. Whoever locks it may wait for a disk.
pub(super) struct Backstage {
    pub(super) ring: Ring,
    /// Why the ring holds nothing, where its disk is the reason.
    pub(super) fault: Option<io::ErrorKind>,
    recording: Recorder,
    senses: Senses,
}

/// Whether the show is recorded.
enum Recorder {
    Off,
    On(Recording),
    /// It was, until the disk took no more.
    Failed,
}

/// What is wanted of a show that is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// None is on.
    Nothing,
    /// Its last minute.
    Ring,
    /// All of it, too.
    All,
}

impl Backstage {
    /// An error is the recording's, and is told once.
    fn take(&mut self, studio: StudioId, batch: &Batch, wanted: Wanted, archive: &Arc<Archive>) -> io::Result<()> {
        if wanted == Wanted::Nothing {
            self.end(studio);
            return Ok(());
        }
        match self.ring.write(&batch.packets) {
            Ok(()) => self.fault = None,
            Err(error) => {
                if self.fault.replace(error.kind()).is_none() {
                    tracing::warn!(%studio, %error, "the newest minute is not kept, so that there are no clips");
                }
            }
        }
        match (&mut self.recording, wanted) {
            (Recorder::Off, Wanted::All) => {
                let mut recording = archive.recording(studio, self.ring.headers().to_vec());
                let begun = recording.write(SystemTime::now(), &batch.packets);
                self.recording = Recorder::On(recording);
                begun
            }
            (Recorder::On(recording), Wanted::All) => recording.write(SystemTime::now(), &batch.packets),
            (Recorder::Failed, Wanted::All) => Ok(()),
            (_, _) => {
                self.recording = Recorder::Off;
                Ok(())
            }
        }
        .inspect_err(|_| self.recording = Recorder::Failed)
    }

    /// The show is over: what is recorded of it is whole, and nothing else is kept.
    fn end(&mut self, studio: StudioId) {
        if let Recorder::On(mut recording) = std::mem::replace(&mut self.recording, Recorder::Off)
            && let Err(error) = recording.finish()
        {
            tracing::warn!(%studio, %error, "the end of a recording was not kept");
        }
        self.ring.clear();
        self.fault = None;
    }
}

impl Service {
    /// Stands beside the studio's stream from now on, if nobody does.
    pub(super) fn stand_by(&self, studio: StudioId, tasks: &TaskTracker, jobs: mpsc::Sender<Job>) {
        let mut stages = lock(&self.0.stages);
        if let Some(stage) = stages.get_mut(&studio) {
            stage.again = true;
            return;
        }
        let ring = Ring::new(self.0.settings.files.clone());
        let (recording, senses) = (Recorder::Off, Senses::default());
        let backstage = Arc::new(Mutex::new(Backstage { ring, fault: None, recording, senses }));
        let stage = Stage { backstage: Arc::clone(&backstage), again: true, recorded: false, hearing: None };
        stages.insert(studio, stage);
        let service = self.clone();
        tasks.spawn(async move {
            if AssertUnwindSafe(service.attend(studio, backstage, jobs)).catch_unwind().await.is_err() {
                tracing::error!(%studio, "standing beside a stream panicked, a fault of Telecast's");
                lock(&service.0.stages).remove(&studio);
            }
        });
    }

    /// What stands beside the studio's stream, if there is one.
    pub(super) fn backstage(&self, studio: StudioId) -> Option<Arc<Mutex<Backstage>>> {
        lock(&self.0.stages).get(&studio).map(|stage| Arc::clone(&stage.backstage))
    }

    /// The studio's show is over: its last minute goes, behind all that was handed in of it.
    pub(super) fn clear_stage(&self, studio: StudioId, tasks: &TaskTracker, jobs: mpsc::Sender<Job>) {
        if let Some(backstage) = self.backstage(studio) {
            tasks.spawn(async move { jobs.send(ending(studio, backstage)).await });
        }
    }

    /// From stream to stream, until there is none.
    async fn attend(&self, studio: StudioId, backstage: Arc<Mutex<Backstage>>, jobs: mpsc::Sender<Job>) {
        loop {
            self.attend_stream(studio, &backstage, &jobs).await;
            let mut stages = lock(&self.0.stages);
            match stages.get_mut(&studio) {
                Some(stage) if stage.again => stage.again = false,
                _ => {
                    stages.remove(&studio);
                    return;
                }
            }
        }
    }

    async fn attend_stream(&self, studio: StudioId, backstage: &Arc<Mutex<Backstage>>, jobs: &mpsc::Sender<Job>) {
        let mut was_on = false;
        'anew: while let Some(tap) = self.0.relay.tap(studio, EVERY).await {
            let mut pace = tap.pace();
            let (back, mut returned) = oneshot::channel();
            let _ = back.send(tap);
            loop {
                let over = pace.rest().await;
                // As a rule it has been for long: to wait for it any sooner would wake the relay once more.
                let Ok(mut tap) = returned.await else { return };
                let (now, phase) = (Instant::now(), self.0.relay.phase(studio));
                let begins = is_on(phase) && !was_on;
                was_on = is_on(phase);
                if begins {
                    // A show begins with headers and a keyframe.
                    continue 'anew;
                }
                // What came is taken when its turn has come: where a disk is slow, the log passes this reader by.
                let (service, backstage) = (self.clone(), Arc::clone(backstage));
                let (back, next) = oneshot::channel();
                let job = move || {
                    let batch = tap.take(now);
                    let _ = back.send(tap);
                    if !batch.packets.is_empty() {
                        service.work(studio, &backstage, &batch, (now.into_std(), phase));
                    }
                };
                if jobs.send(Box::new(job)).await.is_err() {
                    return;
                }
                if over {
                    break 'anew;
                }
                returned = next;
            }
        }
        // Without a stream there is no show either. Who takes no more jobs has ended them all.
        let _ = jobs.send(ending(studio, Arc::clone(backstage))).await;
    }

    /// Does what is to be done with what came. May block.
    fn work(
        &self,
        studio: StudioId,
        backstage: &Mutex<Backstage>,
        batch: &Batch,
        (now, phase): (std::time::Instant, Phase),
    ) {
        let wanted = match self.0.store.studio(studio) {
            _ if !is_on(phase) => Wanted::Nothing,
            Some(known) if known.record && self.0.archive.is_open() => Wanted::All,
            _ => Wanted::Ring,
        };
        let mut backstage = lock(backstage);
        let sensed = backstage.senses.take(now, batch, phase);
        let taken = backstage.take(studio, batch, wanted, &self.0.archive);
        let recorded = matches!(backstage.recording, Recorder::On(_));
        drop(backstage);
        self.note_recorded(studio, taken, recorded);
        sensed.into_iter().for_each(|sensed| self.note_sensed(studio, sensed));
    }

    fn note_recorded(&self, studio: StudioId, taken: io::Result<()>, recorded: bool) {
        if let Err(error) = taken {
            tracing::warn!(%studio, %error, "the show is not recorded any more");
            self.tell(Notice::NotRecorded { studio, full: error.kind() == io::ErrorKind::StorageFull });
        }
        let mut stages = lock(&self.0.stages);
        let Some(stage) = stages.get_mut(&studio) else { return };
        if std::mem::replace(&mut stage.recorded, recorded) != recorded {
            self.tell(Notice::PanelChanged(studio));
        }
    }

    /// Whether what goes out is being recorded.
    pub(super) fn is_recorded(&self, studio: StudioId) -> bool {
        lock(&self.0.stages).get(&studio).is_some_and(|stage| stage.recorded)
    }
}

fn is_on(phase: Phase) -> bool {
    !matches!(phase, Phase::Idle | Phase::Waiting { .. })
}

fn ending(studio: StudioId, backstage: Arc<Mutex<Backstage>>) -> Job {
    Box::new(move || lock(&backstage).end(studio))
}
