"""Start, drain, crash and restart; the operator's tool; configuration errors (operations.md)."""

import re
import signal
import socket
import threading

import pytest
import yaml
from websockets.exceptions import ConnectionClosed

from halley import DEADLINE, Daemon, World, run, until

# -- start


def test_dev_prints_what_a_newcomer_needs(start_daemon):
    daemon = start_daemon()
    output = daemon.output
    assert f"wss://localhost:{daemon.port}" in output
    assert f"https://localhost:{daemon.port}/playground/" in output
    assert daemon.socket in output or "run/backend.sock" in output
    assert "curl " in output
    for name in ("tls/ca.pem", "tls/server.pem", "tls/server.key", "run/backend.sock", "halley.db", "apps.d/dev.yaml"):
        assert (daemon.directory / name).exists(), name


def test_the_first_curl_it_prints_works(start_daemon):
    import subprocess

    daemon = start_daemon()
    # It may go over several lines, each but the last ending with a backslash.
    start = daemon.output.index("curl ")
    command = re.match(r"(?:.*\\\n)*.*", daemon.output[start:]).group(0)
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert result.returncode == 0, (command, result.stderr)
    assert '"data"' in result.stdout, (command, result.stdout)


def test_dev_has_its_users_and_its_lobby(start_daemon):
    daemon = start_daemon()
    for uid in ("alice", "bob", "carol"):
        assert daemon.backend().get(f"/users/{uid}").data["uid"] == uid
    assert daemon.backend().get("/groups/lobby").data["type"] == "public"


def test_secrets_and_the_store_are_for_the_owner_only(start_daemon):
    daemon = start_daemon()
    for name in ("tls/server.key", "halley.db"):
        assert (daemon.directory / name).stat().st_mode & 0o077 == 0, name


def test_a_second_start_on_the_same_directory_keeps_certificate_and_data(start_daemon):
    daemon = start_daemon()
    world = World(daemon)
    alice, bob = world.users(2)
    message = alice.send(bob.uid, "kept")
    certificate = (daemon.directory / "tls/ca.pem").read_bytes()
    assert daemon.stop() == 0
    daemon.restart()
    assert (daemon.directory / "tls/ca.pem").read_bytes() == certificate
    assert bob.rest().get(f"/messages/{message['id']}").data["data"]["text"] == "kept"
    bob.connect()
    world.close()


def test_a_port_in_use_is_named_and_exit_1(tmp_path):
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    result = run("halleyd", "--dev", "--data-dir", tmp_path / "d", "--port", port)
    taken.close()
    assert result.returncode == 1
    assert str(port) in result.stdout + result.stderr


def test_a_store_that_cannot_be_opened_is_named_and_exit_1(tmp_path):
    (tmp_path / "halley.db").mkdir(parents=True)
    result = run("halleyd", "--dev", "--data-dir", tmp_path, "--port", 0)
    assert result.returncode == 1
    assert "halley.db" in result.stdout + result.stderr


def test_a_second_daemon_on_the_same_directory_is_refused(start_daemon):
    daemon = start_daemon()
    result = run("halleyd", "--dev", "--data-dir", daemon.directory, "--port", 0)
    assert result.returncode == 1
    assert daemon.backend().get("/readyz", prefix="").status == 200


# -- drain


def test_sigterm_drains_with_4200_and_exit_0(start_world):
    world = start_world()
    clients = [user.connect() for user in world.users(20)]
    world.daemon.signal(signal.SIGTERM)
    for client in clients:
        error = client.expect(type="error", body={"closeCode": 4200})
        assert 1000 <= error.body["retryAfterMs"] <= 60000
        assert error.body["resumable"] is True
        client.expect_close(4200)
    assert world.daemon.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_daemon_ends_at_once_with_0(start_daemon, number):
    daemon = start_daemon()
    daemon.signal(number)
    assert daemon.wait() == 0


def test_a_drained_message_is_on_disk(start_world):
    world = start_world()
    alice, bob = world.users(2)
    sender = alice.connect()
    acked = []

    def publish():
        try:
            while True:
                acked.append(sender.say(bob.uid).body["id"])
        except (AssertionError, OSError, ConnectionClosed):
            pass  # drained

    publisher = threading.Thread(target=publish)
    publisher.start()
    until(lambda: len(acked) > 50)
    assert world.daemon.stop() == 0
    publisher.join()
    world.daemon.restart()
    stored = history(world, bob, alice)
    assert stored[: len(acked)] == acked


