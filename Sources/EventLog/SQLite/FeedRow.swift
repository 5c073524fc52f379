internal import ChatModel

/// The columns of a line in the table `feed`. The key, which is app and number, is not among them.
struct FeedRow {
    /// What the line tells; codes are for ever.
    enum Kind: Int64 {
        case message = 0
        case delivered = 1
        case read = 2
        case deliveredToAll = 3
        case readByAll = 4
        case groupCreated = 10
        case groupUpdated = 11
        case groupDeleted = 12
        case ownerTransferred = 13
        case userBlocked = 20
        case userUnblocked = 21
        case reaction = 30
        case completion = 31
        case connected = 40
        case disconnected = 41
        case online = 42
        case offline = 43

        /// Kept for a number of lines only.
        var isFleeting: Bool { rawValue >= 40 }

        var name: FeedEventName {
            switch self {
            case .message: .message
            case .delivered, .read, .deliveredToAll, .readByAll: .receipts
            case .groupCreated: .groupCreated
            case .groupUpdated: .groupUpdated
            case .groupDeleted: .groupDeleted
            case .ownerTransferred: .ownerTransferred
            case .userBlocked: .userBlocked
            case .userUnblocked: .userUnblocked
            case .reaction: .reaction
            case .completion: .interactionCompleted
            case .connected: .connected
            case .disconnected: .disconnected
            case .online: .online
            case .offline: .offline
            }
        }

        var receipt: (kind: ReceiptKind, byAll: Bool)? {
            switch self {
            case .delivered: (.delivered, false)
            case .read: (.read, false)
            case .deliveredToAll: (.delivered, true)
            case .readByAll: (.read, true)
            default: nil
            }
        }

        init(_ kind: ReceiptKind, byAll: Bool) {
            switch (kind, byAll) {
            case (.delivered, false): self = .delivered
            case (.read, false): self = .read
            case (.delivered, true): self = .deliveredToAll
            case (.read, true): self = .readByAll
            }
        }
    }

    var kind: Kind
    var seq: Int64?
    /// Unix seconds; nil: what the line points to knows.
    var at: Int64?
    /// `uids.id` of the reader, the new owner, who blocks, or whose connection it is.
    var user: Int64?
    var conversation: Int64?
    /// The message's position of a mark; the code of a disconnect; `uids.id` of the blocked.
    var value: Int64?
    /// A guid; or session, device and platform as a `TextList`.
    var detail: String?

    private init(_ kind: Kind, at: Int64? = nil) {
        self.kind = kind
        self.at = at
    }

    static let columns = "key, kind, seq, at, user, conversation, value, detail"

    /// From `columns`, which begin at column 0.
    init(_ row: borrowing PreparedRow) {
        guard let kind = Kind(rawValue: row.int(1)) else {
            preconditionFailure("the store holds a line of kind \(row.int(1)), which is none")
        }
        self.kind = kind
        seq = row.optionalInt(2)
        at = row.optionalInt(3)
        user = row.optionalInt(4)
        conversation = row.optionalInt(5)
        value = row.optionalInt(6)
        detail = row.optionalText(7)
    }
}

extension FeedRow {
    /// - Parameters:
    ///   - seq: of the decision; 0: none.
    ///   - at: of the decision, Unix seconds.
    init(_ entry: FeedEntry, _ app: AppNumber, seq: Int64, at: Int64, _ names: NameTable) throws {
        switch entry {
        case .message: self.init(.message)
        case .mark(let conversation, let mark):
            self.init(Kind(mark.kind, byAll: mark.reader == nil), at: mark.at)
            self.conversation = try names.conversation(app, conversation)
            user = try mark.reader.map { try names.user(app, $0) }
            value = mark.messageID
        case .group(let change, let guid):
            switch change {
            case .created: self.init(.groupCreated, at: at)
            case .updated: self.init(.groupUpdated, at: at)
            case .deleted: self.init(.groupDeleted, at: at)
            case .ownerTransferred(let owner):
                self.init(.ownerTransferred, at: at)
                user = try names.user(app, owner)
            }
            detail = guid.text
        case .block(let uid, let blocked, let exists):
            self.init(exists ? .userBlocked : .userUnblocked, at: at)
            user = try names.user(app, uid)
            value = try names.user(app, blocked)
        case .reaction: self.init(.reaction, at: at)
        case .completion: self.init(.completion, at: at)
        case .connection(let event):
            switch event.kind {
            case .connected(let session):
                self.init(.connected, at: event.at)
                detail = Self.detail(of: session)
            case .disconnected(let session, let code):
                self.init(.disconnected, at: event.at)
                detail = Self.detail(of: session)
                value = Int64(code)
            case .online: self.init(.online, at: event.at)
            case .offline: self.init(.offline, at: event.at)
            }
            user = try names.user(app, event.uid)
        }
        let position = entry.seq(decided: seq)
        self.seq = position == 0 ? nil : position
    }

    private static func detail(of session: ConnectionEvent.Session) -> String {
        TextList.encoded([session.id.text, session.deviceID ?? "", session.platform ?? ""])
    }

    /// Of `connected` and `disconnected`.
    var session: ConnectionEvent.Session? {
        guard let parts = detail.map(TextList.decoded), parts.count == 3, let id = SessionID(parts[0]) else {
            return nil
        }
        return ConnectionEvent.Session(
            id: id, deviceID: parts[1].isEmpty ? nil : parts[1], platform: parts[2].isEmpty ? nil : parts[2])
    }
}
