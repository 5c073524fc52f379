internal import HTTPCodec
internal import Reactor
internal import WireProtocol

/// `GET /media/<key>/<name>`: the uploaded files. No credential is asked for: the key is one (protocol.md §7).
enum MediaRoutes {
    /// As `openapi.yaml` has it.
    static let pattern = "media/{key}/{name}"

    /// The address that a message names.
    static func url(of media: StoredMedia, _ call: RouteCall) -> String {
        "https://\(OwnRoutes.clientSettings(call).restHost)\(media.path)"
    }

    /// nil: the request is for something else.
    static func answer(_ head: RequestHead, _ services: RouteServices) -> RouteResult? {
        guard head.path.hasPrefix(MediaStore.pathPrefix) else { return nil }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .answer(RouteRefusal.method(head, allowed: ["GET"]).response)
        }
        if services.health.isDraining {
            return .answer(.failure(APIFailure(.unavailable, "the gateway is draining", retryAfterMs: 1_000)))
        }
        // A key and a name need no percent-encoding: an address with some was not made here.
        let parts = head.path.dropFirst(MediaStore.pathPrefix.count).split(
            separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .answer(RouteRefusal.unknown(head).response) }
        let (key, name) = (String(parts[0]), String(parts[1]))
        return .job { [media = services.media] in
            do throws(SystemError) {
                guard let (file, figures) = try media.open(key: key, name: name) else {
                    return .answer(RouteRefusal.unknown(head).response)
                }
                let start = try file.read(at: 0, count: min(MediaSignature.bytesMax, figures.byteCount))
                let type = MediaType(head: start, filename: name, declared: nil)
                return serve(head, MediaFigures(key: key, name: name, file: figures, type: type), file)
            } catch {
                media.diskFailed()
                return .answer(.failure(APIFailure(.unavailable, "the file cannot be read", retryAfterMs: 1_000)))
            }
        }
    }

    private static func serve(_ head: RequestHead, _ figures: MediaFigures, _ file: OpenMedia) -> RouteResult {
        var conditions = HTTPPreconditions()
        conditions.ifMatch = head.header("if-match")
        conditions.ifNoneMatch = head.header("if-none-match")
        conditions.ifModifiedSince = head.header("if-modified-since")
        conditions.ifUnmodifiedSince = head.header("if-unmodified-since")
        conditions.ifRange = head.header("if-range")
        let (tag, modified, length) = (figures.entityTag, figures.file.modifiedAt, figures.file.byteCount)
        switch conditions.judge(entityTag: tag, modified: modified) {
        case .notModified: return .answer(Response(status: 304, headers: figures.validators))
        case .failed: return .answer(Response.plain(status: 412, "A precondition failed.\n"))
        case .proceed: break
        }
        // RFC 9110 §14.2: a Range is for GET only.
        if head.method == "GET", let range = head.header("range"),
            conditions.allowsRange(entityTag: tag, modified: modified)
        {
            switch HTTPByteRange.parse(range, length: length) {
            case .whole: break
            case .unsatisfiable:
                let answer = Response.plain(status: 416, "The range is not in the file.\n")
                return .answer(answer.adding([("content-range", "bytes */\(length)")]))
            case .part(let part):
                let place = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
                return .file(
                    FileAnswer(
                        status: 206, headers: figures.headers + [("content-range", place)], file: file, range: part))
            }
        }
        return .file(FileAnswer(status: 200, headers: figures.headers, file: file, range: 0..<length))
    }
}

/// A stored file as its headers describe it.
private struct MediaFigures {
    /// Nothing in it is run, whatever it is taken for.
    private static let policy = "sandbox; default-src 'none'"

    let key: String
    let name: String
    let file: FileFigures
    let type: MediaType

    /// The key is the file's alone, and a file never changes.
    var entityTag: String { "\"\(key)\"" }

    var validators: [(name: String, value: String)] {
        var modified: [UInt8] = []
        HTTPDate.append(unixSeconds: max(file.modifiedAt, 0), to: &modified)
        return [
            ("etag", entityTag), ("last-modified", String(decoding: modified, as: UTF8.self)),
            ("cache-control", "private, max-age=31536000, immutable"),
        ]
    }

    var headers: [(name: String, value: String)] {
        let shown = type.isShownInline ? "inline" : "attachment"
        return [
            ("content-type", type.name.hasPrefix("text/") ? "\(type.name); charset=utf-8" : type.name),
            ("content-disposition", "\(shown); filename=\"\(name)\""), ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"), ("content-security-policy", Self.policy),
        ] + validators
    }
}
