internal import ChatModel

/// A `MessageSubject` as the columns of its message's row. Value. Of a call the row has only what happened and by whom:
/// the rest is in `callMessages`.
struct StoredSubject {
    /// `GroupAction.Kind.code`, `MessageAction.Kind.code` or `CallEvent.code`, which share no value.
    let code: Int64
    let by: UserID
    var on: UserID?
    var target: Int64?
    var scopes: ScopeChange?

    init(_ subject: MessageSubject) {
        switch subject {
        case .group(let action):
            (code, by, on, scopes) = (action.kind.code, action.by, action.on, action.scopes)
        case .message(let action):
            (code, by, target) = (action.kind.code, action.by, action.on)
        case .call(let action):
            (code, by) = (action.event.code, action.by)
        }
    }

    init(code: Int64, by: UserID, on: UserID?, target: Int64?, scopes: ScopeChange?) {
        (self.code, self.by, self.on, self.target, self.scopes) = (code, by, on, target, scopes)
    }

    var subject: MessageSubject {
        if let kind = MessageAction.Kind.allCases.first(where: { $0.code == code }) {
            return .message(MessageAction(kind: kind, by: by, on: target ?? 0))
        }
        return .group(GroupAction(kind: GroupAction.Kind(code: code), by: by, on: on, scopes: scopes))
    }
}

extension ScopeChange {
    /// Both scopes in one number.
    var code: Int64 { old.code << 8 | new.code }

    init(code: Int64) {
        self.init(old: MemberScope(code: code >> 8), new: MemberScope(code: code & 0xFF))
    }
}
