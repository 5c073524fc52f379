"""A webhook's target: an HTTPS server on loopback, on `aiohttp`, that does what a test tells it."""

import asyncio
import datetime
import hashlib
import hmac
import ipaddress
import json
import ssl
import tempfile
import threading
import time
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .frames import matches

_loop = asyncio.new_event_loop()
threading.Thread(target=_loop.run_forever, daemon=True).start()


def _call(coroutine, timeout=30):
    return asyncio.run_coroutine_threadsafe(coroutine, _loop).result(timeout)


def _certificate(directory):
    """A self-signed certificate for localhost; gives its file and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = Path(directory, "receiver.pem"), Path(directory, "receiver.key")
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


class Delivery(dict):
    """One request's body as a dictionary, with what came beside it."""

    def __init__(self, request, raw):
        super().__init__(json.loads(raw))
        self.raw = raw
        self.headers = request.headers
        self.path = request.path

    @property
    def data(self):
        return self["data"]

    def is_signed_with(self, secret):
        """As docs/webhooks.md says how to check it."""
        parts = dict(part.split("=", 1) for part in self.headers["X-Halley-Signature"].split(","))
        wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + self.raw, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, parts["v1"]) and abs(time.time() - int(parts["t"])) < 300


class Receiver:
    """`answer` is asked for each delivery: a status, a response, or a coroutine that gives one."""

    def __init__(self, answer=lambda delivery: 200):
        self.answer = answer
        self.directory = tempfile.TemporaryDirectory(prefix="halley-receiver-")
        self.certificate, self._key = _certificate(self.directory.name)
        self.deliveries = []
        self.port = 0
        self._news = threading.Condition()
        self._runner = None
        self.start()

    def start(self):
        _call(self._start())

    def stop(self):
        """Ends it, with what it is answering; `start` begins again on the same port."""
        if self._runner is not None:
            _call(self._runner.cleanup())
            self._runner = None

    def discard(self):
        self.stop()
        self.directory.cleanup()

    def url(self, path="/hook"):
        return f"https://localhost:{self.port}{path}"

    def hook(self, name="hook", events="all", secret="the secret of the hook", **fields):
        """An entry of an app file's `webhooks`."""
        fields = {"url": self.url(), "caFile": str(self.certificate)} | fields
        return {"name": name, "events": events, "secret": secret} | fields

    def expect(self, deadline=None, count=1, **pattern):
        """Waits for so many deliveries that match, and gives the first."""
        from .daemon import DEADLINE

        end = time.monotonic() + (deadline or DEADLINE)
        with self._news:
            while True:
                found = [delivery for delivery in self.deliveries if matches(delivery, pattern)]
                if len(found) >= count:
                    return found[0]
                left = end - time.monotonic()
                assert left > 0, f"no delivery like {pattern}; there are {self.deliveries[-20:]}"
                self._news.wait(left)

    def all(self, **pattern):
        with self._news:
            return [delivery for delivery in self.deliveries if matches(delivery, pattern)]

    async def _start(self):
        application = web.Application(client_max_size=1 << 24)
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0)
        await self._runner.setup()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self._key)
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=context, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def _serve(self, request):
        delivery = Delivery(request, await request.read())
        with self._news:
            self.deliveries.append(delivery)
            self._news.notify_all()
        answer = self.answer(delivery)
        if asyncio.iscoroutine(answer):
            answer = await answer
        return web.Response(status=answer) if isinstance(answer, int) else answer
