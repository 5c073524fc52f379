"""Edits and deletions: who may, who hears of it, what is left (protocol 3.11, 6, 6.1, 7)."""

import pytest

from halley import DEADLINE, until


def edit(user, message, text="new", client=None, **body):
    return user.rest(client).put(f"/messages/{message['id']}", {"data": {"text": text}} | body)


def changed(action):
    """The changed message of an action."""
    return action["data"]["entities"]["on"]["entity"]


def scope(world, guid, user, word):
    """Adds the user with this scope."""
    world.backend.put(f"/groups/{guid}/members", {f"{word}s": [user.uid]}).ok()
    return user


def resume_from(user, last_seq, **options):
    client = user.connect(resume={"lastSeq": last_seq}, **options)
    client.resumed = client.expect(type="resumed")
    return client


def test_an_edit_answers_the_action_and_tells_both_sides(world):
    alice, bob = world.users(2)
    origin, other, receiver = alice.connect(), alice.connect(), bob.connect()
    sent = alice.send(bob.uid, "old", tags=["a"], metadata={"k": [1, 2.50]}, client=origin)
    action = edit(alice, sent, "new", origin, tags=["b"], category="message", type="text").data
    assert (action["category"], action["type"], action["data"]["action"]) == ("action", "message", "edited")
    assert (action["sender"], action["receiver"], action["receiverType"]) == (alice.uid, bob.uid, "user")
    assert action["conversationId"] == sent["conversationId"]
    entities = action["data"]["entities"]
    assert entities["by"]["entity"]["uid"] == alice.uid
    assert entities["for"]["entity"]["uid"] == bob.uid
    assert entities["on"]["entityType"] == "message"
    message = changed(action)
    assert message["id"] == sent["id"]
    assert message["data"]["text"] == "new"
    assert message["data"]["metadata"] == {"k": [1, 2.50]}
    assert message["tags"] == ["b"]
    assert message["editedBy"] == alice.uid
    assert message["editedAt"] == message["updatedAt"] >= message["sentAt"]
    for client in (other, receiver):
        frame = client.expect(type="message", body={"id": action["id"]})
        assert frame["seq"] == int(action["id"]) > int(sent["id"])
        assert frame["deviceId"] == origin.session
        assert changed(frame.body)["data"]["text"] == "new"
        assert changed(frame.body)["data"]["entities"]["sender"]["entity"]["uid"] == alice.uid
    world.barrier(origin)
    origin.none(type="message", body={"category": "action"})
    assert bob.rest().get(f"/messages/{sent['id']}").data["data"]["text"] == "new"


def test_members_of_data_that_are_not_named_stay(world):
    alice, bob = world.users(2)
    body = {"receiver": bob.uid, "receiverType": "user", "category": "custom", "type": "poll"}
    sent = alice.rest().post("/messages", body | {"data": {"customData": {"q": 1}, "subType": "x"}}).data
    answer = alice.rest().put(f"/messages/{sent['id']}", {"data": {"customData": {"q": 2}}}).data
    assert changed(answer)["data"]["customData"] == {"q": 2}
    assert changed(answer)["data"]["subType"] == "x"
    answer = alice.rest().put(f"/messages/{sent['id']}", {"data": {"subType": None}, "metadata": {"m": 1}}).data
    assert "subType" not in changed(answer)["data"]
    assert changed(answer)["data"]["metadata"] == {"m": 1}


def test_a_deleted_message_keeps_its_place_and_nothing_else(world):
    alice, bob = world.users(2)
    receiver = bob.connect()
    sent = alice.send(bob.uid, "secret", tags=["t"], metadata={"m": "secret"})
    edit(alice, sent, "still secret").ok()
    action = alice.rest().delete(f"/messages/{sent['id']}").data
    assert action["data"]["action"] == "deleted"
    frame = receiver.expect(type="message", body={"id": action["id"]})
    seen = bob.rest().get(f"/messages/{sent['id']}").data
    for message in (changed(action), changed(frame.body), seen):
        assert message["deletedBy"] == alice.uid
        assert message["deletedAt"] == message["updatedAt"]
        assert set(message["data"]) == {"entities"}
        assert "tags" not in message
    assert "secret" not in frame.text
    history = bob.rest().get(f"/users/{alice.uid}/messages").data
    assert [message["id"] for message in history if message["category"] == "message"] == [sent["id"]]
    shown = bob.rest().get(f"/users/{alice.uid}/messages", query={"hideDeleted": 1}).data
    assert [message["id"] for message in shown if message["category"] == "message"] == []


