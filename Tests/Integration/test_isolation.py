"""Several apps in one gateway: nothing of one is seen, changed or heard from another (protocol 2).

Two apps hold the same uids, guid, muids and session ids. Every described route and every frame is tried with one app's
credentials against the other's objects.
"""

import select
import signal
import time
import urllib.parse

import pytest
import yaml

from halley import DEADLINE, Client, World, keys, until
from halley.catalogue import Pair, call_of, described, operations, text

ROUTES = operations()


@pytest.fixture
def pair(daemon):
    pair = Pair(daemon, ROUTES)
    yield pair
    pair.close()


@pytest.fixture(scope="module")
def quiet_pair(daemon):
    """Shared by the tests that only look."""
    pair = Pair(daemon, ROUTES)
    yield pair
    pair.close()


def test_the_description_walked_here_is_the_one_that_is_served(world):
    assert yaml.safe_load(world.backend.get("/openapi.yaml", prefix="").body) == described()


def lines_until(api, path, query, mark):
    """The lines of an endless answer, up to the first with `mark` in it."""
    connection = api.connection()
    connection.request("GET", f"{path}?{urllib.parse.urlencode(query)}", headers=api.headers)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    lines, end = [], time.monotonic() + DEADLINE
    while not (lines and mark in lines[-1]):
        select.select([connection.sock], [], [], max(end - time.monotonic(), 0))
        lines.append(response.readline().decode())
        assert time.monotonic() < end, lines[-20:]
    connection.close()
    return lines


class Walk:
    """One route, called in every way that our app's credentials allow."""

    def __init__(self, pair, operation):
        self.pair = pair
        self.operation = operation
        self.call = call_of(operation)
        self.method = operation.split()[0]

    def callers(self):
        ours, actor = self.pair.ours, self.call.actor
        daemon = ours.world.daemon
        return {
            "user": ours.rest(actor),
            "auth key": daemon.public(apiKey="dev-auth-key"),
            "backend for a user": ours.acting(actor),
            "backend": ours.backend,
        }

    def answers(self, target):
        """What each caller is told when the call names the target's objects."""
        return {name: self.ask(api, target) for name, api in self.callers().items()}

    def ask(self, api, target):
        arguments, options = self.call.arguments(target)
        # The caller is always one of ours, also where the credential is no header of the interface.
        if "headers" in options:
            options["headers"] = self.call.headers(self.pair.ours.target)
        return api.request(self.method, target.path(self.operation, self.call), *arguments, **options)


@pytest.mark.parametrize("operation", [name for name in ROUTES if not call_of(name).streams])
def test_no_route_shows_or_changes_anything_of_another_app(request, operation):
    pair = request.getfixturevalue("quiet_pair" if operation.startswith("GET ") else "pair")
    ours, theirs = pair.ours, pair.theirs
    walk = Walk(pair, operation)
    before = theirs.snapshot(ROUTES)
    answers = walk.answers(theirs.target)
    worked = walk.answers(ours.target)
    for answer in [*answers.values(), *worked.values()]:
        assert theirs.mark not in answer.body.decode(), operation
        assert answer.status < 500, (operation, answer.body)
    # Otherwise the walk would prove nothing.
    assert any(answer.status == 200 for answer in [*answers.values(), *worked.values()]), {
        name: (answer.status, answer.body) for name, answer in worked.items()
    }
    assert theirs.snapshot(ROUTES) == before
    heard_nothing(pair)


@pytest.mark.parametrize("operation", [name for name in ROUTES if call_of(name).streams])
def test_no_stream_shows_anything_of_another_app(pair, operation):
    ours, theirs = pair.ours, pair.theirs
    call = call_of(operation)
    theirs.users["alice"].send(theirs.target.uids["bob"], theirs.mark)
    last = ours.users["alice"].send(ours.target.uids["bob"], f"last {ours.mark}")
    path = ours.backend.prefix + ours.target.path(operation, call)
    lines = lines_until(ours.backend, path, call.query(ours.target), f"last {ours.mark}")
    assert last["id"] in "".join(lines)
    assert not any(theirs.mark in line for line in lines)


def heard_nothing(pair):
    """Whatever their connections were sent, nothing of it came from us; and they all still stand."""
    theirs = pair.theirs
    theirs.world.barrier(*theirs.clients.values())
    for name, client in theirs.clients.items():
        foreign = [frame.text for frame in client.seen if pair.ours.mark in frame.text or frame.get("appId") == "dev"]
        assert not foreign, (name, foreign)
        assert client.close_code is None, (name, client.close_code)


# -- frames


def frames(us, them):
    """Every frame a client may send, named as if it were of the other app and about its objects."""
    bob, guid = them.target.uids["bob"], them.target.guid
    envelope = {"appId": them.target.app, "sender": them.target.uids["alice"], "deviceId": f"session-bob-{bob}"}
    direct = envelope | {"receiver": bob, "receiverType": "user"}
    group = envelope | {"receiver": guid, "receiverType": "group"}
    for where in (direct, group):
        yield where | {"type": "typing_indicator", "body": {"action": "started", "metadata": {"m": us.mark}}}
        yield where | {"type": "transient_message", "body": {"data": {"m": us.mark}}}
        yield where | {"type": "message", "ref": f"to-{where['receiverType']}", "body": text("", data={"text": us.mark})}
        for action in ("delivered", "read"):
            for message_id in them.target.ids.values():
                yield where | {"type": "receipts", "body": {"action": action, "messageId": message_id}}
        yield where | {"type": "typing_indicator", "body": {"action": "ended"}}
        yield where | {"type": "nobody-knows-this", "body": {}}
    yield envelope | {"type": "auth", "body": {"auth": us.users["alice"].token}}
    yield envelope | {"type": "app_state", "body": {"state": "foreground"}}
    yield {"action": "ping", "ack": "true"}


