"""Resume: nothing lost, nothing twice, nothing out of order (protocol 3.11)."""

import threading

import pytest

from halley import until


def resume_from(user, last_seq, **options):
    client = user.connect(resume={"lastSeq": last_seq}, **options)
    client.resumed = client.expect(type="resumed")
    return client


def durable(client):
    return [frame for frame in client.seen if "seq" in frame and frame["type"] not in ("ack",)]


def without_activity(frame):
    """The records of the people and groups are those of now, in a replay as in the history."""
    for part in frame.body["data"]["entities"].values():
        for field in ("status", "lastActiveAt", "updatedAt"):
            part["entity"].pop(field, None)
    return frame


def test_everything_missed_is_replayed_in_order_and_then_resumed(world):
    alice, bob = world.users(2)
    client = bob.connect()
    last = client.welcome.body["seq"]
    client.close()
    ids = [alice.send(bob.uid, f"missed {index}")["id"] for index in range(12)]
    again = resume_from(bob, last)
    assert [frame.body["id"] for frame in again.seen if frame["type"] == "message"] == ids
    assert again.resumed.body == {"count": 12, "complete": True, "seq": again.welcome.body["seq"]}
    assert [frame["type"] for frame in again.seen] == ["auth"] + ["message"] * 12 + ["resumed"]
    live = alice.send(bob.uid, "live")
    assert again.expect(type="message", body={"id": live["id"]})["seq"] > again.resumed.body["seq"]


def test_a_replayed_frame_is_what_the_live_one_was(world):
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    live = bob.connect()
    start = live.welcome.body["seq"]
    sender = alice.connect()
    sender.say(bob.uid, "1:1", metadata={"k": "v"}, tags=["t"], muid="m-" + bob.uid)
    sender.say(guid, "group", "group")
    sender.say(bob.uid, category="custom", type="pin", data={"customData": {"a": [1, 2.50]}})
    world.barrier(live)
    again = resume_from(bob, start)
    sent = [without_activity(frame) for frame in durable(live) if frame["sender"] == alice.uid]
    replayed = [without_activity(frame) for frame in durable(again) if frame["sender"] == alice.uid]
    assert sent == replayed
    assert len(replayed) == 3


def test_group_events_and_receipts_are_replayed(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob)
    author = alice.connect()
    first = author.say(guid, kind="group").body["id"]
    second = author.say(guid, kind="group").body["id"]
    last = int(second)
    author.close()
    reader = bob.connect()
    reader.receipt("delivered", guid, second, "group")
    reader.receipt("read", guid, first, "group")
    # Carol comes and goes: two events of the group.
    carol.rest().post(f"/groups/{guid}/members", {}).ok()
    carol.rest().delete(f"/groups/{guid}/members").ok()
    world.barrier(reader)
    again = resume_from(alice, last)
    actions = [f.body["data"]["action"] for f in again.all(type="message", body={"category": "action"})]
    assert actions == ["joined", "left"]
    receipts = [(f.body["action"], str(f.body["messageId"])) for f in again.all(type="receipts", sender=bob.uid)]
    # Restated: the marks differ, so two, each for the author's newest message at or below the mark.
    assert sorted(receipts) == [("delivered", second), ("read", first)]
    assert again.resumed.body["complete"] is True


def test_the_audience_is_that_of_the_events_own_time(world):
    alice, bob = world.users(2)
    guid = world.group(alice)
    start = bob.connect().welcome.body["seq"]
    alice.send(guid, "before", "group")
    bob.rest().post(f"/groups/{guid}/members", {}).ok()
    alice.send(guid, "during", "group")
    bob.rest().delete(f"/groups/{guid}/members").ok()
    alice.send(guid, "after", "group")
    again = resume_from(bob, start)
    texts = [f.body["data"]["text"] for f in again.all(type="message", receiver=guid, body={"category": "message"})]
    assert texts == ["during"]


def test_the_origins_own_events_are_not_replayed_to_it_but_to_the_other_devices(world):
    alice, bob = world.users(2)
    origin = alice.connect()
    start = origin.welcome.body["seq"]
    sent = origin.say(bob.uid, "mine").body["id"]
    origin.drop()
    same = resume_from(alice, start, session=origin.session)
    same.none(type="message", body={"id": sent})
    other = resume_from(alice, start)
    other.expect(type="message", body={"id": sent})


def test_nothing_missed_is_a_count_of_zero(world):
    bob = world.user()
    client = bob.connect()
    again = resume_from(bob, client.welcome.body["seq"])
    assert again.resumed.body["count"] == 0
    assert again.resumed.body["complete"] is True


