"""The backend's event feed: `GET events` on the Unix socket (protocol.md §8)."""

import json
import signal
import subprocess
import threading

import pytest

from halley import DEADLINE, Feed, program, run, until


@pytest.fixture
def follow():
    feeds = []

    def start(daemon, **options):
        feeds.append(Feed(daemon, **options))
        return feeds[-1]

    yield start
    for feed in feeds:
        feed.close()


def numbers(feed):
    return [line["n"] for line in feed.lines]


def test_a_connection_is_told_from_its_beginning_to_its_end(world, follow):
    alice = world.user()
    feed = follow(world.daemon)
    assert feed.status == 200
    assert feed.headers["content-type"] == "application/x-ndjson"
    client = alice.connect()
    connected = feed.expect(event="connected", uid=alice.uid)
    assert connected["sessionId"] == client.session
    assert connected["deviceId"] == f"device-of-{client.session}"
    assert connected["platform"] == "test"
    assert connected["at"] > 1_600_000_000
    assert connected["bootId"]
    assert feed.expect(event="online", uid=alice.uid)["n"] > connected["n"]
    client.close()
    ended = feed.expect(event="disconnected", uid=alice.uid)
    assert ended["code"] == 1000
    assert ended["sessionId"] == client.session
    assert ended["bootId"] == connected["bootId"]


def test_the_code_is_what_the_connection_was_ended_with(start_world, follow):
    world = start_world(HALLEY_RULES_PINGTIMEOUT=1, HALLEY_RULES_PRESENCEGRACE=0)
    feed = follow(world.daemon)
    silent, gone, cut, away = world.users(4)
    silent.connect().expect_close(4203)
    gone.connect().drop()
    client = cut.connect()
    world.backend.post(f"/users/{cut.uid}/disconnect", {}).ok()
    client.expect_close(4300)
    away.connect().app_state("background")
    codes = {user.uid: feed.expect(event="disconnected", uid=user.uid)["code"] for user in (silent, gone, cut, away)}
    assert codes == {silent.uid: 4203, gone.uid: 1006, cut.uid: 4300, away.uid: 4202}
    for user in (silent, gone, cut, away):
        assert feed.expect(event="offline", uid=user.uid)["at"] > 0


def test_a_message_and_its_receipts_are_told_by_their_positions(world, follow):
    alice, bob = world.users(2)
    feed = follow(world.daemon)
    client = bob.connect()
    sent = alice.send(bob.uid, "for the feed")
    line = feed.expect(event="message", seq=int(sent["id"]))
    message = line["message"]
    assert message["data"]["text"] == "for the feed"
    assert message["data"]["entities"]["sender"]["entity"]["uid"] == alice.uid
    assert message["id"] == sent["id"]
    assert line["at"] == message["sentAt"]
    client.receipt("read", alice.uid, sent["id"])
    for action in ("delivered", "read"):
        receipt = feed.expect(event="receipts", action=action, messageId=sent["id"])
        assert receipt["uid"] == bob.uid
        assert receipt["seq"] > int(sent["id"])
        assert receipt["conversationId"] == message["conversationId"]
    assert numbers(feed) == sorted(set(numbers(feed)))


def test_a_groups_life_is_told_though_clients_hear_nothing_of_its_end(world, follow):
    alice, bob = world.users(2)
    feed = follow(world.daemon)
    guid = world.group(alice, bob)
    created = feed.expect(event="group_created", guid=guid)
    assert created["group"]["owner"] == alice.uid
    sent = alice.send(guid, kind="group")
    feed.expect(event="message", seq=int(sent["id"]))
    feed.expect(event="message", message={"category": "action"})
    world.backend.delete(f"/groups/{guid}").ok()
    deleted = feed.expect(event="group_deleted", guid=guid)
    # Its history is gone, from the feed too.
    again = follow(world.daemon, after=created["n"] - 1)
    again.expect(event="group_deleted", guid=guid)
    assert not again.all(event="message", seq=int(sent["id"]))
    assert "group" not in again.expect(event="group_created", guid=guid)
    assert deleted["seq"] > int(sent["id"])


def test_blocks_are_told(world, follow):
    alice, bob = world.users(2)
    feed = follow(world.daemon)
    alice.rest().post("/blockedusers", {"blockedUids": [bob.uid]}).ok()
    blocked = feed.expect(event="user_blocked", uid=alice.uid)
    assert blocked["blockedUid"] == bob.uid
    assert blocked["at"] > 1_600_000_000
    alice.rest().delete("/blockedusers", {"blockedUids": [bob.uid]}).ok()
    feed.expect(event="user_unblocked", uid=alice.uid, blockedUid=bob.uid)


