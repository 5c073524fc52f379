/// Someone who is in a call.
public struct CallParticipant: Sendable, Equatable {
    public let uid: UserID
    /// Unix seconds.
    public let joinedAt: Int64

    public init(uid: UserID, joinedAt: Int64) {
        self.uid = uid
        self.joinedAt = joinedAt
    }
}

/// A call as the store keeps it: what it is, and where it stands. Value.
public struct CallRecord: Sendable, Equatable {
    public let facts: CallFacts
    public var status: CallStatus
    /// Who is in it, in order of joining: nobody but while it is ongoing.
    public var participants: [CallParticipant]

    public init(facts: CallFacts, status: CallStatus = .initiated, participants: [CallParticipant] = []) {
        self.facts = facts
        self.status = status
        self.participants = participants
    }

    public var session: CallSessionID { facts.session }

    public func participant(_ uid: UserID) -> CallParticipant? {
        participants.first { $0.uid == uid }
    }

    /// Those it keeps busy or holds: of a ringing call the caller, and in 1:1 the callee; later who is in it.
    public var users: [UserID] {
        switch status {
        case .initiated: [facts.initiator] + (facts.callee.map { [$0] } ?? [])
        case .ongoing: participants.map(\.uid)
        case .ended, .rejected, .cancelled, .unanswered, .busy: []
        }
    }

    /// Moves it by what happened, as the machine of the core decided.
    public mutating func apply(_ event: CallEvent, by uid: UserID, at seconds: Int64) {
        switch event {
        case .initiated: status = .initiated
        case .ongoing:
            if status == .initiated { participants = [CallParticipant(uid: facts.initiator, joinedAt: seconds)] }
            status = .ongoing
            if participant(uid) == nil { participants.append(CallParticipant(uid: uid, joinedAt: seconds)) }
        case .left: participants.removeAll { $0.uid == uid }
        case .rejected, .busy:
            // One member of a group who does not want to ends nothing.
            if facts.isGroupCall { return }
            finish(event == .busy ? .busy : .rejected)
        case .ended: finish(.ended)
        case .cancelled: finish(.cancelled)
        case .unanswered: finish(.unanswered)
        }
    }

    public mutating func finish(_ status: CallStatus) {
        self.status = status
        participants = []
    }
}
