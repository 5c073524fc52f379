"""Who is told that a user came or went (protocol 3.3, 6.3)."""

import time

from halley import until


def expect_presence(watcher, user, action):
    frame = watcher.expect(type="presence", sender=user.uid, body={"action": action})
    assert frame.body["user"]["uid"] == user.uid
    assert frame.body["user"]["status"] == action
    assert abs(frame.body["timestamp"] - time.time()) < 60
    return frame


def rest_status(world, user):
    return world.backend.get(f"/users/{user.uid}").data["status"]


def settle(world, watcher):
    """A barrier among presence events: another user's coming is seen, so everything before it was."""
    marker = world.user("marker")
    marker.connect()
    expect_presence(watcher, marker, "online")


def test_all_users_are_told_of_everybody_and_the_frame_has_the_documented_shape(world):
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    client = alice.connect()
    frame = expect_presence(watcher, alice, "online")
    assert frame["appId"] == "dev"
    assert frame["deviceId"] == client.session
    assert "seq" not in frame
    user = frame.body["user"]
    assert (user["name"], user["role"]) == (alice.name, "default")


def test_none_is_told_of_nobody(world):
    alice, bob, carol = world.users(3)
    silent, absent = bob.connect(presenceSubscription="NONE"), bob.connect(presenceSubscription=None)
    watcher = carol.connect(presenceSubscription="ALL_USERS")
    alice.connect()
    expect_presence(watcher, alice, "online")
    world.barrier(silent, absent)
    silent.none(type="presence")
    absent.none(type="presence")


def test_friends_are_told_of_friends_only(world):
    alice, bob, stranger = world.users(3)
    world.backend.post(f"/users/{bob.uid}/friends", {"friends": [alice.uid]}).ok()
    watcher = bob.connect(presenceSubscription="FRIENDS")
    everything = world.user().connect(presenceSubscription="ALL_USERS")
    stranger.connect()
    expect_presence(everything, stranger, "online")
    alice.connect()
    expect_presence(watcher, alice, "online")
    watcher.none(type="presence", sender=stranger.uid)


def test_a_friend_made_while_connected_is_followed_at_once(world):
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="FRIENDS")
    world.backend.post(f"/users/{bob.uid}/friends", {"accepted": [alice.uid]}).ok()
    alice.connect()
    expect_presence(watcher, alice, "online")


def test_roles_are_told_of_their_roles_only(world):
    vip, plain, bob = world.user(role="vip"), world.user(), world.user()
    watcher = bob.connect(presenceSubscription="ROLES", roles=["vip"])
    everything = world.user().connect(presenceSubscription="ALL_USERS")
    plain.connect()
    expect_presence(everything, plain, "online")
    vip.connect()
    assert expect_presence(watcher, vip, "online").body["user"]["role"] == "vip"
    watcher.none(type="presence", sender=plain.uid)


def test_roles_without_a_list_are_served_as_all_users(world):
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ROLES")
    alice.connect()
    expect_presence(watcher, alice, "online")


def test_one_event_per_change_of_the_user_never_one_per_device(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=0)
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    first = alice.connect()
    expect_presence(watcher, alice, "online")
    second = alice.connect()
    settle(world, watcher)
    first.close()
    settle(world, watcher)
    assert len(watcher.all(type="presence", sender=alice.uid)) == 1
    assert rest_status(world, alice) == "online"
    second.close()
    expect_presence(watcher, alice, "offline")
    assert len(watcher.all(type="presence", sender=alice.uid)) == 2


def test_nobody_is_told_of_themself(world):
    alice = world.user()
    first = alice.connect(presenceSubscription="ALL_USERS")
    second = alice.connect(presenceSubscription="ALL_USERS")
    settle(world, first)
    settle(world, second)
    first.none(type="presence", sender=alice.uid)
    second.none(type="presence", sender=alice.uid)


def test_there_is_no_snapshot_at_subscribe(world):
    alice, bob = world.users(2)
    alice.connect()
    world.barrier(alice.connect())
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    settle(world, watcher)
    watcher.none(type="presence", sender=alice.uid)


