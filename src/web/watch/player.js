// Plays a live film, as it comes over one line: parts of a letter, four bytes of length, and what it is. `s` says how the
// show is, as JSON; `f` begins another film and names its media type; `d` is to be appended to it.

/** Seconds that playing stays behind the newest picture: what comes late by less is not noticed. */
const AIM = 1.5;
/** It grows so much with each time that this was not enough, up to so much. */
const MORE = 0.2;
const MOST = 1.9;
/** Seconds behind from where on it hurries, and from where on it jumps. */
const HURRY = 0.4;
const JUMP = 0.8;
/** Seconds of the past that are kept. */
const PAST = 20;
/** A line that is silent for so long is dead, ms: it says something each five seconds. */
const DEAD = 12000;
/** Appends that may wait. */
const WAITING = 200;
/** Waits between attempts to connect, ms. */
const WAITS = [300, 1000, 2000, 4000, 8000];

const Source = window.MediaSource ?? window.ManagedMediaSource;

/** Plays what comes from `url` in `video`, and calls `tell` with `{ air, watching }` whenever that changes. */
export function play(video, url, tell) {
  let film = null;
  let tries = 0;
  let cut = new AbortController();
  let over = false;
  video.muted = true;
  video.disableRemotePlayback = true;

  const part = {
    s(bytes) {
      const said = JSON.parse(new TextDecoder().decode(bytes));
      tries = 0;
      tell(film?.unfit && said.air === "live" ? { ...said, air: "codec" } : said);
    },
    f(bytes) {
      film?.end();
      const mime = new TextDecoder().decode(bytes);
      film = new Film(video, mime, () => cut.abort());
      if (film.unfit) tell({ air: "codec" });
    },
    d: (bytes) => film?.append(bytes),
  };

  async function listen() {
    cut = new AbortController();
    let alive = setTimeout(() => cut.abort(), DEAD);
    try {
      const answer = await fetch(url, { cache: "no-store", signal: cut.signal });
      if (answer.status === 404) return "gone";
      if (answer.status === 503) return "full";
      if (!answer.ok) return "connecting";
      const reader = answer.body.getReader();
      const parts = new Parts((letter, bytes) => part[letter]?.(bytes));
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return "connecting";
        clearTimeout(alive);
        alive = setTimeout(() => cut.abort(), DEAD);
        parts.push(value);
      }
    } catch {
      return "connecting";
    } finally {
      clearTimeout(alive);
      cut.abort();
    }
  }

  async function run() {
    while (!over) {
      const air = await listen();
      if (over) return;
      tell({ air });
      if (air === "gone") return;
      const wait = WAITS[Math.min(tries, WAITS.length - 1)] * (air === "full" ? 4 : 1);
      tries += 1;
      await new Promise((done) => setTimeout(done, wait * (0.8 + 0.4 * Math.random())));
    }
  }

  run();
  return {
    /** Plays on, after a touch. */
    resume: () => film?.resume(),
    /** Ends it. */
    stop() {
      over = true;
      cut.abort();
      film?.end();
    },
  };
}

/** Cuts a line into its parts, however it comes in pieces. */
class Parts {
  #take;
  #head = new Uint8Array(5);
  #body = null;
  #filled = 0;

  constructor(take) {
    this.#take = take;
  }

  push(bytes) {
    while (bytes.length > 0 || this.#body?.length === 0) {
      const into = this.#body ?? this.#head;
      const some = bytes.subarray(0, into.length - this.#filled);
      into.set(some, this.#filled);
      this.#filled += some.length;
      bytes = bytes.subarray(some.length);
      if (this.#filled < into.length) return;
      this.#filled = 0;
      if (this.#body === null) {
        this.#body = new Uint8Array(new DataView(this.#head.buffer).getUint32(1));
      } else {
        this.#body = null;
        this.#take(String.fromCharCode(this.#head[0]), into);
      }
    }
  }
}

/** One film in a video: what is appended to it is played near its newest end. */
class Film {
  #video;
  #source = null;
  #buffer = null;
  #queue = [];
  #begun = false;
  #aim = AIM;
  #events = new AbortController();
  /** The browser cannot play it. */
  unfit = false;

  /** `broken` is called where the browser gives it up: only another one helps. */
  constructor(video, mime, broken) {
    this.#video = video;
    this.unfit = !Source?.isTypeSupported(mime);
    if (this.unfit) return;
    this.#source = new Source();
    const address = URL.createObjectURL(this.#source);
    this.#source.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(address);
      this.#buffer = this.#source.addSourceBuffer(mime);
      this.#buffer.addEventListener("updateend", () => this.#work());
      this.#work();
    }, { once: true });
    const { signal } = this.#events;
    video.addEventListener("waiting", () => this.#wait(), { signal });
    video.addEventListener("error", broken, { signal });
    video.src = address;
  }

  append(bytes) {
    if (this.unfit) return;
    this.#queue.push(bytes);
    this.#work();
  }

  resume() {
    this.#video.play().catch(() => {});
  }

  end() {
    this.#events.abort();
    this.#queue = [];
    this.#source = null;
  }

  /** One thing at a time: a buffer takes no more before it is done. */
  #work() {
    if (this.#source?.readyState !== "open" || !this.#buffer || this.#buffer.updating) return;
    this.#steer();
    try {
      const { buffered } = this.#buffer;
      const old = buffered.length > 0 ? buffered.end(buffered.length - 1) - PAST : 0;
      if (buffered.length > 0 && buffered.start(0) < old - PAST) {
        this.#buffer.remove(0, old);
      } else if (this.#queue.length > 0) {
        this.#buffer.appendBuffer(this.#queue[0]);
        this.#queue.shift();
      }
    } catch {
      // It is full, which only time mends.
      if (this.#queue.length > WAITING) this.#queue = [];
    }
  }

  /** Keeps near the newest end: a little faster where it is late, by a jump where it is very late or stands before a hole. */
  #steer() {
    const { buffered } = this.#buffer;
    if (buffered.length === 0) return;
    const [start, end] = [buffered.start(buffered.length - 1), buffered.end(buffered.length - 1)];
    const video = this.#video;
    if (!this.#begun) {
      // Whoever comes late is sent all since the last keyframe at once.
      if (this.#queue.length > 0 || end - start < this.#aim / 2) return;
      this.#begun = true;
      video.currentTime = Math.max(start, end - this.#aim);
      this.resume();
      return;
    }
    const behind = end - video.currentTime;
    if (video.currentTime < start || behind > this.#aim + JUMP) {
      if (!video.paused) video.currentTime = Math.max(start, end - this.#aim);
    } else if (behind > this.#aim + HURRY) {
      video.playbackRate = 1.08;
    } else if (behind < this.#aim - HURRY) {
      video.playbackRate = 0.95;
    } else if (Math.abs(behind - this.#aim) < HURRY / 4) {
      video.playbackRate = 1;
    }
  }

  /** What was ahead was not enough, unless it was the line that ended. */
  #wait() {
    if (this.#begun) this.#aim = Math.min(this.#aim + MORE, MOST);
  }
}