def history(world, user, other):
    """All ids of a 1:1 conversation, in order."""
    found, cursor = [], 0
    while True:
        query = {"id": cursor, "affix": "append", "per_page": 100}
        rows = user.rest().get(f"/users/{other.uid}/messages", query=query).data
        if not rows:
            return found
        found += [row["id"] for row in rows]
        cursor = rows[-1]["id"]


# -- crash


def test_sigkill_in_mid_traffic_loses_no_acked_message_and_resumed_clients_miss_and_repeat_nothing(start_world):
    world = start_world()
    senders, readers = world.users(3, "sender"), world.users(2, "reader")
    guid = world.group(senders[0], *senders[1:], *readers)
    acked = {sender.uid: [] for sender in senders}
    received = {reader.uid: [] for reader in readers}
    last = {reader.uid: None for reader in readers}
    numbers = {sender.uid: 0 for sender in senders}

    def publish(sender):
        client = sender.connect()
        try:
            while True:
                number = numbers[sender.uid]
                ack = client.say(guid, f"{sender.uid} {number}", "group", muid=f"{sender.uid}-{number}")
                acked[sender.uid].append(ack.body["id"])
                numbers[sender.uid] += 1
        except (AssertionError, OSError, ConnectionClosed):
            pass  # killed; the number without an ack is tried again with its muid

    for _ in range(3):
        clients = []
        for reader in readers:
            resume = None if last[reader.uid] is None else {"lastSeq": last[reader.uid]}
            client = reader.connect(resume=resume)
            if resume is None:
                last[reader.uid] = client.welcome.body["seq"]
            else:
                client.expect(type="resumed")
            clients.append(client)
        before = sum(map(len, acked.values()))
        threads = [threading.Thread(target=publish, args=(sender,)) for sender in senders]
        for thread in threads:
            thread.start()
        until(lambda: sum(map(len, acked.values())) > before + 150, DEADLINE * 3, "traffic")
        world.daemon.kill()
        for thread in threads:
            thread.join()
        for reader, client in zip(readers, clients, strict=True):
            client.join()
            frames = client.all(type="message", receiver=guid)
            received[reader.uid] += [frame.body["id"] for frame in frames]
            last[reader.uid] = max([last[reader.uid]] + [frame["seq"] for frame in frames])
        world.daemon.restart()

    for reader in readers:
        client = reader.connect(resume={"lastSeq": last[reader.uid]})
        client.expect(type="resumed")
        received[reader.uid] += [frame.body["id"] for frame in client.all(type="message", receiver=guid)]

    rows, cursor = [], 0
    while (
        page := readers[0]
        .rest()
        .get(
            f"/groups/{guid}/messages", query={"id": cursor, "affix": "append", "per_page": 100, "category": "message"}
        )
        .data
    ):
        rows += page
        cursor = page[-1]["id"]
    stored = [row["id"] for row in rows]
    assert len(stored) == len(set(stored))
    for sender in senders:
        assert set(acked[sender.uid]) <= set(stored), "an acked message is gone"
        texts = [row["data"]["text"] for row in rows if row["sender"] == sender.uid]
        assert len(texts) == len(set(texts)), "a retried message stands twice"
    for reader in readers:
        mine = received[reader.uid]
        assert [i for i in mine if i in set(stored)] == stored, "a resumed client missed, repeated or reordered"
        assert len(mine) == len(set(mine))


def test_ids_never_go_back_through_a_crash(start_world):
    world = start_world(HALLEY_STORE_DURABILITY="process")
    alice, bob = world.users(2)
    highest = 0
    for _ in range(3):
        for _ in range(20):
            number = int(alice.send(bob.uid)["id"])
            assert number > highest
            highest = number
        world.daemon.kill()
        world.daemon.restart()


def test_users_tokens_and_groups_survive_a_crash(start_world):
    world = start_world()
    alice, bob = world.users(2)
    guid = world.group(alice, bob)
    revoked = bob.new_token()
    world.backend.delete(f"/users/{bob.uid}/auth_tokens/{revoked}").ok()
    world.daemon.kill()
    world.daemon.restart()
    client = bob.connect()
    client.say(guid, kind="group")
    refused = bob.open(credential=revoked)
    refused.send(refused.auth_frame())
    refused.expect_close(4000)