def test_what_was_deleted_is_unknown_to_whoever_would_change_it(world):
    alice, bob = world.users(2)
    sent = alice.send(bob.uid)
    alice.rest().delete(f"/messages/{sent['id']}").ok()
    alice.rest().delete(f"/messages/{sent['id']}").refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    edit(alice, sent).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    bob.rest().post(f"/messages/{sent['id']}/reactions/x").refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    edit(alice, {"id": "999999999"}).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    edit(alice, {"id": "none"}).refused(400, "ERR_BAD_REQUEST")


def test_between_two_only_the_author_changes_a_message(world):
    alice, bob, eve = world.users(3)
    sent = alice.send(bob.uid)
    for act in (lambda user: edit(user, sent), lambda user: user.rest().delete(f"/messages/{sent['id']}")):
        act(bob).refused(403, "ERR_MESSAGE_NOT_A_SENDER")
        act(eve).refused(403, "ERR_MESSAGE_NO_ACCESS")
        act(alice).ok()


@pytest.mark.parametrize("act", ["edit", "delete"])
def test_in_a_group_moderators_and_admins_change_anyones(world, act):
    owner, author, participant, stranger = world.users(4)
    guid = world.group(owner, author, participant)
    moderator, admin = (scope(world, guid, world.user(), word) for word in ("moderator", "admin"))
    listener = participant.connect()

    def change(user, message):
        if act == "edit":
            return edit(user, message)
        return user.rest().delete(f"/messages/{message['id']}")

    refused = author.send(guid, kind="group")
    change(participant, refused).refused(403, "ERR_MESSAGE_NOT_A_SENDER")
    change(stranger, refused).refused(403)
    for user in (author, moderator, admin, owner):
        message = author.send(guid, kind="group")
        action = change(user, message).data
        assert action["sender"] == action["data"]["entities"]["by"]["entity"]["uid"] == user.uid
        assert changed(action)["editedBy" if act == "edit" else "deletedBy"] == user.uid
        assert changed(action)["sender"] == author.uid
        frame = listener.expect(type="message", body={"id": action["id"]})
        assert frame["sender"] == user.uid
        assert frame.body["data"]["entities"]["for"]["entity"]["guid"] == guid
    # The backend as itself, in the author's name.
    action = world.backend.delete(f"/messages/{author.send(guid, kind='group')['id']}").data
    assert action["sender"] == author.uid


def test_what_the_gateway_made_stays(world):
    alice, bob = world.users(2)
    guid = world.group(alice)
    joined = bob.rest().post(f"/groups/{guid}/members", {}).data
    edit(bob, joined).refused(400, "ERR_INVALID_MESSAGE_CATEGORY")
    alice.rest().delete(f"/messages/{joined['id']}").refused(400, "ERR_INVALID_MESSAGE_CATEGORY")
    action = edit(alice, alice.send(guid, kind="group")).data
    edit(alice, action).refused(400, "ERR_INVALID_MESSAGE_CATEGORY")


@pytest.mark.parametrize(
    "body, status, code",
    [
        ({}, 400, "ERR_INVALID_MESSAGE_DATA"),
        ({"data": []}, 400, "ERR_INVALID_MESSAGE_DATA"),
        ({"data": {"text": ""}}, 400, "ERR_EMPTY_MESSAGE_TEXT"),
        ({"data": {"text": 1}}, 400, "ERR_INVALID_MESSAGE_DATA"),
        ({"metadata": []}, 400, "ERR_INVALID_METADATA"),
        ({"tags": ["x" * 101]}, 400, "ERR_BAD_REQUEST"),
        ({"tags": ["x"] * 26}, 400, "ERR_BAD_REQUEST"),
        ({"type": "image"}, 400, "ERR_INVALID_MESSAGE_TYPE"),
        ({"category": "custom"}, 400, "ERR_INVALID_MESSAGE_CATEGORY"),
        ({"data": {"text": "x" * 10_500}}, 413, "ERR_INVALID_MESSAGE_DATA"),
        (b"nonsense", 400, "ERR_BAD_REQUEST"),
    ],
)
def test_what_no_message_could_be_is_refused(world, body, status, code):
    alice, bob = world.users(2)
    sent = alice.send(bob.uid, "old")
    alice.rest().put(f"/messages/{sent['id']}", body).refused(status, code)
    assert bob.rest().get(f"/messages/{sent['id']}").data["data"]["text"] == "old"


