// Puts what the chat knows on the page. Text goes in as text nodes only.

const $ = (id) => document.getElementById(id);
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const GROUPED_SECONDS = 300;

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// One of eight colours, always the same for the same name.
export function tone(id) {
  let hash = 7;
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  const known = { alice: 0, bob: 1, carol: 2 };
  return known[id] ?? hash % 8;
}

export function paintAvatar(target, id, name, status) {
  target.textContent = (name || id).trim().slice(0, 1).toUpperCase();
  target.dataset.tone = tone(id);
  if (status) target.dataset.status = status;
  else delete target.dataset.status;
}

function avatar(id, name, status) {
  const made = element("span", { class: "avatar", "aria-hidden": "true" });
  paintAvatar(made, id, name, status);
  return made;
}

export class View {
  constructor(chat) {
    this.chat = chat;
    this.shown = new Map(); // message key → { element, signature }
    this.entries = new Map(); // conversation key → its button
    this.onOpen = () => {};
    this.onRetry = () => {};
  }

  title(conversation) {
    if (conversation.kind === "group") return this.chat.groups.get(conversation.id)?.name ?? conversation.id;
    return this.chat.name(conversation.id);
  }

  // -- the list of conversations

  // By name, whoever is online: an entry that moves while one reaches for it is worse than one further down.
  people() {
    const { chat } = this;
    const all = [...chat.conversations.values()];
    const byName = (a, b) => this.title(a).localeCompare(this.title(b));
    const groups = all.filter((c) => c.kind === "group").sort(byName);
    const people = all.filter((c) => c.kind === "user").sort(byName);
    this.lists ??= this.makeLists();
    this.fill(this.lists.groups, groups);
    this.fill(this.lists.people, people);
    const unread = all.reduce((sum, c) => sum + c.unread, 0);
    document.title = (unread ? `(${unread}) ` : "") + `${chat.me.name} · Halley playground`;
  }

  makeLists() {
    const lists = { groups: element("ul"), people: element("ul") };
    $("conversations").replaceChildren(
      element("h2", { text: "Groups" }), lists.groups,
      element("h2", { text: "People" }), lists.people,
    );
    return lists;
  }

  fill(list, conversations) {
    const items = conversations.map((c) => this.entry(c));
    const same = items.length === list.children.length && items.every((item, index) => list.children[index] === item);
    if (!same) list.replaceChildren(...items);
  }

  // An entry's button stays the same element: one that is replaced between press and release is never clicked.
  entry(conversation) {
    const { chat } = this;
    let button = this.entries.get(conversation.key);
    if (!button) {
      button = element("button", {
        class: "entry",
        "data-key": conversation.key,
        "data-testid": `conversation-${conversation.id}`,
        onclick: () => this.onOpen(conversation),
      });
      element("li", {}, button);
      this.entries.set(conversation.key, button);
    }
    const title = this.title(conversation);
    const user = conversation.kind === "user" ? chat.users.get(conversation.id) : null;
    const status = user ? (user.status === "online" ? "online" : "offline") : undefined;
    const active = chat.active === conversation;
    if (status) button.dataset.status = status;
    if (active) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const unread = conversation.unread && !active
      ? element("span", { class: "badge", "data-testid": `unread-${conversation.id}`, text: conversation.unread, "aria-label": `${conversation.unread} unread` })
      : null;
    button.replaceChildren(...[
      avatar(conversation.id, conversation.kind === "group" ? "#" : title, status),
      element("span", { class: "entry-text" },
        element("span", { class: "entry-name", text: title }),
        element("span", { class: "entry-last muted small", text: this.preview(conversation) })),
      status ? element("span", { class: "visually-hidden", text: status }) : null,
      unread,
    ].filter(Boolean));
    return button.parentElement;
  }

  preview(conversation) {
    if (conversation.typing.size) return "typing …";
    const last = conversation.outgoing.at(-1) ?? conversation.newest;
    if (!last) return conversation.kind === "group" ? this.membersNote(conversation) : "No messages yet";
    const text = this.textOf(last);
    if (last.category === "action") return text;
    if (last.sender === this.chat.me.uid) return `You: ${text}`;
    return conversation.kind === "group" ? `${this.chat.name(last.sender)}: ${text}` : text;
  }

