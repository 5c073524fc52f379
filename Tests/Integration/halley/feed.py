"""A reader of the backend's event feed: NDJSON over the Unix socket, on `aiohttp`."""

import asyncio
import json
import threading
import time

import aiohttp

from .frames import matches

_loop = asyncio.new_event_loop()
threading.Thread(target=_loop.run_forever, daemon=True).start()


class Feed:
    """Follows an app's feed; when it is made, the head of the answer is there. `lines` keeps every line, in order."""

    def __init__(self, daemon, *, after=None, app="dev", key="dev-api-key", paused=False):
        self.daemon = daemon
        self.lines = []
        self.blanks = 0
        self.status = None
        self.headers = None
        self.ended = False
        self.clean = None
        self.answer = None
        self._after = after
        self._credentials = {"appid": app, "apikey": key}
        self._news = threading.Condition()
        self._go = asyncio.Event()
        if not paused:
            self._go.set()
        opened = threading.Event()
        self._task = asyncio.run_coroutine_threadsafe(self._follow(opened), _loop)
        assert opened.wait(30), "the feed did not answer"

    def expect(self, deadline=None, **pattern):
        """The first line that matches, waiting for it until the deadline."""
        from .daemon import DEADLINE

        end = time.monotonic() + (deadline or DEADLINE)
        with self._news:
            while True:
                for line in self.lines:
                    if matches(line, pattern):
                        return line
                left = end - time.monotonic()
                assert left > 0 and not self.ended, f"no line like {pattern}; there are {self.lines[-20:]}"
                self._news.wait(left)

    def all(self, **pattern):
        with self._news:
            return [line for line in self.lines if matches(line, pattern)]

    def expect_end(self, deadline=None):
        """Waits for the end of the answer; true when it ended in order."""
        from .daemon import DEADLINE

        with self._news:
            self._news.wait_for(lambda: self.ended, deadline or DEADLINE)
            assert self.ended, "the feed goes on"
            return self.clean

    def read(self):
        """Lets a paused reader read."""
        _loop.call_soon_threadsafe(self._go.set)

    def close(self):
        _loop.call_soon_threadsafe(self._task_cancel)
        with self._news:
            self._news.wait_for(lambda: self.ended, 10)

    def _task_cancel(self):
        self._inner.cancel()

    async def _follow(self, opened):
        self._inner = asyncio.current_task()
        self.clean = False
        try:
            connector = aiohttp.UnixConnector(self.daemon.socket)
            timeout = aiohttp.ClientTimeout(total=None, sock_read=None)
            async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=1 << 12) as session:
                query = {} if self._after is None else {"after": str(self._after)}
                request = session.get("http://halley/events", params=query, headers=self._credentials)
                async with request as response:
                    self.status, self.headers = response.status, response.headers
                    if self.status != 200:
                        self.answer = await response.json()
                        opened.set()
                        return
                    opened.set()
                    await self._go.wait()
                    rest = b""
                    async for part in response.content.iter_any():
                        *whole, rest = (rest + part).split(b"\n")
                        with self._news:
                            self.blanks += sum(not line for line in whole)
                            self.lines += [json.loads(line) for line in whole if line]
                            self._news.notify_all()
                    self.clean = rest == b""
        except (aiohttp.ClientError, asyncio.CancelledError):
            pass
        finally:
            opened.set()
            with self._news:
                self.ended = True
                self._news.notify_all()
