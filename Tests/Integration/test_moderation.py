"""What admins and moderators do in a group, passwords, and who is told (protocol 6.1, 6.3, 7)."""

import pytest

from halley import until


def action_of(client, action, guid):
    return client.expect(
        type="message",
        receiver=guid,
        receiverType="group",
        body={"category": "action", "type": "groupMember", "data": {"action": action}},
    )


def actions(client, guid):
    return [f.body["data"]["action"] for f in client.all(type="message", receiver=guid, body={"category": "action"})]


def staffed(world, owner, kind="public", **lists):
    guid = world.group(owner, kind=kind)
    body = {name: [user.uid for user in users] for name, users in lists.items()}
    world.backend.put(f"/groups/{guid}/members", body).ok()
    return guid


def scopes(world, guid):
    return {row["uid"]: row["scope"] for row in world.backend.get(f"/groups/{guid}/members").data}


# -- kick, ban, unban


@pytest.mark.parametrize("how", ["kick", "ban"])
def test_all_devices_of_members_and_of_the_removed_are_told_and_then_only_members(world, how):
    alice, mona, bob = world.users(3)
    guid = staffed(world, alice, moderators=[mona], participants=[bob])
    acting, second = mona.connect(), mona.connect()
    removed = [bob.connect(), bob.connect(), bob.connect()]
    member = alice.connect()
    if how == "kick":
        mona.rest(acting).delete(f"/groups/{guid}/members/{bob.uid}").ok()
        action, text = "kicked", f"{mona.name} kicked {bob.name}"
    else:
        mona.rest(acting).post(f"/groups/{guid}/bannedusers/{bob.uid}").ok()
        action, text = "banned", f"{mona.name} banned {bob.name}"
    for client in [second, member, *removed]:
        frame = action_of(client, action, guid)
        entities = frame.body["data"]["entities"]
        assert frame["deviceId"] == acting.session
        assert frame["sender"] == entities["by"]["entity"]["uid"] == mona.uid
        assert (entities["on"]["entity"]["uid"], entities["on"]["entityType"]) == (bob.uid, "user")
        assert (entities["for"]["entity"]["guid"], entities["for"]["entity"]["membersCount"]) == (guid, 2)
        assert frame.body["message"] == text
    # From here on nothing of the group reaches who was removed, of whatever kind.
    after = member.say(guid, "after", "group").body["id"]
    member.typing(guid, "started", "group")
    member.transient(guid, {"x": 1}, "group")
    second.expect(type="transient_message", receiver=guid)
    second.receipt("read", guid, after, "group")
    member.expect(type="receipts", sender=mona.uid)
    world.barrier(acting, *removed)
    assert actions(acting, guid) == []
    for client in removed:
        seen = [frame["type"] for frame in client.all(receiver=guid)]
        assert seen == ["message"], seen
    code = "ERR_NOT_A_MEMBER" if how == "kick" else "ERR_BANNED_GROUPMEMBER"
    bob.rest().post("/messages", text_to(guid)).refused(403, code)
    back = bob.rest().post(f"/groups/{guid}/members", {})
    if how == "kick":
        back.ok()
    else:
        back.refused(403, code)


def text_to(guid):
    return {"receiver": guid, "receiverType": "group", "category": "message", "type": "text", "data": {"text": "x"}}


