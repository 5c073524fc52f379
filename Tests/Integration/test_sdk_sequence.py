"""What an unmodified JavaScript SDK of generation 4 does from login to logout, played step by step.

The order, paths, headers and bodies are those that such an SDK was seen to send: before it has settings it uses no
version prefix, afterwards the host and prefix the settings name; everything durable goes by REST; it judges an answer by
whether it has `data`, not by its status.
"""

import asyncio
import json
import time
import uuid

import aiohttp
import pytest

from halley import DEADLINE, World

ORIGIN = "https://app.example"
VERSION = "4.0.10"


class Sdk:
    """One browser tab with one installation of the SDK."""

    def __init__(self, daemon, http, app="dev"):
        self.daemon = daemon
        self.http = http
        self.app = app
        self.session = f"WEB-4_0_10-{uuid.uuid4()}-{int(time.time() * 1000)}"
        self.device = f"{app}_{uuid.uuid4()}_{int(time.time() * 1000)}"
        self.token = None
        self.settings = None
        self.me = None
        self.frames = []

    # -- REST

    async def call(self, method, endpoint, body=None, *, api_key=None):
        """One request, preflight first, as a browser makes it. Gives `data`, or raises the error."""
        host = f"localhost:{self.daemon.port}" if self.settings is None else self.settings["CLIENT_API_HOST"]
        prefix = "" if self.settings is None else f"/{self.settings['CHAT_API_VERSION']}"
        headers = {
            "resource": self.session,
            "appId": self.app,
            "Accept": "application/json",
            "sdk": f"javascript@{VERSION}",
            "Content-Type": "application/json",
        } | ({"apiKey": api_key} if api_key else {"authToken": self.token})
        url = f"https://{host}{prefix}/{endpoint}"
        await self._preflight(method, url, headers)
        sent = headers | {"Origin": ORIGIN}
        async with self.http.request(method, url, headers=sent, data=json.dumps(body) if body is not None else None) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
            document = await answer.json()
        if "data" not in document:
            raise LookupError(document["error"]["code"])
        # The SDK takes over any token it is shown.
        if isinstance(document["data"], dict) and "authToken" in document["data"]:
            self.token = document["data"]["authToken"]
        return document["data"]

    async def _preflight(self, method, url, headers):
        custom = sorted(name.lower() for name in headers if name != "Accept")
        asked = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ",".join(custom),
        }
        async with self.http.options(url, headers=asked) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert method in answer.headers["Access-Control-Allow-Methods"]
            allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
            assert set(custom) <= allowed, set(custom) - allowed

    async def login(self, *, uid=None, auth_key=None, token=None):
        """By uid and auth key, or by a token; then the device's own login, whose answer brings everything else."""
        if token is None:
            made = await self.call("POST", f"users/{uid}/auth_tokens", {}, api_key=auth_key)
            assert made["uid"] == uid
            token = made["authToken"]
        self.token = token
        app_info = {"version": VERSION, "apiVersion": "v3.0", "userAgent": "test", "origin": ORIGIN}
        body = {"platform": "javascript", "deviceId": self.device, "appInfo": app_info}
        self.me = await self.call("PUT", "me", body)
        # Were it another one, the SDK would forget everything and log in once more.
        assert self.me["authToken"] == token
        self.settings = self.me["settings"]
        assert self.settings["APP_VERSION"] >= 4, "else the SDK logs in again whenever it is opened"
        assert self.settings["ANALYTICS_PING_DISABLED"] is True
        assert self.settings["MODE"] == "DEFAULT"
        assert self.settings["settingsHash"]
        return self.me

    # -- the socket

    async def connect(self):
        host = self.settings.get("CHAT_HOST_OVERRIDE") or self.settings.get("CHAT_HOST_APP_SPECIFIC")
        url = f"wss://{host or self.settings['CHAT_HOST']}:{self.settings['CHAT_WSS_PORT']}"
        self.socket = await self.http.ws_connect(url, origin=ORIGIN, autoclose=False)
        await self.send(
            "auth",
            {
                "auth": self.me["jwt"],
                "deviceId": self.session,
                "presenceSubscription": "ALL_USERS",
                "params": {
                    "appInfo": {"version": VERSION, "apiVersion": "v3.0", "origin": ORIGIN, "uts": 1795219852163},
                    "userAgent": "test",
                    "deviceId": self.device,
                    "platform": "javascript",
                },
            },
        )
        answer = await self.receive(type="auth")
        assert answer["body"]["code"] == "200", "the string, not the number"
        assert answer["body"]["status"] == "OK"

    async def send(self, kind, body, receiver=None, author=None, receiver_type="user"):
        frame = {"appId": self.app}
        if receiver:
            frame |= {"receiver": receiver, "receiverType": receiver_type}
        frame |= {"deviceId": self.session, "type": kind, "sender": self.me["uid"]}
        if author:
            frame["messageSender"] = author
        await self.socket.send_str(json.dumps(frame | {"body": body}))

    async def receive(self, **pattern):
        """The next frame like this. What bears the own session id the SDK drops, but for `auth`."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), DEADLINE)
            assert message.type == aiohttp.WSMsgType.TEXT, (message, self.frames[-10:])
            frame = json.loads(message.data)
            self.frames.append(frame)
            if frame.get("deviceId") == self.session and frame["type"] != "auth":
                continue
            if all(frame.get(key) == value for key, value in pattern.items()):
                return frame

    async def ping(self):
        await self.socket.send_str('{"action":"ping","ack":"true"}')
        await asyncio.wait_for(self.receive(action="pong"), 3)

    async def logout(self):
        """REST first, then the socket."""
        await self.call("DELETE", "me")
        await self.socket.close(code=1000, message=b"User logged out")


def text(receiver, words):
    """A text message as the SDK posts it, with what it leaves empty."""
    return {
        "reactions": [],
        "mentionedUsers": [],
        "mentionedMe": False,
        "type": "text",
        "receiverType": "user",
        "category": "message",
        "data": {"text": words},
        "text": words,
        "receiver": receiver,
    }


def play(daemon, story):
    """Runs the story with one browser for all of its tabs."""

    async def run():
        connector = aiohttp.TCPConnector(ssl=daemon.ssl_context())
        async with aiohttp.ClientSession(connector=connector) as http:
            await asyncio.wait_for(story(http), DEADLINE * 6)

    asyncio.run(run())


@pytest.fixture
def sdk_world(start_daemon):
    """Only the page's origin may call, and who leaves stays online for a long while."""
    daemon = start_daemon(HALLEY_PUBLIC_ALLOWEDORIGINS=ORIGIN, HALLEY_RULES_PRESENCEGRACE=300)
    world = World(daemon)
    yield world
    world.close()


