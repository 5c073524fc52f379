// The playground: an ordinary client of the public protocol, nothing the gateway treats specially.
// This file wires the page to the parts: api.js (REST), connection.js (WebSocket), chat.js (state), view.js, frames.js.

import { Api } from "./api.js";
import { Chat } from "./chat.js";
import { Connection } from "./connection.js";
import { FramePanel } from "./frames.js";
import { View, paintAvatar } from "./view.js";

const $ = (id) => document.getElementById(id);
const PAGE = 30;
const TYPING_REFRESH = 10_000;
const TYPING_IDLE = 4_000;

let session = null; // what a sign-in made: { api, chat, view, connection }
const frames = new FramePanel($("frames"));

// -- signing in

// Per tab and kept over a reload, as SDKs keep theirs; localStorage would make two tabs one session.
function remembered(key, make) {
  let value = sessionStorage.getItem(key);
  if (!value) sessionStorage.setItem(key, (value = make()));
  return value;
}

async function signIn({ uid, app, key, token }) {
  const form = $("login-form");
  form.setAttribute("aria-busy", "true");
  for (const control of form.elements) control.disabled = true;
  $("login-problem").hidden = true;
  try {
    const id = remembered(`session-${app}-${uid}`, () => `PLAYGROUND-${crypto.randomUUID()}-${Date.now()}`);
    const deviceId = `${app}_${remembered("device", () => crypto.randomUUID())}`;
    const api = new Api(app, id);
    if (token) api.token = token;
    else await api.signIn(uid, key);
    const me = await api.me(deviceId);
    sessionStorage.setItem("signed-in", JSON.stringify({ uid, app, token: api.token }));
    open(api, me, id, deviceId);
  } catch (error) {
    sessionStorage.removeItem("signed-in");
    if (!token) showProblem(error.code ? `${error.message} (${error.code})` : String(error));
  } finally {
    form.removeAttribute("aria-busy");
    for (const control of form.elements) control.disabled = false;
  }
}

function showProblem(text) {
  $("login-problem").textContent = text;
  $("login-problem").hidden = false;
}

async function open(api, me, id, deviceId) {
  const chat = new Chat(me);
  const view = new View(chat);
  const connection = new Connection({
    url: `wss://${location.host}/ws`,
    app: api.app,
    uid: me.uid,
    session: id,
    deviceId,
    jwt: me.jwt,
    freshJwt: () => api.freshJwt(),
  });
  session = { api, chat, view, connection };
  view.onOpen = (conversation) => openConversation(conversation);
  view.onRetry = (conversation, message) => transmit(conversation, message);
  listen(connection);
  $("login").hidden = true;
  $("shell").hidden = false;
  $("shell").dataset.view = "list";
  $("me-name").textContent = me.name;
  paintAvatar($("me-avatar"), me.uid, me.name);
  document.querySelector('[name="app-state"][value="foreground"]').checked = true;
  connection.setMode($("auto-mode").checked ? "auto" : "manual");
  connection.start();
  await refreshLists();
  const first = chat.conversations.get("group:lobby") ?? [...chat.conversations.values()][0];
  if (first && !chat.active) await openConversation(first, { reveal: false });
  preload();
}

async function refreshLists() {
  const { api, chat, view } = session;
  try {
    const [users, groups] = await Promise.all([api.users(), api.groups()]);
    chat.addUsers(users);
    chat.addGroups(groups);
    view.people();
    view.header();
  } catch (error) {
    complain(error);
  }
}

// The last words of the other conversations, for the list.
async function preload() {
  const { api, chat, view } = session;
  const others = [...chat.conversations.values()].filter((c) => !c.loaded && chat.isMember(c)).slice(0, 12);
  await Promise.allSettled(
    others.map(async (conversation) => {
      for (const message of await api.history(conversation.kind, conversation.id, null, 1)) chat.add(message);
    }),
  );
  view.people();
}

async function leaveSession({ signOut }) {
  const { api, connection } = session;
  connection.stop();
  session = null;
  sessionStorage.removeItem("signed-in");
  $("shell").hidden = true;
  $("login").hidden = false;
  $("message-list").replaceChildren();
  document.title = "Halley playground";
  if (signOut) await api.signOut().catch(() => {});
}

// -- what the connection tells

function listen(connection) {
  const on = (type, handler) => connection.addEventListener(type, (event) => session?.connection === connection && handler(event.detail));
  on("state", (detail) => {
    session.view.connection(detail);
    $("cut").disabled = detail.state === "stopped" || detail.state === "background";
  });
  on("frame", (detail) => frames.add(detail));
  on("event", received);
  on("ready", ready);
  on("problem", ({ code, message, closeCode }) => session.view.toast(closeCode ? `${message} (closing with ${closeCode})` : `${message} (${code})`));
  on("fatal", ({ code, message }) => {
    leaveSession({ signOut: false });
    showProblem(`${message} (closed with ${code})`);
  });
  on("ended", ({ code, message }) => session.view.toast(`${message} (closed with ${code}). Sign in again, or reload.`));
}

