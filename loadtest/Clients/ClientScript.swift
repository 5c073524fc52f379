internal import JSONCodec
internal import Reactor
internal import TLSEngine
internal import WebSocketCodec

/// What all clients of a run have in common: how they open, and where what they receive is counted. Confined to the
/// loop's thread.
final class ClientScript {
    let endpoint: Endpoint
    let context: TLSContext?
    let depth: ConnectDepth
    let app: String
    /// By client index; those of a server that believes anything are empty.
    var credentials: [Credential] = []
    /// Offered by every client when set.
    var resumption: TLSResumption?
    var inbox: Inbox
    private var random: SeededRandom

    init(endpoint: Endpoint, context: TLSContext?, depth: ConnectDepth, app: String, seed: UInt64) {
        self.endpoint = endpoint
        self.context = context
        self.depth = depth
        self.app = app
        random = SeededRandom(seed: seed)
        inbox = Inbox(run: random.next())
    }

    /// A client's upgrade: what to judge the answer with, and the request.
    func makeUpgrade() -> (WebSocketClientHandshake, request: [UInt8]) {
        let nonce = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let handshake = WebSocketClientHandshake(nonce: nonce)
        var request: [UInt8] = []
        handshake.appendRequest(target: endpoint.target, host: endpoint.authority, to: &request)
        return (handshake, request)
    }

    /// The first frame of client `index`, protocol.md 3.1.
    func authFrame(_ index: Int) -> [UInt8] {
        let uid = index < credentials.count ? credentials[index].uid : "load-\(index)"
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in [("appId", app), ("deviceId", "session-\(uid)"), ("type", "auth"), ("sender", uid)] {
            writer.key(text: key)
            writer.string(value)
        }
        writer.key("body")
        writer.beginObject()
        writer.key("auth")
        writer.string(index < credentials.count ? credentials[index].token : "any")
        writer.key("deviceId")
        writer.string("session-\(uid)")
        writer.key("params")
        writer.beginObject()
        writer.key("deviceId")
        writer.string("device-\(uid)")
        writer.key("platform")
        writer.string("load")
        writer.endObject()
        writer.endObject()
        writer.endObject()
        return frame(.text, writer.take())
    }

    /// A masked frame.
    func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(payload.count + 14)
        let key = UInt32(truncatingIfNeeded: random.next())
        WebSocketEncoder.appendMaskedFrame(opcode, payload.span, maskingKey: key, to: &out)
        return out
    }
}
