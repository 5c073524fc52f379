"""Delivered and read marks (protocol 3.6)."""

import time

import pytest


def expect_receipt(client, action, message_id, sender, **pattern):
    return client.expect(
        type="receipts",
        sender=sender,
        body={"action": action, "messageId": lambda value: str(value) == str(message_id)},
        **pattern,
    )


@pytest.fixture
def pair(world):
    """Alice (author) and Bob with a connection each."""
    alice, bob = world.users(2)
    return alice, bob, alice.connect(), bob.connect()


def test_a_receipt_reaches_the_author_with_time_and_the_gateways_record(world, pair):
    alice, bob, author, reader = pair
    message_id = author.say(bob.uid).body["id"]
    reader.receipt("delivered", alice.uid, message_id)
    frame = expect_receipt(author, "delivered", message_id, bob.uid)
    assert frame["messageSender"] == alice.uid
    assert frame["deviceId"] == reader.session
    assert (frame["receiver"], frame["receiverType"]) == (alice.uid, "user")
    assert isinstance(frame["seq"], int)
    assert abs(frame.body["timestamp"] - time.time()) < 60
    assert frame.body["user"]["uid"] == bob.uid
    assert frame.body["user"]["name"] == bob.name
    reader.receipt("read", alice.uid, message_id)
    assert expect_receipt(author, "read", message_id, bob.uid)["seq"] > frame["seq"]


@pytest.mark.parametrize("as_number", [False, True])
def test_the_message_id_may_be_text_or_number(pair, as_number):
    alice, bob, author, reader = pair
    message_id = author.say(bob.uid).body["id"]
    reader.receipt("delivered", alice.uid, int(message_id) if as_number else message_id)
    expect_receipt(author, "delivered", message_id, bob.uid)


def test_all_of_the_authors_connections_and_the_readers_other_ones_are_told(world, pair):
    alice, bob, author, reader = pair
    author_too, reader_too = alice.connect(), bob.connect()
    message_id = author.say(bob.uid).body["id"]
    reader.receipt("read", alice.uid, message_id)
    for client in (author, author_too, reader_too):
        expect_receipt(client, "read", message_id, bob.uid)
    world.barrier(reader)
    reader.none(type="receipts")


def test_marks_are_cumulative_and_a_mark_that_moves_nothing_makes_no_event(world, pair):
    alice, bob, author, reader = pair
    ids = [author.say(bob.uid).body["id"] for _ in range(3)]
    reader.receipt("delivered", alice.uid, ids[2])
    expect_receipt(author, "delivered", ids[2], bob.uid)
    for old in ids:
        reader.receipt("delivered", alice.uid, old)
    reader.receipt("read", alice.uid, ids[1])
    expect_receipt(author, "read", ids[1], bob.uid)
    reader.receipt("read", alice.uid, ids[0])
    reader.receipt("read", alice.uid, ids[1])
    reader.receipt("delivered", alice.uid, ids[1])
    reader.ping()
    reader.say(alice.uid, "behind them")
    author.expect(type="message", sender=bob.uid)
    assert len(author.all(type="receipts")) == 2


def test_read_implies_delivered(world, pair):
    alice, bob, author, reader = pair
    message_id = author.say(bob.uid).body["id"]
    reader.receipt("read", alice.uid, message_id)
    expect_receipt(author, "read", message_id, bob.uid)
    reader.receipt("delivered", alice.uid, message_id)
    reader.say(alice.uid)
    author.expect(type="message", sender=bob.uid)
    author.none(type="receipts", body={"action": "delivered"})


def test_marks_stand_in_the_history(world, pair):
    alice, bob, author, reader = pair
    message_id = author.say(bob.uid).body["id"]
    reader.receipt("read", alice.uid, message_id)
    expect_receipt(author, "read", message_id, bob.uid)
    (message,) = alice.rest().get(f"/users/{bob.uid}/messages").data
    assert isinstance(message["deliveredAt"], int)
    assert isinstance(message["readAt"], int)


def test_the_author_is_looked_up_not_believed(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    author, reader, framed = alice.connect(), bob.connect(), carol.connect()
    message_id = author.say(guid, kind="group").body["id"]
    reader.send(
        {
            "type": "receipts",
            "receiver": guid,
            "receiverType": "group",
            "messageSender": carol.uid,
            "body": {"action": "read", "messageId": message_id},
        }
    )
    assert expect_receipt(author, "read", message_id, bob.uid)["messageSender"] == alice.uid
    world.barrier(framed)
    framed.none(type="receipts")


def test_a_receipt_for_someone_elses_message_is_refused(world, pair):
    alice, bob, author, _ = pair
    message_id = author.say(bob.uid).body["id"]
    stranger = world.user().connect()
    stranger.receipt("read", alice.uid, message_id)
    assert stranger.expect(type="error").body["code"] in (
        "ERR_MESSAGE_NO_ACCESS",
        "ERR_MESSAGE_ID_NOT_FOUND",
        "ERR_BAD_REQUEST",
    )
    world.barrier(author)
    author.none(type="receipts")


def test_an_unknown_message_is_an_error(pair):
    alice, _, _, reader = pair
    reader.receipt("read", alice.uid, "999999999999")
    assert reader.expect(type="error").body["code"] == "ERR_MESSAGE_ID_NOT_FOUND"


def test_a_read_receipt_from_background_is_refused(world):
    alice, bob = world.users(2)
    author, reader = alice.connect(), bob.connect(connectionMode="manual")
    message_id = author.say(bob.uid).body["id"]
    reader.app_state("background")
    reader.receipt("read", alice.uid, message_id)
    assert reader.expect(type="error").body["code"] == "ERR_APP_IN_BACKGROUND"
    reader.receipt("delivered", alice.uid, message_id)
    expect_receipt(author, "delivered", message_id, bob.uid)
    author.none(type="receipts", body={"action": "read"})
    reader.app_state("foreground")
    reader.receipt("read", alice.uid, message_id)
    expect_receipt(author, "read", message_id, bob.uid)


# -- groups


@pytest.fixture
def trio(world):
    """A group of Alice (author), Bob and Carol, with a connection each."""
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob, carol)
    return (alice, bob, carol), guid, [user.connect() for user in (alice, bob, carol)]


