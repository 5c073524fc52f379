import ChatModel
import WireProtocol

/// Receipts of groups of more than `receiptMembersMax` members: gathered per tick, then decided together, so that what a
/// receipt costs does not depend on how many others come with it, nor on the size of the group.
extension ChatCore {
    /// Readers whose marks one decision moves.
    private static var readersPerDecision: Int { 1_000 }

    /// The receipt was judged; its mark moves with the group's next tick.
    func hold(
        _ kind: ReceiptKind, _ message: (id: Int64, author: UserID), by reader: UserView, _ guid: GroupID, _ turn: Turn,
        _ origin: Origin?
    ) {
        let app = turn.app
        if app.heldReceipts[guid]?.isEmpty ?? true {
            _ = timers.arm(.receipts(app.number, guid), at: turn.clock.monotonicMs + rules.receiptTickMs)
        }
        app.heldReceipts[guid, default: HeldReceipts()].hold(
            kind, HeldReceipts.Receipt(messageID: message.id, author: message.author), by: reader, origin)
    }

    /// The tick of a group. It goes through admission, as the group may have left the cache since.
    func receiptsDue(_ app: AppNumber, _ guid: GroupID, _ clock: CoreClock) {
        guard let context = apps[app], let held = context.heldReceipts[guid] else { return }
        guard !held.isEmpty else {
            context.heldReceipts[guid] = nil
            return
        }
        // Armed again whatever becomes of the command; a tick that finds nothing is the last one.
        _ = timers.arm(.receipts(app, guid), at: clock.monotonicMs + rules.receiptTickMs)
        // While the log is behind, readers go on being merged instead of queueing decisions to it.
        guard held.lastDecision <= committedThrough else { return }
        let settle = Command(app: app, caller: .backend(onBehalfOf: nil), operation: .settleReceipts(guid))
        arrive(settle, .none, context, clock)
    }

    func settleReceipts(_ guid: GroupID, _ turn: inout Turn) -> ReplyBody {
        let app = turn.app
        guard let group = app.groups.entity(of: guid), group.record != nil else {
            app.heldReceipts[guid] = nil
            return .done
        }
        guard let entries = app.heldReceipts[guid]?.take(Self.readersPerDecision), !entries.isEmpty else {
            return .done
        }
        let seq = app.positions.take()
        var board = group.receipts ?? ReceiptBoard(group.members)
        group.receipts = nil
        let before = Floors(board, group.members)
        var changes: [Change] = []
        var projections: [Projection] = []
        for entry in entries {
            // Who has left since reads nothing here any more.
            guard let handle = app.users.handle(of: entry.reader.record.uid),
                let slot = group.members.slot(of: handle)
            else { continue }
            for event in raise(entry, slot, &board, guid, seq, turn, &changes) {
                projections.append(contentsOf: tell(event, entry, handle, group, turn))
            }
        }
        let after = Floors(board, group.members)
        group.receipts = board
        guard !changes.isEmpty else { return .done }
        touch(group, turn)
        add(&turn, seq: seq, changes, projections)
        app.heldReceipts[guid]?.lastDecision = upcoming(turn) - 1
        complete(group, guid, before, after, &turn)
        return .done
    }

    /// Moves the marks of one reader; the receipts that come of it, one for each message that is named.
    private func raise(
        _ entry: HeldReceipts.Entry, _ slot: Int32, _ board: inout ReceiptBoard, _ guid: GroupID, _ seq: Int64,
        _ turn: Turn, _ changes: inout [Change]
    ) -> [ReceiptEvent] {
        var events: [ReceiptEvent] = []
        let receipts: [(ReceiptKind, HeldReceipts.Receipt?)] = [(.delivered, entry.delivered), (.read, entry.read)]
        for (kind, receipt) in receipts {
            // A read as far as that says all that the delivery says.
            if kind == .delivered, let receipt, receipt.messageID <= entry.read?.messageID ?? 0 { continue }
            guard let receipt, receipt.messageID > board.mark(kind, slot: slot) else { continue }
            let reader = entry.reader.record.uid
            let marks = moved(kind, reader, receipt.messageID, board.mark(.delivered, slot: slot), seq, turn)
            for mark in marks {
                board.raise(mark.kind, slot: slot, to: mark.messageID)
                changes.append(.mark(.group(guid), mark))
            }
            events.append(
                ReceiptEvent(
                    action: kind == .read ? .read : .delivered, conversation: .group(guid), reader: entry.reader,
                    author: receipt.author, messageID: receipt.messageID, at: turn.now, seq: seq))
        }
        return events
    }

    /// To author and reader; past the author's rate to the reader's other connections only, if there are any.
    private func tell(
        _ event: ReceiptEvent, _ entry: HeldReceipts.Entry, _ reader: Int32, _ group: GroupState, _ turn: Turn
    ) -> [Projection] {
        if mayTell(event.author, group, turn) { return [.receipt(event, origin: entry.origin)] }
        let connections = turn.app.presence[reader]?.count ?? 0
        return connections > (entry.origin == nil ? 0 : 1) ? [.ownReceipt(event, origin: entry.origin)] : []
    }
}
