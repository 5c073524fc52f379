"""Who may call what: every described route with every kind of credential, on both listeners (protocol 2, 7, 8).

What is expected is read off the description: its `tags` say where a route is, its `security` what opens it.
"""

import json
import os
import urllib.parse

import pytest

from halley import World
from halley.catalogue import Target, call_of, operations
from halley.rest import Answer

ROUTES = operations()
# Routes with a credential of their own have tests of their own.
WALKED = [name for name in ROUTES if name != "POST api/{version}/online-members"]

EMPTY_APP = (401, "AUTH_ERR_EMPTY_APPID")
UNKNOWN_APP = (403, "AUTH_ERR_INVALID_APPID")
EMPTY_KEY = (401, "AUTH_ERR_EMPTY_APIKEY")
UNKNOWN_KEY = (401, "AUTH_ERR_APIKEY_NOT_FOUND")
EMPTY_TOKEN = (401, "AUTH_ERR_EMPTY_AUTH_TOKEN")
UNKNOWN_TOKEN = (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
NO_ACCESS = (403, "AUTH_ERR_NO_ACCESS")
NOWHERE = "not there"
OPEN = "open"


def kind(operation):
    """What opens a route: `app`, `user` (a token, or the backend for one), `own` (a token only), `key`, `backend`."""
    described = ROUTES[operation]
    if "backend" in described["tags"]:
        return "backend"
    if "security" not in described:
        return "user"
    openers = [sorted(set(choice) - {"appId"}) for choice in described["security"]]
    return {"[]": "app", '["apiKey"]': "key", '["authToken"]': "own"}[json.dumps(sum(openers, []))]


# kind of route: what each credential gets. A user's token and an auth key open the same on both listeners.
TOKEN = {"app": OPEN, "user": OPEN, "own": OPEN, "key": NO_ACCESS, "backend": NO_ACCESS}
WRONG_TOKEN = {"app": OPEN, "user": UNKNOWN_TOKEN, "own": UNKNOWN_TOKEN, "key": NO_ACCESS, "backend": NO_ACCESS}
AUTH_KEY = {"app": OPEN, "user": NO_ACCESS, "own": NO_ACCESS, "key": OPEN, "backend": NO_ACCESS}
FULL_KEY = {"app": OPEN, "user": OPEN, "own": NO_ACCESS, "key": OPEN, "backend": OPEN}
NOTHING = {"app": OPEN, "user": EMPTY_TOKEN, "own": EMPTY_TOKEN, "key": EMPTY_KEY}


def always(expected):
    return dict.fromkeys(("app", "user", "own", "key", "backend"), expected)


# (name, headers, what it gets in public, what it gets on the Unix socket)
CREDENTIALS = [
    ("no app", {"appId": None, "authToken": "TOKEN"}, always(EMPTY_APP), always(EMPTY_APP)),
    ("empty app", {"appId": "", "apiKey": "dev-auth-key"}, always(EMPTY_APP), always(EMPTY_APP)),
    ("unknown app", {"appId": "nobody", "authToken": "TOKEN"}, always(UNKNOWN_APP), always(UNKNOWN_APP)),
    ("nothing", {}, NOTHING, always(EMPTY_KEY)),
    ("empty headers", {"apiKey": "", "authToken": ""}, NOTHING, always(EMPTY_KEY)),
    ("token", {"authToken": "TOKEN"}, TOKEN, TOKEN),
    ("wrong token", {"authToken": "wrong"}, WRONG_TOKEN, WRONG_TOKEN),
    ("another app's token", {"authToken": "SECOND"}, WRONG_TOKEN, WRONG_TOKEN),
    ("auth key", {"apiKey": "dev-auth-key"}, AUTH_KEY, AUTH_KEY),
    ("auth key beside a token", {"apiKey": "dev-auth-key", "authToken": "TOKEN"}, AUTH_KEY, AUTH_KEY),
    ("another app's auth key", {"apiKey": "second-auth-key"}, always(UNKNOWN_KEY), always(UNKNOWN_KEY)),
    ("api key", {"apiKey": "dev-api-key", "onBehalfOf": "USER"}, always(NO_ACCESS), FULL_KEY),
    ("another app's api key", {"apiKey": "second-api-key"}, always(UNKNOWN_KEY), always(UNKNOWN_KEY)),
    ("wrong key", {"apiKey": "wrong"}, always(UNKNOWN_KEY), always(UNKNOWN_KEY)),
    ("wrong key beside a token", {"apiKey": "wrong", "authToken": "TOKEN"}, always(UNKNOWN_KEY), always(UNKNOWN_KEY)),
    ("a key's beginning", {"apiKey": "dev-auth-ke"}, always(UNKNOWN_KEY), always(UNKNOWN_KEY)),
]


class Kept:
    """One connection for many requests."""

    def __init__(self, api):
        self.connection = api.connection()
        self.prefix = api.prefix

    def ask(self, method, path, arguments, options, headers):
        target = self.prefix + path
        if "query" in options:
            target += "?" + urllib.parse.urlencode(options["query"])
        body = None
        if arguments:
            body = arguments[0] if isinstance(arguments[0], bytes) else json.dumps(arguments[0]).encode()
        sent = {name: value for name, value in headers.items() if value is not None}
        self.connection.request(method, target, body=body, headers=sent | {"content-type": "application/json"})
        response = self.connection.getresponse()
        if response.status == 200 and "ndjson" in response.headers.get("content-type", ""):
            # It may never end: that it began is all that is asked here.
            self.connection.close()
            return Answer(200, response.headers, b'{"data":[]}')
        return Answer(response.status, response.headers, response.read())


class Stage:
    """A user with tokens, and objects that nobody has."""

    def __init__(self, world, second):
        self.world = world
        self.user = world.user()
        self.second_token = second.user().token
        self.target = Target.of_nobody(self.user.uid)

    def headers(self, template):
        # A token for each use: one of the routes ends it.
        values = {"SECOND": self.second_token, "USER": self.user.uid}
        if "TOKEN" in template.values():
            values["TOKEN"] = self.user.new_token()
        return {"appId": "dev"} | {name: values.get(value, value) for name, value in template.items()}


@pytest.fixture
def stage(world, second):
    return Stage(world, second)


def judge(operation, name, answer, expected):
    told = (operation, name, answer.status, answer.body[:300])
    document = json.loads(answer.body)
    code = document.get("error", {}).get("code")
    if expected == OPEN:
        # Whatever it says of objects that nobody has, it is nothing about the credential.
        assert not (code or "").startswith("AUTH_ERR_"), told
        assert answer.status < 500, told
    elif expected == NOWHERE:
        assert (answer.status, code) in ((404, "ERR_API_NOT_FOUND"), (405, "ERR_API_NOT_FOUND")), told
    else:
        assert (answer.status, code) == expected, told


def walk(api, operation, stage, column):
    """Tries every credential on one route; `column`: where its outcome stands in the table."""
    call = call_of(operation)
    method = operation.split()[0]
    path = stage.target.path(operation, call)
    for name, template, *outcomes in CREDENTIALS:
        expected = NOWHERE if column == 0 and kind(operation) == "backend" else outcomes[column][kind(operation)]
        kept = Kept(api)
        arguments, options = call.arguments(stage.target)
        answer = kept.ask(method, path, arguments, options, stage.headers(template))
        kept.connection.close()
        judge(operation, name, answer, expected)


@pytest.mark.parametrize("operation", WALKED)
def test_in_public_each_route_opens_to_its_credentials_only(stage, operation):
    walk(stage.world.daemon.public(), operation, stage, 0)


@pytest.mark.parametrize("operation", WALKED)
def test_on_the_socket_each_route_opens_to_its_credentials_only(stage, operation):
    walk(stage.world.daemon.backend(key=None), operation, stage, 1)


# -- with SO_PEERCRED, and with full keys in public


@pytest.fixture(scope="module")
def trusting(request):
    """A daemon that trusts this process by its uid, and takes full keys in public."""
    from halley import Daemon

    daemon = Daemon(env={"HALLEY_BACKEND_ALLOWUIDS": os.getuid(), "HALLEY_PUBLIC_ALLOWAPIKEYS": "true"})
    try:
        yield World(daemon.start())
    finally:
        daemon.discard()


def ask(api, operation, target, headers):
    call = call_of(operation)
    arguments, options = call.arguments(target)
    kept = Kept(api)
    try:
        return kept.ask(operation.split()[0], target.path(operation, call), arguments, options, headers)
    finally:
        kept.connection.close()


@pytest.mark.parametrize("operation", WALKED)
def test_a_trusted_peer_needs_no_key_but_a_wrong_one_is_refused(trusting, operation):
    user = trusting.user()
    target = Target.of_nobody(user.uid)
    backend = trusting.daemon.backend(key=None)
    for name, headers, expected in [
        ("no key", {"appId": "dev", "onBehalfOf": user.uid}, FULL_KEY),
        ("empty key", {"appId": "dev", "apiKey": "", "onBehalfOf": user.uid}, FULL_KEY),
        ("wrong key", {"appId": "dev", "apiKey": "wrong"}, always(UNKNOWN_KEY)),
        ("auth key", {"appId": "dev", "apiKey": "dev-auth-key"}, AUTH_KEY),
        ("no app", {}, always(EMPTY_APP)),
    ]:
        judge(operation, name, ask(backend, operation, target, headers), expected[kind(operation)])
    full = {"appId": "dev", "apiKey": "dev-api-key", "onBehalfOf": user.uid}
    expected = NOWHERE if kind(operation) == "backend" else FULL_KEY[kind(operation)]
    judge(operation, "api key in public", ask(trusting.daemon.public(), operation, target, full), expected)


@pytest.mark.parametrize("prefix", ["", "/v3", "/v3.0"])
@pytest.mark.parametrize("headers", [{}, {"appId": "dev", "authToken": "x"}], ids=["bare", "with headers"])
def test_an_unknown_route_is_404_whatever_is_presented(daemon, prefix, headers):
    for api in (daemon.public(app=None), daemon.backend(key=None, app=None)):
        api.having(**headers).get("/no-such-route", prefix=prefix).refused(404, "ERR_API_NOT_FOUND")
