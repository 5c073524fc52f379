"""The playground in Chromium: two people in two windows, and how it looks."""

import pytest

from halley import ROOT, until
from halley.browser import Browser

SCREENSHOTS = ROOT / ".build/screenshots"


@pytest.fixture(scope="module")
def stage(request):
    """A fresh daemon and a browser for this file; its history is what the screenshots show."""
    from halley import Daemon

    daemon = Daemon()
    request.addfinalizer(daemon.discard)
    daemon.start()
    browser = Browser(daemon)
    request.addfinalizer(browser.close)
    return daemon, browser


def sign_in(stage, uid, **options):
    daemon, browser = stage
    tab = browser.open(f"{daemon.origin}/playground/", **options)
    tab.click(f"login-{uid}")
    tab.until("document.querySelector('[data-testid=state]').dataset.state === 'live'")
    return tab


def say(tab, text):
    tab.write("text", text)
    tab.press("Enter", 13)


def online(tab, uid):
    return f"document.querySelector('[data-testid=conversation-{uid}]')?.dataset.status === 'online'"


def choose(tab, uid):
    tab.click(f"conversation-{uid}")
    tab.until(f"document.querySelector('[data-testid=chat-name]').innerText.toLowerCase() === '{uid}'")


def last_tick(tab):
    return "[...document.querySelectorAll('[data-testid=tick]')].at(-1)?.dataset.state"


@pytest.fixture
def pair(stage):
    """Alice and Bob, each with the other's conversation open."""
    tabs = []
    try:
        tabs += [sign_in(stage, "alice")]
        tabs += [sign_in(stage, "bob")]
        alice, bob = tabs
        alice.until(online(alice, "bob"))
        bob.until(online(bob, "alice"))
        choose(alice, "bob")
        choose(bob, "alice")
        yield alice, bob
        assert [tab.problems for tab in tabs] == [[], []]
    finally:
        # A tab left open would be one more device of its user in the tests to come.
        for tab in tabs:
            tab.call("Page.close")


def test_two_windows_exchange_messages_typing_presence_and_receipts(pair):
    alice, bob = pair
    alice.write("text", "Hello Bob, is this thing on?")
    bob.sees("typing", "Alice is typing")
    alice.press("Enter", 13)
    bob.sees("message-text", "Hello Bob, is this thing on?")
    bob.until("document.querySelector('[data-testid=typing]').innerText === ''")
    # Bob has it in front of him: read, without his doing.
    alice.until(f"{last_tick(alice)} === 'read'")
    say(bob, "Loud and clear.")
    alice.sees("message-text", "Loud and clear.")
    say(bob, "<b>no markup</b> & an emoji 🎉")
    alice.sees("message-text", "<b>no markup</b> & an emoji 🎉")
    bob.until(f"{last_tick(bob)} === 'read'")
    alice.click("react-heart")
    bob.sees("floating", "❤️")


def test_delivered_but_not_read_while_another_conversation_is_open(pair):
    alice, bob = pair
    choose(bob, "lobby")
    say(alice, "Are you in the lobby?")
    alice.until(f"{last_tick(alice)} === 'delivered'")
    bob.until("document.querySelector('[data-testid=unread-alice]')?.innerText === '1'")
    bob.click("conversation-alice")
    alice.until(f"{last_tick(alice)} === 'read'")
    bob.until("!document.querySelector('[data-testid=unread-alice]')")


def test_the_lobby_is_joined_and_spoken_in(pair):
    alice, bob = pair
    for tab in pair:
        choose(tab, "lobby")
        if tab.evaluate("document.querySelector('[data-testid=join]').offsetParent !== null"):
            tab.click("join")
        tab.until("document.querySelector('[data-testid=text]').offsetParent !== null")
    say(bob, "Good morning, everybody.")
    alice.sees("message-text", "Good morning, everybody.")
    say(alice, "Morning Bob!")
    bob.sees("message-text", "Morning Bob!")


def test_a_cut_connection_comes_back_and_misses_nothing(pair):
    alice, bob = pair
    bob.click("cut")
    say(alice, "Said while you were away")
    bob.until("document.querySelector('[data-testid=state]').dataset.state === 'live'", 20)
    bob.sees("message-text", "Said while you were away")
    assert bob.texts("message-text").count("Said while you were away") == 1


def test_a_message_written_without_a_connection_is_sent_once_when_it_is_back(pair):
    alice, bob = pair
    alice.click("cut")
    say(alice, "Written in a tunnel")
    bob.sees("message-text", "Written in a tunnel")
    alice.until(f"{last_tick(alice)} === 'read'")
    assert bob.texts("message-text").count("Written in a tunnel") == 1
    assert alice.texts("message-text").count("Written in a tunnel") == 1


def test_background_in_auto_mode_disconnects_and_foreground_resumes(pair):
    alice, bob = pair
    bob.click("auto-mode")
    bob.until("document.querySelector('[data-testid=state]').dataset.state === 'live'", 20)
    bob.evaluate("document.querySelector('[data-testid=background]').click()")
    bob.until("document.querySelector('[data-testid=state]').dataset.state === 'background'")
    say(alice, "Wake up")
    alice.until(f"{last_tick(alice)} === 'sent'")
    bob.evaluate("document.querySelector('[data-testid=foreground]').click()")
    bob.sees("message-text", "Wake up")
    alice.until(f"{last_tick(alice)} === 'read'")