def to_all(client, action, message_id, guid):
    frame = client.expect(type="receipts", body={"action": action, "messageId": lambda v: str(v) == str(message_id)})
    assert frame["sender"] == "app_system"
    assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
    assert "deviceId" not in frame
    assert isinstance(frame["seq"], int)
    return frame


def test_in_a_group_only_the_author_is_told_and_once_when_all_have_it(world, trio):
    (alice, bob, carol), guid, (author, first, second) = trio
    message_id = author.say(guid, kind="group").body["id"]
    first.receipt("delivered", guid, message_id, "group")
    frame = expect_receipt(author, "delivered", message_id, bob.uid)
    assert (frame["receiver"], frame["receiverType"]) == (guid, "group")
    author.none(type="receipts", sender="app_system")
    second.receipt("delivered", guid, message_id, "group")
    expect_receipt(author, "delivered", message_id, carol.uid)
    to_all(author, "deliveredToAll", message_id, guid)
    first.receipt("read", guid, message_id, "group")
    second.receipt("read", guid, message_id, "group")
    to_all(author, "readByAll", message_id, guid)
    world.barrier(author, first, second)
    kinds = [frame.body["action"] for frame in author.all(type="receipts")]
    assert sorted(kinds) == ["delivered", "delivered", "deliveredToAll", "read", "read", "readByAll"]
    first.none(type="receipts")
    second.none(type="receipts")


def test_read_by_all_implies_delivered_to_all_which_is_sent_first(trio):
    (_, _, _), guid, (author, first, second) = trio
    message_id = author.say(guid, kind="group").body["id"]
    first.receipt("read", guid, message_id, "group")
    second.receipt("read", guid, message_id, "group")
    to_all(author, "readByAll", message_id, guid)
    order = [frame.body["action"] for frame in author.all(type="receipts", sender="app_system")]
    assert order == ["deliveredToAll", "readByAll"]


def test_leaving_can_complete_it(trio):
    (_, _, carol), guid, (author, first, _) = trio
    message_id = author.say(guid, kind="group").body["id"]
    first.receipt("delivered", guid, message_id, "group")
    expect_receipt(author, "delivered", message_id, first.uid)
    author.none(type="receipts", sender="app_system")
    carol.rest().delete(f"/groups/{guid}/members").ok()
    to_all(author, "deliveredToAll", message_id, guid)


def test_who_joined_later_does_not_count(world, trio):
    (alice, _, _), guid, (author, first, second) = trio
    message_id = author.say(guid, kind="group").body["id"]
    late = world.user()
    late.rest().post(f"/groups/{guid}/members", {}).ok()
    for client in (first, second):
        client.receipt("delivered", guid, message_id, "group")
    to_all(author, "deliveredToAll", message_id, guid)


def test_above_300_members_the_author_gets_the_to_all_events_and_few_per_reader_receipts(world):
    alice = world.user()
    members = world.users(301)
    guid = world.group(alice, *members)
    author = alice.connect()
    readers = [member.connect(compression=None) for member in members]
    message_id = author.say(guid, kind="group").body["id"]
    for reader in readers:
        reader.expect(type="message", body={"id": message_id})
    begin = time.monotonic()
    for reader in readers:
        reader.receipt("read", guid, message_id, "group")
    to_all(author, "deliveredToAll", message_id, guid)
    to_all(author, "readByAll", message_id, guid)
    elapsed = time.monotonic() - begin
    single = [frame for frame in author.all(type="receipts") if frame["sender"] != "app_system"]
    # Twenty a second, and one second's worth more as the first seconds are cut where the clock's are.
    assert len(single) <= 20 * (int(elapsed) + 2), f"{len(single)} in {elapsed:.2f} s"
    assert len(author.all(type="receipts", sender="app_system")) == 2


def test_one_to_one_has_no_to_all(world, pair):
    alice, bob, author, reader = pair
    message_id = author.say(bob.uid).body["id"]
    reader.receipt("read", alice.uid, message_id)
    expect_receipt(author, "read", message_id, bob.uid)
    world.barrier(author)
    author.none(type="receipts", sender="app_system")
