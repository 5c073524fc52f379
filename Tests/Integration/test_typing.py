"""Typing, whose end the gateway owns, and transient events (protocol 3.4, 3.5)."""

import time

import pytest

from halley import until


def expect_typing(client, sender, action, **pattern):
    body = {"action": action, "user": {"uid": sender.uid}} | pattern.pop("body", {})
    return client.expect(type="typing_indicator", sender=sender.uid, body=body, **pattern)


def test_typing_is_relayed_with_the_gateways_record_of_the_user(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    sender.typing(bob.uid, user={"uid": "somebody-else", "name": "Forged"}, metadata={"x": 1})
    frame = expect_typing(receiver, alice, "started")
    assert frame["receiver"] == bob.uid
    assert frame["receiverType"] == "user"
    assert frame["deviceId"] == sender.session
    assert frame["appId"] == "dev"
    assert frame.body["user"]["name"] == alice.name
    assert frame.body["metadata"] == {"x": 1}
    assert "seq" not in frame
    sender.typing(bob.uid, "ended")
    expect_typing(receiver, alice, "ended")


def test_metadata_is_passed_on_byte_for_byte(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    odd = '{ "b" : 1.50, "a":"\\u00e4\\/",  "n":1e3 , "z":[ ] }'
    sender.send(
        '{"type":"typing_indicator","receiver":"%s","receiverType":"user","body":{"action":"started","metadata":%s}}'
        % (bob.uid, odd)
    )
    assert odd in expect_typing(receiver, alice, "started").text


@pytest.mark.parametrize("alias", ["group", "groupchat"])
def test_group_typing_goes_to_the_other_online_members_and_not_to_the_typist(world, alias):
    alice, bob, carol, outsider = world.users(4)
    guid = world.group(alice, bob, carol)
    origin = alice.connect()
    members = [bob.connect(), carol.connect()]
    stranger = outsider.connect()
    origin.typing(guid, kind=alias)
    for member in members:
        frame = expect_typing(member, alice, "started")
        assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
    # The same group's later event is behind it on every connection.
    members[0].typing(guid, kind="group")
    expect_typing(origin, bob, "started")
    origin.none(type="typing_indicator", sender=alice.uid)
    world.barrier(stranger)
    stranger.none(type="typing_indicator")


def test_the_alias_chat_means_user(world):
    alice, bob = world.users(2)
    receiver = bob.connect()
    alice.connect().typing(bob.uid, kind="chat")
    assert expect_typing(receiver, alice, "started")["receiverType"] == "user"


def test_appid_and_sender_of_a_frame_are_ignored(world):
    alice, bob, carol = world.users(3)
    receiver = bob.connect()
    alice.connect().send(
        {
            "appId": "second",
            "sender": carol.uid,
            "deviceId": "forged",
            "type": "typing_indicator",
            "receiver": bob.uid,
            "receiverType": "user",
            "body": {"action": "started"},
        }
    )
    frame = expect_typing(receiver, alice, "started")
    assert frame["appId"] == "dev"
    assert frame["deviceId"] != "forged"


def test_a_non_members_typing_reaches_nobody(world):
    alice, bob, outsider = world.users(3)
    guid = world.group(alice, bob)
    member = bob.connect()
    outsider.connect().typing(guid, kind="group")
    alice.connect().typing(guid, kind="group")
    expect_typing(member, alice, "started")
    member.none(type="typing_indicator", sender=outsider.uid)


# -- the end


@pytest.fixture
def pair(world):
    """A typist and a receiver, 1:1, with `started` seen."""
    alice, bob = world.users(2)
    sender, receiver = alice.connect(connectionMode="manual"), bob.connect()
    sender.typing(bob.uid)
    expect_typing(receiver, alice, "started")
    return alice, bob, sender, receiver


def ended_once(receiver, alice):
    expect_typing(receiver, alice, "ended")
    assert len(receiver.all(type="typing_indicator", body={"action": "ended"})) == 1


@pytest.mark.parametrize("how", ["close", "drop"])
def test_the_gateway_ends_it_when_the_typist_disconnects_without_the_grace_period(pair, how):
    alice, _, sender, receiver = pair
    begin = time.monotonic()
    getattr(sender, how)()
    ended_once(receiver, alice)
    assert time.monotonic() - begin < 12, "the grace period is 15 s"


def test_the_gateway_ends_it_when_the_typist_sends_a_message_by_socket(pair):
    alice, bob, sender, receiver = pair
    sender.say(bob.uid)
    ended_once(receiver, alice)


def test_the_gateway_ends_it_when_the_typist_sends_a_message_by_rest(pair):
    alice, bob, sender, receiver = pair
    alice.send(bob.uid, client=sender)
    ended_once(receiver, alice)


def test_a_message_to_another_conversation_does_not_end_it(world, pair):
    alice, bob, sender, receiver = pair
    carol = world.user()
    sender.say(carol.uid)
    world.barrier(receiver)
    sender.typing(bob.uid, "ended")
    ended_once(receiver, alice)


def test_the_gateway_ends_it_when_the_typist_goes_to_background(pair):
    alice, _, sender, receiver = pair
    sender.app_state("background")
    ended_once(receiver, alice)


def test_the_gateway_ends_it_when_the_typist_leaves_the_group(world):
    alice, bob, carol = world.users(3)
    guid = world.group(bob, alice, carol)
    sender, receiver = alice.connect(), carol.connect()
    sender.typing(guid, kind="group")
    expect_typing(receiver, alice, "started")
    alice.rest(sender).delete(f"/groups/{guid}/members").ok()
    ended_once(receiver, alice)


def test_the_gateway_ends_it_when_it_was_not_refreshed(start_world):
    world = start_world(HALLEY_RULES_TYPINGTIMEOUT=1)
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    begin = time.monotonic()
    sender.typing(bob.uid)
    frame = expect_typing(receiver, alice, "ended")
    assert time.monotonic() - begin >= 0.9
    assert "deviceId" not in frame, "a server's timer has no origin"
    sender.ping()


def test_a_refresh_starts_the_time_anew(start_world):
    world = start_world(HALLEY_RULES_TYPINGTIMEOUT=1)
    alice, bob, carol = world.users(3)
    sender, receiver = alice.connect(), bob.connect()
    sender.typing(bob.uid)
    # Carol types to bob without refreshing, twice over: alice, who refreshes, outlives her both times.
    other = carol.connect()
    for _ in range(2):
        other.typing(bob.uid)
        expect_typing(receiver, carol, "started")

        def carol_ended():
            sender.typing(bob.uid)
            sender.ping()
            return receiver.all(type="typing_indicator", sender=carol.uid, body={"action": "ended"})

        until(carol_ended)
        expect_typing(receiver, carol, "ended")
        receiver.seen[:] = [frame for frame in receiver.seen if frame.get("sender") != carol.uid]
    receiver.none(type="typing_indicator", sender=alice.uid, body={"action": "ended"})


def test_typing_past_the_rate_is_dropped_silently(start_world):
    world = start_world(HALLEY_LIMITS_TYPINGPERSECOND=1)
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    for _ in range(20):
        sender.typing(bob.uid)
        sender.typing(bob.uid, "ended")
    sender.ping()
    sender.say(bob.uid)
    receiver.expect(type="message", sender=alice.uid)
    assert len(receiver.all(type="typing_indicator")) < 20
    sender.none(type="error")


# -- transient events


def test_a_transient_event_is_relayed_byte_for_byte_and_not_kept(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    odd = '{ "LIVE_REACTION" : "\\u2764",  "n":1.0e0 }'
    sender.send(
        '{"type":"transient_message","receiver":"%s","receiverType":"user","body":{"user":{"uid":"x"},"data":%s}}'
        % (bob.uid, odd)
    )
    frame = receiver.expect(type="transient_message", sender=alice.uid)
    assert odd in frame.text
    assert frame["deviceId"] == sender.session
    assert frame.body["user"]["uid"] == alice.uid
    assert frame.body["user"]["name"] == alice.name
    assert "seq" not in frame and "id" not in frame.body
    assert bob.rest().get(f"/users/{alice.uid}/messages").data == []


def test_a_transient_event_in_a_group_goes_to_the_other_online_members(world):
    alice, bob, carol, outsider = world.users(4)
    guid = world.group(alice, bob, carol)
    origin, stranger = alice.connect(), outsider.connect()
    members = [bob.connect(), carol.connect()]
    origin.transient(guid, {"LIVE_REACTION": "heart"}, kind="group")
    for member in members:
        frame = member.expect(type="transient_message", sender=alice.uid)
        assert frame.body["data"] == {"LIVE_REACTION": "heart"}
    members[0].transient(guid, {"LIVE_REACTION": "star"}, kind="group")
    origin.expect(type="transient_message", sender=bob.uid)
    origin.none(type="transient_message", sender=alice.uid)
    world.barrier(stranger)
    stranger.none(type="transient_message")


def test_a_transient_event_misses_who_is_offline(world):
    alice, bob = world.users(2)
    sender = alice.connect()
    sender.transient(bob.uid, {"n": 1})
    sender.ping()
    receiver = bob.connect(resume={"lastSeq": 0})
    receiver.expect(type="resumed")
    sender.transient(bob.uid, {"n": 2})
    receiver.expect(type="transient_message", body={"data": {"n": 2}})
    receiver.none(type="transient_message", body={"data": {"n": 1}})


def test_the_backend_publishes_typing_and_transient_for_a_user(world):
    alice, bob = world.users(2)
    receiver = bob.connect()
    backend = world.backend.acting(alice.uid)
    backend.post("/typing", {"receiver": bob.uid, "receiverType": "user", "action": "started"}).ok()
    frame = expect_typing(receiver, alice, "started")
    assert "deviceId" not in frame
    backend.post("/transient", {"receiver": bob.uid, "receiverType": "user", "data": {"k": "v"}}).ok()
    frame = receiver.expect(type="transient_message", sender=alice.uid)
    assert frame.body["data"] == {"k": "v"}
    assert "deviceId" not in frame
