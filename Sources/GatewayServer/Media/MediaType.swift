/// The media type of a file: what its bytes say, and only where they say nothing what its sender or its name says.
///
/// What a browser might run (HTML, SVG, XML, scripts) is `application/octet-stream`, whoever says what.
struct MediaType: Sendable, Equatable {
    enum Kind: String, Sendable {
        case image, video, audio
    }

    static let unknown = "application/octet-stream"

    /// `type/subtype`, in lower case, without parameters.
    let name: String
    /// A picture drawn by markup: shown by apps as an image, and never by a browser that opened it here.
    let isVector: Bool

    init(head: [UInt8], filename: String, declared: String?) {
        let byName = MediaName.fileExtension(filename)
        let claim = declared.flatMap { Self.wellFormed($0) }
        isVector = claim == "image/svg+xml" || byName == "svg"
        switch MediaSignature.of(head) {
        case .known(let type) where type == MediaSignature.zip || type == MediaSignature.compound:
            let document = MediaExtensions.type(byName) ?? claim ?? Self.unknown
            let isTold = document.hasPrefix("application/") && document != Self.unknown && !Self.isActive(document)
            name = isTold ? document : type
        case .known(let type): name = type
        case .container(let video, let audio):
            let type = claim ?? MediaExtensions.type(byName) ?? ""
            name = type.hasPrefix("audio/") ? audio : video
        case .active: name = Self.unknown
        case .text, .unknown:
            let isActive = claim.map(Self.isActive) ?? false || MediaExtensions.active.contains(byName)
            let said = claim == Self.unknown ? nil : claim
            name = isActive ? Self.unknown : said ?? MediaExtensions.type(byName) ?? Self.plain(head)
        }
    }

    private static func plain(_ head: [UInt8]) -> String {
        MediaSignature.of(head) == .text ? "text/plain" : unknown
    }

    var kind: Kind? { Kind(rawValue: String(name.prefix { $0 != "/" })) }

    /// Whether a browser that opens the address may show it: only what cannot hold a script.
    var isShownInline: Bool {
        switch name {
        case "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/x-icon": true
        default: kind == .video || kind == .audio
        }
    }

    /// Whether the file may be sent as a message of the type. `file` takes all.
    func fits(messageType: String) -> Bool {
        guard let wanted = Kind(rawValue: messageType) else { return true }
        return kind == wanted || wanted == .image && isVector && name == Self.unknown
    }

    /// A claim that is a media type at all, without its parameters.
    private static func wellFormed(_ text: String) -> String? {
        let name = text.prefix { $0 != ";" && $0 != " " }.lowercased()
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-"
        guard parts.count == 2, name.utf8.count <= 100,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(allowed.contains) })
        else { return nil }
        return name
    }

    private static func isActive(_ type: String) -> Bool {
        type.hasSuffix("xml") || type.contains("html") || type.contains("script") || type.contains("svg")
            || type.contains("xsl") && !type.hasPrefix("application/vnd.")
            || type == "text/css" || type == "application/x-shockwave-flash"
    }
}
