"""A WebSocket client by hand, for what well-behaved libraries refuse to send and for reading when we choose to."""

import base64
import hashlib
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0


class RawWebSocket:
    """TLS, the upgrade and bare frames; nothing is read unless `receive` is called."""

    def __init__(self, daemon, *, path="/ws", receive_buffer=None, headers=(), upgrade=True, timeout=30):
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(timeout)
        plain.connect(("127.0.0.1", daemon.port))
        self.tls = daemon.ssl_context().wrap_socket(plain, server_hostname="localhost")
        self.buffer = b""
        self.port = daemon.port
        if upgrade:
            self.upgrade(path, headers)

    def upgrade(self, path, headers=()):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: localhost:{self.port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            *headers,
        ]
        self.tls.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = self.read_head()
        assert head.startswith("HTTP/1.1 101 "), head
        accept = base64.b64encode(
            hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        ).decode()
        assert f"sec-websocket-accept: {accept}".lower() in head.lower(), head

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head.decode()

    def send(self, opcode, payload, *, fin=True, reserved=0, masked=True):
        if isinstance(payload, str):
            payload = payload.encode()
        length = len(payload)
        first = (0x80 if fin else 0) | reserved << 4 | opcode
        mask_bit = 0x80 if masked else 0
        if length < 126:
            header = struct.pack("!BB", first, mask_bit | length)
        elif length < 65536:
            header = struct.pack("!BBH", first, mask_bit | 126, length)
        else:
            header = struct.pack("!BBQ", first, mask_bit | 127, length)
        if masked:
            mask = os.urandom(4)
            payload = mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.tls.sendall(header + payload)

    def receive(self):
        """One frame as (opcode, payload)."""
        first, second = self._take(2)
        assert second & 0x80 == 0, "a server must not mask"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        return first & 0x0F, self._take(length)

    def receive_close(self):
        """Reads up to the close frame; gives (code, the text frames before it)."""
        texts = []
        while True:
            opcode, payload = self.receive()
            if opcode == TEXT:
                texts.append(payload.decode())
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0], texts

    def close(self):
        self.tls.close()

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _fill(self):
        more = self.tls.recv(65536)
        if not more:
            raise EOFError("the gateway closed the connection")
        self.buffer += more
