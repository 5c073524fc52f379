"""Webhooks: the event feed posted to an HTTPS endpoint (docs/webhooks.md)."""

import asyncio
import collections
import re
import signal
import threading

import pytest
import yaml
from aiohttp import web

from halley import Receiver, World, run, until

SECRET = "the secret of the hook"


@pytest.fixture
def receiver():
    receivers = []

    def start(*arguments):
        receivers.append(Receiver(*arguments))
        return receivers[-1]

    yield start
    for made in receivers:
        made.discard()


def app_file(*hooks):
    return yaml.safe_dump(
        {"id": "dev", "authKey": "dev-auth-key", "apiKeys": ["dev-api-key"], "webhooks": list(hooks)}
    )


def figure(world, name, hook="hook"):
    """A counter or gauge of one webhook, from `/metrics`."""
    text = world.backend.get("/metrics", prefix="").body.decode()
    found = re.search(rf'^halley_webhook_{name}{{app="dev",webhook="{hook}"}} (\d+)$', text, re.MULTILINE)
    return int(found.group(1)) if found else None


def test_events_are_posted_and_signed(start_world, receiver):
    target = receiver()
    world = start_world(app_files={"dev.yaml": app_file(target.hook())})
    alice, bob = world.users(2)
    client = alice.connect()
    sent = alice.send(bob.uid, "for the hook é")
    delivery = target.expect(trigger="message", data={"seq": int(sent["id"])})
    assert delivery["appId"] == "dev"
    assert delivery["webhook"] == "hook"
    assert delivery.data["event"] == "message"
    assert delivery.data["message"]["data"]["text"] == "for the hook é"
    assert delivery.headers["Content-Type"] == "application/json"
    assert delivery.headers["X-Halley-Delivery"] == f"dev/{delivery.data['n']}"
    assert delivery.headers["User-Agent"].startswith("halleyd/")
    assert delivery.path == "/hook"
    connected = target.expect(trigger="connected", data={"uid": alice.uid})
    client.close()
    ended = target.expect(trigger="disconnected", data={"uid": alice.uid})
    assert ended.data["code"] == 1000
    assert ended.data["bootId"] == connected.data["bootId"]
    for each in (delivery, connected, ended):
        assert each.is_signed_with(SECRET)
        assert not each.is_signed_with("another secret")
    until(lambda: figure(world, "deliveries_total") >= 4, what="the count")
    assert figure(world, "failures_total") == 0
    until(lambda: figure(world, "lag_lines") == 0, what="no lag")


def test_a_hook_gets_the_events_it_wants_and_only_what_comes_after_it(start_world, receiver):
    all_, some = receiver(), receiver()
    hooks = [all_.hook("all"), some.hook("some", events=["disconnected", "group_created"])]
    world = start_world(app_files={"dev.yaml": app_file(*hooks)})
    # The lobby that --dev makes is older than the hooks.
    alice, bob = world.users(2)
    alice.send(bob.uid)
    guid = world.group(alice, bob)
    alice.connect().close()
    some.expect(trigger="disconnected")
    all_.expect(trigger="disconnected")
    assert [delivery["trigger"] for delivery in some.deliveries] == ["group_created", "disconnected"]
    assert some.deliveries[0].data["guid"] == guid
    assert {"message", "group_created", "connected", "online"} <= {each["trigger"] for each in all_.deliveries}
    assert not all_.all(data={"guid": "lobby"})


def test_a_refused_event_is_tried_again_with_the_same_name(start_world, receiver):
    seen = collections.Counter()

    def answer(delivery):
        seen[delivery.data["n"]] += 1
        return 503 if seen[delivery.data["n"]] < 3 else 204

    target = receiver(answer)
    world = start_world(app_files={"dev.yaml": app_file(target.hook(events=["message"]))})
    alice, bob = world.users(2)
    sent = alice.send(bob.uid)
    target.expect(count=3, data={"seq": int(sent["id"])})
    names = {delivery.headers["X-Halley-Delivery"] for delivery in target.deliveries}
    assert len(names) == 1
    assert all(delivery.is_signed_with(SECRET) for delivery in target.deliveries)
    until(lambda: figure(world, "deliveries_total") == 1, what="the delivery")
    assert figure(world, "failures_total") == 2
    assert figure(world, "skipped_total") == 0


