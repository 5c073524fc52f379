internal import ChatModel
internal import DequeModule
internal import GatewayCore
internal import HTTPCodec
internal import Reactor
internal import WebSocketCodec
internal import WireProtocol

/// The WebSocket side of a shard.
extension Shard {
    // MARK: - In

    /// Takes the plaintext of the event that is being served.
    func receiveFrames(_ id: SlabID) {
        let connection = ConnectionReference(id.rawValue)
        // Read before the pause took effect; at most what one event yields.
        if core.isReadingPaused(connection) || !connections[id].held.isEmpty {
            streams.buffers.plaintext.withBytes { connections[id].held.append($0) }
            return
        }
        streams.buffers.plaintext.withMutableBytes { decode(&$0, of: id) }
    }

    /// The core takes frames again: what was held first, then the socket.
    func resumeFrames(_ id: SlabID) {
        guard connections.contains(id), connections[id].isRealtime, !connections[id].isEnding else { return }
        var held = ByteQueue()
        swap(&held, &connections[id].held)
        held.withMutableBytes { decode(&$0, of: id) }
        guard connections.contains(id), !core.isReadingPaused(ConnectionReference(id.rawValue)) else { return }
        connections[id].transport.resumeReading(in: streams)
    }

    /// Gives the core what the bytes hold. The decoder is worked on outside of its connection, since the core calls back.
    private func decode(_ bytes: inout MutableSpan<UInt8>, of id: SlabID) {
        let connection = ConnectionReference(id.rawValue)
        var decoder = connections[id].decoder
        var cursor = 0
        while let event = decoder.next(&bytes, &cursor, inflater: inflater) {
            switch event {
            case .text(let payload):
                payload.withBytes(in: bytes.span, inflater: inflater) { core.text(connection, $0) }
            case .binary: core.end(connection, .unsupportedData)
            case .ping(let payload):
                let copy = payload.withBytes(in: bytes.span, inflater: inflater) { span in
                    unsafe [UInt8](unsafeUninitializedCapacity: span.count) { target, count in
                        // SAFETY: `target` has room for `span.count` bytes, and each of them is set.
                        for index in span.indices { unsafe target[index] = span[index] }
                        count = span.count
                    }
                }
                core.webSocketPing(connection, payload: copy)
            case .pong: break
            case .close(let code, _): core.peerCloses(connection, code: code?.rawValue)
            case .failed(let fault):
                core.end(connection, CloseReason(rawValue: fault.closeCode.rawValue) ?? .protocolError)
            }
            if core.isReadingPaused(connection), cursor < bytes.count {
                connections[id].held.append(bytes.span.extracting(cursor...))
                break
            }
        }
        connections[id].decoder = decoder
    }

    // MARK: - Out

    /// Seals and sends what the core has queued, as far as the socket takes it.
    func flush(_ connection: ConnectionReference) {
        let id = SlabID(rawValue: connection.raw)
        guard connections.contains(id), connections[id].transport.isOpen else { return }
        var more = true
        while more, !connections[id].transport.isBlocked {
            outbound.removeAll()
            let result = outbound.withFreeBytes { core.drain(connection, into: &$0) }
            outbound.advance(by: result.written)
            if result.written > 0, outbound.withBytes({ connections[id].transport.write($0, in: streams) }) != nil {
                return drop(id)
            }
            if result.ended { return closeSent(id) }
            more = result.remains
        }
        guard connections[id].transport.isBlocked else { return }
        core.blocked(connection)
        if connections[id].deadline == .none { setDeadline(id, .write, afterMs: HTTPTimes.writeMs) }
    }

    // MARK: - The closing handshake

    /// Our close frame is out. RFC 6455 §7.1.1: the peer answers with its own, and only then is the connection ended; it
    /// gets a while for that. Who has closed already, or cannot be understood any more, is not waited for.
    private func closeSent(_ id: SlabID) {
        if connections[id].decoder.isFinished || connections[id].transport.isBlocked {
            finish(id)
        } else {
            connections[id].transport.resumeReading(in: streams)
            setDeadline(id, .linger, afterMs: HTTPTimes.lingerMs)
        }
        dropIfFinished(id)
    }

    /// Looks for the peer's close frame; whatever else comes is dropped.
    func awaitClose(_ id: SlabID) {
        var decoder = connections[id].decoder
        streams.buffers.plaintext.withMutableBytes { bytes in
            var cursor = 0
            while decoder.next(&bytes, &cursor, inflater: inflater) != nil {}
        }
        connections[id].decoder = decoder
        if decoder.isFinished, !core.hasOutput(ConnectionReference(id.rawValue)) { finish(id) }
    }

    // MARK: - Upgrade

    /// Answers an upgrade request, and on acceptance turns the connection into a realtime one.
    func upgrade(_ id: SlabID, _ http: HTTPConnection, _ head: HTTPRequestHead, _ request: RequestHead) {
        if let origin = request.header("origin"),
            !CrossOrigin.allows(origin, host: request.header("host"), allowed: settings.allowedOrigins)
        {
            return refuse(id, http, .plain(status: 403, "This origin may not connect.\n"))
        }
        switch http.input.withBytes({ WebSocketHandshake.answer(Self.upgradeRequest(head, $0)) }) {
        case .refuse(let refusal):
            var response = Response.plain(status: refusal.status, "\(refusal.reason)\n")
            if refusal.status == 426 { response = Self.upgradeRequired("\(refusal.reason)\n") }
            refuse(id, http, response)
        case .accept(let acceptance):
            var bytes: [UInt8] = []
            acceptance.appendResponse(to: &bytes)
            connections[id].transport.write(bytes.span, in: streams)
            http.input.consume(head.byteCount)
            var early = ByteQueue()
            swap(&early, &http.input)
            connections[id].decoder = WebSocketDecoder(
                role: .server, messageBytesMax: settings.frameBytesMax, deflates: acceptance.deflate != nil)
            connections[id].http = nil
            cancelDeadline(id)
            core.opened(ConnectionReference(id.rawValue))
            // The first frames may have come with the request.
            early.withMutableBytes { decode(&$0, of: id) }
        }
    }

    /// RFC 9110 §15.5.22: says what to upgrade to.
    static func upgradeRequired(_ text: String) -> Response {
        let plain = Response.plain(status: 426, text)
        return Response(
            status: 426,
            headers: plain.headers + [
                ("upgrade", "websocket"), ("connection", "upgrade"), ("sec-websocket-version", "13"),
            ], body: plain.body)
    }

    private static func upgradeRequest(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> WebSocketUpgradeRequest {
        WebSocketUpgradeRequest(
            methodIsGET: head.method == .get, versionIsHTTP11: head.version == .http11, hasBody: head.framing != .none,
            upgrade: head.fields.joined("upgrade", in: bytes), connection: head.fields.joined("connection", in: bytes),
            key: head.fields.joined("sec-websocket-key", in: bytes),
            version: head.fields.joined("sec-websocket-version", in: bytes),
            extensions: head.fields.joined("sec-websocket-extensions", in: bytes))
    }
}
