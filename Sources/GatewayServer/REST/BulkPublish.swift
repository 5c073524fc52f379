internal import ChatModel
internal import DequeModule
internal import GatewayCore
internal import JSONCodec
internal import WireProtocol

/// `POST messages/bulk`: a message per line in, its result per line out, in order, both streaming (protocol.md §8).
/// Confined to its connection's shard.
///
///     bytes ─► LineBuffer ─► line ─► post ─► slot (waiting) ─► replied ─► slot (done) ─► written, first one first
///                                      └ refused ─► slot (done)
///
/// At most `linesMax` lines and `bytesMax` bytes of them are under way; past it the body is not read on. A line that finds
/// no credit waits while others of this stream are under way, and is answered as unavailable when there are none.
final class BulkPublish: RequestStream {
    static let pattern = "messages/bulk"
    static let path = "/" + pattern
    static let linesMax = 1_024
    static let bytesMax = 4 << 20
    /// Where the configuration turns the bound on messages off.
    private static let lineBytesFallback = 1 << 20
    /// What a command holds on to besides its line, as an estimate for the credit.
    private static let commandBytes = 512

    /// A line that is under way, or whose result waits for those before it.
    private struct Slot {
        let muid: String?
        let byteCount: Int
        /// nil: not known yet.
        var result: [UInt8]?
    }

    /// A line that found no credit.
    private struct Held {
        let command: Command
        let muid: String?
        let byteCount: Int
    }

    private let call: RouteCall
    private let limits: Limits
    private var lines: LineBuffer
    private var slots: Deque<Slot> = []
    /// The tag of `slots[0]`.
    private var firstTag: UInt64 = 0
    private var bytesUnderWay = 0
    private var held: Held?
    private var hasEnded = false
    private var isFinished = false

    init(_ call: RouteCall) {
        self.call = call
        limits = call.limits
        lines = LineBuffer(lineBytesMax: limits.messageBytes > 0 ? limits.messageBytes : Self.lineBytesFallback)
    }

    var contentType: String { "application/x-ndjson" }

    var wantsMore: Bool { held == nil && hasRoom }

    private var hasRoom: Bool { slots.count < Self.linesMax && bytesUnderWay < Self.bytesMax }

    func receive(_ bytes: UnsafeRawBufferPointer, ended: Bool, port: any RequestStreamPort) {
        unsafe lines.append(bytes, ended: ended)
        hasEnded = hasEnded || ended
        advance(port)
    }

    func replied(_ tag: UInt64, _ body: ReplyBody, port: any RequestStreamPort) {
        guard tag >= firstTag, tag - firstTag < UInt64(slots.count) else { return }
        let index = Int(tag - firstTag)
        bytesUnderWay -= slots[index].byteCount
        slots[index].result =
            switch body {
            case .message(let view, let duplicate): Self.result(view.message, duplicate: duplicate)
            case .failed(let failure): Self.result(failure, muid: slots[index].muid)
            default: Self.result(APIFailure(.missionFailed, "the gateway answered itself wrongly"), muid: nil)
            }
        advance(port)
    }

    // MARK: - Lines

    /// Posts what there is room for, and writes what is done.
    private func advance(_ port: any RequestStreamPort) {
        if let line = held {
            held = nil
            post(line, port)
        }
        // What is written makes room, and a bad line is done at once: neither may be the end of it.
        repeat {
            write(port)
            while held == nil, hasRoom, let line = lines.next() { take(line, port) }
        } while slots.first?.result != nil
        if hasEnded, !isFinished, held == nil, slots.isEmpty, lines.count == 0 {
            isFinished = true
            port.finish()
        }
    }

    private func take(_ line: LineBuffer.Line, _ port: any RequestStreamPort) {
        guard case .text(let bytes) = line else {
            let failure = APIFailure(.badRequest, "the line is longer than \(limits.messageBytes) bytes")
            return append(Self.result(failure, muid: nil))
        }
        guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        do throws(APIFailure) {
            post(try parsed(bytes), port)
        } catch {
            append(Self.result(error, muid: MessageBody.muid(of: bytes, limits: limits)))
        }
    }

    private func parsed(_ line: [UInt8]) throws(APIFailure) -> Held {
        let body = try MessageBody.decode(line, limits: limits, readsSender: true)
        guard case .backend(let onBehalfOf) = call.identity, let sender = body.sender ?? onBehalfOf else {
            throw APIFailure(.badRequest, "sender: is missing, and there is no onBehalfOf")
        }
        let command = Command(
            app: call.app.number, caller: .backend(onBehalfOf: sender), origin: call.origin,
            operation: .send(body.draft))
        return Held(command: command, muid: body.draft.muid, byteCount: line.count)
    }

    private func post(_ line: Held, _ port: any RequestStreamPort) {
        let tag = firstTag + UInt64(slots.count)
        if port.post(line.command, bytes: line.byteCount + Self.commandBytes, tag: tag) {
            slots.append(Slot(muid: line.muid, byteCount: line.byteCount))
            bytesUnderWay += line.byteCount
        } else if slots.contains(where: { $0.result == nil }) {
            held = line
        } else {
            let failure = APIFailure(.unavailable, "the gateway is overloaded; try again")
            append(Self.result(failure, muid: line.muid))
        }
    }

    private func append(_ result: [UInt8]) {
        slots.append(Slot(muid: nil, byteCount: 0, result: result))
    }

    private func write(_ port: any RequestStreamPort) {
        var out: [UInt8] = []
        while let result = slots.first?.result {
            out += result
            slots.removeFirst()
            firstTag += 1
        }
        if !out.isEmpty { port.write(out) }
    }

    // MARK: - Results

    private static func result(_ message: MessageRecord, duplicate: Bool) -> [UInt8] {
        BulkResult.line { writer in
            writer.key("id")
            writer.decimalString(message.id)
            writer.member("seq", message.id)
            writer.member("muid", ifPresent: message.muid)
            writer.member("duplicate", duplicate)
        }
    }

    private static func result(_ failure: APIFailure, muid: String?) -> [UInt8] {
        BulkResult.line { writer in
            writer.key("error")
            writer.beginObject()
            writer.member("code", failure.code.rawValue)
            writer.member("message", failure.message)
            writer.endObject()
            writer.member("muid", ifPresent: muid)
        }
    }
}