def test_an_edited_message_is_replayed_as_it_stands_and_its_action_at_its_own_place(world):
    alice, bob = world.users(2)
    start = bob.connect().welcome.body["seq"]
    origin = alice.connect()
    first = alice.send(bob.uid, "one", client=origin)
    gone = alice.send(bob.uid, "two", client=origin)
    action = edit(alice, first, "one, edited", origin).data
    deletion = alice.rest(origin).delete(f"/messages/{gone['id']}").data
    again = resume_from(bob, start)
    frames = [frame for frame in again.seen if frame["type"] == "message"]
    assert [frame.body["id"] for frame in frames] == [first["id"], gone["id"], action["id"], deletion["id"]]
    assert frames[0].body["data"]["text"] == "one, edited"
    assert "text" not in frames[1].body["data"]
    assert changed(frames[2].body)["data"]["text"] == "one, edited"
    assert frames[2]["deviceId"] == origin.session
    # The one who did it knows.
    origin.close()
    same = resume_from(alice, start, session=origin.session)
    assert same.resumed.body["count"] == 0


def test_changes_survive_a_kill(start_world):
    world = start_world()
    alice, bob = world.users(2)
    start = bob.connect().welcome.body["seq"]
    first, gone = alice.send(bob.uid, "one"), alice.send(bob.uid, "two")
    edit(alice, first, "edited").ok()
    alice.rest().delete(f"/messages/{gone['id']}").ok()
    world.daemon.kill()
    world.daemon.restart()
    assert alice.rest().get(f"/messages/{first['id']}").data["data"]["text"] == "edited"
    alice.rest().delete(f"/messages/{gone['id']}").refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    again = resume_from(bob, start)
    actions = [frame.body["data"]["action"] for frame in again.all(type="message", body={"category": "action"})]
    assert actions == ["edited", "deleted"]


def test_a_repeated_muid_is_answered_with_what_became_of_the_message(world):
    alice, bob = world.users(2)
    sent = alice.send(bob.uid, "first", muid=f"m-{bob.uid}")
    edit(alice, sent, "edited").ok()
    again = alice.send(bob.uid, "second", muid=f"m-{bob.uid}")
    assert again["duplicate"] is True
    assert (again["id"], again["data"]["text"]) == (sent["id"], "edited")
    alice.rest().delete(f"/messages/{sent['id']}").ok()
    last = alice.send(bob.uid, "third", muid=f"m-{bob.uid}")
    assert last["duplicate"] is True
    assert last["deletedBy"] == alice.uid


def test_a_deleted_message_is_not_unread(world):
    alice, bob = world.users(2)
    messages = [alice.send(bob.uid) for _ in range(3)]

    def unread():
        return bob.rest().get(f"/users/{alice.uid}/conversation").data["unreadMessageCount"]

    assert unread() == 3
    alice.rest().delete(f"/messages/{messages[1]['id']}").ok()
    until(lambda: unread() == 2, DEADLINE)


def test_mentions_are_shown_by_the_gateways_own_records(world):
    alice, bob, carol = world.users(3)
    receiver = bob.connect()
    text = f"hi <@uid:{carol.uid}> and <@uid:nobody-at-all> and <@uid:{carol.uid}>"
    sent = alice.rest().post(
        "/messages",
        {
            "receiver": bob.uid,
            "receiverType": "user",
            "category": "message",
            "type": "text",
            "data": {"text": text, "mentions": {"eve": {"name": "forged"}}},
            "mentionedUsers": ["eve"],
        },
    ).data
    frame = receiver.expect(type="message", body={"id": sent["id"]})
    for message in (sent, frame.body, bob.rest().get(f"/messages/{sent['id']}").data):
        assert message["data"]["text"] == text
        assert set(message["data"]["mentions"]) == {carol.uid}
        assert message["data"]["mentions"][carol.uid]["name"] == carol.name
    world.backend.put(f"/users/{carol.uid}", {"name": "Renamed"}).ok()
    assert bob.rest().get(f"/messages/{sent['id']}").data["data"]["mentions"][carol.uid]["name"] == "Renamed"
    answer = edit(alice, sent, f"now <@uid:{bob.uid}>").data
    assert set(changed(answer)["data"]["mentions"]) == {bob.uid}
