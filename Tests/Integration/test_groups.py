"""Groups: making, joining, leaving, adding, and who is told (protocol 6, 6.1, 6.3, 7)."""

import pytest


def expect_action(client, action, actor, guid, text=None):
    frame = client.expect(
        type="message", body={"category": "action", "type": "groupMember", "data": {"action": action}}
    )
    body = frame.body
    assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
    assert body["id"] == str(frame["seq"])
    assert body["data"]["entities"]["by"]["entity"]["uid"] == actor.uid
    assert body["data"]["entities"]["by"]["entityType"] == "user"
    assert body["data"]["entities"]["for"]["entity"]["guid"] == guid
    assert body["data"]["entities"]["for"]["entityType"] == "group"
    if text:
        assert body["message"] == text
    return frame


def no_action(client, action, guid):
    client.none(type="message", receiver=guid, body={"data": {"action": action}})


# -- life


def test_create_get_delete(world):
    alice, bob = world.users(2)
    made = alice.rest().post(
        "/groups", {"guid": "G-" + alice.uid.upper(), "name": "Team", "type": "public", "tags": ["a"]}
    )
    group = made.data
    guid = group["guid"]
    assert guid == ("g-" + alice.uid).lower(), "stored in lower case"
    assert (group["name"], group["type"], group["owner"]) == ("Team", "public", alice.uid)
    assert group["membersCount"] == 1
    assert group["hasJoined"] is True
    assert group["scope"] == "admin"
    assert group["tags"] == ["a"]
    assert isinstance(group["createdAt"], int)
    seen = bob.rest().get(f"/groups/{guid}").data
    assert seen["hasJoined"] is False
    assert "scope" not in seen
    alice.rest().post("/groups", {"guid": guid, "name": "Again", "type": "public"}).refused(
        409, "ERR_GUID_ALREADY_EXISTS"
    )
    bob.rest().delete(f"/groups/{guid}").refused(403)
    alice.rest().delete(f"/groups/{guid}").ok()
    alice.rest().get(f"/groups/{guid}").refused(404, "ERR_GUID_NOT_FOUND")