  membersNote(conversation) {
    const group = this.chat.groups.get(conversation.id);
    if (!group) return "";
    const count = group.membersCount ?? 0;
    return `${group.type} group, ${count} ${count === 1 ? "member" : "members"}`;
  }

  textOf(message) {
    if (message.category === "action") return message.message ?? message.data?.action ?? "";
    return message.data?.text ?? `[${message.category}: ${message.type}]`;
  }

  // -- the open conversation

  header() {
    const conversation = this.chat.active;
    if (!conversation) return;
    const title = this.title(conversation);
    const isGroup = conversation.kind === "group";
    const user = isGroup ? null : this.chat.users.get(conversation.id);
    paintAvatar($("chat-avatar"), conversation.id, isGroup ? "#" : title, user ? (user.status === "online" ? "online" : "offline") : undefined);
    $("chat-name").textContent = title;
    $("chat-detail").textContent = isGroup ? this.membersNote(conversation) : this.statusNote(user);
    const member = this.chat.isMember(conversation);
    $("leave").hidden = !isGroup || !member || this.chat.groups.get(conversation.id)?.owner === this.chat.me.uid;
    $("join-bar").hidden = member;
    $("composer").hidden = !member;
    $("messages").setAttribute("aria-label", `Messages with ${title}`);
  }

  statusNote(user) {
    if (user?.status === "online") return "online";
    if (!user?.lastActiveAt) return "offline";
    const seen = new Date(user.lastActiveAt * 1000);
    const today = seen.toDateString() === new Date().toDateString();
    return `offline, last seen ${today ? "" : day.format(seen) + " "}${time.format(seen)}`;
  }