def test_from_login_to_logout(sdk_world):
    world, daemon = sdk_world, sdk_world.daemon
    alice, bob = world.user("alice"), world.user("bob")

    async def story(http):
        one, two = Sdk(daemon, http), Sdk(daemon, http)
        await one.login(uid=alice.uid, auth_key="dev-auth-key")
        assert (one.me["uid"], one.me["name"]) == (alice.uid, alice.name)
        await one.connect()
        await two.login(token=bob.token)
        await two.connect()

        # The first status of others comes by REST; what changes comes by presence.
        online = await one.receive(type="presence", sender=bob.uid)
        assert online["body"]["action"] == "online"
        assert (await two.call("GET", f"users/{alice.uid}"))["status"] == "online"
        await one.ping()
        await one.call("POST", "user_sessions", {"sessionId": one.session, "details": {"os": "test"}})

        # Typing, once started and once ended, to a tab that shows who it is.
        await one.send("typing_indicator", {"action": "started", "user": {"uid": alice.uid}}, bob.uid)
        typing = await two.receive(type="typing_indicator")
        assert (typing["sender"], typing["deviceId"]) == (alice.uid, one.session)
        assert typing["body"]["user"]["name"] == alice.name, "the gateway's own record"

        message = await one.call("POST", "messages", text(bob.uid, "hello"))
        assert int(message["id"]) > 0
        assert message["data"]["text"] == "hello"
        assert message["data"]["entities"]["sender"]["entity"]["uid"] == alice.uid
        heard = await two.receive(type="message")
        assert (heard["deviceId"], heard["body"]["id"]) == (one.session, message["id"])
        assert heard["body"]["data"]["entities"]["receiver"]["entity"]["uid"] == bob.uid

        for action in ("delivered", "read"):
            body = {"action": action, "messageId": message["id"], "user": {"uid": bob.uid}}
            await two.send("receipts", body, alice.uid, author=alice.uid)
            receipt = await one.receive(type="receipts")
            assert receipt["body"]["action"] == action
            assert receipt["body"]["messageId"] == message["id"]
            assert isinstance(receipt["body"]["timestamp"], int)
            assert receipt["messageSender"] == alice.uid

        await one.send("transient_message", {"user": {"uid": alice.uid}, "data": {"LIVE_REACTION": "heart"}}, bob.uid)
        assert (await two.receive(type="transient_message"))["body"]["data"] == {"LIVE_REACTION": "heart"}

        page = await two.call("GET", f"users/{alice.uid}/messages?per_page=30&affix=prepend")
        assert page[-1]["id"] == message["id"]

        # A fresh jwt, and one's own record again as a page reload reads it.
        assert (await one.call("POST", "me/jwt", {}))["jwt"]
        again = await one.call("GET", "me")
        assert again["authToken"] == one.token and again["jwt"] and again["settings"] == one.settings

        # Logged out is offline at once, and the token and its jwt are void.
        await one.logout()
        assert (await two.receive(type="presence", sender=alice.uid))["body"]["action"] == "offline"
        assert (await two.call("GET", f"users/{alice.uid}"))["status"] == "offline"
        with pytest.raises(LookupError, match="AUTH_ERR_AUTH_TOKEN_NOT_FOUND"):
            await one.call("GET", "me")
        one.socket = await http.ws_connect(f"wss://localhost:{daemon.port}", origin=ORIGIN)
        await one.send("auth", {"auth": one.me["jwt"], "deviceId": one.session, "presenceSubscription": "NONE"})
        refused = await asyncio.wait_for(one.socket.receive_json(), DEADLINE)
        assert refused["body"]["code"] == "401"
        await two.logout()

    play(daemon, story)


