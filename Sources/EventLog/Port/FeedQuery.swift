public import ChatModel

/// A page of an app's event feed.
public struct FeedQuery: Sendable, Equatable {
    public static let limitMax = 500

    public let app: AppNumber
    /// Exclusive. Beyond the end it is taken as the end.
    public let after: Int64
    /// 1…`limitMax`. A page may hold fewer though more follow: lines that point to what is gone are passed over.
    public let limit: Int
    /// Only these; nil: all.
    public let events: Set<FeedEventName>?

    public init(app: AppNumber, after: Int64, limit: Int, events: Set<FeedEventName>? = nil) {
        self.app = app
        self.after = max(after, 0)
        self.limit = min(max(limit, 1), Self.limitMax)
        self.events = events
    }
}
