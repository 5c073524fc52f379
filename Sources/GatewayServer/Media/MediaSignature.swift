/// What the first bytes of a file say of it.
enum MediaSignature: Sendable, Equatable {
    /// How many of a file's first bytes are looked at.
    static let bytesMax = 512

    /// Nothing else begins like this.
    case known(String)
    /// A container of moving pictures or of sound alone, as which it is only told by its name.
    case container(video: String, audio: String)
    /// Markup, which a browser might run.
    case active
    /// Readable text.
    case text
    case unknown

    static func of(_ head: [UInt8]) -> MediaSignature {
        for (offset, magic, type) in table where head.dropFirst(offset).starts(with: magic) { return .known(type) }
        return riff(head) ?? isoBase(head) ?? matroska(head) ?? ogg(head) ?? mpegAudio(head) ?? text(head)
    }

    private static let table: [(Int, [UInt8], String)] = [
        (0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
        (0, [0xFF, 0xD8, 0xFF], "image/jpeg"),
        (0, Array("GIF87a".utf8), "image/gif"),
        (0, Array("GIF89a".utf8), "image/gif"),
        (0, [0x49, 0x49, 0x2A, 0x00], "image/tiff"),
        (0, [0x4D, 0x4D, 0x00, 0x2A], "image/tiff"),
        (0, [0x00, 0x00, 0x01, 0x00], "image/x-icon"),
        (0, [0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "image/jxl"),
        (0, Array("8BPS".utf8), "image/vnd.adobe.photoshop"),
        (0, Array("fLaC".utf8), "audio/flac"),
        (0, Array("ID3".utf8), "audio/mpeg"),
        (0, Array("#!AMR".utf8), "audio/amr"),
        (0, Array("MThd".utf8), "audio/midi"),
        (0, Array("FLV\u{1}".utf8), "video/x-flv"),
        (0, [0x00, 0x00, 0x01, 0xBA], "video/mpeg"),
        (0, [0x00, 0x00, 0x01, 0xB3], "video/mpeg"),
        (0, Array("%PDF-".utf8), "application/pdf"),
        (0, [0x50, 0x4B, 0x03, 0x04], zip),
        (0, [0x50, 0x4B, 0x05, 0x06], zip),
        (0, [0x1F, 0x8B], "application/gzip"),
        (0, Array("BZh".utf8), "application/x-bzip2"),
        (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "application/x-xz"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "application/zstd"),
        (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed"),
        (0, Array("Rar!\u{1A}\u{7}".utf8), "application/vnd.rar"),
        (257, Array("ustar".utf8), "application/x-tar"),
        (0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], compound),
        (0, Array("{\\rtf".utf8), "application/rtf"),
        (0, [0x7F, 0x45, 0x4C, 0x46], "application/octet-stream"),
    ]

    /// Archives that hold documents of many kinds: the name tells them apart.
    static let zip = "application/zip"
    /// Microsoft's older documents.
    static let compound = "application/x-ole-storage"

    private static func tag(_ head: [UInt8], at offset: Int, _ text: StaticString) -> Bool {
        let end = offset + text.utf8CodeUnitCount
        guard end <= head.count else { return false }
        // SAFETY: a string literal lives for ever; the length is its own.
        let bytes = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return unsafe head[offset..<end].elementsEqual(bytes)
    }

    private static func riff(_ head: [UInt8]) -> MediaSignature? {
        // BMP's two letters alone say too little: its header's length must be one of those there are.
        if tag(head, at: 0, "BM"), head.count > 17, [12, 40, 52, 56, 64, 108, 124].contains(head[14]),
            head[15...17] == [0, 0, 0]
        {
            return .known("image/bmp")
        }
        guard tag(head, at: 0, "RIFF") else { return nil }
        if tag(head, at: 8, "WEBP") { return .known("image/webp") }
        if tag(head, at: 8, "WAVE") { return .known("audio/wav") }
        return tag(head, at: 8, "AVI ") ? .known("video/x-msvideo") : nil
    }

    /// ISO 14496-12: the brand tells a picture from a film.
    private static func isoBase(_ head: [UInt8]) -> MediaSignature? {
        guard tag(head, at: 4, "ftyp"), head.count >= 12 else { return nil }
        switch String(decoding: head[8..<12], as: UTF8.self) {
        case "avif", "avis": return .known("image/avif")
        case "heic", "heix", "heim", "heis", "hevc", "hevx": return .known("image/heic")
        case "mif1", "msf1": return .known("image/heif")
        case "M4A ", "M4B ", "M4P ": return .known("audio/mp4")
        case "qt  ": return .container(video: "video/quicktime", audio: "audio/mp4")
        case let brand where brand.hasPrefix("3g"): return .container(video: "video/3gpp", audio: "audio/3gpp")
        default: return .container(video: "video/mp4", audio: "audio/mp4")
        }
    }

    private static func matroska(_ head: [UInt8]) -> MediaSignature? {
        guard head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) else { return nil }
        let kind = head.prefix(64)
        let isWebM = kind.indices.contains { kind[$0...].starts(with: Array("webm".utf8)) }
        return isWebM
            ? .container(video: "video/webm", audio: "audio/webm")
            : .container(video: "video/x-matroska", audio: "audio/x-matroska")
    }

    private static func ogg(_ head: [UInt8]) -> MediaSignature? {
        guard tag(head, at: 0, "OggS") else { return nil }
        if tag(head, at: 28, "\u{80}theora") { return .known("video/ogg") }
        if tag(head, at: 28, "OpusHead") || tag(head, at: 28, "\u{1}vorbis") || tag(head, at: 28, "Speex") {
            return .known("audio/ogg")
        }
        return .container(video: "video/ogg", audio: "audio/ogg")
    }

    /// A frame's sync word with fields that are not reserved; two bytes say little, so it is asked last.
    private static func mpegAudio(_ head: [UInt8]) -> MediaSignature? {
        // FF FE is how UTF-16 begins, and of sound only the layer that nobody uses.
        guard head.count >= 4, head[0] == 0xFF, head[1] != 0xFE else { return nil }
        if head[1] & 0xF6 == 0xF0 { return .known("audio/aac") }
        let isFrame = head[1] & 0xE0 == 0xE0 && head[1] & 0x18 != 0x08 && head[1] & 0x06 != 0
        return isFrame && head[2] & 0xF0 != 0xF0 && head[2] & 0x0C != 0x0C ? .known("audio/mpeg") : nil
    }

    private static func text(_ head: [UInt8]) -> MediaSignature {
        guard !head.isEmpty else { return .unknown }
        var bytes = head[...]
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            // UTF-16: enough of it is read to see markup.
            bytes = bytes.dropFirst(2).filter { $0 != 0 }[...]
            return beginsMarkup(bytes) ? .active : .unknown
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if beginsMarkup(bytes) { return .active }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) || $0 == 0x1B }) else {
            return .unknown
        }
        // The last character may be cut.
        for cut in 0...3 where head.count == bytesMax || cut == 0 {
            if String(validating: bytes.dropLast(cut), as: UTF8.self) != nil { return .text }
        }
        return .unknown
    }

    private static func beginsMarkup(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.first { $0 > 0x20 } == UInt8(ascii: "<")
    }
}
