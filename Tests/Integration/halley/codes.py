"""Which error codes the suite has seen from outside, in answers and in frames, and which test was the first to."""

import os
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "Sources/WireProtocol/ErrorCode.swift"

# Whether every test file runs in this session.
WHOLE = pytest.StashKey[bool]()

# Codes that nobody outside can provoke from a sound daemon, each with the reason.
UNREACHABLE = {
    "ERR_MISSION_FAILED": "a flaw of the gateway's own: it contradicts itself, or cannot sign",
}

# Codes that can come only once a route is there.
NEEDED = {
    "POST groups/{guid}/bannedusers/{uid}": {"ERR_ALREADY_BANNED", "ERR_BANNED_GROUPMEMBER", "ERR_NOT_A_BANNED_USER"},
    "PUT groups/{guid}/members/{uid}": {
        "ERR_SAME_SCOPE",
        "ERR_GROUP_NO_CLEARANCE",
        "ERR_GROUP_NO_MODERATOR_SCOPE",
        "ERR_GROUP_NO_SCOPE_CLEARANCE",
        "ERR_GROUP_NO_SELF_ACTION",
        "ERR_EMPTY_GROUP_PASS",
        "ERR_WRONG_GROUP_PASS",
    },
    "POST blockedusers": {"ERR_CANNOT_BLOCK_SELF", "ERR_BLOCKED_RECEIVER", "ERR_BLOCKED_SENDER"},
    "PUT messages/{id}": {"ERR_MESSAGE_NOT_A_SENDER"},
    "POST calls": {"ERR_CALLING_SELF", "ERR_CALL_BUSY_SELF", "ERR_CALL_BUSY_USER"},
    "PUT calls/{sessionid}": {"ERR_CALL_SESSION_NOT_FOUND", "ERR_CALL_TERMINATED", "ERR_CALL_NOT_A_PART"},
}

seen = {}


def known():
    """Every code there is, as the daemon's source lists them."""
    return set(re.findall(r'= "((?:AUTH_)?ERR_[A-Z_]+)"', SOURCE.read_text()))


def expected(routes):
    """The codes that tests must have provoked, where these routes are offered."""
    waiting = set().union(*(codes for route, codes in NEEDED.items() if route not in routes))
    return known() - waiting - set(UNREACHABLE)


def note(code):
    """Remembers that a code came, and in which test first."""
    if isinstance(code, str) and "ERR_" in code:
        seen.setdefault(code, os.environ.get("PYTEST_CURRENT_TEST", "between tests"))
