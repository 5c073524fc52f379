"""Media messages: uploads as multipart forms, URLs, and the files' own addresses (protocol 6 and 7)."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess

import aiohttp
import pytest

from halley import DEADLINE, until

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(range(256)) * 40
PDF = b"%PDF-1.7\n" + b"x" * 500
MIB = 1 << 20


def fields(receiver, kind="file", receiver_type="user", **more):
    return {"receiver": receiver, "receiverType": receiver_type, "category": "message", "type": kind} | more


def encode(form, files=(), boundary="halley-test-boundary"):
    """A form's bytes as we choose them: `files` are (field, filename, content, type)."""
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in form.items()]
    for field, filename, content, mime in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n'
        head += f"Content-Type: {mime}\r\n" if mime else ""
        parts.append(head.encode() + b"\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def upload(rest, form, files=(), **options):
    body, content_type = encode(form, files)
    return rest.post("/messages", body, headers={"content-type": content_type}, **options)


def path_of(url):
    return re.fullmatch(r"https://[^/]+(/media/[A-Za-z0-9_-]{22,}/[^/]+)", url).group(1)


def fetch(world, url, method="GET", **headers):
    """A file as a stranger gets it: no credential at all."""
    return world.daemon.public(app=None).request(method, path_of(url), prefix="", headers=headers)


def stored(daemon):
    """Every file of the media directory."""
    return sorted(path for path in (daemon.directory / "media").rglob("*") if path.is_file())


def resident(daemon):
    for line in open(f"/proc/{daemon.process.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


@pytest.fixture
def own(start_world):
    """A world whose media directory is this test's alone."""
    return start_world()


# -- uploads


def test_an_uploaded_image_reaches_its_receiver_and_is_served(world):
    alice, bob = world.users(2)
    listener = bob.connect()

    async def send():
        form = aiohttp.FormData()
        for name, value in fields(bob.uid, "image", muid="m-1").items():
            form.add_field(name, value)
        form.add_field("data", json.dumps({"text": "look", "metadata": {"k": 1}, "custom": [1]}))
        form.add_field("tags[]", "a")
        form.add_field("tags[]", "b")
        form.add_field("file", PNG, filename="my photo.png", content_type="image/png")
        headers = {"appId": "dev", "authToken": alice.token}
        async with aiohttp.ClientSession() as session:
            url = f"{world.daemon.origin}/v3.0/messages"
            async with session.post(url, data=form, headers=headers, ssl=world.daemon.ssl_context()) as answer:
                assert answer.status == 200, await answer.text()
                return (await answer.json())["data"]

    message = asyncio.run(send())
    data = message["data"]
    (attachment,) = data["attachments"]
    assert data["url"] == attachment["url"]
    assert attachment["url"].startswith(f"https://localhost:{world.daemon.port}/media/")
    assert attachment["url"].endswith("/my_photo.png")
    assert {k: attachment[k] for k in ("name", "mimeType", "extension", "size")} == {
        "name": "my photo.png",
        "mimeType": "image/png",
        "extension": "png",
        "size": len(PNG),
    }
    assert (data["text"], data["metadata"], data["custom"]) == ("look", {"k": 1}, [1])
    assert data["entities"]["sender"]["entity"]["uid"] == alice.uid
    assert message["tags"] == ["a", "b"]
    frame = listener.expect(type="message", body={"id": message["id"]})
    assert frame["body"]["data"] == data
    assert alice.rest().get(f"/messages/{message['id']}").data["data"]["attachments"] == [attachment]

    file = fetch(world, data["url"])
    assert (file.status, file.body) == (200, PNG)
    assert file.headers["content-type"] == "image/png"
    assert file.headers["content-disposition"].startswith("inline")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert file.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_two_files_in_a_group(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    listener = bob.connect()
    message = upload(
        alice.rest(),
        fields(guid, "file", "group"),
        [("files[]", "a.pdf", PDF, "application/pdf"), ("files[]", "b.txt", b"hello", "text/plain")],
    ).data
    first, second = message["data"]["attachments"]
    assert message["data"]["url"] == first["url"]
    assert (first["mimeType"], second["mimeType"]) == ("application/pdf", "text/plain")
    assert fetch(world, first["url"]).body == PDF
    assert fetch(world, second["url"]).body == b"hello"
    assert listener.expect(type="message")["body"]["data"]["attachments"] == [first, second]


def test_a_file_as_a_reply(own):
    alice, bob, eve = own.users(3)
    first = alice.send(bob.uid)
    body, content_type = encode({"category": "message", "type": "file"}, [("file", "a.pdf", PDF, None)])
    headers = {"content-type": content_type}
    reply = bob.rest().post(f"/messages/{first['id']}/thread", body, headers=headers).data
    assert (reply["parentId"], reply["receiver"]) == (first["id"], alice.uid)
    assert fetch(own, reply["data"]["url"]).body == PDF
    eve.rest().post(f"/messages/{first['id']}/thread", body, headers=headers).refused(403, "ERR_MESSAGE_NO_ACCESS")
    bob.rest().post("/messages/9999999/thread", body, headers=headers).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    bob.rest().post(f"/messages/{reply['id']}/thread", body, headers=headers).refused(400, "ERR_MESSAGE_THREAD_NESTING")
    until(lambda: len(stored(own.daemon)) == 1, what="only the reply's file is left")


def test_a_blocked_sender_is_refused_before_the_file(own):
    alice, bob = own.users(2)
    bob.rest().post("/blockedusers", {"blockedUids": [alice.uid]}).ok()
    body, _ = encode(fields(bob.uid), [("file", "a.bin", b"x" * 1000, None)])
    for sender, receiver, code in ((alice, bob, b"ERR_BLOCKED_SENDER"), (bob, alice, b"ERR_BLOCKED_RECEIVER")):
        body, _ = encode(fields(receiver.uid), [("file", "a.bin", b"x" * 1000, None)])
        with begin(own.daemon, [f"authToken: {sender.token}"], 50 * MIB) as tls:
            tls.sendall(body[: body.index(b"xxxx") + 100])
            reader = tls.makefile("rb")
            assert reader.readline().split()[1] == b"403", "while 50 MiB are still to come"
            assert code in reader.read()
    until(lambda: stored(own.daemon) == [], what="no file is left")


def test_the_backend_uploads_for_a_user(world):
    alice, bob = world.users(2)
    message = upload(world.backend.acting(alice.uid), fields(bob.uid), [("file", "a.pdf", PDF, None)]).data
    assert message["sender"] == alice.uid
    path = path_of(message["data"]["url"])
    assert world.backend.get(path, prefix="").body == PDF, "the Unix socket serves files too"
    upload(world.backend, fields(bob.uid), [("file", "a.pdf", PDF, None)]).refused(400, "ERR_BAD_REQUEST")


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_uploads_and_downloads(world, tmp_path):
    alice, bob = world.users(2)
    source = tmp_path / "big file.bin"
    source.write_bytes(os.urandom(3 * MIB))
    form = [part for name, value in fields(bob.uid).items() for part in ("-F", f"{name}={value}")]
    common = ["curl", "-sS", "--cacert", world.daemon.ca, "--max-time", str(DEADLINE * 3)]
    headers = ["-H", "appId: dev", "-H", f"authToken: {alice.token}", "-H", "Expect: 100-continue"]
    done = subprocess.run(
        [*common, *headers, *form, "-F", f"file=@{source}", f"{world.daemon.origin}/messages"],
        capture_output=True,
        check=True,
    )
    message = json.loads(done.stdout)["data"]
    assert message["data"]["attachments"][0]["size"] == 3 * MIB
    target = tmp_path / "target"
    subprocess.run([*common, "-o", target, message["data"]["url"]], check=True)
    assert target.read_bytes() == source.read_bytes()


# -- by URL


def test_media_by_url_as_a_form(world):
    alice, bob = world.users(2)
    attachments = [
        {"url": "https://example.com/a.png", "name": "a.png", "mimeType": "image/png", "extension": "png", "size": 5}
    ]
    message = upload(alice.rest(), fields(bob.uid, "image", data=json.dumps({"attachments": attachments}))).data
    assert message["data"]["url"] == "https://example.com/a.png"
    assert message["data"]["attachments"] == attachments


def test_media_by_url_as_json(world):
    alice, bob = world.users(2)
    body = fields(bob.uid, "video", data={"url": "https://example.com/a.mp4", "text": "x"})
    assert alice.rest().post("/messages", body).data["data"]["url"] == "https://example.com/a.mp4"
    body["data"] = {"attachments": [{"url": "http://example.com/b"}]}
    assert alice.rest().post("/messages", body).data["data"]["url"] == "http://example.com/b"


@pytest.mark.parametrize("url", ["ftp://example.com/a", "javascript:alert(1)", "/media/a", "https://", "https://a b", ""])
def test_what_is_no_web_address_is_refused(world, url):
    alice, bob = world.users(2)
    data = {"attachments": [{"url": url}]}
    alice.rest().post("/messages", fields(bob.uid, "image", data=data)).refused(400, "ERR_INVALID_MESSAGE_DATA")
    form = fields(bob.uid, "image", data=json.dumps(data))
    upload(alice.rest(), form).refused(400, "ERR_INVALID_MESSAGE_DATA")


# -- refusals leave nothing


def refusals(alice, bob, stranger_group):
    file = [("file", "a.png", PNG, "image/png")]
    good = fields(bob.uid, "image")
    return [
        (good | {"receiver": ""}, file, 400, "ERR_EMPTY_RECEIVER"),
        (good | {"receiver": "no-such-user"}, file, 404, "ERR_UID_NOT_FOUND"),
        (good | {"receiver": stranger_group, "receiverType": "group"}, file, 403, "ERR_NOT_A_MEMBER"),
        (good | {"receiverType": "crowd"}, file, 400, "ERR_INVALID_RECEIVER_TYPE"),
        (good | {"category": "gossip"}, file, 400, "ERR_INVALID_MESSAGE_CATEGORY"),
        (good | {"type": "smell"}, file, 400, "ERR_INVALID_MESSAGE_TYPE"),
        (good | {"type": "text"}, file, 400, "ERR_INVALID_MESSAGE_TYPE"),
        (good | {"type": "video"}, file, 400, "ERR_INVALID_MESSAGE_TYPE"),
        (good, [("file", "a.png", PDF, "image/png")], 400, "ERR_INVALID_MESSAGE_TYPE"),
        (good | {"data": "{"}, file, 400, "ERR_INVALID_MESSAGE_DATA"),
        (good | {"data": '{},"receiver":"x"'}, file, 400, "ERR_INVALID_MESSAGE_DATA"),
        (good | {"metadata": "[1]"}, file, 400, "ERR_INVALID_METADATA"),
        (good | {"parentId": "99999999"}, file, 404, "ERR_MESSAGE_ID_NOT_FOUND"),
        (good, [("file", "a.png", b"", "image/png")], 400, "ERR_INVALID_MESSAGE_DATA"),
        (good, [("avatar", "a.png", PNG, "image/png")], 400, "ERR_BAD_REQUEST"),
        (good, file * 17, 400, "ERR_BAD_REQUEST"),
        (good, [], 400, "ERR_INVALID_MESSAGE_DATA"),
        (good | {"data": json.dumps({"x": "y" * 11000})}, file, 413, "ERR_INVALID_MESSAGE_DATA"),
        (good | {"data": json.dumps({"x": "y" * 70000})}, file, 413, "ERR_BAD_REQUEST"),
    ]


def test_a_refused_upload_names_the_mistake_and_leaves_no_file(own):
    alice, bob, eve = own.users(3)
    group = own.group(eve)
    for form, files, status, code in refusals(alice, bob, group):
        upload(alice.rest(), form, files).refused(status, code)
        # The other order: whatever is judged late is judged all the same.
        body, content_type = encode({}, files)
        late, _ = encode(form)
        mixed = body[: -len(b"--halley-test-boundary--\r\n")] + late
        alice.rest().post("/messages", mixed, headers={"content-type": content_type}).refused(status, code)
    until(lambda: stored(own.daemon) == [], what="no file is left")


def test_a_repeated_muid_keeps_the_first_file_alone(own):
    alice, bob = own.users(2)
    form = fields(bob.uid, "file", muid="same")
    first = upload(alice.rest(), form, [("file", "a.pdf", PDF, None)]).data
    again = upload(alice.rest(), form, [("file", "b.txt", b"other", None)]).data
    assert again["duplicate"] is True
    assert (again["id"], again["data"]["url"]) == (first["id"], first["data"]["url"])
    until(lambda: len(stored(own.daemon)) == 1, what="the second file is gone")
    assert fetch(own, first["data"]["url"]).body == PDF


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=" + "x" * 71,
        "multipart/form-data; boundary=other",
        "multipart/mixed; boundary=halley-test-boundary",
    ],
)
def test_a_broken_form_is_refused(world, content_type):
    alice, bob = world.users(2)
    body, _ = encode(fields(bob.uid), [("file", "a", b"x", None)])
    answer = alice.rest().post("/messages", body, headers={"content-type": content_type})
    assert answer.status in (400, 415)
    assert answer.json["error"]["code"] == "ERR_BAD_REQUEST"


def test_a_truncated_form_is_refused(world):
    alice, bob = world.users(2)
    body, content_type = encode(fields(bob.uid), [("file", "a", b"x" * 5000, None)])
    error = alice.rest().post("/messages", body[:-30], headers={"content-type": content_type}).refused(400)
    assert "boundary" in error["message"]


# -- who may upload


def begin(daemon, headers, length):
    """A connection with a request's head sent, and nothing of its body."""
    plain = socket.create_connection(("127.0.0.1", daemon.port), DEADLINE)
    tls = daemon.ssl_context().wrap_socket(plain, server_hostname="localhost")
    lines = ["POST /messages HTTP/1.1", "Host: localhost", "appId: dev", f"Content-Length: {length}"]
    lines += ["Content-Type: multipart/form-data; boundary=halley-test-boundary", *headers]
    tls.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return tls


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([], 401, "AUTH_ERR_EMPTY_AUTH_TOKEN"),
        (["authToken: nonsense"], 401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
        (["apiKey: nonsense"], 401, "AUTH_ERR_APIKEY_NOT_FOUND"),
        (["apiKey: dev-auth-key"], 403, "AUTH_ERR_NO_ACCESS"),
    ],
)
@pytest.mark.parametrize("expects", [True, False])
def test_a_stranger_is_refused_before_the_body_is_sent(daemon, headers, status, code, expects):
    tls = begin(daemon, headers + (["Expect: 100-continue"] if expects else []), 50 * MIB)
    reader = tls.makefile("rb")
    assert int(reader.readline().split()[1]) == status, "no 100 Continue either"
    head = b""
    while (line := reader.readline()) != b"\r\n":
        head += line.lower()
    assert b"connection: close" in head
    assert code.encode() in reader.read()
    tls.close()


