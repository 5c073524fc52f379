public import ChatModel

/// What a session missed, or a part of it. Value; crosses threads.
public struct ReplayPage: Sendable {
    public enum Item: Sendable {
        /// A message as it stands now, whatever its category.
        case message(MessageView)
        /// A receipt restated for its author, at the position where the mark last moved.
        case receipt(ReceiptEvent)
        case reaction(ReactionEvent)
        case completion(CompletionEvent)

        public var seq: Int64 {
            switch self {
            case .message(let view): view.message.id
            case .receipt(let event): event.seq
            case .reaction(let event): event.seq
            case .completion(let event): event.seq
            }
        }
    }

    /// Ascending by position; items of one position are never split between pages.
    public let items: [Item]
    /// The `after` of the next request; nil: there is nothing more up to `through`.
    public let next: Int64?

    public init(items: [Item], next: Int64?) {
        self.items = items
        self.next = next
    }
}
