"""Behind a load balancer that says whose connection it is (PROXY protocol, versions 1 and 2)."""

import http.client
import ipaddress
import socket
import struct

import pytest

from halley import DEADLINE, until

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def version1(client):
    family = "TCP6" if ":" in client else "TCP4"
    proxy = "::1" if ":" in client else "10.0.0.1"
    return f"PROXY {family} {client} {proxy} 40000 443\r\n".encode()


def version2(client, extensions=b""):
    address = ipaddress.ip_address(client)
    proxy = ipaddress.ip_address("::1" if address.version == 6 else "10.0.0.1")
    tail = address.packed + proxy.packed + struct.pack("!HH", 40000, 443) + extensions
    return SIGNATURE + bytes([0x21, 0x21 if address.version == 6 else 0x11]) + struct.pack("!H", len(tail)) + tail


LOCAL = SIGNATURE + b"\x20\x00\x00\x00"


class Proxied:
    """One connection of a proxy: a header, then TLS, then requests."""

    def __init__(self, daemon, header, *, in_pieces=False):
        plain = socket.create_connection(("127.0.0.1", daemon.port), timeout=DEADLINE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in [header[index : index + 1] for index in range(len(header))] if in_pieces else [header]:
            plain.sendall(piece)
        self.connection = http.client.HTTPConnection("localhost")
        self.connection.sock = daemon.ssl_context().wrap_socket(plain, server_hostname="localhost")

    def get(self, path, **headers):
        self.connection.request("GET", path, headers={"appId": "dev"} | headers)
        response = self.connection.getresponse()
        response.read()
        return response.status

    def close(self):
        self.connection.close()


@pytest.fixture
def daemon(start_daemon):
    return start_daemon(
        HALLEY_PUBLIC_PROXYPROTOCOL="true", HALLEY_LIMITS_AUTHPERMINUTE=2, HALLEY_LIMITS_CONNECTIONSPERADDRESS=2
    )


@pytest.mark.parametrize("version", [version1, version2])
@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("client", ["192.0.2.1", "2001:db8::1"])
def test_a_header_goes_before_tls(daemon, version, in_pieces, client):
    proxied = Proxied(daemon, version(client), in_pieces=in_pieces)
    assert proxied.get("/settings") == 200
    assert proxied.get("/settings") == 200
    proxied.close()


def test_limits_by_address_are_the_clients_not_the_proxys(daemon):
    def attempt(client):
        proxied = Proxied(daemon, version2(client, extensions=b"\x04\x00\x02xx"))
        try:
            return proxied.get("/me", authToken="wrong")
        finally:
            proxied.close()

    assert [attempt("192.0.2.1") for _ in range(3)] == [401, 401, 429]
    assert attempt("192.0.2.2") == 401
    assert attempt("::ffff:192.0.2.1") == 429, "the same client, written otherwise"
    # Who closed leaves room only once the gateway has seen it, so these two addresses are new.
    held = [Proxied(daemon, version1("192.0.2.9")) for _ in range(2)]
    assert [each.get("/settings") for each in held] == [200, 200]
    with pytest.raises(OSError):
        Proxied(daemon, version1("192.0.2.9"))
    other = Proxied(daemon, version1("192.0.2.10"))
    assert other.get("/settings") == 200
    held[0].close()

    def again():
        try:
            Proxied(daemon, version1("192.0.2.9")).close()
            return True
        except OSError:
            return False

    until(again, what="room after a connection's end")


def test_a_health_check_of_the_proxy_itself_is_served(daemon):
    proxied = Proxied(daemon, LOCAL)
    assert proxied.get("/settings") == 200
    proxied.close()


@pytest.mark.parametrize(
    "header",
    [b"", b"PROXY TCP4 1.2.3.4 1.2.3.4 99999 1\r\n", b"GET / HTTP/1.1\r\n\r\n", SIGNATURE + b"\x31\x11\x00\x00"],
    ids=["none", "bad line", "http", "unknown version"],
)
def test_without_a_valid_header_the_connection_ends_without_a_word(daemon, header):
    with pytest.raises(OSError):
        Proxied(daemon, header)
    # And others are served.
    proxied = Proxied(daemon, version1("192.0.2.77"))
    assert proxied.get("/settings") == 200
    proxied.close()


def test_a_header_is_not_expected_unless_configured(start_daemon):
    plain = start_daemon()
    with pytest.raises(OSError):
        Proxied(plain, version2("192.0.2.1"))
    assert plain.public().get("/settings").status == 200