@pytest.mark.parametrize("after", ["x", "-1", "", "1.5"])
def test_a_position_that_is_none_is_refused(world, after):
    world.backend.get(f"/events?after={after}").refused(400, "ERR_BAD_REQUEST")


def test_only_the_backend_follows(world):
    alice = world.user()
    alice.rest().get("/events").refused(404, "ERR_API_NOT_FOUND")
    world.daemon.backend(key=None).get("/events").refused(401)
    world.daemon.backend(key="dev-auth-key").get("/events").refused(403, "AUTH_ERR_NO_ACCESS")


def test_where_a_reader_begins(start_world, follow):
    world = start_world()
    alice, bob = world.users(2)
    first = follow(world.daemon, after=0)
    for index in range(5):
        alice.send(bob.uid, f"message {index}")
    last = first.expect(message={"data": {"text": "message 4"}})
    assert first.lines[0]["event"] == "group_created", "the lobby that --dev makes"
    known = list(first.lines)
    beginning = follow(world.daemon, after=0)
    beginning.expect(n=last["n"])
    assert beginning.lines == known
    middle = follow(world.daemon, after=known[3]["n"])
    middle.expect(n=last["n"])
    assert middle.lines == known[4:]
    now, beyond = follow(world.daemon), follow(world.daemon, after=last["n"] + 1_000_000)
    sent = alice.send(bob.uid, "later")
    for feed in (now, beyond, beginning):
        feed.expect(seq=int(sent["id"]))
    assert len(now.lines) == len(beyond.lines) == 1
    assert now.lines[0]["n"] > last["n"]


def test_an_app_sees_its_own_events_only(world, second, follow):
    feeds = [follow(world.daemon), follow(world.daemon, app="second", key="second-api-key")]
    worlds = [world, second]
    for own, feed in zip(worlds, feeds, strict=True):
        alice, bob = own.users(2)
        sent = alice.send(bob.uid)
        feed.expect(seq=int(sent["id"]), message={"sender": alice.uid})
    uids = {line["message"]["sender"] for line in feeds[1].all(event="message")}
    assert uids.isdisjoint({line["message"]["sender"] for line in feeds[0].all(event="message")})


def test_nothing_is_lost_or_doubled_where_the_past_meets_the_present(world, follow):
    """Readers begin while messages pour in: each sees every message of its part, once and in order."""
    alice, bob = world.users(2)
    client = alice.connect()
    client.say(bob.uid, "0")
    stop = threading.Event()
    sent = []

    def pour():
        while not stop.is_set():
            sent.append(client.say(bob.uid, str(len(sent) + 1))["seq"])

    writer = threading.Thread(target=pour)
    writer.start()
    try:
        feeds = []
        for start in (0, None, 0, None, 0):
            until(lambda: len(sent) > len(feeds) * 40, what="traffic")
            feeds.append(follow(world.daemon, after=start))
    finally:
        stop.set()
        writer.join()
    for feed in feeds:
        feed.expect(seq=sent[-1])
        seen = [line["seq"] for line in feed.all(event="message", message={"sender": alice.uid})]
        wanted = [seq for seq in sent if seq >= seen[0]]
        assert [seq for seq in seen if seq in set(sent)] == wanted
        assert numbers(feed) == sorted(set(numbers(feed)))


def test_a_slow_reader_gets_everything_and_costs_nobody(world, follow):
    alice, bob = world.users(2)
    slow, quick = follow(world.daemon, paused=True), follow(world.daemon)
    text = "x" * 8_000
    lines = [
        json.dumps(
            {
                "sender": alice.uid,
                "receiver": bob.uid,
                "receiverType": "user",
                "category": "message",
                "type": "text",
                "data": {"text": f"{index} {text}"},
            }
        )
        for index in range(600)
    ]
    answer = world.backend.post("/messages/bulk", "\n".join(lines).encode())
    results = [json.loads(line) for line in answer.body.splitlines()]
    assert len(results) == 600 and all("seq" in result for result in results)
    quick.expect(seq=results[-1]["seq"])
    assert not slow.lines
    slow.read()
    slow.expect(seq=results[-1]["seq"])
    for feed in (slow, quick):
        wanted = {result["seq"] for result in results}
        assert [line["seq"] for line in feed.lines if line.get("seq") in wanted] == sorted(wanted)


def test_many_readers(world, follow):
    alice, bob = world.users(2)
    feeds = [follow(world.daemon) for _ in range(40)]
    sent = alice.send(bob.uid)
    for feed in feeds:
        feed.expect(seq=int(sent["id"]))


def test_a_reader_who_leaves_is_forgotten(start_world, follow):
    world = start_world(HALLEY_SERVER_SHARDS=1)
    alice, bob = world.users(2)
    for _ in range(3):
        # More in all than may read at once.
        feeds = [follow(world.daemon) for _ in range(100)]
        assert {feed.status for feed in feeds} == {200}
        for feed in feeds:
            feed.close()
    until(lambda: follow(world.daemon).status == 200, what="room for a reader")
    assert alice.send(bob.uid)


