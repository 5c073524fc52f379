import HTTPCodec
import Testing

@testable import GatewayServer

@Suite struct SlowBodyTests {
    private final class Consumer: BodyConsumer {
        let wantsMore = true
        func start(wake: @escaping @Sendable () -> Void) {}
        func receive(_ bytes: UnsafeRawBufferPointer, ended: Bool) {}
        func takeResult() -> RouteResult? { nil }
        func abandon() {}
    }

    private func isTooSlow(_ taken: Int, afterMs: Int64, consumed: Bool = true) -> Bool {
        var body = HTTPConnection.Body(
            head: RESTWorld.head("POST", "/messages", [:], .public),
            decoder: HTTPBodyDecoder(framing: .chunked, bodyBytesMax: .max), keepAlive: true, stream: nil,
            consumer: consumed ? Consumer() : nil, startedMs: 1_000)
        body.taken = taken
        return body.isTooSlow(nowMs: 1_000 + afterMs)
    }

    @Test func anUploadThatTricklesIsEndedAfterAMinute() {
        let enough = Int(HTTPTimes.bodyBytesPerSecondMin) * 61
        #expect(!isTooSlow(1, afterMs: HTTPTimes.trickleMs))
        #expect(isTooSlow(1, afterMs: HTTPTimes.trickleMs + 1))
        #expect(isTooSlow(enough - 1, afterMs: 61_000))
        #expect(!isTooSlow(enough, afterMs: 61_000))
        #expect(isTooSlow(enough, afterMs: 62_000))
        #expect(!isTooSlow(1, afterMs: 1_000_000, consumed: false))
    }
}
