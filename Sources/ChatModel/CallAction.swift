/// What happened in a call: each makes one message.
public enum CallEvent: Sendable, CaseIterable {
    case initiated
    /// Accepted, or a group's member joined.
    case ongoing
    case rejected, cancelled, unanswered, busy, ended
    /// One participant of a group call went; for them it has ended.
    case left

    /// As clients read it. SDKs act on the status of a call message, so a leaver's is `ended` for the leaver alone.
    public var status: CallStatus {
        switch self {
        case .initiated: .initiated
        case .ongoing: .ongoing
        case .rejected: .rejected
        case .cancelled: .cancelled
        case .unanswered: .unanswered
        case .busy: .busy
        case .ended, .left: .ended
        }
    }
}

/// A call message: who did what in which call.
public struct CallAction: Sendable, Equatable {
    public let event: CallEvent
    public let by: UserID
    public let call: CallFacts
    /// When the call began for whoever acted, Unix seconds; nil when it did not.
    public let joinedAt: Int64?

    public init(event: CallEvent, by: UserID, call: CallFacts, joinedAt: Int64? = nil) {
        self.event = event
        self.by = by
        self.call = call
        self.joinedAt = joinedAt
    }

    /// Whether the call is over with it.
    public var isFinal: Bool {
        switch event {
        case .initiated, .ongoing, .left: false
        case .rejected, .busy: !call.isGroupCall
        case .ended, .cancelled, .unanswered: true
        }
    }
}

/// A call as `entities.on` shows it.
public struct CallView: Sendable {
    public let action: CallAction
    public let initiator: UserView
    /// Whom the initiator called.
    public let receiver: MessageView.Party

    public init(action: CallAction, initiator: UserView, receiver: MessageView.Party) {
        self.action = action
        self.initiator = initiator
        self.receiver = receiver
    }
}

/// Which of a message's two sides are told of it, live and on resume. The history shows it to both.
public enum MessageAudience: Sendable {
    case everyone
    /// A 1:1 call rings at the callee's only, never at the caller's other devices.
    case receiver
    /// A busy callee hears nothing of the call that did not come to be; who leaves a group call ends it for nobody else.
    case sender
}

extension MessageRecord {
    public var audience: MessageAudience {
        guard case .call(let action)? = subject else { return .everyone }
        switch action.event {
        case .initiated: return action.call.isGroupCall ? .everyone : .receiver
        case .busy: return !action.call.isGroupCall && action.by == action.call.initiator ? .sender : .everyone
        case .left: return .sender
        case .ongoing, .rejected, .cancelled, .unanswered, .ended: return .everyone
        }
    }

    /// Whether its audience leaves the user out, who is one of its two sides or a member of its group.
    public func isKeptFrom(_ uid: UserID) -> Bool {
        switch audience {
        case .everyone: false
        case .receiver: sender == uid
        case .sender: sender != uid
        }
    }
}
