"""Client pings and what they keep alive (protocol 3.2 and 4)."""

import time

from halley import RawWebSocket
from halley.raw import PING, PONG

SHORT = {"HALLEY_RULES_PINGTIMEOUT": 1}


def test_ping_is_answered_with_pong(world):
    client = world.user().connect()
    assert client.ping() == {"action": "pong"}


def test_a_websocket_ping_is_answered_with_its_payload(world):
    raw = RawWebSocket(world.daemon)
    raw.send(PING, b"anybody there")
    assert raw.receive() == (PONG, b"anybody there")
    raw.close()


def test_without_a_client_ping_the_connection_is_closed_4203_at_most_a_second_late(start_world):
    world = start_world(**SHORT)
    client = world.user().connect()
    begin = time.monotonic()
    error = client.expect(type="error")
    assert error.body["closeCode"] == 4203
    assert error.body["resumable"] is True
    client.expect_close(4203)
    # Never early; "at most 1 s late" is the bound, and a loaded test machine gets a second more.
    assert 0.9 <= time.monotonic() - begin <= 3.0


def test_pings_keep_a_connection_open(start_world):
    world = start_world(**SHORT)
    kept, cut = world.user().connect(), world.user().connect()
    # Twice the time in which the silent one is cut.
    for _ in range(2):
        while cut.close_code is None:
            kept.ping()
        cut.expect_close(4203)
        cut = world.user().connect()
    kept.ping()
    assert kept.close_code is None


def test_other_frames_and_websocket_pings_do_not_count(start_world):
    world = start_world(**SHORT)
    alice, bob = world.users(2)
    client = alice.connect()
    begin = time.monotonic()
    while client.close_code is None:
        client_alive(client, bob)
        assert time.monotonic() - begin < 10
    client.expect_close(4203)


def client_alive(client, receiver):
    """Shows life in every way but the one that counts."""
    from websockets.exceptions import ConnectionClosed

    try:
        client.typing(receiver.uid)
        client.websocket_ping()
    except (ConnectionClosed, OSError):
        pass


def test_the_time_counts_from_auth(start_world):
    """A client that pings before `auth` has not bought time for after it, and none is lost either."""
    world = start_world(**SHORT)
    client = world.user().open()
    client.ping()
    client.auth()
    begin = time.monotonic()
    client.expect_close(4203)
    assert time.monotonic() - begin >= 0.9
