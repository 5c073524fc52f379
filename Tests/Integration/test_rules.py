"""The connection rules (protocol 4), with times that a test can wait for."""

import json
import time

import pytest
from websockets.exceptions import ConnectionClosed

from halley import RawWebSocket, until
from halley.raw import BINARY, CONTINUATION, PING, PONG, TEXT

# -- background


def test_background_in_auto_mode_is_closed_4202_at_once_and_resumable(world):
    alice, bob = world.users(2)
    client = alice.connect()
    last = client.welcome.body["seq"]
    client.app_state("background")
    error = client.expect(type="error")
    assert error.body["closeCode"] == 4202
    assert error.body["resumable"] is True
    client.expect_close(4202)
    missed = bob.send(alice.uid)
    again = alice.connect(resume={"lastSeq": last})
    again.expect(type="message", body={"id": missed["id"]})


def test_auth_from_background_in_auto_mode_is_answered_200_and_then_closed_4202(world):
    client = world.user().open()
    answer = client.auth(appState="background")
    assert answer.body["code"] == "200"
    client.expect_close(4202)


def test_background_in_manual_mode_stays_open_and_messages_still_come(world):
    alice, bob = world.users(2)
    client = alice.connect(connectionMode="manual")
    client.app_state("background")
    message = bob.send(alice.uid)
    client.expect(type="message", body={"id": message["id"]})
    assert client.close_code is None


def test_background_in_manual_mode_without_a_ping_is_closed_4203(start_world):
    world = start_world(HALLEY_RULES_BACKGROUNDTIMEOUT=1)
    client = world.user().connect(connectionMode="manual")
    begin = time.monotonic()
    client.app_state("background")
    assert client.expect(type="error").body["closeCode"] == 4203
    client.expect_close(4203)
    assert 0.9 <= time.monotonic() - begin <= 3.0


def test_pings_keep_a_background_connection_and_their_end_cuts_it(start_world):
    world = start_world(HALLEY_RULES_BACKGROUNDTIMEOUT=1)
    kept, cut = (world.user().connect(connectionMode="manual") for _ in range(2))
    kept.app_state("background")
    cut.app_state("background")
    while cut.close_code is None:
        kept.ping()
    begin = time.monotonic()
    kept.expect_close(4203)
    assert time.monotonic() - begin >= 0.5


def test_foreground_brings_the_normal_ping_rule_back(start_world):
    world = start_world(HALLEY_RULES_BACKGROUNDTIMEOUT=1)
    back, cut = (world.user().connect(connectionMode="manual") for _ in range(2))
    for client in (back, cut):
        client.app_state("background")
    back.app_state("foreground")
    cut.expect_close(4203)
    back.ping()
    assert back.close_code is None


def test_in_background_typing_and_transient_events_are_not_sent_to_it(world):
    alice, bob = world.users(2)
    away, here = alice.connect(connectionMode="manual"), alice.connect()
    away.app_state("background")
    away.ping()
    sender = bob.connect()
    sender.typing(alice.uid)
    sender.transient(alice.uid, {"n": 1})
    here.expect(type="typing_indicator")
    here.expect(type="transient_message")
    sender.say(alice.uid)
    away.expect(type="message")
    away.none(type="typing_indicator")
    away.none(type="transient_message")


def test_typing_from_background_is_dropped(world):
    alice, bob = world.users(2)
    away, receiver = alice.connect(connectionMode="manual"), bob.connect()
    away.app_state("background")
    away.typing(bob.uid)
    away.say(bob.uid)
    receiver.expect(type="message")
    receiver.none(type="typing_indicator")


def test_ones_own_presence_is_unchanged_until_the_cut_and_the_cut_starts_the_grace_period(start_world):
    world = start_world(HALLEY_RULES_BACKGROUNDTIMEOUT=1, HALLEY_RULES_PRESENCEGRACE=1)
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    client = alice.connect(connectionMode="manual")
    watcher.expect(type="presence", sender=alice.uid, body={"action": "online"})
    client.app_state("background")
    client.expect_close(4203)
    begin = time.monotonic()
    watcher.none(type="presence", sender=alice.uid, body={"action": "offline"})
    watcher.expect(type="presence", sender=alice.uid, body={"action": "offline"})
    assert time.monotonic() - begin >= 0.7


def test_an_app_state_outside_its_words_is_an_error(world):
    client = world.user().connect()
    client.send({"type": "app_state", "ref": "a", "body": {"state": "asleep"}})
    assert client.expect(type="error").body["code"] == "ERR_BAD_REQUEST"
    client.ping()


