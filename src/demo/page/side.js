// The panel at the side: the platforms of the demo, and its encoder. Values change in place; a card is drawn anew only
// when other rows belong on it, so that nothing jumps and no button is lost under a finger.

import { click } from "./deeds.js";
import { COPY, at, copy, icon, make, toast } from "./dom.js";
import { play } from "./player.js";
import { locale, say } from "./words.js";

let shown = "";
/** What plays, by name: its video, and what ends it. */
const films = new Map();

/** The panel's JSON has its words in both languages. */
const word = (both) => both[locale.slice(0, 2)];
const pair = (value) => ([label, text]) => [word(label), value(text)];

/** Shows the panel's JSON. */
export function show(side) {
  const drawn = (screen) => ({
    ...said(screen),
    name: word(screen.name),
    facts: screen.facts.map(pair(word)),
    draw: drawScreen,
  });
  const cards = side.screens.map(drawn);
  if (side.encoder) cards.unshift({ ...said(side.encoder), name: "", facts: [], draw: drawEncoder });
  if (side.terminal) cards.unshift(drawn(side.terminal));
  const labels = ({ name, facts, copy, running }) => [name, facts.map(([label]) => label), copy, running];
  const shape = JSON.stringify([locale, cards.map(labels)]);
  if (shape !== shown) {
    shown = shape;
    const focused = document.activeElement?.closest("#panel [data-focus]")?.dataset.focus;
    at("panel").replaceChildren(...cards.map((card) => card.draw(card)));
    if (cards.length === 0) at("panel").append(make("p", { className: "hint" }, say("show_side")));
    if (focused) at("panel").querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }
  cards.forEach((card, index) => fill(at("panel").children[index], card));
  showFilms(cards);
  at("on-air").hidden = !side.screens.some((screen) => screen.tone === "good");
}

const said = (card) => ({ ...card, state: word(card.state), copy: card.copy.map(pair((text) => text)) });

function fill(node, card) {
  node.dataset.tone = card.tone ?? (card.running ? "good" : "idle");
  set(node.querySelector(".state"), card.state);
  node.querySelectorAll(".facts dd").forEach((value, index) => set(value, card.facts[index][1]));
}

/** Each platform shows what it receives, for as long as it does. */
function showFilms(cards) {
  for (const [name, { video, film }] of films) {
    if (cards.some((card) => card.film === name)) continue;
    film.stop();
    video.remove();
    films.delete(name);
  }
  cards.forEach(({ film: name }, index) => {
    if (!name) return;
    const tube = at("panel").children[index].querySelector(".tube");
    if (!films.has(name)) {
      const turn = () => (video.muted = !video.muted);
      const video = make("video", { playsInline: true, title: say("film_sound"), aria: { label: name }, click: turn });
      films.set(name, { video, film: play(video, `/page/film/${encodeURIComponent(name)}`, () => {}) });
    }
    const { video, film } = films.get(name);
    if (video.parentNode === tube) return;
    tube.append(video);
    film.resume();
  });
}

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function drawScreen(screen) {
  const bars = make("span", { className: "bars", aria: { hidden: "true" } });
  for (let bar = 0; bar < 16; bar += 1) bars.append(make("i"));
  const fact = ([label]) => make("div", {}, make("dt", {}, label), make("dd"));
  return make(
    "section",
    { className: "card screen", aria: { label: screen.name } },
    make("div", { className: "tube" }, make("h3", {}, screen.name), bars, make("p", { className: "state" })),
    screen.facts.length > 0 && make("dl", { className: "facts" }, ...screen.facts.map(fact)),
    ...screen.copy.map((row) => copyRow(row, screen.name)),
  );
}

function drawEncoder(encoder) {
  const what = encoder.running ? "stop" : "start";
  const press = async () => {
    if ((await click(what)) === null) toast(say("encoder_busy"));
  };
  const look = { className: `button wide ${encoder.running ? "danger" : ""}`, type: "button", click: press };
  return make(
    "section",
    { className: "card encoder", aria: { label: say("encoder") } },
    make("div", { className: "card-head" }, make("h3", {}, say("encoder")), make("p", { className: "state" })),
    make("button", { ...look, data: { focus: "encoder" } }, say(encoder.running ? "encoder_stop" : "encoder_start")),
    encoder.copy.length > 0 && make("p", { className: "small" }, say("encoder_more")),
    ...encoder.copy.map((row) => copyRow(row, "encoder")),
  );
}

function copyRow([label, value], owner) {
  const look = { className: "copy-row", type: "button", title: value, click: () => copy(value) };
  const aria = { label: `${say("copy_this", label)}. ${value}` };
  const lines = [make("span", { className: "label" }, label), make("span", { className: "value" }, value), icon(COPY)];
  return make("button", { ...look, aria, data: { focus: `${owner}/${label}` } }, ...lines);
}
