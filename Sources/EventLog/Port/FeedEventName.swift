internal import ChatModel

/// The names of the feed's events, as its lines and the webhooks' configuration say them (docs/webhooks.md).
public enum FeedEventName: String, Sendable, CaseIterable {
    case message, receipts
    case groupCreated = "group_created"
    case groupUpdated = "group_updated"
    case groupDeleted = "group_deleted"
    case ownerTransferred = "owner_transferred"
    case userBlocked = "user_blocked"
    case userUnblocked = "user_unblocked"
    case reaction
    case interactionCompleted = "interaction_completed"
    case connected, disconnected, online, offline

    public init(_ event: FeedLine.Event) {
        switch event {
        case .message: self = .message
        case .receipts: self = .receipts
        case .group(.created, _, _): self = .groupCreated
        case .group(.updated, _, _): self = .groupUpdated
        case .group(.deleted, _, _): self = .groupDeleted
        case .group(.ownerTransferred, _, _): self = .ownerTransferred
        case .block(_, _, exists: true): self = .userBlocked
        case .block(_, _, exists: false): self = .userUnblocked
        case .reaction: self = .reaction
        case .completion: self = .interactionCompleted
        case .connection(let event):
            switch event.kind {
            case .connected: self = .connected
            case .disconnected: self = .disconnected
            case .online: self = .online
            case .offline: self = .offline
            }
        }
    }
}
