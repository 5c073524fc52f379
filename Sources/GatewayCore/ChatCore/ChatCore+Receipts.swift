import ChatModel
import WireProtocol

/// Delivered and read (protocol.md §3.6).
///
/// A mark is cumulative and never goes back; `read` moves both marks. The receipt goes to the author of the message it
/// names. A reader's own message stands for the newest before it that somebody else wrote. Everyone else learns that
/// theirs is covered by the …ToAll events, which follow from the two lowest marks of the group before and after.
extension ChatCore {
    func receipt(
        _ kind: ReceiptKind, _ receiver: Receiver, _ id: Int64, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let user = try actingUser(turn)
        if kind == .read, case .connection(let connection) = turn.command.caller,
            sessions.session(connection)?.appState == .background
        {
            throw APIFailure(.appInBackground, "A connection in background reads nothing.")
        }
        switch receiver {
        case .user(let other): try pairReceipt(kind, user, other, id, &turn)
        case .group(let guid): try groupReceipt(kind, user, guid, id, &turn)
        }
        return .done
    }

    private func pairReceipt(
        _ kind: ReceiptKind, _ user: UserState, _ other: UserID, _ id: Int64, _ turn: inout Turn
    ) throws(APIFailure) {
        let reader = view(user, turn.app)
        let uid = reader.record.uid
        let key = PairState.Key(uid, other)
        guard let pair = turn.app.pairs[key] else { return }
        let mark = pair.mark(kind, uid)
        let conversation = Conversation.pair(first: key.first, second: key.second)
        guard id > mark, let message = try message(id, conversation, pair.latest, uid, turn.app), message.id > mark
        else {
            if kind == .read { catchUp(pair, uid, id, mark, &turn) }
            return
        }

        let seq = turn.app.positions.take()
        let marks = moved(kind, uid, message.id, pair.mark(.delivered, uid), seq, turn)
        for mark in marks { pair.raise(mark.kind, uid, to: mark.messageID) }
        touch(pair, turn)
        let event = ReceiptEvent(
            action: kind == .read ? .read : .delivered, conversation: conversation, reader: reader,
            author: message.author, messageID: message.id, at: turn.now, seq: seq)
        var changes: [Change] = marks.map { .mark(conversation, $0) }
        if kind == .read, pair.readPointers.removeValue(forKey: uid) != nil {
            changes.append(.conversation(conversation, of: uid, .readPointer(nil)))
        }
        add(&turn, seq: seq, changes, [.receipt(event, origin: origin(turn, of: user))])
    }

    private func groupReceipt(
        _ kind: ReceiptKind, _ user: UserState, _ guid: GroupID, _ id: Int64, _ turn: inout Turn
    ) throws(APIFailure) {
        let app = turn.app
        let reader = view(user, app)
        let (group, record) = try knownGroup(guid, app)
        try check(.receive, by: user, in: group, record, app)
        guard let slot = group.members.slot(of: user.handle) else { throw .notAMember(of: record) }
        let mark = group.mark(kind, slot: slot)
        let conversation = Conversation.group(guid)
        guard id > mark, let message = try message(id, conversation, group.latest, reader.record.uid, app),
            message.id > mark
        else {
            if kind == .read { catchUp(group, user, id, mark, &turn) }
            return
        }

        if group.members.count > rules.receiptMembersMax, rules.receiptTickMs > 0 {
            return hold(kind, message, by: reader, guid, turn, origin(turn, of: user))
        }
        let seq = app.positions.take()
        let marks = moved(kind, reader.record.uid, message.id, group.mark(.delivered, slot: slot), seq, turn)
        var board = group.receipts ?? ReceiptBoard(group.members)
        group.receipts = nil
        let before = Floors(board, group.members)
        for mark in marks { board.raise(mark.kind, slot: slot, to: mark.messageID) }
        let after = Floors(board, group.members)
        group.receipts = board
        touch(group, turn)

        let event = ReceiptEvent(
            action: kind == .read ? .read : .delivered, conversation: conversation, reader: reader,
            author: message.author, messageID: message.id, at: turn.now, seq: seq)
        let origin = origin(turn, of: user)
        let projection: Projection =
            mayTell(message.author, group, turn)
            ? .receipt(event, origin: origin) : .ownReceipt(event, origin: origin)
        var changes: [Change] = marks.map { .mark(conversation, $0) }
        if kind == .read, group.readPointers.removeValue(forKey: user.handle) != nil {
            changes.append(.conversation(conversation, of: reader.record.uid, .readPointer(nil)))
        }
        add(&turn, seq: seq, changes, [projection])
        complete(group, guid, before, after, &turn)
    }