def test_deleting_a_group_deletes_its_history_and_makes_no_client_event(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    client = bob.connect()
    alice.send(guid, kind="group")
    client.expect(type="message", receiver=guid)
    alice.rest().delete(f"/groups/{guid}").ok()
    world.barrier(client)
    client.none(type="message", receiver=guid, body={"category": "action"})
    alice.rest().post("/groups", {"guid": guid, "name": "New", "type": "public"}).ok()
    assert alice.rest().get(f"/groups/{guid}/messages").data == []


def test_a_private_group_is_unknown_to_a_non_member(world):
    alice, bob, outsider = world.users(3)
    guid = world.group(alice, bob, kind="private")
    assert bob.rest().get(f"/groups/{guid}").data["guid"] == guid
    outsider.rest().get(f"/groups/{guid}").refused(404, "ERR_GUID_NOT_FOUND")
    outsider.rest().get(f"/groups/{guid}/members").refused(404, "ERR_GUID_NOT_FOUND")
    outsider.rest().get(f"/groups/{guid}/messages").refused(404, "ERR_GUID_NOT_FOUND")
    listed = outsider.rest().get("/groups", query={"searchKey": guid}).data
    assert guid not in [group["guid"] for group in listed]
    listed = bob.rest().get("/groups", query={"searchKey": guid}).data
    assert guid in [group["guid"] for group in listed]


@pytest.mark.parametrize("guid", ["", "a b", "ä", "x" * 101, "a/b", "a.b"])
def test_a_malformed_guid_is_refused_naming_the_field(world, guid):
    error = world.user().rest().post("/groups", {"guid": guid, "name": "x", "type": "public"}).refused(400)
    assert "guid" in error["message"]


def test_an_unknown_group_type_is_refused(world):
    alice = world.user()
    alice.rest().post("/groups", {"guid": "t-" + alice.uid, "name": "x", "type": "secret"}).refused(400)


# -- joining


def test_join_answers_the_action_with_the_group_and_tells_all_members(world):
    alice, bob = world.users(2)
    guid = world.group(alice)
    acting, other, member = bob.connect(), bob.connect(), alice.connect()
    action = bob.rest(acting).post(f"/groups/{guid}/members", {}).data
    assert (action["category"], action["type"]) == ("action", "groupMember")
    assert action["data"]["action"] == "joined"
    group = action["data"]["entities"]["for"]["entity"]
    assert (group["guid"], group["membersCount"]) == (guid, 2)
    for client in (member, other):
        frame = expect_action(client, "joined", bob, guid, f"{bob.name} joined")
        assert frame["deviceId"] == acting.session
        assert frame.body["id"] == action["id"]
    world.barrier(acting)
    no_action(acting, "joined", guid)
    bob.rest().post(f"/groups/{guid}/members", {}).refused(409, "ERR_ALREADY_JOINED")


def test_membership_changes_exactly_between_two_messages(world):
    alice, bob = world.users(2)
    guid = world.group(alice)
    sender, joiner = alice.connect(), bob.connect()
    sender.say(guid, "before", "group")
    bob.rest().post(f"/groups/{guid}/members", {}).ok()
    sender.say(guid, "after", "group")
    frame = joiner.expect(type="message", receiver=guid, body={"category": "message"})
    assert frame.body["data"]["text"] == "after"
    bob.rest().delete(f"/groups/{guid}/members").ok()
    sender.say(guid, "gone", "group")
    world.barrier(joiner)
    texts = [f.body["data"]["text"] for f in joiner.all(type="message", receiver=guid, body={"category": "message"})]
    assert texts == ["after"]


def test_history_from_before_ones_joining_is_readable_to_members(world):
    alice, bob = world.users(2)
    guid = world.group(alice)
    alice.send(guid, "before", "group")
    bob.rest().get(f"/groups/{guid}/messages").refused(403, "ERR_NOT_A_MEMBER")
    bob.rest().post(f"/groups/{guid}/members", {}).ok()
    texts = [
        m["data"].get("text") for m in bob.rest().get(f"/groups/{guid}/messages", query={"category": "message"}).data
    ]
    assert texts == ["before"]


def test_nobody_joins_a_private_group(world):
    alice, bob = world.users(2)
    guid = world.group(alice, kind="private")
    answer = bob.rest().post(f"/groups/{guid}/members", {})
    assert answer.status in (403, 404)
    assert answer.json["error"]["code"] in ("ERR_GROUP_JOIN_NOT_ALLOWED", "ERR_GUID_NOT_FOUND")


# -- leaving


def test_leave_tells_all_members_and_the_leavers_other_devices(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    acting, other, member = bob.connect(), bob.connect(), alice.connect()
    bob.rest(acting).delete(f"/groups/{guid}/members").ok()
    for client in (member, other):
        expect_action(client, "left", bob, guid, f"{bob.name} left")
    world.barrier(acting)
    no_action(acting, "left", guid)
    assert bob.rest().get(f"/groups/{guid}").data["hasJoined"] is False
    bob.rest().delete(f"/groups/{guid}/members").refused(403, "ERR_NOT_A_MEMBER")


def test_the_owner_must_transfer_before_leaving(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    alice.rest().delete(f"/groups/{guid}/members").refused(409, "ERR_OWNER_CANNOT_LEAVE")


# -- adding


def test_add_answers_per_uid_and_tells_members_and_the_added(world):
    alice, bob, carol, dave = world.users(4)
    guid = world.group(alice, bob)
    member, added = bob.connect(), carol.connect()
    results = (
        alice.rest()
        .put(f"/groups/{guid}/members", {"participants": [carol.uid, bob.uid, "nobody-here"], "moderators": [dave.uid]})
        .data
    )
    assert set(results) >= {"admins", "moderators", "participants", "usersToBan"}
    assert results["participants"][carol.uid] == {"success": True}
    assert results["moderators"][dave.uid] == {"success": True}
    assert results["participants"][bob.uid]["error"]["code"] == "ERR_ALREADY_JOINED"
    assert results["participants"]["nobody-here"]["error"]["code"] == "ERR_UID_NOT_FOUND"
    # Dave was added first, as scopes are taken from the highest down: Carol was no member then.
    for client, told in ((member, (dave, carol)), (added, (carol,))):
        for user in told:
            on = {"action": "added", "entities": {"on": {"entity": {"uid": user.uid}, "entityType": "user"}}}
            frame = client.expect(type="message", receiver=guid, body={"category": "action", "data": on})
            assert frame.body["message"] == f"{alice.name} added {user.name}"
            assert frame.body["data"]["entities"]["by"]["entity"]["uid"] == alice.uid
    members = {row["uid"]: row for row in alice.rest().get(f"/groups/{guid}/members").data}
    assert {uid: row["scope"] for uid, row in members.items()} == {
        alice.uid: "admin",
        bob.uid: "participant",
        carol.uid: "participant",
        dave.uid: "moderator",
    }
    assert all(row["guid"] == guid and isinstance(row["joinedAt"], int) for row in members.values())


def test_only_admins_add(world):
    alice, bob, carol, dave = world.users(4)
    guid = world.group(alice, bob)
    alice.rest().put(f"/groups/{guid}/members", {"moderators": [carol.uid]}).ok()
    for user in (bob, carol):
        error = user.rest().put(f"/groups/{guid}/members", {"participants": [dave.uid]}).refused(403)
        assert error["code"] in ("ERR_GROUP_NO_ADMIN_SCOPE", "ERR_GROUP_NO_CLEARANCE")
    dave.rest().put(f"/groups/{guid}/members", {"participants": [dave.uid]}).refused(403, "ERR_NOT_A_MEMBER")


def test_more_than_25_per_call_are_refused(world):
    alice = world.user()
    guid = world.group(alice)
    alice.rest().put(f"/groups/{guid}/members", {"participants": [f"u{i}" for i in range(26)]}).refused(400)


# -- lists


def test_groups_are_listed_in_pages(world):
    alice = world.user()
    guids = sorted(world.group(alice) for _ in range(5))
    mark = "page-" + alice.uid
    for guid in guids:
        world.backend.delete(f"/groups/{guid}").ok()
        alice.rest().post("/groups", {"guid": guid, "name": mark, "type": "public"}).ok()
    pages = [alice.rest().get("/groups", query={"searchKey": mark, "per_page": 2, "page": page}) for page in (1, 2, 3)]
    assert [len(page.data) for page in pages] == [2, 2, 1]
    assert sorted(group["guid"] for page in pages for group in page.data) == guids
    assert pages[0].json["meta"]["pagination"] == {
        "total": 5,
        "count": 2,
        "per_page": 2,
        "current_page": 1,
        "total_pages": 3,
    }


def test_members_are_listed_in_pages(world):
    users = world.users(5)
    guid = world.group(*users)
    pages = [users[1].rest().get(f"/groups/{guid}/members", query={"per_page": 2, "page": page}) for page in (1, 2, 3)]
    assert sorted(row["uid"] for page in pages for row in page.data) == sorted(user.uid for user in users)
    assert pages[2].json["meta"]["pagination"]["total"] == 5


@pytest.mark.parametrize("query", [{"per_page": 0}, {"per_page": "many"}, {"page": "x"}, {"per_page": -1}])
def test_a_parameter_that_is_no_number_is_refused(world, query):
    world.user().rest().get("/groups", query=query).refused(400)


def test_per_page_over_100_is_taken_as_100(world):
    answer = world.user().rest().get("/groups", query={"per_page": 1000})
    assert answer.json["meta"]["pagination"]["per_page"] == 100
