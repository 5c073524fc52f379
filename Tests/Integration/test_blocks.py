"""Blocks hold in both directions (protocol 6.3, 7): what is refused, what is not sent, and what goes on."""

import pytest

SUBSCRIPTIONS = {
    "ALL_USERS": {"presenceSubscription": "ALL_USERS"},
    "FRIENDS": {"presenceSubscription": "FRIENDS"},
    "ROLES": {"presenceSubscription": "ROLES", "roles": ["default"]},
}


def block(user, *others):
    results = user.rest().post("/blockedusers", {"blockedUids": [other.uid for other in others]}).data
    assert all(results[other.uid]["success"] is True for other in others), results


def unblock(user, *others):
    results = user.rest().delete("/blockedusers", {"blockedUids": [other.uid for other in others]}).data
    assert all(results[other.uid]["success"] is True for other in others), results


def uids(answer):
    return [row["uid"] for row in answer.data]


def befriend(world, *users):
    for index, user in enumerate(users):
        others = [other.uid for other in users[index + 1 :]]
        if others:
            world.backend.post(f"/users/{user.uid}/friends", {"friends": others}).ok()


def test_messages_between_a_blocked_pair_are_refused_by_who_blocked(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    block(bob, alice)
    content = {"receiverType": "user", "category": "message", "type": "text", "data": {"text": "hi"}}
    for user, other, code in [(alice, bob, "ERR_BLOCKED_SENDER"), (bob, alice, "ERR_BLOCKED_RECEIVER")]:
        message = {"receiver": other.uid} | content
        user.rest().post("/messages", message).refused(403, code)
        world.backend.acting(user.uid).post("/messages", message).refused(403, code)
    ref = sender.message(bob.uid)
    assert sender.expect(type="error", ref=ref).body["code"] == "ERR_BLOCKED_SENDER"
    ref = receiver.message(alice.uid)
    assert receiver.expect(type="error", ref=ref).body["code"] == "ERR_BLOCKED_RECEIVER"
    world.barrier(sender, receiver)
    receiver.none(type="message", sender=alice.uid)
    sender.none(type="message", sender=bob.uid)
    unblock(bob, alice)
    sender.say(bob.uid, "again")
    receiver.expect(type="message", sender=alice.uid)


def test_transient_events_are_refused_and_typing_is_dropped(world):
    alice, bob = world.users(2)
    sender, receiver = alice.connect(), bob.connect()
    block(alice, bob)
    sender.transient(bob.uid, {"x": 1})
    assert sender.expect(type="error").body["code"] == "ERR_BLOCKED_RECEIVER"
    receiver.transient(alice.uid, {"x": 1})
    assert receiver.expect(type="error").body["code"] == "ERR_BLOCKED_SENDER"
    transient = {"receiver": alice.uid, "receiverType": "user", "data": {}}
    world.backend.acting(bob.uid).post("/transient", transient).refused(403, "ERR_BLOCKED_SENDER")
    for client, other in [(sender, bob), (receiver, alice)]:
        client.typing(other.uid)
        client.typing(other.uid, "ended")
    # Typing is answered to nobody: what the same connection asks next is.
    carol = world.user()
    listener = carol.connect()
    for client in (sender, receiver):
        client.typing(carol.uid)
        listener.expect(type="typing_indicator", sender=client.uid)
    world.barrier(sender, receiver)
    for client in (sender, receiver):
        client.none(type="typing_indicator")
        client.none(type="transient_message")


def test_in_shared_groups_messages_pass_and_typing_does_not(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    clients = {user.uid: user.connect() for user in (alice, bob, carol)}
    block(alice, bob)
    for user, other in [(alice, bob), (bob, alice)]:
        clients[user.uid].typing(guid, kind="group")
        clients[carol.uid].expect(type="typing_indicator", sender=user.uid, body={"action": "started"})
        clients[user.uid].transient(guid, {"from": user.uid}, kind="group")
        clients[other.uid].expect(type="transient_message", sender=user.uid)
        clients[user.uid].say(guid, f"from {user.uid}", "group")
        clients[other.uid].expect(type="message", sender=user.uid, receiver=guid)
        clients[carol.uid].expect(type="typing_indicator", sender=user.uid, body={"action": "ended"})
    # The same group's later event is behind everything before it.
    clients[carol.uid].typing(guid, kind="group")
    for user, other in [(alice, bob), (bob, alice)]:
        clients[user.uid].expect(type="typing_indicator", sender=carol.uid)
        clients[user.uid].none(type="typing_indicator", sender=other.uid)


def test_typing_that_is_seen_ends_when_the_block_begins(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    typist, watcher, other = alice.connect(), bob.connect(), carol.connect()
    typist.typing(bob.uid)
    typist.typing(guid, kind="group")
    for kind in ("user", "group"):
        watcher.expect(type="typing_indicator", sender=alice.uid, receiverType=kind, body={"action": "started"})
    block(bob, alice)
    for kind in ("user", "group"):
        watcher.expect(type="typing_indicator", sender=alice.uid, receiverType=kind, body={"action": "ended"})
    typist.typing(guid, "ended", kind="group")
    other.expect(type="typing_indicator", sender=alice.uid, body={"action": "ended"})
    assert len(other.all(type="typing_indicator", sender=alice.uid)) == 2


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
@pytest.mark.parametrize("shards", [1, 3])
def test_a_blocked_pair_hears_of_no_coming_and_going_of_each_other(start_world, subscription, shards):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=0, HALLEY_SERVER_SHARDS=shards)
    alice, bob = world.users(2)
    befriend(world, alice, bob)
    # Several connections each, so that with several shards each has to know.
    watchers = {user.uid: [user.connect(**SUBSCRIPTIONS[subscription]) for _ in range(3)] for user in (alice, bob)}
    everyone = {uid: list(clients) for uid, clients in watchers.items()}
    first, second, third = world.users(3)
    for other in (first, second, third):
        befriend(world, other, alice, bob)

    def settle(user):
        client = user.connect()
        for clients in watchers.values():
            for watcher in clients:
                watcher.expect(type="presence", sender=user.uid, body={"action": "online"})
        client.close()

    def heard(user, other):
        return [frame.body["action"] for watcher in everyone[user.uid] for frame in watcher.all(sender=other.uid)]

    settle(first)
    before = [heard(alice, bob), heard(bob, alice)]
    block(alice, bob)
    for user in (alice, bob):
        # All gone, and back: an offline and an online, which the other's connections are there to miss.
        for watcher in watchers[user.uid]:
            watcher.close()
        watchers[user.uid] = [user.connect(**SUBSCRIPTIONS[subscription]) for _ in range(3)]
        everyone[user.uid] += watchers[user.uid]
        settle(second if user is alice else third)
    assert [heard(alice, bob), heard(bob, alice)] == before

    unblock(alice, bob)
    for watcher in watchers[bob.uid]:
        watcher.close()
    for watcher in watchers[alice.uid]:
        watcher.expect(type="presence", sender=bob.uid, body={"action": "offline"})


def test_rest_shows_the_state_and_who_blocked_whom(world):
    alice, bob, carol = world.users(3)
    bob.connect()
    block(alice, bob)
    seen = alice.rest().get(f"/users/{bob.uid}").data
    assert (seen["blockedByMe"], seen["hasBlockedMe"], seen["status"]) == (True, False, "online")
    seen = bob.rest().get(f"/users/{alice.uid}").data
    assert (seen["blockedByMe"], seen["hasBlockedMe"]) == (False, True)
    assert uids(alice.rest().get("/blockedusers")) == [bob.uid]
    assert uids(bob.rest().get("/blockedusers", query={"direction": "hasBlockedMe"})) == [alice.uid]
    assert uids(bob.rest().get("/blockedusers", query={"direction": "blockedByMe"})) == []
    assert uids(carol.rest().get("/blockedusers", query={"direction": "both"})) == []
    chosen = {"uids": f"{bob.uid},{carol.uid}"}
    assert uids(alice.rest().get("/users", query=chosen)) == [carol.uid]
    everybody = {bob.uid, carol.uid}
    assert set(uids(alice.rest().get("/users", query=chosen | {"withBlocked": 1}))) == everybody
    # An SDK knows another word, and lists everybody without it.
    sdk = alice.rest(sdk="javascript@4.0.10")
    assert set(uids(sdk.get("/users", query=chosen))) == everybody
    assert uids(sdk.get("/users", query=chosen | {"hideBlockedUsers": 1})) == [carol.uid]


def test_no_frame_shows_a_viewer(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    client = carol.connect(presenceSubscription="ALL_USERS")
    block(carol, alice)
    bob.connect()
    client.expect(type="presence", sender=bob.uid)
    alice.send(guid, kind="group")
    client.expect(type="message", sender=alice.uid)
    assert not any("blockedByMe" in frame.text or "hasBlockedMe" in frame.text for frame in client.seen)


def test_oneself_is_refused_and_results_come_one_by_one(world):
    alice, bob = world.users(2)
    alice.rest().post("/blockedusers", {"blockedUids": [alice.uid]}).refused(400, "ERR_CANNOT_BLOCK_SELF")
    results = alice.rest().post("/blockedusers", {"blockedUids": [alice.uid, "nobody-at-all", bob.uid]}).data
    assert results[bob.uid]["success"] is True
    assert results[alice.uid]["error"]["code"] == "ERR_CANNOT_BLOCK_SELF"
    assert results["nobody-at-all"]["success"] is False
    assert results["nobody-at-all"]["error"]["code"] == "ERR_UID_NOT_FOUND"
    assert "blockedUids" in alice.rest().post("/blockedusers", {}).refused(400)["message"]


def test_the_list_is_bounded(start_world):
    world = start_world(HALLEY_LIMITS_BLOCKEDPERUSER=1)
    alice, bob, carol = world.users(3)
    block(alice, bob)
    results = alice.rest().post("/blockedusers", {"blockedUids": [carol.uid]}).data
    assert "blockedPerUser" in results[carol.uid]["error"]["message"]
    both = {"blockedUids": [bob.uid, carol.uid]}
    assert "blockedUids" in alice.rest().post("/blockedusers", both).refused(400)["message"]


def test_blocks_survive_a_crash(start_world):
    world = start_world()
    alice, bob = world.users(2)
    alice_before = world.backend.acting(alice.uid)
    block(alice, bob)
    world.daemon.kill()
    world.daemon.restart()
    message = {"receiver": alice.uid, "receiverType": "user", "category": "message", "type": "text"}
    refused = bob.rest().post("/messages", message | {"data": {"text": "hi"}})
    refused.refused(403, "ERR_BLOCKED_SENDER")
    assert uids(alice_before.get("/blockedusers")) == [bob.uid]
    unblock(alice, bob)
    bob.send(alice.uid)


def test_a_uid_that_is_made_again_is_in_no_block(world):
    alice, bob = world.users(2)
    block(alice, bob)
    watcher = alice.connect(presenceSubscription="ALL_USERS")
    world.backend.delete(f"/users/{bob.uid}").ok()
    world.backend.post("/users", {"uid": bob.uid, "name": "Another"}).ok()
    assert uids(alice.rest().get("/blockedusers")) == []
    bob.token = bob.new_token()
    bob.connect()
    watcher.expect(type="presence", sender=bob.uid, body={"action": "online"})
    alice.send(bob.uid)
    bob.send(alice.uid)


def test_messages_from_before_the_block_are_replayed(world):
    alice, bob = world.users(2)
    client = bob.connect()
    last = client.welcome.body["seq"]
    client.drop()
    sent = alice.send(bob.uid, "accepted before the block")
    block(bob, alice)
    again = bob.connect(session=client.session, resume={"lastSeq": last})
    again.expect(type="message", body={"id": sent["id"]})
    again.expect(type="resumed", body={"count": 1, "complete": True})