def test_an_event_nobody_takes_is_skipped_and_the_next_goes_on(start_world, receiver):
    target = receiver(lambda delivery: 400 if "poison" in delivery.raw.decode() else 200)
    world = start_world(
        app_files={"dev.yaml": app_file(target.hook(events=["message"]))}, HALLEY_WEBHOOKS_RETRIES=1
    )
    alice, bob = world.users(2)
    alice.send(bob.uid, "poison")
    after = alice.send(bob.uid, "after it")
    target.expect(data={"seq": int(after["id"])})
    texts = [delivery.data["message"]["data"]["text"] for delivery in target.deliveries]
    assert texts == ["poison", "poison", "after it"]
    until(lambda: figure(world, "skipped_total") == 1, what="the count of skipped events")
    assert "an event was given up for a webhook" in world.daemon.output
    assert "poison" not in world.daemon.output


def test_conversations_go_side_by_side_and_each_in_its_order(start_world, receiver):
    under_way, most, doubled = collections.Counter(), 0, []
    turn = iter(range(1_000_000))

    async def answer(delivery):
        nonlocal most
        conversation = delivery.data["message"]["conversationId"]
        under_way[conversation] += 1
        if under_way[conversation] > 1:
            doubled.append(conversation)
        most = max(most, sum(under_way.values()))
        await asyncio.sleep(0.003 * (next(turn) % 4))
        under_way[conversation] -= 1
        # Some are refused: what follows in the conversation waits for them.
        return 500 if next(turn) % 17 == 0 else 200

    target = receiver(lambda delivery: answer(delivery))
    world = start_world(app_files={"dev.yaml": app_file(target.hook(events=["message"]))})
    alice, *others = world.users(9)
    for index in range(12):
        for other in others:
            alice.send(other.uid, str(index))
    last = {other.uid: 0 for other in others}
    until(lambda: figure(world, "deliveries_total") == 96, what="all deliveries", deadline=60)
    first = {}
    for delivery in target.deliveries:
        first.setdefault(delivery.data["n"], delivery)
    for delivery in first.values():
        message = delivery.data["message"]
        assert int(message["data"]["text"]) == last[message["receiver"]]
        last[message["receiver"]] += 1
    assert set(last.values()) == {12}
    assert not doubled
    assert most > 1


def test_a_receiver_that_was_away_gets_what_it_missed(start_world, receiver):
    target = receiver()
    world = start_world(app_files={"dev.yaml": app_file(target.hook(events=["message"]))})
    alice, bob = world.users(2)
    target.stop()
    sent = [alice.send(bob.uid, str(index)) for index in range(5)]
    until(lambda: (figure(world, "failures_total") or 0) > 0, what="a failure")
    target.start()
    target.expect(data={"seq": int(sent[-1]["id"])}, deadline=60)
    texts = [delivery.data["message"]["data"]["text"] for delivery in target.deliveries]
    assert texts == ["0", "1", "2", "3", "4"]


def test_a_silent_receiver_costs_nobody_anything(start_world, receiver):
    silent = threading.Event()

    async def answer(delivery):
        while not silent.is_set():
            await asyncio.sleep(0.05)
        return 200

    slow, quick = receiver(lambda delivery: answer(delivery)), receiver()
    hooks = [slow.hook("slow", events=["message"]), quick.hook("quick", events=["message"])]
    world = start_world(app_files={"dev.yaml": app_file(*hooks)}, HALLEY_WEBHOOKS_TIMEOUT=0.4)
    alice, bob = world.users(2)
    client = alice.connect()
    for index in range(30):
        client.say(bob.uid, str(index))
    quick.expect(count=30)
    until(lambda: figure(world, "failures_total", "slow") > 0, what="a timeout")
    assert figure(world, "deliveries_total", "slow") == 0
    assert figure(world, "lag_lines", "slow") > 0
    silent.set()
    until(lambda: figure(world, "deliveries_total", "slow") == 30, what="the rest", deadline=60)