function received(frame) {
  const { chat, view } = session;
  const conversation = chat.apply(frame);
  if (frame.type === "transient_message") {
    if (conversation === chat.active && frame.body.data?.LIVE_REACTION) view.reaction(frame.body.data.LIVE_REACTION, chat.name(frame.sender));
    return;
  }
  if (frame.type === "message") {
    if (frame.body.category === "action") refreshGroup(conversation);
    mark(conversation);
  }
  render(conversation, frame.type);
}

function render(conversation, type) {
  const { chat, view } = session;
  view.people();
  if (conversation !== chat.active) return;
  view.header();
  view.typing();
  if (type !== "presence" && type !== "typing_indicator") view.messages();
}

// Live again. Presence has no replay and no snapshot, so it is asked for; a gap past the replay limit is paged.
async function ready({ complete, resumed, seq }) {
  const { api, chat, view } = session;
  for (const conversation of chat.conversations.values()) conversation.typing.clear();
  if (!complete) {
    let from = seq;
    for (;;) {
      const page = await api.since(from).catch(complain);
      if (!page?.length) break;
      for (const message of page) chat.message(message);
      from = page.at(-1).id;
    }
    view.messages();
  }
  if (resumed) await refreshLists();
  for (const conversation of chat.conversations.values()) mark(conversation);
  view.typing();
}

async function refreshGroup(conversation) {
  const { api, chat, view } = session;
  try {
    chat.addGroups([await api.group(conversation.id)]);
    view.people();
    view.header();
  } catch {
    // A group that is gone or became private says nothing new.
  }
}

// -- receipts

function isReading(conversation) {
  return conversation === session.chat.active && session.connection.appState === "foreground" && document.visibilityState === "visible" && isShown();
}

function isShown() {
  return $("shell").dataset.view === "chat" || matchMedia("(min-width: 720px)").matches;
}

// Delivered as soon as it is here, read when it is in front of somebody.
function mark(conversation) {
  const { chat, connection } = session;
  const newest = conversation.newestForeign;
  if (!newest || !chat.isMember(conversation)) return;
  const reading = isReading(conversation);
  if (reading) conversation.unread = 0;
  const kind = reading ? "read" : "delivered";
  const at = Number(newest.id);
  if (conversation.mine[kind] >= at || conversation.mine.read >= at) return;
  const sent = connection.send({
    type: "receipts",
    receiver: conversation.id,
    receiverType: conversation.kind,
    messageSender: newest.sender,
    body: { action: kind, messageId: newest.id, user: { uid: chat.me.uid } },
  });
  if (sent) conversation.mine[kind] = at;
}

// -- conversations

async function openConversation(conversation, { reveal = true } = {}) {
  const { api, chat, view } = session;
  endTyping();
  chat.active = conversation;
  if (reveal) $("shell").dataset.view = "chat";
  view.people();
  view.header();
  view.typing();
  view.messages({ toEnd: true });
  if (!conversation.loaded && chat.isMember(conversation)) {
    try {
      chat.addHistory(conversation, await api.history(conversation.kind, conversation.id, null, PAGE), PAGE);
    } catch (error) {
      complain(error);
    }
  }
  if (chat.active !== conversation) return;
  mark(conversation);
  view.people();
  view.messages({ toEnd: true });
  if (reveal && matchMedia("(pointer: fine)").matches) $("text").focus();
}

async function loadOlder() {
  const { api, chat, view } = session;
  const conversation = chat.active;
  if (!conversation?.hasOlder || conversation.loading) return;
  conversation.loading = true;
  try {
    chat.addHistory(conversation, await api.history(conversation.kind, conversation.id, conversation.messages[0]?.id, PAGE), PAGE);
    view.messages();
  } catch (error) {
    complain(error);
  } finally {
    conversation.loading = false;
  }
}

async function changeMembership(action) {
  const { api, chat, view } = session;
  const conversation = chat.active;
  try {
    const event = await api[action](conversation.id);
    if (event?.id) chat.add(event);
    chat.groups.get(conversation.id).hasJoined = action === "join";
    conversation.loaded = action !== "join" && conversation.loaded;
    await refreshGroup(conversation);
    await openConversation(conversation);
  } catch (error) {
    complain(error);
  }
}

function complain(error) {
  session?.view.toast(error.code ? `${error.message} (${error.code})` : String(error));
}

// -- writing

function submit() {
  const { chat, view } = session;
  const field = $("text");
  const text = field.value.trim();
  if (!text || !chat.active || !chat.isMember(chat.active)) return;
  field.value = "";
  resize();
  typing.until = 0; // the gateway ends it with the message
  clearTimeout(typing.idle);
  typing.to = null;
  const message = chat.outgoing(chat.active, text);
  view.messages({ toEnd: true });
  transmit(chat.active, message);
}

