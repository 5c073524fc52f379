// One realtime connection that stays: authenticates, pings, reconnects and resumes.
//
//   stopped ─start─► connecting ─open─► authenticating ─200─► replaying ─resumed─► live
//      ▲                 ▲                                        (without resume: live at once)
//      └─fatal close     └─────waiting◄──── any close that advises to come back
//                              background ◄ 4202, until the app is in the foreground again
//
// What it promises to its user: a message handed to `sendMessage` is sent until it is answered, also over
// reconnects; its muid makes that safe.

const PONG_WAIT = 5000;
const BACKOFF_FIRST = 500;
const BACKOFF_MOST = 15000;

export class Connection extends EventTarget {
  constructor({ url, app, uid, session, deviceId, jwt, freshJwt }) {
    super();
    Object.assign(this, { url, app, uid, session, deviceId, jwt, freshJwt });
    this.state = "stopped";
    this.appState = "foreground";
    this.mode = "manual";
    this.lastSeq = null;
    this.roundTrip = null;
    this.attempts = 0;
    this.unanswered = new Map(); // ref → { frame, resolve, reject }
    this.socket = null;
    this.timers = {};
  }

  start() {
    if (this.state === "stopped" || this.state === "waiting" || this.state === "background") this.connect();
  }

  stop() {
    this.abandon();
    this.socket?.close(1000, "User logged out");
    this.socket = null;
    this.change("stopped");
  }

  // As if the network went away; what follows is the usual way back.
  cut() {
    const socket = this.socket;
    if (!socket) return;
    socket.close(1000, "cut");
    this.closed(socket, { code: 1006, reason: "cut by hand" });
  }

  get isUp() {
    return this.state === "live" || this.state === "replaying";
  }

  // Sends now or not at all: typing, receipts, transient events.
  send(frame) {
    if (this.isUp) this.write(frame);
    return this.isUp;
  }

  // Resolves with the ack's body, rejects with the error's body.
  sendMessage(receiver, receiverType, body) {
    const ref = crypto.randomUUID();
    const frame = { type: "message", ref, receiver, receiverType, body };
    return new Promise((resolve, reject) => {
      this.unanswered.set(ref, { frame, resolve, reject });
      if (this.isUp) this.write(frame);
    });
  }

  setAppState(state) {
    this.appState = state;
    if (this.isUp) this.write({ type: "app_state", body: { state } });
    else if (state === "foreground" && this.state === "background") this.connect();
  }

  // The mode is said in `auth`, so a change takes a new connection.
  setMode(mode) {
    if (this.mode === mode) return;
    this.mode = mode;
    if (this.socket) this.cut();
  }

  // -- the life of a socket

  connect() {
    this.abandon();
    this.lastError = null;
    this.change("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => this.authenticate();
    socket.onmessage = (event) => socket === this.socket && this.received(event.data);
    socket.onclose = (event) => this.closed(socket, event);
  }

  authenticate() {
    this.change("authenticating");
    const body = {
      auth: this.jwt,
      deviceId: this.session,
      presenceSubscription: "ALL_USERS",
      params: { appInfo: { version: "playground" }, deviceId: this.deviceId, platform: "javascript" },
      connectionMode: this.mode,
      appState: this.appState,
    };
    if (this.lastSeq !== null) body.resume = { lastSeq: this.lastSeq };
    this.write({ appId: this.app, deviceId: this.session, type: "auth", sender: this.uid, body });
  }

  authenticated(body) {
    this.attempts = 0;
    const resuming = this.lastSeq !== null;
    if (!resuming) this.lastSeq = body.seq;
    this.change(resuming ? "replaying" : "live");
    for (const { frame } of this.unanswered.values()) this.write(frame);
    const interval = (body.pingInterval ?? 15) * 1000;
    this.timers.ping = setInterval(() => this.ping(), interval);
    this.ping();
    if (!resuming) this.tell("ready", { complete: true, resumed: false, seq: body.seq });
  }

  ping() {
    this.pingedAt = performance.now();
    this.write({ action: "ping", ack: "true" });
    clearTimeout(this.timers.pong);
    this.timers.pong = setTimeout(() => this.cut(), PONG_WAIT);
  }

  received(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    this.tell("frame", { direction: "in", frame, text });
    if (frame.action === "pong") {
      clearTimeout(this.timers.pong);
      this.roundTrip = Math.max(1, Math.round(performance.now() - this.pingedAt));
      this.change(this.state);
      return;
    }
    if (frame.seq > (this.lastSeq ?? 0)) this.lastSeq = frame.seq;
    switch (frame.type) {
      case "auth":
        if (frame.body.code === "200") this.authenticated(frame.body);
        return;
      case "resumed":
        if (frame.body.complete) this.lastSeq = Math.max(this.lastSeq, frame.body.seq);
        this.change("live");
        this.tell("ready", { ...frame.body, resumed: true });
        return;
      case "ack":
        this.answer(frame.ref, "resolve", { ...frame.body, seq: frame.seq });
        return;
      case "error":
        this.lastError = frame.body;
        if (frame.ref && this.answer(frame.ref, "reject", frame.body)) return;
        this.tell("problem", frame.body);
        return;
      default:
        this.tell("event", frame);
    }
  }

  answer(ref, how, body) {
    const waiting = this.unanswered.get(ref);
    if (!waiting) return false;
    this.unanswered.delete(ref);
    waiting[how](body);
    return true;
  }

  // What a close code means for the way back: protocol.md, section 5.
  async closed(socket, { code, reason }) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.abandon();
    const advised = this.lastError?.closeCode === code ? this.lastError.retryAfterMs : 0;
    if (code === 4202) {
      this.change("background");
      if (this.appState === "foreground") this.connect();
    } else if (code === 4002) {
      await this.renew();
    } else if (code >= 4000 && code < 4100) {
      this.change("stopped");
      this.tell("fatal", { code, message: this.lastError?.message || reason || "The gateway refused this sign-in." });
    } else if (code >= 4300 && code < 4400) {
      this.change("stopped");
      this.tell("ended", { code, message: this.lastError?.message || reason || "The connection was ended by policy." });
    } else if (code >= 4200 && code < 4300) {
      this.wait(advised || 100);
    } else {
      const most = Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** this.attempts);
      this.wait(Math.max(advised, most / 2 + (Math.random() * most) / 2));
    }
  }

  async renew() {
    this.change("waiting", 0);
    try {
      this.jwt = await this.freshJwt();
      this.connect();
    } catch (error) {
      if (error.status >= 400 && error.status < 500) this.tell("fatal", { code: 4002, message: error.message });
      else this.wait(BACKOFF_MOST / 3);
    }
  }

  wait(delay) {
    this.attempts += 1;
    this.change("waiting", delay);
    this.timers.retry = setTimeout(() => this.connect(), delay);
  }

  // -- small things

  write(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const text = JSON.stringify(frame);
    this.socket.send(text);
    this.tell("frame", { direction: "out", frame, text });
  }

  abandon() {
    clearInterval(this.timers.ping);
    clearTimeout(this.timers.pong);
    clearTimeout(this.timers.retry);
  }

  change(state, delay = 0) {
    this.state = state;
    this.tell("state", { state, delay, roundTrip: this.roundTrip, seq: this.lastSeq });
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
