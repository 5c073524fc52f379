"""Interactive messages (protocol 3.8, 6)."""

import pytest


def send(user, receiver, kind="user", type="form", **data):
    body = {"receiver": receiver, "receiverType": kind, "category": "interactive", "type": type}
    return user.rest().post("/messages", body | {"data": {"interactiveData": {"title": "t"}} | data})


def interact(user, message, *elements, client=None):
    return user.rest(client).patch(f"/messages/{message['id']}/interacted", {"interactions": list(elements)})


def goal(word, *elements):
    return {"type": word, "elementIds": list(elements)}


def used(message):
    return [one["elementId"] for one in message["data"]["interactions"]]


def resume_from(user, last_seq, **options):
    client = user.connect(resume={"lastSeq": last_seq}, **options)
    client.resumed = client.expect(type="resumed")
    return client


@pytest.mark.parametrize("type", ["form", "card", "scheduler", "customInteractive"])
def test_each_type_is_sent_by_rest_and_socket(world, type):
    alice, bob = world.users(2)
    client, receiver = alice.connect(), bob.connect()
    sent = send(alice, bob.uid, type=type, interactionGoal=goal("anyAction")).data
    assert (sent["category"], sent["type"]) == ("interactive", type)
    frame = receiver.expect(type="message", body={"id": sent["id"]})
    assert frame.body["data"]["interactiveData"] == {"title": "t"}
    assert frame.body["data"]["interactionGoal"] == goal("anyAction")
    assert "interactions" not in frame.body["data"]
    ref = client.message(bob.uid, category="interactive", type=type, data={"interactiveData": {}})
    receiver.expect(type="message", body={"id": client.expect(type="ack", ref=ref).body["id"]})


@pytest.mark.parametrize(
    "data, named",
    [
        ({"interactiveData": None}, "interactiveData"),
        ({"interactiveData": []}, "interactiveData"),
        ({"interactionGoal": 1}, "interactionGoal"),
        ({"interactionGoal": {"type": "most"}}, "type"),
        ({"interactionGoal": {"elementIds": []}}, "type"),
        ({"interactionGoal": goal("allOf")}, "elementIds"),
        ({"interactionGoal": goal("anyOf", "")}, "elementIds"),
        ({"interactionGoal": goal("anyOf", *map(str, range(101)))}, "elementIds"),
        ({"allowSenderInteraction": "yes"}, "allowSenderInteraction"),
    ],
)
def test_what_is_no_interactive_message_is_refused(world, data, named):
    alice, bob = world.users(2)
    assert named in send(alice, bob.uid, **data).refused(400, "ERR_INVALID_MESSAGE_DATA")["message"]


def test_an_unknown_type_is_refused(world):
    alice, bob = world.users(2)
    send(alice, bob.uid, type="quiz").refused(400, "ERR_INVALID_MESSAGE_TYPE")


def test_the_author_is_told_once_when_the_goal_is_reached(world):
    alice, bob = world.users(2)
    author, origin, other = alice.connect(), bob.connect(), bob.connect()
    sent = send(alice, bob.uid, interactionGoal=goal("allOf", "a", "b")).data
    assert used(interact(bob, sent, "a", "x", client=origin).data) == ["a", "x"]
    world.barrier(author)
    author.none(type="interaction_completed")
    assert used(interact(bob, sent, "b", client=origin).data) == ["a", "x", "b"]
    frame = author.expect(type="interaction_completed")
    assert (frame["sender"], frame["messageSender"]) == (bob.uid, alice.uid)
    assert (frame["receiver"], frame["receiverType"]) == (alice.uid, "user")
    assert frame["deviceId"] == origin.session
    assert frame["seq"] > int(sent["id"])
    assert set(frame.body) == {"messageId", "user", "interactions"}
    assert frame.body["messageId"] == sent["id"]
    assert frame.body["user"]["uid"] == bob.uid
    assert [one["elementId"] for one in frame.body["interactions"]] == ["a", "x", "b"]
    assert all(one["interactedAt"] >= sent["sentAt"] for one in frame.body["interactions"])
    interact(bob, sent, "c").ok()
    interact(bob, sent, "a", "b").ok()
    world.barrier(author, other)
    assert len(author.all(type="interaction_completed")) == 1
    other.none(type="interaction_completed")


