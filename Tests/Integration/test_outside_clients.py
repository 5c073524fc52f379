"""WebSocket clients that nobody here wrote, besides `websockets` everywhere else: aiohttp and Node."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import aiohttp

from halley import DEADLINE


def auth_frame(user, session):
    body = {"auth": user.token, "deviceId": session, "presenceSubscription": "ALL_USERS"}
    return {"appId": "dev", "deviceId": session, "type": "auth", "sender": user.uid, "body": body}


def test_aiohttp_chats_with_compression_and_fragments(world):
    alice, bob = world.users(2)
    listener = bob.connect()

    async def talk():
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(
                world.daemon.websocket_url, ssl=world.daemon.ssl_context(), compress=15, autoping=True
            ) as socket:
                await socket.send_json(auth_frame(alice, "aiohttp-1"))
                answer = await socket.receive_json(timeout=DEADLINE)
                assert answer["body"]["code"] == "200"
                assert socket.compress, "permessage-deflate was negotiated"
                body = {"category": "message", "type": "text", "data": {"text": "from aiohttp " + "z" * 5000}}
                await socket.send_json(
                    {"type": "message", "ref": "a", "receiver": bob.uid, "receiverType": "user", "body": body}
                )
                ack = await socket.receive_json(timeout=DEADLINE)
                assert (ack["type"], ack["ref"]) == ("ack", "a")
                await socket.send_json({"action": "ping", "ack": "true"})
                assert await socket.receive_json(timeout=DEADLINE) == {"action": "pong"}
                await asyncio.to_thread(bob.send, alice.uid, "to aiohttp")
                frame = await socket.receive_json(timeout=DEADLINE)
                assert frame["body"]["data"]["text"] == "to aiohttp"
                await socket.close()
                assert socket.close_code == 1000
                return ack["body"]["id"]

    message_id = asyncio.run(talk())
    listener.expect(type="message", body={"id": message_id})


def test_aiohttp_is_told_the_close_code(world):
    alice = world.user()

    async def talk():
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(world.daemon.websocket_url, ssl=world.daemon.ssl_context()) as socket:
                await socket.send_json(auth_frame(alice, "aiohttp-2"))
                await socket.receive_json(timeout=DEADLINE)
                await socket.send_bytes(b"binary")
                message = await socket.receive(timeout=DEADLINE)
                assert message.type == aiohttp.WSMsgType.CLOSE
                return message.data

    assert asyncio.run(talk()) == 1003


def test_node_chats_and_logs_in_as_an_sdk_does(world):
    """Node's own fetch and WebSocket, as the JavaScript SDK uses them."""
    bob = world.user()
    alice = world.user()
    listener = bob.connect()
    node = shutil.which("node")
    assert node, "deploy/install-dependencies.sh --test installs it"
    major = int(
        subprocess.run([node, "-p", "process.versions.node"], capture_output=True, text=True, check=True).stdout.split(
            "."
        )[0]
    )
    # Node 20 and 21 have it behind a flag, later ones openly; older ones take Debian's `ws`.
    flags = ["--experimental-websocket"] if major in (20, 21) else []
    process = subprocess.Popen(
        [
            node,
            *flags,
            str(Path(__file__).parent / "node_client.cjs"),
            f"localhost:{world.daemon.port}",
            alice.uid,
            bob.uid,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", "NODE_EXTRA_CA_CERTS": world.daemon.ca},
    )
    try:
        frame = listener.expect(type="message", sender=alice.uid, deadline=DEADLINE * 2)
        assert frame.body["data"]["text"] == "from node"
        bob.send(alice.uid, "to node")
        output, errors = process.communicate(timeout=DEADLINE * 2)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode == 0, errors
    lines = [json.loads(line) for line in output.splitlines()]
    assert [line["step"] for line in lines] == ["login", "auth", "ack", "pong", "message", "closed"]
    assert lines[4]["text"] == "to node"
    assert lines[5]["code"] == 1000
