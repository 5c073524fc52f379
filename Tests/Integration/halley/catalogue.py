"""How to call every route, and a pair of apps that look alike, for tests that walk all of `openapi.yaml`.

A route that is described and has no entry in `CALLS` fails those tests with its name: whoever adds a route says here how
it is called.
"""

import json
from dataclasses import dataclass, field

import yaml

from .daemon import ROOT
from .realtime import Client
from .world import User, World, fresh

METHODS = ("get", "post", "put", "patch", "delete")
# The address is the credential: whoever knows it may read it, of whichever app.
CAPABILITIES = {"GET media/{key}/{name}"}
NAMES = ("alice", "bob", "carol", "dave")


def described():
    """The description as it stands beside the sources; a test holds it against what is served."""
    return yaml.safe_load((ROOT / "Sources/GatewayServer/openapi.yaml").read_text())


def operations(document=None):
    """{`GET users/{uid}`: its description}, but for the operators' own pages and for capabilities."""
    found = {}
    for path, item in (document or described())["paths"].items():
        for method in METHODS:
            if method in item and "operations" not in item[method]["tags"]:
                found[f"{method.upper()} {path[1:]}"] = item[method]
    return {name: description for name, description in found.items() if name not in CAPABILITIES}


@dataclass
class Target:
    """The objects that a call names: those of one app."""

    mark: str
    app: str
    uids: dict
    guid: str
    token: str = ""
    ids: dict = field(default_factory=dict)
    sessionid: str = "no-such-session"
    jwt: str = ""
    spare: str = field(default_factory=lambda: fresh("spare"))

    @classmethod
    def of_nobody(cls, uid):
        """Objects that are nowhere, but for the user who acts."""
        uids = {name: fresh("nobody") for name in NAMES} | {"alice": uid}
        ids = dict.fromkeys(("direct", "group", "answer", "interactive"), "9007199254740000")
        return cls("", "dev", uids, fresh("nowhere"), token="none", ids=ids)

    def path(self, operation, call):
        """The operation's path with this target's objects in it."""
        values = {
            "uid": self.uids[call.uid],
            "guid": self.guid,
            "id": self.ids.get(call.id, self.ids["direct"]),
            "token": self.token,
            "sessionid": self.sessionid,
            "appId": self.app,
            "emoji": "%F0%9F%91%8D",
            "version": "v1.0",
        }
        path = "/" + operation.split(" ", 1)[1]
        for name, value in values.items():
            path = path.replace("{" + name + "}", value)
        assert "{" not in path, f"{operation}: no value for a parameter of {path}"
        return path


@dataclass
class Call:
    """How one route is called: who acts, which of the target's objects stand in the path, query and body."""

    body: object = None
    query: object = None
    actor: str = "alice"
    uid: str = "bob"
    id: str = "direct"
    headers: object = None
    # Read as a stream of lines that does not end.
    streams: bool = False

    def arguments(self, target):
        options = {}
        if self.query:
            options["query"] = self.query(target)
        if self.headers:
            options["headers"] = self.headers(target)
        body = self.body(target) if self.body else None
        return ([body] if body is not None else []), options


def text(receiver, kind="user", **more):
    return {"receiver": receiver, "receiverType": kind, "category": "message", "type": "text", "data": {"text": "x"}} | more


def line(target):
    return (json.dumps(text(target.uids["bob"], sender=target.uids["alice"])) + "\n").encode()


def everyone(target):
    return {"uids": ",".join(target.uids.values()), "per_page": 100}


