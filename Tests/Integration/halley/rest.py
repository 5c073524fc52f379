"""REST over the public listener and over the Unix socket, on the standard library's HTTP client."""

import http.client
import json
import socket
import urllib.parse

from . import codes

_ABSENT = object()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Answer:
    """One answer: status, headers and body."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body
        if status >= 400:
            self._note()

    def _note(self):
        try:
            codes.note(self.json["error"]["code"])
        except (ValueError, KeyError, TypeError):
            pass  # Below the routes, refusals are plain text.

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        """`data` of a success; a refusal fails the test."""
        assert self.status == 200, f"{self.status}: {self.body[:2000]!r}"
        document = self.json
        assert "error" not in document, document
        return document["data"]

    def ok(self):
        """Checks that it is a success, for those who need nothing of its data."""
        assert self.data is not None

    def refused(self, status, code=None):
        """Checks a refusal's status and code, and gives its `error`."""
        assert self.status == status, f"{self.status} instead of {status}: {self.body[:2000]!r}"
        error = self.json["error"]
        assert error["message"], error
        if code is not None:
            assert error["code"] == code, error
        return error


class Api:
    """Requests with fixed headers. A connection per request, unless a test holds one itself."""

    def __init__(self, connect, headers, prefix="/v3.0"):
        self._connect = connect
        self.headers = headers
        self.prefix = prefix

    @classmethod
    def unix(cls, path, headers):
        return cls(lambda timeout: _UnixConnection(path, timeout), headers)

    @classmethod
    def tls(cls, host, port, context, headers):
        return cls(lambda timeout: http.client.HTTPSConnection(host, port, timeout=timeout, context=context), headers)

    def having(self, **headers):
        """The same interface with more headers; None takes one away."""
        merged = {k: v for k, v in {**self.headers, **headers}.items() if v is not None}
        return Api(self._connect, merged, self.prefix)

    def acting(self, uid):
        return self.having(onBehalfOf=uid)

    def connection(self, timeout=30):
        """A connection for a test that wants to hold it: an `http.client.HTTPConnection`."""
        return self._connect(timeout)

    def request(self, method, path, body=_ABSENT, *, prefix=None, query=None, headers=None, timeout=30):
        target = (self.prefix if prefix is None else prefix) + path
        if query:
            target += "?" + urllib.parse.urlencode(query)
        sent = {**self.headers, **(headers or {})}
        payload = None
        if body is not _ABSENT:
            payload = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            sent.setdefault("content-type", "application/json")
        connection = self._connect(timeout)
        try:
            connection.request(method, target, body=payload, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=_ABSENT, **options):
        return self.request("POST", path, body, **options)

    def put(self, path, body=_ABSENT, **options):
        return self.request("PUT", path, body, **options)

    def patch(self, path, body=_ABSENT, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, body=_ABSENT, **options):
        return self.request("DELETE", path, body, **options)
