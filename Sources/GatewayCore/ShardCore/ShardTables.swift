internal import ChatModel
internal import WireProtocol

/// The state of a shard's core: connections, audiences, queues. One struct, changed in place by one owner, so that the
/// loops over audiences run without a check per access; not copyable, so that a look at one of them copies none. Confined
/// to its shard's loop thread.
struct ShardTables: ~Copyable {
    var rules: ShardRules
    var nowMs: Int64 = 0
    var wallSeconds: Int64 = 0

    /// By slot of the shard's connections.
    var sessions: ContiguousArray<Session> = []
    /// By slot: when to look at the session next. Apart, because all of it is read every sweep.
    var dues: ContiguousArray<Int64> = []
    var apps: ContiguousArray<AppTables> = []
    var appByNumber: [AppNumber: Int] = [:]

    var queues = OutboundQueues()
    /// Slots with something new in their queue, each once.
    var touched: [UInt32] = []
    /// Slots whose queue passed the hard limit; judged after the flush.
    var overflowed: [UInt32] = []
    var counters = ShardCounters()

    init(rules: ShardRules) {
        self.rules = rules
    }

    /// The slot, if the connection is known and not gone.
    func find(_ connection: ConnectionReference) -> Int? {
        let slot = connection.slot
        guard slot < sessions.count, sessions[slot].reference == connection, sessions[slot].phase != .free else {
            return nil
        }
        return slot
    }

    /// The app's tables, made when this shard has not heard of the app before.
    mutating func app(_ number: AppNumber) -> Int {
        if let known = appByNumber[number] { return known }
        apps.append(AppTables(number: number, id: "", position: 0))
        appByNumber[number] = apps.count - 1
        return apps.count - 1
    }

    mutating func open(_ connection: ConnectionReference) -> Int {
        let slot = connection.slot
        while sessions.count <= slot {
            sessions.append(Session())
            dues.append(.max)
        }
        precondition(sessions[slot].phase == .free, "a slot is opened once")
        sessions[slot].reference = connection
        sessions[slot].phase = .awaitingAuth
        counters.connections += 1
        return slot
    }

    mutating func free(_ slot: Int) {
        queues.removeAll(&sessions[slot].queue)
        sessions[slot] = Session()
        dues[slot] = .max
        counters.connections -= 1
    }

    /// When the phase is over, unless something moves it.
    mutating func setDue(_ slot: Int, _ dueMs: Int64) {
        sessions[slot].dueMs = dueMs
        dues[slot] = min(dueMs, sessions[slot].expiresMs, sessions[slot].replay?.retryAtMs ?? .max)
    }

    // MARK: - Queues

    /// Queues a frame, whatever state the session is in.
    mutating func append(
        _ frame: SharedFrame, _ kind: OutboundKind, to slot: Int, opcode: OutboundQueues.Opcode = .text,
        lane: Int? = nil, isReplay: Bool = false
    ) {
        queues.append(
            frame, to: &sessions[slot].queue, kind: kind, opcode: opcode, lane: lane, isReplay: isReplay)
        counters.queued[Int(kind.rawValue)] += 1
        if !sessions[slot].flags.contains(.isTouched) {
            sessions[slot].flags.insert(.isTouched)
            touched.append(UInt32(slot))
        }
        if queues.bytes(sessions[slot].queue) > rules.outboundHardBytes { overflowed.append(UInt32(slot)) }
    }

    mutating func takeTouched(into connections: inout [ConnectionReference]) {
        for slot in touched {
            // A slot may have been freed, and even used again, since it was touched.
            guard sessions[Int(slot)].flags.contains(.isTouched) else { continue }
            sessions[Int(slot)].flags.remove(.isTouched)
            connections.append(sessions[Int(slot)].reference)
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// `mayContinue`: the session has more to say when there is room, a replay or presence that waits.
    mutating func drain(
        _ slot: Int, into buffer: inout MutableSpan<UInt8>
    ) -> (result: DrainResult, mayContinue: Bool) {
        let result = queues.drain(&sessions[slot].queue, into: &buffer)
        if !result.remains { sessions[slot].flags.remove(.isBlocked) }
        return (result, sessions[slot].phase == .replaying || sessions[slot].pendingPresence != nil)
    }

    /// Whether best-effort frames still go into the session's queue.
    func hasRoom(_ slot: Int) -> Bool {
        queues.bytes(sessions[slot].queue) <= rules.outboundSoftBytes
    }

    // MARK: - Users

    /// Enters a session into its user's list.
    mutating func link(_ slot: Int, app: Int, uid: UserID) {
        let user = apps[app].users.intern(uid)
        let first = apps[app].users[user].firstSession
        sessions[slot].app = UInt32(app)
        sessions[slot].user = user
        sessions[slot].previousOfUser = noSlot
        sessions[slot].nextOfUser = first
        if first != noSlot { sessions[Int(first)].previousOfUser = UInt32(slot) }
        apps[app].users[user].firstSession = UInt32(slot)
        counters.sessions += 1
    }

    /// Takes an established session out of all tables: from here on nothing is delivered to it.
    mutating func unlink(_ slot: Int) {
        let (app, user) = (Int(sessions[slot].app), sessions[slot].user)
        unfollow(slot)
        let (previous, next) = (sessions[slot].previousOfUser, sessions[slot].nextOfUser)
        if next != noSlot { sessions[Int(next)].previousOfUser = previous }
        if previous != noSlot {
            sessions[Int(previous)].nextOfUser = next
        } else {
            apps[app].users[user].firstSession = next
            if next == noSlot {
                apps[app].groups.leaveAll(user)
                apps[app].blocked.leaveAll(user)
                apps[app].users.release(user)
            }
        }
        sessions[slot].user = noSlot
        sessions[slot].nextOfUser = noSlot
        sessions[slot].previousOfUser = noSlot
        counters.sessions -= 1
    }

    // MARK: - Presence subscriptions

    mutating func follow(_ slot: Int, _ following: PresenceFollowing, roles: [String] = [], friends: [UserID] = []) {
        let (app, user) = (Int(sessions[slot].app), sessions[slot].user)
        sessions[slot].following = following
        switch following {
        case .nobody: break
        case .everybody:
            sessions[slot].subscriberIndex = UInt32(apps[app].subscribers.count)
            sessions[slot].presenceCursor = apps[app].journal.head
            apps[app].subscribers.append(UInt32(slot))
        case .friends:
            apps[app].users[user].friendFollowers += 1
            if apps[app].users[user].friendFollowers == 1 {
                for friend in friends { apps[app].friends.join(friend, user) }
            }
        case .roles:
            for role in roles { apps[app].roles.join(role, UInt32(slot)) }
        }
    }

    private mutating func unfollow(_ slot: Int) {
        let (app, user) = (Int(sessions[slot].app), sessions[slot].user)
        switch sessions[slot].following {
        case .nobody: break
        case .everybody:
            let index = Int(sessions[slot].subscriberIndex)
            let last = apps[app].subscribers.removeLast()
            if Int(last) != slot {
                apps[app].subscribers[index] = last
                sessions[Int(last)].subscriberIndex = UInt32(index)
            }
            sessions[slot].subscriberIndex = noSlot
        case .friends:
            apps[app].users[user].friendFollowers -= 1
            if apps[app].users[user].friendFollowers == 0 { apps[app].friends.leaveAll(user) }
        case .roles: apps[app].roles.leaveAll(UInt32(slot))
        }
        sessions[slot].following = .nobody
        sessions[slot].pendingPresence = nil
    }
}