@pytest.mark.parametrize(
    "wanted, reports, reached",
    [
        (None, [["a"]], False),
        (goal("none"), [["a"]], False),
        (goal("anyAction"), [["whatever"]], True),
        (goal("anyOf", "a", "b"), [["x"], ["b"]], True),
        (goal("anyOf", "a", "b"), [["x"], ["y"]], False),
        (goal("allOf", "a", "b"), [["b", "a"]], True),
    ],
)
def test_each_goal(world, wanted, reports, reached):
    alice, bob = world.users(2)
    author = alice.connect()
    sent = send(alice, bob.uid, **({"interactionGoal": wanted} if wanted else {})).data
    for elements in reports:
        interact(bob, sent, *elements).ok()
    world.barrier(author)
    assert len(author.all(type="interaction_completed")) == (1 if reached else 0)


def test_in_a_group_each_member_reaches_the_goal_and_only_the_author_is_told(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    author, reader = alice.connect(), carol.connect()
    sent = send(alice, guid, "group", interactionGoal=goal("anyAction")).data
    interact(bob, sent, "a").ok()
    interact(carol, sent, "b").ok()
    frame = author.expect(type="interaction_completed", sender=bob.uid)
    assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
    author.expect(type="interaction_completed", sender=carol.uid)
    world.barrier(reader)
    reader.none(type="interaction_completed")
    assert used(bob.rest().get(f"/messages/{sent['id']}").data) == ["a"]
    assert used(carol.rest().get(f"/groups/{guid}/messages").data[-1]) == ["b"]
    assert used(alice.rest().get(f"/messages/{sent['id']}").data) == []


def test_the_senders_own_count_where_the_message_allows_it(world):
    alice, bob = world.users(2)
    refused = send(alice, bob.uid, interactionGoal=goal("anyAction")).data
    interact(alice, refused, "a").refused(403, "ERR_MESSAGE_NO_ACCESS")
    origin, other = alice.connect(), alice.connect()
    allowed = send(alice, bob.uid, interactionGoal=goal("anyAction"), allowSenderInteraction=True).data
    assert used(interact(alice, allowed, "a", client=origin).data) == ["a"]
    other.expect(type="interaction_completed", body={"messageId": allowed["id"]})
    world.barrier(origin)
    origin.none(type="interaction_completed")


def test_wrong_reports_are_refused(world):
    alice, bob, eve = world.users(3)
    sent, text = send(alice, bob.uid).data, alice.send(bob.uid)
    for body in ({}, {"interactions": []}, {"interactions": "a"}, {"interactions": [1]}, {"interactions": [""]}):
        bob.rest().patch(f"/messages/{sent['id']}/interacted", body).refused(400, "ERR_BAD_REQUEST")
    interact(bob, sent, *map(str, range(101))).refused(400, "ERR_BAD_REQUEST")
    interact(bob, sent, "x" * 101).refused(400, "ERR_BAD_REQUEST")
    interact(bob, text, "a").refused(400, "ERR_INVALID_MESSAGE_CATEGORY")
    interact(eve, sent, "a").refused(403, "ERR_MESSAGE_NO_ACCESS")
    interact(bob, {"id": "99999999"}, "a").refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    interact(bob, sent, *map(str, range(100))).ok()
    assert "interactionsPerUser" in interact(bob, sent, "one more").refused(400, "ERR_BAD_REQUEST")["message"]


def test_a_reached_goal_is_replayed_and_survives_a_kill(start_world):
    world = start_world()
    alice, bob = world.users(2)
    client = alice.connect()
    start = client.welcome.body["seq"]
    sent = send(alice, bob.uid, interactionGoal=goal("anyOf", "b")).data
    interact(bob, sent, "a").ok()
    interact(bob, sent, "b").ok()
    live = client.expect(type="interaction_completed")
    interact(bob, sent, "later").ok()
    world.daemon.kill()
    world.daemon.restart()
    again = resume_from(alice, start)
    replayed = again.expect(type="interaction_completed")
    assert replayed["seq"] == live["seq"]
    assert replayed.body["interactions"] == live.body["interactions"]
    assert again.resumed.body["count"] == len([frame for frame in again.seen if "seq" in frame])
    assert used(interact(bob, sent, "a").data) == ["a", "b", "later"]
    resume_from(bob, start).none(type="interaction_completed")


def test_interactive_messages_are_read_like_others(world):
    alice, bob = world.users(2)
    author, reader = alice.connect(), bob.connect()
    sent = send(alice, bob.uid).data
    assert bob.rest().get(f"/users/{alice.uid}/conversation").data["unreadMessageCount"] == 1
    reader.receipt("read", alice.uid, sent["id"])
    receipt = author.expect(type="receipts", body={"action": "read"})
    assert str(receipt.body["messageId"]) == sent["id"]
