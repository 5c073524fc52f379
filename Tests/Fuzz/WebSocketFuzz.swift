/// libFuzzer's entry for `WebSocketDecoder`: whatever arrives, cut as the first bytes say, is read without a crash, and
/// with the same events as in one piece. Compiled together with the codec's sources by `fuzz.sh`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebSocket(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 3 else { return 0 }
    // SAFETY: libFuzzer lends `count` bytes for the length of this call.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let deflates = input[0] & 1 != 0
    let role: WebSocketRole = input[0] & 2 != 0 ? .client : .server
    let stream = Array(input.dropFirst(2))
    let whole = events(stream, step: stream.count, role: role, deflates: deflates)
    let cut = events(stream, step: Int(input[1] % 17) + 1, role: role, deflates: deflates)
    precondition(whole == cut, "how bytes are cut changes what is read")
    return 0
}

/// Each event as a kind, or a fault's place in the list, and its bytes.
private func events(_ stream: [UInt8], step: Int, role: WebSocketRole, deflates: Bool) -> [[UInt8]] {
    var decoder = WebSocketDecoder(role: role, messageBytesMax: 4096, deflates: deflates)
    let inflater = Inflater()
    var seen: [[UInt8]] = []
    var start = 0
    while start < stream.count {
        var piece = Array(stream[start..<min(stream.count, start + max(1, step))])
        start += piece.count
        var cursor = 0
        while true {
            var span = piece.mutableSpan
            guard let event = decoder.next(&span, &cursor, inflater: inflater) else { break }
            func add(_ kind: UInt8, _ payload: WebSocketPayload) {
                seen.append(
                    payload.withBytes(in: piece.span, inflater: inflater) { bytes in
                        precondition(bytes.count <= 4096, "the limit holds")
                        return [kind] + (0..<bytes.count).map { bytes[$0] }
                    })
            }
            switch event {
            case .text(let payload): add(1, payload)
            case .binary(let payload): add(2, payload)
            case .ping(let payload): add(9, payload)
            case .pong(let payload): add(10, payload)
            case .close(let code, let reason):
                add(8, reason)
                seen.append([UInt8((code?.rawValue ?? 0) >> 8), UInt8((code?.rawValue ?? 0) & 0xFF)])
            case .failed(let fault): seen.append([0xFF, UInt8(WebSocketFault.allCases.firstIndex(of: fault)!)])
            }
        }
    }
    return seen
}
