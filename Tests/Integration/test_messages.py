"""Messages: who receives what, acks, duplicates and what is passed on unchanged (protocol 3.7, 6, 6.3)."""

import json
import time
import uuid

import pytest

ODD = '{ "text" : "gr\\u00fc\\u00df \\ud83d\\ude00 \\/",  "n":1.50e1,"nested":{"b":[ 1 , 2],"a":null} }'


def test_one_to_one_by_socket(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    ack = sender.say(bob.uid, "hi bob")
    frame = receiver.expect(type="message")
    body = frame.body
    assert frame["sender"] == alice.uid
    assert (frame["receiver"], frame["receiverType"]) == (bob.uid, "user")
    assert frame["deviceId"] == sender.session
    assert frame["appId"] == "dev"
    assert body["data"]["text"] == "hi bob"
    assert (body["category"], body["type"]) == ("message", "text")
    assert body["conversationId"] == "_user_".join(sorted([alice.uid, bob.uid]))
    assert (body["sender"], body["receiver"], body["receiverType"]) == (alice.uid, bob.uid, "user")
    assert abs(body["sentAt"] - time.time()) < 60
    # The id is the seq in decimal, in the frame and in the ack.
    assert body["id"] == str(frame["seq"]) == ack.body["id"] == str(ack["seq"])
    assert ack.body["sentAt"] == body["sentAt"]
    assert ack.body["duplicate"] is False
    entities = body["data"]["entities"]
    assert entities["sender"]["entityType"] == "user"
    assert entities["sender"]["entity"]["uid"] == alice.uid
    assert entities["sender"]["entity"]["name"] == alice.name
    assert entities["receiver"]["entity"]["uid"] == bob.uid


def test_one_to_one_by_rest_goes_to_the_receiver_and_the_senders_other_connections(world):
    alice, bob = world.users(2)
    acting, other, receiver = alice.connect(), alice.connect(), bob.connect()
    message = alice.send(bob.uid, "by rest", client=acting)
    for client in (other, receiver):
        frame = client.expect(type="message", body={"id": message["id"]})
        assert frame["deviceId"] == acting.session
    world.barrier(acting)
    acting.none(type="message", sender=alice.uid)


def test_without_a_resource_all_of_the_senders_connections_get_it(world):
    alice, bob = world.users(2)
    client = alice.connect()
    message = alice.send(bob.uid)
    assert "deviceId" not in client.expect(type="message", body={"id": message["id"]})


def test_a_resource_that_another_user_holds_is_ignored(world):
    alice, bob = world.users(2)
    client, foreign = alice.connect(), bob.connect()
    message = alice.send(bob.uid, client=foreign)
    for receiver in (client, foreign):
        assert "deviceId" not in receiver.expect(type="message", body={"id": message["id"]})


def test_the_origin_never_gets_its_own_but_the_senders_other_devices_do(world):
    alice, bob = world.users(2)
    origin, other = alice.connect(), alice.connect()
    ack = origin.say(bob.uid)
    other.expect(type="message", body={"id": ack.body["id"]})
    world.barrier(origin)
    origin.none(type="message", sender=alice.uid)


def test_a_message_to_oneself_goes_to_ones_other_connections(world):
    alice = world.user()
    origin, other = alice.connect(), alice.connect()
    ack = origin.say(alice.uid, "note")
    other.expect(type="message", body={"id": ack.body["id"]})
    world.barrier(origin, other)
    origin.none(type="message", sender=alice.uid)
    assert len(other.all(type="message", sender=alice.uid)) == 1


def test_a_group_message_goes_to_every_members_connections_and_to_no_one_else(world):
    alice, bob, carol, outsider = world.users(4)
    guid = world.group(alice, bob, carol)
    origin, other = alice.connect(), alice.connect()
    members = [bob.connect(), bob.connect(), carol.connect()]
    stranger = outsider.connect()
    ack = origin.say(guid, "hello all", "group")
    for client in [other, *members]:
        frame = client.expect(type="message", body={"id": ack.body["id"]})
        assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
        assert frame.body["conversationId"] == f"group_{guid}"
        assert frame.body["data"]["entities"]["receiver"]["entityType"] == "group"
        assert frame.body["data"]["entities"]["receiver"]["entity"]["guid"] == guid
    world.barrier(origin, stranger)
    origin.none(type="message", receiver=guid)
    stranger.none(type="message", receiver=guid)


def test_the_alias_groupchat_means_group(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    receiver = bob.connect()
    alice.connect().say(guid, kind="groupchat")
    assert receiver.expect(type="message")["receiverType"] == "group"


def test_a_non_member_cannot_send(world):
    alice, outsider = world.users(2)
    guid = world.group(alice)
    client = outsider.connect()
    ref = client.message(guid, kind="group")
    error = client.expect(type="error", ref=ref)
    assert error.body["code"] == "ERR_NOT_A_MEMBER"
    assert error.body["retryable"] is False
    outsider.rest().post("/messages", text_to(guid, "group")).refused(403, "ERR_NOT_A_MEMBER")


def text_to(receiver, kind="user", **body):
    return {
        "receiver": receiver,
        "receiverType": kind,
        "category": "message",
        "type": "text",
        "data": {"text": "x"},
    } | body


@pytest.mark.parametrize(
    "change, code",
    [
        ({"receiver": "no-such-user-here"}, "ERR_UID_NOT_FOUND"),
        ({"receiver": "no-such-group", "receiverType": "group"}, "ERR_GUID_NOT_FOUND"),
        ({"receiver": ""}, "ERR_EMPTY_RECEIVER"),
        ({"receiverType": "crowd"}, "ERR_INVALID_RECEIVER_TYPE"),
        ({"category": "action"}, "ERR_INVALID_MESSAGE_CATEGORY"),
        ({"category": "gossip"}, "ERR_INVALID_MESSAGE_CATEGORY"),
        ({"type": "smell"}, "ERR_INVALID_MESSAGE_TYPE"),
        ({"data": {"text": ""}}, "ERR_EMPTY_MESSAGE_TEXT"),
        ({"data": "text"}, "ERR_INVALID_MESSAGE_DATA"),
        ({"category": "custom", "type": "with space", "data": {"customData": {}}}, "ERR_INVALID_MESSAGE_TYPE"),
        ({"category": "custom", "type": "pin", "data": {"customData": [1]}}, "ERR_INVALID_CUSTOM_DATA"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else value,
)
def test_refusals_are_the_same_by_socket_and_by_rest(world, change, code):
    alice, bob = world.users(2)
    body = text_to(bob.uid) | change
    client = alice.connect()
    content = {key: value for key, value in body.items() if key not in ("receiver", "receiverType")}
    client.send(
        {
            "type": "message",
            "ref": "r",
            "receiver": body["receiver"],
            "receiverType": body["receiverType"],
            "body": content,
        }
    )
    error = client.expect(type="error", ref="r")
    assert error.body["code"] == code
    assert error.body["message"]
    answer = alice.rest().post("/messages", body)
    assert answer.json["error"]["code"] == code
    assert answer.status == (404 if "NOT_FOUND" in code else 400)
    assert bob.rest().get(f"/users/{alice.uid}/messages").data == []


def test_data_over_its_limit_is_413(world):
    alice, bob = world.users(2)
    body = text_to(bob.uid, data={"text": "x" * 10_300})
    assert alice.rest().post("/messages", body).status == 413


def test_data_is_passed_on_byte_for_byte(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    sender.send(
        '{"type":"message","ref":"r","receiver":"%s","receiverType":"user",'
        '"body":{"category":"message","type":"text","data":%s}}' % (bob.uid, ODD)
    )
    sender.expect(type="ack", ref="r")
    inner = ODD.strip()[1:-1].strip()
    assert inner in receiver.expect(type="message").text
    history = bob.rest().get(f"/users/{alice.uid}/messages")
    assert inner.encode() in history.body
    assert len(history.data) == 1


def test_metadata_moves_into_data_byte_for_byte(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    odd = '{"z":1.0,  "a" :"\\u00e9"}'
    sender.send(
        '{"type":"message","ref":"r","receiver":"%s","receiverType":"user",'
        '"body":{"category":"message","type":"text","data":{"text":"x"},"metadata":%s}}' % (bob.uid, odd)
    )
    sender.expect(type="ack", ref="r")
    frame = receiver.expect(type="message")
    assert frame.body["data"]["metadata"] == {"z": 1.0, "a": "é"}
    assert odd in frame.text
    assert "metadata" not in frame.body


def test_a_custom_message_keeps_its_custom_data(world):
    alice, bob = world.users(2)
    receiver = bob.connect()
    data = {"customData": {"lat": 50.5, "deep": [{"a": []}]}, "subType": "pin"}
    alice.connect().say(bob.uid, category="custom", type="location.v1", data=data)
    body = receiver.expect(type="message").body
    assert (body["category"], body["type"]) == ("custom", "location.v1")
    assert body["data"]["customData"] == data["customData"]
    assert body["data"]["subType"] == "pin"


def test_tags_and_parent_are_kept(world):
    alice, bob = world.users(2)
    receiver = bob.connect()
    first = alice.send(bob.uid, "root")
    receiver.expect(type="message")
    for parent in (int(first["id"]), first["id"]):
        alice.connect().say(bob.uid, "reply", parentId=parent, tags=["a", "b"])
        body = receiver.expect(type="message").body
        assert body["parentId"] == first["id"], "sent as a decimal string"
        assert body["tags"] == ["a", "b"]


def test_a_reply_to_a_reply_is_refused(world):
    alice, bob = world.users(2)
    root = alice.send(bob.uid)
    reply = alice.send(bob.uid, parentId=root["id"])
    alice.rest().post("/messages", text_to(bob.uid, parentId=reply["id"])).refused(400, "ERR_MESSAGE_THREAD_NESTING")
    alice.rest().post("/messages", text_to(bob.uid, parentId="999999999")).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")


# -- muid


def test_the_same_muid_by_socket_is_answered_duplicate_and_fanned_out_once(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    muid = str(uuid.uuid4())
    first = sender.say(bob.uid, "one", muid=muid)
    assert (first.body["duplicate"], first.body["muid"]) == (False, muid)
    again = sender.say(bob.uid, "two", muid=muid)
    assert again.body["duplicate"] is True
    assert again.body["id"] == first.body["id"]
    assert again.body["sentAt"] == first.body["sentAt"]
    world.barrier(receiver)
    (frame,) = receiver.all(type="message", sender=alice.uid)
    assert frame.body["data"]["text"] == "one", "the first body wins"
    assert frame.body["muid"] == muid


def test_a_muid_is_judged_across_socket_and_rest(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    muid = str(uuid.uuid4())
    first = sender.say(bob.uid, "by socket", muid=muid)
    answer = alice.send(bob.uid, "by rest", muid=muid)
    assert answer["duplicate"] is True
    assert answer["id"] == first.body["id"]
    assert answer["data"]["text"] == "by socket"
    other = str(uuid.uuid4())
    by_rest = alice.send(bob.uid, "rest first", muid=other)
    assert not by_rest.get("duplicate")
    assert sender.say(bob.uid, muid=other).body["id"] == by_rest["id"]
    world.barrier(receiver)
    assert len(receiver.all(type="message", sender=alice.uid)) == 2


def test_a_muid_belongs_to_its_sender(world):
    alice, bob = world.users(2)
    muid = str(uuid.uuid4())
    first = alice.connect().say(bob.uid, muid=muid)
    second = bob.connect().say(alice.uid, muid=muid)
    assert second.body["duplicate"] is False
    assert second.body["id"] != first.body["id"]


def test_pipelined_duplicates_make_one_message(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    muid = str(uuid.uuid4())
    refs = [sender.message(bob.uid, f"try {index}", muid=muid) for index in range(20)]
    acks = [sender.expect(type="ack", ref=ref) for ref in refs]
    assert len({ack.body["id"] for ack in acks}) == 1
    assert [ack.body["duplicate"] for ack in acks] == [False] + [True] * 19
    world.barrier(receiver)
    assert len(receiver.all(type="message", sender=alice.uid)) == 1


# -- order


def test_a_burst_arrives_complete_in_order_and_acks_too(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    # Below the bound on frames without their answer; the next test goes past it.
    refs = [sender.message(bob.uid, f"n{index}", ref=f"r{index}") for index in range(200)]
    sender.expect(type="ack", ref=refs[-1])
    acks = [frame for frame in sender.seen if frame["type"] == "ack"]
    assert [ack["ref"] for ack in acks] == refs
    seqs = [ack["seq"] for ack in acks]
    assert seqs == sorted(set(seqs))
    world.barrier(receiver)
    frames = receiver.all(type="message", sender=alice.uid)
    assert [frame.body["data"]["text"] for frame in frames] == [f"n{index}" for index in range(200)]
    assert [frame["seq"] for frame in frames] == seqs


def test_every_frame_of_a_flood_is_answered_and_what_is_refused_may_be_tried_again(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    texts = [f"{alice.uid} {index}" for index in range(1500)]
    left = texts
    while left:
        for text in left:
            sender.message(bob.uid, text, ref=text, muid=text)
        answers = [sender.expect(ref=text) for text in left]
        refused = [answer["ref"] for answer in answers if answer["type"] == "error"]
        for answer in answers:
            if answer["type"] == "error":
                assert answer.body["code"] in ("ERR_TOO_MANY_REQUESTS", "ERR_UNAVAILABLE"), answer
                assert answer.body["retryable"] is True
        assert len(refused) < len(left), "some get through every time"
        left = refused
    world.barrier(receiver)
    received = [frame.body["data"]["text"] for frame in receiver.all(type="message", sender=alice.uid)]
    assert sorted(received) == sorted(texts)


def test_all_connections_see_one_order(world):
    senders = world.users(3)
    watchers = [world.user(), world.user()]
    guid = world.group(senders[0], *senders[1:], *watchers)
    clients = [user.connect() for user in senders]
    seen = [user.connect() for user in watchers for _ in range(2)]
    for index in range(40):
        for client in clients:
            client.message(guid, f"{client.uid} {index}", "group")
    world.barrier(*seen)
    orders = [[frame["seq"] for frame in client.all(type="message", receiver=guid)] for client in seen]
    assert len(orders[0]) == 120
    assert orders[0] == sorted(orders[0])
    assert all(order == orders[0] for order in orders)


def test_nothing_crosses_from_one_app_to_another(world, second):
    """The same uids in both apps are different people."""
    alice, bob = world.users(2)
    for user in (alice, bob):
        second.backend.post("/users", {"uid": user.uid, "name": "twin"}).ok()
    twin_token = second.backend.post(f"/users/{bob.uid}/auth_tokens", {}).data["authToken"]
    from halley import Client

    twin = second.keep(Client(second.daemon, bob.uid, twin_token, app="second"))
    twin.auth(presenceSubscription="ALL_USERS")
    alice.connect().say(bob.uid)
    second.barrier(twin)
    twin.none(type="message", sender=alice.uid)
    twin.none(type="presence", sender=alice.uid)


def test_sends_past_the_users_rate_are_refused_on_client_interfaces_only(start_world):
    world = start_world(HALLEY_LIMITS_SENDSPERMINUTE=3)
    alice, bob = world.users(2)
    client = alice.connect()
    for _ in range(3):
        client.say(bob.uid)
    ref = client.message(bob.uid)
    error = client.expect(type="error", ref=ref)
    assert error.body["code"] == "ERR_TOO_MANY_REQUESTS"
    assert error.body["retryable"] is True
    assert error.body["retryAfterMs"] > 0
    answer = alice.rest().post("/messages", text_to(bob.uid))
    answer.refused(429, "ERR_TOO_MANY_REQUESTS")
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["X-Rate-Limit"] == "3"
    assert answer.headers["X-Rate-Limit-Remaining"] == "0"
    for _ in range(5):
        world.backend.acting(alice.uid).post("/messages", text_to(bob.uid)).ok()
