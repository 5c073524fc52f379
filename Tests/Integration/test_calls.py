"""Calls: signalling by REST, call messages by socket, in history and on resume (protocol 6.2, 7)."""

import time

import pytest

from halley import until


def start(user, receiver, kind="user", client=None, **body):
    """`POST calls`; gives the answer."""
    return user.rest(client).post("/calls", {"receiver": receiver, "receiverType": kind, "type": "audio"} | body)


def update(user, session, status, client=None):
    return user.rest(client).put(f"/calls/{session}", {"status": status})


def entity(message):
    return message["data"]["entities"]["on"]["entity"]


def ring(user, receiver, kind="user", client=None, **body):
    """Calls and gives the session id."""
    return entity(start(user, receiver, kind, client, **body).data)["sessionid"]


def expect_call(client, action, session=None, **pattern):
    """Takes the next such call message; checks what is the same in all of them."""
    on = {"entity": {"sessionid": session} if session else {}, "entityType": "call"}
    frame = client.expect(
        type="message", body={"category": "call", "data": {"action": action, "entities": {"on": on}}} | pattern
    )
    assert frame.body["id"] == str(frame["seq"])
    assert entity(frame.body)["status"] == action
    assert (frame["sender"], frame["receiver"]) == (frame.body["sender"], frame.body["receiver"])
    return frame


def calls(client):
    """The actions of all call messages so far."""
    return [frame.body["data"]["action"] for frame in client.all(type="message", body={"category": "call"})]


def history(user, other, kind="users"):
    rows = user.rest().get(f"/{kind}/{other}/messages", query={"category": "call", "per_page": 100}).data
    return [row["data"]["action"] for row in rows]


# -- 1:1


def test_two_users_on_several_devices_ring_accept_and_hang_up(world):
    alice, bob = world.users(2)
    caller, callers_other = alice.connect(), alice.connect()
    phone, tablet = bob.connect(), bob.connect()
    answer = start(alice, bob.uid, client=caller, type="video", metadata={"k": [1]}).data
    session = entity(answer)["sessionid"]
    assert len(session) >= 20
    assert (answer["category"], answer["type"]) == ("call", "video")
    assert (answer["sender"], answer["receiver"], answer["receiverType"]) == (alice.uid, bob.uid, "user")
    for client in (phone, tablet):
        frame = expect_call(client, "initiated", session)
        assert frame["deviceId"] == caller.session
        call = entity(frame.body)
        assert (call["sender"], call["receiver"], call["receiverType"]) == (alice.uid, bob.uid, "user")
        assert call["conversationId"] == frame.body["conversationId"]
        assert call["initiatedAt"] == frame.body["sentAt"]
        assert "joinedAt" not in call and "endedAt" not in call
        assert call["data"]["entities"]["sender"]["entity"]["name"] == alice.name
        assert frame.body["data"]["entities"]["by"]["entity"]["uid"] == alice.uid
        assert frame.body["data"]["entities"]["for"]["entity"]["uid"] == bob.uid
        assert frame.body["data"]["metadata"] == {"k": [1]}
    accepted = update(bob, session, "ongoing", phone).data
    assert (accepted["sender"], accepted["receiver"]) == (bob.uid, alice.uid)
    for client in (caller, callers_other, tablet):
        frame = expect_call(client, "ongoing", session)
        assert frame["deviceId"] == phone.session
        assert entity(frame.body)["joinedAt"] == frame.body["sentAt"]
    update(alice, session, "ended", caller).ok()
    for client in (callers_other, phone, tablet):
        assert entity(expect_call(client, "ended", session).body)["endedAt"] >= answer["sentAt"]
    world.barrier(caller, callers_other, phone, tablet)
    assert calls(caller) == ["ongoing"]
    assert calls(callers_other) == ["ongoing", "ended"], "a call never rings at the caller's other devices"
    assert calls(phone) == ["initiated", "ended"]
    assert history(alice, bob.uid) == history(bob, alice.uid) == ["initiated", "ongoing", "ended"]


def test_without_a_resource_the_caller_hears_all_but_the_ringing(world):
    alice, bob = world.users(2)
    client = alice.connect()
    session = ring(alice, bob.uid)
    update(alice, session, "cancelled").ok()
    assert "deviceId" not in expect_call(client, "cancelled", session)
    assert calls(client) == ["cancelled"]


