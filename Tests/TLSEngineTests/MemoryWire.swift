import Testing

@testable import TLSEngine

/// A client and a server session joined in memory; every byte passes through the test's hands.
final class MemoryWire {
    enum Side: CaseIterable {
        case client
        case server
    }

    let client: TLSSession
    let server: TLSSession
    let loop: TLSLoop
    /// Bytes per `receive`; Int.max feeds what there is.
    var chunkBytes = Int.max
    /// Room for plaintext per `receive`.
    var plaintextBytes = 1 << 17
    private(set) var toServer: [UInt8] = []
    private(set) var toClient: [UInt8] = []
    /// What each side received.
    fileprivate(set) var clientPlaintext: [UInt8] = []
    fileprivate(set) var serverPlaintext: [UInt8] = []
    /// How each side ended, once it has.
    private(set) var clientEnd: TLSReceiveResult?
    private(set) var serverEnd: TLSReceiveResult?

    init(
        client: TLSContext, server: TLSContext, loop: TLSLoop = TLSLoop(), serverName: String? = "localhost",
        resumption: TLSResumption? = nil
    ) {
        self.loop = loop
        self.client = TLSSession(context: client, loop: loop, serverName: serverName, resumption: resumption)
        self.server = TLSSession(context: server, loop: loop)
    }

    func session(_ side: Side) -> TLSSession { side == .client ? client : server }

    /// Feeds one side `bytes` and collects what it answers.
    func feed(_ side: Side, _ bytes: [UInt8]) {
        var plaintext = [UInt8](repeating: 0, count: plaintextBytes)
        // SAFETY: both arrays live for the calls; the results are within their bounds.
        unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes
            unsafe plaintext.withUnsafeMutableBytes { buffer in
                repeat {
                    switch unsafe session(side).receive(&rest, into: buffer) {
                    case .handshaking:
                        collect(side)
                        return
                    case .plaintext(let count, let more):
                        unsafe append(side, buffer[..<count])
                        collect(side)
                        if !more { return }
                    case .closed:
                        end(side, .closed)
                        return
                    case .failed(let failure):
                        end(side, .failed(failure))
                        return
                    }
                } while true
            }
        }
    }

    private func append(_ side: Side, _ bytes: Slice<UnsafeMutableRawBufferPointer>) {
        // SAFETY: the slice is within the caller's buffer.
        if side == .client { unsafe clientPlaintext += bytes } else { unsafe serverPlaintext += bytes }
    }

    private func end(_ side: Side, _ result: TLSReceiveResult) {
        collect(side)
        if side == .client { clientEnd = result } else { serverEnd = result }
    }

    /// Takes the loop's output as the bytes this side sends.
    func collect(_ side: Side) {
        // SAFETY: copied before the next call on the loop.
        let sent = unsafe [UInt8](loop.output)
        loop.consumeOutput()
        if side == .client { toServer += sent } else { toClient += sent }
    }

    func takeInFlight(to side: Side) -> [UInt8] {
        defer { if side == .server { toServer = [] } else { toClient = [] } }
        return side == .server ? toServer : toClient
    }

    /// Carries bytes both ways until nothing is in flight.
    func run() {
        while !toServer.isEmpty || !toClient.isEmpty {
            for side in Side.allCases {
                let bytes = takeInFlight(to: side)
                var start = 0
                while start < bytes.count {
                    let end = start + min(chunkBytes, bytes.count - start)
                    feed(side, [UInt8](bytes[start..<end]))
                    start = end
                }
            }
        }
    }

    func shakeHands() {
        feed(.client, [])
        run()
    }

    @discardableResult
    func send(_ side: Side, _ bytes: [UInt8]) -> TLSSendResult {
        let result = unsafe bytes.withUnsafeBytes { unsafe session(side).send($0) }
        collect(side)
        return result
    }

    func close(_ side: Side) {
        session(side).close()
        collect(side)
    }
}

extension MemoryWire {
    /// Gives back the memory of what was received.
    func forgetPlaintext() {
        clientPlaintext = []
        serverPlaintext = []
    }
}
