"""Lists of users, who is online in numbers, roles and friends (protocol 3.3, 7, 8)."""

from halley import until
from halley.world import fresh


def uids(answer):
    return [row["uid"] for row in answer.data]


def online_members(user, body, jwt=None, **headers):
    jwt = jwt or user.rest().get("/me").data["jwt"]
    api = user.world.daemon.public(app=user.world.app, Authorization=jwt, **headers)
    return api.post("/api/v3.0/online-members", body, prefix="")


def expect_presence(watcher, user, action):
    return watcher.expect(type="presence", sender=user.uid, body={"action": action})


def test_users_are_filtered_by_every_word_and_paged_in_one_order(world):
    tag, role = fresh("tag"), fresh("role")
    me = world.user()
    ann, bea = world.user(name=f"Ann {tag}", role=role, tags=[tag]), world.user(name=f"bea {tag}", tags=[tag])
    cid = world.user(name=f"Cid {tag}", role=role)
    world.backend.post(f"/users/{me.uid}/friends", {"accepted": [bea.uid, cid.uid]}).ok()
    bea.connect()

    def listed(**query):
        return uids(me.rest().get("/users", query={"searchKey": tag} | query))

    assert listed() == [ann.uid, bea.uid, cid.uid]
    assert listed(searchKey=f"BEA {tag}") == [bea.uid]
    assert listed(roles=f"{role},other") == [ann.uid, cid.uid]
    assert listed(tags=tag) == [ann.uid, bea.uid]
    assert listed(status="online") == [bea.uid]
    assert listed(status="available") == [bea.uid]
    assert listed(status="offline") == [ann.uid, cid.uid]
    assert listed(friendsOnly="true") == [bea.uid, cid.uid]
    assert listed(friendsOnly=1, roles=role) == [cid.uid]
    assert listed(uids=f"{cid.uid},{ann.uid}") == [ann.uid, cid.uid]
    pages = [listed(per_page=2, page=number) for number in (1, 2, 3)]
    assert pages == [[ann.uid, bea.uid], [cid.uid], []]
    pagination = me.rest().get("/users", query={"searchKey": tag, "per_page": 2}).json["meta"]["pagination"]
    assert pagination == {"total": 3, "count": 2, "per_page": 2, "current_page": 1, "total_pages": 2}
    for query, name in [({"status": "away"}, "status"), ({"page": "x"}, "page"), ({"per_page": 0}, "per_page")]:
        assert name in me.rest().get("/users", query=query).refused(400, "ERR_BAD_REQUEST")["message"]


def test_a_deactivated_user_is_in_no_list_and_may_do_nothing(world):
    alice, bob = world.users(2)
    client = bob.connect()
    watcher = alice.connect(presenceSubscription="ALL_USERS")
    jwt = bob.rest().get("/me").data["jwt"]
    world.backend.delete(f"/users/{bob.uid}", {"permanent": False}).ok()
    client.expect_close(4005)
    expect_presence(watcher, bob, "offline")
    assert uids(alice.rest().get("/users", query={"uids": bob.uid})) == []
    assert alice.rest().get(f"/users/{bob.uid}").data["deactivatedAt"]
    for answer in (
        bob.rest().get("/users"),
        bob.rest().get("/me"),
        bob.rest().post("/blockedusers", {"blockedUids": [alice.uid]}),
        online_members(bob, {}, jwt),
    ):
        answer.refused(403, "AUTH_ERR_NO_ACCESS")
    world.backend.put(f"/users/{bob.uid}", {"deactivated": False}).ok()
    assert uids(alice.rest().get("/users", query={"uids": bob.uid})) == [bob.uid]
    bob.connect()
    expect_presence(watcher, bob, "online")


