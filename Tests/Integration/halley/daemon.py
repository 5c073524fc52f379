"""Starts and stops `halleyd` as an operator would."""

import collections
import os
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from .rest import Api

ROOT = Path(__file__).resolve().parents[3]

# How long anything may take before a test gives up, in seconds. Sanitizer runs raise it.
DEADLINE = float(os.environ.get("TEST_DEADLINE", "10"))

# Told apart from a clean stop: what a crashing or sanitized process leaves behind.
CRASH_MARKS = ("ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "Fatal error:")

# A library that a sanitized daemon starts with (Tests/Sanitizers); nothing else of the suite does.
PRELOAD = {"LD_PRELOAD": os.environ["DAEMON_PRELOAD"]} if os.environ.get("DAEMON_PRELOAD") else {}


def program(name):
    """The path of one of the built programs: beside `$HALLEYD`, or in the release directory."""
    halleyd = Path(os.environ.get("HALLEYD", ROOT / ".build/release/halleyd"))
    return str((halleyd if halleyd.is_absolute() else ROOT / halleyd).parent / name)


def run(name, *arguments, env=None, **options):
    """Runs a program to its end; the deadline catches one that should have refused to start."""
    return subprocess.run(
        [program(name), *map(str, arguments)],
        env={**os.environ, **PRELOAD, **(env or {})},
        capture_output=True,
        text=True,
        timeout=DEADLINE * 3,
        check=False,
        **options,
    )


def until(condition, deadline=None, what="condition"):
    """Polls until `condition()` is true and gives its value; fails past the deadline."""
    end = time.monotonic() + (deadline or DEADLINE)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {deadline or DEADLINE} s")
        time.sleep(0.01)


class Daemon:
    """One `halleyd`. `start` returns when it is ready; `stop` gives the exit code."""

    running = []  # for the failure report

    def __init__(self, directory=None, *, port=0, env=None, arguments=(), dev=True, app_files=None):
        # Short on purpose: a Unix socket's path has room for 107 bytes only.
        self._own_directory = directory is None
        self.directory = Path(directory or tempfile.mkdtemp(prefix="halley-"))
        self.port = port
        self.env = {key: str(value) for key, value in (env or {}).items()}
        self.arguments = [str(argument) for argument in arguments]
        self.dev = dev
        self.process = None
        self.lines = collections.deque(maxlen=5000)
        self._reader = None
        for name, text in (app_files or {}).items():
            (self.directory / "apps.d").mkdir(parents=True, exist_ok=True)
            (self.directory / "apps.d" / name).write_text(text)

    # -- life

    descriptors = ()  # handed on to the daemon; see socket activation

    def command(self):
        development = ["--dev", "--data-dir", str(self.directory), "--port", str(self.port)] if self.dev else []
        return [program("halleyd"), *development, *self.arguments]

    def start(self):
        self.process = subprocess.Popen(
            self.command(),
            pass_fds=self.descriptors,
            env={**os.environ, **PRELOAD, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()
        Daemon.running.append(self)
        until(self._is_ready, DEADLINE * 3, "the daemon's readiness")
        return self

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, deadline=None):
        """The exit code; every line of its output is read by then."""
        code = self.process.wait(deadline or DEADLINE * 3)
        self._reader.join(DEADLINE)
        if self in Daemon.running:
            Daemon.running.remove(self)
        crash = next((line for line in self.lines if any(mark in line for mark in CRASH_MARKS)), None)
        assert crash is None, f"the daemon crashed:\n{self.output[-8000:]}"
        return code

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """SIGKILL: no chance to flush anything."""
        self.process.kill()
        return self.wait()

    def restart(self):
        """Starts again on the same directory and port."""
        self.lines.clear()
        return self.start()

    def discard(self):
        """Ends it whatever state it is in and removes its directory."""
        try:
            if self.process is not None and self.process.poll() is None:
                # Twice: the second signal ends a drain at once.
                self.signal(signal.SIGTERM)
                self.signal(signal.SIGTERM)
                try:
                    self.wait()
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
                    raise
            elif self in Daemon.running:
                Daemon.running.remove(self)
        finally:
            if self._own_directory:
                shutil.rmtree(self.directory, ignore_errors=True)

    # -- where things are

    @property
    def output(self):
        return "\n".join(list(self.lines))

    @property
    def ca(self):
        return str(self.directory / "tls/ca.pem")

    @property
    def socket(self):
        return str(self.directory / "run/backend.sock")

    @property
    def websocket_url(self):
        return f"wss://localhost:{self.port}/ws"

    @property
    def origin(self):
        return f"https://localhost:{self.port}"

    def ssl_context(self):
        """Trusts the daemon's own CA and nothing else."""
        return ssl.create_default_context(cafile=self.ca)

    # -- interfaces

    def backend(self, key="dev-api-key", app="dev", **headers):
        """The backend interface on the Unix socket."""
        credentials = {"appid": app, "apikey": key}
        return Api.unix(self.socket, {k: v for k, v in credentials.items() if v is not None} | headers)

    def public(self, app="dev", **headers):
        """The client interface on the public listener."""
        return Api.tls("localhost", self.port, self.ssl_context(), ({"appId": app} if app else {}) | headers)

    # -- helpers

    def _read(self, stream):
        for line in stream:
            self.lines.append(line.rstrip("\n"))

    def _is_ready(self):
        if self.process.poll() is not None:
            self._reader.join(DEADLINE)
            raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.output}")
        if self.dev and not self.port:
            found = re.search(r"(?:https|wss)://localhost:(\d+)", self.output)
            if not found:
                return False
            self.port = int(found.group(1))
        try:
            return self.backend().get("/readyz", prefix="").status == 200
        except OSError:
            return False
