internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec

/// Reads the feed in pages of bounded size and makes NDJSON of them. Any thread that may block.
struct FeedPages: Sendable {
    /// Lines as bytes, ready to be sent.
    struct Encoded: Sendable, Equatable {
        let bytes: [UInt8]
        /// Where the next page begins.
        let reached: Int64
        /// Nothing followed when the page was read.
        let isLast: Bool
    }

    static let linesMax = 200
    /// A page ends with the line that takes it past this.
    static let bytesMax = 256 * 1024

    let store: any Store
    let presence: PresenceTable

    func read(_ app: AppNumber, after: Int64) throws(LogFailure) -> Encoded {
        let page = try store.feed(FeedQuery(app: app, after: after, limit: Self.linesMax))
        var writer = JSONWriter(capacity: 4_096)
        var bytes: [UInt8] = []
        for line in page.lines {
            if bytes.count > Self.bytesMax {
                return Encoded(bytes: bytes, reached: line.n - 1, isLast: false)
            }
            writer.feedLine(line.withPresence { presence.lastActive(app, $0) })
            bytes += writer.take()
            bytes.append(UInt8(ascii: "\n"))
        }
        return Encoded(bytes: bytes, reached: page.reached, isLast: page.isLast)
    }

    /// The number of the last line there is.
    func end(_ app: AppNumber) throws(LogFailure) -> Int64 {
        try store.feed(FeedQuery(app: app, after: .max, limit: 1)).end
    }
}

extension FeedLine {
    func withPresence(_ lastActive: (UserID) -> LastActive?) -> FeedLine {
        let event: Event
        switch self.event {
        case .message(let view): event = .message(view.withPresence(lastActive))
        case .reaction(let reaction): event = .reaction(reaction.withPresence(lastActive))
        case .completion(let completion): event = .completion(completion.withPresence(lastActive))
        case .receipts, .group, .block, .connection: return self
        }
        return FeedLine(n: n, bootID: bootID, seq: seq, at: at, event: event)
    }
}
