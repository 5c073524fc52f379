"""REST on the public listener: login, settings, users, history (protocol 7)."""

import re
import uuid

import pytest

PREFIXES = ["", "/v3", "/v3.0"]

# -- login


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_device_logs_in_as_an_sdk_does(world, prefix):
    bob = world.user("bob")
    auth_key = world.daemon.public(apiKey="dev-auth-key")
    made = auth_key.post(f"/users/{bob.uid}/auth_tokens", prefix=prefix).data
    assert (made["uid"], made["name"]) == (bob.uid, bob.name)
    token = made["authToken"]
    device = {"platform": "javascript", "deviceId": "dev_1", "appInfo": {"version": "4.0.10", "apiVersion": "v3.0"}}
    me = world.daemon.public(authToken=token).put("/me", device, prefix=prefix).data
    assert (me["uid"], me["name"], me["authToken"]) == (bob.uid, bob.name, token)
    assert me["role"] == "default"
    assert me["jwt"]
    assert "wsChannel" in me
    assert me["settings"]["CHAT_API_VERSION"] == "v3.0"
    bob.open(credential=me["jwt"]).auth()


def test_settings_have_every_documented_key(world):
    settings = world.user().rest().get("/settings").data
    host = f"localhost:{world.daemon.port}"
    assert settings["CHAT_HOST"] == "localhost"
    assert int(settings["CHAT_WSS_PORT"]) == world.daemon.port
    assert settings["CHAT_API_VERSION"] == "v3.0"
    assert settings["ADMIN_API_HOST"] == host
    assert settings["CLIENT_API_HOST"] == host
    assert settings["MODE"] == "DEFAULT"
    assert settings["ANALYTICS_PING_DISABLED"] is True
    assert settings["APP_VERSION"] == 4
    assert settings["extensions"] == []
    assert settings["parameters"] == {}
    assert settings["settingsHash"]
    assert {"WS_API_VERSION", "REGION"} <= set(settings)


def test_me_is_ones_own_record(world):
    bob = world.user(metadata={"city": "Bern"}, tags=["x"])
    me = bob.rest().get("/me").data
    assert me["uid"] == bob.uid
    assert me["metadata"] == {"city": "Bern"}
    assert me["tags"] == ["x"]
    assert me["jwt"], "SDKs fetch a fresh jwt so"


def test_logout_voids_the_token_and_its_jwt(world):
    bob = world.user()
    jwt = bob.rest().put("/me", {}).data["jwt"]
    client = bob.connect(credential=jwt)
    bob.rest().delete("/me").ok()
    client.expect_close(4001)
    bob.rest().get("/me").refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")


def test_user_sessions_are_accepted(world):
    assert world.user().rest().post("/user_sessions", {"anything": 1}).data is not None


# -- credentials