@pytest.mark.parametrize(
    "status, by_caller, sent",
    [
        ("rejected", False, "rejected"),
        ("busy", False, "busy"),
        ("cancelled", True, "cancelled"),
        ("canceled", True, "cancelled"),
        ("unanswered", True, "unanswered"),
    ],
)
def test_a_ringing_call_ends_as_it_is_told_and_stays_ended(world, status, by_caller, sent):
    alice, bob = world.users(2)
    acting, other = (alice, bob) if by_caller else (bob, alice)
    listener = other.connect()
    session = ring(alice, bob.uid)
    assert entity(update(acting, session, status).data)["status"] == sent
    assert expect_call(listener, sent, session)["sender"] == acting.uid
    for user in (alice, bob):
        for again in ("ongoing", "ended", "cancelled", "rejected", status):
            update(user, session, again).refused(409, "ERR_CALL_TERMINATED")
    update(world.user(), session, "ongoing").refused(403, "ERR_CALL_NOT_A_PART")
    assert history(alice, bob.uid) == ["initiated", sent]
    update(alice, ring(alice, bob.uid), "cancelled").ok()


def test_what_a_call_does_not_allow_is_refused(world):
    alice, bob, carol = world.users(3)
    session = ring(alice, bob.uid)
    update(carol, session, "ongoing").refused(403, "ERR_CALL_NOT_A_PART")
    update(carol, session, "ended").refused(403, "ERR_CALL_NOT_A_PART")
    for user, status in ((alice, "ongoing"), (alice, "rejected"), (bob, "cancelled"), (bob, "ended"), (alice, "busy")):
        update(user, session, status).refused(400)
    update(alice, "no-such-session", "ended").refused(404, "ERR_CALL_SESSION_NOT_FOUND")
    for status in ("initiated", "paused", 7, None):
        error = update(bob, session, status).refused(400)
        assert "status" in error["message"]
    update(bob, session, "ongoing").ok()
    for user, status in ((bob, "ongoing"), (bob, "rejected"), (alice, "cancelled"), (alice, "unanswered")):
        update(user, session, status).refused(400)
    update(bob, session, "ended").ok()


def test_who_cannot_be_called_is_refused(world):
    alice = world.user()
    outsider = world.user()
    guid = world.group(alice)
    hidden = world.group(alice, kind="private")
    start(alice, alice.uid).refused(400, "ERR_CALLING_SELF")
    start(alice, "nobody-here").refused(404, "ERR_UID_NOT_FOUND")
    start(alice, "nowhere-here", "group").refused(404, "ERR_GUID_NOT_FOUND")
    start(outsider, guid, "group").refused(403, "ERR_NOT_A_MEMBER")
    start(outsider, hidden, "group").refused(404, "ERR_GUID_NOT_FOUND")
    start(alice, outsider.uid, type="smoke").refused(400, "ERR_INVALID_MESSAGE_TYPE")
    start(alice, outsider.uid, "room").refused(400, "ERR_INVALID_RECEIVER_TYPE")
    start(alice, "").refused(400, "ERR_EMPTY_RECEIVER")


def test_a_blocked_pair_is_refused(world):
    alice, bob = world.users(2)
    client = bob.connect()
    alice.rest().post("/blockedusers", {"blockedUids": [bob.uid]}).ok()
    start(alice, bob.uid).refused(403, "ERR_BLOCKED_RECEIVER")
    start(bob, alice.uid).refused(403, "ERR_BLOCKED_SENDER")
    world.barrier(client)
    assert calls(client) == []


