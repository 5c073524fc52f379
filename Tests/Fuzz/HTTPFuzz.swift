/// libFuzzer's entry for `HTTPRequestParser` and `HTTPBodyDecoder`: whatever arrives, cut as the first byte says, is read
/// without a crash, and with the same result as in one piece. Compiled together with the codec's sources by `fuzz.sh`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 2 else { return 0 }
    // SAFETY: libFuzzer lends `count` bytes for the length of this call.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let stream = Array(input.dropFirst())
    let whole = requests(stream, step: stream.count)
    let cut = requests(stream, step: Int(input[0] % 17) + 1)
    precondition(whole == cut, "how bytes are cut changes what is read")
    return 0
}

private enum Seen: Equatable {
    case head(HTTPRequestHead, [String], [String])
    case body([UInt8])
    case refused(HTTPRefusal)
}

private func requests(_ stream: [UInt8], step: Int) -> [Seen] {
    let limits = HTTPLimits(headBytesMax: 1024, targetBytesMax: 128, fieldsMax: 8)
    var parser = HTTPRequestParser(limits: limits)
    var body: (decoder: HTTPBodyDecoder, bytes: [UInt8])?
    var input: [UInt8] = []
    var seen: [Seen] = []
    var start = 0
    while start < stream.count {
        let end = min(stream.count, start + max(1, step))
        input += stream[start..<end]
        start = end
        reading: while true {
            if var (decoder, bytes) = body {
                var cursor = 0
                let result = decoder.next(input.span, &cursor)
                if case .data(let range) = result { bytes += input[range] }
                input.removeFirst(cursor)
                precondition(bytes.count <= 2048, "the limit holds")
                body = (decoder, bytes)
                switch result {
                case .data: continue
                case .needMore: break reading
                case .refused(let refusal): return seen + [.refused(refusal)]
                case .end:
                    seen.append(.body(bytes))
                    body = nil
                }
                continue
            }
            switch parser.parseHead(input.span) {
            case .needMore: break reading
            case .refused(let refusal): return seen + [.refused(refusal)]
            case .head(let head):
                let segments = (try? HTTPTarget.segments(input.span, path: head.path)) ?? ["!"]
                let items = head.query.flatMap { try? HTTPTarget.queryItems(input.span, query: $0) } ?? []
                seen.append(.head(head, segments, items.map { $0.name + "=" + $0.value }))
                input.removeFirst(head.byteCount)
                body = (HTTPBodyDecoder(framing: head.framing, bodyBytesMax: 2048), [])
            }
        }
    }
    return seen
}
