/// An app of this gateway. `number` is interned in the store and stays the same over restarts; nothing crosses from
/// one app to another, so every table below the listeners is keyed by it.
public struct AppNumber: Hashable, Sendable {
    public let raw: Int32

    public init(_ raw: Int32) {
        self.raw = raw
    }
}

/// A user's id: 1–100 characters of `[a-z0-9_-]`, lower case (protocol.md §2).
///
/// A Swift `String` keeps up to 15 UTF-8 bytes inline, so the usual id costs no allocation.
public struct UserID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// Accepts upper case and lowers it; nil for anything outside the alphabet or length.
    public init?(_ raw: String) {
        guard let text = IdentifierText.lowered(raw) else { return nil }
        self.text = text
    }

    public init?(_ raw: Substring) {
        self.init(String(raw))
    }

    /// For text that was validated before, as what the store holds.
    public init(trusted text: String) {
        self.text = text
    }

    public static func < (a: UserID, b: UserID) -> Bool { a.text < b.text }
    public var description: String { text }
}

/// A group's id; the same alphabet and length as `UserID`.
public struct GroupID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    public init?(_ raw: String) {
        guard let text = IdentifierText.lowered(raw) else { return nil }
        self.text = text
    }

    public init?(_ raw: Substring) {
        self.init(String(raw))
    }

    public init(trusted text: String) {
        self.text = text
    }

    public static func < (a: GroupID, b: GroupID) -> Bool { a.text < b.text }
    public var description: String { text }
}

/// The name of one client connection's lifetime (the envelope's `deviceId`), chosen by the client: 1–255 bytes.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    public static let bytesMax = 255
    public let text: String

    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax else { return nil }
        self.text = text
    }

    public var description: String { text }
}

/// A connection, by its shard, slot and generation. Opaque to everyone but the shard that made it.
public struct ConnectionReference: Hashable, Sendable {
    public let raw: UInt64

    public init(_ raw: UInt64) {
        self.raw = raw
    }
}

/// SHA-256 of an auth token. The token itself is never stored.
public struct TokenHash: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        precondition(bytes.count == 32, "a token hash has 32 bytes")
        self.bytes = bytes
    }
}

/// The alphabet that uids and guids share.
enum IdentifierText {
    static let lengthMax = 100

    /// The text in lower case, or nil for anything outside the alphabet or length.
    static func lowered(_ text: String) -> String? {
        let utf8 = text.utf8
        guard (1...lengthMax).contains(utf8.count) else { return nil }
        var hasUpper = false
        for byte in utf8 {
            guard isAccepted(byte) else { return nil }
            hasUpper = hasUpper || isUpper(byte)
        }
        return hasUpper ? text.lowercased() : text
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
    }

    private static func isAccepted(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