  typing() {
    const conversation = this.chat.active;
    const names = conversation ? [...conversation.typing].map((uid) => this.chat.name(uid)) : [];
    const line = $("typing");
    line.dataset.on = names.length > 0;
    if (!names.length) line.replaceChildren();
    else line.replaceChildren(element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i")), `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing`);
  }

  // Elements of messages that stayed as they were are kept, so that selection and focus survive.
  messages({ toEnd = false } = {}) {
    const conversation = this.chat.active;
    const list = $("message-list");
    const scroller = $("messages");
    const pinned = toEnd || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
    const height = scroller.scrollHeight;
    const firstBefore = list.firstElementChild?.dataset.key;
    const rows = conversation ? this.rows(conversation) : [];
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, { element: old }] of this.shown) {
      if (!wanted.has(key)) {
        old.remove();
        this.shown.delete(key);
      }
    }
    let previous = null;
    for (const row of rows) {
      let entry = this.shown.get(row.key);
      if (!entry || entry.signature !== row.signature) {
        const made = row.make();
        made.dataset.key = row.key;
        entry?.element.replaceWith(made);
        entry = { element: made, signature: row.signature };
        this.shown.set(row.key, entry);
      }
      const place = previous ? previous.nextSibling : list.firstChild;
      if (place !== entry.element) list.insertBefore(entry.element, place);
      previous = entry.element;
    }
    $("older").hidden = !conversation?.loaded || !conversation.hasOlder || !this.chat.isMember(conversation);
    const nothing = Boolean(conversation?.loaded && !rows.length);
    $("empty").hidden = !nothing;
    if (nothing) $("empty").textContent = this.chat.isMember(conversation) ? `Say hello to ${this.title(conversation)}.` : "Join to read what was written here.";
    if (pinned) scroller.scrollTop = scroller.scrollHeight;
    else if (firstBefore && list.firstElementChild?.dataset.key !== firstBefore) scroller.scrollTop += scroller.scrollHeight - height;
  }

  rows(conversation) {
    const rows = [];
    let before = null;
    let lastDay = "";
    for (const message of [...conversation.messages, ...conversation.outgoing]) {
      const at = new Date((message.sentAt ?? Date.now() / 1000) * 1000);
      if (at.toDateString() !== lastDay) {
        lastDay = at.toDateString();
        rows.push({ key: `day-${lastDay}`, signature: lastDay, make: () => element("li", { class: "day" }, element("span", { text: day.format(at) })) });
        before = null;
      }
      const key = message.muid ?? message.id;
      if (message.category === "action") {
        const text = this.textOf(message);
        rows.push({ key, signature: text, make: () => element("li", { class: "event muted small", "data-testid": "event", text }) });
        before = null;
        continue;
      }
      const follows = before?.sender === message.sender && message.sentAt - before.sentAt < GROUPED_SECONDS;
      const own = message.sender === this.chat.me.uid;
      const progress = own ? (message.state ? { state: message.state, note: message.note ?? message.state } : this.chat.progress(conversation, message)) : null;
      const signature = JSON.stringify([this.textOf(message), follows, progress, this.chat.name(message.sender), message.id]);
      rows.push({ key, signature, make: () => this.bubble(conversation, message, { own, follows, progress, at }) });
      before = message;
    }
    return rows;
  }

  bubble(conversation, message, { own, follows, progress, at }) {
    const name = this.chat.name(message.sender);
    const named = conversation.kind === "group" && !own && !follows;
    const meta = element("span", { class: "meta" }, element("time", { datetime: at.toISOString(), title: message.id ? `message ${message.id}` : undefined, text: time.format(at) }));
    if (progress) meta.append(this.tick(progress));
    const bubble = element("div", { class: "bubble" },
      named ? element("span", { class: "author", text: name, "data-tone": tone(message.sender) }) : null,
      element("span", { class: "text", "data-testid": "message-text", text: this.textOf(message) }),
      meta);
    if (message.state === "failed") {
      bubble.append(element("button", { class: "retry", "data-testid": "retry", onclick: () => this.onRetry(conversation, message), text: `Not sent: ${message.note}. Try again` }));
    }
    return element("li",
      { class: "message", "data-own": String(own), "data-follows": String(follows), "data-testid": "message", "data-id": message.id, "data-state": progress?.state },
      conversation.kind === "group" && !own ? (follows ? element("span", { class: "avatar gap", "aria-hidden": "true" }) : avatar(message.sender, name)) : null,
      bubble);
  }

  tick({ state, note }) {
    const made = element("span", { class: "tick", "data-state": state, "data-testid": "tick", role: "img", "aria-label": note, title: note });
    const shape = { sending: "M10 4.5v5.5l3.5 2M10 2.5a7.5 7.5 0 1 0 .01 0", failed: "M10 5v6M10 14v.5M10 2.5a7.5 7.5 0 1 0 .01 0", sent: "m5 10.5 3.5 3.5L16 6.5" }[state] ?? "m1.5 10.5 3.5 3.5L12.5 6.5M9 13l1 1 7.5-7.5";
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 20 20");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", shape);
    svg.append(path);
    made.append(svg);
    return made;
  }

  // -- passing things

  reaction(symbol, from) {
    const sky = $("sky");
    const made = element("span", { class: "floating", "data-testid": "floating", text: symbol, title: from });
    made.style.setProperty("--start", `${15 + Math.random() * 70}%`);
    made.style.setProperty("--drift", `${Math.random() * 60 - 30}px`);
    made.addEventListener("animationend", () => made.remove());
    sky.append(made);
  }

  toast(text, kind = "error") {
    const made = element("div", { class: "toast", "data-kind": kind, "data-testid": "toast" },
      element("span", { text }),
      element("button", { class: "icon", "aria-label": "Dismiss", text: "×", onclick: () => made.remove() }));
    $("toasts").append(made);
    setTimeout(() => made.remove(), 7000);
    while ($("toasts").children.length > 4) $("toasts").firstElementChild.remove();
  }

  connection({ state, delay, roundTrip, seq }) {
    const words = {
      stopped: "Disconnected",
      connecting: "Connecting …",
      authenticating: "Signing in …",
      replaying: "Catching up …",
      live: `Connected${roundTrip ? ` · ${roundTrip} ms` : ""}`,
      waiting: delay > 900 ? `Trying again in ${Math.round(delay / 1000)} s` : "Reconnecting …",
      background: "In background",
    };
    const target = $("state");
    target.dataset.state = state;
    target.textContent = words[state];
    target.title = seq === null ? "" : `log position ${seq}`;
  }
}
