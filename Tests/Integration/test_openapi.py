"""The gateway against its own description: requests made of `/openapi.yaml`, good ones and bad ones, sent over the Unix
socket; each answer must be described, and none may be a 5xx.

`SCHEMA_EXAMPLES` (requests per operation) and `SCHEMA_SEED` make a run longer or another one; see `make conformance`.
"""

import os

import hypothesis
import pytest
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from halley import World, described

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "8"))
SEED = int(os.environ.get("SCHEMA_SEED", "1"))

# Its answer never ends.
ENDLESS = {"GET /events"}

# Refused before any route is known, in plain text: the target, or the headers.
TOO_LONG = {414, 431}

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]

# What exists, so that requests come past the 404s: drawn in place of what the description alone would give.
PEOPLE = ("ann", "ben", "cat", "dan")
GROUPS = ("public", "private", "password")


@pytest.fixture(scope="module")
def description(daemon):
    answer = daemon.backend().get("/openapi.yaml", prefix="")
    return described.load(answer.body.decode())


@pytest.fixture
def known(daemon):
    """People and groups with a message each, made anew for every operation, as the one before may have removed them."""
    world = World(daemon)
    api = world.backend
    for uid in PEOPLE:
        api.post("/users", {"uid": uid, "name": uid.title()})
        api.put(f"/users/{uid}", {"deactivated": False})
    messages = []
    for guid in GROUPS:
        api.delete(f"/groups/{guid}")
        group = {"guid": guid, "name": guid, "type": guid, "owner": PEOPLE[0]}
        api.post("/groups", {**group, "password": "open"} if guid == "password" else group)
        api.put(f"/groups/{guid}/members", {"moderators": [PEOPLE[1]], "participants": [PEOPLE[2]]})
        messages.append(send(api, guid, "group"))
    messages.append(send(api, PEOPLE[1], "user"))
    yield {"uid": PEOPLE, "guid": GROUPS, "id": [id for id in messages if id], "emoji": ("👍", "❤️")}
    world.close()


def send(api, receiver, kind):
    body = {"receiver": receiver, "receiverType": kind, "category": "message", "type": "text", "data": {"text": "hi"}}
    answer = api.acting(PEOPLE[0]).post("/messages", body)
    return answer.data["id"] if answer.status == 200 else None


def pytest_generate_tests(metafunc):
    if "operation" in metafunc.fixturenames:
        source = described.ROOT_DESCRIPTION.read_text()
        operations = [result.ok() for result in described.load(source).get_all_operations()]
        metafunc.parametrize("operation", [o for o in operations if o.label not in ENDLESS], ids=lambda o: o.label)


def test_the_served_description_is_the_one_in_the_tree(daemon):
    answer = daemon.backend().get("/openapi.yaml", prefix="")
    assert answer.body == described.ROOT_DESCRIPTION.read_bytes()


def test_answers_are_as_described(operation, daemon, known):
    headers = {key.lower(): value for key, value in daemon.backend().headers.items()}
    session = described.session(daemon.socket)

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(data=st.data())
    def walk(data):
        modes = [GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
        case = data.draw(operation.as_strategy(generation_mode=data.draw(st.sampled_from(modes))))
        for name, values in known.items():
            if name in (case.path_parameters or {}) and data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(values))
        sent = dict(headers)
        if data.draw(st.integers(0, 3)):
            sent["onbehalfof"] = data.draw(st.sampled_from(PEOPLE))
        for name in list(case.headers or {}):
            if name.lower() in ("appid", "apikey", "authtoken", "onbehalfof"):
                del case.headers[name]
        answer = case.call(session=session, base_url="http://localhost", headers=sent)
        if answer.status_code not in TOO_LONG:
            case.validate_response(answer, checks=CHECKS)

    walk()
