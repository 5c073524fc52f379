"""What the daemon and systemd say to each other: notifications, watchdog, socket activation, drain (operations.md)."""

import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest

from halley import DEADLINE, Daemon, RawWebSocket, World, program, until


class Notifications:
    """The socket that `$NOTIFY_SOCKET` names; keeps what the daemon tells, in order."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="notify-")
        self.path = f"{self.directory}/socket"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                self.messages.append(dict(line.split("=", 1) for line in self.socket.recv(65536).decode().splitlines()))
            except OSError:
                return

    def wait_for(self, after=0, **wanted):
        """The position behind the first message from `after` on that has all of these."""

        def find():
            for index, message in enumerate(self.messages[after:], after):
                if all(message.get(key) == value for key, value in wanted.items()):
                    return index + 1
            return None

        return until(find, what=f"a notification like {wanted}; there were {self.messages}")

    def close(self):
        self.socket.close()
        shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture
def notifications():
    notifications = Notifications()
    yield notifications
    notifications.close()


def test_ready_reloading_and_stopping_are_told(start_daemon, notifications):
    daemon = start_daemon(NOTIFY_SOCKET=notifications.path)
    at = notifications.wait_for(READY="1")
    until(lambda: any("STATUS" in message for message in notifications.messages), what="a status line")
    daemon.signal(signal.SIGHUP)
    at = notifications.wait_for(at, RELOADING="1")
    told = int(notifications.messages[at - 1]["MONOTONIC_USEC"])
    assert abs(time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6 - told) < 60e6
    at = notifications.wait_for(at, READY="1")
    daemon.signal(signal.SIGTERM)
    notifications.wait_for(at, STOPPING="1")
    assert daemon.wait() == 0


def test_ready_is_told_after_a_bad_reload_too(start_daemon, notifications):
    daemon = start_daemon(NOTIFY_SOCKET=notifications.path)
    at = notifications.wait_for(READY="1")
    (daemon.directory / "apps.d/broken.yaml").write_text("id: [\n")
    daemon.signal(signal.SIGHUP)
    at = notifications.wait_for(at, RELOADING="1")
    notifications.wait_for(at, READY="1")


def test_the_watchdog_is_fed(start_daemon, notifications):
    start_daemon(NOTIFY_SOCKET=notifications.path, WATCHDOG_USEC=1_000_000)
    at = notifications.wait_for(WATCHDOG="1")
    notifications.wait_for(at, WATCHDOG="1")


def test_listeners_handed_over_are_served(tmp_path):
    """As systemd does it: descriptors from 3 on, LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES."""
    directory = Path(tempfile.mkdtemp(prefix="halley-"))
    public = socket.create_server(("127.0.0.1", 0), backlog=128)
    backend = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    (directory / "run").mkdir()
    backend.bind(str(directory / "run/backend.sock"))
    backend.listen(128)
    port = public.getsockname()[1]

    class Activated(Daemon):
        def command(self):
            script = (
                f"exec 3<&{public.fileno()} 4<&{backend.fileno()};"
                ' LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=public:backend exec "$@"'
            )
            return ["bash", "-c", script, "activate", *super().command()]

        descriptors = (public.fileno(), backend.fileno())

    daemon = Activated(directory, port=port)
    try:
        daemon.start()
        public.close()
        backend.close()
        world = World(daemon)
        alice, bob = world.users(2)
        receiver = bob.connect()
        alice.connect().say(bob.uid)
        receiver.expect(type="message")
        world.close()
        assert daemon.stop() == 0
        # The socket is systemd's: it stays.
        assert (directory / "run/backend.sock").exists()
    finally:
        daemon.discard()
        shutil.rmtree(directory, ignore_errors=True)


# -- drain, with a request under way that holds it open


class Stream:
    """A bulk publish that a test feeds line by line."""

    def __init__(self, daemon, sender, receiver):
        self.sender, self.receiver = sender, receiver
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(daemon.socket)
        head = "POST /messages/bulk HTTP/1.1\r\nHost: x\r\nappid: dev\r\napikey: dev-api-key\r\n"
        head += "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.socket.sendall(head.encode())
        self.received = b""

    def publish(self, muid):
        body = {"sender": self.sender.uid, "receiver": self.receiver.uid, "receiverType": "user", "muid": muid}
        body |= {"category": "message", "type": "text", "data": {"text": muid}}
        line = json.dumps(body).encode() + b"\n"
        self.socket.sendall(b"%x\r\n%s\r\n" % (len(line), line))
        while muid.encode() not in self.received:
            self._more()

    def finish(self):
        self.socket.sendall(b"0\r\n\r\n")
        while not self.received.endswith(b"0\r\n\r\n"):
            self._more()
        self.socket.close()

    def _more(self):
        more = self.socket.recv(65536)
        assert more, f"the stream was cut after {self.received[-500:]}"
        self.received += more


def test_while_draining_a_request_under_way_finishes_and_later_ones_are_503(start_world):
    world = start_world()
    daemon = world.daemon
    alice, bob = world.users(2)
    client = bob.connect()
    stream = Stream(daemon, alice, bob)
    stream.publish("before")
    later = world.backend.connection()
    later.request("GET", "/users/alice", headers=world.backend.headers)
    assert later.getresponse().read()
    daemon.signal(signal.SIGTERM)
    client.expect_close(4200)
    later.request("GET", "/readyz")
    answer = later.getresponse()
    assert answer.status == 503
    answer.read()
    stream.publish("during")
    stream.finish()
    assert daemon.wait() == 0
    daemon.restart()
    texts = [row["data"]["text"] for row in bob.rest().get(f"/users/{alice.uid}/messages").data]
    assert texts == ["before", "during"]


def test_while_draining_nobody_new_is_accepted(start_world):
    world = start_world()
    alice, bob = world.users(2)
    stream = Stream(world.daemon, alice, bob)
    stream.publish("held")
    watcher = bob.connect()
    world.daemon.signal(signal.SIGTERM)
    watcher.expect_close(4200)
    # Refused, or left in the listener's queue for whoever listens next; a second is plenty to be served in.
    with pytest.raises(OSError):
        RawWebSocket(world.daemon, timeout=1)
    stream.finish()
    assert world.daemon.wait() == 0


def test_a_drain_lasts_at_most_its_timeout(start_world):
    world = start_world(HALLEY_RULES_DRAINTIMEOUT=1)
    stream = Stream(world.daemon, *world.users(2))
    stream.publish("never finished")
    begin = time.monotonic()
    assert world.daemon.stop() == 0
    assert 0.9 <= time.monotonic() - begin < 1 + DEADLINE


def test_a_second_signal_ends_a_drain_at_once(start_world):
    world = start_world()
    stream = Stream(world.daemon, *world.users(2))
    stream.publish("never finished")
    watcher = world.user().connect()
    world.daemon.signal(signal.SIGTERM)
    watcher.expect_close(4200)
    begin = time.monotonic()
    assert world.daemon.stop() == 0
    assert time.monotonic() - begin < 20, "the drain timeout is 30 s"


def test_the_programs_are_where_the_suite_looks():
    for name in ("halleyd", "halleyctl"):
        assert os.access(program(name), os.X_OK)
