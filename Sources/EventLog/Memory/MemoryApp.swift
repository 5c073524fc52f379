internal import ChatModel

/// All that one app's log has made so far. Value.
struct MemoryApp {
    /// One stay in a group; it covers the positions `from` to `to`, both included.
    struct Stay {
        var membership: Membership
        var to: Int64?

        func covers(_ seq: Int64) -> Bool { membership.joinedSeq <= seq && seq <= to ?? .max }
    }

    struct MarkKey: Hashable {
        let conversation: Conversation
        let reader: UserID?
        let kind: ReceiptKind
    }

    /// One user's own side of a conversation. Positions.
    struct Viewpoint {
        var readPointer: Int64?
        var hiddenThrough: Int64 = 0
        var tags: [String] = []
    }

    struct StoredReaction {
        let seq: Int64
        let change: ReactionChange
        /// A giving that was not taken back.
        var stands: Bool
    }

    struct StoredInteraction {
        let seq: Int64
        let messageID: Int64
        let uid: UserID
        let interaction: Interaction
    }

    struct StoredCompletion {
        let seq: Int64
        let messageID: Int64
        let uid: UserID
        let completion: InteractionChange.Completion
    }

    struct Muid: Hashable {
        let sender: UserID
        let text: String
    }

    private(set) var positions = LogPositions(committed: 0, reserved: 0)
    private(set) var records: [UserID: UserRecord] = [:]
    private(set) var lastActive: [UserID: Int64] = [:]
    private(set) var tokens: [TokenHash: TokenRecord] = [:]
    private(set) var friends: [UserID: Set<UserID>] = [:]
    /// By who blocks.
    private(set) var blocks: [UserID: Set<UserID>] = [:]
    private(set) var groupRecords: [GroupID: GroupRecord] = [:]
    private(set) var stays: [GroupID: [Stay]] = [:]
    private(set) var bans: [GroupID: [UserID: Ban]] = [:]
    /// Ascending by id.
    private(set) var messages: [MessageRecord] = []
    /// Every giving and taking back, ascending.
    private(set) var reactions: [StoredReaction] = []
    private(set) var interactions: [StoredInteraction] = []
    /// Ascending.
    private(set) var completions: [StoredCompletion] = []
    private(set) var marks: [MarkKey: ReceiptMark] = [:]
    /// Of 1:1 marks: when they passed which message.
    private(set) var passages: [MarkKey: [Int64: Int64]] = [:]
    private(set) var viewpoints: [Conversation: [UserID: Viewpoint]] = [:]
    /// In order of beginning.
    private(set) var calls: [CallRecord] = []
    private var muids: [Muid: Int64] = [:]
    /// Ascending.
    private(set) var feed: [Line] = []
    private(set) var feedEnd: Int64 = 0

    mutating func reserve(through: Int64) {
        positions = LogPositions(
            committed: positions.committed, reserved: max(positions.reserved, through),
            lastSentAt: positions.lastSentAt)
    }

    mutating func apply(_ decision: LoggedDecision, bootID: String) -> CommitOutcome {
        for change in decision.changes {
            if case .message(let record) = change, let first = earlier(record) { return .duplicate(of: first) }
        }
        var lastSentAt = positions.lastSentAt
        for change in decision.changes {
            if case .message(let record) = change { lastSentAt = max(lastSentAt, record.sentAt) }
            let entry = FeedEntry(change) { groupRecords[$0]?.owner }
            apply(change, decision.seq)
            guard let entry else { continue }
            feedEnd += 1
            feed.append(
                Line(n: feedEnd, bootID: bootID, seq: entry.seq(decided: decision.seq), at: decision.at, entry: entry))
        }
        positions = LogPositions(
            committed: max(positions.committed, decision.seq), reserved: max(positions.reserved, decision.seq),
            lastSentAt: lastSentAt)
        return .committed
    }

    /// Takes what is stale out of the feed, but for its last `kept` lines.
    mutating func pruneFeed(keeping kept: Int64) {
        let old = feed.dropLast(Int(kept))
        let durable = old.filter { !isStale($0) }
        feed.replaceSubrange(old.indices, with: durable)
    }

    private func earlier(_ record: MessageRecord) -> MessageRecord? {
        guard let muid = record.muid, let id = muids[Muid(sender: record.sender, text: muid)],
            let first = message(id), record.sentAt - first.sentAt < MuidRule.windowSeconds
        else { return nil }
        return first
    }

