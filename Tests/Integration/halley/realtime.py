"""A realtime client on the `websockets` library: TLS verified, frames kept in the order of arrival."""

import asyncio
import json
import threading
import time
import uuid

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from .frames import Frame, matches

# One event loop in a thread of its own serves every connection. (The library's threaded client would read and write
# one TLS session from two threads, which OpenSSL does not allow.)
_loop = asyncio.new_event_loop()
threading.Thread(target=_loop.run_forever, daemon=True).start()


def _call(coroutine, timeout=60):
    return asyncio.run_coroutine_threadsafe(coroutine, _loop).result(timeout)


class Client:
    """One connection. It is read all the time, so that nothing a test looks for can be missed.

    `expect` takes a frame out of `inbox`, waiting for it; `seen` keeps everything, in order.
    """

    def __init__(
        self, daemon, uid, credential, *, session=None, app="dev", path="/ws", compression="deflate", **options
    ):
        self.daemon = daemon
        self.uid = uid
        self.app = app
        self.credential = credential
        self.session = session or f"TEST-{uuid.uuid4()}"
        self.inbox = []
        self.seen = []
        self.close_code = None
        self.close_reason = None
        self._news = threading.Condition()
        self.socket = _call(self._open(path, compression, options))
        self._reading = asyncio.run_coroutine_threadsafe(self._read(), _loop)

    # -- sending

    def send(self, frame):
        """A dictionary as JSON, text as it is, bytes as a binary frame."""
        _call(self.socket.send(json.dumps(frame, ensure_ascii=False) if isinstance(frame, dict) else frame))

    def auth_frame(self, **body):
        """An `auth` frame; a body key given as None is left out, `app`, `sender` and `session` change the envelope."""
        app, sender = body.pop("app", self.app), body.pop("sender", self.uid)
        session = body.pop("session", self.session)
        content = {
            "auth": self.credential,
            "deviceId": session,
            "presenceSubscription": "NONE",
            "params": {"appInfo": {"version": "4.0.10"}, "deviceId": f"device-of-{session}", "platform": "test"},
        } | body
        return {
            "appId": app,
            "deviceId": session,
            "type": "auth",
            "sender": sender,
            "body": {key: value for key, value in content.items() if value is not None},
        }

    def auth(self, **body):
        """Authenticates and gives the answer, which must be a yes."""
        self.send(self.auth_frame(**body))
        answer = self.expect(type="auth")
        assert answer.body["code"] == "200", answer
        return answer

    def message(self, receiver, text="hello", kind="user", *, ref=None, **body):
        """Sends a text message over the socket and gives its `ref`."""
        ref = ref or f"r-{uuid.uuid4().hex[:12]}"
        content = {"category": "message", "type": "text", "data": {"text": text}} | body
        self.send({"type": "message", "ref": ref, "receiver": receiver, "receiverType": kind, "body": content})
        return ref

    def say(self, receiver, text="hello", kind="user", **body):
        """Sends a text message and waits for its ack."""
        ref = self.message(receiver, text, kind, **body)
        return self.expect(type="ack", ref=ref)

    def typing(self, receiver, action="started", kind="user", **body):
        self._relay("typing_indicator", receiver, kind, {"action": action, "user": {"uid": self.uid}} | body)

    def transient(self, receiver, data, kind="user"):
        self._relay("transient_message", receiver, kind, {"user": {"uid": self.uid}, "data": data})

    def receipt(self, action, receiver, message_id, kind="user"):
        self._relay("receipts", receiver, kind, {"action": action, "messageId": message_id, "user": {"uid": self.uid}})

    def app_state(self, state):
        self.send({"type": "app_state", "body": {"state": state}})

    def ping(self):
        self.send({"action": "ping", "ack": "true"})
        return self.expect(action="pong")

    def close(self):
        """A clean close by the client."""
        _call(self.socket.close(1000, "User logged out"))
        self.join()

    def drop(self):
        """The network goes away: no close frame."""
        _loop.call_soon_threadsafe(self.socket.transport.abort)

    def join(self):
        """Waits until everything that arrived before the end has been read."""
        self._reading.result(10)

    def websocket_ping(self):
        """A ping of the WebSocket protocol, which is none of the chat protocol's; waits for its pong."""

        async def ping():
            await (await self.socket.ping())

        _call(ping())

    # -- receiving

    def expect(self, deadline=None, **pattern):
        """Takes the first frame that matches out of the inbox, waiting for it until the deadline."""
        from .daemon import DEADLINE

        end = time.monotonic() + (deadline or DEADLINE)
        with self._news:
            while True:
                for index, frame in enumerate(self.inbox):
                    if matches(frame, pattern):
                        return self.inbox.pop(index)
                left = end - time.monotonic()
                closed = self.close_code is not None
                assert left > 0 and not closed, (
                    f"{self.uid}: no frame like {pattern}"
                    + (f" before the close {self.close_code} {self.close_reason!r}" if closed else " in time")
                    + f"; received: {[frame.text for frame in self.seen][-20:]}"
                )
                self._news.wait(left)

    def expect_close(self, code, deadline=None):
        """Waits for the end of the connection and checks its code."""
        from .daemon import DEADLINE

        with self._news:
            self._news.wait_for(lambda: self.close_code is not None, deadline or DEADLINE)
            assert self.close_code is not None, f"{self.uid}: not closed in time; {[f.text for f in self.seen][-20:]}"
            assert self.close_code == code, f"closed {self.close_code} {self.close_reason!r} instead of {code}"

    def expect_refusal(self, code, close):
        """A refused `auth`: the answer, the `error` frame that announces the close, the close."""
        answer = self.expect(type="auth")
        assert answer.body["code"] == str(code), answer
        error = self.expect(type="error")
        assert error.body["closeCode"] == close, error
        self.expect_close(close)
        return answer, error

    def all(self, **pattern):
        """Every frame so far that matches, taken or not."""
        with self._news:
            return [frame for frame in self.seen if matches(frame, pattern)]

    def none(self, **pattern):
        """Nothing like this has arrived. Says something only behind a barrier."""
        found = self.all(**pattern)
        assert not found, f"{self.uid}: unexpected {[frame.text for frame in found]}"

    # -- helpers

    def _relay(self, kind, receiver, receiver_type, body):
        self.send(
            {
                "appId": self.app,
                "receiver": receiver,
                "receiverType": receiver_type,
                "deviceId": self.session,
                "type": kind,
                "sender": self.uid,
                "body": body,
            }
        )

    async def _open(self, path, compression, options):
        return await connect(
            f"wss://localhost:{self.daemon.port}{path}",
            ssl=self.daemon.ssl_context(),
            compression=compression,
            ping_interval=None,
            open_timeout=30,
            close_timeout=5,
            max_size=None,
            proxy=None,
            **options,
        )

    async def _read(self):
        try:
            while True:
                text = await self.socket.recv()
                assert isinstance(text, str), "the gateway sends text frames only"
                frame = Frame(text)
                with self._news:
                    self.inbox.append(frame)
                    self.seen.append(frame)
                    self._news.notify_all()
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            reason = closed.rcvd.reason if closed.rcvd else ""
        with self._news:
            self.close_code, self.close_reason = code, reason
            self._news.notify_all()