def test_a_deactivated_user_is_refused_before_the_body_is_sent(world):
    alice = world.user()
    world.backend.delete(f"/users/{alice.uid}", {"permanent": False}).ok()
    with begin(world.daemon, [f"authToken: {alice.token}"], 50 * MIB) as tls:
        assert int(tls.makefile("rb").readline().split()[1]) in (401, 403)


def test_continue_comes_once_the_caller_is_known(world):
    alice, bob = world.users(2)
    body, _ = encode(fields(bob.uid), [("file", "a.pdf", PDF, None)])
    with begin(world.daemon, [f"authToken: {alice.token}", "Expect: 100-continue"], len(body)) as tls:
        reader = tls.makefile("rb")
        assert reader.readline().split()[1] == b"100"
        assert reader.readline() == b"\r\n"
        tls.sendall(body)
        assert reader.readline().split()[1] == b"200"


def test_a_receiver_named_first_is_judged_before_the_file(own):
    alice = own.user()
    body, _ = encode(fields("no-such-user"), [("file", "a.bin", b"x" * 1000, None)])
    cut = body.index(b"xxxx")
    with begin(own.daemon, [f"authToken: {alice.token}"], 50 * MIB) as tls:
        tls.sendall(body[: cut + 100])
        assert tls.makefile("rb").readline().split()[1] == b"404", "while 50 MiB are still to come"
    until(lambda: stored(own.daemon) == [], what="no file is left")


