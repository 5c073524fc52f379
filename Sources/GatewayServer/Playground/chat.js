// What this client knows: people, groups, conversations, messages and marks. No DOM and no network in here:
// frames and REST answers go in, the view reads the result.

const number = (id) => Number(id);

class Conversation {
  constructor(kind, id) {
    this.kind = kind; // "user" or "group", the protocol's receiverType
    this.id = id;
    this.key = `${kind}:${id}`;
    this.messages = []; // ascending by id
    this.outgoing = []; // not acknowledged yet, in the order of sending
    this.loaded = false;
    this.hasOlder = true;
    this.typing = new Set();
    this.unread = 0;
    this.marks = { delivered: new Map(), read: new Map(), deliveredToAll: 0, readByAll: 0 };
    this.mine = { delivered: 0, read: 0 }; // the marks this client has sent
  }

  get newest() {
    return this.messages.at(-1);
  }

  // The newest message of somebody else, the one that receipts are about.
  get newestForeign() {
    return this.messages.findLast((message) => message.category !== "action" && message.sender !== this.me);
  }
}

export class Chat {
  constructor(me) {
    this.me = me;
    this.users = new Map([[me.uid, { ...me, status: "online" }]]);
    this.groups = new Map();
    this.conversations = new Map();
    this.active = null;
  }

  conversation(kind, id) {
    const key = `${kind}:${id}`;
    let found = this.conversations.get(key);
    if (!found) {
      found = new Conversation(kind, id);
      found.me = this.me.uid;
      this.conversations.set(key, found);
    }
    return found;
  }

  addUsers(users) {
    for (const user of users) {
      this.users.set(user.uid, { ...this.users.get(user.uid), ...user });
      if (user.uid !== this.me.uid) this.conversation("user", user.uid);
    }
  }

  addGroups(groups) {
    for (const group of groups) {
      this.groups.set(group.guid, { ...this.groups.get(group.guid), ...group });
      this.conversation("group", group.guid);
    }
  }

  name(uid) {
    return this.users.get(uid)?.name ?? uid;
  }

  isMember(conversation) {
    return conversation.kind === "user" || this.groups.get(conversation.id)?.hasJoined === true;
  }

  conversationOf(message) {
    if (message.receiverType === "group") return this.conversation("group", message.receiver);
    const other = message.sender === this.me.uid ? message.receiver : message.sender;
    return this.conversation("user", other);
  }

  // -- messages

  // Puts a message in its place, once. Gives whether it is new here.
  add(message) {
    const conversation = this.conversationOf(message);
    const { messages } = conversation;
    if (message.muid) conversation.outgoing = conversation.outgoing.filter((waiting) => waiting.muid !== message.muid);
    let at = messages.length;
    while (at > 0 && number(messages[at - 1].id) > number(message.id)) at -= 1;
    if (at > 0 && messages[at - 1].id === message.id) return false;
    messages.splice(at, 0, message);
    const sender = message.data?.entities?.sender?.entity;
    if (sender?.uid && !this.users.has(sender.uid)) this.addUsers([sender]);
    return true;
  }

  addHistory(conversation, page, wanted) {
    for (const message of page) this.add(message);
    conversation.hasOlder = page.length >= wanted;
    conversation.loaded = true;
  }

  // A frame of the realtime connection. Gives the conversation that changed, if any.
  apply(frame) {
    switch (frame.type) {
      case "message":
        return this.message(frame.body);
      case "presence":
        return this.presence(frame);
      case "typing_indicator":
        return this.typing(frame);
      case "receipts":
        return this.receipt(frame);
      case "transient_message":
        return this.peer(frame);
      default:
        return null;
    }
  }

  message(message) {
    const conversation = this.conversationOf(message);
    if (!this.add(message)) return conversation;
    conversation.typing.delete(message.sender);
    if (message.category === "action") this.membership(message, conversation);
    else if (message.sender !== this.me.uid) conversation.unread += 1;
    return conversation;
  }

  membership(message, conversation) {
    const { action, entities } = message.data;
    const group = entities?.for?.entity;
    if (group?.guid) this.addGroups([{ ...group, hasJoined: this.groups.get(group.guid)?.hasJoined ?? false }]);
    const concerned = entities?.on?.entity?.uid ?? entities?.by?.entity?.uid;
    if (concerned !== this.me.uid || !this.groups.has(conversation.id)) return;
    this.groups.get(conversation.id).hasJoined = action === "joined" || action === "added" || action === "scopeChanged";
  }

  presence({ sender, body }) {
    const known = this.users.get(sender) ?? { uid: sender, name: sender };
    this.addUsers([{ ...known, ...body.user, status: body.action === "offline" ? "offline" : "online", lastActiveAt: body.timestamp }]);
    return this.conversations.get(`user:${sender}`);
  }

  typing(frame) {
    const conversation = this.peer(frame);
    if (frame.body.action === "started") conversation.typing.add(frame.sender);
    else conversation.typing.delete(frame.sender);
    return conversation;
  }

  peer({ receiverType, receiver, sender }) {
    return receiverType === "group" ? this.conversation("group", receiver) : this.conversation("user", sender === this.me.uid ? receiver : sender);
  }

  receipt(frame) {
    const conversation = this.peer(frame);
    const { action, messageId } = frame.body;
    const at = number(messageId);
    const { marks } = conversation;
    if (action === "deliveredToAll" || action === "readByAll") {
      marks[action] = Math.max(marks[action], at);
    } else if (frame.sender === this.me.uid) {
      // Another device of mine has read it.
      if (action === "read" && at >= number(conversation.newestForeign?.id ?? 0)) conversation.unread = 0;
    } else {
      for (const kind of action === "read" ? ["delivered", "read"] : ["delivered"]) {
        marks[kind].set(frame.sender, Math.max(marks[kind].get(frame.sender) ?? 0, at));
      }
    }
    return conversation;
  }

  // "sent", "delivered" or "read", and who has come how far, for an own message.
  progress(conversation, message) {
    const { marks } = conversation;
    const at = number(message.id);
    const reached = (kind) => [...marks[kind]].filter(([, mark]) => mark >= at).map(([uid]) => this.name(uid));
    const readers = reached("read");
    const receivers = reached("delivered");
    if (conversation.kind === "user") {
      const state = message.readAt || readers.length ? "read" : message.deliveredAt || receivers.length ? "delivered" : "sent";
      return { state, note: state[0].toUpperCase() + state.slice(1) };
    }
    if (marks.readByAll >= at) return { state: "read", note: "Read by all" };
    const state = marks.deliveredToAll >= at ? "delivered" : "sent";
    const notes = [];
    if (state === "delivered") notes.push("Delivered to all");
    else if (receivers.length) notes.push(`Delivered to ${receivers.join(", ")}`);
    if (readers.length) notes.push(`read by ${readers.join(", ")}`);
    return { state, note: notes.join(", ") || "Sent" };
  }

  // -- own messages

  outgoing(conversation, text) {
    const message = { muid: crypto.randomUUID(), sender: this.me.uid, receiver: conversation.id, receiverType: conversation.kind, category: "message", type: "text", data: { text }, sentAt: Math.floor(Date.now() / 1000), state: "sending" };
    conversation.outgoing.push(message);
    return message;
  }

  acknowledged(message, { id, sentAt }) {
    this.add({ ...message, id, sentAt: sentAt ?? message.sentAt, state: undefined });
  }
}
