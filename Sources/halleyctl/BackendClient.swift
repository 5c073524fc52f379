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
        let (status, answer) = try receive()
        return try data(of: answer, status: status)
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

    private func receive() throws -> (status: Int, body: [UInt8]) {
        var parser = HTTPResponseParser()
        while true {
            switch parser.parseHead(input.span) {
            case .needMore: try fill()
            case .refused(let refusal): throw broken("answered with bad HTTP: \(refusal.reason)")
            case .head(let head):
                input.removeFirst(head.byteCount)
                return (head.status, try receiveBody(head.framing))
            }
        }
    }

    private func receiveBody(_ framing: HTTPBodyFraming) throws -> [UInt8] {
        var decoder = HTTPBodyDecoder(framing: framing, bodyBytesMax: 64 << 20)
        var body: [UInt8] = []
        var cursor = 0
        while true {
            switch decoder.next(input.span, &cursor) {
            case .data(let range): body += input[range]
            case .needMore:
                input.removeFirst(cursor)
                cursor = 0
                try fill()
            case .end:
                input.removeFirst(cursor)
                return body
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