    private mutating func apply(_ change: Change, _ seq: Int64) {
        switch change {
        case .message(let record):
            messages.insert(record.with(replyCount: 0).with(reactions: []), at: position(of: record.id))
            countReply(to: record.parentID, by: 1)
            if let muid = record.muid { muids[Muid(sender: record.sender, text: muid)] = record.id }
        case .user(let record): records[record.uid] = record
        case .userDeleted(let uid): delete(uid, seq)
        case .lastActive(let uid, let at): if records[uid] != nil { lastActive[uid] = at }
        case .token(let record): tokens[record.hash] = record
        case .tokenDeleted(let hash): tokens[hash] = nil
        case .tokensDeleted(let uid): tokens = tokens.filter { $0.value.uid != uid }
        case .friendship(let one, let other, let exists):
            for (user, friend) in [(one, other), (other, one)] {
                if exists {
                    friends[user, default: []].insert(friend)
                } else {
                    friends[user]?.remove(friend)
                }
            }
        case .block(let uid, let blocked, let exists):
            if exists { blocks[uid, default: []].insert(blocked) } else { blocks[uid]?.remove(blocked) }
        case .group(let record): groupRecords[record.guid] = record
        case .groupDeleted(let guid):
            groupRecords[guid] = nil
            stays[guid] = nil
            bans[guid] = nil
            marks = marks.filter { $0.key.conversation != .group(guid) }
            viewpoints[.group(guid)] = nil
            for record in messages where record.receiver == .group(guid) { forgetEngagement(with: record.id) }
            messages.removeAll { $0.receiver == .group(guid) }
            feed.removeAll { line in
                if case .mark(let conversation, _) = line.entry { conversation == .group(guid) } else { false }
            }
            calls.removeAll { $0.facts.receiver == .group(guid) }
        case .memberAdded(let membership): add(membership)
        case .memberRemoved(let guid, let uid): endStay(guid, uid, seq)
        case .banned(let ban): bans[ban.guid, default: [:]][ban.uid] = ban
        case .unbanned(let guid, let uid): bans[guid]?[uid] = nil
        case .mark(let conversation, let mark):
            let key = MarkKey(conversation: conversation, reader: mark.reader, kind: mark.kind)
            marks[key] = mark
            if case .pair = conversation, passages[key]?[mark.messageID] == nil {
                passages[key, default: [:]][mark.messageID] = mark.at
            }
        case .conversation(let conversation, let uid, let change): apply(change, conversation, uid)
        case .messageChanged(let record): replace(record)
        case .reaction(let change): add(change, seq)
        case .interaction(let change): add(change, seq)
        case .connection: break
        case .call(let record):
            if let index = calls.firstIndex(where: { $0.session == record.session }) {
                calls[index] = record
            } else {
                calls.append(record)
            }
        }
    }

    private mutating func apply(_ change: ConversationChange, _ conversation: Conversation, _ uid: UserID) {
        var viewpoint = viewpoints[conversation]?[uid] ?? Viewpoint()
        switch change {
        case .readPointer(let position): viewpoint.readPointer = position
        case .hidden(let position): viewpoint.hiddenThrough = max(viewpoint.hiddenThrough, position)
        case .tags(let tags): viewpoint.tags = tags
        }
        viewpoints[conversation, default: [:]][uid] = viewpoint
    }

    private mutating func delete(_ uid: UserID, _ seq: Int64) {
        records[uid] = nil
        lastActive[uid] = nil
        tokens = tokens.filter { $0.value.uid != uid }
        for friend in friends[uid] ?? [] { friends[friend]?.remove(uid) }
        friends[uid] = nil
        for conversation in Array(viewpoints.keys) { viewpoints[conversation]?[uid] = nil }
        blocks[uid] = nil
        for blocker in Array(blocks.keys) { blocks[blocker]?.remove(uid) }
        for guid in Array(stays.keys) { endStay(guid, uid, seq) }
        for guid in Array(bans.keys) { bans[guid]?[uid] = nil }
    }

