"""Fixtures: a daemon that all tests share, daemons of their own for those that need other rules."""

import signal
from pathlib import Path

import pytest

from halley import DEADLINE, Daemon, World, codes, keys


@pytest.fixture(autouse=True)
def watchdog():
    """Nothing may hang the suite: past twelve deadlines the test is interrupted where it stands."""

    def interrupt(*_):
        raise TimeoutError("the test hung")

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE * 12)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.fixture(scope="session")
def daemon():
    """The shared daemon with the defaults of `--dev`, and a second app with keys for its own JWTs."""
    daemon = Daemon(app_files={"second.yaml": keys.app_file("second")})
    try:
        daemon.start()
        yield daemon
        assert daemon.stop() == 0
    finally:
        daemon.discard()


@pytest.fixture
def world(daemon):
    world = World(daemon)
    yield world
    world.close()


@pytest.fixture
def second(daemon):
    """A world in the second app."""
    world = World(daemon, app="second", key="second-api-key")
    yield world
    world.close()


@pytest.fixture
def start_daemon():
    """Starts daemons with environment variables of their own: `start_daemon(HALLEY_RULES_PINGTIMEOUT=1)`."""
    daemons = []

    def start(arguments=(), app_files=None, **env):
        daemons.append(Daemon(env=env, arguments=arguments, app_files=app_files))
        return daemons[-1].start()

    yield start
    for daemon in daemons:
        daemon.discard()


@pytest.fixture
def start_world(start_daemon):
    """The same, as a world."""
    worlds = []

    def start(**options):
        worlds.append(World(start_daemon(**options)))
        return worlds[-1]

    yield start
    for world in worlds:
        world.close()


def pytest_collection_modifyitems(config, items):
    """What judges the suite as a whole comes last, and is told whether the whole suite runs."""
    items.sort(key=lambda item: item.path.name == "test_codes.py")
    here = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    whole = {item.path.name for item in items} == here and not (config.option.keyword or config.option.markexpr)
    config.stash[codes.WHOLE] = whole


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Puts the daemons' last words beside a failure."""
    report = (yield).get_result()
    if report.failed:
        for daemon in list(Daemon.running):
            tail = "\n".join(list(daemon.lines)[-60:])
            report.sections.append((f"halleyd in {daemon.directory}", tail))
