"""Conversations and unread counts (protocol 6, 7): two users, several devices, before and after a restart."""

import pytest


def listed(user, **query):
    return [
        (row["conversationId"], row["lastMessage"]["id"], row["unreadMessageCount"])
        for row in user.rest().get("/conversations", query=query).data
    ]


def standing(user):
    """The list without what presence changes."""
    rows = user.rest().get("/conversations").data
    keys = ("unreadMessageCount", "lastReadMessageId", "tags")
    return [(row["conversationId"], row["lastMessage"]["id"], *(row.get(key) for key in keys)) for row in rows]


def pair_id(*users):
    return "_user_".join(sorted(user.uid for user in users))


def conversation(user, other):
    return user.rest().get(f"/users/{other.uid}/conversation").data


def test_read_receipts_of_any_device_move_the_count(world):
    alice, bob = world.users(2)
    phone, laptop = bob.connect(), bob.connect()
    ids = [alice.send(bob.uid, f"message {n}")["id"] for n in range(3)]
    assert listed(bob) == [(pair_id(alice, bob), ids[2], 3)]
    assert listed(alice) == [(pair_id(alice, bob), ids[2], 0)]
    phone.receipt("read", alice.uid, ids[1])
    laptop.expect(type="receipts", body={"messageId": ids[1]})
    found = conversation(bob, alice)
    assert (found["unreadMessageCount"], found["lastReadMessageId"]) == (1, ids[1])
    laptop.receipt("read", alice.uid, ids[2])
    phone.expect(type="receipts", body={"messageId": ids[2]})
    assert conversation(bob, alice)["unreadMessageCount"] == 0
    assert conversation(bob, alice)["conversationWith"]["uid"] == alice.uid


@pytest.mark.parametrize("kind", ["user", "group"])
def test_mark_unread_is_silent_and_reading_again_takes_it_back(world, kind):
    alice, bob = world.users(2)
    place = alice.uid if kind == "user" else world.group(alice, bob)
    path = f"/{kind}s/{place}/conversation"
    author, reader, other = alice.connect(), bob.connect(), bob.connect()
    ids = [alice.send(bob.uid if kind == "user" else place, kind=kind)["id"] for _ in range(3)]
    reader.receipt("read", place, ids[2], kind)
    author.expect(type="receipts", body={"action": "read", "messageId": ids[2]})
    world.barrier(author, other)
    before = [len(author.seen), len(other.seen)]

    marked = bob.rest().delete(f"{path}/read", {"messageId": ids[1]}).data
    assert (marked["unreadMessageCount"], marked["lastReadMessageId"]) == (2, ids[0])
    assert bob.rest().get(path).data["unreadMessageCount"] == 2
    # The receipt stands: no event for anybody, and the message still says when it was read.
    world.barrier(author, other)
    assert [len(author.seen) - 1, len(other.seen) - 1] == before
    if kind == "user":
        assert alice.rest().get(f"/messages/{ids[2]}").data["readAt"]

    reader.receipt("read", place, ids[2], kind)
    world.barrier(reader)
    assert bob.rest().get(path).data["unreadMessageCount"] == 0


def test_only_what_counts_is_unread(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob)
    path = f"/groups/{guid}/conversation"
    start = bob.rest().get(path).data["unreadMessageCount"]
    bob.send(guid, kind="group")
    alice.send(guid, kind="group")
    custom = {"receiver": guid, "receiverType": "group", "category": "custom", "type": "poll", "data": {"customData": {}}}
    alice.rest().post("/messages", custom).ok()
    # Joining makes an action, which does not count, and whoever joins begins there.
    carol.rest().post(f"/groups/{guid}/members", {}).ok()
    assert bob.rest().get(path).data["unreadMessageCount"] == start + 2
    assert carol.rest().get(path).data["unreadMessageCount"] == 0
    last = alice.send(guid, kind="group")["id"]
    assert carol.rest().get(path).data["unreadMessageCount"] == 1
    assert listed(carol) == [(f"group_{guid}", last, 1)]


def test_counts_as_sdks_ask_for_them(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    alice.send(bob.uid)
    alice.send(guid, kind="group")
    alice.send(guid, kind="group")
    counts = bob.rest().get("/messages", query={"unread": 1, "count": 1}).data
    assert counts == [
        {"entityType": "group", "entityId": guid, "count": 2},
        {"entityType": "user", "entityId": alice.uid, "count": 1},
    ]
    assert bob.rest().get(f"/users/{alice.uid}/messages", query={"unread": 1, "count": 1}).data == counts[1:]
    unread = bob.rest().get("/messages", query={"unread": 1}).data
    assert [message["sender"] for message in unread] == [alice.uid] * 3


def test_a_hidden_conversation_comes_back_without_its_past(world):
    alice, bob = world.users(2)
    alice.send(bob.uid, "before")
    bob.rest().delete(f"/users/{alice.uid}/conversation").ok()
    assert listed(bob) == []
    assert bob.rest().get(f"/users/{alice.uid}/messages").data == []
    assert len(listed(alice)) == 1
    after = alice.send(bob.uid, "after")["id"]
    assert listed(bob) == [(pair_id(alice, bob), after, 1)]
    assert [m["id"] for m in bob.rest().get(f"/users/{alice.uid}/messages").data] == [after]
    assert len(alice.rest().get(f"/users/{bob.uid}/messages").data) == 2


def test_everything_is_there_after_a_restart(start_world):
    world = start_world()
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    ids = [alice.send(bob.uid)["id"] for _ in range(3)]
    alice.send(guid, kind="group")
    client = bob.connect()
    client.receipt("read", alice.uid, ids[2])
    world.barrier(client)
    bob.rest().delete(f"/users/{alice.uid}/conversation/read", {"messageId": ids[2]}).ok()
    bob.rest().put(f"/users/{alice.uid}/conversation", {"tags": ["work"]}).ok()
    bob.rest().delete(f"/groups/{guid}/conversation").ok()
    before = standing(bob)
    assert [row[2:] for row in before if row[0] == pair_id(alice, bob)] == [(1, ids[1], ["work"])]
    assert f"group_{guid}" not in [row[0] for row in before]
    world.daemon.restart()
    assert standing(bob) == before
    # Positions went on; so do the counts.
    client = bob.connect()
    alice.send(bob.uid)
    assert conversation(bob, alice)["unreadMessageCount"] == 2
    client.receipt("read", alice.uid, ids[2])
    world.barrier(client)
    assert conversation(bob, alice)["unreadMessageCount"] == 1
