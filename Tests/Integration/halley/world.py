"""Users, groups and connections of one test. Every test makes its own, so that tests may share a daemon."""

import itertools
import uuid

from .realtime import Client

_numbers = itertools.count(1)


def fresh(prefix):
    """An id nobody else has."""
    return f"{prefix}-{next(_numbers)}-{uuid.uuid4().hex[:8]}"


class User:
    def __init__(self, world, uid, name, token):
        self.world = world
        self.uid = uid
        self.name = name
        self.token = token

    def new_token(self):
        """One more device's token."""
        return self.world.backend.post(f"/users/{self.uid}/auth_tokens", {}).data["authToken"]

    def rest(self, client=None, **headers):
        """The client REST interface; `client` is the connection whose session is stamped on what results."""
        if client is not None:
            headers["resource"] = client.session
        return self.world.daemon.public(app=self.world.app, authToken=self.token, **headers)

    def open(self, **options):
        """A connection that has not authenticated yet."""
        credential = options.pop("credential", self.token)
        return self.world.keep(Client(self.world.daemon, self.uid, credential, app=self.world.app, **options))

    def connect(self, *, session=None, credential=None, compression="deflate", **body):
        """An authenticated connection; its `auth` answer is kept in `welcome`."""
        client = self.open(session=session, credential=credential or self.token, compression=compression)
        client.welcome = client.auth(**body)
        return client

    def send(self, receiver, text="hello", kind="user", client=None, **body):
        """A text message by REST; gives the message."""
        content = {
            "receiver": receiver,
            "receiverType": kind,
            "category": "message",
            "type": "text",
            "data": {"text": text},
        }
        return self.rest(client).post("/messages", content | body).data


class World:
    def __init__(self, daemon, app="dev", key="dev-api-key"):
        self.daemon = daemon
        self.app = app
        self.backend = daemon.backend(app=app, key=key)
        self.clients = []
        self._ticker = None

    def user(self, prefix="user", **fields):
        uid = fresh(prefix)
        name = fields.pop("name", f"Name of {uid}")
        self.backend.post("/users", {"uid": uid, "name": name} | fields).ok()
        return User(self, uid, name, self.backend.post(f"/users/{uid}/auth_tokens", {}).data["authToken"])

    def users(self, count, prefix="user"):
        return [self.user(prefix) for _ in range(count)]

    def group(self, owner, *members, kind="public", **fields):
        """A group of `owner` with `members` in it; gives its guid."""
        guid = fresh("group")
        self.backend.acting(owner.uid).post("/groups", {"guid": guid, "name": guid, "type": kind} | fields).ok()
        for start in range(0, len(members), 25):
            chosen = [member.uid for member in members[start : start + 25]]
            results = self.backend.put(f"/groups/{guid}/members", {"participants": chosen}).data["participants"]
            assert all(results[uid] == {"success": True} for uid in chosen), results
        return guid

    def keep(self, client):
        self.clients.append(client)
        return client

    def barrier(self, *clients):
        """When it returns, each client has received every durable frame decided before the call."""
        if self._ticker is None:
            self._ticker = self.user("ticker")
        for client in clients:
            sent = self._ticker.send(client.uid, "barrier")
            client.expect(type="message", body={"id": sent["id"]})

    def presence(self, *uids):
        """The operator's view of who is online: {uid: row}."""
        rows = self.backend.get("/presence", query={"uids": ",".join(uids)}).data
        return {row["uid"]: row for row in rows}

    def close(self):
        for client in self.clients:
            client.drop()
        self.clients.clear()
