"""The REST interface as `/openapi.yaml` describes it, for tests that are made of the description itself."""

import io
import json
import socket

import requests
import schemathesis
import urllib3
import yaml

from .daemon import ROOT

ROOT_DESCRIPTION = ROOT / "Sources/GatewayServer/openapi.yaml"


class _UnixAdapter(requests.adapters.HTTPAdapter):
    """Sends what is addressed to any host over one Unix socket."""

    def __init__(self, path):
        self._path = str(path)
        super().__init__()

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        return _UnixPool(self._path)

    def close(self):
        pass


class _UnixPool(urllib3.connectionpool.HTTPConnectionPool):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self._path = path

    def _new_conn(self):
        return _UnixConnection(self._path)


class _UnixConnection(urllib3.connection.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect(self._path)


@schemathesis.serializer("application/x-ndjson")
def _lines(_, value):
    """What bulk requests send: the generated text as it is, or one generated value a line."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode(errors="replace")
    return json.dumps(value).encode()


def session(path):
    """A `requests` session whose every request goes over the Unix socket at `path`."""
    made = requests.Session()
    made.mount("http://", _UnixAdapter(path))
    return made


def load(text):
    """The description as schemathesis knows it."""
    return schemathesis.openapi.from_dict(yaml.safe_load(io.StringIO(text)))
