#!/usr/bin/env python3
"""The peer that Halley is measured beside: uWebSockets, as PyPI's `socketify` carries it, with TLS, one topic, no compression.

Speaks just enough of Halley's protocol to be driven by the same generator: an `auth` frame is believed, answered and
subscribed; any other text frame is published as it stands to everybody but its sender. The fan-out itself is uWebSockets'
own, in C++; only what a frame starts runs in Python.

    server.py PORT CERTIFICATE PRIVATE_KEY

Prints its port once it listens.
"""

import sys

from socketify import App, AppListenOptions, AppOptions, CompressOptions, OpCode

TOPIC = "everybody"
AUTH_ANSWER = '{"type":"auth","body":{"code":"200","status":"OK"}}'


def on_message(socket, message, opcode):
    if '"type":"auth"' in message:
        socket.subscribe(TOPIC)
        socket.send(AUTH_ANSWER, OpCode.TEXT)
    else:
        # Like Halley's, a sender hears nothing of its own.
        socket.unsubscribe(TOPIC)
        socket.publish(TOPIC, message, OpCode.TEXT)


def main():
    port, certificate, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    app = App(AppOptions(key_file_name=key, cert_file_name=certificate))
    app.ws(
        "/*",
        {
            "compression": CompressOptions.DISABLED,
            "max_payload_length": 64 * 1024,
            # The generator's clients are silent: that is no reason to drop them.
            "idle_timeout": 0,
            "send_pings_automatically": False,
            "max_backpressure": 1024 * 1024,
            "message": on_message,
        },
    )
    app.listen(AppListenOptions(port=port, host="127.0.0.1"), lambda config: print(config.port, flush=True))
    app.run()


main()