def test_refusals_of_credentials(world):
    bob = world.user()
    public = world.daemon.public
    public(app=None, authToken=bob.token).get("/me").refused(401, "AUTH_ERR_EMPTY_APPID")
    public(app="no-such-app", authToken=bob.token).get("/me").refused(403, "AUTH_ERR_INVALID_APPID")
    public().get("/me").refused(401, "AUTH_ERR_EMPTY_AUTH_TOKEN")
    public(authToken="wrong").get("/me").refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    public(app="second", authToken=bob.token).get("/me").refused(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
    public(apiKey="wrong").post(f"/users/{bob.uid}/auth_tokens").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")
    public(apiKey="second-auth-key").post(f"/users/{bob.uid}/auth_tokens").refused(401, "AUTH_ERR_APIKEY_NOT_FOUND")
    public().post(f"/users/{bob.uid}/auth_tokens").refused(401)


def test_a_full_access_key_is_refused_on_the_public_listener(world):
    bob = world.user()
    world.daemon.public(apiKey="dev-api-key").post(f"/users/{bob.uid}/auth_tokens").refused(403, "AUTH_ERR_NO_ACCESS")


def test_a_full_access_key_is_accepted_when_the_configuration_turns_that_on(start_world):
    world = start_world(HALLEY_PUBLIC_ALLOWAPIKEYS="true")
    bob = world.user()
    made = world.daemon.public(apiKey="dev-api-key").post(f"/users/{bob.uid}/auth_tokens").data
    bob.open(credential=made["authToken"]).auth()


def test_backend_routes_are_not_on_the_public_listener(world):
    bob = world.user()
    rest = bob.rest()
    auth_key = world.daemon.public(apiKey="dev-auth-key")
    for api in (rest, auth_key):
        for method, path in [
            ("POST", "/messages/bulk"),
            ("POST", f"/users/{bob.uid}/disconnect"),
            ("POST", "/apps/dev/disconnect"),
            ("GET", "/presence?uids=alice"),
            ("POST", "/transient"),
        ]:
            answer = api.request(method, path, {})
            assert answer.status in (401, 403, 404), (method, path, answer.status)
    for path in ("/metrics", "/healthz", "/readyz"):
        assert rest.get(path, prefix="").status == 404


def test_on_behalf_of_means_nothing_to_a_client(world):
    alice, bob, carol = world.users(3)
    message = alice.rest(onBehalfOf=carol.uid).post("/messages", text_to(bob)).data
    assert message["sender"] == alice.uid


# -- users


def test_the_auth_key_creates_and_updates_users(world):
    api = world.daemon.public(apiKey="dev-auth-key")
    bob = world.user()
    uid = f"New-{bob.uid}"
    made = api.post("/users", {"uid": uid.upper(), "name": "New", "avatar": "https://example.com/a.png"}).data
    assert made["uid"] == uid.lower()
    assert (made["role"], made["status"]) == ("default", "offline")
    assert isinstance(made["createdAt"], int)
    api.post("/users", {"uid": uid, "name": "Twice"}).refused(409, "ERR_UID_ALREADY_EXISTS")
    changed = api.put(f"/users/{uid}", {"name": "Newer", "statusMessage": "busy"}).data
    assert (changed["name"], changed["statusMessage"], changed["avatar"]) == (
        "Newer",
        "busy",
        "https://example.com/a.png",
    )
    api.put("/users/nobody-of-that-name", {"name": "x"}).refused(404, "ERR_UID_NOT_FOUND")
    assert bob.rest().get(f"/users/{uid}").data["name"] == "Newer"


@pytest.mark.parametrize("uid", ["", "a b", "ä", "x" * 101, "a@b", "a/b"])
def test_a_malformed_uid_is_refused_naming_the_field(world, uid):
    error = world.daemon.public(apiKey="dev-auth-key").post("/users", {"uid": uid, "name": "x"}).refused(400)
    assert "uid" in error["message"]


@pytest.mark.parametrize(
    "field, value",
    [
        ("name", "n" * 101),
        ("name", ""),
        ("avatar", "https://" + "a" * 3000),
        ("metadata", {"k": "v" * 5200}),
        ("metadata", "text"),
        ("tags", ["t"] * 26),
        ("tags", ["t" * 101]),
        ("tags", "t"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_field_over_its_limit_is_refused_400_naming_it(world, field, value):
    body = {"uid": world.user().uid + "-x", "name": "x"} | {field: value}
    error = world.daemon.public(apiKey="dev-auth-key").post("/users", body).refused(400)
    assert field in error["message"]


def test_absent_fields_are_left_out_never_null(world):
    bob = world.user()
    answer = bob.rest().get(f"/users/{bob.uid}")
    assert b"null" not in answer.body
    assert "avatar" not in answer.data


def test_one_user_and_an_unknown_one(world):
    alice, bob = world.users(2)
    assert alice.rest().get(f"/users/{bob.uid.upper()}").data["uid"] == bob.uid
    alice.rest().get("/users/nobody-of-that-name").refused(404, "ERR_UID_NOT_FOUND")


def test_users_are_listed_searched_and_filtered(world):
    mark = uuid.uuid4().hex[:10]
    alice = world.user(name=f"Alpha {mark}")
    vip = world.user(name=f"Beta {mark}", role="vip", tags=["gold"])
    other = world.user(name=f"Gamma {mark}", tags=["silver"])

    def listed(**query):
        return sorted(row["uid"] for row in alice.rest().get("/users", query=query).data)

    # Whether one's own record is in the list is left open: SDKs take both.
    assert set(listed(searchKey=mark)) - {alice.uid} == {vip.uid, other.uid}
    assert listed(searchKey=f"beta {mark}") == [vip.uid]
    assert listed(searchKey=mark, roles="vip") == [vip.uid]
    assert listed(searchKey=mark, tags="silver") == [other.uid]
    world.backend.post(f"/users/{alice.uid}/friends", {"friends": [other.uid]}).ok()
    assert listed(searchKey=mark, friendsOnly="true") == [other.uid]
    other.connect()
    assert listed(searchKey=mark, status="online") == [other.uid]
    assert vip.uid in listed(searchKey=mark, status="offline")
    answer = alice.rest().get("/users", query={"searchKey": mark, "status": "sleepy"})
    answer.refused(400)


def test_users_are_listed_in_pages(world):
    mark = uuid.uuid4().hex[:10]
    uids = sorted(world.user(name=f"P{index} {mark}").uid for index in range(5))
    alice = world.user()
    pages = [
        alice.rest().get("/users", query={"searchKey": mark, "per_page": 2, "page": page}) for page in (1, 2, 3, 4)
    ]
    found = [row["uid"] for page in pages for row in page.data]
    assert sorted(found) == sorted(set(found)), "no user twice"
    assert set(uids) <= set(found)
    assert pages[3].data == []
    assert pages[0].json["meta"]["pagination"]["per_page"] == 2


# -- messages


def text_to(receiver, text="x", kind="user", **body):
    uid = receiver if isinstance(receiver, str) else receiver.uid
    return {"receiver": uid, "receiverType": kind, "category": "message", "type": "text", "data": {"text": text}} | body


def test_a_text_as_the_sdk_sends_it(world):
    alice, bob = world.users(2)
    body = {"reactions": [], "mentionedUsers": [], "mentionedMe": False, "text": "hello"} | text_to(bob, "hello")
    message = alice.rest().post("/messages", body).data
    assert re.fullmatch(r"[1-9][0-9]*", message["id"])
    assert (message["sender"], message["receiver"]) == (alice.uid, bob.uid)
    assert message["data"]["text"] == "hello"
    assert message["data"]["entities"]["receiver"]["entity"]["uid"] == bob.uid
    assert "null" not in str(message)
    again = bob.rest().get(f"/messages/{message['id']}").data
    assert (again["id"], again["data"]["text"]) == (message["id"], "hello")


def test_one_message_is_for_those_it_concerns(world):
    alice, bob, stranger = world.users(3)
    message = alice.send(bob.uid)
    stranger.rest().get(f"/messages/{message['id']}").refused(403, "ERR_MESSAGE_NO_ACCESS")
    alice.rest().get("/messages/999999999999").refused(404, "ERR_MESSAGE_ID_NOT_FOUND")
    alice.rest().get("/messages/xyz").refused(400)


@pytest.fixture
def history(world):
    """Thirty messages from alice to bob, oldest first; ids as numbers."""
    alice, bob = world.users(2)
    return alice, bob, [alice.send(bob.uid, f"n{index}")["id"] for index in range(30)]


def page(user, other, **query):
    return user.rest().get(f"/users/{other.uid}/messages", query={"per_page": 10} | query)


def test_without_a_cursor_the_newest_page_comes_ascending(history):
    alice, bob, ids = history
    answer = page(bob, alice)
    assert [message["id"] for message in answer.data] == ids[20:]


def test_paging_backwards_is_complete_and_exclusive(history):
    alice, bob, ids = history
    found, cursor = [], None
    while True:
        rows = page(bob, alice, per_page=7, **({"id": cursor, "affix": "prepend"} if cursor else {})).data
        if not rows:
            break
        found = [row["id"] for row in rows] + found
        cursor = rows[0]["id"]
    assert found == ids


def test_paging_forwards_is_complete_and_exclusive(history):
    alice, bob, ids = history
    found, cursor = ids[:1], ids[0]
    while True:
        rows = page(bob, alice, per_page=7, id=cursor, affix="append").data
        if not rows:
            break
        found += [row["id"] for row in rows]
        cursor = rows[-1]["id"]
    assert found == ids


def test_both_sides_see_the_same_history(history):
    alice, bob, ids = history
    assert [m["id"] for m in page(alice, bob, per_page=100).data] == ids
    assert [m["id"] for m in page(bob, alice, per_page=1000).data] == ids


def test_a_sent_at_cursor_works_like_an_id(history):
    alice, bob, ids = history
    rows = page(bob, alice, per_page=100).data
    newest = rows[-1]["sentAt"]
    older = page(bob, alice, per_page=100, sentAt=newest, affix="prepend").data
    assert all(row["sentAt"] < newest for row in older)
    assert [row["id"] for row in page(bob, alice, per_page=100, sentAt=newest + 1).data] == ids
    assert page(bob, alice, sentAt=newest, affix="append").data == []


def test_history_is_filtered_by_category_type_and_parent(world):
    alice, bob = world.users(2)
    root = alice.send(bob.uid, "root")["id"]
    reply = alice.send(bob.uid, "reply", parentId=root)["id"]
    custom = (
        alice.rest()
        .post("/messages", text_to(bob, category="custom", type="pin", data={"customData": {"a": 1}}))
        .data["id"]
    )

    def found(**query):
        return [message["id"] for message in page(bob, alice, per_page=100, **query).data]

    assert found() == [root, reply, custom]
    assert found(category="custom") == [custom]
    assert found(type="text") == [root, reply]
    assert found(parentId=root) == [reply]
    assert found(hideReplies=1) == [root, custom]


def test_all_conversations_in_one_list(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob)
    foreign = world.group(carol)
    start = alice.send(bob.uid, "first")["id"]
    ids = [carol.send(bob.uid, "second")["id"], alice.send(guid, "third", "group")["id"]]
    carol.send(foreign, "hidden", "group")
    carol.send(alice.uid, "hidden")
    rows = bob.rest().get("/messages", query={"id": start, "affix": "append", "category": "message"}).data
    assert [row["id"] for row in rows] == ids


def test_group_history_is_for_members(world):
    alice, outsider = world.users(2)
    guid = world.group(alice)
    ids = [alice.send(guid, str(index), "group")["id"] for index in range(3)]
    found = alice.rest().get(f"/groups/{guid}/messages", query={"category": "message"}).data
    assert [row["id"] for row in found] == ids
    outsider.rest().get(f"/groups/{guid}/messages").refused(403, "ERR_NOT_A_MEMBER")


@pytest.mark.parametrize(
    "query",
    [{"id": "x"}, {"affix": "sideways"}, {"per_page": "0"}, {"per_page": "ten"}, {"sentAt": "noon"}, {"limit": ""}],
    ids=str,
)
def test_a_parameter_outside_its_words_is_refused(history, query):
    alice, bob, _ = history
    if "limit" in query:
        # A parameter nobody knows is no error: SDKs send some of their own.
        assert len(page(bob, alice, **query).data) == 10
    else:
        page(bob, alice, **query).refused(400)


def test_messages_of_a_deleted_user_stay(world):
    alice, bob = world.users(2)
    message = alice.send(bob.uid, "remember me")
    world.backend.delete(f"/users/{alice.uid}").ok()
    assert bob.rest().get(f"/messages/{message['id']}").data["data"]["text"] == "remember me"


# -- the surface


def test_an_unknown_path_is_404(world):
    world.user().rest().get("/no-such-thing").refused(404, "ERR_API_NOT_FOUND")


def test_a_body_that_is_no_json_is_400(world):
    bob = world.user()
    for body in (b"{", b"[]", b'"x"', b"\xff", b""):
        bob.rest().post("/messages", body).refused(400)