def test_without_resume_nothing_is_replayed(world):
    alice, bob = world.users(2)
    alice.send(bob.uid)
    client = bob.connect()
    world.barrier(client)
    client.none(type="resumed")
    client.none(type="message", sender=alice.uid)


def test_a_last_seq_beyond_the_log_is_as_if_current(world):
    alice, bob = world.users(2)
    alice.send(bob.uid)
    client = resume_from(bob, 2**53)
    assert client.resumed.body["count"] == 0
    assert client.resumed.body["complete"] is True
    assert client.resumed.body["seq"] == client.welcome.body["seq"]
    live = alice.send(bob.uid)
    client.expect(type="message", body={"id": live["id"]})


@pytest.mark.parametrize("value", [-1, "7", 1.5, True, {}])
def test_a_last_seq_that_is_no_position_is_refused_400(world, value):
    client = world.user().open()
    client.send(client.auth_frame(resume={"lastSeq": value}))
    client.expect_refusal(400, 4003)


def test_over_the_limit_the_oldest_are_sent_and_the_gap_is_paged_by_rest(start_world):
    world = start_world(HALLEY_RULES_RESUMELIMIT=10)
    alice, bob = world.users(2)
    client = bob.connect()
    start = client.welcome.body["seq"]
    client.close()
    ids = [alice.send(bob.uid, f"n{index}")["id"] for index in range(25)]
    again = resume_from(bob, start)
    replayed = [frame.body["id"] for frame in again.all(type="message")]
    assert replayed == ids[:10]
    assert again.resumed.body == {"count": 10, "complete": False, "seq": int(ids[9])}
    live = alice.send(bob.uid, "live")
    again.expect(type="message", body={"id": live["id"]})
    rest = bob.rest().get("/messages", query={"id": again.resumed.body["seq"], "affix": "append", "per_page": 100}).data
    assert [message["id"] for message in rest] == [*ids[10:], live["id"]]


def test_at_the_limit_it_is_complete(start_world):
    world = start_world(HALLEY_RULES_RESUMELIMIT=10)
    alice, bob = world.users(2)
    for index in range(10):
        alice.send(bob.uid, str(index))
    assert resume_from(bob, 0).resumed.body["complete"] is True


def test_acks_keep_their_place_while_a_replay_runs(world):
    alice, bob = world.users(2)
    start = bob.connect().welcome.body["seq"]
    for index in range(50):
        alice.send(bob.uid, str(index))
    client = bob.open()
    client.send(client.auth_frame(resume={"lastSeq": start}))
    ref = client.message(alice.uid, "during the replay")
    ack = client.expect(type="ack", ref=ref)
    assert client.all(type="resumed")
    order = [frame["seq"] for frame in client.seen if frame["type"] in ("message", "ack")]
    assert order == sorted(order)
    assert ack["seq"] == order[-1]


def test_under_traffic_a_client_that_comes_and_goes_misses_nothing_and_sees_nothing_twice(world):
    """The seam between replay and live, crossed again and again while messages flow."""
    alice, bob = world.users(2)
    start = bob.connect().welcome.body["seq"]
    total = 600
    sender = alice.connect()
    sent = []

    def publish():
        for index in range(total):
            sent.append(sender.say(bob.uid, f"n{index}").body["id"])

    publisher = threading.Thread(target=publish)
    publisher.start()
    received, last, session, finished = [], start, None, False
    while not finished:
        finished = not publisher.is_alive()
        client = bob.connect(resume={"lastSeq": last}, session=session)
        session = client.session
        client.expect(type="resumed")
        if finished:
            world.barrier(client)
        else:
            until(lambda: client.all(type="message", sender=alice.uid) or not publisher.is_alive())
        client.drop()
        client.join()
        frames = client.all(type="message")
        received += [frame.body["id"] for frame in frames if frame["sender"] == alice.uid]
        last = max([last] + [frame["seq"] for frame in frames])
    publisher.join()
    assert received == sent
    assert len(sent) == total


def test_many_devices_resume_at_once_and_each_gets_it_all(world):
    alice = world.user()
    readers = world.users(10)
    guid = world.group(alice, *readers)
    starts = {reader.uid: reader.connect().welcome.body["seq"] for reader in readers}
    ids = [alice.send(guid, str(index), "group")["id"] for index in range(100)]
    clients = [resume_from(reader, starts[reader.uid]) for reader in readers for _ in range(2)]
    for client in clients:
        assert [f.body["id"] for f in client.all(type="message", receiver=guid, body={"category": "message"})] == ids
