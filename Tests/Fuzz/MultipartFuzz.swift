/// libFuzzer's entry for `MultipartParser`: whatever arrives, cut as the first byte says, is read without a crash, and
/// with the same result as in one piece. Compiled together with the codec's sources by `fuzz.sh`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMultipart(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 2 else { return 0 }
    // SAFETY: libFuzzer lends `count` bytes for the length of this call.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let body = Array(input.dropFirst())
    let whole = form(body, step: body.count)
    let cut = form(body, step: Int(input[0] % 17) + 1)
    precondition(whole == cut, "how bytes are cut changes what is read")
    _ = try? MultipartBoundary(contentType: "multipart/form-data;" + String(decoding: body, as: UTF8.self))
    return 0
}

private enum Seen: Equatable {
    case part(MultipartPart)
    case content([UInt8])
    case end
    case refused(MultipartRefusal)
}

private func form(_ body: [UInt8], step: Int) -> [Seen] {
    var limits = MultipartLimits()
    limits.partsMax = 4
    limits.headBytesMax = 256
    limits.fieldBytesMax = 64
    limits.epilogueBytesMax = 16
    guard let boundary = try? MultipartBoundary(contentType: "multipart/form-data; boundary=x") else { return [] }
    var parser = MultipartParser(boundary: boundary, limits: limits)
    var seen: [Seen] = []
    var content: [UInt8] = []
    var kept: [UInt8] = []
    var start = 0
    while true {
        let end = min(body.count, start + max(1, step))
        let isLast = start == body.count
        kept += body[start..<end]
        start = end
        var cursor = 0
        reading: while true {
            switch parser.next(kept.span, &cursor, ended: isLast) {
            case .needMore: break reading
            case .part(let part): seen.append(.part(part))
            case .data(let range):
                precondition(!range.isEmpty, "never empty")
                content += kept[range]
            case .partEnd:
                seen.append(.content(content))
                content = []
            case .end: return seen + [.end]
            case .refused(let refusal): return seen + [.refused(refusal)]
            }
        }
        kept.removeFirst(cursor)
        precondition(kept.count < 74, "only what may be a boundary is left behind")
    }
}
