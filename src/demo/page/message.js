// One message as an element. Knows nothing of where messages come from; `deeds` is what can be done with them.

import { ARROW, COPY, FILE, LOCK, QUIET, REPLY, address, copy, face, icon, make, pressable, toast } from "./dom.js";
import { clock, happened, say } from "./words.js";

/** The largest that a picture is shown in a bubble, pixels. */
const [WIDEST, HIGHEST] = [430, 340];

/** Spoilers that were opened, so that an edit does not close them. */
const opened = new Set();

/**
 * Draws `message` of `chat`. `deeds` has `tap(row, column)`, `isBusy(row, column)`, `follow(link)`, `send(text)`,
 * `reply()`, `go(id)` and `enlarge(photo)`.
 */
export function draw(message, chat, deeds) {
  const data = { id: message.id };
  if (message.service) {
    return make("li", { className: "service", data }, make("span", {}, happened(message)));
  }
  const bubble = make(
    "div",
    { className: "bubble" },
    chat.group && !message.mine && make("b", { className: "author", data: { tint: message.from % 6 } }, message.author),
    message.forwarded && make("p", { className: "forwarded" }, say("forwarded", message.forwarded)),
    message.reply && quote(message.reply, deeds),
    message.photo && photo(message, deeds),
    message.video && video(message),
    message.document && file(message),
    make("div", { className: "text" }, ...marked(message, chat, deeds), meta(message)),
    message.reaction && make("span", { className: "reaction" }, message.reaction),
  );
  const stack = make("div", { className: "stack" }, bubble);
  if (message.keyboard.length > 0) {
    stack.classList.add("with-keyboard");
    stack.append(keyboard(message, deeds));
  }
  bubble.addEventListener("dblclick", (event) => event.target.closest("a, button, [role=button]") || deeds.reply());
  const reply = { className: "round reply", type: "button", title: say("reply"), click: deeds.reply };
  return make(
    "li",
    { className: `message ${message.mine ? "mine" : "theirs"}${message.protected ? " protected" : ""}`, data },
    chat.group && !message.mine && face(message.author, message.from, message.bot),
    stack,
    make("button", { ...reply, aria: { label: say("reply_to", message.author) } }, icon(REPLY)),
  );
}

function quote(first, deeds) {
  const lines = [make("b", {}, first.author), make("span", {}, first.text)];
  return make("button", { className: "quote", type: "button", click: () => deeds.go(first.id) }, ...lines);
}

function photo(message, deeds) {
  const { id, name } = message.photo;
  const size = fitted(message.photo);
  const picture = make("img", { src: `/page/file/${id}`, alt: name || say("photo"), ...size, className: "photo" });
  if (message.protected) picture.addEventListener("contextmenu", (event) => event.preventDefault());
  return pressable(picture, () => deeds.enlarge(picture));
}

/** Width and height keep the place until the picture is there. */
function fitted(pixels) {
  const scale = Math.min(1, WIDEST / pixels.width, HIGHEST / pixels.height);
  const [width, height] = [pixels.width, pixels.height].map((size) => Math.round(size * scale));
  return { width, height };
}

function video(message) {
  const { id, width, height } = message.video;
  const size = fitted({ width: width || WIDEST, height: height || HIGHEST });
  const given = { controls: true, playsInline: true, preload: "metadata", className: "video" };
  return make("video", { src: `/page/file/${id}`, ...given, ...size, aria: { label: say("video") } });
}

function file(message) {
  const { id, name, size } = message.document;
  const facts = make("span", { className: "file-facts" }, make("b", {}, name), make("span", {}, bytes(size)));
  const look = { className: "file" };
  if (message.protected) return make("div", look, icon(LOCK), facts);
  return make("a", { ...look, href: `/page/file/${id}`, download: name }, icon(FILE), facts);
}

function bytes(size) {
  if (size < 1024) return `${size} B`;
  return size < 1 << 20 ? `${(size / 1024).toFixed(1)} KB` : `${(size / (1 << 20)).toFixed(1)} MB`;
}

function meta(message) {
  const at = new Date(message.date * 1000);
  const named = (path, label) => make("span", { title: label, role: "img", aria: { label } }, icon(path));
  return make(
    "span",
    { className: "meta" },
    message.silent && named(QUIET, say("silent")),
    message.protected && named(LOCK, say("protected")),
    message.edited && make("span", {}, say("edited")),
    make("time", { dateTime: at.toISOString(), title: at.toLocaleString() }, clock(message.date)),
  );
}

function keyboard(message, deeds) {
  const row = (buttons, r) => make("div", { className: "row" }, ...buttons.map((b, c) => button(b, r, c, deeds)));
  return make("div", { className: "keyboard" }, ...message.keyboard.map(row));
}

