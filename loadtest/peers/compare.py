#!/usr/bin/env python3
"""Runs halley-load against Halley and against uWebSockets in turn, and prints a Markdown table of both.

    loadtest/peers/compare.py [--runs 5] [--only fanout/1000 …] [--json FILE]

Each figure is the median of its runs, with the range. Runs of the two servers alternate, because a machine's speed
changes from minute to minute: compare within one table only. The server has one core, the generator another. A server
that is measured for memory is started anew for each run; otherwise both servers stay up for all runs of a scenario.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEER = str(ROOT / "loadtest/peers/uws/server.py")
SERVER_CORE, GENERATOR_CORE = "0", "1"
START_SECONDS = 30
REALTIME = ["chrt", "-f", "5"]


class Scenario:
    """One row of the table: what halley-load is told, and which of its figures counts."""

    def __init__(self, name, figure, unit, arguments, *, halley=(), uws=(), fresh=False):
        self.name, self.figure, self.unit, self.fresh = name, figure, unit, fresh
        self.arguments = arguments.split()
        self.extra = {"halley": list(halley), "uws": list(uws)}


def fanout(size, messages, pending):
    return Scenario(
        f"fanout/{size}" + (f"/pending{pending}" if pending > 1 else ""),
        "cpu_ns_per_delivery",
        "ns of server CPU per delivery",
        f"fanout --connections {size} --concurrency 32 --messages {messages} --pending {pending} --bytes 1024",
        halley=["--sender", "backend"],
        uws=["--sender", "socket"],
    )


def connect(kind, depth, *flags):
    return Scenario(
        f"connect/{kind}/{depth}",
        "connects_per_cpu_second",
        "handshakes per second of server CPU",
        " ".join(["connect --connections 2000 --concurrency 32 --depth", depth, *flags]),
    )


def idle(size, *, groups):
    return Scenario(
        f"idle/{size}" + (f"/groups{groups}" if groups else ""),
        "bytes_per_connection",
        "resident bytes of the server per connection",
        f"idle --connections {size} --concurrency 32 --settle 5",
        halley=["--groups", str(groups), "--group-size", "100"] if groups else [],
        fresh=True,
    )


SCENARIOS = [
    fanout(1000, 400, 1),
    fanout(10000, 60, 1),
    fanout(1000, 1600, 8),
    fanout(10000, 240, 8),
    connect("full", "upgrade"),
    connect("resumed", "upgrade", "--resumed"),
    connect("full", "auth"),
    idle(1000, groups=10),
    idle(15000, groups=10),
]


def pinned(options, core, command):
    return ["taskset", "-c", core, *(REALTIME if options.realtime else []), *command]


def await_line(process, output, wanted):
    """What `wanted` (a pattern) finds in a program's output."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(wanted, Path(output).read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found
        time.sleep(0.02)
    raise SystemExit(f"{process.args} did not start:\n{Path(output).read_text(encoding='utf-8')}")


@contextlib.contextmanager
def running(options, command, pattern, **environment):
    """A server on its core, and what `pattern` finds when it is up."""
    with tempfile.NamedTemporaryFile("w") as output:
        process = subprocess.Popen(
            pinned(options, SERVER_CORE, command),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        try:
            yield process, await_line(process, output.name, pattern)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def halley(options):
    """A daemon of its own; yields what halley-load must be told of it."""
    directory = Path(tempfile.mkdtemp(prefix="halley-load-", dir=options.data))
    try:
        # One shard: it has one core. Its own ports and socket, so that nothing else disturbs it.
        command = [options.halleyd, "--dev", "--data-dir", str(directory), "--port", "0"]
        with running(options, command, r"wss://localhost:(\d+)/", HALLEY_SERVER_SHARDS="1", HALLEY_SERVER_WORKERS="1") as (
            process,
            found,
        ):
            yield [
                *("--target", "halley", "--url", f"wss://127.0.0.1:{found[1]}/"),
                *("--ca", str(directory / "tls/ca.pem"), "--server-pid", str(process.pid)),
                *("--backend-socket", str(directory / "run/backend.sock"), "--app", "dev"),
                *("--api-key", "dev-api-key"),
            ]
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def uws(options):
    """The peer with a certificate of the same kind (P-256, one level)."""
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = f"{directory}/key.pem", f"{directory}/certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
            + ["-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"]
            + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True,
            capture_output=True,
        )
        with running(options, [options.python, PEER, "0", certificate, key], r"^(\d+)$") as (process, found):
            yield [
                *("--target", "uws", "--url", f"wss://127.0.0.1:{found[1]}/"),
                *("--ca", certificate, "--server-pid", str(process.pid)),
            ]


