/// When an interactive message has done its work for a user. Value.
public enum InteractionGoal: Sendable, Equatable {
    /// Never.
    case none
    /// At the first interaction, whatever it is.
    case anyAction
    case anyOf([String])
    case allOf([String])

    /// `elements`: the ids of all that the user used.
    public func isReached(by elements: [String]) -> Bool {
        switch self {
        case .none: false
        case .anyAction: !elements.isEmpty
        case .anyOf(let wanted): wanted.contains(where: elements.contains)
        case .allOf(let wanted): !wanted.isEmpty && wanted.allSatisfy(elements.contains)
        }
    }
}

/// What the sender of an interactive message said of interacting with it. Value.
public struct InteractionTerms: Sendable, Equatable {
    public var goal: InteractionGoal
    /// Whether the sender's own interactions count.
    public var allowsSender: Bool

    public init(goal: InteractionGoal = .none, allowsSender: Bool = false) {
        self.goal = goal
        self.allowsSender = allowsSender
    }
}
