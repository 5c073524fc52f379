internal import ChatModel

/// Words of the model as the small integers they are stored as. Codes are for ever: add, never change.
protocol StoredCode: CaseIterable, Equatable {
    var code: Int64 { get }
}

extension StoredCode {
    init(code: Int64) {
        guard let value = Self.allCases.first(where: { $0.code == code }) else {
            preconditionFailure("the store holds code \(code), which is no \(Self.self)")
        }
        self = value
    }
}

extension MessageCategory: StoredCode {
    var code: Int64 {
        switch self {
        case .message: 0
        case .custom: 1
        case .action: 2
        case .call: 3
        case .interactive: 4
        }
    }

    // `countsAsUnread` is named by its codes in `Schema` as well.

    /// Whether receipts are restated for such messages. `Schema` names the same codes in an index.
    var takesReceipts: Bool { self == .message || self == .custom || self == .interactive }
}

extension GroupAction.Kind: StoredCode {
    var code: Int64 {
        switch self {
        case .joined: 0
        case .left: 1
        case .added: 2
        case .kicked: 3
        case .banned: 4
        case .unbanned: 5
        case .scopeChanged: 6
        }
    }
}

/// In one column with `GroupAction.Kind`.
extension MessageAction.Kind: StoredCode {
    var code: Int64 {
        switch self {
        case .edited: 32
        case .deleted: 33
        }
    }
}

/// In one column with both.
extension CallEvent: StoredCode {
    var code: Int64 {
        switch self {
        case .initiated: 64
        case .ongoing: 65
        case .rejected: 66
        case .cancelled: 67
        case .unanswered: 68
        case .busy: 69
        case .ended: 70
        case .left: 71
        }
    }
}

/// `Schema` names those of the active ones in an index.
extension CallStatus: StoredCode {
    var code: Int64 {
        switch self {
        case .initiated: 0
        case .ongoing: 1
        case .ended: 2
        case .rejected: 3
        case .cancelled: 4
        case .unanswered: 5
        case .busy: 6
        }
    }
}

extension CallType: StoredCode {
    var code: Int64 {
        switch self {
        case .audio: 0
        case .video: 1
        }
    }
}

extension GroupType: StoredCode {
    var code: Int64 {
        switch self {
        case .open: 0
        case .secret: 1
        case .password: 2
        }
    }
}

extension MemberScope: StoredCode {
    var code: Int64 {
        switch self {
        case .participant: 0
        case .moderator: 1
        case .admin: 2
        }
    }
}

extension ReceiptKind: StoredCode {
    var code: Int64 {
        switch self {
        case .delivered: 0
        case .read: 1
        }
    }
}
