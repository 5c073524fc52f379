internal import ChatModel
internal import GRDB

extension SQLiteStore {
    public func replay(_ request: ReplayRequest) throws(LogFailure) -> ReplayPage {
        try read { reader in
            guard request.after < request.through, let user = try reader.userID(request.app, request.uid) else {
                return ReplayPage(items: [], next: nil)
            }
            let messages = try reader.replayedMessages(request, user)
            let receipts = try reader.restatedReceipts(request, user)
            return ReplayPage.merging(messages: messages, receipts: receipts, limit: request.limit)
        }
    }
}

extension ReplayPage {
    /// Merges both halves, each ascending and, if there is more than it holds, with more than `limit` items.
    static func merging(messages: [MessageView], receipts: [ReceiptEvent], limit: Int) -> ReplayPage {
        var items: [Item] = []
        var (message, receipt) = (messages.startIndex, receipts.startIndex)
        while message < messages.endIndex || receipt < receipts.endIndex {
            let item: Item
            // At one position the message comes first: the marks that moved with it are about it or older ones.
            if message < messages.endIndex,
                receipt == receipts.endIndex || messages[message].message.id <= receipts[receipt].seq
            {
                item = .message(messages[message])
                message += 1
            } else {
                item = .receipt(receipts[receipt])
                receipt += 1
            }
            if items.count >= limit, let last = items.last?.seq, item.seq > last {
                return ReplayPage(items: items, next: last)
            }
            items.append(item)
        }
        return ReplayPage(items: items, next: nil)
    }
}

extension StoreReader {
    /// At most one more than the page holds.
    fileprivate func replayedMessages(_ request: ReplayRequest, _ user: Int64) throws -> [MessageView] {
        let low = MessageKey.clamped(request.app, request.after) + (request.after < 0 ? 0 : 1)
        let high = MessageKey.clamped(request.app, request.through)
        var feed = try MessageFeed(
            self, try sources(of: user, request.app, low: low, high: high), ascending: true)
        var views: [MessageView] = []
        while views.count <= request.limit, let key = try feed.next() {
            guard let message = try message(key: key) else { continue }
            if let session = request.session, message.sender == user, message.record.originSession == session {
                continue
            }
            views.append(try view(message))
        }
        return views
    }
}