def test_in_background_in_manual_mode_messages_arrive_and_are_not_read(pair):
    alice, bob = pair
    bob.evaluate("document.querySelector('[data-testid=background]').click()")
    say(alice, "Quiet please")
    bob.sees("message-text", "Quiet please")
    alice.until(f"{last_tick(alice)} === 'delivered'")
    bob.evaluate("document.querySelector('[data-testid=foreground]').click()")
    alice.until(f"{last_tick(alice)} === 'read'")


def test_history_is_there_after_a_reload_and_the_session_too(pair):
    alice, _ = pair
    say(alice, "Before the reload")
    alice.until(f"['sent', 'delivered', 'read'].includes({last_tick(alice)})")
    alice.call("Page.reload")
    alice.until("document.querySelector('[data-testid=state]')?.dataset.state === 'live'", 20)
    alice.click("conversation-bob")
    alice.sees("message-text", "Before the reload")


def test_the_frames_panel_shows_filters_pauses_and_prints(pair):
    alice, bob = pair
    alice.evaluate("localStorage.clear()")
    if alice.attribute("toggle-frames", "aria-expanded") == "false":
        alice.click("toggle-frames")
    alice.click("frames-clear")
    say(bob, "frame by frame")
    alice.sees("frame-list", "frame by frame")
    alice.write("frames-filter", "typing_indicator")
    alice.until(
        "![...document.querySelectorAll('[data-testid=frame-list] li')].some((e) => e.offsetParent && e.innerText.includes('frame by frame'))"
    )
    alice.evaluate(
        "(() => { const f = document.querySelector('[data-testid=frames-filter]'); f.value = ''; f.dispatchEvent(new Event('input')); })()"
    )
    alice.click("frames-pause")
    say(bob, "held back")
    alice.sees("message-text", "held back")
    assert "held back" not in alice.text("frame-list")
    alice.click("frames-pause")
    alice.sees("frame-list", "held back")
    alice.evaluate("[...document.querySelectorAll('[data-testid=frame-list] summary')].at(-1).click()")
    alice.until("document.querySelector('[data-testid=frame-list] pre')?.innerText.includes('\\n  \"type\"')")


def test_a_disconnect_by_the_backend_is_told(stage, pair):
    daemon, _ = stage
    _, bob = pair
    daemon.backend().post("/users/bob/disconnect", {}).ok()
    bob.until("document.querySelector('[data-testid=state]').dataset.state === 'stopped'")
    bob.sees("toast", "4300")


def test_a_wrong_key_is_told_on_the_login_page(stage):
    daemon, browser = stage
    tab = browser.open(f"{daemon.origin}/playground/")
    tab.evaluate("document.querySelector('details').open = true")
    tab.evaluate("document.querySelector('[data-testid=login-key]').value = 'wrong'")
    tab.click("login-alice")
    tab.sees("login-problem", "AUTH_ERR_APIKEY_NOT_FOUND")
    tab.call("Page.close")


def test_somebody_new_signs_in_by_name(stage):
    daemon, browser = stage
    tab = browser.open(f"{daemon.origin}/playground/")
    tab.evaluate("document.querySelector('details').open = true")
    tab.write("login-uid", "dora")
    tab.click("login-submit")
    tab.until("document.querySelector('[data-testid=state]').dataset.state === 'live'")
    assert tab.text("me") == "dora"
    tab.click("logout")
    tab.until("document.querySelector('[data-testid=login]').offsetParent !== null")
    tab.call("Page.close")


def test_screenshots_in_light_and_dark_and_on_a_phone(stage):
    """The pictures are for people; the test only sees that every pane is laid out without overflow."""
    daemon, browser = stage
    login = browser.open(f"{daemon.origin}/playground/")
    login.screenshot(SCREENSHOTS / "login-light.png")
    login.scheme("dark")
    login.screenshot(SCREENSHOTS / "login-dark.png")
    login.call("Page.close")
    alice, bob = sign_in(stage, "alice", width=1440, height=860), sign_in(stage, "bob")
    alice.until(online(alice, "bob"))
    bob.until(online(bob, "alice"))
    choose(alice, "bob")
    choose(bob, "alice")
    if alice.attribute("toggle-frames", "aria-expanded") == "false":
        alice.click("toggle-frames")
    say(alice, "Shall we look at the dark side as well?")
    alice.until(f"{last_tick(alice)} === 'read'")
    bob.write("text", "Yes")
    alice.sees("typing", "Bob is typing")
    alice.evaluate("[...document.querySelectorAll('[data-testid=frame-list] summary')].at(-1).click()")
    for scheme in ("light", "dark"):
        alice.scheme(scheme)
        alice.screenshot(SCREENSHOTS / f"playground-{scheme}.png")
    for tab, name in ((alice, "phone-light"), (alice, "phone-dark")):
        tab.scheme(name.removeprefix("phone-"))
        if tab.attribute("toggle-frames", "aria-expanded") == "true":
            tab.click("frames-close")
        tab.resize(390, 800)
        tab.screenshot(SCREENSHOTS / f"{name}.png")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    alice.click("back")
    alice.screenshot(SCREENSHOTS / "phone-list.png")
    for tab in (alice, bob):
        assert tab.problems == []
        tab.call("Page.close")
    until(lambda: (SCREENSHOTS / "phone-list.png").stat().st_size > 10_000)


def test_nothing_is_loaded_from_elsewhere(stage):
    daemon, browser = stage
    tab = browser.open(f"{daemon.origin}/playground/")
    names = tab.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert names
    assert all(name.startswith(daemon.origin) for name in names), names
    tab.call("Page.close")
