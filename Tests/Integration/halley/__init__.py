"""What the integration tests stand on: the built daemon, its REST interfaces and a realtime client.

Nothing in here knows the daemon's code; it speaks the words of the protocol and the operator's interface only.
"""

from . import codes, keys
from .daemon import DEADLINE, ROOT, Daemon, program, run, until
from .feed import Feed
from .frames import Frame, matches
from .raw import RawWebSocket
from .realtime import Client
from .receiver import Receiver
from .rest import Answer, Api
from .world import User, World

__all__ = [
    "DEADLINE",
    "ROOT",
    "Answer",
    "Api",
    "Client",
    "Daemon",
    "Feed",
    "Frame",
    "RawWebSocket",
    "Receiver",
    "User",
    "World",
    "codes",
    "keys",
    "matches",
    "program",
    "run",
    "until",
]
