"""Search in histories: found at once, by words, in one's own conversations only; still there after a restart."""


def found(user, key, path="/messages", **query):
    rows = user.rest().get(path, query={"searchKey": key, "per_page": 100} | query).data
    return [row["id"] for row in rows]


def test_a_message_is_found_as_soon_as_it_is_sent(world):
    alice, bob, carol = world.users(3)
    word = f"w{alice.uid.split('-')[-1]}"
    ids = []
    for n in range(30):
        ids.append(alice.send(bob.uid, f"Number {n}: {word}")["id"])
        assert found(bob, word) == ids
    assert found(alice, word[:5].upper()) == ids
    assert found(bob, f"number {word}", f"/users/{alice.uid}/messages") == ids
    assert found(carol, word) == []
    assert found(carol, word, f"/users/{alice.uid}/messages") == []
    assert found(bob, f"{word} elsewhere") == []


def test_groups_are_searched_by_their_members(world):
    alice, bob, carol = world.users(3)
    guid = world.group(alice, bob)
    word = f"w{guid.split('-')[-1]}"
    sent = alice.send(guid, f"Café {word}", kind="group")["id"]
    assert found(bob, f"cafe {word}", f"/groups/{guid}/messages") == [sent]
    assert found(bob, word) == [sent]
    assert found(carol, word) == []
    carol.rest().get(f"/groups/{guid}/messages", query={"searchKey": word}).refused(403, "ERR_NOT_A_MEMBER")


def test_odd_texts_are_words_too(world):
    alice, bob = world.users(2)
    word = f"w{bob.uid.split('-')[-1]}"
    sent = alice.send(bob.uid, f"plain {word}")["id"]
    for key in (f'"{word}"', f"{word}*", f"({word}", f"{word} -- '", f"\x00{word}", f"+{word}:"):
        assert found(bob, key) == [sent], key
    assert found(bob, f"{word} AND") == []
    for key in ('"', "*", "' OR 1=1", "%"):
        assert found(bob, key) == [], key
    assert found(bob, word + " " + "x" * 3000) == []


def test_a_search_is_paged(world):
    alice, bob = world.users(2)
    word = f"w{bob.uid.split('-')[-1]}"
    ids = [alice.send(bob.uid, f"{word} {n}")["id"] for n in range(7)]
    alice.send(bob.uid, "something else")
    pages, cursor = [], {}
    while True:
        answer = bob.rest().get("/messages", query={"searchKey": word, "per_page": 3} | cursor).json
        pages.append([row["id"] for row in answer["data"]])
        if answer["meta"]["pagination"]["total_pages"] == 1:
            break
        cursor = {"id": answer["meta"]["cursor"]["id"]}
    assert pages == [ids[4:], ids[1:4], ids[:1]]


def test_words_are_found_after_a_restart(start_world):
    world = start_world()
    alice, bob = world.users(2)
    sent = alice.send(bob.uid, "unforgettable")["id"]
    world.daemon.restart()
    assert found(bob, "unforget") == [sent]
    later = alice.send(bob.uid, "unforgettable as well")["id"]
    assert found(bob, "unforgettable") == [sent, later]
