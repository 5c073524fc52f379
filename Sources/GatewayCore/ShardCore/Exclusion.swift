internal import ChatModel

/// Whom an event is not sent to: its origin (protocol.md §3).
struct Exclusion {
    static let nobody = Exclusion()

    /// Of a frame: that very connection.
    private(set) var connection = ConnectionReference.none
    /// Of a REST call: the session of that name of the acting user.
    private(set) var session: SessionID?
    private(set) var user = noSlot

    private init() {}

    /// `actor`: the number of the acting user on this shard, if they have connections here.
    init(_ origin: Origin?, actor: UInt32?) {
        switch origin {
        case nil: break
        case .connection(let reference, _): connection = reference
        case .session(let name):
            if let actor {
                session = name
                user = actor
            }
        }
    }
}
