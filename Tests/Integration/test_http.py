"""HTTP/1.1 as it should not be, and what stands beside the routes (protocol 1, 7)."""

import socket
import ssl

import pytest

from halley import DEADLINE, RawWebSocket

UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


class Wire:
    """One public connection on which a test writes what it likes."""

    def __init__(self, daemon, timeout=None):
        plain = socket.create_connection(("127.0.0.1", daemon.port), timeout=timeout or DEADLINE)
        self.tls = daemon.ssl_context().wrap_socket(plain, server_hostname="localhost")

    def send(self, data):
        self.tls.sendall(data.encode() if isinstance(data, str) else data)
        return self

    def status(self):
        """The next answer's status; its body is read and dropped."""
        reader = self.tls.makefile("rb")
        line = reader.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        return int(line.split()[1])

    def ended(self):
        """Whether the gateway ends the connection."""
        try:
            while self.tls.recv(65536):
                pass
        except ConnectionError:
            pass
        return True


BAD = {
    "no-version": "GET /me\r\nHost: x\r\n\r\n",
    "lower-case-version": "GET /me http/1.1\r\nHost: x\r\n\r\n",
    "no-host": "GET /me HTTP/1.1\r\n\r\n",
    "two-hosts": "GET /me HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "space-before-colon": "GET /me HTTP/1.1\r\nHost: x\r\nappId : dev\r\n\r\n",
    "folded-header": "GET /me HTTP/1.1\r\nHost: x\r\nappId: dev\r\n more\r\n\r\n",
    "header-without-colon": "GET /me HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
    "control-character": "GET /me HTTP/1.1\r\nHost: x\r\nappId: d\x01ev\r\n\r\n",
    "nul-in-target": "GET /m\x00e HTTP/1.1\r\nHost: x\r\n\r\n",
    "two-lengths": "POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length-and-chunked": "POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative-length": "POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length-with-sign": "POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}",
    "bad-chunk-size": "POST /messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "unknown-coding": "POST /messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    "garbage": "\x16\x03\x01\x02\x00\r\n\r\n",
}


@pytest.mark.parametrize("request_text", BAD.values(), ids=BAD.keys())
def test_what_is_no_http_is_400_and_the_connection_ends(daemon, request_text):
    wire = Wire(daemon).send(request_text)
    assert wire.status() in ((400, 501) if "gzip" in request_text else (400,))
    assert wire.ended()


def test_an_unknown_path_is_404_and_the_connection_stays(daemon):
    wire = Wire(daemon)
    for _ in range(2):
        wire.send("GET /no-such HTTP/1.1\r\nHost: x\r\nappId: dev\r\n\r\n")
        reader = wire.tls.makefile("rb")
        assert reader.readline().split()[1] == b"404"
        length = 0
        while (line := reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        reader.read(length)


@pytest.mark.parametrize("path", ["/", "/ws"])
def test_the_realtime_paths_without_upgrade_are_426(daemon, path):
    assert daemon.public().get(path, prefix="").status == 426


@pytest.mark.parametrize(
    "drop, status",
    [
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 400),
        ("Sec-WebSocket-Version: 13\r\n", 426),
    ],
    ids=["no-key", "no-version"],
)
def test_a_flawed_upgrade_is_refused(daemon, drop, status):
    request = f"GET /ws HTTP/1.1\r\nHost: localhost\r\n{UPGRADE.replace(drop, '')}\r\n"
    answered = Wire(daemon).send(request).status()
    assert answered in (400, 426)


def test_an_upgrade_by_post_is_refused(daemon):
    request = f"POST /ws HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}Content-Length: 0\r\n\r\n"
    assert Wire(daemon).send(request).status() in (400, 404, 405, 426)


def test_an_upgrade_elsewhere_is_refused(daemon):
    assert Wire(daemon).send(f"GET /elsewhere HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n").status() == 404


def test_a_request_that_does_not_end_is_408(daemon):
    wire = Wire(daemon, timeout=45).send("GET /me HTTP/1.1\r\nHost: x\r\n")
    assert wire.status() == 408
    assert wire.ended()


def test_a_body_over_its_limit_is_413(start_daemon):
    daemon = start_daemon(HALLEY_LIMITS_BODYBYTES=2048)
    answer = daemon.public(apiKey="dev-auth-key").post(
        "/users", {"uid": "big", "name": "x", "metadata": {"k": "v" * 4096}}
    )
    assert answer.status == 413


def test_a_chunked_body_over_its_limit_is_413(start_daemon):
    daemon = start_daemon(HALLEY_LIMITS_BODYBYTES=2048)
    wire = Wire(daemon).send(
        "POST /users HTTP/1.1\r\nHost: x\r\nappId: dev\r\napiKey: dev-auth-key\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1000\r\n" + "x" * 4096 + "\r\n"
    )
    assert wire.status() == 413


def test_headers_over_their_limit_are_431(daemon):
    wire = Wire(daemon)
    try:
        wire.send("GET /me HTTP/1.1\r\nHost: x\r\n" + "".join(f"x-{i}: {'y' * 1000}\r\n" for i in range(200)) + "\r\n")
    except ConnectionError:
        pass  # refused before it was all written
    assert wire.status() == 431


