"""Threads (protocol 6, 7)."""

import pytest


def reply(user, parent, text="reply", **body):
    content = {"category": "message", "type": "text", "data": {"text": text}}
    return user.rest().post(f"/messages/{parent['id']}/thread", content | body)


def ids(answer):
    return [message["id"] for message in answer.data]


def test_a_reply_goes_where_its_parent_stands(world):
    alice, bob = world.users(2)
    first, second = alice.connect(), bob.connect()
    parent = alice.send(bob.uid)
    mine, theirs = reply(alice, parent).data, reply(bob, parent, receiver="somebody", receiverType="group").data
    assert (mine["receiver"], theirs["receiver"]) == (bob.uid, alice.uid)
    for client, message in ((second, mine), (first, theirs)):
        frame = client.expect(type="message", body={"id": message["id"]})
        assert frame.body["parentId"] == parent["id"]
        assert frame.body["receiverType"] == "user"
    assert ids(bob.rest().get(f"/messages/{parent['id']}/thread")) == [mine["id"], theirs["id"]]
    assert ids(world.backend.get(f"/messages/{parent['id']}/thread")) == [mine["id"], theirs["id"]]


@pytest.mark.parametrize("number", [str, int])
def test_the_parent_is_named_by_number_or_text_and_sent_as_text(world, number):
    alice, bob = world.users(2)
    parent = alice.send(bob.uid)
    sent = bob.send(alice.uid, parentId=number(parent["id"]))
    assert sent["parentId"] == parent["id"]
    ack = bob.connect().say(alice.uid, parentId=number(parent["id"]))
    assert alice.rest().get(f"/messages/{ack.body['id']}").data["parentId"] == parent["id"]


def test_a_thread_has_the_filters_of_every_history(world):
    alice, bob = world.users(2)
    parent = alice.send(bob.uid)
    replies = [reply(alice, parent, f"r{index}").data for index in range(5)]
    image = reply(bob, parent, type="image", data={"url": "https://example.org/x.png"}).data
    alice.send(bob.uid, "outside")
    path, rest = f"/messages/{parent['id']}/thread", bob.rest()
    everything = [message["id"] for message in replies] + [image["id"]]
    assert ids(rest.get(path)) == everything
    assert ids(rest.get(path, query={"per_page": 2})) == everything[4:]
    assert ids(rest.get(path, query={"per_page": 2, "id": everything[4]})) == everything[2:4]
    assert ids(rest.get(path, query={"affix": "append", "id": everything[3]})) == everything[4:]
    assert ids(rest.get(path, query={"type": "image"})) == [image["id"]]
    alice.rest().delete(f"/messages/{everything[0]}").ok()
    assert ids(rest.get(path, query={"hideDeleted": 1})) == everything[1:]
    rest.get(path, query={"per_page": 0}).refused(400, "ERR_BAD_REQUEST")


def test_replies_stand_in_the_history_unless_hidden(world):
    alice, bob = world.users(2)
    parent = alice.send(bob.uid)
    answer = reply(bob, parent).data
    path = f"/users/{alice.uid}/messages"
    assert ids(bob.rest().get(path)) == [parent["id"], answer["id"]]
    assert ids(bob.rest().get(path, query={"hideReplies": 1})) == [parent["id"]]


def test_replies_are_counted_without_the_deleted(world):
    alice, bob = world.users(2)
    client = bob.connect()
    start = client.welcome.body["seq"]
    parent = alice.send(bob.uid)
    assert "replyCount" not in bob.rest().get(f"/messages/{parent['id']}").data
    replies = [reply(bob, parent, muid=f"{parent['id']}-{index}").data for index in range(3)]
    reply(bob, parent, muid=f"{parent['id']}-0").ok()
    assert bob.rest().get(f"/messages/{parent['id']}").data["replyCount"] == 3
    bob.rest().delete(f"/messages/{replies[1]['id']}").ok()
    history = alice.rest().get(f"/users/{bob.uid}/messages").data
    assert [message["replyCount"] for message in history if message["id"] == parent["id"]] == [2]
    edited = alice.rest().put(f"/messages/{parent['id']}", {"data": {"text": "new"}}).data
    assert edited["data"]["entities"]["on"]["entity"]["replyCount"] == 2
    frame = client.expect(type="message", body={"id": edited["id"]})
    assert frame.body["data"]["entities"]["on"]["entity"]["replyCount"] == 2
    again = bob.connect(resume={"lastSeq": start})
    assert again.expect(type="message", body={"id": parent["id"]}).body["replyCount"] == 2


def test_a_reply_has_no_replies(world):
    alice, bob = world.users(2)
    first = reply(alice, alice.send(bob.uid)).data
    reply(bob, first).refused(400, "ERR_MESSAGE_THREAD_NESTING")
    alice.rest().get(f"/messages/{first['id']}/thread").ok()


def test_a_thread_is_for_those_of_its_conversation(world):
    alice, bob, eve = world.users(3)
    guid = world.group(alice, bob)
    between, inside = alice.send(bob.uid), alice.send(guid, kind="group")
    for parent in (between, inside):
        eve.rest().get(f"/messages/{parent['id']}/thread").refused(403, "ERR_MESSAGE_NO_ACCESS")
        reply(eve, parent).refused(403, "ERR_MESSAGE_NO_ACCESS")
        reply(bob, parent).ok()
    bob.rest().delete(f"/groups/{guid}/members").ok()
    bob.rest().get(f"/messages/{inside['id']}/thread").refused(403, "ERR_MESSAGE_NO_ACCESS")
    reply(bob, inside).refused(403)
    reply(alice, {"id": "99999999"}).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    eve.send(alice.uid, "elsewhere")
    alice.rest().post(
        "/messages",
        {
            "receiver": eve.uid,
            "receiverType": "user",
            "category": "message",
            "type": "text",
            "data": {"text": "x"},
            "parentId": between["id"],
        },
    ).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")


def test_a_deleted_message_takes_no_replies_but_keeps_those_it_has(world):
    alice, bob = world.users(2)
    parent = alice.send(bob.uid)
    kept = reply(bob, parent).data
    alice.rest().delete(f"/messages/{parent['id']}").ok()
    reply(bob, parent).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    assert ids(bob.rest().get(f"/messages/{parent['id']}/thread")) == [kept["id"]]