    private mutating func add(_ membership: Membership) {
        var all = stays[membership.guid] ?? []
        if let index = all.firstIndex(where: { $0.membership.uid == membership.uid && $0.to == nil }) {
            let known = all[index].membership
            all[index].membership = Membership(
                guid: known.guid, uid: known.uid, scope: membership.scope, joinedAt: known.joinedAt,
                joinedSeq: known.joinedSeq)
        } else {
            all.append(Stay(membership: membership, to: nil))
        }
        stays[membership.guid] = all
    }

    private mutating func endStay(_ guid: GroupID, _ uid: UserID, _ seq: Int64) {
        guard let index = stays[guid]?.firstIndex(where: { $0.membership.uid == uid && $0.to == nil }) else { return }
        stays[guid]?[index].to = seq
        viewpoints[.group(guid)]?[uid]?.readPointer = nil
    }

    // MARK: After the sending

    private mutating func countReply(to parent: Int64?, by step: Int) {
        guard let parent, let record = message(parent) else { return }
        messages[position(of: parent)] = record.with(replyCount: record.replyCount + step)
    }

    private mutating func replace(_ record: MessageRecord) {
        guard let old = message(record.id) else { return }
        messages[position(of: record.id)] = record.with(replyCount: old.replyCount)
        guard old.deletion == nil, record.deletion != nil else { return }
        countReply(to: old.parentID, by: -1)
        forgetEngagement(with: record.id)
    }

    private mutating func forgetEngagement(with id: Int64) {
        reactions.removeAll { $0.change.messageID == id }
        interactions.removeAll { $0.messageID == id }
        completions.removeAll { $0.messageID == id }
    }

    private mutating func add(_ change: ReactionChange, _ seq: Int64) {
        guard let record = message(change.messageID) else { return }
        if !change.isAdded, let given = reactions.firstIndex(where: { $0.seq == change.id }) {
            reactions[given].stands = false
        }
        reactions.append(StoredReaction(seq: seq, change: change, stands: change.isAdded))
        messages[position(of: record.id)] = record.with(reactions: change.counts)
    }

    private mutating func add(_ change: InteractionChange, _ seq: Int64) {
        guard message(change.messageID) != nil else { return }
        for interaction in change.interactions
        where !interactions.contains(where: {
            $0.messageID == change.messageID && $0.uid == change.uid
                && $0.interaction.elementID == interaction.elementID
        }) {
            interactions.append(
                StoredInteraction(seq: seq, messageID: change.messageID, uid: change.uid, interaction: interaction))
        }
        guard let completion = change.completion,
            !completions.contains(where: { $0.messageID == change.messageID && $0.uid == change.uid })
        else { return }
        completions.append(
            StoredCompletion(seq: seq, messageID: change.messageID, uid: change.uid, completion: completion))
    }

    // MARK: Looking up

    func message(_ id: Int64) -> MessageRecord? {
        let index = position(of: id)
        return index < messages.endIndex && messages[index].id == id ? messages[index] : nil
    }

    /// Where the message is, or would stand.
    private func position(of id: Int64) -> Int {
        var (low, high) = (messages.startIndex, messages.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Current members, in order of joining and then by uid.
    func memberships(_ guid: GroupID) -> [Membership] {
        (stays[guid] ?? []).filter { $0.to == nil }.map(\.membership).sorted {
            $0.joinedSeq == $1.joinedSeq ? $0.uid.text.precedes($1.uid.text) : $0.joinedSeq < $1.joinedSeq
        }
    }

    /// In order of banning and then by uid.
    func bans(of guid: GroupID) -> [Ban] {
        (bans[guid] ?? [:]).values.sorted {
            $0.seq == $1.seq ? $0.uid.text.precedes($1.uid.text) : $0.seq < $1.seq
        }
    }

    func membership(_ guid: GroupID, _ uid: UserID) -> Membership? {
        stays[guid]?.first { $0.membership.uid == uid && $0.to == nil }?.membership
    }

    func wasMember(_ guid: GroupID, _ uid: UserID, at seq: Int64) -> Bool {
        stays[guid]?.contains { $0.membership.uid == uid && $0.covers(seq) } ?? false
    }

    func storedUser(_ uid: UserID) -> StoredUser? {
        records[uid].map { StoredUser(record: $0, lastActiveAt: lastActive[uid]) }
    }
}

extension String {
    /// The order of the bytes, as SQLite has it; Swift's own is by canonical equivalence.
    func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
