"""App-signed JWTs whose keys stand in a JWKS file, and how they rotate (protocol 2)."""

import json
import signal

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from halley import Client, World, keys, until

PRIVATE = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "HS256": "a-secret-of-thirty-two-bytes-and-some",
}
# What identity providers keep in the same set, and nobody here can check a signature with.
STRANGERS = [
    {"kty": "RSA", "use": "enc", "kid": "encryption", "n": "AQAB", "e": "AQAB"},
    {"kty": "EC", "crv": "P-521", "kid": "P-521", "x": "AQAB", "y": "AQAB"},
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "ML-DSA-44", "pub": "AQAB"},
]


def key_set(*keys_of_it):
    return json.dumps({"keys": [*keys_of_it]})


def app_file(app="keyed"):
    return yaml.safe_dump(
        {"id": app, "authKey": f"{app}-auth", "apiKeys": [f"{app}-api"], "jwt": {"jwksFile": "keys.json"}}
    )


@pytest.fixture
def keyed(start_daemon):
    """A world in an app whose keys are all in its JWKS file, each named by its algorithm."""
    known = [keys.public_jwk(key, kid) for kid, key in PRIVATE.items()]
    daemon = start_daemon(app_files={"keyed.yaml": app_file(), "keys.json": key_set(*STRANGERS, *known)})
    world = World(daemon, app="keyed", key="keyed-api")
    yield world
    world.close()


def client(world, user, key="ES256", **claims):
    kid = claims.pop("kid", key)
    token = keys.signed(user.uid, audience="keyed", algorithm=key, key=PRIVATE[key], kid=kid, **claims)
    return world.keep(Client(world.daemon, user.uid, token, app="keyed"))


def refused(opened, code=401, close=4000):
    opened.send(opened.auth_frame())
    opened.expect_refusal(code, close)


def reload(daemon, text):
    """Replaces the key set and has it read; what the log says of it."""
    (daemon.directory / "apps.d/keys.json").write_text(text)
    said = len(daemon.lines)
    daemon.signal(signal.SIGHUP)

    def answer():
        lines = [line for line in list(daemon.lines)[said:] if "configuration" in line]
        return lines[0] if lines else None

    return until(answer, what="the outcome of the reload")


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_each_algorithm_is_checked_with_its_key_of_the_set(keyed, algorithm):
    bob = keyed.user()
    client(keyed, bob, algorithm).auth()
    refused(client(keyed, bob, algorithm, expires_in=-60), close=4002)
    refused(client(keyed, bob, algorithm, aud="other"))
    refused(client(keyed, bob, algorithm, exp=None))
    # The key is named, and is good for one algorithm only.
    refused(client(keyed, bob, algorithm, kid=next(name for name in PRIVATE if name != algorithm)))
    refused(client(keyed, bob, algorithm, kid="nobody"))


def test_a_token_that_names_no_key_may_be_signed_with_any_of_its_algorithm(keyed):
    import jwt

    bob = keyed.user()
    for algorithm, key in PRIVATE.items():
        claims = {"sub": bob.uid, "aud": ["x", "keyed"], "exp": 4_000_000_000}
        token = jwt.encode(claims, key, algorithm=algorithm)
        keyed.keep(Client(keyed.daemon, bob.uid, token, app="keyed")).auth()


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_from_the_future_is_refused_past_the_skew(keyed, claim):
    import time

    bob = keyed.user()
    client(keyed, bob, **{claim: int(time.time()) + 20}).auth()
    refused(client(keyed, bob, **{claim: int(time.time()) + 60}))


def test_keys_rotate_on_sighup_and_live_connections_stay(keyed):
    bob = keyed.user()
    live = client(keyed, bob)
    live.auth()
    following = ec.generate_private_key(ec.SECP256R1())
    assert "reloaded" in reload(keyed.daemon, key_set(keys.public_jwk(following, "next")))
    refused(client(keyed, bob))
    token = keys.signed(bob.uid, audience="keyed", algorithm="ES256", key=following, kid="next")
    keyed.keep(Client(keyed.daemon, bob.uid, token, app="keyed")).auth()
    live.ping()
    assert live.close_code is None


def test_a_live_connection_ends_with_its_token_though_its_key_is_gone(keyed):
    bob = keyed.user()
    live = client(keyed, bob, expires_in=-26)  # Four seconds are left of the skew.
    live.auth()
    assert "reloaded" in reload(keyed.daemon, key_set(keys.public_jwk(PRIVATE["EdDSA"], "EdDSA")))
    assert live.expect(type="error", deadline=20).body["closeCode"] == 4002
    live.expect_close(4002)


@pytest.mark.parametrize(
    "text, named",
    [
        ("{", "is no JWKS"),
        ('{"keys":[]}', "keys: holds no key"),
        (key_set(keys.public_jwk(PRIVATE["ES256"], "a"), {"kty": "RSA", "e": "AQAB"}), "keys[1].n: is missing"),
        (key_set(keys.public_jwk(PRIVATE["HS256"], "a", alg=None)), "keys[0].alg: must be a string"),
        (
            key_set(keys.public_jwk(PRIVATE["ES256"], "a"), keys.public_jwk(PRIVATE["EdDSA"], "a")),
            'keys[1].kid: "a" names another key already',
        ),
        (key_set(keys.public_jwk(PRIVATE["ES256"], "halley")), "keys[0].kid"),
    ],
    ids=["no-json", "empty", "no-modulus", "no-algorithm", "twice", "the-gateways-own"],
)
def test_a_malformed_key_set_is_refused_by_reload_and_by_start_naming_file_and_key(keyed, text, named):
    bob = keyed.user()
    daemon = keyed.daemon
    said = reload(daemon, text)
    assert "left as it was" in said and "keys.json" in said and named in said.replace('\\"', '"'), said
    client(keyed, bob).auth()
    keyed.close()
    assert daemon.stop() == 0
    with pytest.raises(AssertionError, match="ended with 78"):
        daemon.restart()
    assert "keys.json" in daemon.output and named in daemon.output


def test_a_key_set_that_is_gone_is_refused_by_reload(keyed):
    (keyed.daemon.directory / "apps.d/keys.json").unlink()
    keyed.daemon.signal(signal.SIGHUP)
    until(lambda: "jwt.jwksFile" in keyed.daemon.output, what="a log line about the missing file")
    client(keyed, keyed.user()).auth()
