import HTTPCodec

/// A request as a test sees it, ranges copied out, so that runs over differently cut input can be compared.
struct SeenRequest: Equatable {
    var head: HTTPRequestHead
    var path: String
    var query: String?
    var fields: [String]
    var body: String
}

enum SeenHTTP: Equatable {
    case request(SeenRequest)
    case refused(HTTPRefusal)
}

func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
}

/// A connection's input as the server keeps it: bytes of a partial head stay, consumed ones go.
struct HTTPProbe {
    var parser: HTTPRequestParser
    var bodyBytesMax = 1 << 20
    var input: [UInt8] = []
    var seen: [SeenHTTP] = []
    private var pending: (request: SeenRequest, decoder: HTTPBodyDecoder)?
    private var failed = false

    init(limits: HTTPLimits = HTTPLimits(), bodyBytesMax: Int = 1 << 20) {
        parser = HTTPRequestParser(limits: limits)
        self.bodyBytesMax = bodyBytesMax
    }

    mutating func feed(_ piece: [UInt8]) {
        input += piece
        while !failed {
            if var (request, decoder) = pending {
                var cursor = 0
                let step = decoder.next(input.span, &cursor)
                if case .data(let range) = step { request.body += text(input, range) }
                input.removeFirst(cursor)
                pending = (request, decoder)
                switch step {
                case .data: continue
                case .needMore: return
                case .refused(let refusal): fail(refusal)
                case .end:
                    seen.append(.request(request))
                    pending = nil
                }
                continue
            }
            let bytes = input
            switch parser.parseHead(bytes.span) {
            case .needMore: return
            case .refused(let refusal): fail(refusal)
            case .head(let head):
                let request = SeenRequest(
                    head: head, path: text(input, head.path), query: head.query.map { text(input, $0) },
                    fields: head.fields.lines.map { text(input, $0.name) + "=" + text(input, $0.value) }, body: "")
                input.removeFirst(head.byteCount)
                pending = (request, HTTPBodyDecoder(framing: head.framing, bodyBytesMax: bodyBytesMax))
            }
        }
    }

    private mutating func fail(_ refusal: HTTPRefusal) {
        failed = true
        seen.append(.refused(refusal))
    }

    static func run(
        _ stream: [UInt8], cuts: [Int] = [], limits: HTTPLimits = HTTPLimits(), bodyBytesMax: Int = 1 << 20
    ) -> [SeenHTTP] {
        var probe = HTTPProbe(limits: limits, bodyBytesMax: bodyBytesMax)
        var start = 0
        for cut in cuts + [stream.count] {
            probe.feed(Array(stream[start..<cut]))
            start = cut
        }
        return probe.seen
    }

    /// What is seen in one piece, and whether it is the same byte by byte and cut in two anywhere.
    static func runEverySplit(
        _ stream: String, limits: HTTPLimits = HTTPLimits(), bodyBytesMax: Int = 1 << 20
    ) -> (seen: [SeenHTTP], isSame: Bool) {
        let bytes = Array(stream.utf8)
        let whole = run(bytes, limits: limits, bodyBytesMax: bodyBytesMax)
        var isSame = run(bytes, cuts: Array(bytes.indices), limits: limits, bodyBytesMax: bodyBytesMax) == whole
        for cut in 0...bytes.count
        where run(bytes, cuts: [cut], limits: limits, bodyBytesMax: bodyBytesMax) != whole { isSame = false }
        return (whole, isSame)
    }
}
