// The panel of raw frames: newest last, filtered, paused, opened on demand.

const KEPT = 500;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false });

export class FramePanel {
  constructor(root) {
    this.list = root.querySelector("#frame-list");
    this.count = root.querySelector("#frame-count");
    this.filterField = root.querySelector("#frames-filter");
    this.pingsField = root.querySelector("#frames-pings");
    this.pauseButton = root.querySelector("#frames-pause");
    this.entries = [];
    this.held = [];
    this.total = 0;
    this.paused = false;
    this.filterField.addEventListener("input", () => this.refilter());
    this.pingsField.addEventListener("change", () => this.refilter());
    this.pauseButton.addEventListener("click", () => this.pause(!this.paused));
    root.querySelector("#frames-clear").addEventListener("click", () => this.clear());
    this.tellCount();
  }

  add(entry) {
    entry.at = new Date();
    this.total += 1;
    if (this.paused) {
      this.held.push(entry);
      if (this.held.length > KEPT) this.held.shift();
    } else {
      this.show(entry);
    }
    this.tellCount();
  }

  pause(paused) {
    this.paused = paused;
    this.pauseButton.setAttribute("aria-pressed", paused);
    this.pauseButton.textContent = paused ? "Continue" : "Pause";
    if (!paused) for (const entry of this.held.splice(0)) this.show(entry);
    this.tellCount();
  }

  clear() {
    this.entries = [];
    this.held = [];
    this.total = 0;
    this.list.replaceChildren();
    this.tellCount();
  }

  show(entry) {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
    entry.element = this.row(entry);
    entry.element.hidden = !this.wanted(entry);
    this.entries.push(entry);
    this.list.append(entry.element);
    if (this.entries.length > KEPT) this.entries.shift().element.remove();
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  row({ direction, frame, text, at }) {
    const item = document.createElement("li");
    item.className = "frame";
    item.dataset.direction = direction;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.append(
      part("arrow", direction === "in" ? "↓" : "↑", direction === "in" ? "received" : "sent"),
      part("kind", frame.type ?? frame.action ?? "?"),
      part("gist", gist(frame)),
      part("time", clock.format(at)),
    );
    details.append(summary);
    // Printed only when looked at: most frames never are.
    details.addEventListener("toggle", () => {
      if (details.open && !details.querySelector("pre")) details.append(printed(frame));
    });
    item.append(details);
    item.dataset.text = text.toLowerCase();
    return item;
  }

  wanted({ frame, text, direction }) {
    if (!this.pingsField.checked && (frame.action === "ping" || frame.action === "pong")) return false;
    const words = this.filterField.value.toLowerCase().split(/\s+/).filter(Boolean);
    const searched = `${direction} ${text.toLowerCase()}`;
    return words.every((word) => searched.includes(word));
  }

  refilter() {
    for (const entry of this.entries) entry.element.hidden = !this.wanted(entry);
    this.list.scrollTop = this.list.scrollHeight;
  }

  tellCount() {
    this.count.textContent = this.paused && this.held.length ? `${this.held.length} held back` : this.total ? `${this.total}` : "";
  }
}

function part(name, text, label) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  if (label) span.setAttribute("aria-label", label);
  return span;
}

// What a frame is about, in a few words.
function gist(frame) {
  const body = frame.body ?? {};
  const words = [];
  if (frame.sender && frame.type !== "auth") words.push(frame.receiver ? `${frame.sender} → ${frame.receiver}` : frame.sender);
  else if (frame.receiver) words.push(`→ ${frame.receiver}`);
  if (body.action) words.push(body.action);
  if (body.code) words.push(body.code);
  if (body.state) words.push(body.state);
  if (body.data?.text) words.push(`“${body.data.text}”`);
  if (body.data?.action) words.push(body.data.action);
  if (body.resume) words.push(`from ${body.resume.lastSeq}`);
  if (frame.type === "resumed") words.push(`${body.count} frames`);
  if (frame.seq !== undefined) words.push(`#${frame.seq}`);
  return words.join(" ");
}

// Pretty-printed JSON with a span per token; no markup is ever made from text.
function printed(frame) {
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  const json = JSON.stringify(frame, null, 2);
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;
  let end = 0;
  for (const match of json.matchAll(token)) {
    pre.append(json.slice(end, match.index));
    const span = document.createElement("span");
    span.className = match[1] ? "key" : match[0].startsWith('"') ? "string" : "value";
    span.textContent = match[1] ? match[0].slice(0, -match[1].length) : match[0];
    pre.append(span, match[1] ?? "");
    end = match.index + match[0].length;
  }
  pre.append(json.slice(end));
  return pre;
}