def test_the_gateway_closes_4001_what_a_logout_leaves_open(sdk_world):
    daemon, bob = sdk_world.daemon, sdk_world.user("bob")

    async def story(http):
        tab, other = Sdk(daemon, http), Sdk(daemon, http)
        await tab.login(token=bob.token)
        await tab.connect()
        await other.login(token=bob.new_token())
        await other.connect()
        await tab.call("DELETE", "me")
        error = await tab.receive(type="error")
        assert error["body"]["closeCode"] == 4001
        end = await asyncio.wait_for(tab.socket.receive(), DEADLINE)
        assert (end.type, end.data) == (aiohttp.WSMsgType.CLOSE, 4001)
        # The other device stays, and so does the user.
        await other.ping()
        assert (await other.call("GET", "me"))["status"] == "online"

    play(daemon, story)


def test_users_change_their_own_record_as_the_sdk_does_it(sdk_world):
    daemon, bob = sdk_world.daemon, sdk_world.user("bob")

    async def story(http):
        tab = Sdk(daemon, http)
        await tab.login(token=bob.token)
        wanted = {"uid": bob.uid, "name": "Bob II", "metadata": {"city": "Bern"}, "role": "admin", "tags": ["x"]}
        changed = await tab.call("PUT", "me", wanted)
        assert (changed["name"], changed["metadata"], changed["tags"]) == ("Bob II", {"city": "Bern"}, ["x"])
        assert changed["role"] == "default", "not one's own to give"
        assert (await tab.call("GET", f"users/{bob.uid}"))["name"] == "Bob II"
        with pytest.raises(LookupError, match="ERR_BAD_REQUEST"):
            await tab.call("PUT", "me", {"name": "n" * 101})

    play(daemon, story)


@pytest.mark.parametrize(
    "allowed, origin, answered",
    [
        ("", "https://app.example", False),
        ("https://app.example", "https://app.example", True),
        ("https://app.example", "https://APP.example", True),
        ("https://app.example", "https://app.example.evil", False),
        ("https://app.example", "http://app.example", False),
        ("https://app.example", "https://app.example:8443", False),
        ("https://app.example", "null", False),
        ("*", "https://anything.example", True),
    ],
)
def test_pages_of_allowed_origins_only_may_read_answers(start_daemon, allowed, origin, answered):
    daemon = start_daemon(HALLEY_PUBLIC_ALLOWEDORIGINS=allowed)
    page = daemon.public(Origin=origin)
    answer = page.get("/settings")
    assert answer.status == 200, "served all the same; the browser keeps it from the page"
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if answered else None)
    preflight = page.request("OPTIONS", "/messages", headers={"Access-Control-Request-Method": "POST"})
    assert preflight.headers.get("Access-Control-Allow-Origin") == (origin if answered else None)
    own = daemon.public(Origin=daemon.origin).get("/settings")
    assert own.headers["Access-Control-Allow-Origin"] == daemon.origin, "the gateway's own page"
    assert "Access-Control-Allow-Origin" not in daemon.public().get("/settings").headers