def test_uploads_of_one_user_at_once_are_bounded(own):
    alice = own.user()
    body, _ = encode({}, [("file", "a.bin", b"x" * 1000, None)])
    held = []
    for _ in range(8):
        tls = begin(own.daemon, [f"authToken: {alice.token}", "Expect: 100-continue"], 5 * MIB)
        assert tls.makefile("rb").readline().split()[1] == b"100"
        held.append(tls)
    with begin(own.daemon, [f"authToken: {alice.token}"], 5 * MIB) as tls:
        assert tls.makefile("rb").readline().split()[1] == b"429"
    for tls in held:
        tls.close()

    def free():
        with begin(own.daemon, [f"authToken: {alice.token}", "Expect: 100-continue"], 5 * MIB) as tls:
            return tls.makefile("rb").readline().split()[1] == b"100"

    until(free, what="a place for an upload")


# -- limits


def test_an_upload_over_its_limit_is_413(start_world):
    world = start_world(HALLEY_LIMITS_UPLOADBYTES=MIB)
    alice, bob = world.users(2)
    upload(alice.rest(), fields(bob.uid), [("file", "a.bin", b"x" * MIB, None)]).ok()
    upload(alice.rest(), fields(bob.uid), [("file", "a.bin", b"x" * (MIB + 1), None)]).refused(413, "ERR_BAD_REQUEST")
    half = [("files[]", "a.bin", b"x" * (MIB // 2 + 1), None)]
    upload(alice.rest(), fields(bob.uid), half * 2).refused(413, "ERR_BAD_REQUEST")
    with begin(world.daemon, [f"authToken: {alice.token}"], 3 * MIB) as tls:
        assert tls.makefile("rb").readline().split()[1] == b"413", "by its length alone"
    until(lambda: len(stored(world.daemon)) == 1, what="only the first is left")


def test_a_chunked_upload_over_its_limit_is_413(start_world):
    world = start_world(HALLEY_LIMITS_UPLOADBYTES=MIB)
    alice, bob = world.users(2)
    body, content_type = encode(fields(bob.uid), [("file", "a.bin", b"x" * (2 * MIB), None)])
    connection = alice.rest().connection()
    headers = alice.rest().headers | {"content-type": content_type}
    try:
        connection.request(
            "POST",
            "/messages",
            body=(body[i : i + 65536] for i in range(0, len(body), 65536)),
            headers=headers,
            encode_chunked=True,
        )
    except (BrokenPipeError, ConnectionResetError):
        pass
    response = connection.getresponse()
    assert response.status == 413
    assert response.headers["connection"] == "close"
    connection.close()
    until(lambda: stored(world.daemon) == [], what="no file is left")


def test_the_quota_counts_what_is_there_also_after_a_restart(start_world):
    world = start_world(HALLEY_MEDIA_QUOTABYTES=3 * MIB)
    alice, bob = world.users(2)
    two = [("file", "a.bin", b"x" * (2 * MIB), None)]
    kept = upload(alice.rest(), fields(bob.uid), two).data
    assert "quota" in upload(alice.rest(), fields(bob.uid), two).refused(413, "ERR_BAD_REQUEST")["message"]
    upload(alice.rest(), fields(bob.uid), [("file", "a.bin", b"x" * (MIB // 2), None)]).ok()
    (world.daemon.directory / "media" / "incoming" / "left.part").write_bytes(b"x" * MIB)
    assert world.daemon.stop() == 0
    world.daemon.restart()
    assert not (world.daemon.directory / "media" / "incoming" / "left.part").exists()
    upload(alice.rest(), fields(bob.uid), two).refused(413, "ERR_BAD_REQUEST")
    upload(alice.rest(), fields(bob.uid), [("file", "a.bin", b"x" * (MIB // 2), None)]).ok()
    assert len(fetch(world, kept["data"]["url"]).body) == 2 * MIB


def test_100_mib_stream_through_bounded_memory(own):
    alice, bob = own.users(2)
    upload(alice.rest(), fields(bob.uid), [("file", "warm.bin", b"x" * MIB, None)]).ok()
    before = resident(own.daemon)
    highest = before
    block = os.urandom(MIB)
    body, content_type = encode(fields(bob.uid), [("file", "big.bin", b"SPLIT", None)])
    head, tail = body.split(b"SPLIT")

    def pieces():
        nonlocal highest
        yield head
        for _ in range(100):
            yield block
            highest = max(highest, resident(own.daemon))
        yield tail

    connection = alice.rest().connection(timeout=DEADLINE * 6)
    length = {"content-type": content_type, "content-length": str(len(head) + 100 * MIB + len(tail))}
    connection.request("POST", "/messages", body=pieces(), headers=alice.rest().headers | length)
    response = connection.getresponse()
    message = json.loads(response.read())["data"]
    assert message["data"]["attachments"][0]["size"] == 100 * MIB
    assert highest - before < 24 * MIB, f"{(highest - before) / MIB:.1f} MiB more"

    # And back again, read slowly: what waits for the reader is one piece of the file.
    connection.request("GET", path_of(message["data"]["url"]))
    response = connection.getresponse()
    got = 0
    while piece := response.read(MIB):
        assert piece == block
        got += len(piece)
        highest = max(highest, resident(own.daemon))
    assert got == 100 * MIB
    assert highest - before < 24 * MIB, f"{(highest - before) / MIB:.1f} MiB more"
    connection.close()


# -- clients that leave


@pytest.mark.parametrize("reset", [True, False])
def test_a_client_that_leaves_leaves_no_file(own, reset):
    alice, bob = own.users(2)
    body, _ = encode(fields(bob.uid), [("file", "a.bin", b"x" * MIB, None)])
    tls = begin(own.daemon, [f"authToken: {alice.token}"], 5 * MIB)
    tls.sendall(body[: MIB // 2])
    until(lambda: stored(own.daemon), what="a file has begun")
    if reset:
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    else:
        tls.unwrap()
    tls.close()
    until(lambda: stored(own.daemon) == [], what="no file is left")
    assert alice.rest().get(f"/users/{bob.uid}/messages").data == []


def test_who_leaves_right_behind_the_body_leaves_no_file_of_a_refused_message(own):
    alice, bob = own.users(2)
    form = fields(bob.uid, muid="same")
    upload(alice.rest(), form, [("file", "a.pdf", PDF, None)]).ok()
    body, _ = encode(form, [("file", "b.bin", b"x" * 100_000, None)])
    for _ in range(20):
        tls = begin(own.daemon, [f"authToken: {alice.token}"], len(body))
        tls.sendall(body)
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        tls.close()
    until(
        lambda: "halley_uploads 0" in own.daemon.backend().get("/metrics", prefix="").body.decode(), what="all uploads end"
    )
    until(lambda: len(stored(own.daemon)) == 1, what="only the first file is left")


def test_a_killed_gateway_cleans_up_when_it_starts(own):
    alice, bob = own.users(2)
    body, _ = encode(fields(bob.uid), [("file", "a.bin", b"x" * MIB, None)])
    with begin(own.daemon, [f"authToken: {alice.token}"], 5 * MIB) as tls:
        tls.sendall(body[: MIB // 2])
        until(lambda: stored(own.daemon), what="a file has begun")
        own.daemon.kill()
    own.daemon.restart()
    assert stored(own.daemon) == []


# -- serving


@pytest.fixture
def file(world):
    alice, bob = world.users(2)
    return upload(alice.rest(), fields(bob.uid, "image"), [("file", "a.png", PNG, "image/png")]).data["data"]["url"]


def test_ranges(world, file):
    size = len(PNG)
    for header, (first, last) in {
        "bytes=0-99": (0, 99),
        f"bytes={size - 5}-": (size - 5, size - 1),
        "bytes=-7": (size - 7, size - 1),
        "bytes=100-999999999": (100, size - 1),
    }.items():
        answer = fetch(world, file, Range=header)
        assert answer.status == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert answer.body == PNG[first : last + 1]
    outside = fetch(world, file, Range=f"bytes={size}-")
    assert outside.status == 416
    assert outside.headers["content-range"] == f"bytes */{size}"
    for header in ("bytes=0-1,5-6", "lines=1-2", "bytes=5-2"):
        whole = fetch(world, file, Range=header)
        assert (whole.status, whole.body) == (200, PNG)
    assert fetch(world, file).headers["accept-ranges"] == "bytes"


def test_conditional_requests(world, file):
    answer = fetch(world, file)
    tag, modified = answer.headers["etag"], answer.headers["last-modified"]
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-Modified-Since": modified}):
        cached = fetch(world, file, **headers)
        assert (cached.status, cached.body) == (304, b"")
        assert cached.headers["etag"] == tag
    assert fetch(world, file, **{"If-None-Match": '"x"'}).status == 200
    assert fetch(world, file, **{"If-Match": '"x"'}).status == 412
    assert fetch(world, file, **{"If-Range": tag, "Range": "bytes=0-0"}).status == 206
    assert fetch(world, file, **{"If-Range": '"x"', "Range": "bytes=0-0"}).status == 200


def test_head(world, file):
    answer = fetch(world, file, "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(PNG))
    assert answer.headers["content-type"] == "image/png"
    assert fetch(world, file, "HEAD", Range="bytes=0-1").status == 200, "a range is for GET"


def test_a_file_is_only_read(world, file):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = fetch(world, file, method)
        assert answer.status == 405
        assert answer.headers["allow"] == "GET, HEAD"
    assert fetch(world, file).body == PNG


def test_several_files_on_one_connection(world, file):
    connection = world.daemon.public(app=None).connection()
    for _ in range(3):
        connection.request("GET", path_of(file))
        assert connection.getresponse().read() == PNG
    connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/media/",
        "/media/x",
        "/media/../halley.db",
        "/media/..%2f..%2fhalley.db",
        "/media/AAAAAAAAAAAAAAAAAAAAAAAA/a.png",
        "/media/AAAAAAAAAAAAAAAAAAAAAAAA/../../halley.db",
        "/media/AAAAAAAAAAAAAAAAAAAAAAAA/..%2f..%2f..%2fhalley.db",
        "/media/AAAAAAAAAAAAAAAAAAAAAAAA/%00",
        "/media/incoming/x.part",
        "/media/%2e%2e/halley.db",
        "/media//a.png",
        "/media/AAAAAAAAAAAAAAAAAAAAAAAA/",
        "/media/AAAAAAAAAAAAAAAAAAAAAAAA/a/b",
        "/media/./AAAAAAAAAAAAAAAAAAAAAAAA/a.png",
    ],
)
def test_nothing_but_files_is_served(world, path):
    assert world.daemon.public(app=None).get(path, prefix="").status in (400, 404)


def test_neither_another_key_nor_another_name_finds_a_file(world, file):
    path = path_of(file)
    _, _, key, name = path.split("/")
    for other in (f"/media/{key}/b.png", f"/media/{key[:-1]}/{name}", f"/media/{key.swapcase()}/{name}"):
        assert world.daemon.public(app=None).get(other, prefix="").status == 404


def test_a_foreign_page_reads_a_file_only_if_its_origin_is_allowed(start_world):
    world = start_world(HALLEY_PUBLIC_ALLOWEDORIGINS="https://app.example")
    alice, bob = world.users(2)
    message = upload(
        alice.rest(Origin="https://app.example"), fields(bob.uid, "image"), [("file", "a.png", PNG, None)]
    )
    assert message.headers["access-control-allow-origin"] == "https://app.example"
    url = message.data["data"]["url"]
    assert fetch(world, url, Origin="https://app.example").headers["access-control-allow-origin"] == "https://app.example"
    assert fetch(world, url, Origin="https://evil.example").headers["access-control-allow-origin"] is None
    refused = upload(world.daemon.public(Origin="https://app.example"), fields(bob.uid), [("file", "a", b"x", None)])
    assert refused.status == 401
    assert refused.headers["access-control-allow-origin"] == "https://app.example", "a page may read why"


# -- what a file is

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("filename", "content", "declared", "mime", "shown"),
    [
        ("a.png", PNG, None, "image/png", "inline"),
        ("a.html", PNG, "text/html", "image/png", "inline"),
        ("a.png", b"<html><script>alert(1)</script>", "image/png", "application/octet-stream", "attachment"),
        ("a.svg", SVG, "image/svg+xml", "application/octet-stream", "attachment"),
        ("a.js", b"alert(1)", "text/javascript", "application/octet-stream", "attachment"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "application/xml", "application/octet-stream", "attachment"),
        ("a.html", b"plain words", None, "application/octet-stream", "attachment"),
        ("a.pdf", PDF, "image/png", "application/pdf", "attachment"),
        ("notes", b"plain words", None, "text/plain", "attachment"),
        ("a.csv", b"a,b\n1,2\n", None, "text/csv", "attachment"),
        ("blob", b"\x00\x01\x02\x03", None, "application/octet-stream", "attachment"),
        ("a.gif", b"GIF89a" + bytes(30), "application/octet-stream", "image/gif", "inline"),
        ("clip.mp4", b"\0\0\0\x18ftypmp42" + bytes(30), None, "video/mp4", "inline"),
        ("a.zip", b"PK\x03\x04" + bytes(30), None, "application/zip", "attachment"),
    ],
)
def test_a_file_is_what_its_bytes_say(world, filename, content, declared, mime, shown):
    alice, bob = world.users(2)
    message = upload(alice.rest(), fields(bob.uid, "file"), [("file", filename, content, declared)]).data
    (attachment,) = message["data"]["attachments"]
    assert attachment["mimeType"] == mime
    served = fetch(world, attachment["url"])
    assert served.headers["content-type"].split(";")[0] == mime
    assert served.headers["content-disposition"].split(";")[0] == shown
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.body == content


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\dir\\\\a b.txt", "a_b.txt"),
        ("наука.txt", "file.txt"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("a" * 300 + ".txt", "a" * 96 + ".txt"),
        ('x%22;y="z".txt', None),
    ],
)
def test_a_files_name_is_harmless_in_its_address(world, given, name):
    alice, bob = world.users(2)
    answer = upload(alice.rest(), fields(bob.uid), [("file", given, b"hello", "text/plain")])
    if name is None:
        answer.refused(400, "ERR_BAD_REQUEST")
        return
    url = answer.data["data"]["url"]
    assert path_of(url).rsplit("/", 1)[1] == name or path_of(url).rsplit("/", 1)[1] == name + ".txt"
    assert fetch(world, url).body == b"hello"


def test_the_directory_is_for_the_gateway_alone(own):
    alice, bob = own.users(2)
    upload(alice.rest(), fields(bob.uid), [("file", "a.pdf", PDF, None)]).ok()
    (path,) = stored(own.daemon)
    assert path.stat().st_mode & 0o777 == 0o600
    for directory in (path.parent, path.parent.parent, own.daemon.directory / "media" / "incoming"):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_metrics_count_media(own):
    alice, bob = own.users(2)
    upload(alice.rest(), fields(bob.uid), [("file", "a.pdf", PDF, None)]).ok()
    page = own.daemon.backend().get("/metrics", prefix="").body.decode()
    assert "halley_media_files_total 1" in page
    assert "halley_uploads 0" in page


def test_a_reader_that_stops_costs_its_buffer_and_nobodys_time(own):
    alice, bob = own.users(2)
    url = upload(alice.rest(), fields(bob.uid), [("file", "big.bin", os.urandom(8 * MIB), None)]).data["data"]["url"]
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(DEADLINE * 3)
    plain.connect(("127.0.0.1", own.daemon.port))
    with own.daemon.ssl_context().wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(f"GET {path_of(url)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert tls.recv(4096).startswith(b"HTTP/1.1 200")
        before = resident(own.daemon)
        for _ in range(5):
            assert len(fetch(own, url).body) == 8 * MIB
        assert resident(own.daemon) - before < 24 * MIB
