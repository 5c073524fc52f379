/// How many users gave a message one reaction. Value.
public struct ReactionCount: Sendable, Equatable {
    public let reaction: String
    /// At least 1.
    public let count: Int

    public init(reaction: String, count: Int) {
        self.reaction = reaction
        self.count = count
    }
}

/// One user's use of one element of an interactive message. Value.
public struct Interaction: Sendable, Equatable {
    public let elementID: String
    /// Unix seconds, of the first time.
    public let at: Int64

    public init(elementID: String, at: Int64) {
        self.elementID = elementID
        self.at = at
    }
}

/// What one user did with one message. Value.
public struct Engagement: Sendable, Equatable {
    /// In order of their giving.
    public var reactions: [String]
    /// In order of their first time.
    public var interactions: [Interaction]

    public init(reactions: [String] = [], interactions: [Interaction] = []) {
        self.reactions = reactions
        self.interactions = interactions
    }
}
