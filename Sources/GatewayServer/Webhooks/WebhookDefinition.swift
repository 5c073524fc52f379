public import EventLog

/// One webhook of an app's file (docs/webhooks.md). Immutable.
public struct WebhookDefinition: Sendable, Equatable {
    /// Names it in the store, in logs and metrics; unique in its app. Without one in the file it is made of the URL,
    /// which itself may hold a secret and is shown nowhere but by `check-config`.
    public let name: String
    public let url: String
    /// Whether the URL's scheme is `http`: for private targets only.
    public let isPlain: Bool
    /// nil: every event.
    public let events: Set<FeedEventName>?
    /// Key of the signature.
    public let secret: String
    /// PEM file of the authorities that the target's certificate may come from; nil: the system's.
    public let caFile: String?

    public func wants(_ event: FeedEventName) -> Bool { events?.contains(event) ?? true }

    /// For people: `all`, or the events' names.
    public var eventsText: String {
        events.map { events in FeedEventName.allCases.filter(events.contains).map(\.rawValue).joined(separator: ", ") }
            ?? "all"
    }
}
