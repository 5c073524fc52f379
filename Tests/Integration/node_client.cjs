// A client on Node's own fetch and WebSocket: logs in, chats once each way, leaves. One JSON line per step.
// usage: node node_client.cjs HOST:PORT UID PEER      (NODE_EXTRA_CA_CERTS names the gateway's CA)
"use strict";

const [host, uid, peer] = process.argv.slice(2);
const WebSocketClient = globalThis.WebSocket ?? require("ws");
const session = `WEB-node-${Date.now()}`;
const tell = (step, more = {}) => console.log(JSON.stringify({ step, ...more }));

async function rest(method, path, headers, body) {
  const response = await fetch(`https://${host}${path}`, {
    method,
    headers: { appId: "dev", resource: session, sdk: "javascript@4.0.10", "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!answer.data) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer.data;
}

async function main() {
  // Before an SDK has settings it uses no version prefix.
  const { authToken } = await rest("POST", `/users/${uid}/auth_tokens`, { apiKey: "dev-auth-key" }, {});
  const me = await rest("PUT", "/me", { authToken }, { platform: "javascript", deviceId: "node", appInfo: { version: "4.0.10" } });
  tell("login");
  const socket = new WebSocketClient(`wss://${host}/`);
  const write = (frame) => socket.send(JSON.stringify(frame));
  socket.onopen = () =>
    write({ appId: "dev", deviceId: session, type: "auth", sender: uid, body: { auth: me.jwt, deviceId: session, presenceSubscription: "NONE" } });
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === "auth") {
      if (frame.body.code !== "200") throw new Error(data);
      tell("auth");
      write({ type: "message", ref: "n", receiver: peer, receiverType: "user", body: { category: "message", type: "text", data: { text: "from node" } } });
    } else if (frame.type === "ack") {
      tell("ack");
      write({ action: "ping", ack: "true" });
    } else if (frame.action === "pong") {
      tell("pong");
    } else if (frame.type === "message") {
      tell("message", { text: frame.body.data.text });
      socket.close(1000, "User logged out");
    }
  };
  socket.onerror = (event) => {
    console.error(event.message ?? event.error ?? "error");
    process.exitCode = 1;
  };
  socket.onclose = ({ code }) => tell("closed", { code });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
