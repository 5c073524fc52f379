"""The first frame: who is let in, who is refused, with which code and close (protocol 3.1)."""

import json
import uuid

import pytest

from halley import Client, keys, until

# Every code that a refusal may carry as `status`.
STATUSES = {
    400: {"ERR_BAD_REQUEST", "AUTH_ERR_EMPTY_AUTH_TOKEN", "AUTH_ERR_EMPTY_APPID"},
    401: {"AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "AUTH_ERR_EMPTY_AUTH_TOKEN"},
    403: {"AUTH_ERR_INVALID_APPID", "AUTH_ERR_NO_ACCESS"},
    429: {"ERR_TOO_MANY_REQUESTS"},
}


def refused(client, code, close, **body):
    client.send(client.auth_frame(**body))
    answer, _ = client.expect_refusal(code, close)
    assert answer.body["status"] in STATUSES[code], answer
    return answer


def app_jwt_client(second, user, **claims):
    return second.keep(Client(second.daemon, user.uid, keys.signed(user.uid, **claims), app="second"))


def test_the_answer_has_the_documented_shape(world):
    bob = world.user("bob").connect()
    welcome = bob.welcome
    assert welcome["type"] == "auth"
    assert welcome["appId"] == "dev"
    assert welcome["deviceId"] == bob.session
    assert welcome["sender"] == bob.uid
    assert welcome.body["code"] == "200"
    assert welcome.body["status"] == "OK"
    assert welcome.body["pingInterval"] == 15
    assert welcome.body["pingTimeout"] == 30
    assert isinstance(welcome.body["seq"], int)


def test_seq_of_the_answer_is_the_position_the_connection_is_live_from(world):
    alice, bob = world.users(2)
    before = int(alice.send(bob.uid)["id"])
    client = bob.connect()
    assert client.welcome.body["seq"] >= before
    after = alice.send(bob.uid)
    frame = client.expect(type="message", body={"id": after["id"]})
    assert frame["seq"] > client.welcome.body["seq"]
    client.none(type="message", body={"id": str(before)})


def test_the_gateways_jwt_is_accepted(world):
    bob = world.user()
    jwt = bob.rest().put("/me", {"platform": "test", "deviceId": "d1"}).data["jwt"]
    bob.connect(credential=jwt)
    bob.connect(credential=bob.rest().post("/me/jwt").data["jwt"])


def test_the_auth_token_itself_is_accepted(world):
    world.user().connect()


@pytest.mark.parametrize("path", ["/", "/ws"])
def test_both_paths_are_realtime(world, path):
    world.user().open(path=path).auth()


@pytest.mark.parametrize("algorithm", keys.ALGORITHMS)
def test_a_jwt_of_the_apps_own_backend_is_accepted(second, algorithm):
    app_jwt_client(second, second.user(), algorithm=algorithm).auth()


def test_the_audience_of_an_app_jwt_may_be_an_array(second):
    app_jwt_client(second, second.user(), audience=["elsewhere", "second"]).auth()


def test_uids_are_compared_in_lower_case(world):
    bob = world.user()
    client = bob.open()
    answer = client.auth(sender=bob.uid.upper())
    assert answer["sender"] == bob.uid


@pytest.mark.parametrize("word", ["NONE", "ALL_USERS", "ROLES", "FRIENDS", None])
def test_every_presence_subscription_is_accepted(world, word):
    world.user().connect(presenceSubscription=word)


def test_frames_sent_before_the_answer_wait_for_it(world):
    alice, bob = world.users(2)
    listener = bob.connect()
    client = alice.open()
    client.send(client.auth_frame())
    ref = client.message(bob.uid, "early")
    client.expect(type="ack", ref=ref)
    assert [frame["type"] for frame in client.seen] == ["auth", "ack"]
    listener.expect(type="message", sender=alice.uid, body={"data": {"text": "early"}})


def test_a_second_auth_frame_is_an_error_and_the_identity_stays(world):
    alice, bob, carol = world.users(3)
    listener = carol.connect()
    client = alice.connect()
    client.send(client.auth_frame(sender=bob.uid, auth=bob.token))
    assert client.expect(type="error").body["code"] == "ERR_BAD_REQUEST"
    client.say(carol.uid)
    assert listener.expect(type="message")["sender"] == alice.uid


# -- refusals: credentials


def test_an_unknown_credential_is_refused_401_and_closed_4000(world):
    refused(world.user().open(credential="no-such-token"), 401, 4000)


def test_a_revoked_credential_is_refused_401_and_closed_4000(world):
    bob = world.user()
    jwt = bob.rest().put("/me", {}).data["jwt"]
    world.backend.delete(f"/users/{bob.uid}/auth_tokens/{bob.token}").ok()
    refused(bob.open(), 401, 4000)
    refused(bob.open(credential=jwt), 401, 4000)


def test_a_forged_jwt_is_refused_401_and_closed_4000(world):
    bob = world.user()
    header, payload, signature = bob.rest().put("/me", {}).data["jwt"].split(".")
    forged = ".".join((header, payload, signature[:-6] + ("AAAAAA" if signature[-6:] != "AAAAAA" else "BBBBBB")))
    refused(bob.open(credential=forged), 401, 4000)


def test_a_credential_of_another_app_is_refused_401_and_closed_4000(world, second):
    stranger = second.user()
    refused(world.keep(Client(world.daemon, stranger.uid, stranger.token, app="dev")), 401, 4000)


def test_a_credential_of_another_user_is_refused_401_and_closed_4000(world):
    alice, bob = world.users(2)
    refused(alice.open(credential=bob.token), 401, 4000)


def test_a_deleted_users_token_is_refused_401_and_closed_4000(world):
    bob = world.user()
    world.backend.delete(f"/users/{bob.uid}").ok()
    refused(bob.open(), 401, 4000)


@pytest.mark.parametrize(
    "flaw",
    [
        {"audience": "dev"},
        {"audience": None},
        {"key": "not-the-shared-secret-of-that-backend"},
        {"exp": None},
        {"kid": "RS256"},
        {"kid": "nobody"},
    ],
    ids=["other-audience", "no-audience", "wrong-secret", "no-exp", "algorithm-of-another-key", "unknown-kid"],
)
def test_a_flawed_app_jwt_is_refused_401_and_closed_4000(second, flaw):
    refused(app_jwt_client(second, second.user(), **flaw), 401, 4000)


def test_an_unsigned_jwt_is_refused_401_and_closed_4000(second):
    import base64

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    bob = second.user()
    unsigned = part({"alg": "none"}) + "." + part({"sub": bob.uid, "aud": "second", "exp": 4102444800}) + "."
    refused(second.keep(Client(second.daemon, bob.uid, unsigned, app="second")), 401, 4000)


def test_a_public_key_is_no_shared_secret(second):
    """The classic confusion: HS256 signed with the PEM of the RS256 key."""
    import base64
    import hashlib
    import hmac
    import time

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    bob = second.user()
    claims = {"sub": bob.uid, "aud": "second", "exp": int(time.time()) + 600}
    for kid in ("RS256", "HS256"):
        text = part(json.dumps({"alg": "HS256", "kid": kid}).encode()) + "." + part(json.dumps(claims).encode())
        signature = hmac.new(keys.public_pem("RS256"), text.encode(), hashlib.sha256).digest()
        forged = f"{text}.{part(signature)}"
        refused(second.keep(Client(second.daemon, bob.uid, forged, app="second")), 401, 4000)


def test_an_app_jwt_for_a_user_who_does_not_exist_is_refused(second):
    uid = f"nobody-{uuid.uuid4().hex}"
    refused(second.keep(Client(second.daemon, uid, keys.signed(uid), app="second")), 401, 4000)


def test_an_expired_app_jwt_is_refused_401_and_closed_4002(second):
    refused(app_jwt_client(second, second.user(), expires_in=-60), 401, 4002)


def test_an_expired_gateway_jwt_is_refused_401_and_closed_4002(start_world):
    world = start_world(HALLEY_RULES_JWTLIFETIME=1)
    bob = world.user()
    jwt = bob.rest().put("/me", {}).data["jwt"]

    def expired():
        client = bob.open(credential=jwt)
        client.send(client.auth_frame())
        if client.expect(type="auth").body["code"] == "200":
            client.close()
            return False
        client.expect_close(4002)
        return True

    until(expired, 40, "the expiry of a JWT with a lifetime of one second")


def test_the_skew_of_thirty_seconds_is_granted_to_an_app_jwt_and_then_its_connection_is_closed_4002(second):
    client = app_jwt_client(second, second.user(), expires_in=-27)
    client.auth()
    error = client.expect(type="error", deadline=20)
    assert error.body["closeCode"] == 4002
    client.expect_close(4002)


# -- refusals: app and user


def test_an_unknown_app_is_refused_403_and_closed_4004(world):
    answer = refused(world.user().open(), 403, 4004, app="no-such-app")
    assert answer.body["status"] == "AUTH_ERR_INVALID_APPID"


def test_a_deactivated_user_is_refused_403_and_closed_4005_until_brought_back(world):
    bob = world.user()
    world.backend.delete(f"/users/{bob.uid}", {"permanent": False}).ok()
    refused(bob.open(), 403, 4005)
    world.backend.put(f"/users/{bob.uid}", {"deactivated": False}).ok()
    bob.connect()


@pytest.mark.parametrize("body", [{"permanent": False}, None], ids=["deactivated", "deleted"])
def test_live_connections_of_a_user_who_goes_are_closed_4005(world, body):
    bob = world.user()
    client = bob.connect()
    path = f"/users/{bob.uid}"
    (world.backend.delete(path, body) if body else world.backend.delete(path)).ok()
    assert client.expect(type="error").body["closeCode"] == 4005
    client.expect_close(4005)


# -- refusals: shape


@pytest.mark.parametrize(
    "body",
    [
        {"auth": None},
        {"auth": ""},
        {"auth": 7},
        {"presenceSubscription": "EVERYBODY"},
        {"connectionMode": "sometimes"},
        {"appState": "asleep"},
        {"resume": {"lastSeq": -1}},
        {"resume": {"lastSeq": "12"}},
        {"resume": {"lastSeq": 1.5}},
    ],
    ids=json.dumps,
)
def test_a_malformed_auth_frame_is_refused_400_and_closed_4003(world, body):
    refused(world.user().open(), 400, 4003, **body)


def test_a_session_id_that_another_user_holds_is_refused_400(world):
    alice, bob = world.users(2)
    held = alice.connect()
    refused(bob.open(), 400, 4003, session=held.session)
    held.ping()


@pytest.mark.parametrize("frame", ['{"type":"user"}', '{"type":"message"}', '{"type":"app_state","body":{}}'])
def test_anything_but_auth_and_ping_before_auth_is_closed_4003(world, frame):
    client = world.user().open()
    client.send(frame)
    assert client.expect(type="error").body["closeCode"] == 4003
    client.expect_close(4003)


def test_ping_before_auth_is_answered(world):
    world.user().open().ping()


def test_no_auth_frame_in_time_is_closed_4008(start_world):
    world = start_world(HALLEY_RULES_AUTHTIMEOUT=0.5)
    client = world.user().open()
    client.ping()
    assert client.expect(type="error").body["closeCode"] == 4008
    client.expect_close(4008)


# -- refusals: too many


def test_connections_past_the_users_limit_are_refused_429_and_closed_4101(start_world):
    world = start_world(HALLEY_LIMITS_CONNECTIONSPERUSER=2)
    bob = world.user()
    first, _ = bob.connect(), bob.connect()
    refused(bob.open(), 429, 4101)
    first.close()

    def again():
        client = bob.open()
        client.send(client.auth_frame())
        return client.expect(type="auth").body["code"] == "200"

    until(again, what="room for a connection after another's end")


def test_failed_attempts_past_the_limit_are_refused_429_and_closed_4102(start_world):
    world = start_world(HALLEY_LIMITS_AUTHPERMINUTE=3)
    bob = world.user()
    for _ in range(3):
        refused(bob.open(credential="wrong"), 401, 4000)
    refused(bob.open(credential="wrong"), 429, 4102)
