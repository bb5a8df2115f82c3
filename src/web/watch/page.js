// The page around the film: what is said of it, how many watch, sound, and the whole screen.

import { play } from "./player.js";

/** How long what lies on the picture is seen after a touch, ms. */
const CALM = 3000;

const at = (id) => document.getElementById(id);
const [video, said, sound, count] = ["video", "said", "sound", "count"].map(at);
const words = document.body.dataset;

function tell({ air, watching }) {
  const live = air === "live";
  const text = words[air] ?? words.connecting;
  said.hidden = live;
  if (!live && said.textContent !== text) said.textContent = text;
  at("on").hidden = !live;
  at("controls").hidden = !live && air !== "held";
  if (watching === undefined) return;
  count.hidden = false;
  count.querySelector("b").textContent = watching;
}

const film = play(video, `${location.pathname}/live`, tell);

function drawSound() {
  document.body.classList.toggle("mute", video.muted);
  sound.querySelector("span").textContent = video.muted ? words.sound : words.mute;
}

// A browser lets no page sound before it was touched. One that did not let it play either may play now.
sound.addEventListener("click", () => {
  video.muted = !video.muted;
  film.resume();
});
video.addEventListener("volumechange", drawSound);
drawSound();

at("whole").addEventListener("click", () => {
  const page = document.documentElement;
  if (document.fullscreenElement) document.exitFullscreen();
  else if (page.requestFullscreen) page.requestFullscreen();
  else video.webkitEnterFullscreen?.();
});

let calm;
function touched() {
  document.body.classList.remove("calm");
  clearTimeout(calm);
  calm = setTimeout(() => document.body.classList.add("calm"), CALM);
}
for (const touch of ["pointermove", "pointerdown", "keydown"]) document.addEventListener(touch, touched);
touched();