@pytest.mark.parametrize("state", ["initiated", "ongoing"])
def test_a_busy_user_is_not_called_and_hears_nothing_of_it(world, state):
    alice, bob, carol = world.users(3)
    session = ring(alice, bob.uid)
    if state == "ongoing":
        update(bob, session, "ongoing").ok()
    caller, callers_other, callee = carol.connect(), carol.connect(), bob.connect()
    seq = callee.welcome.body["seq"]
    start(carol, bob.uid, client=caller).refused(409, "ERR_CALL_BUSY_USER")
    frame = expect_call(callers_other, "busy")
    assert (frame["sender"], frame["receiver"], frame["deviceId"]) == (carol.uid, bob.uid, caller.session)
    world.barrier(caller, callee)
    assert calls(caller) == calls(callee) == []
    assert history(carol, bob.uid) == ["busy"]
    again = bob.connect(resume={"lastSeq": seq})
    again.expect(type="resumed")
    assert calls(again) == [], "nor when they resume"
    # The callee's caller is as busy as the callee, and neither calls anybody now.
    start(carol, alice.uid).refused(409, "ERR_CALL_BUSY_USER")
    start(alice, carol.uid).refused(409, "ERR_CALL_BUSY_SELF")
    start(bob, carol.uid).refused(409, "ERR_CALL_BUSY_SELF")
    update(alice, session, "ended" if state == "ongoing" else "cancelled").ok()
    update(carol, ring(carol, bob.uid), "cancelled").ok()


def test_a_repeated_muid_is_the_same_call(world):
    alice, bob = world.users(2)
    callee = bob.connect()
    first = start(alice, bob.uid, muid="call-1").data
    again = start(alice, bob.uid, muid="call-1").data
    assert again["duplicate"] is True
    assert (again["id"], entity(again)["sessionid"]) == (first["id"], entity(first)["sessionid"])
    update(alice, entity(first)["sessionid"], "cancelled").ok()
    assert start(alice, bob.uid, muid="call-1").data["id"] == first["id"]
    world.barrier(callee)
    assert calls(callee) == ["initiated", "cancelled"]


def test_a_missed_call_comes_on_resume_but_never_rings_at_the_callers_own(world):
    alice, bob = world.users(2)
    caller, callee = alice.connect(), bob.connect()
    callee.close()
    session = ring(alice, bob.uid, client=caller)
    update(alice, session, "cancelled", caller).ok()
    returned = bob.connect(resume={"lastSeq": callee.welcome.body["seq"]})
    returned.expect(type="resumed", body={"count": 2, "complete": True})
    assert calls(returned) == ["initiated", "cancelled"]
    rung = returned.all(type="message", body={"data": {"action": "initiated"}})[0]
    assert entity(rung.body)["status"] == "initiated", "as it stood with the message"
    other = alice.connect(resume={"lastSeq": caller.welcome.body["seq"]})
    other.expect(type="resumed", body={"count": 1})
    assert calls(other) == ["cancelled"]


def test_the_backend_calls_on_behalf_of_users(world):
    alice, bob = world.users(2)
    body = {"receiver": bob.uid, "receiverType": "user", "type": "audio"}
    world.backend.post("/calls", body).refused(400)
    session = entity(world.backend.acting(alice.uid).post("/calls", body).data)["sessionid"]
    world.backend.acting(bob.uid).put(f"/calls/{session}", {"status": "rejected"}).ok()
    assert history(alice, bob.uid) == ["initiated", "rejected"]


# -- groups


def test_a_group_call_is_joined_left_and_ends_with_the_last_participant(world):
    alice, bob, carol, dave, outsider = world.users(5)
    guid = world.group(alice, bob, carol, dave)
    a, b, c, d = (user.connect() for user in (alice, bob, carol, dave))
    bobs_other, stranger = bob.connect(), outsider.connect()
    session = ring(alice, guid, "group", a)
    for client in (b, bobs_other, c, d):
        frame = expect_call(client, "initiated", session)
        assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
        assert frame.body["data"]["entities"]["for"]["entity"]["guid"] == guid
    update(dave, session, "rejected", d).ok()
    expect_call(a, "rejected", session)
    update(bob, session, "ongoing", b).ok()
    update(carol, session, "ongoing", c).ok()
    for _ in range(2):
        expect_call(a, "ongoing", session)
    update(outsider, session, "ongoing").refused(403, "ERR_CALL_NOT_A_PART")
    update(dave, session, "ended").refused(403, "ERR_CALL_NOT_A_PART")
    left = update(bob, session, "ended", b).data
    assert entity(left)["leftAt"] >= entity(left)["joinedAt"]
    expect_call(bobs_other, "ended", session)
    update(bob, session, "ended", b).refused(403, "ERR_CALL_NOT_A_PART")
    update(bob, session, "ongoing", b).ok()
    update(alice, session, "ended", a).ok()
    update(bob, session, "ended", b).ok()
    world.barrier(a, c, d, stranger)
    for client in (a, c, d):
        assert "ended" not in calls(client), "it goes on while somebody is in it"
    update(carol, session, "ended", c).ok()
    for client in (a, b, d):
        assert expect_call(client, "ended", session)["sender"] == carol.uid
    update(carol, session, "ongoing").refused(409, "ERR_CALL_TERMINATED")
    world.barrier(stranger)
    assert calls(stranger) == []


