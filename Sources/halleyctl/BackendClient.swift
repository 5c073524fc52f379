internal import Foundation
internal import HTTPCodec
internal import Reactor

/// One blocking HTTP/1.1 connection to the backend socket. Confined to the caller's thread.
final class BackendClient {
    private static let waitMs: Int32 = 30_000

    private let socket: Descriptor
    private let path: String
    private let app: String
    private let apiKey: String?
    private var input: [UInt8] = []

    init(socket path: String, app: String, apiKey: String?) throws {
        do {
            socket = try Connector.start(to: .unix(path: path))
        } catch {
            throw CommandFailure(message: "cannot reach halleyd at \(path): \(error)")
        }
        self.path = path
        self.app = app
        self.apiKey = apiKey
    }

    /// Sends one request and returns the answer's `data`.
    ///
    /// - Throws: `CommandFailure` with the gateway's own words for a refusal.
    func call(
        _ method: HTTPMethod, _ target: String, body: [String: Any]? = nil, onBehalfOf uid: String? = nil
    ) throws -> Any {
        let bytes = try body.map { Array(try JSONSerialization.data(withJSONObject: $0)) } ?? []
        var request: [UInt8] = []
        HTTPRequestWriter.append(
            method, target: target, host: "halley", contentType: body == nil ? nil : "application/json",
            body: bytes.span, to: &request
        ) { out in
            HTTPFieldWriter.append("appid", text: app, to: &out)
            if let apiKey { HTTPFieldWriter.append("apikey", text: apiKey, to: &out) }
            if let uid { HTTPFieldWriter.append("onBehalfOf", text: uid, to: &out) }
        }
        try send(request)
        let head = try receiveHead()
        return try data(of: try receiveBody(head.framing), status: head.status)
    }

    /// Sends a request whose answer is lines for as long as the gateway lasts, and hands over each that is not empty.
    ///
    /// - Throws: `CommandFailure` for a refusal, and when the connection ends other than in order.
    func stream(_ target: String, _ receive: ([UInt8]) -> Void) throws {
        var request: [UInt8] = []
        HTTPRequestWriter.append(
            .get, target: target, host: "halley", contentType: nil, body: [UInt8]().span, to: &request
        ) { out in
            HTTPFieldWriter.append("appid", text: app, to: &out)
            if let apiKey { HTTPFieldWriter.append("apikey", text: apiKey, to: &out) }
        }
        try send(request)
        let head = try receiveHead()
        guard head.status == 200 else {
            _ = try data(of: try receiveBody(head.framing), status: head.status)
            throw broken("answered \(head.status)")
        }
        var rest: [UInt8] = []
        try receiveBody(head.framing, bytesMax: .max) { part in
            rest += part
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                if end > 0 { receive(Array(rest[..<end])) }
                rest.removeFirst(end + 1)
            }
        }
    }

    private func data(of answer: [UInt8], status: Int) throws -> Any {
        guard let object = try? JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any] else {
            throw CommandFailure(message: "halleyd answered \(status) with what is no JSON object")
        }
        if let data = object["data"], status < 300 { return data }
        let error = object["error"] as? [String: Any]
        let code = error?["code"] as? String ?? "?"
        throw CommandFailure(message: "\(code): \(error?["message"] as? String ?? "refused with \(status)")")
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            switch Syscall.send(socket, bytes.span.extracting(sent..<bytes.count)) {
            case .sent(let count): sent += count
            case .wouldBlock: try wait(.writable)
            case .failed(let code): throw broken(SystemError.text(of: code))
            }
        }
    }

    private func receiveHead() throws -> (status: Int, framing: HTTPBodyFraming) {
        var parser = HTTPResponseParser()
        while true {
            switch parser.parseHead(input.span) {
            case .needMore: try fill()
            case .refused(let refusal): throw broken("answered with bad HTTP: \(refusal.reason)")
            case .head(let head):
                input.removeFirst(head.byteCount)
                return (head.status, head.framing)
            }
        }
    }

    private func receiveBody(_ framing: HTTPBodyFraming) throws -> [UInt8] {
        var body: [UInt8] = []
        try receiveBody(framing, bytesMax: 64 << 20) { body += $0 }
        return body
    }

    private func receiveBody(_ framing: HTTPBodyFraming, bytesMax: Int, _ take: (ArraySlice<UInt8>) -> Void) throws {
        var decoder = HTTPBodyDecoder(framing: framing, bodyBytesMax: bytesMax)
        var cursor = 0
        while true {
            switch decoder.next(input.span, &cursor) {
            case .data(let range): take(input[range])
            case .needMore:
                input.removeFirst(cursor)
                cursor = 0
                try fill()
            case .end:
                input.removeFirst(cursor)
                return
            case .refused(let refusal): throw broken("answered with bad HTTP: \(refusal.reason)")
            }
        }
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            var span = chunk.mutableSpan
            switch Syscall.receive(socket, into: &span) {
            case .received(let count):
                input += chunk[..<count]
                return
            case .wouldBlock: try wait(.readable)
            case .endOfStream: throw broken("closed the connection")
            case .failed(let code): throw broken(SystemError.text(of: code))
            }
        }
    }

    private func wait(_ direction: Syscall.Direction) throws {
        guard Syscall.await(socket, direction, timeoutMs: Self.waitMs) else { throw broken("did not answer in time") }
    }

    private func broken(_ reason: String) -> CommandFailure {
        CommandFailure(message: "halleyd at \(path): \(reason)")
    }
}
