import ChatModel

@testable import GatewayCore

/// What a store would hold, kept by applying committed decisions: just enough to load entities again.
final class FakeStore {
    var users: [UserID: UserRecord] = [:]
    var lastActive: [UserID: Int64] = [:]
    var tokens: [TokenHash: TokenRecord] = [:]
    var friends: [UserID: Set<UserID>] = [:]
    /// By who blocks.
    var blocks: [UserID: Set<UserID>] = [:]
    var groups: [GroupID: GroupRecord] = [:]
    var members: [GroupID: [UserID: Membership]] = [:]
    var bans: [GroupID: [UserID: Ban]] = [:]
    var messages: [Int64: MessageRecord] = [:]
    var engagements: [Int64: [UserID: LoadedEngagement]] = [:]
    var marks: [Conversation: [String: ReceiptMark]] = [:]
    var readPointers: [Conversation: [UserID: Int64]] = [:]
    /// `connected alice s1`, `disconnected alice s1 1006`, `online alice`, … in order.
    var feed: [String] = []

    var calls: [CallSessionID: CallRecord] = [:]
    /// The highest position of any decision.
    private(set) var committed: Int64 = 0

    func apply(_ decision: Decision) {
        for change in decision.changes { apply(change, decision.seq) }
        committed = max(committed, decision.seq)
    }

    private func countReply(to parent: Int64?, by step: Int) {
        guard let parent, let record = messages[parent] else { return }
        messages[parent] = record.with(replyCount: record.replyCount + step)
    }

    private func change(_ id: Int64, _ uid: UserID, _ body: (inout LoadedEngagement) -> Void) {
        var engagement = engagements[id]?[uid] ?? LoadedEngagement(reactions: [], interactions: [], hasCompleted: false)
        body(&engagement)
        engagements[id, default: [:]][uid] = engagement
    }

    private func apply(_ change: Change, _ seq: Int64) {
        switch change {
        case .messageChanged(let record):
            guard let old = messages[record.id] else { return }
            messages[record.id] = record.with(replyCount: old.replyCount)
            guard old.deletion == nil, record.deletion != nil else { return }
            countReply(to: old.parentID, by: -1)
            engagements[record.id] = nil
        case .reaction(let one):
            self.change(one.messageID, one.uid) { engagement in
                if one.isAdded {
                    engagement.reactions.append(.init(reaction: one.reaction, id: seq, at: one.at))
                } else {
                    engagement.reactions.removeAll { $0.id == one.id }
                }
            }
            messages[one.messageID] = messages[one.messageID]?.with(reactions: one.counts)
        case .interaction(let one):
            self.change(one.messageID, one.uid) { engagement in
                engagement.interactions += one.interactions
                engagement.hasCompleted = engagement.hasCompleted || one.completion != nil
            }
        case .message(let record):
            messages[record.id] = record
            countReply(to: record.parentID, by: 1)
        case .user(let record): users[record.uid] = record
        case .userDeleted(let uid):
            users[uid] = nil
            lastActive[uid] = nil
            tokens = tokens.filter { $0.value.uid != uid }
            for friend in friends[uid] ?? [] { friends[friend]?.remove(uid) }
            friends[uid] = nil
            blocks[uid] = nil
            for blocker in blocks.keys { blocks[blocker]?.remove(uid) }
            for guid in members.keys { members[guid]?[uid] = nil }
            for conversation in readPointers.keys { readPointers[conversation]?[uid] = nil }
            for guid in bans.keys { bans[guid]?[uid] = nil }
        case .lastActive(let uid, let at): lastActive[uid] = at
        case .token(let record): tokens[record.hash] = record
        case .tokenDeleted(let hash): tokens[hash] = nil
        case .tokensDeleted(let uid): tokens = tokens.filter { $0.value.uid != uid }
        case .friendship(let a, let b, let exists):
            if exists {
                friends[a, default: []].insert(b)
                friends[b, default: []].insert(a)
            } else {
                friends[a]?.remove(b)
                friends[b]?.remove(a)
            }
        case .block(let uid, let blocked, let exists):
            if exists { blocks[uid, default: []].insert(blocked) } else { blocks[uid]?.remove(blocked) }
        case .group(let record): groups[record.guid] = record
        case .groupDeleted(let guid):
            groups[guid] = nil
            members[guid] = nil
            bans[guid] = nil
            marks[.group(guid)] = nil
            readPointers[.group(guid)] = nil
            messages = messages.filter { $0.value.receiver != .group(guid) }
            calls = calls.filter { $0.value.facts.receiver != .group(guid) }
        case .memberAdded(let membership): members[membership.guid, default: [:]][membership.uid] = membership
        case .memberRemoved(let guid, let uid):
            members[guid]?[uid] = nil
            readPointers[.group(guid)]?[uid] = nil
        case .banned(let ban): bans[ban.guid, default: [:]][ban.uid] = ban
        case .unbanned(let guid, let uid): bans[guid]?[uid] = nil
        case .mark(let conversation, let mark):
            marks[conversation, default: [:]]["\(mark.kind) \(mark.reader?.text ?? "*")"] = mark
        case .conversation(let conversation, let uid, .readPointer(let position)):
            readPointers[conversation, default: [:]][uid] = position
        case .conversation: break
        case .call(let record): calls[record.session] = record
        case .connection(let event): feed.append(Self.text(event))
        }
    }

