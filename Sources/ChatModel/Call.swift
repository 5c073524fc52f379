/// The name of one call, made by the gateway and not to be guessed: 1–100 characters of `[A-Za-z0-9_.-]`.
public struct CallSessionID: Hashable, Sendable, CustomStringConvertible {
    public static let lengthMax = 100
    public let text: String

    public init?(_ text: String) {
        guard (1...Self.lengthMax).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAccepted) else { return nil }
        self.text = text
    }

    /// For text that was validated before, as what the store holds.
    public init(trusted text: String) {
        self.text = text
    }

    private static func isAccepted(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    public var description: String { text }
}

public enum CallType: String, Sendable, CaseIterable {
    case audio, video
}

/// Where a call stands (protocol.md §6.2). All but the first two are final.
public enum CallStatus: String, Sendable, CaseIterable {
    case initiated, ongoing, ended, rejected, cancelled, unanswered, busy

    public var isActive: Bool { self == .initiated || self == .ongoing }
}

/// What never changes in a call. Immutable; shared by its record and all its messages. Any thread.
public final class CallFacts: Sendable, Equatable {
    public let session: CallSessionID
    public let initiator: UserID
    public let receiver: Receiver
    public let type: CallType
    /// Unix seconds.
    public let initiatedAt: Int64
    /// As the initiator sent it.
    public let metadata: JSONBytes?
    /// Of the message that began it.
    public let muid: String?

    public init(
        session: CallSessionID, initiator: UserID, receiver: Receiver, type: CallType, initiatedAt: Int64,
        metadata: JSONBytes? = nil, muid: String? = nil
    ) {
        self.session = session
        self.initiator = initiator
        self.receiver = receiver
        self.type = type
        self.initiatedAt = initiatedAt
        self.metadata = metadata
        self.muid = muid
    }

    public var conversation: Conversation { Conversation(sender: initiator, receiver: receiver) }

    public var isGroupCall: Bool {
        if case .group = receiver { true } else { false }
    }

    /// The other party of a 1:1 call.
    public var callee: UserID? {
        if case .user(let uid) = receiver { uid } else { nil }
    }

    public static func == (a: CallFacts, b: CallFacts) -> Bool {
        a === b
            || a.session == b.session && a.initiator == b.initiator && a.receiver == b.receiver && a.type == b.type
                && a.initiatedAt == b.initiatedAt && a.metadata == b.metadata && a.muid == b.muid
    }
}

/// What a caller asks for, validated and bounded; the session's name is made at the edge, where randomness is.
public struct CallDraft: Sendable {
    public let session: CallSessionID
    public var receiver: Receiver
    public var type: CallType
    public var metadata: JSONBytes?
    public var muid: String?

    public init(
        session: CallSessionID, receiver: Receiver, type: CallType, metadata: JSONBytes? = nil, muid: String? = nil
    ) {
        self.session = session
        self.receiver = receiver
        self.type = type
        self.metadata = metadata
        self.muid = muid
    }
}