    /// Both marks that a receipt moves: `read` implies `delivered`.
    func moved(
        _ kind: ReceiptKind, _ reader: UserID, _ id: Int64, _ delivered: Int64, _ seq: Int64, _ turn: Turn
    ) -> [ReceiptMark] {
        let mark = ReceiptMark(kind: kind, reader: reader, messageID: id, at: turn.now, seq: seq)
        guard kind == .read, delivered < id else { return [mark] }
        return [ReceiptMark(kind: .delivered, reader: reader, messageID: id, at: turn.now, seq: seq), mark]
    }

    /// The message a receipt stands for and its author; nil: there is none by somebody else.
    private func message(
        _ id: Int64, _ conversation: Conversation, _ latest: AuthoredLog, _ reader: UserID, _ app: AppContext
    ) throws(APIFailure) -> (id: Int64, author: UserID)? {
        var author = latest.author(of: id)
        if author == nil {
            guard let record = app.messages[id]?.record, record.conversation == conversation else {
                throw APIFailure(.messageIDNotFound, "There is no message \(id) in this conversation.")
            }
            // Actions have no author who waits for a receipt.
            if record.category != .action { author = record.sender }
        }
        if let author, author != reader { return (id, author) }
        return latest.newest(atOrBelow: id, notBy: reader)
    }

    /// Who is no member any more is told nothing; in a large group an author is told of single readers at a bounded rate.
    func mayTell(_ author: UserID, _ group: GroupState, _ turn: Turn) -> Bool {
        guard let handle = turn.app.users.handle(of: author), group.members.slot(of: handle) != nil else {
            return false
        }
        guard group.members.count > rules.receiptMembersMax else { return true }
        let wait = turn.app.receipts.take(
            author, nowMs: turn.clock.monotonicMs, rate: rules.receiptsPerSecond, periodMs: 1_000)
        return wait == nil
    }

    // MARK: Everyone has it

    /// What everybody has of a group, of each kind.
    struct Floors {
        let delivered: ReceiptBoard.Floor?
        let read: ReceiptBoard.Floor?

        init(_ board: ReceiptBoard, _ members: MemberTable) {
            delivered = board.floor(.delivered, members)
            read = board.floor(.read, members)
        }
    }

    /// The floors of a group around a member's leaving; nil where nothing was written that could be completed.
    func floors(_ group: GroupState) -> Floors? {
        guard !group.latest.ids.isEmpty else { return nil }
        let board = group.receipts ?? ReceiptBoard(group.members)
        group.receipts = board
        return Floors(board, group.members)
    }

    /// Tells authors whose messages everybody has now, and had not before: `deliveredToAll` first, then `readByAll`.
    func complete(_ group: GroupState, _ guid: GroupID, _ before: Floors, _ after: Floors, _ turn: inout Turn) {
        complete(.delivered, group, guid, before.delivered, after.delivered, &turn)
        complete(.read, group, guid, before.read, after.read, &turn)
    }

    private func complete(
        _ kind: ReceiptKind, _ group: GroupState, _ guid: GroupID, _ before: ReceiptBoard.Floor?,
        _ after: ReceiptBoard.Floor?, _ turn: inout Turn
    ) {
        guard let before, let after, before != after, turn.app.positions.remaining > 0 else { return }
        let completed = group.completed(before, after) { turn.app.users.handle(of: $0) }
        guard let highest = completed.map(\.id).max() else { return }
        let seq = turn.app.positions.take()
        let conversation = Conversation.group(guid)
        let mark = ReceiptMark(
            kind: kind, reader: nil, messageID: group.raiseToAll(kind, to: highest), at: turn.now, seq: seq)
        touch(group, turn)
        add(
            &turn, seq: seq, [.mark(conversation, mark)],
            completed.map { message in
                let event = ReceiptEvent(
                    action: kind == .read ? .readByAll : .deliveredToAll, conversation: conversation, reader: nil,
                    author: message.author, messageID: message.id, at: turn.now, seq: seq)
                return .receipt(event, origin: nil)
            })
    }
}
