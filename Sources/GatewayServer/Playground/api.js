// REST on the gateway's own origin: what an SDK does by HTTP.

export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Api {
  constructor(app, session) {
    this.app = app;
    this.session = session;
    this.token = null;
  }

  // The whole answer: `data`, and `meta` for lists. A refusal throws.
  async request(method, path, body, headers = {}) {
    const sent = { appId: this.app, resource: this.session, ...headers };
    if (this.token && !sent.apiKey) sent.authToken = this.token;
    if (body !== undefined) sent["content-type"] = "application/json";
    let response;
    try {
      response = await fetch("/v3.0" + path, { method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch {
      throw new Refusal(0, "UNREACHABLE", "The gateway cannot be reached.");
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok || answer.error) {
      const error = answer.error ?? {};
      throw new Refusal(response.status, error.code ?? `HTTP_${response.status}`, error.message ?? response.statusText);
    }
    return answer;
  }

  async data(method, path, body, headers) {
    return (await this.request(method, path, body, headers)).data;
  }

  // A token for the user, who is made when unknown. Only for development: a real client never holds the auth key.
  async signIn(uid, key) {
    const withKey = { apiKey: key };
    const make = () => this.data("POST", `/users/${encodeURIComponent(uid)}/auth_tokens`, {}, withKey);
    let made;
    try {
      made = await make();
    } catch (error) {
      if (error.code !== "ERR_UID_NOT_FOUND") throw error;
      await this.data("POST", "/users", { uid, name: uid }, withKey);
      made = await make();
    }
    this.token = made.authToken;
  }

  me(deviceId) {
    const appInfo = { version: "playground", apiVersion: "v3.0" };
    return this.data("PUT", "/me", { platform: "javascript", deviceId, appInfo });
  }

  async freshJwt() {
    const fresh = await this.data("POST", "/me/jwt", {});
    return fresh.jwt ?? fresh;
  }

  signOut() {
    return this.data("DELETE", "/me");
  }

  users() {
    return this.data("GET", "/users?per_page=100");
  }

  groups() {
    return this.data("GET", "/groups?per_page=100");
  }

  group(guid) {
    return this.data("GET", `/groups/${guid}`);
  }

  join(guid) {
    return this.data("POST", `/groups/${guid}/members`, {});
  }

  leave(guid) {
    return this.data("DELETE", `/groups/${guid}/members`);
  }

  // Ascending in time; `before` (exclusive) pages back, without it the newest page.
  history(kind, id, before, count = 30) {
    const cursor = before ? `&id=${before}&affix=prepend` : "";
    return this.data("GET", `/${kind}s/${id}/messages?per_page=${count}${cursor}`);
  }

  // What follows a position, across all conversations.
  since(seq) {
    return this.data("GET", `/messages?id=${seq}&affix=append&per_page=100`);
  }
}