def test_members_show_their_status_and_are_filtered_by_it(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    bob.connect()
    members = f"/groups/{guid}/members"
    rows = {row["uid"]: row["status"] for row in alice.rest().get(members).data}
    assert rows == {alice.uid: "offline", bob.uid: "online", carol.uid: "offline"}
    assert uids(alice.rest().get(members, query={"status": "online"})) == [bob.uid]
    assert uids(alice.rest().get(members, query={"status": "offline"})) == [alice.uid, carol.uid]


def test_online_members_are_counted_in_the_app_and_in_groups(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=0)
    alice, bob, carol = world.users(3)
    lobby, secret = world.group(alice, bob, carol), world.group(bob, alice, kind="private")

    def counts(user):
        return online_members(user, {"groups": [lobby, secret, "no-such-group"]}).data

    assert online_members(alice, {}).data == {"onlineUsersCount": 0}
    assert counts(alice) == {"groups": {lobby: 0, secret: 0}}
    bob.connect()
    client = bob.connect()
    carol.connect()
    assert online_members(alice, {}).data == {"onlineUsersCount": 2}
    assert counts(alice) == {"groups": {lobby: 2, secret: 1}}
    assert counts(carol) == {"groups": {lobby: 2}}
    assert alice.rest().get(f"/groups/{lobby}").data["onlineMembersCount"] == 2
    bob.rest().delete(f"/groups/{lobby}/members").ok()
    assert counts(alice)["groups"][lobby] == 1
    world.backend.post(f"/users/{bob.uid}/disconnect", {}).ok()
    client.expect_close(4300)
    until(lambda: online_members(alice, {}).data["onlineUsersCount"] == 1)
    assert counts(alice) == {"groups": {lobby: 1, secret: 0}}


def test_online_members_checks_the_jwt_as_auth_does(world, second):
    alice = world.user()
    online_members(alice, {}, "not-a-token").refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    jwt = alice.rest().get("/me").data["jwt"]
    stranger = second.user()
    online_members(stranger, {}, jwt).refused(401)
    alice.rest().delete("/me").ok()
    online_members(alice, {}, jwt).refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    bare = world.daemon.public()
    bare.post("/api/v3.0/online-members", {}, prefix="").refused(401, "AUTH_ERR_EMPTY_AUTH_TOKEN")
    nowhere = world.daemon.public(app=None, Authorization=jwt)
    nowhere.post("/api/v3.0/online-members", {}, prefix="").refused(401, "AUTH_ERR_EMPTY_APPID")


def test_last_active_is_everywhere_right_after_offline(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=0)
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    sent = alice.send(bob.uid)
    for _ in range(10):
        client = alice.connect()
        expect_presence(watcher, alice, "online")
        client.close()
        at = expect_presence(watcher, alice, "offline").body["user"]["lastActiveAt"]
        assert bob.rest().get(f"/users/{alice.uid}").data["lastActiveAt"] == at
        (row,) = bob.rest().get("/users", query={"uids": alice.uid}).data
        assert (row["status"], row["lastActiveAt"]) == ("offline", at)
        row = bob.rest().get(f"/groups/{guid}/members").data[0]
        assert (row["uid"], row["lastActiveAt"]) == (alice.uid, at)
        entity = bob.rest().get(f"/messages/{sent['id']}").data["data"]["entities"]["sender"]["entity"]
        assert entity["lastActiveAt"] == at
        row = world.presence(alice.uid)[alice.uid]
        assert (row["status"], row["lastActiveAt"]) == ("offline", at)


def test_a_changed_role_moves_the_user_to_the_followers_of_the_new_one(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=0)
    alice, bob, carol = world.users(3)
    role = fresh("role")
    old = bob.connect(presenceSubscription="ROLES", roles=["default"])
    new = carol.connect(presenceSubscription="ROLES", roles=[role])
    client = alice.connect()
    expect_presence(old, alice, "online")
    world.backend.put(f"/users/{alice.uid}", {"role": role}).ok()
    client.close()
    assert expect_presence(new, alice, "offline").body["user"]["role"] == role
    alice.connect()
    expect_presence(new, alice, "online")
    marker = world.user()
    marker.connect()
    expect_presence(old, marker, "online")
    assert len(old.all(type="presence", sender=alice.uid)) == 1


def test_friends_that_come_and_go_move_the_subscription(world):
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="FRIENDS")
    marker = world.user()
    world.backend.post(f"/users/{marker.uid}/friends", {"friends": [bob.uid]}).ok()
    world.backend.post(f"/users/{bob.uid}/friends", {"accepted": [alice.uid]}).ok()
    world.backend.delete(f"/users/{alice.uid}/friends", {"friends": [bob.uid]}).ok()
    assert uids(bob.rest().get(f"/users/{bob.uid}/friends")) == [marker.uid]
    alice.connect()
    marker.connect()
    expect_presence(watcher, marker, "online")
    watcher.none(type="presence", sender=alice.uid)


def test_a_deleted_friend_is_nobodys_friend_when_made_again(world):
    alice, bob = world.users(2)
    marker = world.user()
    for friend in (alice, marker):
        world.backend.post(f"/users/{bob.uid}/friends", {"friends": [friend.uid]}).ok()
    watcher = bob.connect(presenceSubscription="FRIENDS")
    world.backend.delete(f"/users/{alice.uid}").ok()
    world.backend.post("/users", {"uid": alice.uid, "name": "Another"}).ok()
    alice.token = alice.new_token()
    alice.connect()
    marker.connect()
    expect_presence(watcher, marker, "online")
    watcher.none(type="presence", sender=alice.uid)


def test_friends_are_paged_and_bounded_on_both_sides(start_world):
    world = start_world(HALLEY_LIMITS_FRIENDSPERUSER=2)
    alice, bob, carol, dave = world.users(4)
    world.backend.post(f"/users/{alice.uid}/friends", {"friends": [bob.uid, carol.uid]}).ok()
    results = world.backend.post(f"/users/{dave.uid}/friends", {"accepted": [alice.uid]}).data["accepted"]
    assert "friendsPerUser" in results[alice.uid]["error"]["message"]
    page = world.backend.get(f"/users/{alice.uid}/friends", query={"per_page": 1, "page": 2})
    assert len(page.data) == 1
    assert page.json["meta"]["pagination"]["total"] == 2
