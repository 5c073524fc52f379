"""Rates per user, connection and address, their headers, and what one app says of its own (protocol 9)."""

import signal
import time

import pytest
import yaml

from halley import World, until

LIMIT, REMAINING, RESET = "X-Rate-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"


def app_file(app, **limits):
    return yaml.safe_dump({"id": app, "authKey": f"{app}-auth", "apiKeys": [f"{app}-api"], "limits": limits})


def text_to(user, text="x"):
    return {"receiver": user.uid, "receiverType": "user", "category": "message", "type": "text", "data": {"text": text}}


def standing(answer):
    """(limit, remaining) of an answer's headers."""
    return int(answer.headers[LIMIT]), int(answer.headers[REMAINING])


def reload(daemon):
    said = daemon.output.count("configuration reloaded")
    daemon.signal(signal.SIGHUP)
    until(lambda: daemon.output.count("configuration reloaded") > said, what="the reload")


# -- sends


def test_every_answer_to_a_send_says_what_is_left_and_past_the_rate_when_to_come_back(start_world):
    world = start_world(HALLEY_LIMITS_SENDSPERMINUTE=4)
    alice, bob = world.users(2)
    rest = alice.rest()
    assert standing(rest.post("/messages", text_to(bob))) == (4, 3)
    refused = rest.post("/messages", {"receiver": bob.uid})
    refused.refused(400)
    assert standing(refused) == (4, 3), "what never reached the limit has not spent of it"
    alice.connect().say(bob.uid)
    assert standing(rest.post("/messages", text_to(bob))) == (4, 1), "socket and REST share one bucket"
    assert standing(rest.post("/messages", text_to(bob))) == (4, 0)
    before = time.time()
    over = rest.post("/messages", text_to(bob))
    over.refused(429, "ERR_TOO_MANY_REQUESTS")
    assert standing(over) == (4, 0)
    wait = int(over.headers["Retry-After"])
    assert 1 <= wait <= 15
    assert int(before) + wait <= int(over.headers[RESET]) <= time.time() + wait + 1
    # Others are not concerned; nor are other routes; nor is the backend, which is not limited and not told.
    assert standing(bob.rest().post("/messages", text_to(alice))) == (4, 3)
    assert LIMIT not in alice.rest().get("/me").headers
    for _ in range(6):
        answer = world.backend.acting(alice.uid).post("/messages", text_to(bob))
        answer.ok()
        assert LIMIT not in answer.headers


def test_a_wrong_token_is_told_the_limit_and_nothing_of_anybody(start_world):
    world = start_world(HALLEY_LIMITS_SENDSPERMINUTE=4)
    answer = world.daemon.public(authToken="wrong").post("/messages", text_to(world.user()))
    answer.refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    assert standing(answer) == (4, 4)


def test_a_limit_of_zero_is_off_and_says_nothing(world):
    alice, bob = world.users(2)
    answer = alice.rest().post("/messages", text_to(bob))
    assert LIMIT not in answer.headers and REMAINING not in answer.headers


# -- failed attempts


def test_failed_attempts_over_rest_and_socket_count_together(start_world):
    world = start_world(HALLEY_LIMITS_AUTHPERMINUTE=4)
    bob = world.user()
    public = world.daemon.public
    public(authToken="wrong").get("/me").refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    public(authToken="wrong").delete("/me").refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    public(apiKey="wrong").post(f"/users/{bob.uid}/auth_tokens").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")
    # What presents nothing is no attempt.
    for _ in range(10):
        public().get("/me").refused(401, "AUTH_ERR_EMPTY_AUTH_TOKEN")
        public(app=None).get("/me").refused(401, "AUTH_ERR_EMPTY_APPID")
    guess = bob.open(credential="wrong")
    guess.send(guess.auth_frame())
    guess.expect_refusal(401, 4000)
    over = public(authToken="wrong").get("/me")
    over.refused(429, "ERR_TOO_MANY_REQUESTS")
    assert standing(over) == (4, 0)
    assert 1 <= int(over.headers["Retry-After"]) <= 15
    assert RESET in over.headers
    # Nothing that is presented is checked any more, so that no answer tells a good guess from a bad one.
    bob.rest().get("/me").refused(429, "ERR_TOO_MANY_REQUESTS")
    late = bob.open()
    late.send(late.auth_frame())
    late.expect_refusal(429, 4102)
    assert public().get("/settings").data
    # The backend is no address.
    world.backend.having(apikey="wrong").get("/users").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")
    world.backend.get(f"/users/{bob.uid}").ok()


def test_a_429_carries_cors_headers_that_a_page_may_read(start_world):
    world = start_world(HALLEY_LIMITS_AUTHPERMINUTE=1)
    page = world.daemon.public(authToken="wrong", Origin="https://app.example")
    page.get("/me").refused(401)
    over = page.get("/me")
    over.refused(429)
    assert over.headers["Access-Control-Allow-Origin"] == "https://app.example"
    exposed = over.headers["Access-Control-Expose-Headers"].lower()
    assert all(name in exposed for name in ("retry-after", "x-rate-limit", "x-rate-limit-remaining", "x-rate-limit-reset"))


# -- typing and frames