CALLS = {
    # Users, tokens, friends, blocks.
    "GET users": Call(query=everyone),
    "POST users": Call(lambda t: {"uid": t.spare, "name": "x"}),
    "GET users/{uid}": Call(),
    "PUT users/{uid}": Call(lambda t: {"name": "changed", "metadata": {"changed": 1}}),
    "DELETE users/{uid}": Call(lambda t: {"permanent": True}),
    "POST users/{uid}/auth_tokens": Call(lambda t: {}),
    "GET users/{uid}/auth_tokens": Call(),
    "DELETE users/{uid}/auth_tokens": Call(),
    "DELETE users/{uid}/auth_tokens/{token}": Call(),
    "GET users/{uid}/friends": Call(uid="alice"),
    "POST users/{uid}/friends": Call(lambda t: {"friends": [t.uids["carol"]]}),
    "DELETE users/{uid}/friends": Call(lambda t: {"friends": [t.uids["alice"]]}),
    "GET blockedusers": Call(),
    "POST blockedusers": Call(lambda t: {"blockedUids": [t.uids["bob"]]}),
    "DELETE blockedusers": Call(lambda t: {"blockedUids": [t.uids["dave"]]}),
    # Oneself.
    "GET me": Call(),
    "PUT me": Call(lambda t: {"platform": "test", "deviceId": "d"}),
    "DELETE me": Call(),
    "POST me/jwt": Call(),
    "GET settings": Call(),
    "POST user_sessions": Call(lambda t: {}),
    # Groups.
    "GET groups": Call(query=lambda t: {"searchKey": t.guid}),
    "POST groups": Call(lambda t: {"guid": t.spare, "name": "x", "type": "public"}),
    "GET groups/{guid}": Call(),
    "PUT groups/{guid}": Call(lambda t: {"name": "changed"}),
    "DELETE groups/{guid}": Call(),
    "PATCH groups/{guid}/owner": Call(lambda t: {"owner": t.uids["bob"]}),
    "GET groups/{guid}/members": Call(),
    "POST groups/{guid}/members": Call(lambda t: {}, actor="carol"),
    "PUT groups/{guid}/members": Call(lambda t: {"participants": [t.uids["carol"]]}),
    "DELETE groups/{guid}/members": Call(actor="bob"),
    "PUT groups/{guid}/members/{uid}": Call(lambda t: {"scope": "moderator"}),
    "DELETE groups/{guid}/members/{uid}": Call(),
    "GET groups/{guid}/bannedusers": Call(),
    "POST groups/{guid}/bannedusers": Call(lambda t: {"uids": [t.uids["bob"]]}),
    "POST groups/{guid}/bannedusers/{uid}": Call(),
    "DELETE groups/{guid}/bannedusers": Call(lambda t: {"uids": [t.uids["dave"]]}),
    "DELETE groups/{guid}/bannedusers/{uid}": Call(uid="dave"),
    "GET groups/{guid}/online": Call(),
    # Messages.
    "POST messages": Call(lambda t: text(t.uids["bob"])),
    "POST messages/bulk": Call(line),
    "GET messages": Call(query=lambda t: {"per_page": 100}),
    "GET users/{uid}/messages": Call(),
    "GET groups/{guid}/messages": Call(),
    "GET messages/{id}": Call(),
    "PUT messages/{id}": Call(lambda t: {"data": {"text": "changed"}}),
    "DELETE messages/{id}": Call(),
    "GET messages/{id}/thread": Call(),
    "POST messages/{id}/thread": Call(lambda t: text(t.uids["bob"])),
    "GET messages/{id}/reactions": Call(),
    "POST messages/{id}/reactions": Call(lambda t: {"reaction": "👍"}, actor="bob"),
    "DELETE messages/{id}/reactions": Call(),
    "GET messages/{id}/reactions/{emoji}": Call(),
    "POST messages/{id}/reactions/{emoji}": Call(actor="bob"),
    "DELETE messages/{id}/reactions/{emoji}": Call(),
    "PATCH messages/{id}/interacted": Call(lambda t: {"interactions": ["ok"]}, actor="bob", id="interactive"),
    "GET conversations": Call(),
    "GET users/{uid}/conversation": Call(),
    "PUT users/{uid}/conversation": Call(lambda t: {"tags": ["changed"]}),
    "DELETE users/{uid}/conversation": Call(),
    "DELETE users/{uid}/conversation/read": Call(lambda t: {"messageId": t.ids["answer"]}),
    "GET groups/{guid}/conversation": Call(),
    "PUT groups/{guid}/conversation": Call(lambda t: {"tags": ["changed"]}),
    "DELETE groups/{guid}/conversation": Call(),
    "DELETE groups/{guid}/conversation/read": Call(lambda t: {"messageId": t.ids["group"]}, actor="bob"),
    # Calls.
    "POST calls": Call(lambda t: {"receiver": t.uids["dave"], "receiverType": "user", "type": "audio"}, actor="bob"),
    "PUT calls/{sessionid}": Call(lambda t: {"status": "cancelled"}),
    # The backend's.
    "POST transient": Call(
        lambda t: {"receiver": t.uids["bob"], "receiverType": "user", "data": {"x": 1}},
    ),
    "POST typing": Call(lambda t: {"receiver": t.uids["bob"], "receiverType": "user", "action": "started"}),
    "POST users/{uid}/disconnect": Call(lambda t: {}),
    "POST apps/{appId}/disconnect": Call(lambda t: {}),
    "GET presence": Call(query=everyone),
    "GET events": Call(query=lambda t: {"after": 0}, streams=True),
    "GET connections": Call(),
    "GET users/{uid}/trace": Call(),
    "POST api/{version}/online-members": Call(
        lambda t: {"groups": [t.guid]}, headers=lambda t: {"Authorization": t.jwt}
    ),
}


def call_of(operation):
    """The entry of a described route."""
    assert operation in CALLS, f"{operation} is described, and halley/catalogue.py does not know how to call it"
    return CALLS[operation]