# -- frames


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "7",
        '"auth"',
        "null",
        "{",
        "",
        "{}{}",
        '{"type":',
        "[" * 500 + "]" * 500,
        '{"type":"x","body":' + "[" * 400 + "]" * 400 + "}",
    ],
    ids=lambda text: (text or "empty")[:12],
)
def test_what_is_no_json_object_or_too_deep_is_an_error_and_the_connection_stays(world, text):
    client = world.user().connect()
    client.send(text)
    assert client.expect(type="error").body["code"] == "ERR_BAD_REQUEST"
    client.ping()


def test_an_unknown_type_is_an_error_with_its_ref(world):
    client = world.user().connect()
    client.send({"type": "teleport", "ref": "t1", "body": {}})
    error = client.expect(type="error", ref="t1")
    assert error.body["code"] == "ERR_BAD_REQUEST"
    assert error.body["message"]
    assert error.body["retryable"] is False
    client.ping()


def test_unknown_keys_are_ignored(world):
    alice, bob = world.users(2)
    receiver = bob.connect()
    alice.connect().send(
        {
            "type": "message",
            "ref": "u",
            "future": {"x": [1]},
            "receiver": bob.uid,
            "receiverType": "user",
            "body": {"category": "message", "type": "text", "data": {"text": "x"}, "unheardOf": 7},
        }
    )
    receiver.expect(type="message", sender=alice.uid)


def test_more_than_twenty_bad_frames_a_minute_are_closed_4302(world):
    client = world.user().connect()
    for _ in range(20):
        client.send("[]")
    client.ping()
    assert client.close_code is None
    client.send("[]")
    client.expect(type="error", body={"closeCode": 4302})
    client.expect_close(4302)


def test_frames_past_the_rate_are_closed_4102(start_world):
    world = start_world(HALLEY_LIMITS_FRAMESPERMINUTE=20)
    client = world.user().connect()
    for _ in range(30):
        try:
            client.send({"action": "ping", "ack": "true"})
        except ConnectionClosed:
            break
    error = client.expect(type="error", body={"closeCode": 4102})
    assert error.body["code"] == "ERR_TOO_MANY_REQUESTS"
    client.expect_close(4102)


def test_a_frame_over_64_kib_is_closed_1009(world):
    client = world.user().connect()
    client.send('{"type":"x","pad":"' + "x" * 65536 + '"}')
    client.expect_close(1009)


def test_a_compressed_frame_that_grows_over_the_limit_is_closed_1009(world):
    """The limit is that of the message, not of what travels."""
    client = world.user().connect(compression="deflate")
    client.send('{"type":"x","pad":"' + "x" * 10_000_000 + '"}')
    client.expect_close(1009)


def test_a_frame_at_the_limit_passes(world):
    client = world.user().connect()
    head, tail = '{"type":"nothing","ref":"big","pad":"', '"}'
    client.send(head + "x" * (65536 - len(head) - len(tail)) + tail)
    client.expect(type="error", ref="big")
    client.ping()


def test_a_binary_frame_is_closed_1003(world):
    client = world.user().connect()
    client.send(b"\x00\x01")
    client.expect_close(1003)


# -- bad framing, by hand


def raw(world):
    """A raw connection, authenticated: some rules could hide behind the refusal of strangers."""
    bob = world.user()
    connection = RawWebSocket(world.daemon)
    frame = {
        "type": "auth",
        "appId": "dev",
        "sender": bob.uid,
        "deviceId": f"raw-{bob.uid}",
        "body": {"auth": bob.token, "deviceId": f"raw-{bob.uid}"},
    }
    connection.send(TEXT, json.dumps(frame))
    opcode, payload = connection.receive()
    assert opcode == TEXT and json.loads(payload)["body"]["code"] == "200"
    return connection


