#!/usr/bin/env python3
"""What one message, receipt, typing event and join cost in a large group, against the number of members offline.

    .build/venv/bin/python loadtest/large_group.py [--online 300] [--sizes 300,2000,20000] [--rounds 40]

Starts a gateway of its own (`$HALLEYD` or the release build), makes the members over the backend socket, connects the
online ones over TLS and lets them act. Costs are CPU time of all the gateway's threads, as the scheduler accounts it; each
includes what reaches the online members, who are the same in number at every size.
"""

import argparse
import asyncio
import json
import ssl
import sys
from pathlib import Path

import websockets

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests/Integration"))

from halley import Daemon  # noqa: E402

AUTHOR = "author"


def cpu_ns(pid):
    """CPU time of all threads of a process that live now."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))


class Member:
    """One online member: a connection that counts what it gets."""

    def __init__(self, daemon, uid, token):
        self.daemon, self.uid, self.token = daemon, uid, token
        self.counts = {}

    async def connect(self):
        context = ssl.create_default_context(cafile=self.daemon.ca)
        url = f"wss://localhost:{self.daemon.port}/"
        self.socket = await websockets.connect(url, ssl=context, compression=None, ping_interval=None, max_size=None)
        await self.say("auth", body={"auth": self.token, "deviceId": f"s-{self.uid}"}, deviceId=f"s-{self.uid}")
        answer = json.loads(await self.socket.recv())
        assert answer["body"]["code"] == "200", answer
        self.tasks = [asyncio.create_task(self.read()), asyncio.create_task(self.ping())]

    async def read(self):
        async for text in self.socket:
            frame = json.loads(text)
            kind = frame.get("type")
            if kind == "receipts":
                kind = frame["body"]["action"]
            elif kind == "error":
                print(f"{self.uid}: {text}", file=sys.stderr)
            self.counts[kind] = self.counts.get(kind, 0) + 1

    async def ping(self):
        while True:
            await asyncio.sleep(10)
            await self.socket.send('{"action":"ping","ack":"true"}')

    async def say(self, kind, body, **envelope):
        frame = {"type": kind, "appId": "dev", "sender": self.uid, **envelope, "body": body}
        await self.socket.send(json.dumps(frame))

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await self.socket.close()


async def until(condition, what, seconds=120):
    for _ in range(seconds * 200):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise SystemExit(f"{what} did not come within {seconds} s")


class Run:
    """One size: a group of its own, its members, and the costs."""

    def __init__(self, daemon, online, size, rounds):
        self.daemon, self.online, self.size, self.rounds = daemon, online, size, rounds
        self.guid = f"group-{size}"
        self.backend = daemon.backend()
        self.costs = {}

    def post(self, path, body, uid=None):
        answer = (self.backend.acting(uid) if uid else self.backend).post(path, body)
        assert answer.status == 200, answer.body
        return answer.data

    async def measure(self, name, count, act):
        """CPU microseconds of each of the `count` acts that `act` brings about and waits for."""
        await asyncio.sleep(0.5)
        before = cpu_ns(self.daemon.process.pid)
        await act()
        await asyncio.sleep(0.5)
        self.costs[name] = (cpu_ns(self.daemon.process.pid) - before) / 1e3 / count

    def populate(self):
        self.post("/groups", {"guid": self.guid, "name": self.guid, "type": "public", "owner": AUTHOR})
        others = [member.uid for member in self.online] + [f"offline-{n}" for n in range(self.size - len(self.online))]
        for start in range(0, len(others), 25):
            answer = self.backend.put(f"/groups/{self.guid}/members", {"participants": others[start : start + 25]})
            assert answer.status == 200, answer.body

    def text(self):
        return {
            "receiver": self.guid,
            "receiverType": "group",
            "category": "message",
            "type": "text",
            "data": {"text": "hello"},
        }

    def total(self, kind):
        return sum(member.counts.get(kind, 0) for member in self.online)

    async def send(self):
        for _ in range(self.rounds):
            expected = self.total("message") + len(self.online)
            self.newest = await asyncio.to_thread(self.post, "/messages", self.text(), AUTHOR)
            await until(lambda: self.total("message") >= expected, "the message")

    async def receipts(self):
        for _ in range(self.rounds):
            self.newest = await asyncio.to_thread(self.post, "/messages", self.text(), AUTHOR)
            for member in self.online:
                body = {"action": "read", "messageId": self.newest["id"], "user": {}}
                await member.say("receipts", body, receiver=self.guid, receiverType="group", messageSender=AUTHOR)
        # Nobody is told of every receipt, so it cannot be waited for: a second is ten of the group's ticks.
        await asyncio.sleep(1)

    async def typing(self):
        for number in range(self.rounds):
            expected = self.total("typing_indicator") + len(self.online) - 1
            who = self.online[number % len(self.online)]
            body = {"action": "started" if number % 2 == 0 else "ended", "user": {}}
            if number % 2:
                who = self.online[(number - 1) % len(self.online)]
            await who.say("typing_indicator", body, receiver=self.guid, receiverType="group")
            await until(lambda: self.total("typing_indicator") >= expected, "the typing event")

    async def joins(self):
        for number in range(self.rounds):
            expected = self.total("message") + len(self.online)
            uid = f"joiner-{self.size}-{number}"
            await asyncio.to_thread(self.post, f"/groups/{self.guid}/members", {}, uid)
            await until(lambda: self.total("message") >= expected, "the join")

    async def unread(self):
        offline = f"offline-{self.size - len(self.online) - 1}" if self.size > len(self.online) else self.online[-1].uid
        for _ in range(self.rounds):
            answer = await asyncio.to_thread(self.backend.acting(offline).get, "/conversations")
            assert answer.status == 200, answer.body

    async def run(self):
        self.populate()
        for number in range(self.rounds):
            self.post("/users", {"uid": f"joiner-{self.size}-{number}", "name": "Joiner"})
        await self.send()  # warm
        await self.measure("message", self.rounds, self.send)
        await self.measure("message and 1 receipt of each online", self.rounds, self.receipts)
        await self.measure("typing", self.rounds, self.typing)
        await self.measure("join", self.rounds, self.joins)
        await self.measure("conversation list with unread counts", self.rounds, self.unread)
        receipt = (self.costs["message and 1 receipt of each online"] - self.costs["message"]) / len(self.online)
        self.costs["receipt"] = receipt


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--online", type=int, default=300)
    parser.add_argument("--sizes", default="300,2000,20000", help="members, the author not counted")
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]

    daemon = Daemon(env={"HALLEY_LIMITS_MEMBERSPERGROUP": 0, "HALLEY_RULES_PINGTIMEOUT": 600})
    daemon.start()
    try:
        backend = daemon.backend()
        online = []
        for uid in [AUTHOR] + [f"online-{n}" for n in range(options.online)]:
            token = backend.post("/users", {"uid": uid, "name": uid, "withAuthToken": True}).data["authToken"]
            if uid != AUTHOR:
                online.append(Member(daemon, uid, token))
        for number in range(max(sizes) - options.online):
            backend.post("/users", {"uid": f"offline-{number}", "name": f"Offline {number}"})
        for member in online:
            await member.connect()
        rows = {}
        for size in sizes:
            run = Run(daemon, online, size, options.rounds)
            await run.run()
            rows[size] = run.costs
            for name, cost in run.costs.items():
                print(f"members={size} online={options.online} what={name.replace(' ', '_')} cpu_us={cost:.1f}", flush=True)
        names = ["message", "receipt", "typing", "join", "conversation list with unread counts"]
        print("\n| members | " + " | ".join(f"{name}, µs" for name in names) + " |")
        print("|---" * (len(names) + 1) + "|")
        for size, costs in rows.items():
            print(f"| {size:,} | " + " | ".join(f"{costs[name]:,.0f}" for name in names) + " |")
        for member in online:
            await member.close()
        daemon.stop()
    finally:
        daemon.discard()


if __name__ == "__main__":
    asyncio.run(main())