def test_group_calls_are_not_checked_for_busy(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    pair = ring(alice, bob.uid)
    group = ring(alice, guid, "group")
    update(bob, group, "ongoing").ok()
    other = ring(bob, guid, "group")
    update(carol, other, "ongoing").ok()
    update(carol, ring(carol, world.user().uid), "cancelled").ok()
    update(bob, pair, "ongoing").ok()
    update(alice, group, "ended").ok()
    update(bob, group, "ended").ok()
    update(alice, pair, "ended").ok()


def test_leaving_the_group_leaves_its_call_and_deleting_it_ends_it(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    client, others = alice.connect(), bob.connect()
    session = ring(alice, guid, "group")
    update(bob, session, "ongoing").ok()
    bob.rest().delete(f"/groups/{guid}/members").ok()
    expect_call(others, "ended", session)
    update(bob, session, "ongoing").refused(403, "ERR_CALL_NOT_A_PART")
    update(carol, session, "ongoing").ok()
    alice.rest().delete(f"/groups/{guid}").ok()
    update(carol, session, "ended").refused(404, "ERR_CALL_SESSION_NOT_FOUND")
    world.barrier(client)
    assert "ended" not in calls(client)


def test_a_group_call_holds_as_many_as_the_limit_says(start_world):
    world = start_world(HALLEY_LIMITS_PARTICIPANTSPERCALL=2)
    alice, bob, carol = world.users(3)
    session = ring(alice, world.group(alice, bob, carol), "group")
    update(bob, session, "ongoing").ok()
    assert "participantsPerCall" in update(carol, session, "ongoing").refused(400)["message"]
    update(bob, session, "ended").ok()
    update(carol, session, "ongoing").ok()


# -- time and absence


@pytest.fixture(scope="module")
def hasty():
    """A daemon whose calls ring for a second and whose absent users are gone after half of one."""
    from halley import Daemon

    daemon = Daemon(env={"HALLEY_RULES_CALLUNANSWERED": "1", "HALLEY_RULES_PRESENCEGRACE": "0.5"})
    try:
        yield daemon.start()
    finally:
        daemon.discard()


@pytest.fixture
def hasty_world(hasty):
    from halley import World

    world = World(hasty)
    yield world
    world.close()


@pytest.mark.parametrize("kind", ["user", "group"])
def test_nobody_answers_and_all_of_both_sides_are_told(hasty_world, kind):
    alice, bob = hasty_world.users(2)
    caller, callers_other, callee = alice.connect(), alice.connect(), bob.connect()
    receiver = bob.uid if kind == "user" else hasty_world.group(alice, bob)
    begin = time.monotonic()
    session = ring(alice, receiver, kind, caller)
    for client in (caller, callers_other, callee):
        frame = expect_call(client, "unanswered", session)
        assert "deviceId" not in frame, "a server's timer has no origin"
        assert (frame["sender"], frame["receiver"]) == (alice.uid, receiver)
    assert time.monotonic() - begin >= 0.9
    # The client's own timer loses the race, which harms nobody.
    update(alice, session, "unanswered").refused(409, "ERR_CALL_TERMINATED")
    hasty_world.barrier(callee)
    assert calls(callee) == ["initiated", "unanswered"]


def test_the_clients_own_timer_wins_the_race_and_ours_says_nothing_more(hasty_world):
    alice, bob, carol = hasty_world.users(3)
    caller, callee = alice.connect(), bob.connect()
    session = ring(alice, bob.uid, client=caller)
    update(alice, session, "unanswered", caller).ok()
    # A call that began later is unanswered later: by then the first one's timer would have fired.
    ring(carol, alice.uid)
    expect_call(caller, "unanswered")
    hasty_world.barrier(callee)
    assert calls(callee) == ["initiated", "unanswered"]


def test_an_answered_call_outlives_the_timer(hasty_world):
    alice, bob, carol, dave = hasty_world.users(4)
    caller, callee, late = alice.connect(), bob.connect(), dave.connect()
    session = ring(alice, bob.uid, client=caller)
    update(bob, session, "ongoing", callee).ok()
    ring(carol, dave.uid)
    expect_call(late, "unanswered")
    update(alice, session, "ended", caller).ok()
    hasty_world.barrier(callee)
    assert calls(callee) == ["initiated", "ended"]


@pytest.mark.parametrize("how", ["close", "drop"])
def test_a_caller_who_vanishes_cancels(start_world, how):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=0.5)
    alice, bob = world.users(2)
    caller, callee = alice.connect(), bob.connect()
    session = ring(alice, bob.uid, client=caller)
    getattr(caller, how)()
    frame = expect_call(callee, "cancelled", session)
    assert frame["sender"] == alice.uid
    assert "deviceId" not in frame


def test_a_participant_who_vanishes_ends_the_call_and_one_with_another_device_does_not(hasty_world):
    alice, bob = hasty_world.users(2)
    phone, tablet, callee = alice.connect(), alice.connect(), bob.connect()
    session = ring(alice, bob.uid, client=phone)
    update(bob, session, "ongoing", callee).ok()
    phone.close()
    until(lambda: len(hasty_world.presence(alice.uid)[alice.uid]["connections"]) == 1)
    update(alice, session, "busy").refused(400)
    tablet.drop()
    assert expect_call(callee, "ended", session)["sender"] == alice.uid
    update(bob, session, "ended").refused(409, "ERR_CALL_TERMINATED")


def test_who_returns_within_the_grace_period_is_still_in_the_call(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=2)
    alice, bob, carol, dave = world.users(4)
    caller, callee = alice.connect(), bob.connect()
    session = ring(alice, bob.uid, client=caller)
    update(bob, session, "ongoing", callee).ok()
    # Carol goes after alice and stays away: when that is known, alice's time would have been over.
    other, watcher = carol.connect(), dave.connect()
    second = ring(carol, dave.uid, client=other)
    update(dave, second, "ongoing", watcher).ok()
    caller.drop()
    until(lambda: world.presence(alice.uid)[alice.uid]["connections"] == [])
    other.drop()
    returned = alice.connect()
    expect_call(watcher, "ended", second)
    world.barrier(callee)
    assert calls(callee) == ["initiated"]
    update(alice, session, "ended", returned).ok()
    expect_call(callee, "ended", session)


def test_logout_of_the_last_device_ends_the_call_at_once(world):
    alice, bob = world.users(2)
    caller, callee = alice.connect(), bob.connect()
    session = ring(alice, bob.uid, client=caller)
    update(bob, session, "ongoing", callee).ok()
    alice.rest(caller).delete("/me").ok()
    assert expect_call(callee, "ended", session, sender=alice.uid)


def test_a_participant_of_a_group_call_who_vanishes_leaves_it(hasty_world):
    alice, bob, carol = hasty_world.users(3)
    guid = hasty_world.group(alice, bob, carol)
    a, b, c = (user.connect() for user in (alice, bob, carol))
    session = ring(alice, guid, "group", a)
    update(bob, session, "ongoing", b).ok()
    a.drop()
    until(lambda: not hasty_world.presence(alice.uid)[alice.uid]["connections"])
    update(carol, session, "ongoing", c).ok()
    b.drop()
    until(lambda: history(carol, guid, "groups").count("ended") == 2)
    c.drop()
    until(lambda: history(carol, guid, "groups").count("ended") == 3)
    update(carol, session, "ongoing").refused(409, "ERR_CALL_TERMINATED")


@pytest.mark.parametrize("who", ["caller", "callee"])
@pytest.mark.parametrize("permanent", [True, False])
def test_a_user_who_is_deleted_or_deactivated_leaves_no_call_behind(world, who, permanent):
    alice, bob = world.users(2)
    gone, other = (alice, bob) if who == "caller" else (bob, alice)
    listener = other.connect()
    session = ring(alice, bob.uid)
    update(bob, session, "ongoing").ok()
    world.backend.delete(f"/users/{gone.uid}", {"permanent": permanent}).ok()
    assert expect_call(listener, "ended", session)["sender"] == gone.uid
    update(other, ring(other, world.user().uid), "cancelled").ok()


# -- restarts


def test_a_ringing_call_survives_a_crash_and_is_still_answered_in_time(start_world):
    world = start_world(HALLEY_RULES_CALLUNANSWERED=30)
    alice, bob = world.users(2)
    session = ring(alice, bob.uid)
    world.daemon.kill()
    world.daemon.restart()
    caller, callee = alice.connect(), bob.connect()
    start(alice, world.user().uid).refused(409, "ERR_CALL_BUSY_SELF")
    update(bob, session, "ongoing", callee).ok()
    expect_call(caller, "ongoing", session)


def test_a_ringing_call_whose_time_passed_during_the_crash_is_unanswered(start_world):
    world = start_world(HALLEY_RULES_CALLUNANSWERED=1)
    alice, bob = world.users(2)
    callee = bob.connect()
    session = ring(alice, bob.uid)
    world.daemon.kill()
    world.daemon.restart()
    returned = bob.connect(resume={"lastSeq": callee.welcome.body["seq"]})
    expect_call(returned, "initiated", session)
    frame = expect_call(returned, "unanswered", session)
    assert "deviceId" not in frame
    update(bob, session, "ongoing").refused(409, "ERR_CALL_TERMINATED")
    assert history(alice, bob.uid) == ["initiated", "unanswered"]


def test_an_ongoing_call_survives_a_crash_for_those_who_come_back(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=3)
    alice, bob, carol, dave = world.users(4)
    clients = [user.connect() for user in (alice, bob, carol, dave)]
    kept, lost = ring(alice, bob.uid, client=clients[0]), ring(carol, dave.uid, client=clients[2])
    update(bob, kept, "ongoing", clients[1]).ok()
    update(dave, lost, "ongoing", clients[3]).ok()
    world.daemon.kill()
    world.daemon.restart()
    caller, callee, waiting = alice.connect(), bob.connect(), dave.connect()
    assert expect_call(waiting, "ended", lost)["sender"] == carol.uid
    world.barrier(callee)
    assert calls(callee) == []
    update(alice, kept, "ended", caller).ok()
    expect_call(callee, "ended", kept)


def test_a_group_call_survives_a_crash_without_those_who_stay_away(start_world):
    world = start_world(HALLEY_RULES_PRESENCEGRACE=1)
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    clients = [user.connect() for user in (alice, bob, carol)]
    session = ring(alice, guid, "group", clients[0])
    update(bob, session, "ongoing", clients[1]).ok()
    update(carol, session, "ongoing", clients[2]).ok()
    world.daemon.kill()
    world.daemon.restart()
    client = carol.connect()
    until(lambda: history(carol, guid, "groups").count("ended") == 2)
    update(alice, session, "ended").refused(403, "ERR_CALL_NOT_A_PART")
    update(alice, session, "ongoing").ok()
    expect_call(client, "ongoing", session)
    update(carol, session, "ended").ok()


def test_a_call_that_is_over_is_still_known_after_a_crash(start_world):
    world = start_world()
    alice, bob = world.users(2)
    session = ring(alice, bob.uid)
    update(bob, session, "rejected").ok()
    world.daemon.kill()
    world.daemon.restart()
    update(bob, session, "ongoing").refused(409, "ERR_CALL_TERMINATED")
    update(world.user(), session, "ongoing").refused(403, "ERR_CALL_NOT_A_PART")
    update(alice, ring(alice, bob.uid), "cancelled").ok()


# -- rates


def test_calling_counts_as_sending_and_hanging_up_does_not(start_world):
    world = start_world(HALLEY_LIMITS_SENDSPERMINUTE=3)
    alice, bob = world.users(2)
    for _ in range(3):
        update(alice, ring(alice, bob.uid), "cancelled").ok()
    refused = start(alice, bob.uid)
    refused.refused(429, "ERR_TOO_MANY_REQUESTS")
    assert refused.headers["X-Rate-Limit"] == "3"