def test_typing_past_the_rate_is_dropped_without_a_word(start_world):
    world = start_world(HALLEY_LIMITS_TYPINGPERSECOND=3)
    alice, bob = world.users(2)
    listener, client = bob.connect(), alice.connect()
    for number in range(20):
        client.typing(bob.uid, metadata={"n": number})
    client.ping()
    client.say(bob.uid)
    listener.expect(type="message")
    heard = listener.all(type="typing_indicator", body={"action": "started"})
    # The twenty were sent at once; a second may turn on the way.
    assert 3 <= len(heard) <= 6, heard
    client.none(type="error")
    assert client.close_code is None


# -- one app's own


@pytest.fixture
def apps(start_daemon):
    """Worlds in two apps of one daemon: `strict` with limits of its own, `lax` with the configuration's."""
    own = {"sendsPerMinute": 2, "framesPerMinute": 12, "connectionsPerUser": 1, "groupsPerUser": 1, "membersPerAdd": 2}
    daemon = start_daemon(app_files={"strict.yaml": app_file("strict", **own), "lax.yaml": app_file("lax")})
    worlds = [World(daemon, app=app, key=f"{app}-api") for app in ("strict", "lax")]
    yield worlds
    for world in worlds:
        world.close()


def test_an_apps_own_limits_are_its_own_only(apps):
    strict, lax = apps
    for world, limited in ((strict, True), (lax, False)):
        alice, bob = world.users(2)
        answers = [alice.rest().post("/messages", text_to(bob)) for _ in range(3)]
        assert [answer.status for answer in answers] == ([200, 200, 429] if limited else [200] * 3)
        assert answers[0].headers[LIMIT] == ("2" if limited else None)

        client = bob.connect()
        second = bob.open()
        second.send(second.auth_frame())
        assert second.expect(type="auth").body["code"] == ("429" if limited else "200")

        world.group(alice)
        made = world.backend.acting(alice.uid).post("/groups", {"guid": f"g-{bob.uid}", "name": "g", "type": "public"})
        assert made.status == (400 if limited else 200)

        for _ in range(12):
            client.send({"action": "ping", "ack": "true"})
        if limited:
            client.expect_close(4102)
        else:
            client.ping()


def test_a_reload_changes_an_apps_limits_and_the_configurations(apps):
    strict, lax = apps
    daemon = strict.daemon
    alice, bob = strict.users(2)
    for _ in range(2):
        alice.rest().post("/messages", text_to(bob)).ok()
    alice.rest().post("/messages", text_to(bob)).refused(429)
    (daemon.directory / "apps.d/strict.yaml").write_text(app_file("strict", sendsPerMinute=1_000_000))
    (daemon.directory / "apps.d/lax.yaml").write_text(app_file("lax", sendsPerMinute=1))
    reload(daemon)
    until(lambda: alice.rest().post("/messages", text_to(bob)).status == 200, what="the new rate")
    bob.connect(), bob.connect()
    carol, dave = lax.users(2)
    carol.rest().post("/messages", text_to(dave)).ok()
    carol.rest().post("/messages", text_to(dave)).refused(429)


@pytest.mark.parametrize(
    "limits, named",
    [
        ({"sendPerMinute": 1}, "limits.sendPerMinute: is not a known key"),
        ({"authPerMinute": 1}, "limits.authPerMinute: is the same for all apps"),
        ({"sendsPerMinute": "many"}, "limits.sendsPerMinute: must be a whole number"),
    ],
    ids=["unknown", "not-per-app", "no-number"],
)
def test_a_bad_limit_of_an_app_is_exit_78_naming_file_and_key(start_daemon, limits, named):
    with pytest.raises(AssertionError, match="ended with 78") as failure:
        start_daemon(app_files={"strict.yaml": app_file("strict", **limits)})
    assert "strict.yaml" in str(failure.value) and named in str(failure.value)


def test_limits_of_the_configuration_file_are_reloaded(start_daemon, tmp_path):
    """`--dev` has no file to change, so this one is written by hand."""
    maker = start_daemon()
    assert maker.stop() == 0
    root = maker.directory
    (root / "state").mkdir()

    def write(**limits):
        (root / "halley.yaml").write_text(
            yaml.safe_dump(
                {
                    "server": {"stateDirectory": str(root / "state"), "runtimeDirectory": str(root / "run")},
                    "public": {"listen": [f"127.0.0.1:{maker.port}"], "advertiseHost": "localhost"},
                    "tls": {"certificate": str(root / "tls/server.pem"), "privateKey": str(root / "tls/server.key")},
                    "backend": {"group": ""},
                    "limits": limits,
                }
            )
        )

    write(sendsPerMinute=1, authPerMinute=0)
    maker.dev = False
    maker.arguments = ["--config", str(root / "halley.yaml")]
    daemon = maker.restart()
    world = World(daemon)
    alice, bob = world.users(2)
    alice.rest().post("/messages", text_to(bob)).ok()
    alice.rest().post("/messages", text_to(bob)).refused(429)
    public = daemon.public(authToken="wrong")
    for _ in range(3):
        public.get("/me").refused(401)
    write(sendsPerMinute=0, authPerMinute=1, connectionsPerUser=1)
    reload(daemon)
    until(lambda: alice.rest().post("/messages", text_to(bob)).status == 200, what="the new rate")
    bob.connect()
    second = bob.open()
    second.send(second.auth_frame())
    second.expect_refusal(429, 4101)
    public.get("/me").refused(401)
    public.get("/me").refused(429)
    world.close()