function button(given, row, column, deeds) {
  const asks = given.callback_data !== undefined;
  const [url, copied] = [given.url, given.copy_text?.text];
  const known = asks || url || copied;
  const node = make("button", {
    type: "button",
    className: `key ${given.style ?? ""}${deeds.isBusy(row, column) ? " busy" : ""}`,
    data: { row, column },
    title: url ? say("opens", url) : copied ? say("copy_this", copied) : "",
    click: () => (known ? deeds.tap(row, column) : toast(say("cant_press"))),
  });
  node.append(make("span", {}, given.text));
  if (url) node.append(icon(ARROW));
  if (copied) node.append(icon(COPY));
  return node;
}

/** The text as nodes. Marks lie one in another; offsets are UTF-16 code units, as in JavaScript's strings. */
function marked(message, chat, deeds) {
  const { text = "", entities = [] } = message;
  const outerFirst = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const part = (from, to, inside, plain) => {
    const nodes = [];
    let done = from;
    // A block ends its line by itself: the line break after it would make an empty one.
    const afterBlock = (at) => (nodes.at(-1)?.matches?.(BLOCKS) && text[at] === "\n" ? at + 1 : at);
    while (inside.length > 0) {
      const mark = inside.shift();
      const [start, end] = [Math.max(mark.offset, done), Math.min(mark.offset + mark.length, to)];
      if (end <= start) continue;
      const within = [];
      while (inside.length > 0 && inside[0].offset < end) within.push(inside.shift());
      nodes.push(...found(text.slice(afterBlock(done), start), plain, deeds));
      nodes.push(wrap(mark, text.slice(start, end), part(start, end, within, plain || OPAQUE.has(mark.type)), message, chat, deeds));
      done = end;
    }
    nodes.push(...found(text.slice(afterBlock(done), to), plain, deeds));
    return nodes;
  };
  return part(0, text.length, outerFirst, false);
}

const BLOCKS = ".pre, blockquote";
/** Marks in which no command or address is looked for. */
const OPAQUE = new Set(["code", "pre", "url", "text_link", "bot_command"]);
const COMMAND_OR_ADDRESS = /(?<![\w/:.@])(\/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])|(https?:\/\/[^\s<>"“”，。、；）]*[^\s<>"“”，。、；）.,;:!?)])/g;

/** A text without marks. Telegram finds commands and addresses in it by itself, and so does this, unless `plain`. */
function found(text, plain, deeds) {
  if (text === "" || plain) return text === "" ? [] : [text];
  const nodes = [];
  let done = 0;
  for (const { 0: whole, 1: command, index } of text.matchAll(COMMAND_OR_ADDRESS)) {
    nodes.push(text.slice(done, index), command ? commandLink(whole, [whole], deeds) : link(whole, [whole], deeds));
    done = index + whole.length;
  }
  nodes.push(text.slice(done));
  return nodes.filter((node) => node !== "");
}

function commandLink(command, nodes, deeds) {
  return pressable(make("span", { className: "link" }, ...nodes), () => deeds.send(command));
}

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

function wrap(mark, plain, nodes, message, chat, deeds) {
  switch (mark.type) {
    case "url":
      return link(plain, nodes, deeds);
    case "text_link":
      return link(mark.url, nodes, deeds);
    case "bot_command":
      return commandLink(plain, nodes, deeds);
    case "text_mention":
      return make("span", { className: "mention" }, ...nodes);
    case "spoiler":
      return spoiler(nodes, `${chat.id}/${message.id}/${mark.offset}`);
    case "code":
      return copied(make("code", {}, ...nodes), plain, message);
    case "pre":
      return pre(mark, plain, nodes, message);
    default:
      return TAGS[mark.type] ? make(TAGS[mark.type], {}, ...nodes) : make("span", {}, ...nodes);
  }
}

function link(to, nodes, deeds) {
  const url = address(to);
  if (!url) return make("span", {}, ...nodes);
  const open = (event) => {
    event.preventDefault();
    deeds.follow(url.href);
  };
  return make("a", { href: url.href, title: url.href, target: "_blank", rel: "noopener noreferrer", click: open }, ...nodes);
}

function spoiler(nodes, key) {
  const inside = make("span", {}, ...nodes);
  const node = make("span", { className: "spoiler" }, inside);
  if (opened.has(key)) return node;
  node.classList.add("hidden");
  inside.inert = true;
  const show = (event) => {
    if (!inside.inert) return;
    // What lies around it, such as code that copies, is not meant yet.
    event.stopPropagation();
    opened.add(key);
    inside.inert = false;
    node.classList.remove("hidden");
    for (const name of ["role", "aria-label", "tabindex"]) node.removeAttribute(name);
  };
  node.setAttribute("aria-label", say("spoiler"));
  return pressable(node, show);
}

/** Makes a press copy `plain`, where the message may be copied. */
function copied(node, plain, message) {
  node.title = say("copy");
  node.setAttribute("aria-label", say("copy_this", plain));
  return pressable(node, () => (message.protected ? toast(say("no_copy")) : copy(plain)));
}

function pre(mark, plain, nodes, message) {
  const press = copied(make("span", { className: "pre-copy" }, icon(COPY)), plain, message);
  const head = make("span", { className: "pre-head" }, mark.language || say("code"), press);
  return make("div", { className: "pre" }, head, make("pre", {}, ...nodes));
}