def test_too_many_readers_are_refused(start_world, follow):
    world = start_world(HALLEY_SERVER_SHARDS=1)
    feeds = [follow(world.daemon) for _ in range(256)]
    assert {feed.status for feed in feeds} == {200}
    refused = follow(world.daemon)
    assert refused.status == 503
    assert refused.answer["error"]["code"] == "ERR_UNAVAILABLE"
    assert refused.headers["retry-after"]
    feeds[0].close()
    until(lambda: follow(world.daemon).status == 200, what="room for a reader")


def test_a_drain_ends_the_feed_in_order(start_world, follow):
    world = start_world()
    alice = world.user()
    client = alice.connect()
    feed = follow(world.daemon)
    assert world.daemon.stop() == 0
    client.expect_close(4200)
    assert feed.expect_end()
    world.daemon.restart()
    after = follow(world.daemon, after=0)
    assert after.expect(event="disconnected", uid=alice.uid)["code"] == 4200


def test_a_kill_in_the_middle_loses_no_durable_line_and_doubles_no_number(start_world, follow):
    world = start_world()
    alice, bob = world.users(2)
    client = alice.connect()
    seen = {}
    acknowledged = []
    for round_ in range(3):
        feed = follow(world.daemon, after=max(seen, default=0))
        killed = threading.Event()

        def pour(client=client):
            try:
                while True:
                    acknowledged.append(client.say(bob.uid)["seq"])
            except AssertionError:
                assert killed.is_set()

        writer = threading.Thread(target=pour)
        writer.start()
        goal = len(acknowledged) + 60
        until(lambda: len(acknowledged) > goal, what="traffic")  # noqa: B023
        killed.set()
        world.daemon.kill()
        writer.join()
        feed.expect_end()
        for line in feed.lines:
            assert line["n"] not in seen, "a number was given twice"
            seen[line["n"]] = line
        world.daemon.restart()
        client = alice.connect()
    feed = follow(world.daemon, after=max(seen))
    feed.expect(event="connected", uid=alice.uid, sessionId=client.session)
    for line in feed.lines:
        assert line["n"] not in seen
        seen[line["n"]] = line
    told = [line["seq"] for line in seen.values() if line["event"] == "message"]
    assert set(acknowledged) <= set(told)
    assert len(told) == len(set(told))
    assert len({line["bootId"] for line in seen.values()}) == 4
    # Who reads it all at once reads the same.
    whole = follow(world.daemon, after=0)
    whole.expect(n=max(seen))
    # A message shows its people as they are when it is read; what it is, and where it stands, does not change.
    def fixed(lines):
        return [(line["n"], line["bootId"], line["event"], line.get("seq")) for line in lines if line["n"] in seen]

    assert fixed(whole.lines) == fixed(seen[n] for n in sorted(seen))


def test_halleyctl_tail_prints_the_feed(world):
    alice, bob = world.users(2)
    command = [program("halleyctl"), "tail", "--socket", world.daemon.socket, "--app", "dev", "--user", alice.uid]
    tail = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(tail.stdout), daemon=True)
    try:
        reader.start()

        def begun():
            # It begins with what comes next: something comes until it prints.
            alice.connect().close()
            return lines

        until(begun, what="the tail's first line")
        sent = alice.send(bob.uid, "for the tail")
        bob.send(alice.uid, "back")
        bob.send(world.user().uid, "not for alice")
        bob.send(alice.uid, "the last")
        until(lambda: any("the last" in line for line in lines), what="the tail")
        printed = [json.loads(line) for line in lines]
        texts = [line["message"]["data"]["text"] for line in printed if line["event"] == "message"]
        assert texts == ["for the tail", "back", "the last"]
        assert any(line.get("seq") == int(sent["id"]) for line in printed)
    finally:
        tail.send_signal(signal.SIGINT)
        tail.wait(DEADLINE)


def test_halleyctl_tail_begins_where_it_is_told(start_world):
    world = start_world()
    alice, bob = world.users(2)
    for index in range(3):
        alice.send(bob.uid, str(index))
    command = [program("halleyctl"), "tail", "--socket", world.daemon.socket, "--app", "dev", "--after", "0"]
    tail = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    first = [json.loads(tail.stdout.readline()) for _ in range(4)]
    assert [line["event"] for line in first] == ["group_created", "message", "message", "message"]
    # The gateway's end is the tail's end, and no failure.
    assert world.daemon.stop() == 0
    assert tail.wait(DEADLINE) == 0
    refused = run("halleyctl", "tail", "--after", "-1", "--socket", world.daemon.socket)
    assert refused.returncode == 2
