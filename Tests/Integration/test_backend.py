"""The backend interface on the Unix socket (protocol 8)."""

import json
import os
import socket
import stat
import threading
import uuid

import pytest

from halley import DEADLINE, until


def text_to(receiver, text="x", kind="user", **body):
    return {
        "receiver": receiver,
        "receiverType": kind,
        "category": "message",
        "type": "text",
        "data": {"text": text},
    } | body


# -- credentials


def test_the_full_access_key_is_wanted(world):
    daemon = world.daemon
    daemon.backend(key=None).get("/users/alice").refused(401, "AUTH_ERR_EMPTY_APIKEY")
    daemon.backend(key="wrong").get("/users/alice").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")
    daemon.backend(key="second-api-key").get("/users/alice").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")
    daemon.backend(app=None).get("/users/alice").refused(401, "AUTH_ERR_EMPTY_APPID")
    daemon.backend(app="no-such-app").get("/users/alice").refused(403, "AUTH_ERR_INVALID_APPID")
    assert daemon.backend().get("/users/alice").data["uid"] == "alice"


def test_the_socket_is_for_its_owner_and_group_only(world):
    mode = os.stat(world.daemon.socket).st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o660


@pytest.mark.parametrize("variable, value", [("ALLOWUIDS", os.getuid()), ("ALLOWGIDS", os.getgid())])
def test_a_peer_on_the_allow_list_needs_no_key_but_a_wrong_key_is_refused(start_world, variable, value):
    world = start_world(**{f"HALLEY_BACKEND_{variable}": value})
    daemon = world.daemon
    assert daemon.backend(key=None).get("/users/alice").data["uid"] == "alice"
    assert daemon.backend().get("/users/alice").data["uid"] == "alice"
    daemon.backend(key="wrong").get("/users/alice").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")


def test_a_peer_not_on_the_allow_list_needs_a_key(start_world):
    world = start_world(HALLEY_BACKEND_ALLOWUIDS=os.getuid() + 12345)
    world.daemon.backend(key=None).get("/users/alice").refused(401, "AUTH_ERR_EMPTY_APIKEY")


@pytest.mark.parametrize("prefix", ["", "/v3", "/v3.0"])
def test_the_same_resources_with_and_without_a_prefix(world, prefix):
    assert world.backend.get("/users/alice", prefix=prefix).data["uid"] == "alice"


# -- users and tokens


def test_a_users_life(world):
    bob = world.user()
    path = f"/users/{bob.uid}"
    assert world.backend.put(path, {"metadata": {"k": [1]}}).data["metadata"] == {"k": [1]}
    world.backend.delete(path, {"permanent": False}).ok()
    assert isinstance(world.backend.get(path).data["deactivatedAt"], int)
    bob.rest().get("/me").refused(403)
    assert "deactivatedAt" not in world.backend.put(path, {"deactivated": False}).data
    assert bob.rest().get("/me").data["uid"] == bob.uid
    world.backend.delete(path).ok()
    world.backend.get(path).refused(404, "ERR_UID_NOT_FOUND")
    bob.rest().get("/me").refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")


def test_a_deleted_uid_may_be_made_again_empty(world):
    alice, bob = world.users(2)
    world.backend.post(f"/users/{alice.uid}/friends", {"friends": [bob.uid]}).ok()
    guid = world.group(bob, alice)
    world.backend.delete(f"/users/{alice.uid}").ok()
    again = world.backend.post("/users", {"uid": alice.uid, "name": "Again"}).data
    assert again["name"] == "Again"
    assert world.backend.get(f"/users/{alice.uid}/friends").data == []
    assert alice.uid not in [row["uid"] for row in world.backend.get(f"/groups/{guid}/members").data]
    alice.rest().get("/me").refused(401)


def test_tokens_are_listed_and_deleting_one_cuts_its_connections_only(world):
    bob = world.user()
    other = bob.new_token()
    path = f"/users/{bob.uid}/auth_tokens"
    assert len(world.backend.get(path).data) == 2
    jwt = bob.rest().put("/me", {}).data["jwt"]
    by_token, by_jwt, kept = bob.connect(), bob.connect(credential=jwt), bob.connect(credential=other)
    world.backend.delete(f"{path}/{bob.token}").ok()
    for client in (by_token, by_jwt):
        assert client.expect(type="error").body["closeCode"] == 4001
        client.expect_close(4001)
    kept.ping()
    assert len(world.backend.get(path).data) == 1
    world.backend.delete(path).ok()
    kept.expect_close(4001)
    assert world.backend.get(path).data == []