async function transmit(conversation, message) {
  const { chat, connection } = session;
  message.state = "sending";
  const { category, type, data, muid } = message;
  try {
    chat.acknowledged(message, await connection.sendMessage(conversation.id, conversation.kind, { category, type, data, muid }));
  } catch (error) {
    message.state = "failed";
    message.note = error.message ?? error.code ?? "refused";
  }
  render(conversation, "message");
}

const typing = { to: null, until: 0, idle: null };

function tellTyping(conversation, action) {
  session.connection.send({
    type: "typing_indicator",
    receiver: conversation.id,
    receiverType: conversation.kind,
    body: { action, user: { uid: session.chat.me.uid } },
  });
}

function typed() {
  const { chat } = session;
  resize();
  if (!$("text").value.trim()) return endTyping();
  clearTimeout(typing.idle);
  typing.idle = setTimeout(endTyping, TYPING_IDLE);
  if (typing.to === chat.active && Date.now() < typing.until) return;
  typing.to = chat.active;
  typing.until = Date.now() + TYPING_REFRESH;
  tellTyping(chat.active, "started");
}

function endTyping() {
  clearTimeout(typing.idle);
  if (typing.to && session) tellTyping(typing.to, "ended");
  typing.to = null;
}

function react(symbol) {
  const { chat, connection, view } = session;
  const conversation = chat.active;
  const sent = connection.send({
    type: "transient_message",
    receiver: conversation.id,
    receiverType: conversation.kind,
    body: { user: { uid: chat.me.uid }, data: { LIVE_REACTION: symbol } },
  });
  if (sent) view.reaction(symbol, chat.me.name);
  else view.toast("Live reactions need a connection: they are never stored.", "info");
}

function resize() {
  const field = $("text");
  field.style.height = "auto";
  const wanted = field.scrollHeight + field.offsetHeight - field.clientHeight; // with its border
  field.style.height = `${Math.min(wanted, 160)}px`;
  field.style.overflowY = wanted > 160 ? "auto" : "hidden";
}

// -- theme and panels

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const label = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" }[theme];
  $("theme").title = label;
  $("theme").setAttribute("aria-label", label);
}

function nextTheme() {
  const order = ["auto", "light", "dark"];
  const theme = order[(order.indexOf(document.documentElement.dataset.theme) + 1) % order.length];
  localStorage.setItem("theme", theme);
  applyTheme(theme);
}

function showFrames(shown) {
  $("frames").hidden = !shown;
  $("toggle-frames").setAttribute("aria-expanded", shown);
  localStorage.setItem("frames", shown ? "shown" : "hidden");
  if (shown) frames.refilter();
}

function wire() {
  $("login-form").addEventListener("click", (event) => {
    const uid = event.target.closest("[data-uid]")?.dataset.uid;
    if (uid) signIn({ uid, app: $("login-form").app.value, key: $("login-form").key.value });
  });
  $("login-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { uid, app, key } = $("login-form");
    if (uid.value) signIn({ uid: uid.value.toLowerCase(), app: app.value, key: key.value });
  });
  $("logout").addEventListener("click", () => leaveSession({ signOut: true }));
  $("cut").addEventListener("click", () => session.connection.cut());
  $("theme").addEventListener("click", nextTheme);
  $("back").addEventListener("click", () => ($("shell").dataset.view = "list"));
  $("older").addEventListener("click", loadOlder);
  $("join").addEventListener("click", () => changeMembership("join"));
  $("leave").addEventListener("click", () => changeMembership("leave"));
  $("toggle-frames").addEventListener("click", () => showFrames($("frames").hidden));
  $("frames-close").addEventListener("click", () => {
    showFrames(false);
    $("toggle-frames").focus();
  });
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  $("text").addEventListener("input", typed);
  $("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  $("composer").addEventListener("click", (event) => {
    const symbol = event.target.closest("[data-reaction]")?.dataset.reaction;
    if (symbol) react(symbol);
  });
  for (const radio of document.querySelectorAll('[name="app-state"]')) {
    radio.addEventListener("change", () => {
      session.connection.setAppState(radio.value);
      for (const conversation of session.chat.conversations.values()) mark(conversation);
      session.view.people();
    });
  }
  $("auto-mode").addEventListener("change", () => session.connection.setMode($("auto-mode").checked ? "auto" : "manual"));
  $("conversations").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const entries = [...$("conversations").querySelectorAll(".entry")];
    entries[entries.indexOf(document.activeElement) + step]?.focus();
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && session && !$("frames").hidden && matchMedia("(max-width: 1099px)").matches) showFrames(false);
  });
  document.addEventListener("visibilitychange", () => {
    if (!session || document.visibilityState !== "visible") return;
    for (const conversation of session.chat.conversations.values()) mark(conversation);
    session.view.people();
  });
  window.addEventListener("online", () => session?.connection.state === "waiting" && session.connection.start());
}

applyTheme(localStorage.getItem("theme") ?? "auto");
showFrames(localStorage.getItem("frames") === "shown" && matchMedia("(min-width: 1100px)").matches);
wire();
const signedIn = JSON.parse(sessionStorage.getItem("signed-in") ?? "null");
if (signedIn) signIn(signedIn);
