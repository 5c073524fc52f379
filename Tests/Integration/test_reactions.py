"""Reactions (protocol 3.8): once, to whom, in which order, and how messages show them."""

from urllib.parse import quote

import pytest

from halley import Feed

THUMB, FAMILY = "👍", "👩‍👩‍👧‍👦"
# England: one sign of seven characters.
FLAG = "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + chr(0xE007F)


def path(message, reaction=None):
    return f"/messages/{message['id']}/reactions" + (f"/{quote(reaction, safe='')}" if reaction else "")


def react(user, message, reaction=THUMB, client=None):
    return user.rest(client).post(path(message, reaction))


def unreact(user, message, reaction=THUMB, client=None):
    return user.rest(client).delete(path(message, reaction))


def counts(message):
    return [(one["reaction"], one["count"], one["reactedByMe"]) for one in message["data"].get("reactions", [])]


def resume_from(user, last_seq, **options):
    client = user.connect(resume={"lastSeq": last_seq}, **options)
    client.resumed = client.expect(type="resumed")
    return client


def test_a_reaction_reaches_both_sides_but_its_origin(world):
    alice, bob = world.users(2)
    author, origin, other = alice.connect(), bob.connect(), bob.connect()
    sent = alice.send(bob.uid)
    answer = react(bob, sent, FAMILY, origin).data
    assert answer["id"] == sent["id"]
    assert counts(answer) == [(FAMILY, 1, True)]
    for client in (author, other):
        frame = client.expect(type="reaction")
        assert (frame["sender"], frame["receiver"], frame["receiverType"]) == (bob.uid, alice.uid, "user")
        assert frame["appId"] == "dev"
        assert frame["deviceId"] == origin.session
        assert frame["seq"] > int(sent["id"])
        body = frame.body
        assert set(body) == {
            "action", "id", "messageId", "uid", "reaction", "reactedBy", "reactedAt", "conversationId", "parentId",
        }
        assert body["action"] == "message_reaction_added"
        assert (body["messageId"], body["uid"], body["reaction"]) == (sent["id"], bob.uid, FAMILY)
        assert body["reactedBy"]["uid"] == bob.uid
        assert body["reactedBy"]["name"] == bob.name
        assert body["reactedAt"] >= sent["sentAt"]
        assert body["conversationId"] == sent["conversationId"]
        assert not body["parentId"]
    assert counts(unreact(bob, sent, FAMILY, origin).data) == []
    gone = author.expect(type="reaction", body={"action": "message_reaction_removed"})
    assert gone.body["id"] == frame.body["id"]
    assert gone["seq"] > frame["seq"]
    world.barrier(origin)
    origin.none(type="reaction")


def test_twice_is_once_and_nothing_cannot_be_taken_back(world):
    alice, bob = world.users(2)
    author = alice.connect()
    sent = alice.send(bob.uid)
    for _ in range(3):
        assert counts(react(bob, sent).data) == [(THUMB, 1, True)]
    unreact(bob, sent, "other").ok()
    for _ in range(3):
        assert counts(unreact(bob, sent).data) == []
    world.barrier(author)
    actions = [frame.body["action"] for frame in author.all(type="reaction")]
    assert actions == ["message_reaction_added", "message_reaction_removed"]


def test_in_a_group_all_members_hear_of_it_and_nobody_else(world):
    alice, bob, carol, stranger = world.users(4)
    guid = world.group(alice, bob, carol)
    clients = {user.uid: user.connect() for user in (alice, bob, carol, stranger)}
    sent = alice.send(guid, kind="group")
    react(bob, sent, client=clients[bob.uid]).ok()
    react(stranger, sent).refused(403)
    for user in (alice, carol):
        frame = clients[user.uid].expect(type="reaction")
        assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
        assert frame.body["conversationId"] == f"group_{guid}"
    world.barrier(*clients.values())
    for user in (bob, stranger):
        clients[user.uid].none(type="reaction")