    private static func text(_ event: ConnectionEvent) -> String {
        switch event.kind {
        case .connected(let session): "connected \(event.uid) \(session.id)"
        case .disconnected(let session, let code): "disconnected \(event.uid) \(session.id) \(code)"
        case .online: "online \(event.uid)"
        case .offline: "offline \(event.uid)"
        }
    }

    /// What a start finds, in an order that is always the same.
    var activeCalls: [CallRecord] {
        calls.values.filter(\.status.isActive).sorted { $0.session.text < $1.session.text }
    }

    func load(_ key: EntityKey) -> LoadedEntity {
        switch key {
        case .user(_, let uid):
            return .user(
                LoadedUser(
                    record: users[uid], lastActiveAt: lastActive[uid],
                    memberships: members.values.compactMap { $0[uid] }.sorted { $0.guid < $1.guid },
                    friends: (friends[uid] ?? []).sorted(), blocks: (blocks[uid] ?? []).sorted(),
                    blockedBy: blocks.filter { $0.value.contains(uid) }.keys.sorted()))
        case .group(_, let guid):
            return .group(
                LoadedGroup(
                    record: groups[guid], members: (members[guid] ?? [:]).values.sorted { $0.uid < $1.uid },
                    bans: (bans[guid] ?? [:]).values.sorted { $0.uid < $1.uid },
                    conversation: conversation(.group(guid))))
        case .pair(_, let first, let second): return .pair(conversation(.pair(first: first, second: second)))
        case .token(_, let hash): return .token(tokens[hash])
        case .message(_, let id): return .message(messages[id])
        case .engagement(_, let id, let uid):
            return .engagement(
                engagements[id]?[uid] ?? LoadedEngagement(reactions: [], interactions: [], hasCompleted: false))
        }
    }

    private func conversation(_ conversation: Conversation) -> LoadedConversation {
        let written = messages.values.filter {
            $0.conversation == conversation && $0.category != .action && $0.category != .call
        }
        let latest = written.sorted { $0.id < $1.id }.suffix(LoadedConversation.latestMax)
        return LoadedConversation(
            marks: Array((marks[conversation] ?? [:]).values),
            latest: latest.map { LoadedConversation.Authored(id: $0.id, author: $0.sender) },
            readPointers: (readPointers[conversation] ?? [:]).map {
                LoadedConversation.ReadPointer(reader: $0.key, messageID: $0.value)
            })
    }
}