def test_the_ack_waits_for_the_disk_under_the_default(start_world):
    """Kill right after an ack, many times: it is always there."""
    world = start_world()
    alice, bob = world.users(2)
    for _ in range(5):
        acked = alice.connect().say(bob.uid).body["id"]
        world.daemon.kill()
        world.daemon.restart()
        assert bob.rest().get(f"/messages/{acked}").data["id"] == acked


# -- bad usage and bad configuration


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("halleyd", ["--no-such-flag"]),
        ("halleyd", ["--dev", "--port", "many"]),
        ("halleyd", ["--dev", "stray"]),
        ("halleyctl", ["no-such-command"]),
        ("halleyctl", ["user", "create"]),
        ("halleyctl", ["check-config"]),
    ],
)
def test_bad_usage_is_exit_2(name, arguments, tmp_path):
    result = run(name, *arguments, cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr


def test_a_bad_file_is_exit_78_and_every_problem_names_file_and_key(tmp_path):
    file = tmp_path / "halley.yaml"
    file.write_text("rules: { pingTimeout: soon, sleepTimeout: 3 }\nlimits: { tags: -1 }\nspeling: 1\n")
    for command in (["halleyd", "--config", file], ["halleyctl", "check-config", file]):
        result = run(*command)
        assert result.returncode == 78, result.stdout + result.stderr
        said = result.stdout + result.stderr
        for key in ("rules.pingTimeout", "rules.sleepTimeout", "limits.tags", "speling"):
            (line,) = [line for line in said.splitlines() if key in line]
            assert "halley.yaml" in line


def test_a_file_that_is_no_yaml_or_missing_is_exit_78(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text("a: [\n")
    assert run("halleyd", "--config", file).returncode == 78
    result = run("halleyd", "--config", tmp_path / "missing.yaml")
    assert result.returncode == 78
    assert "missing.yaml" in result.stdout + result.stderr


@pytest.mark.parametrize(
    "variable, value, mentioned",
    [
        ("HALLEY_RULES_NOSUCHKEY", "1", "HALLEY_RULES_NOSUCHKEY"),
        ("HALLEY_NOSUCHSECTION_KEY", "1", "HALLEY_NOSUCHSECTION_KEY"),
        ("HALLEY_RULES_PINGTIMEOUT", "soon", "HALLEY_RULES_PINGTIMEOUT"),
        ("HALLEY_STORE_DURABILITY", "hope", "HALLEY_STORE_DURABILITY"),
    ],
)
def test_a_bad_variable_is_exit_78_naming_it(tmp_path, variable, value, mentioned):
    result = run("halleyd", "--dev", "--data-dir", tmp_path, "--port", 0, env={variable: value})
    assert result.returncode == 78
    assert mentioned in result.stdout + result.stderr


def test_a_bad_section_flag_is_exit_78_naming_it(tmp_path):
    for flag, value in (("--rules.noSuchKey", "1"), ("--rules.pingTimeout", "soon")):
        result = run("halleyd", "--dev", "--data-dir", tmp_path, "--port", 0, flag, value)
        assert result.returncode == 78, result.stdout + result.stderr
        assert flag.removeprefix("--") in result.stdout + result.stderr


def test_a_bad_app_file_is_exit_78_naming_it(tmp_path):
    (tmp_path / "apps.d").mkdir()
    (tmp_path / "apps.d/broken.yaml").write_text("id: broken\nautKey: typo\n")
    result = run("halleyd", "--dev", "--data-dir", tmp_path, "--port", 0)
    assert result.returncode == 78
    said = result.stdout + result.stderr
    assert "broken.yaml" in said and "autKey" in said and "authKey" in said


def test_flags_win_over_variables(start_daemon):
    daemon = start_daemon(arguments=["--rules.pingTimeout", "7"], HALLEY_RULES_PINGTIMEOUT=9)
    world = World(daemon)
    assert world.user().connect().welcome.body["pingTimeout"] == 7
    world.close()


def test_default_config_is_a_valid_configuration(tmp_path):
    result = run("halleyctl", "default-config")
    assert result.returncode == 0
    document = yaml.safe_load(result.stdout)
    assert document["rules"]["pingTimeout"] == 30
    assert document["limits"]["outboundHard"] == 1048576
    (tmp_path / "default.yaml").write_text(result.stdout)
    (tmp_path / "apps.d").mkdir()
    (tmp_path / "apps.d/app.yaml").write_text("id: app\nauthKey: key\n")
    assert run("halleyctl", "check-config", tmp_path / "default.yaml").returncode == 0


def test_a_daemon_with_a_configuration_file(tmp_path_factory):
    """Not `--dev`: everything comes from the file, with the certificate of a `--dev` directory."""
    maker = Daemon()
    try:
        maker.start()
        assert maker.stop() == 0
        probe = socket.create_server(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        root = maker.directory
        (root / "state").mkdir()
        (root / "halley.yaml").write_text(
            yaml.safe_dump(
                {
                    "server": {"stateDirectory": str(root / "state"), "runtimeDirectory": str(root / "run")},
                    "public": {
                        "listen": [f"127.0.0.1:{port}", f"[::1]:{port}"],
                        "advertiseHost": "localhost",
                        "advertisePort": port,
                    },
                    "tls": {"certificate": str(root / "tls/server.pem"), "privateKey": str(root / "tls/server.key")},
                    "backend": {"group": ""},
                    "apps": {"directory": "apps.d"},
                }
            )
        )
        daemon = Daemon(root, port=port, dev=False, arguments=["--config", root / "halley.yaml"])
        try:
            daemon.start()
            world = World(daemon)
            alice, bob = world.users(2)
            receiver = bob.connect()
            alice.connect().say(bob.uid)
            receiver.expect(type="message")
            assert daemon.public(app=None).get("/playground/", prefix="").status == 404
            daemon.backend().get("/users/carol").refused(404, "ERR_UID_NOT_FOUND")
            world.close()
            assert daemon.stop() == 0
        finally:
            daemon.discard()
    finally:
        maker.discard()


def test_sighup_reloads_keys_and_a_bad_file_changes_nothing(start_daemon):
    daemon = start_daemon()
    third = daemon.directory / "apps.d/third.yaml"
    third.write_text("id: third\nauthKey: third-auth\napiKeys: [third-api]\n")
    daemon.signal(signal.SIGHUP)
    until(lambda: daemon.backend(app="third", key="third-api").get("/users").status == 200, what="the new app")
    third.write_text("id: third\nauthKey: [\n")
    daemon.signal(signal.SIGHUP)
    until(lambda: "third.yaml" in daemon.output, what="a log line about the bad file")
    assert daemon.backend(app="third", key="third-api").get("/users").status == 200


# -- halleyctl against a running daemon


def ctl(daemon, *arguments):
    return run("halleyctl", *arguments, "--socket", daemon.socket, "--app", "dev")


def test_halleyctl_makes_users_tokens_groups_and_sends(world):
    daemon = world.daemon
    uid = world.user().uid + "-ctl"
    assert ctl(daemon, "user", "create", uid, "--name", "By Hand").returncode == 0
    assert daemon.backend().get(f"/users/{uid}").data["name"] == "By Hand"
    made = ctl(daemon, "token", "create", uid)
    assert made.returncode == 0
    token = made.stdout.split()[-1]
    assert daemon.public(authToken=token).get("/me").data["uid"] == uid
    guid = "g-" + uid
    result = ctl(daemon, "group", "create", guid, "--name", "Group", "--owner", uid)
    assert result.returncode == 0, result.stderr
    assert daemon.backend().get(f"/groups/{guid}").data["owner"] == uid
    listener = world.user()
    connection = listener.connect()
    assert ctl(daemon, "send", "--from", uid, "--to", listener.uid, "by hand").returncode == 0
    assert connection.expect(type="message", sender=uid).body["data"]["text"] == "by hand"
    again = ctl(daemon, "user", "create", uid, "--name", "Twice")
    assert again.returncode == 1
    assert "ERR_UID_ALREADY_EXISTS" in again.stderr


def test_halleyctl_without_a_daemon_says_so(tmp_path):
    result = run("halleyctl", "user", "create", "x", "--name", "x", "--socket", tmp_path / "none.sock", "--app", "dev")
    assert result.returncode == 1
    assert "none.sock" in result.stderr


def test_the_programs_have_help():
    for name in ("halleyd", "halleyctl"):
        result = run(name, "--help")
        assert result.returncode == 0
        assert "USAGE" in result.stdout


def test_the_start_log_names_the_open_file_limit(start_daemon):
    daemon = start_daemon()
    assert str(daemon.process.pid) in daemon.output
    assert "shards" in daemon.output
