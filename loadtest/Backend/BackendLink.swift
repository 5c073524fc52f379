internal import GatewayServer
internal import HTTPCodec
internal import Reactor

/// One HTTP/1.1 connection to the backend socket, with requests in a pipeline. Confined to the loop's thread.
struct BackendLink: ~Copyable {
    private static let bodyBytesMax = 16 << 20

    private var transport: StreamTransport
    /// Numbers of the requests that are not answered yet, in order.
    private(set) var waiting: [Int] = []
    private var input: [UInt8] = []
    private var parser = HTTPResponseParser()
    private var current: (status: Int, decoder: HTTPBodyDecoder, body: [UInt8])?

    init(to path: String, token: PollToken, in loop: TransportLoop) throws(SystemError) {
        transport = try StreamTransport(
            connecting: try Connector.start(to: .unix(path: path)), token: token, session: nil, in: loop)
    }

    var isOpen: Bool { transport.isOpen }

    mutating func send(_ number: Int, _ request: BackendRequest, _ key: BackendKey, in loop: TransportLoop) {
        var out: [UInt8] = []
        HTTPRequestWriter.append(
            request.method, target: request.target, host: "localhost", contentType: "application/json",
            body: request.body.span, to: &out
        ) { fields in
            key.appendFields(to: &fields)
            if let uid = request.onBehalfOf { HTTPFieldWriter.append("onBehalfOf", text: uid, to: &fields) }
        }
        waiting.append(number)
        transport.write(out.span, in: loop)
    }

    /// The answers that an event brought, with the numbers of their requests.
    mutating func ready(_ events: PollEvents, in loop: TransportLoop) throws -> [(Int, BackendAnswer)] {
        let result = transport.ready(events, in: loop)
        if result.count > 0 { loop.buffers.plaintext.withBytes { input += [UInt8](copying: $0) } }
        var answers: [(Int, BackendAnswer)] = []
        while let answer = try nextAnswer() {
            guard !waiting.isEmpty else { throw LoadFailure("the backend socket answered what nobody asked") }
            answers.append((waiting.removeFirst(), answer))
        }
        if let end = result.end { throw LoadFailure("the backend socket ended the connection: \(end)") }
        return answers
    }

    private mutating func nextAnswer() throws -> BackendAnswer? {
        if current == nil {
            let bytes = input
            switch parser.parseHead(bytes.span) {
            case .needMore: return nil
            case .refused(let refusal): throw LoadFailure("the backend socket speaks no HTTP: \(refusal.reason)")
            case .head(let head):
                let decoder = HTTPBodyDecoder(framing: head.framing, bodyBytesMax: Self.bodyBytesMax)
                current = (head.status, decoder, [])
                input.removeFirst(head.byteCount)
            }
        }
        guard let status = current?.status, var (_, decoder, body) = current else { return nil }
        var cursor = 0
        while true {
            switch decoder.next(input.span, &cursor) {
            case .data(let range): body += input[range]
            case .needMore:
                input.removeFirst(cursor)
                current = (status, decoder, body)
                return nil
            case .end:
                input.removeFirst(cursor)
                current = nil
                return BackendAnswer(status: status, body: body)
            case .refused(let refusal): throw LoadFailure("a body of the backend socket: \(refusal.reason)")
            }
        }
    }
}