@pytest.mark.parametrize(
    "payload", [b"\xff\xfe", b'{"type":"\xc3\x28"}', b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80", b"abc\xe2\x82"]
)
def test_invalid_utf8_is_closed_1007(world, payload):
    connection = raw(world)
    connection.send(TEXT, payload)
    assert connection.receive_close()[0] == 1007


@pytest.mark.parametrize(
    "arguments",
    [
        {"opcode": TEXT, "payload": b"{}", "masked": False},
        {"opcode": TEXT, "payload": b"{}", "reserved": 1},
        {"opcode": TEXT, "payload": b"{}", "reserved": 2},
        {"opcode": 3, "payload": b""},
        {"opcode": 11, "payload": b""},
        {"opcode": PING, "payload": b"x" * 126},
        {"opcode": PING, "payload": b"", "fin": False},
        {"opcode": CONTINUATION, "payload": b"{}"},
    ],
    ids=[
        "unmasked",
        "rsv3",
        "rsv2",
        "opcode-3",
        "opcode-11",
        "long-ping",
        "fragmented-ping",
        "continuation-of-nothing",
    ],
)
def test_bad_framing_is_closed_1002(world, arguments):
    connection = raw(world)
    connection.send(**arguments)
    assert connection.receive_close()[0] == 1002


def test_a_new_message_inside_a_fragmented_one_is_closed_1002(world):
    connection = raw(world)
    connection.send(TEXT, b"{", fin=False)
    connection.send(TEXT, b"{}")
    assert connection.receive_close()[0] == 1002


def test_a_close_code_nobody_may_send_is_closed_1002(world):
    connection = raw(world)
    connection.send(8, b"\x03\xed")  # 1005
    assert connection.receive_close()[0] == 1002


def test_a_fragmented_message_with_a_ping_inside_is_one_message(world):
    connection = raw(world)
    connection.send(TEXT, b'{"action":', fin=False)
    connection.send(PING, b"inside")
    connection.send(CONTINUATION, b'"ping","ack":', fin=False)
    connection.send(CONTINUATION, b'"true"}')
    assert connection.receive() == (PONG, b"inside")
    opcode, payload = connection.receive()
    assert opcode == TEXT and json.loads(payload) == {"action": "pong"}


def test_a_clients_close_is_answered_with_its_code(world):
    connection = raw(world)
    connection.send(8, b"\x03\xe8bye")
    assert connection.receive_close()[0] == 1000


def test_a_binary_frame_by_hand_is_closed_1003(world):
    connection = raw(world)
    connection.send(BINARY, b"{}")
    assert connection.receive_close()[0] == 1003


# -- slow consumers


def test_a_slow_consumer_is_closed_4204_costs_nobody_else_and_resumes_without_loss(start_world):
    world = start_world(HALLEY_LIMITS_OUTBOUNDSOFT=32768, HALLEY_LIMITS_OUTBOUNDHARD=131072)
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    slow = RawWebSocket(world.daemon, receive_buffer=4096)
    session = f"slow-{bob.uid}"
    auth = {
        "type": "auth",
        "appId": "dev",
        "sender": bob.uid,
        "deviceId": session,
        "body": {"auth": bob.token, "deviceId": session},
    }
    slow.send(TEXT, json.dumps(auth))
    start = json.loads(slow.receive()[1])["body"]["seq"]
    reader = carol.connect()
    sender = alice.connect()
    ids = []

    def cut():
        ids.append(sender.say(guid, "x" * 9000, "group").body["id"])
        return world.presence(bob.uid)[bob.uid].get("connections", []) == []

    until(cut, 60, "the cut of a reader who reads nothing")
    for message_id in ids:
        reader.expect(type="message", body={"id": message_id})
    # What it still gets is a gapless beginning, then the reason. A close frame may find no room; then it is a bare end.
    got = []
    try:
        code, texts = slow.receive_close()
        assert code == 4204
        last = json.loads(texts.pop())
        assert last["type"] == "error" and last["body"]["closeCode"] == 4204 and last["body"]["resumable"] is True
        got = [json.loads(text)["body"]["id"] for text in texts]
    except EOFError:
        pytest.fail("the connection ended without the close frame 4204")
    assert got == ids[: len(got)]
    assert len(got) < len(ids)
    again = bob.connect(resume={"lastSeq": int(got[-1]) if got else start})
    again.expect(type="resumed")
    assert got + [frame.body["id"] for frame in again.all(type="message", receiver=guid)] == ids


def test_a_replay_larger_than_the_hard_limit_is_paced_and_complete(start_world):
    """Replay never counts against the queue's hard limit."""
    world = start_world(HALLEY_LIMITS_OUTBOUNDSOFT=16384, HALLEY_LIMITS_OUTBOUNDHARD=65536)
    alice, bob = world.users(2)
    start = bob.connect().welcome.body["seq"]
    ids = [alice.send(bob.uid, "y" * 8000)["id"] for _ in range(100)]
    client = bob.connect(resume={"lastSeq": start})
    resumed = client.expect(type="resumed")
    assert resumed.body["count"] == 100
    assert [frame.body["id"] for frame in client.all(type="message")] == ids


def test_errors_announce_every_close_with_a_4xxx_code(world):
    """The shape, once for all: code, message, retryable, retryAfterMs, resumable, closeCode."""
    client = world.user().connect()
    client.app_state("background")
    body = client.expect(type="error").body
    assert set(body) >= {"code", "message", "retryable", "retryAfterMs", "resumable", "closeCode"}
    assert isinstance(body["retryAfterMs"], int)
    assert client.seen[-1]["type"] == "error"
    client.expect_close(4202)