def test_a_removed_users_typing_ends(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    member, typist = alice.connect(), bob.connect()
    typist.typing(guid, "started", "group")
    member.expect(type="typing_indicator", sender=bob.uid, body={"action": "started"})
    alice.rest().delete(f"/groups/{guid}/members/{bob.uid}").ok()
    member.expect(type="typing_indicator", sender=bob.uid, body={"action": "ended"})


def test_a_kick_completes_what_only_the_kicked_had_not_read(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    author, reader = alice.connect(), bob.connect()
    sent = author.say(guid, "all", "group").body["id"]
    reader.receipt("read", guid, sent, "group")
    author.expect(type="receipts", sender=bob.uid, body={"action": "read"})
    author.none(type="receipts", body={"action": "readByAll"})
    alice.rest().delete(f"/groups/{guid}/members/{carol.uid}").ok()
    for action in ("deliveredToAll", "readByAll"):
        frame = author.expect(type="receipts", body={"action": action})
        assert (frame["sender"], str(frame.body["messageId"])) == ("app_system", sent)


def test_the_removed_resume_up_to_their_removal(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    starts = {user: user.connect() for user in (bob, carol)}
    for client in starts.values():
        client.close()
    alice.send(guid, "before", "group")
    alice.rest().delete(f"/groups/{guid}/members/{bob.uid}").ok()
    alice.send(guid, "between", "group")
    alice.rest().post(f"/groups/{guid}/bannedusers/{carol.uid}").ok()
    alice.send(guid, "after", "group")
    alice.rest().delete(f"/groups/{guid}/bannedusers/{carol.uid}").ok()
    seen = {}
    for user, first in starts.items():
        again = user.connect(resume={"lastSeq": first.welcome.body["seq"]})
        again.expect(type="resumed")
        frames = again.all(type="message", receiver=guid)
        seen[user] = [f.body["data"].get("text") or f.body["data"]["action"] for f in frames]
        alice.send(guid, "live", "group")
        world.barrier(again)
        assert len(again.all(type="message", receiver=guid)) == len(frames)
    assert seen[bob] == ["before", "kicked"]
    assert seen[carol] == ["before", "kicked", "between", "banned"]


def test_who_is_banned_while_no_member_is_told(world):
    alice, eve = world.users(2)
    guid = world.group(alice)
    outsider = eve.connect()
    start = outsider.welcome.body["seq"]
    alice.rest().post(f"/groups/{guid}/bannedusers/{eve.uid}").ok()
    assert action_of(outsider, "banned", guid).body["message"] == f"{alice.name} banned {eve.name}"
    again = eve.connect(resume={"lastSeq": start})
    again.expect(type="resumed")
    assert actions(again, guid) == ["banned"]
    eve.rest().post(f"/groups/{guid}/members", {}).refused(403, "ERR_BANNED_GROUPMEMBER")
    result = alice.rest().put(f"/groups/{guid}/members", {"participants": [eve.uid]}).data
    assert result["participants"][eve.uid]["error"]["code"] == "ERR_BANNED_GROUPMEMBER"


def test_an_unbanned_user_may_return_and_the_members_are_told(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    member, banned = carol.connect(), bob.connect()
    alice.rest().post(f"/groups/{guid}/bannedusers/{bob.uid}").ok()
    alice.rest().delete(f"/groups/{guid}/bannedusers/{bob.uid}").ok()
    assert action_of(member, "unbanned", guid).body["message"] == f"{alice.name} unbanned {bob.name}"
    world.barrier(banned)
    assert actions(banned, guid) == ["banned"]
    alice.rest().delete(f"/groups/{guid}/bannedusers/{bob.uid}").refused(400, "ERR_NOT_A_BANNED_USER")
    bob.rest().post(f"/groups/{guid}/members", {}).ok()


def test_the_banned_are_listed_and_the_viewer_sees_it_of_themself(world):
    alice, mona, bob, eve = world.users(4)
    guid = staffed(world, alice, moderators=[mona], participants=[bob])
    for uid in (bob.uid, eve.uid):
        alice.rest().post(f"/groups/{guid}/bannedusers/{uid}").ok()
    alice.rest().post(f"/groups/{guid}/bannedusers/{bob.uid}").refused(409, "ERR_ALREADY_BANNED")
    listed = mona.rest().get(f"/groups/{guid}/bannedusers")
    assert [(row["uid"], row.get("scope")) for row in listed.data] == [(bob.uid, "participant"), (eve.uid, None)]
    assert listed.json["meta"]["pagination"]["total"] == 2
    found = alice.rest().get(f"/groups/{guid}/bannedusers", query={"searchKey": eve.uid}).data
    assert [row["uid"] for row in found] == [eve.uid]
    page = alice.rest().get(f"/groups/{guid}/bannedusers", query={"per_page": 1, "page": 2}).data
    assert [row["uid"] for row in page] == [eve.uid]
    assert bob.rest().get(f"/groups/{guid}").data["isBanned"] is True
    assert mona.rest().get(f"/groups/{guid}").data["isBanned"] is False
    bob.rest().get(f"/groups/{guid}/bannedusers").refused(403)
    # A moderator takes back only bans of participants.
    mona.rest().delete(f"/groups/{guid}/bannedusers/{eve.uid}").refused(403, "ERR_GROUP_NO_CLEARANCE")
    mona.rest().delete(f"/groups/{guid}/bannedusers/{bob.uid}").ok()


def test_bans_survive_a_restart_and_end_with_the_user_or_the_group(start_world):
    world = start_world()
    alice, bob, eve = world.users(3)
    guid = world.group(alice, bob)
    for uid in (bob.uid, eve.uid):
        alice.rest().post(f"/groups/{guid}/bannedusers/{uid}").ok()
    assert world.daemon.stop() == 0
    world.daemon.restart()
    bob.rest().post(f"/groups/{guid}/members", {}).refused(403, "ERR_BANNED_GROUPMEMBER")
    world.backend.delete(f"/users/{bob.uid}").ok()
    world.backend.post("/users", {"uid": bob.uid, "name": "Again"}).ok()
    world.backend.acting(bob.uid).post(f"/groups/{guid}/members", {}).ok()
    alice.rest().delete(f"/groups/{guid}").ok()
    alice.rest().post("/groups", {"guid": guid, "name": "New", "type": "public"}).ok()
    eve.rest().post(f"/groups/{guid}/members", {}).ok()


def test_users_to_ban_are_banned_with_a_group_and_by_an_add(world):
    alice, bob, carol, dave = world.users(4)
    guid = f"made-{alice.uid}"
    members = {"participants": [bob.uid], "usersToBan": [carol.uid, "nobody-here"]}
    made = alice.rest().post("/groups", {"guid": guid, "name": "x", "type": "public", "members": members}).data
    assert made["members"]["data"]["participants"] == {bob.uid: {"success": True}}
    assert made["members"]["data"]["usersToBan"][carol.uid] == {"success": True}
    assert made["members"]["data"]["usersToBan"]["nobody-here"]["error"]["code"] == "ERR_UID_NOT_FOUND"
    carol.rest().post(f"/groups/{guid}/members", {}).refused(403, "ERR_BANNED_GROUPMEMBER")
    results = alice.rest().put(f"/groups/{guid}/members", {"admins": [dave.uid], "usersToBan": [bob.uid]}).data
    assert results == {
        "admins": {dave.uid: {"success": True}},
        "moderators": {},
        "participants": {},
        "usersToBan": {bob.uid: {"success": True}},
    }
    assert scopes(world, guid) == {alice.uid: "admin", dave.uid: "admin"}


# -- scope, owner


def test_a_change_of_scope_is_told_with_both_scopes(world):
    alice, mona, bob = world.users(3)
    guid = staffed(world, alice, moderators=[mona], participants=[bob])
    acting, changed, member = mona.connect(), bob.connect(), alice.connect()
    mona.rest(acting).put(f"/groups/{guid}/members/{bob.uid}", {"scope": "moderator"}).ok()
    for client in (changed, member):
        frame = action_of(client, "scopeChanged", guid)
        assert frame.body["data"]["extras"] == {"scope": {"old": "participant", "new": "moderator"}}
        assert frame.body["data"]["entities"]["on"]["entity"]["uid"] == bob.uid
        assert frame.body["message"] == f"{mona.name} made {bob.name} moderator"
    world.barrier(acting)
    assert actions(acting, guid) == []
    mona.rest().put(f"/groups/{guid}/members/{bob.uid}", {"scope": "moderator"}).refused(409, "ERR_SAME_SCOPE")
    mona.rest().put(f"/groups/{guid}/members/{bob.uid}", {"scope": "admin"}).refused(
        403, "ERR_GROUP_NO_SCOPE_CLEARANCE"
    )
    assert scopes(world, guid) == {alice.uid: "admin", mona.uid: "moderator", bob.uid: "moderator"}


def test_the_group_changes_hands_without_a_client_event(world):
    alice, bob, eve = world.users(3)
    guid = world.group(alice, bob)
    member = bob.connect()
    alice.rest().patch(f"/groups/{guid}/owner", {"owner": eve.uid}).refused(400, "ERR_NOT_A_MEMBER")
    alice.rest().patch(f"/groups/{guid}/owner", {"owner": alice.uid}).refused(403, "ERR_GROUP_NO_SELF_ACTION")
    bob.rest().patch(f"/groups/{guid}/owner", {"owner": bob.uid}).refused(403)
    assert alice.rest().patch(f"/groups/{guid}/owner", {"owner": bob.uid}).data["owner"] == bob.uid
    assert scopes(world, guid) == {alice.uid: "admin", bob.uid: "admin"}
    alice.rest().delete(f"/groups/{guid}/members").ok()
    action_of(member, "left", guid)
    assert actions(member, guid) == ["left"]
    bob.rest().delete(f"/groups/{guid}/members").refused(409, "ERR_OWNER_CANNOT_LEAVE")


def test_nobody_acts_on_themself_and_nobody_on_the_owner(world):
    alice, anna, mona = world.users(3)
    guid = staffed(world, alice, admins=[anna], moderators=[mona])
    for user in (alice, anna, mona):
        for call in (
            user.rest().delete(f"/groups/{guid}/members/{user.uid}"),
            user.rest().post(f"/groups/{guid}/bannedusers/{user.uid}"),
            user.rest().put(f"/groups/{guid}/members/{user.uid}", {"scope": "participant"}),
        ):
            call.refused(403, "ERR_GROUP_NO_SELF_ACTION")
    for rest in (anna.rest(), mona.rest(), world.backend):
        rest.delete(f"/groups/{guid}/members/{alice.uid}").refused(403, "ERR_GROUP_NO_CLEARANCE")
        rest.post(f"/groups/{guid}/bannedusers/{alice.uid}").refused(403, "ERR_GROUP_NO_CLEARANCE")
        rest.put(f"/groups/{guid}/members/{alice.uid}", {"scope": "participant"}).refused(
            403, "ERR_GROUP_NO_SCOPE_CLEARANCE"
        )


def test_the_backend_acts_in_the_owners_name(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    owner = alice.connect()
    world.backend.delete(f"/groups/{guid}/members/{bob.uid}").ok()
    frame = action_of(owner, "kicked", guid)
    assert frame.body["message"] == f"{alice.name} kicked {bob.name}"
    assert "deviceId" not in frame


# -- the group itself


def test_an_update_changes_what_it_names(world):
    alice, mona, bob = world.users(3)
    guid = staffed(world, alice, moderators=[mona], participants=[bob])
    client = bob.connect()
    change = {"name": "New", "icon": "https://x/i.png", "description": "d", "metadata": {"k": [1]}, "tags": ["t"]}
    answer = mona.rest().put(f"/groups/{guid}", change).data
    seen = bob.rest().get(f"/groups/{guid}").data
    for group in (answer, seen):
        assert {key: group[key] for key in change} == change
        assert (group["type"], group["owner"]) == ("public", alice.uid)
        assert isinstance(group["updatedAt"], int)
    bob.rest().put(f"/groups/{guid}", {"name": "Mine"}).refused(403, "ERR_GROUP_NO_MODERATOR_SCOPE")
    found = bob.rest().get("/groups", query={"tags": "t", "withTags": 1, "searchKey": "New", "joinedOnly": 1}).data
    assert guid in [group["guid"] for group in found]
    world.barrier(client)
    assert actions(client, guid) == []


def test_a_group_that_becomes_private_is_gone_for_others(world):
    alice, eve = world.users(2)
    guid = world.group(alice)
    eve.rest().get(f"/groups/{guid}").ok()
    alice.rest().put(f"/groups/{guid}", {"type": "private"}).ok()
    for call in (
        eve.rest().get(f"/groups/{guid}"),
        eve.rest().put(f"/groups/{guid}", {"name": "x"}),
        eve.rest().delete(f"/groups/{guid}/members/{alice.uid}"),
        eve.rest().get(f"/groups/{guid}/bannedusers"),
    ):
        call.refused(404, "ERR_GUID_NOT_FOUND")


def test_members_are_listed_by_status_and_scope(world):
    alice, mona, bob = world.users(3)
    guid = staffed(world, alice, moderators=[mona], participants=[bob])
    client = bob.connect()
    rest = alice.rest()

    def listed(**query):
        return [row["uid"] for row in rest.get(f"/groups/{guid}/members", query=query).data]

    assert listed(status="online") == [bob.uid]
    assert listed(status="offline") == [alice.uid, mona.uid]
    assert listed(scopes="moderator,admin") == [alice.uid, mona.uid]
    assert listed(searchKey=mona.uid) == [mona.uid]
    client.close()
    rest.get(f"/groups/{guid}/members", query={"status": "away"}).refused(400)


# -- passwords


def locked(owner, password="sesame"):
    guid = f"locked-{owner.uid}"
    made = owner.rest().post("/groups", {"guid": guid, "name": "L", "type": "password", "password": password})
    assert made.data["type"] == "password"
    assert password.encode() not in made.body
    return guid


def test_a_password_group_opens_to_its_password(world):
    alice, bob, carol = world.users(3)
    guid = locked(alice)
    member = alice.connect()
    bob.rest().post(f"/groups/{guid}/members", {}).refused(400, "ERR_EMPTY_GROUP_PASS")
    bob.rest().post(f"/groups/{guid}/members", {"password": ""}).refused(400, "ERR_EMPTY_GROUP_PASS")
    bob.rest().post(f"/groups/{guid}/members", {"password": "Sesame"}).refused(400, "ERR_WRONG_GROUP_PASS")
    bob.rest().post(f"/groups/{guid}/members", {"password": "x" * 101}).refused(400)
    action = bob.rest().post(f"/groups/{guid}/members", {"guid": guid, "type": "password", "password": "sesame"}).data
    assert action["data"]["entities"]["for"]["entity"]["guid"] == guid
    assert "password" not in action["data"]["entities"]["for"]["entity"]
    action_of(member, "joined", guid)
    # Being added needs none.
    alice.rest().put(f"/groups/{guid}/members", {"participants": [carol.uid]}).ok()
    for answer in (bob.rest().get(f"/groups/{guid}"), bob.rest().get("/groups", query={"searchKey": guid})):
        assert answer.status == 200
        assert b"sesame" not in answer.body and b"scrypt" not in answer.body


def test_a_password_is_required_and_can_be_changed_and_dropped(world):
    alice, bob = world.users(2)
    alice.rest().post("/groups", {"guid": f"p-{alice.uid}", "name": "x", "type": "password"}).refused(
        400, "ERR_EMPTY_GROUP_PASS"
    )
    guid = locked(alice)
    alice.rest().put(f"/groups/{guid}", {"password": "new"}).ok()
    bob.rest().post(f"/groups/{guid}/members", {"password": "sesame"}).refused(400, "ERR_WRONG_GROUP_PASS")
    alice.rest().put(f"/groups/{guid}", {"name": "Renamed"}).ok()
    bob.rest().post(f"/groups/{guid}/members", {"password": "new"}).ok()
    bob.rest().delete(f"/groups/{guid}/members").ok()
    alice.rest().put(f"/groups/{guid}", {"type": "public"}).ok()
    bob.rest().post(f"/groups/{guid}/members", {}).ok()
    alice.rest().put(f"/groups/{guid}", {"type": "password"}).refused(400, "ERR_EMPTY_GROUP_PASS")


def test_guessing_a_password_is_slowed_down(start_world):
    world = start_world(HALLEY_LIMITS_PASSWORDSPERMINUTE=3)
    alice, bob, carol = world.users(3)
    guid = locked(alice)
    path = f"/groups/{guid}/members"
    for _ in range(3):
        bob.rest().post(path, {"password": "guess"}).refused(400, "ERR_WRONG_GROUP_PASS")
    answer = bob.rest().post(path, {"password": "sesame"})
    answer.refused(429, "ERR_TOO_MANY_REQUESTS")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert 1 <= int(headers["retry-after"]) <= 21
    assert (headers["x-rate-limit"], headers["x-rate-limit-remaining"]) == ("3", "0")
    carol.rest().post(path, {"password": "sesame"}).ok()


def test_many_join_at_once_with_the_password(world):
    alice = world.user()
    guests = world.users(8)
    guid = locked(alice)
    connections = [guest.rest().connection() for guest in guests]
    body = b'{"password":"sesame"}'
    for guest, connection in zip(guests, connections, strict=True):
        headers = guest.rest().headers | {"content-type": "application/json"}
        connection.request("POST", f"/v3.0/groups/{guid}/members", body, headers)
    statuses = []
    for connection in connections:
        statuses.append(connection.getresponse().status)
        connection.close()
    assert statuses == [200] * 8
    until(lambda: alice.rest().get(f"/groups/{guid}").data["membersCount"] == 9)