def test_friends(world):
    alice, bob, carol = world.users(3)
    path = f"/users/{alice.uid}/friends"
    world.backend.post(path, {"friends": [bob.uid, carol.uid]}).ok()
    assert sorted(row["uid"] for row in world.backend.get(path).data) == sorted([bob.uid, carol.uid])
    world.backend.delete(path, {"friends": [bob.uid]}).ok()
    assert [row["uid"] for row in world.backend.get(path).data] == [carol.uid]


# -- acting for users


def test_on_behalf_of_acts_as_the_user(world):
    alice, bob = world.users(2)
    client = alice.connect()
    receiver = bob.connect()
    message = world.backend.acting(alice.uid).post("/messages", text_to(bob.uid)).data
    assert message["sender"] == alice.uid
    for connection in (client, receiver):
        frame = connection.expect(type="message", body={"id": message["id"]})
        assert "deviceId" not in frame
    world.backend.acting("nobody-of-that-name").post("/messages", text_to(bob.uid)).refused(404, "ERR_UID_NOT_FOUND")
    assert world.backend.post("/messages", text_to(bob.uid)).status == 400


# -- disconnect


def test_disconnecting_a_user_closes_4300(world):
    alice, bob = world.users(2)
    clients = [bob.connect(), bob.connect()]
    spared = alice.connect()
    world.backend.post(f"/users/{bob.uid}/disconnect", {}).ok()
    for client in clients:
        error = client.expect(type="error")
        assert error.body["closeCode"] == 4300
        client.expect_close(4300)
    spared.ping()
    bob.connect()


def test_disconnecting_one_token(world):
    bob = world.user()
    other = bob.new_token()
    cut, kept = bob.connect(), bob.connect(credential=other)
    world.backend.post(f"/users/{bob.uid}/disconnect", {"token": bob.token}).ok()
    cut.expect_close(4300)
    kept.ping()


def test_disconnecting_an_app_spares_the_other(start_world):
    from halley import World, keys

    world = start_world(app_files={"second.yaml": keys.app_file("second")})
    second = World(world.daemon, app="second", key="second-api-key")
    clients = [user.connect() for user in world.users(5)]
    spared = second.user().connect()
    world.backend.post("/apps/dev/disconnect", {"rate": 100}).ok()
    for client in clients:
        client.expect_close(4300)
    spared.ping()
    world.backend.post("/apps/second/disconnect", {}).refused(403)
    second.close()


# -- bulk


def bulk(world, lines, **headers):
    payload = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    answer = world.backend.post("/messages/bulk", payload, headers={"content-type": "application/x-ndjson"} | headers)
    assert answer.status == 200, answer.body
    return [json.loads(line) for line in answer.body.splitlines()]


def test_bulk_answers_one_line_per_message_in_order(world):
    alice, bob = world.users(2)
    receiver = bob.connect()
    lines = [text_to(bob.uid, f"b{index}", sender=alice.uid, muid=f"{alice.uid}-{index}") for index in range(500)]
    results = bulk(world, lines)
    assert [result["muid"] for result in results] == [line["muid"] for line in lines]
    assert all(result["duplicate"] is False for result in results)
    assert [int(result["id"]) for result in results] == [result["seq"] for result in results]
    assert len({result["id"] for result in results}) == 500
    world.barrier(receiver)
    frames = receiver.all(type="message", sender=alice.uid)
    assert [frame.body["data"]["text"] for frame in frames] == [f"b{index}" for index in range(500)]
    assert [frame.body["id"] for frame in frames] == [result["id"] for result in results]
    again = bulk(world, lines[:3])
    assert [(r["duplicate"], r["id"]) for r in again] == [(True, result["id"]) for result in results[:3]]


def test_a_bad_line_spoils_no_other(world):
    alice, bob = world.users(2)
    lines = [
        text_to(bob.uid, "good", sender=alice.uid),
        b"this is no json\n",
        text_to("nobody-of-that-name", sender=alice.uid, muid="m"),
        text_to(bob.uid, "no sender"),
        b"[]\n",
        text_to(bob.uid, "good too", sender=alice.uid),
    ]
    results = bulk(world, lines)
    assert ["error" in result for result in results] == [False, True, True, True, True, False]
    assert results[2]["error"]["code"] == "ERR_UID_NOT_FOUND"
    assert results[2]["muid"] == "m"
    texts = [m["data"]["text"] for m in bob.rest().get(f"/users/{alice.uid}/messages").data]
    assert texts == ["good", "good too"]


def test_a_lines_sender_wins_over_on_behalf_of(world):
    alice, bob, carol = world.users(3)
    results = bulk(world, [text_to(bob.uid, "1"), text_to(bob.uid, "2", sender=carol.uid)], onBehalfOf=alice.uid)
    senders = [world.backend.get(f"/messages/{result['id']}").data["sender"] for result in results]
    assert senders == [alice.uid, carol.uid]