def test_a_kill_in_the_middle_loses_no_event(start_world, receiver):
    target = receiver()
    world = start_world(app_files={"dev.yaml": app_file(target.hook(events=["message"]))})
    alice, bob = world.users(2)
    acknowledged = []
    for _ in range(3):
        client = alice.connect()
        for _ in range(40):
            acknowledged.append(client.say(bob.uid)["seq"])
        target.expect(data={"seq": acknowledged[-30]})
        world.daemon.kill()
        world.daemon.restart()
    until(lambda: {each.data["seq"] for each in target.deliveries} >= set(acknowledged), what="every event")
    # What came twice has the same name both times.
    names = collections.defaultdict(set)
    for delivery in target.deliveries:
        names[delivery.data["seq"]].add(delivery.headers["X-Halley-Delivery"])
    assert all(len(each) == 1 for each in names.values())
    assert len(set().union(*names.values())) == len(names)


def test_a_clean_stop_repeats_nothing(start_world, receiver):
    target = receiver()
    world = start_world(app_files={"dev.yaml": app_file(target.hook(events=["message"]))})
    alice, bob = world.users(2)
    for index in range(10):
        alice.send(bob.uid, str(index))
    target.expect(count=10)
    assert world.daemon.stop() == 0
    world.daemon.restart()
    alice.send(bob.uid, "10")
    target.expect(count=11)
    texts = [delivery.data["message"]["data"]["text"] for delivery in target.deliveries]
    assert texts == [str(index) for index in range(11)]


def test_a_redirect_is_a_failure_and_is_not_followed(start_world, receiver):
    elsewhere = receiver()
    target = receiver(lambda delivery: web.Response(status=307, headers={"location": elsewhere.url("/other")}))
    world = start_world(
        app_files={"dev.yaml": app_file(target.hook(events=["message"]))}, HALLEY_WEBHOOKS_RETRIES=0
    )
    alice, bob = world.users(2)
    alice.send(bob.uid)
    until(lambda: figure(world, "skipped_total") == 1, what="the refusal")
    assert not elsewhere.deliveries


def test_a_long_answer_is_cut_off_and_counts_by_its_status(start_world, receiver):
    target = receiver(lambda delivery: web.Response(status=200, body=b"x" * (8 << 20)))
    world = start_world(app_files={"dev.yaml": app_file(target.hook(events=["message"]))})
    alice, bob = world.users(2)
    alice.send(bob.uid)
    until(lambda: figure(world, "deliveries_total") == 1, what="the delivery")
    assert figure(world, "failures_total") == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        # Nobody listens there, and nobody is asked: the addresses are refused.
        ({"url": "https://10.255.255.1/hook"}, "the target's address is not allowed"),
        ({"url": "https://169.254.169.254/latest"}, "the target's address is not allowed"),
        ({"url": "https://[fc00::1]/"}, "the target's address is not allowed"),
        ({"caFile": None}, "certificate"),
    ],
)
def test_what_a_hook_may_not_connect_to(start_world, receiver, fields, reason):
    target = receiver()
    hook = {key: value for key, value in target.hook(events=["message"], **fields).items() if value is not None}
    world = start_world(app_files={"dev.yaml": app_file(hook)}, HALLEY_WEBHOOKS_RETRIES=0)
    alice, bob = world.users(2)
    alice.send(bob.uid)
    until(lambda: figure(world, "skipped_total") == 1, what="the refusal")
    line = next(line for line in world.daemon.lines if "given up for a webhook" in line)
    assert reason in line
    assert not target.deliveries