def test_offline_comes_after_the_grace_period_and_until_then_the_user_is_online_everywhere(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=1)
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    client = alice.connect()
    expect_presence(watcher, alice, "online")
    begin = time.monotonic()
    client.close()
    assert rest_status(world, alice) == "online"
    assert world.presence(alice.uid)[alice.uid]["status"] == "online"
    frame = expect_presence(watcher, alice, "offline")
    assert time.monotonic() - begin >= 0.9
    assert rest_status(world, alice) == "offline"
    # It rides along in a later batch of the log, so the record may be a moment behind the event.
    record = f"/users/{alice.uid}"
    until(lambda: world.backend.get(record).data.get("lastActiveAt", 0) >= frame.body["timestamp"] - 2)


def test_a_return_within_the_grace_period_is_no_event(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=2)
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    client = alice.connect()
    expect_presence(watcher, alice, "online")
    for _ in range(3):
        client.drop()
        client = alice.connect()
    # A user who leaves after her: when that is told, hers would have been.
    marker = world.user()
    marker.connect().close()
    expect_presence(watcher, marker, "offline")
    assert [frame.body["action"] for frame in watcher.all(type="presence", sender=alice.uid)] == ["online"]


def test_a_grace_of_zero_is_at_once(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=0)
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    for _ in range(3):
        client = alice.connect()
        expect_presence(watcher, alice, "online")
        client.drop()
        expect_presence(watcher, alice, "offline")


def test_logout_of_the_last_device_is_offline_at_once(world):
    """With the default grace of 15 s: the event comes long before."""
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    client = alice.connect()
    expect_presence(watcher, alice, "online")
    begin = time.monotonic()
    alice.rest().delete("/me").ok()
    client.expect_close(4001)
    expect_presence(watcher, alice, "offline")
    assert time.monotonic() - begin < 12


def test_logout_of_one_of_two_devices_is_no_event(world):
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    alice.connect(credential=alice.new_token())
    leaving = alice.connect()
    expect_presence(watcher, alice, "online")
    alice.rest().delete("/me").ok()
    leaving.expect_close(4001)
    settle(world, watcher)
    watcher.none(type="presence", sender=alice.uid, body={"action": "offline"})


def test_a_connection_refused_at_auth_makes_nobody_online(world):
    alice, bob = world.users(2)
    watcher = bob.connect(presenceSubscription="ALL_USERS")
    client = alice.open(credential="wrong")
    client.send(client.auth_frame())
    client.expect_close(4000)
    settle(world, watcher)
    watcher.none(type="presence", sender=alice.uid)
    assert rest_status(world, alice) == "offline"


def test_nothing_crosses_from_one_app_to_another(world, second):
    watcher = world.user().connect(presenceSubscription="ALL_USERS")
    other_watcher = second.user().connect(presenceSubscription="ALL_USERS")
    stranger = second.user()
    stranger.connect()
    expect_presence(other_watcher, stranger, "online")
    settle(world, watcher)
    watcher.none(type="presence", sender=stranger.uid)


def test_the_operator_sees_every_connection(world):
    alice, bob = world.users(2)
    client = alice.connect(appState="foreground", connectionMode="manual")
    rows = world.presence(alice.uid, bob.uid)
    assert rows[bob.uid]["status"] == "offline"
    assert rows[bob.uid].get("connections", []) == []
    row = rows[alice.uid]
    assert row["status"] == "online"
    (connection,) = row["connections"]
    assert connection["sessionId"] == client.session
    assert connection["deviceId"] == f"device-of-{client.session}"
    assert connection["platform"] == "test"
    assert connection["appState"] == "foreground"
    assert abs(connection["connectedAt"] - time.time()) < 60
    client.app_state("background")
    until(lambda: world.presence(alice.uid)[alice.uid]["connections"][0]["appState"] == "background")


def test_the_operator_sees_who_is_online_in_a_group(world):
    alice, bob, outsider = world.users(3)
    guid = world.group(alice, bob)
    alice.connect()
    outsider.connect()
    rows = world.backend.get(f"/groups/{guid}/online").data
    assert [row["uid"] for row in rows if row["status"] == "online"] == [alice.uid]
    assert outsider.uid not in [row["uid"] for row in rows]