def test_bulk_streams_in_both_directions(world):
    """A result comes back while the request is still being written: one connection, chunk by chunk."""
    alice, bob = world.users(2)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.settimeout(DEADLINE)
    stream.connect(world.daemon.socket)
    head = "POST /messages/bulk HTTP/1.1\r\nHost: x\r\nappid: dev\r\napikey: dev-api-key\r\n"
    head += "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    stream.sendall(head.encode())
    received = b""

    def send(data):
        stream.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    for index in range(5):
        muid = str(uuid.uuid4())
        line = json.dumps(text_to(bob.uid, str(index), sender=alice.uid, muid=muid)).encode() + b"\n"
        send(line[:20])
        send(line[20:])
        while muid.encode() not in received:
            more = stream.recv(65536)
            assert more, received
            received += more
    stream.sendall(b"0\r\n\r\n")
    while not received.endswith(b"0\r\n\r\n"):
        more = stream.recv(65536)
        assert more, received
        received += more
    assert received.startswith(b"HTTP/1.1 200 ")
    stream.close()


# -- HTTP


def test_keep_alive_serves_many_requests_on_one_connection(world):
    connection = world.backend.connection()
    for _ in range(5):
        connection.request("GET", "/users/alice", headers=world.backend.headers)
        response = connection.getresponse()
        assert response.status == 200
        assert json.loads(response.read())["data"]["uid"] == "alice"
        assert not response.will_close
    connection.close()


def test_pipelined_answers_leave_in_request_order(world):
    alice, bob = world.users(2)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.settimeout(DEADLINE)
    stream.connect(world.daemon.socket)
    requests = b""
    for index in range(50):
        credentials = f"Host: x\r\nappid: dev\r\napikey: dev-api-key\r\nonBehalfOf: {alice.uid}\r\n"
        if index % 10 == 9:
            requests += f"GET /users/{bob.uid} HTTP/1.1\r\n{credentials}\r\n".encode()
        else:
            body = json.dumps(text_to(bob.uid, f"p{index}")).encode()
            requests += f"POST /messages HTTP/1.1\r\n{credentials}Content-Type: application/json\r\n".encode()
            requests += b"Content-Length: %d\r\n\r\n" % len(body) + body
    writer = threading.Thread(target=stream.sendall, args=(requests,))
    writer.start()
    reader = stream.makefile("rb")
    for index in range(50):
        assert reader.readline().startswith(b"HTTP/1.1 200 ")
        length = 0
        while (line := reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        data = json.loads(reader.read(length))["data"]
        if index % 10 == 9:
            assert data["uid"] == bob.uid
        else:
            assert data["data"]["text"] == f"p{index}"
    writer.join()
    stream.close()


# -- operators


def test_health_readiness_and_metrics_are_on_the_socket_without_a_key(world):
    bare = world.daemon.backend(key=None, app=None)
    assert bare.get("/healthz", prefix="").status == 200
    assert bare.get("/readyz", prefix="").status == 200
    metrics = bare.get("/metrics", prefix="")
    assert metrics.status == 200
    assert metrics.headers["content-type"].startswith("text/plain")
    lines = metrics.body.decode().splitlines()
    assert any(line.startswith("# TYPE halley_") for line in lines)
    samples = [line for line in lines if line and not line.startswith("#")]
    assert all(line.startswith("halley_") or line.startswith("process_") for line in samples)
    for line in samples:
        float(line.rsplit(" ", 1)[1])


def test_metrics_count_what_happens(start_world):
    world = start_world()
    alice, bob = world.users(2)
    receiver = bob.connect()
    before = total(world)
    alice.send(bob.uid)
    receiver.expect(type="message")
    until(lambda: total(world) > before, what="a counter's move")


def total(world):
    """The sum of all counters: whatever they are called, a message moves some."""
    text = world.daemon.backend().get("/metrics", prefix="").body.decode()
    return sum(
        float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if "_total" in line and not line.startswith("#")
    )


def test_the_ops_listener_serves_health_and_metrics_only(start_daemon):
    import http.client

    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    start_daemon(HALLEY_OPS_LISTEN=f"127.0.0.1:{port}")
    for path, status in [
        ("/metrics", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/users", 404),
        ("/playground/", 404),
    ]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        connection.request("GET", path, headers={"appid": "dev", "apikey": "dev-api-key"})
        assert connection.getresponse().status == status, path
        connection.close()


def test_openapi_is_served_on_the_socket(world):
    import yaml

    answer = world.daemon.backend(key=None, app=None).get("/openapi.yaml", prefix="")
    assert answer.status == 200
    document = yaml.safe_load(answer.body)
    assert document["openapi"].startswith("3.")
    assert document["paths"]