def test_pipelined_requests_are_answered_in_order_on_the_public_listener_too(world):
    bob = world.user()
    wire = Wire(world.daemon)
    request = f"GET /me HTTP/1.1\r\nHost: x\r\nappId: dev\r\nauthToken: {bob.token}\r\n\r\n"
    other = "GET /no-such HTTP/1.1\r\nHost: x\r\nappId: dev\r\n\r\n"
    wire.send((request + other) * 5)
    reader = wire.tls.makefile("rb")
    statuses = []
    for _ in range(10):
        statuses.append(int(reader.readline().split()[1]))
        length = 0
        while (line := reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        reader.read(length)
    assert statuses == [200, 404] * 5


def test_expect_100_continue_is_answered(world):
    bob = world.user()
    wire = Wire(world.daemon)
    body = b'{"anything":1}'
    wire.send(
        f"POST /user_sessions HTTP/1.1\r\nHost: x\r\nappId: dev\r\nauthToken: {bob.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    reader = wire.tls.makefile("rb")
    assert reader.readline().split()[1] == b"100"
    assert reader.readline() == b"\r\n"
    wire.send(body)
    assert reader.readline().split()[1] == b"200"


def test_permessage_deflate_is_answered_without_context_takeover(daemon):
    raw = RawWebSocket(daemon, upgrade=False)
    raw.tls.sendall(
        f"GET /ws HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n".encode()
    )
    head = raw.read_head().lower()
    (answer,) = [line for line in head.split("\r\n") if line.startswith("sec-websocket-extensions:")]
    assert "permessage-deflate" in answer
    assert "server_no_context_takeover" in answer
    assert "client_no_context_takeover" in answer
    raw.close()


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_1_2_and_1_3_are_spoken(daemon, version):
    context = daemon.ssl_context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    plain = socket.create_connection(("127.0.0.1", daemon.port), DEADLINE)
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        assert tls.version() == version.replace("_", ".")
        tls.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
        assert tls.recv(4096).startswith(b"HTTP/1.1 426 ")


def test_tls_before_1_2_and_plain_text_are_refused(daemon):
    context = daemon.ssl_context()
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(socket.create_connection(("127.0.0.1", daemon.port), DEADLINE), server_hostname="localhost")
    plain = socket.create_connection(("127.0.0.1", daemon.port), DEADLINE)
    plain.sendall(b"GET /me HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        assert not plain.recv(4096).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        pass


# -- browsers: origins and CORS


ALLOWED = "https://chat.example"


@pytest.fixture(scope="module")
def strict(request):
    """A daemon that knows one foreign origin."""
    from halley import Daemon

    daemon = Daemon(env={"HALLEY_PUBLIC_ALLOWEDORIGINS": f"{ALLOWED},https://other.example"})
    request.addfinalizer(daemon.discard)
    return daemon.start()


def upgrade_status(daemon, *headers):
    lines = "".join(header + "\r\n" for header in headers)
    return Wire(daemon).send(f"GET /ws HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n{UPGRADE}{lines}\r\n").status()


def test_the_upgrade_checks_the_origin(strict):
    assert upgrade_status(strict) == 101, "native SDKs send none"
    assert upgrade_status(strict, f"Origin: {ALLOWED}") == 101
    assert upgrade_status(strict, "Origin: https://other.example") == 101
    assert upgrade_status(strict, f"Origin: {strict.origin}") == 101, "the gateway's own"
    assert upgrade_status(strict, "Origin: https://evil.example") == 403
    assert upgrade_status(strict, f"Origin: {ALLOWED}.evil.example") == 403
    assert upgrade_status(strict, "Origin: null") == 403


def test_dev_allows_all_origins(daemon):
    assert upgrade_status(daemon, "Origin: https://anything.example") == 101


def test_a_preflight_from_an_allowed_origin_names_methods_and_headers(strict):
    answer = strict.public(app=None).request(
        "OPTIONS",
        "/messages",
        headers={
            "Origin": ALLOWED,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "appid,authtoken,resource,content-type",
        },
    )
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    methods = {word.strip() for word in answer.headers["access-control-allow-methods"].split(",")}
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= methods
    allowed = {word.strip().lower() for word in answer.headers["access-control-allow-headers"].split(",")}
    assert {"appid", "authtoken", "apikey", "resource", "sdk", "chatapiversion", "content-type"} <= allowed


def test_answers_to_an_allowed_origin_carry_it_and_to_a_foreign_one_do_not(strict):
    api = strict.public(apiKey="dev-auth-key")
    path = "/users/alice/auth_tokens"
    answer = api.post(path, {}, headers={"Origin": ALLOWED})
    assert answer.data["uid"] == "alice"
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert "origin" in answer.headers["vary"].lower()
    foreign = api.post(path, {}, headers={"Origin": "https://evil.example"})
    assert foreign.data["uid"] == "alice", "served, but without CORS headers"
    assert foreign.headers["access-control-allow-origin"] is None


def test_refusals_carry_cors_headers_too(strict):
    answer = strict.public().get("/me", headers={"Origin": ALLOWED})
    answer.refused(401)
    assert answer.headers["access-control-allow-origin"] == ALLOWED


# -- the playground


def test_the_playground_is_served_with_its_assets_and_a_strict_policy(daemon):
    page = daemon.public(app=None).get("/playground/", prefix="")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    for name, kind in [("style.css", "text/css"), ("app.js", "text/javascript")]:
        asset = daemon.public(app=None).get(f"/playground/{name}", prefix="")
        assert asset.status == 200
        assert asset.headers["content-type"].startswith(kind)
    assert daemon.public(app=None).get("/playground/../tls/server.key", prefix="").status in (400, 404)


def test_the_playground_is_off_unless_turned_on(start_daemon):
    daemon = start_daemon(HALLEY_PUBLIC_PLAYGROUND="false")
    assert daemon.public(app=None).get("/playground/", prefix="").status == 404
