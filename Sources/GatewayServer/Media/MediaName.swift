internal import TLSEngine

/// The two parts of an upload's address: a key nobody can guess, and a name that is harmless in a path, a URL and a header.
///
/// A request's parts are served only if they could have been made here, so no request leaves the media directory.
enum MediaName {
    /// 144 bits: whoever has the address has the file.
    private static let keyRandomBytes = 18
    static let keyCharacters = 24
    /// Of a whole name.
    static let charactersMax = 100
    private static let extensionCharactersMax = 10

    static func makeKey() -> String {
        SecureRandom.token(byteCount: keyRandomBytes)
    }

    static func isKey(_ text: String) -> Bool {
        text.utf8.count == keyCharacters && text.utf8.allSatisfy { isWord($0) || $0 == hyphen }
    }

    static func isName(_ text: String) -> Bool {
        (1...charactersMax).contains(text.utf8.count) && text.utf8.first != dot
            && text.utf8.allSatisfy { isWord($0) || $0 == hyphen || $0 == dot }
    }

    /// What of a client's file name can stand in an address: letters, digits, `.`, `_` and `-`; a run of others becomes
    /// `_`. A name without an extension gets `fallback`, if there is one.
    static func sanitised(_ filename: String, fallback: String? = nil) -> String {
        let name = lastComponent(filename)
        let found = fileExtension(name)
        let stemText = found.isEmpty ? Substring(name) : name.dropLast(found.utf8.count + 1)
        var stem: [UInt8] = []
        for byte in stemText.utf8 {
            if isWord(byte) || byte == hyphen || byte == dot && !stem.isEmpty {
                stem.append(byte)
            } else if !stem.isEmpty, stem.last != underscore {
                stem.append(underscore)
            }
        }
        while stem.last == underscore || stem.last == dot { stem.removeLast() }
        if stem.isEmpty { stem = Array("file".utf8) }
        let ending = found.isEmpty ? fallback ?? "" : found
        let room = charactersMax - (ending.isEmpty ? 0 : ending.utf8.count + 1)
        let text = String(decoding: stem.prefix(room), as: UTF8.self)
        return ending.isEmpty ? text : "\(text).\(ending)"
    }

    /// What stands behind the last slash of either kind: some clients send a path.
    static func lastComponent(_ filename: String) -> String {
        filename.lastIndex { $0 == "/" || $0 == "\\" }.map { String(filename[filename.index(after: $0)...]) }
            ?? filename
    }

    /// Without the dot, in lower case; empty when there is none.
    static func fileExtension(_ name: String) -> String {
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return "" }
        let text = name[name.index(after: point)...]
        guard !text.isEmpty, text.utf8.count <= extensionCharactersMax,
            text.utf8.allSatisfy({ isWord($0) && $0 != underscore })
        else { return "" }
        return text.lowercased()
    }

    private static let hyphen = UInt8(ascii: "-")
    private static let dot = UInt8(ascii: ".")
    private static let underscore = UInt8(ascii: "_")

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), underscore:
            true
        default: false
        }
    }
}