class Side:
    """One app's half of a pair: users, a group, conversations, connections. Everything it says has its mark in it."""

    def __init__(self, daemon, app, key, names, guid, routes):
        self.world = World(daemon, app=app, key=key)
        self.mark = f"mark-of-{app}-{fresh('m')}"
        self.users = {name: self._user(name, uid) for name, uid in names.items()}
        self.target = Target(self.mark, app, names, guid, token=self.users["bob"].token)
        self._group(guid)
        self._say(routes)
        self._more(routes)
        self.clients = {
            name: self.world.keep(
                Client(daemon, user.uid, user.token, app=app, session=f"session-{name}-{names[name]}")
            )
            for name, user in self.users.items()
        }
        for client in self.clients.values():
            client.auth(presenceSubscription="ALL_USERS")

    def close(self):
        self.world.close()

    @property
    def backend(self):
        return self.world.backend

    def rest(self, name, **headers):
        user = self.users[name]
        return user.rest(self.clients[name], **headers)

    def acting(self, name):
        return self.backend.acting(self.users[name].uid)

    # -- making

    def _user(self, name, uid):
        shown = f"{name} {self.mark}"
        self.backend.post("/users", {"uid": uid, "name": shown, "metadata": {"mark": self.mark}}).ok()
        token = self.backend.post(f"/users/{uid}/auth_tokens", {}).data["authToken"]
        return User(self.world, uid, shown, token)

    def _group(self, guid):
        body = {"guid": guid, "name": f"{guid} {self.mark}", "type": "public", "description": self.mark}
        self.acting("alice").post("/groups", body).ok()
        members = {"participants": [self.users["bob"].uid, self.users["dave"].uid]}
        self.backend.put(f"/groups/{guid}/members", members).ok()
        self.backend.post(f"/users/{self.users['bob'].uid}/friends", {"friends": [self.users["alice"].uid]}).ok()

    def _say(self, routes):
        # The same muids in both apps: a message of one is no duplicate of the other's.
        ids = self.target.ids
        alice, bob, guid = self.users["alice"], self.users["bob"], self.target.guid
        sent = {
            "direct": alice.send(bob.uid, self.mark, muid="m-direct"),
            "group": alice.send(guid, self.mark, "group", muid="m-group"),
            "answer": bob.send(alice.uid, self.mark, muid="m-answer"),
        }
        assert not any(message.get("duplicate") for message in sent.values())
        ids |= {name: message["id"] for name, message in sent.items()}
        if "PATCH messages/{id}/interacted" in routes:
            form = {
                "category": "interactive",
                "type": "form",
                "data": {
                    "interactiveData": {"title": self.mark},
                    "interactionGoal": {"type": "anyOf", "elementIds": ["ok"]},
                },
            }
            ids["interactive"] = alice.rest().post("/messages", text(bob.uid) | form).data["id"]

    def _more(self, routes):
        """What needs routes that may not be there."""
        alice, dave = self.users["alice"], self.users["dave"]
        if "POST messages/{id}/reactions/{emoji}" in routes:
            alice.rest().post(f"/messages/{self.target.ids['direct']}/reactions/%F0%9F%91%8D").ok()
        if "POST groups/{guid}/bannedusers/{uid}" in routes:
            alice.rest().post(f"/groups/{self.target.guid}/bannedusers/{dave.uid}").ok()
        if "POST blockedusers" in routes:
            alice.rest().post("/blockedusers", {"blockedUids": [dave.uid]}).ok()
        if "POST calls" in routes:
            body = {"receiver": self.users["carol"].uid, "receiverType": "user", "type": "audio"}
            call = alice.rest().post("/calls", body).data
            self.target.sessionid = call["data"]["entities"]["on"]["entity"]["sessionid"]
        self.target.jwt = alice.rest().put("/me", {}).data["jwt"]

    # -- looking

    def snapshot(self, routes):
        """Everything that this app shows of its half, as JSON."""
        target, alice = self.target, self.users["alice"]
        pages = {
            "users": self.backend.get("/users", query=everyone(target)),
            "group": self.backend.get(f"/groups/{target.guid}"),
            "members": self.backend.get(f"/groups/{target.guid}/members"),
            "direct": alice.rest().get(f"/users/{target.uids['bob']}/messages"),
            "in the group": alice.rest().get(f"/groups/{target.guid}/messages"),
            "presence": self.backend.get("/presence", query=everyone(target)),
        }
        for uid in target.uids.values():
            pages[f"friends of {uid}"] = self.backend.get(f"/users/{uid}/friends")
            pages[f"tokens of {uid}"] = self.backend.get(f"/users/{uid}/auth_tokens")
        for route in ("blockedusers", "conversations", "groups/{guid}/bannedusers"):
            if f"GET {route}" in routes:
                pages[route] = alice.rest().get("/" + route.replace("{guid}", target.guid))
        return {name: answer.data for name, answer in pages.items()}


class Pair:
    """Two apps with the same uids, guid, muids and sessions."""

    def __init__(self, daemon, routes):
        names = {name: fresh(name) for name in NAMES}
        guid = fresh("twin")
        self.ours = Side(daemon, "dev", "dev-api-key", names, guid, routes)
        self.theirs = Side(daemon, "second", "second-api-key", names, guid, routes)

    def close(self):
        self.ours.close()
        self.theirs.close()
