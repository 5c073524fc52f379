public import ChatModel
public import WireProtocol

/// A committed decision with its frames encoded: what a shard walks.
public struct WalkableDecision: Sendable {
    public let decision: Decision
    /// Set when the log judged the decision a duplicate: only the reply is served, with this message.
    public let duplicate: MessageView?
    /// The frame of `decision.projections[i]` at `i`; nil where the projection sends nothing.
    public let frames: [SharedFrame?]

    public init(decision: Decision, duplicate: MessageView?, frames: [SharedFrame?]) {
        self.decision = decision
        self.duplicate = duplicate
        self.frames = frames
    }
}

/// An ephemeral event with its frame.
public struct EncodedEphemeral: Sendable {
    public let event: EphemeralEvent
    public let frame: SharedFrame

    public init(event: EphemeralEvent, frame: SharedFrame) {
        self.event = event
        self.frame = frame
    }
}
