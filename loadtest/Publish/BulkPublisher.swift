internal import GatewayServer
internal import HTTPCodec
internal import JSONCodec
internal import Reactor

/// One endless `POST messages/bulk` on the backend socket: a line per message out, a result per line back. Confined to
/// the loop's thread.
final class BulkPublisher: Publisher {
    static let token = PollToken.fixture(0)

    private let loop: LoadLoop
    private let sender: String
    private let group: String
    private var transport: StreamTransport
    private var input: [UInt8] = []
    private var parser = HTTPResponseParser()
    private var decoder: HTTPBodyDecoder?
    private var line: [UInt8] = []
    private var results = 0
    private(set) var refused = 0
    private(set) var refusal: String?

    init(key: BackendKey, sender: String, group: String, loop: LoadLoop) throws {
        self.loop = loop
        self.sender = sender
        self.group = group
        do throws(SystemError) {
            transport = try StreamTransport(
                connecting: try Connector.start(to: .unix(path: key.socketPath)), token: Self.token, session: nil,
                in: loop.streams)
        } catch {
            throw LoadFailure(error)
        }
        while !transport.isOpen {
            try loop.poll(timeoutMs: 100, awaiting: "the backend socket opens") { _, events in ready(events) }
            if let refusal { throw LoadFailure(refusal) }
        }
        var head: [UInt8] = []
        HTTPRequestWriter.appendStart(.post, target: "/messages/bulk", host: "localhost", to: &head)
        key.appendFields(to: &head)
        HTTPFieldWriter.append("Content-Type", "application/x-ndjson", to: &head)
        HTTPFieldWriter.append("Transfer-Encoding", "chunked", to: &head)
        HTTPFieldWriter.endHead(to: &head)
        transport.write(head.span, in: loop.streams)
    }

    var confirmed: Int? { results - refused }

    func publish(_ texts: [[UInt8]]) throws {
        var lines: [UInt8] = []
        for text in texts {
            var writer = JSONWriter(capacity: text.count + 256)
            writer.beginObject()
            writer.key("sender")
            writer.string(sender)
            writer.key("receiver")
            writer.string(group)
            writer.key("receiverType")
            writer.literal("group")
            MessageMembers.append(text, to: &writer)
            writer.endObject()
            lines += writer.take() + [UInt8(ascii: "\n")]
        }
        var chunk: [UInt8] = []
        HTTPResponseWriter.appendChunk(lines.span, to: &chunk)
        transport.write(chunk.span, in: loop.streams)
    }

    func ready(_ events: PollEvents) {
        let result = transport.ready(events, in: loop.streams)
        if result.count > 0 { loop.streams.buffers.plaintext.withBytes { input += [UInt8](copying: $0) } }
        readResults()
        if let end = result.end { refuse("the backend socket ended the stream: \(end)") }
    }

    private func readResults() {
        if decoder == nil {
            let bytes = input
            switch parser.parseHead(bytes.span) {
            case .needMore: return
            case .refused(let refusal): return refuse("the backend socket speaks no HTTP: \(refusal.reason)")
            case .head(let head):
                input.removeFirst(head.byteCount)
                guard head.status == 200 else { return refuse("bulk publishing refused: \(head.status)") }
                decoder = HTTPBodyDecoder(framing: head.framing, bodyBytesMax: .max)
            }
        }
        guard var body = decoder else { return }
        var cursor = 0
        scan: while true {
            switch body.next(input.span, &cursor) {
            case .data(let range): take(input[range])
            case .needMore: break scan
            case .end:
                refuse("the backend socket ended the stream")
                break scan
            case .refused(let refusal):
                refuse("the results: \(refusal.reason)")
                break scan
            }
        }
        decoder = body
        input.removeFirst(cursor)
    }

    /// Cuts results at their line ends.
    private func take(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            results += 1
            let text = String(decoding: line, as: UTF8.self)
            if text.contains(#""error""#) { refuse(text) }
            line.removeAll(keepingCapacity: true)
        }
    }

    private func refuse(_ reason: String) {
        refused += 1
        if refusal == nil { refusal = reason }
    }
}