def test_no_frame_reaches_or_changes_another_app(pair):
    ours, theirs = pair.ours, pair.theirs
    before = theirs.snapshot(ROUTES)
    client = ours.clients["alice"]
    for frame in frames(ours, theirs):
        client.send(frame)
    for ref in ("to-user", "to-group"):
        client.expect(type="ack", ref=ref)
    ours.clients["bob"].expect(type="message", body={"data": {"text": ours.mark}, "receiverType": "user"})
    # Presence: one of ours goes, and comes back.
    ours.clients["carol"].close()
    ours.users["carol"].connect(session="another")
    assert theirs.snapshot(ROUTES) == before
    heard_nothing(pair)


@pytest.mark.parametrize("credential", ["token", "jwt", "app-signed jwt"])
def test_no_credential_opens_another_app(pair, credential):
    ours, theirs = pair.ours, pair.theirs
    alice = ours.users["alice"]
    if credential == "token":
        value, app = alice.token, "second"
    elif credential == "jwt":
        value, app = ours.target.jwt, "second"
    else:
        value, app = keys.signed(alice.uid, audience="second"), "dev"
    client = ours.world.keep(Client(ours.world.daemon, alice.uid, value, app=app))
    client.send(client.auth_frame())
    client.expect_refusal(401, 4000)
    heard_nothing(pair)


def test_revoking_and_disconnecting_in_one_app_spares_the_other(pair):
    ours = pair.ours
    bob = ours.target.uids["bob"]
    ours.backend.post(f"/users/{bob}/disconnect", {}).ok()
    ours.clients["bob"].expect_close(4300)
    # The same bytes as a token of the other app mean nothing here.
    ours.backend.delete(f"/users/{bob}/auth_tokens/{pair.theirs.target.token}")
    ours.backend.delete(f"/users/{bob}/auth_tokens").ok()
    ours.backend.delete(f"/users/{ours.target.uids['alice']}").ok()
    ours.clients["alice"].expect_close(4005)
    ours.backend.post("/apps/dev/disconnect", {}).ok()
    ours.clients["carol"].expect_close(4300)
    heard_nothing(pair)
    pair.theirs.rest("bob").get("/me").ok()


def test_resume_replays_the_own_app_only(pair):
    for side, other in ((pair.ours, pair.theirs), (pair.theirs, pair.ours)):
        bob = side.users["bob"]
        again = bob.connect(session="again", resume={"lastSeq": 0})
        again.expect(type="resumed")
        replayed = [frame.text for frame in again.seen]
        assert any(side.mark in text for text in replayed)
        assert not any(other.mark in text for text in replayed)


def test_metrics_name_nobody(pair):
    page = pair.ours.backend.get("/metrics", prefix="").body.decode()
    for side in (pair.ours, pair.theirs):
        for secret in (side.mark, side.target.guid, side.target.token, *side.target.uids.values()):
            assert secret not in page


# -- apps that come and go


def test_an_app_is_added_and_taken_away_by_reload_and_its_data_stays(start_daemon):
    daemon = start_daemon()
    file = daemon.directory / "apps.d/third.yaml"
    definition = "id: third\nauthKey: third-auth\napiKeys: [third-api]\n"

    def reload():
        said = daemon.output.count("configuration reloaded")
        daemon.signal(signal.SIGHUP)
        until(lambda: daemon.output.count("configuration reloaded") > said, what="the reload")

    stays = World(daemon).user().connect()
    before = daemon.public(app="third", authToken="x").get("/me")
    before.refused(403, "AUTH_ERR_INVALID_APPID")

    file.write_text(definition)
    reload()
    world = World(daemon, app="third", key="third-api")
    alice, bob = world.users(2)
    client = bob.connect()
    message = alice.send(bob.uid, "kept")
    client.expect(type="message", body={"id": message["id"]})

    file.unlink()
    reload()
    assert client.expect(type="error").body["closeCode"] == 4004
    client.expect_close(4004)
    late = bob.open()
    late.send(late.auth_frame())
    late.expect_refusal(403, 4004)
    alice.rest().get("/me").refused(403, "AUTH_ERR_INVALID_APPID")
    world.backend.get("/users").refused(403, "AUTH_ERR_INVALID_APPID")
    assert stays.close_code is None
    stays.ping()

    file.write_text(definition.replace("third-api", "another-api"))
    reload()
    world.backend.get("/users").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")
    again = bob.connect(resume={"lastSeq": int(message["id"]) - 1})
    again.expect(type="message", body={"id": message["id"]})
    after = alice.send(bob.uid, "after")
    assert int(after["id"]) > int(message["id"])
    again.expect(type="message", body={"id": after["id"]})
    world.close()


def test_two_files_for_one_app_are_refused(start_daemon):
    file = "id: twice\nauthKey: x\n"
    with pytest.raises(AssertionError, match="ended with 78") as failure:
        start_daemon(app_files={"a.yaml": file, "b.yaml": file})
    assert "b.yaml" in str(failure.value) and "has a file already" in str(failure.value)
