internal import Reactor

/// Brings messages to the server. Confined to the loop's thread.
protocol Publisher: AnyObject {
    /// Sends messages with these texts, together.
    func publish(_ texts: [[UInt8]]) throws

    /// What the server has confirmed so far; nil for a server that confirms nothing.
    var confirmed: Int? { get }
    /// What it has refused so far.
    var refused: Int { get }
    /// The first refusal.
    var refusal: String? { get }

    /// An event of the publisher's own descriptor.
    func ready(_ events: PollEvents)
}
