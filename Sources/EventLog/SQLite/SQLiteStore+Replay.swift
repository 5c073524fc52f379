internal import ChatModel
internal import GRDB

extension SQLiteStore {
    public func replay(_ request: ReplayRequest) throws(LogFailure) -> ReplayPage {
        try read { reader in
            guard request.after < request.through, let user = try reader.userID(request.app, request.uid) else {
                return ReplayPage(items: [], next: nil)
            }
            let low = MessageKey.clamped(request.app, request.after) + (request.after < 0 ? 0 : 1)
            let high = MessageKey.clamped(request.app, request.through)
            let sources = try reader.sources(of: user, request.app, low: low, high: high)
            return ReplayPage.merging(
                [
                    try reader.replayedMessages(request, user, sources).map { .message($0) },
                    try reader.replayedEngagement(request, user, sources, low: low, high: high),
                    try reader.restatedReceipts(request, user).map { .receipt($0) },
                ], limit: request.limit)
        }
    }
}

extension ReplayPage {
    /// Merges runs that are each ascending and, if there is more than they hold, have more than `limit` items. At one
    /// position the earlier run comes first: the marks that moved with a message are about it or older ones.
    static func merging(_ runs: [[Item]], limit: Int) -> ReplayPage {
        var items: [Item] = []
        var heads = runs.map(\.startIndex)
        while true {
            var nearest: Int?
            for (run, head) in heads.enumerated() where head < runs[run].endIndex {
                if let known = nearest, runs[known][heads[known]].seq <= runs[run][head].seq { continue }
                nearest = run
            }
            guard let nearest else { return ReplayPage(items: items, next: nil) }
            let item = runs[nearest][heads[nearest]]
            heads[nearest] += 1
            if items.count >= limit, let last = items.last?.seq, item.seq > last {
                return ReplayPage(items: items, next: last)
            }
            items.append(item)
        }
    }
}

extension StoreReader {
    /// At most one more than the page holds.
    fileprivate func replayedMessages(
        _ request: ReplayRequest, _ user: Int64, _ sources: [MessageSource]
    ) throws -> [MessageView] {
        var feed = try MessageFeed(self, sources, ascending: true)
        var views: [MessageView] = []
        while views.count <= request.limit, let key = try feed.next() {
            guard let message = try message(key: key), !message.record.isKeptFrom(request.uid) else { continue }
            if let session = request.session, message.sender == user, message.record.originSession == session {
                continue
            }
            views.append(try view(message, isReplay: true))
        }
        return views
    }
}
