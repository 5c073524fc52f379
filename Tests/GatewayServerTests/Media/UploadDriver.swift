import Foundation
import GatewayCore
import Testing

@testable import GatewayServer

/// A shard's side of an upload: gives the body in pieces, as long as it is wanted, and takes the result.
final class UploadDriver {
    static let boundary = "XXboundaryXX"

    let head: RequestHead
    let consumer: any BodyConsumer
    private let woken = DispatchSemaphore(value: 0)

    init(_ world: RESTWorld, as headers: [String: String], boundary: String = boundary) throws {
        var headers = headers
        headers["content-type"] = "multipart/form-data; boundary=\(boundary)"
        head = RESTWorld.head("POST", "/messages", headers, headers["apikey"] == nil ? .public : .backend)
        guard case .consume(let consumer) = world.router.begin(head) else {
            throw NotBegun()
        }
        self.consumer = consumer
    }

    struct NotBegun: Error {}

    func start() {
        consumer.start { [woken] in woken.signal() }
    }

    /// Waits for the next wake; fails past ten seconds.
    func wait() throws {
        try #require(woken.wait(timeout: .now() + 10) == .success, "no wake came")
    }

    func give(_ bytes: some Sequence<UInt8>, ended: Bool = false) {
        let bytes = Array(bytes)
        // SAFETY: the consumer reads the bytes during the call only.
        unsafe bytes.withUnsafeBytes { unsafe consumer.receive($0, ended: ended) }
    }

    /// The whole body in pieces, and the result; nil only if no wake brings one.
    func send(_ body: [UInt8], step: Int = 65_536) throws -> RouteResult {
        start()
        var rest = body[...]
        var hasEnded = false
        while true {
            try wait()
            if let result = consumer.takeResult() { return result }
            while consumer.wantsMore, !hasEnded {
                give(rest.prefix(step), ended: rest.count <= step)
                hasEnded = rest.count <= step
                rest = rest.dropFirst(step)
            }
        }
    }

    // MARK: - Forms

    static func form(_ fields: [String: String], files: [(name: String, content: [UInt8])] = []) -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        for (name, content) in files {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n".utf8
            body += content
            body += "\r\n".utf8
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }

    static func message(to receiver: String, type: String = "file", _ more: [String: String] = [:]) -> [String: String]
    {
        ["receiver": receiver, "receiverType": "user", "category": "message", "type": type].merging(more) { $1 }
    }
}