SERVERS = {"halley": halley, "uws": uws}


def shrink_kernel_caches():
    """Gives back what earlier sockets left in the kernel's caches, or the next ones would seem free (root only)."""
    for cache in ("TCP", "sock_inode_cache", "filp", "dentry", "eventpoll_epi"):
        with contextlib.suppress(OSError):
            Path(f"/sys/kernel/slab/{cache}/shrink").write_text("1")


def measure(options, scenario, server, arguments):
    """One run; the figures."""
    shrink_kernel_caches()
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        command = [options.halley_load, *scenario.arguments, *arguments, *scenario.extra[server]]
        command += ["--time-limit", str(options.time_limit), "--json", file.name]
        result = subprocess.run(
            pinned(options, GENERATOR_CORE, command), capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
        return json.loads(file.read())


def run(options, scenario):
    """All runs of one scenario: figures by server."""
    results = {server: [] for server in SERVERS}
    with contextlib.ExitStack() as stack:
        arguments = {}
        if not scenario.fresh:
            arguments = {server: stack.enter_context(start(options)) for server, start in SERVERS.items()}
        for number in range(options.runs):
            for server, start in SERVERS.items():
                with contextlib.ExitStack() as own:
                    told = arguments.get(server) or own.enter_context(start(options))
                    figures = measure(options, scenario, server, told)
                results[server].append(figures)
                print(
                    f"{scenario.name} {server} {number + 1}/{options.runs}: {figures[scenario.figure]:,.0f}",
                    file=sys.stderr,
                    flush=True,
                )
                if options.json:
                    with open(options.json, "a", encoding="utf-8") as file:
                        file.write(json.dumps({"row": scenario.name, "server": server, **figures}) + "\n")
    return results


def cell(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--halleyd", default=str(ROOT / ".build/release/halleyd"))
    parser.add_argument("--halley-load", default=str(ROOT / ".build/release/halley-load"))
    parser.add_argument("--python", default=str(ROOT / ".build/peers/bin/python"), help="with loadtest/peers/requirements.txt")
    parser.add_argument("--data", help="where Halley's data directories are made; default: the system's for such")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--time-limit", type=int, default=300, help="seconds for one run")
    parser.add_argument(
        "--realtime",
        action="store_true",
        help="run both sides in the real-time class (root): on a machine that has other things to do",
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[s.name for s in SCENARIOS])
    parser.add_argument("--json", metavar="FILE", help="append every run's figures")
    options = parser.parse_args()
    for program in (options.halleyd, options.halley_load, options.python):
        if not os.access(program, os.X_OK):
            parser.error(f"{program} is not there; build it first")
    print("| scenario | figure | Halley | uWebSockets | ratio |\n|---|---|---|---|---|", flush=True)
    for scenario in SCENARIOS:
        if options.only and scenario.name not in options.only:
            continue
        results = run(options, scenario)
        values = {server: [figures[scenario.figure] for figures in runs] for server, runs in results.items()}
        ratio = statistics.median(values["halley"]) / statistics.median(values["uws"])
        print(
            f"| {scenario.name} | {scenario.unit} | {cell(values['halley'])} | {cell(values['uws'])} | {ratio:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