def test_a_reload_brings_changes_and_takes_hooks_away(start_world, receiver):
    target = receiver()
    world = start_world()
    alice, bob = world.users(2)
    alice.send(bob.uid, "before")
    path = world.daemon.directory / "apps.d/dev.yaml"

    def reload(*hooks):
        told = world.daemon.output.count("configuration reloaded")
        path.write_text(app_file(*hooks))
        world.daemon.signal(signal.SIGHUP)
        until(lambda: world.daemon.output.count("configuration reloaded") > told, what="the reload")

    def told(text):
        return [each for each in target.deliveries if each.data["message"]["data"]["text"] == text]

    reload(target.hook(events=["message"]))
    until(lambda: figure(world, "lag_lines") is not None, what="the hook")
    alice.send(bob.uid, "first")
    until(lambda: told("first"), what="the first event")
    assert not told("before")
    reload(target.hook(events=["message"], secret="another one", url=target.url("/moved")))
    alice.send(bob.uid, "second")
    until(lambda: told("second"), what="the second event")
    assert told("second")[0].path == "/moved"
    assert told("second")[0].is_signed_with("another one")
    reload()
    until(lambda: figure(world, "lag_lines") is None, what="the hook's end")
    alice.send(bob.uid, "third")
    reload(target.hook(events=["message"]))
    until(lambda: figure(world, "lag_lines") is not None, what="the hook")
    alice.send(bob.uid, "fourth")
    until(lambda: told("fourth"), what="the fourth event")
    assert not told("third")
    assert len(target.deliveries) == 3


def test_apps_have_their_own_hooks(start_world, receiver):
    ours, theirs = receiver(), receiver()
    second = yaml.safe_load(app_file(theirs.hook(events=["message"])))
    second |= {"id": "second", "authKey": "second-auth-key", "apiKeys": ["second-api-key"]}
    files = {"dev.yaml": app_file(ours.hook(events=["message"])), "second.yaml": yaml.safe_dump(second)}
    world = start_world(app_files=files)
    other = World(world.daemon, app="second", key="second-api-key")
    for own in (world, other):
        alice, bob = own.users(2)
        alice.send(bob.uid, own.app)
    for target, app in ((ours, "dev"), (theirs, "second")):
        delivery = target.expect(trigger="message")
        assert delivery["appId"] == app
        assert delivery.headers["X-Halley-Delivery"].startswith(f"{app}/")
        assert {each["appId"] for each in target.deliveries} == {app}


def test_check_config_shows_hooks_and_names_their_mistakes(tmp_path):
    (tmp_path / "apps.d").mkdir()
    config = tmp_path / "halley.yaml"
    config.write_text("apps: { directory: apps.d }\n")

    def check(*hooks):
        (tmp_path / "apps.d/dev.yaml").write_text(app_file(*hooks))
        return run("halleyctl", "check-config", config)

    good = {"name": "push", "url": "https://push.example.org/events", "events": ["message", "offline"], "secret": "s"}
    shown = check(good, good | {"name": "archive", "events": "all"})
    assert shown.returncode == 0
    assert "dev: webhook push → https://push.example.org/events: message, offline" in shown.stdout
    assert "dev: webhook archive → https://push.example.org/events: all" in shown.stdout
    for change, place in [
        ({"url": "ftp://example.org"}, "webhooks[0].url"),
        ({"url": "https://user:pw@example.org/"}, "webhooks[0].url"),
        ({"url": "http://push.example.org/"}, "webhooks[0].url"),
        ({"events": ["nothing"]}, "webhooks[0].events"),
        ({"events": []}, "webhooks[0].events"),
        ({"secret": ""}, "webhooks[0].secret"),
        ({"secret": None, "secretFile": str(tmp_path / "nowhere")}, "webhooks[0].secretFile"),
        ({"caFile": str(tmp_path / "nowhere")}, "webhooks[0].caFile"),
        ({"name": "a b"}, "webhooks[0].name"),
        ({"color": "red"}, "webhooks[0].color"),
    ]:
        entry = {key: value for key, value in (good | change).items() if value is not None}
        refused = check(entry)
        assert refused.returncode == 78, change
        assert place in refused.stderr, (change, refused.stderr)
    doubled = check(good, good)
    assert doubled.returncode == 78 and "webhooks[1].name" in doubled.stderr
