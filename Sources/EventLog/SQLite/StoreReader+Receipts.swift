internal import ChatModel
internal import GRDB

extension StoreReader {
    /// The receipts to restate, ascending, all of a position together; a little more than the page holds at most.
    func restatedReceipts(_ request: ReplayRequest, _ author: Int64) throws -> [ReceiptEvent] {
        var events: [ReceiptEvent] = []
        var feed = MarkFeed(self, try markSources(request, author))
        while let seq = try feed.nextSeq() {
            if events.count > request.limit, let last = events.last, last.seq < seq { break }
            let here = try feed.take(seq).compactMap { try restate($0, request, author) }
            events += here.sorted(by: ReceiptEvent.ordered)
        }
        return events
    }

    private func restate(_ mark: MarkFeed.Mark, _ request: ReplayRequest, _ author: Int64) throws -> ReceiptEvent? {
        guard mark.reader != author,
            let target = try newestAuthored(
                request.app, author, mark.conversation, isPair: mark.isPair, through: mark.messageID)
        else { return nil }
        if mark.reader != 0 {
            // What was written before the reader joined is not theirs to receipt.
            if !mark.isPair, try !wasMember(mark.conversation, mark.reader, at: target) { return nil }
            if mark.kind == .delivered, try readTarget(mark, request.app, author) ?? 0 >= target { return nil }
        }
        // The mark is of the conversation, but each author's "everybody" leaves out somebody else.
        if mark.reader == 0, try isMissedBySomeone(mark, author, target) { return nil }
        guard let conversation = try conversation(mark.conversation) else { return nil }
        return ReceiptEvent(
            action: .restated(mark.kind, byAll: mark.reader == 0), conversation: conversation,
            reader: mark.reader == 0 ? nil : try userView(mark.reader), author: request.uid, messageID: target,
            at: mark.at, seq: mark.seq)
    }

    /// Which of the author's messages the same reader's `read` mark stands at: a delivery up to there says nothing new.
    private func readTarget(_ mark: MarkFeed.Mark, _ app: AppNumber, _ author: Int64) throws -> Int64? {
        let read = try statement(
            "SELECT message FROM marks WHERE conversation = ? AND reader = ? AND kind = ?", mark.conversation,
            mark.reader, ReceiptKind.read.code
        ).first { $0.int(0) }
        return try read.flatMap {
            try newestAuthored(app, author, mark.conversation, isPair: mark.isPair, through: $0)
        }
    }

    /// Whether a member since the message, the author excepted, has yet to come as far. Reading implies delivery.
    private func isMissedBySomeone(_ mark: MarkFeed.Mark, _ author: Int64, _ target: Int64) throws -> Bool {
        try statement(Self.laggardSQL, mark.conversation, target, author, mark.kind.code, target).first { _ in true }
            ?? false
    }

    static let laggardSQL = """
        SELECT 1 FROM members i
        WHERE i.conversation = ? AND i.toSeq IS NULL AND i.fromSeq <= ? AND i.user <> ? AND NOT EXISTS (
            SELECT 1 FROM marks k
            WHERE k.conversation = i.conversation AND k.reader = i.user AND k.kind >= ? AND k.message >= ?)
        LIMIT 1
        """

    private func wasMember(_ conversation: Int64, _ user: Int64, at seq: Int64) throws -> Bool {
        try statement(
            """
            SELECT 1 FROM members
            WHERE conversation = ? AND user = ? AND fromSeq <= ? AND (toSeq IS NULL OR toSeq >= ?) LIMIT 1
            """, conversation, user, seq, seq
        ).first { _ in true } ?? false
    }

    private func conversation(_ id: Int64) throws -> Conversation? {
        let find = try statement("SELECT first, second, guid FROM conversations WHERE id = ?", id)
        let found = try find.first { ($0.optionalInt(0), $0.optionalInt(1), $0.optionalText(2)) }
        switch found {
        case (let one?, let other?, _)?:
            return Conversation(sender: try uid(one), receiver: .user(try uid(other)))
        case (_, _, let guid?)?: return .group(GroupID(trusted: guid))
        default: return nil
        }
    }

    /// The runs of marks that may hold something for the author: those of all their 1:1 conversations together, and
    /// those of each stay in a group they wrote in.
    private func markSources(_ request: ReplayRequest, _ author: Int64) throws -> [MarkFeed.Source] {
        let first = max(request.after, -1) + 1
        let stays = try statement("SELECT conversation, fromSeq, toSeq FROM members WHERE user = ?", author).map {
            row in
            MarkFeed.Source(
                isPair: false, id: row.int(0), low: max(first, row.int(1)),
                high: min(request.through, row.optionalInt(2) ?? request.through))
        }
        let written = try stays.filter { stay in
            try stay.low <= stay.high
                && newestAuthored(request.app, author, stay.id, isPair: false, through: MessageKey.positionMax) != nil
        }
        return [MarkFeed.Source(isPair: true, id: author, low: first, high: request.through)] + written
    }
}

extension ReceiptEvent {
    /// The order of the receipts at one position.
    static func ordered(_ a: ReceiptEvent, _ b: ReceiptEvent) -> Bool {
        (a.conversation.id, a.action.rank, a.reader?.record.uid.text ?? "")
            < (b.conversation.id, b.action.rank, b.reader?.record.uid.text ?? "")
    }
}

extension ReceiptEvent.Action {
    static func restated(_ kind: ReceiptKind, byAll: Bool) -> Self {
        switch kind {
        case .delivered: byAll ? .deliveredToAll : .delivered
        case .read: byAll ? .readByAll : .read
        }
    }

    fileprivate var rank: Int {
        switch self {
        case .delivered: 0
        case .read: 1
        case .deliveredToAll: 2
        case .readByAll: 3
        }
    }
}
