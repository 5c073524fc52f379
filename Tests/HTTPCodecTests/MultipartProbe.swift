import HTTPCodec

/// What a body was found to hold, contents put together, so that runs over differently cut input can be compared.
struct SeenForm: Equatable {
    struct Part: Equatable {
        var part: MultipartPart
        var content: [UInt8] = []
        var isComplete = false
    }

    var parts: [Part] = []
    var refusal: MultipartRefusal?
    var isComplete = false

    /// `name=content` of every part.
    var texts: [String] { parts.map { "\($0.part.name)=\(String(decoding: $0.content, as: UTF8.self))" } }
}

enum MultipartProbe {
    static let boundary = "AaB03x"

    /// Feeds pieces as a reader does that keeps what lies behind the cursor.
    static func run(
        _ body: [UInt8], cuts: [Int] = [], boundary: String = boundary, limits: MultipartLimits = MultipartLimits()
    ) throws -> SeenForm {
        let header = "multipart/form-data; boundary=\(boundary)"
        var parser = MultipartParser(boundary: try MultipartBoundary(contentType: header), limits: limits)
        var seen = SeenForm()
        var kept: [UInt8] = []
        var start = 0
        for cut in cuts + [body.count, body.count] where seen.refusal == nil {
            kept += body[start..<cut]
            let isLast = start == body.count || cut == body.count && body.isEmpty
            start = cut
            var cursor = 0
            reading: while true {
                switch parser.next(kept.span, &cursor, ended: isLast) {
                case .needMore: break reading
                case .part(let part): seen.parts.append(SeenForm.Part(part: part))
                case .data(let range): seen.parts[seen.parts.count - 1].content += kept[range]
                case .partEnd: seen.parts[seen.parts.count - 1].isComplete = true
                case .end:
                    seen.isComplete = true
                    break reading
                case .refused(let refusal):
                    seen.refusal = refusal
                    // How much of an unfinished part was handed out before is the cuts' matter.
                    if seen.parts.last?.isComplete == false { seen.parts[seen.parts.count - 1].content = [] }
                    break reading
                }
            }
            kept.removeFirst(cursor)
        }
        return seen
    }

    static func run(_ body: String, limits: MultipartLimits = MultipartLimits()) throws -> SeenForm {
        try run(Array(body.utf8), limits: limits)
    }

    /// Whether it is the same byte by byte and cut in two anywhere.
    static func isSameHoweverCut(_ body: [UInt8], limits: MultipartLimits = MultipartLimits()) throws -> Bool {
        let whole = try run(body, limits: limits)
        guard try run(body, cuts: Array(body.indices), limits: limits) == whole else { return false }
        for cut in 0...body.count where try run(body, cuts: [cut], limits: limits) != whole { return false }
        return true
    }

    static func part(_ name: String, _ content: String, more: String = "", head: String = "") -> String {
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n\(head)\r\n\(content)\r\n"
    }

    static let end = "--\(boundary)--\r\n"
}
