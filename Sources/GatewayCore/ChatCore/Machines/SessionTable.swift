import ChatModel

/// The live connections: by connection, by session id, and by user (a list through the entries, its head with the user's
/// presence). Confined to the core thread.
struct SessionTable {
    static let none: Int32 = -1

    struct Session {
        let connection: ConnectionReference
        let id: SessionID
        let app: AppNumber
        /// Handle of the user, held.
        let user: Int32
        let token: TokenHash?
        let deviceID: String?
        let platform: String?
        /// Unix seconds.
        let connectedAt: Int64
        var appState: AppState
        /// Its token was deleted or its user is gone: nothing is accepted from it, and it leaves without grace.
        var isRevoked = false
        fileprivate var next = SessionTable.none

        init(_ request: ConnectRequest, app: AppNumber, user: Int32, token: TokenHash?) {
            connection = request.connection
            id = request.session
            self.app = app
            self.user = user
            self.token = token
            // One allocation instead of two where the client gives the same name to both.
            deviceID = request.deviceID == request.session.text ? request.session.text : request.deviceID
            platform = request.platform
            connectedAt = request.connectedAt
            appState = request.appState
        }
    }

    private struct Key: Hashable {
        let app: AppNumber
        let id: SessionID
    }

    private var sessions: [Session?] = []
    private var free: [Int32] = []
    private var byConnection: [ConnectionReference: Int32] = [:]
    private var byID: [Key: Int32] = [:]

    var count: Int { byConnection.count }

    func slot(of connection: ConnectionReference) -> Int32? { byConnection[connection] }

    func session(_ connection: ConnectionReference) -> Session? {
        byConnection[connection].flatMap { sessions[Int($0)] }
    }

    /// The newest live session with this id.
    func session(_ app: AppNumber, _ id: SessionID) -> Session? {
        byID[Key(app: app, id: id)].flatMap { sessions[Int($0)] }
    }

    /// Adds it in front of the user's list at `head`.
    mutating func insert(_ session: Session, head: inout Int32) {
        precondition(byConnection[session.connection] == nil, "a connection has one session")
        var session = session
        session.next = head
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            sessions[Int(slot)] = session
        } else {
            slot = Int32(sessions.count)
            sessions.append(session)
        }
        head = slot
        byConnection[session.connection] = slot
        byID[Key(app: session.app, id: session.id)] = slot
    }

    mutating func remove(_ connection: ConnectionReference, head: inout Int32) -> Session? {
        guard let slot = byConnection.removeValue(forKey: connection), let session = sessions[Int(slot)] else {
            return nil
        }
        var previous = Self.none
        var current = head
        while current != slot {
            previous = current
            current = sessions[Int(current)]?.next ?? Self.none
        }
        if previous == Self.none { head = session.next } else { sessions[Int(previous)]?.next = session.next }
        sessions[Int(slot)] = nil
        free.append(slot)

        let key = Key(app: session.app, id: session.id)
        if byID[key] == slot {
            // An older connection of the same user may still use the id.
            var other = head
            while other != Self.none, sessions[Int(other)]?.id != session.id {
                other = sessions[Int(other)]?.next ?? Self.none
            }
            byID[key] = other == Self.none ? nil : other
        }
        return session
    }

    mutating func setAppState(_ state: AppState, of connection: ConnectionReference) {
        guard let slot = byConnection[connection] else { return }
        sessions[Int(slot)]?.appState = state
    }

    mutating func revoke(_ connection: ConnectionReference) {
        guard let slot = byConnection[connection] else { return }
        sessions[Int(slot)]?.isRevoked = true
    }

    /// Revokes the user's sessions that were opened with `token`, or all of them.
    mutating func revoke(head: Int32, token: TokenHash?) {
        var slot = head
        while slot != Self.none {
            if token == nil || sessions[Int(slot)]?.token == token { sessions[Int(slot)]?.isRevoked = true }
            slot = sessions[Int(slot)]?.next ?? Self.none
        }
    }

    /// After a failure: what revoked them did not happen.
    mutating func restoreRevoked() {
        for slot in sessions.indices where sessions[slot]?.isRevoked == true { sessions[slot]?.isRevoked = false }
    }

    /// The user's sessions, newest first.
    func list(head: Int32) -> [Session] {
        var list: [Session] = []
        var slot = head
        while slot != Self.none, let session = sessions[Int(slot)] {
            list.append(session)
            slot = session.next
        }
        return list
    }
}
