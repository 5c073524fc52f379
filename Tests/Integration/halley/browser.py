"""Chromium, driven through its DevTools protocol: real pages, real clicks, nothing but what a person could do."""

import base64
import hashlib
import json
import queue
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.sync.client import connect

from .daemon import DEADLINE, until


def key_pin(certificate):
    """What Chromium wants in order to trust a server's key without trusting everything."""
    key = x509.load_pem_x509_certificate(Path(certificate).read_bytes()).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()


class Browser:
    """One headless Chromium that trusts exactly one server."""

    def __init__(self, daemon):
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        self.process = subprocess.Popen(
            [
                "chromium",
                "--headless=new",
                "--no-sandbox",  # the suite may run as root in a container
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                f"--user-data-dir={self.profile}",
                f"--ignore-certificate-errors-spki-list={key_pin(daemon.directory / 'tls/server.pem')}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.numbers = iter(range(1, 1_000_000))
        self.answers = {}
        self.tabs = {}
        self.lock = threading.Lock()
        address = None
        for line in self.process.stderr:
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                address = found.group(1)
                break
        assert address, "Chromium did not start"
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.socket = connect(address, max_size=None, ping_interval=None, compression=None, proxy=None, legacy=True)
        threading.Thread(target=self._read, daemon=True).start()

    def call(self, method, session=None, **params):
        with self.lock:
            number = next(self.numbers)
            answer = self.answers[number] = queue.Queue()
            message = {"id": number, "method": method, "params": params}
            if session:
                message["sessionId"] = session
            self.socket.send(json.dumps(message))
        result = answer.get(timeout=DEADLINE * 3)
        assert "error" not in result, (method, result["error"])
        return result["result"]

    def open(self, url, width=1280, height=800, dark=False):
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = self.tabs[session] = Tab(self, session)
        for domain in ("Page", "Runtime", "Log"):
            tab.call(f"{domain}.enable")
        tab.call("Emulation.setFocusEmulationEnabled", enabled=True)
        tab.resize(width, height)
        tab.scheme("dark" if dark else "light")
        tab.call("Page.navigate", url=url)
        tab.until("document.readyState === 'complete'")
        return tab

    def close(self):
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _read(self):
        for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                self.answers.pop(message["id"]).put(message)
            elif message.get("sessionId") in self.tabs:
                self.tabs[message["sessionId"]].event(message["method"], message["params"])


class Tab:
    """One page. Elements are found by their `data-testid`."""

    def __init__(self, browser, session):
        self.browser = browser
        self.session = session
        self.problems = []

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def event(self, method, params):
        if method == "Runtime.exceptionThrown":
            self.problems.append(params["exceptionDetails"].get("exception", {}).get("description") or str(params))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, expression, deadline=None):
        return until(lambda: self.evaluate(expression), deadline, f"{expression} in the page")

    # -- what a person does

    def click(self, testid):
        box = self.until(
            f"(() => {{ const e = {one(testid)}; if (!e || e.disabled) return null; e.scrollIntoView({{block: 'nearest'}});"
            " const r = e.getBoundingClientRect();"
            " return r.width ? [r.x + r.width / 2, r.y + r.height / 2] : null; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def write(self, testid, text):
        self.click(testid)
        self.call("Input.insertText", text=text)

    def press(self, key, code=0):
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                text="\r" if key == "Enter" else "",
            )

    def resize(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    # -- what a person sees

    def text(self, testid):
        return self.evaluate(f"{one(testid)}?.innerText ?? ''")

    def texts(self, testid):
        return self.evaluate(f"{every(testid)}.map((e) => e.innerText)")

    def attribute(self, testid, name):
        return self.evaluate(f"{one(testid)}?.getAttribute({json.dumps(name)})")

    def sees(self, testid, text):
        """Waits until an element with this id shows the text."""
        self.until(f"{every(testid)}.some((e) => e.innerText.includes({json.dumps(text)}))")

    def screenshot(self, path):
        # Passing things (toasts, the arrival of a bubble) are over when nothing moves any more.
        self.until(
            "document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations === 1).every((a) => a.playState === 'finished')"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


def one(testid):
    return f"document.querySelector('[data-testid=\"{testid}\"]')"


def every(testid):
    return f"[...document.querySelectorAll('[data-testid=\"{testid}\"]')].filter((e) => e.offsetParent)"