def test_messages_show_them_to_each_viewer_and_frames_do_not(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    start = carol.connect().welcome.body["seq"]
    sent = alice.send(guid, kind="group")
    for user, reaction in ((bob, THUMB), (carol, FLAG), (carol, THUMB)):
        react(user, sent, reaction).ok()
    for user, expected in (
        (alice, [(THUMB, 2, False), (FLAG, 1, False)]),
        (bob, [(THUMB, 2, True), (FLAG, 1, False)]),
        (carol, [(THUMB, 2, True), (FLAG, 1, True)]),
    ):
        assert counts(user.rest().get(f"/messages/{sent['id']}").data) == expected
        assert counts(user.rest().get(f"/groups/{guid}/messages").data[-1]) == expected
    by_system = world.backend.get(f"/messages/{sent['id']}").data["data"]["reactions"]
    assert by_system == [{"reaction": THUMB, "count": 2}, {"reaction": FLAG, "count": 1}]
    replayed = resume_from(carol, start).expect(type="message", body={"id": sent["id"]})
    assert "reactedByMe" not in replayed.text
    listener = bob.connect()
    answer = alice.rest().put(f"/messages/{sent['id']}", {"data": {"text": "edited"}}).data
    assert counts(answer["data"]["entities"]["on"]["entity"]) == [(THUMB, 2, False), (FLAG, 1, False)]
    assert "reactedByMe" not in listener.expect(type="message", body={"id": answer["id"]}).text


def test_who_reacted_is_listed_in_pages(world):
    users = world.users(5)
    guid = world.group(*users)
    sent = users[0].send(guid, kind="group")
    for user in users:
        react(user, sent).ok()
    react(users[0], sent, "x").ok()
    rest = users[1].rest()
    seen, query = [], {"limit": 2, "affix": "append"}
    while page := rest.get(path(sent), query=query).data:
        assert len(page) <= 2
        seen += [(one["uid"], one["reaction"]) for one in page]
        query = {"limit": 2} | rest.get(path(sent), query=query).json["meta"]["next"]
    assert seen == [(user.uid, THUMB) for user in users] + [(users[0].uid, "x")]
    assert [one["uid"] for one in rest.get(path(sent, "x")).data] == [users[0].uid]
    one = rest.get(path(sent, THUMB)).data[0]
    assert one["messageId"] == sent["id"]
    assert one["reactedBy"]["name"] == users[0].name
    assert one["reactedAt"] >= sent["sentAt"]
    unreact(users[2], sent).ok()
    assert users[2].uid not in [one["uid"] for one in rest.get(path(sent)).data]
    world.user().rest().get(path(sent)).refused(403)
    rest.get(path({"id": "99999999"})).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")


@pytest.mark.parametrize("reaction", ["%20", "%09", "x" * 33])
def test_what_is_no_reaction_is_refused(world, reaction):
    alice, bob = world.users(2)
    sent = alice.send(bob.uid)
    bob.rest().post(f"/messages/{sent['id']}/reactions/{reaction}").refused(400, "ERR_BAD_REQUEST")


def test_a_users_reactions_on_a_message_are_bounded(start_world):
    world = start_world(HALLEY_LIMITS_REACTIONSPERUSER=2, HALLEY_LIMITS_REACTIONSPERMESSAGE=3)
    alice, bob = world.users(2)
    sent = alice.send(bob.uid)
    for reaction in "ab":
        react(bob, sent, reaction).ok()
    assert "reactionsPerUser" in react(bob, sent, "c").refused(400, "ERR_BAD_REQUEST")["message"]
    react(alice, sent, "c").ok()
    assert "reactionsPerMessage" in react(alice, sent, "d").refused(400, "ERR_BAD_REQUEST")["message"]
    react(alice, sent, "a").ok()


def test_reactions_are_replayed_at_their_own_places(world):
    alice, bob = world.users(2)
    client = alice.connect()
    start = client.welcome.body["seq"]
    origin = bob.connect()
    first = alice.send(bob.uid, "one", client=client)
    react(bob, first, "a", origin).ok()
    second = alice.send(bob.uid, "two", client=client)
    unreact(bob, first, "a", origin).ok()
    react(bob, second, "b", origin).ok()
    world.barrier(client)
    live = [frame for frame in client.all(type="reaction")]
    again = resume_from(alice, start)

    def told(frame):
        return (frame["seq"], frame["deviceId"], {k: v for k, v in frame.body.items() if k != "reactedBy"})

    assert [told(frame) for frame in again.all(type="reaction")] == [told(frame) for frame in live]
    order = [frame["seq"] for frame in again.seen if "seq" in frame]
    assert order == sorted(order)
    assert [f.body["action"].rsplit("_", 1)[1] for f in live] == ["added", "removed", "added"]
    # The one who gave them knows; their other devices do not.
    same = resume_from(bob, start, session=origin.session)
    same.none(type="reaction")
    assert len(resume_from(bob, start).all(type="reaction")) == 3


def test_the_audience_of_a_replayed_reaction_is_that_of_its_own_time(world):
    alice, bob = world.users(2)
    guid = world.group(alice)
    start = bob.connect().welcome.body["seq"]
    sent = alice.send(guid, kind="group")
    react(alice, sent, "before").ok()
    bob.rest().post(f"/groups/{guid}/members", {}).ok()
    react(alice, sent, "during").ok()
    bob.rest().delete(f"/groups/{guid}/members").ok()
    react(alice, sent, "after").ok()
    again = resume_from(bob, start)
    assert [frame.body["reaction"] for frame in again.all(type="reaction")] == ["during"]


def test_a_deleted_message_has_no_reactions(world):
    alice, bob = world.users(2)
    start = bob.connect().welcome.body["seq"]
    sent = alice.send(bob.uid)
    react(alice, sent).ok()
    alice.rest().delete(f"/messages/{sent['id']}").ok()
    react(bob, sent).refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    assert bob.rest().get(path(sent)).data == []
    assert "reactions" not in bob.rest().get(f"/messages/{sent['id']}").data["data"]
    resume_from(bob, start).none(type="reaction")


def test_reactions_survive_a_kill(start_world):
    world = start_world()
    alice, bob = world.users(2)
    start = alice.connect().welcome.body["seq"]
    sent = alice.send(bob.uid)
    react(bob, sent, FAMILY).ok()
    world.daemon.kill()
    world.daemon.restart()
    assert counts(react(bob, sent, FAMILY).data) == [(FAMILY, 1, True)]
    again = resume_from(alice, start)
    assert [frame.body["reaction"] for frame in again.all(type="reaction")] == [FAMILY]


def test_a_reaction_in_a_thread_names_its_parent(world):
    alice, bob = world.users(2)
    listener = alice.connect()
    parent = alice.send(bob.uid)
    reply = bob.send(alice.uid, parentId=parent["id"])
    react(bob, reply).ok()
    assert listener.expect(type="reaction").body["parentId"] == parent["id"]


def test_the_feed_tells_of_reactions_and_reached_goals(world):
    alice, bob = world.users(2)
    feed = Feed(world.daemon)
    try:
        body = {"receiver": bob.uid, "receiverType": "user", "category": "interactive", "type": "form"}
        data = {"interactiveData": {}, "interactionGoal": {"type": "anyAction"}}
        sent = alice.rest().post("/messages", body | {"data": data}).data
        react(bob, sent, FAMILY).ok()
        unreact(bob, sent, FAMILY).ok()
        bob.rest().patch(f"/messages/{sent['id']}/interacted", {"interactions": ["e"]}).ok()
        action = alice.rest().put(f"/messages/{sent['id']}", {"data": {"interactiveData": {"v": 2}}}).data
        added = feed.expect(event="reaction", messageId=sent["id"], action="message_reaction_added")
        removed = feed.expect(event="reaction", messageId=sent["id"], action="message_reaction_removed")
        reached = feed.expect(event="interaction_completed", messageId=sent["id"])
        edited = feed.expect(event="message", seq=int(action["id"]))
    finally:
        feed.close()
    assert added["reaction"] == removed["reaction"] == FAMILY
    assert added["id"] == removed["id"] == str(added["seq"])
    assert added["reactedBy"]["name"] == bob.name
    assert (reached["user"]["uid"], reached["author"]) == (bob.uid, alice.uid)
    assert edited["message"]["data"]["action"] == "edited"
    order = [line["n"] for line in (added, removed, reached, edited)]
    assert order == sorted(order)
